/// In which pages of an address space bytes were stored last: where to look for equal ones, so that both can share them.
///
/// It knows places and holds no bytes. So bytes that no page has any more are gone, and those of one page alone are changed
/// in place. A page may have been written since, so whoever asks has to compare. Nothing but the memory taken depends on
/// what is found.
///
/// It takes 8 bytes for each page of the address space, and at most 8 KiB: beyond about a thousand different contents equal
/// ones may be kept more than once.
struct SeenContents: Sendable {
  /// A page, and part of the sample of what was stored there.
  struct Entry: Sendable {
    var tag: UInt32
    var page: UInt32
  }

  /// Contents that are alike in the places of a sample, or whose samples meet by chance, are kept apart up to so many.
  static let setSize = 4
  private static let mostEntries = 1024

  /// Sets of entries, the latest of each first. Empty until the first bytes are stored.
  private(set) var entries: ContiguousArray<Entry> = []

  /// Where entries are that may be of contents with this sample.
  mutating func places(of sample: UInt64, pageCount: Int) -> Range<Int> {
    if entries.isEmpty {
      var count = Self.setSize
      while count < min(pageCount, Self.mostEntries) { count *= 2 }
      entries = ContiguousArray(repeating: Entry(tag: 0, page: .max), count: count)
    }
    let start = first(of: sample)
    return start..<start + Self.setSize
  }

  /// The page that the entry at a place is of; nil when it is of contents with another sample.
  func page(at place: Int, of sample: UInt64) -> Int? {
    let entry = entries[place]
    return entry.tag == tag(of: sample) && entry.page != .max ? Int(entry.page) : nil
  }

  /// Bytes are stored in a page.
  ///
  /// - Parameter place: that of an entry which is not needed any more, since it is of this page or of equal bytes; nil when
  ///   there is none.
  mutating func note(_ page: Int, of sample: UInt64, insteadOf place: Int?) {
    let first = first(of: sample)
    for later in (first..<(place ?? first + Self.setSize - 1)).reversed() { entries[later + 1] = entries[later] }
    entries[first] = Entry(tag: tag(of: sample), page: UInt32(truncatingIfNeeded: page))
  }

  private func first(of sample: UInt64) -> Int {
    Int(truncatingIfNeeded: sample) & (entries.count - 1) & ~(Self.setSize - 1)
  }

  private func tag(of sample: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: sample >> 32) }
}

extension Span<UInt8> {
  /// A number that is equal for equal bytes. It depends on about 32 words of them, so that taking it costs little where all
  /// pages differ.
  var sample: UInt64 {
    var sample = UInt64(truncatingIfNeeded: count)
    let distance = Swift.max(8, count / 32)
    var place = 0
    while place < count {
      sample.mix(number(at: place))
      place += distance
    }
    sample.mix(number(at: Swift.max(0, count - 8)))
    return mixed(sample)
  }

  /// Whether two stretches hold the same bytes.
  func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return isIdentical(to: other)
      || stride(from: 0, to: count, by: 8).allSatisfy { number(at: $0) == other.number(at: $0) }
  }
}

extension UInt64 {
  fileprivate mutating func mix(_ word: UInt64) {
    self = (self ^ word) &* 0x9E37_79B9_7F4A_7C15
    self ^= self >> 32
  }
}
