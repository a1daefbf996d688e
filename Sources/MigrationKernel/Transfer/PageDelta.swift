/// What a page differs in from an earlier version of it: the format of QEMU's XBZRLE, "Xor Based Zero Run Length
/// Encoding" (docs/devel/migration/xbzrle.rst and migration/xbzrle.c in QEMU).
///
///     page = zrun nzrun | zrun nzrun page
///     zrun = length               so many bytes are as they were (their XOR is zero)
///     nzrun = length byte...      so many are not: the bytes of the new page, not the XOR
///     length = ULEB128
///
/// Every run is as long as it can be. Only the first zrun may be empty; what follows the last nzrun is as it was and is
/// not mentioned, so a page that is wholly as it was takes no bytes at all. QEMU's lengths have 14 bits; since pages may
/// be larger here, a length may go on to 35.
public struct PageDelta: Sendable, Equatable {
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// How `new` differs from `old`; nil when saying so takes `limit` bytes or more.
  init?(from old: Page, to new: Page, pageSize: Int, limit: Int) {
    // Whatever follows what is kept of either is zero in both.
    let count = min(pageSize, max(old.keptCount, new.keptCount))
    let (before, after) = (old.start(ofAtLeast: count), new.start(ofAtLeast: count))
    guard before.count == count, after.count == count else { return nil }
    var encoded: [UInt8] = []
    var place = 0
    while true {
      let start = place
      while place < after.count, before[place] == after[place] { place += 1 }
      guard place < after.count else { break }
      let changed = place
      while place < after.count, before[place] != after[place] { place += 1 }
      encoded.appendLength(changed - start)
      encoded.appendLength(place - changed)
      guard encoded.count + place - changed < limit else { return nil }
      encoded.append(contentsOf: after[changed..<place])
    }
    guard encoded.count < limit else { return nil }
    bytes = encoded
  }

  /// The new page, where `held` is the version that it differs from; nil when this is no difference of pages of that
  /// size. A page that was kept as a word stays one if only the word differs.
  func applied(to held: Page, pageSize: Int) -> Page? {
    var runs: [(place: Int, bytes: ArraySlice<UInt8>)] = []
    var (place, position) = (0, 0)
    while position < bytes.count {
      guard let same = length(at: &position), same > 0 || place == 0, same <= pageSize - place,
        let changed = length(at: &position), changed > 0, changed <= pageSize - place - same,
        changed <= bytes.count - position
      else { return nil }
      place += same
      runs.append((place, bytes[position..<position + changed]))
      place += changed
      position += changed
    }
    if var word = held.word, place <= 8 {
      for run in runs {
        for (offset, byte) in run.bytes.enumerated() {
          let shift = UInt64((run.place + offset) * 8)
          word = word & ~(0xFF << shift) | UInt64(byte) << shift
        }
      }
      return word == 0 ? .zero : .word(word)
    }
    var contents = held.start(ofAtLeast: place)
    guard contents.count <= pageSize else { return nil }
    for run in runs { contents.replaceSubrange(run.place..<run.place + run.bytes.count, with: run.bytes) }
    return Page(contents: contents)
  }

  /// Reads a length and moves behind it; nil when the bytes end within it or it is too long.
  private func length(at position: inout Int) -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) where position < bytes.count {
      let byte = bytes[position]
      position += 1
      value |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}

extension [UInt8] {
  /// ULEB128: seven bits a byte, the lowest first, the eighth set in all but the last.
  fileprivate mutating func appendLength(_ length: Int) {
    var rest = length
    while rest > 0x7F {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// What a source last sent of each page: what the destination holds, since packets arrive in order or the attempt is
/// off.
///
/// It costs 16 bytes for each page of a stretch of 256 in which anything was sent but zeros. Contents are shared with
/// the process until it writes to them, so beyond that it costs a copy of what is kept of each page of bytes written since:
/// never more than the address space once again.
struct SentPages: Sendable {
  private var pages: AddressSpace
  private var known = PageSet()

  init(of space: AddressSpace) {
    pages = AddressSpace(pageCount: space.pageCount, pageSize: space.pageSize)
  }

  /// The version that was sent last; nil when none was.
  subscript(index: Int) -> Page? { known.contains(index) ? pages[index] : nil }

  /// The pages of a batch have been sent as they are in `space`.
  mutating func note(_ batch: PageBatch, of space: AddressSpace) {
    for index in batch.pages.lazy.map({ Int($0.index) }) {
      known.insert(index, of: pages.pageCount)
      if case .zero = space[index], case .zero = pages[index] { continue }
      pages[index] = space[index]
    }
  }
}
