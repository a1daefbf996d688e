/// What one page holds. The three forms differ in memory used, never in meaning: a page that a program only counted in
/// takes a word, one never touched takes nothing, and one with a text takes the text.
///
/// Contents have one form, whatever wrote them: `zero` when all bytes are zero, `word` when only the first eight are not,
/// else `bytes`. `Page(contents:)`, `increment` and writing by bytes give that form; so what is decided by the form is
/// decided by the contents, and a page that travels as bytes arrives in the form in which it left.
///
/// Copies share their bytes until one of them is written. So do equal pages of one address space, when `SeenContents`
/// finds them.
public enum Page: Sendable {
  /// All bytes are zero.
  case zero
  /// A little-endian 64-bit word at the start, all other bytes zero: what the `write` step makes.
  case word(UInt64)
  /// The bytes up to the last that is not zero, and more than eight of them.
  case bytes([UInt8])

  /// A page of these bytes, in the form that takes the least memory. All behind them are zero.
  init(contents: [UInt8]) {
    let count = contents.span.countWithoutEndingZeros
    if count == contents.count, count > 8 { self = .bytes(contents) } else { self.init(copying: contents.span) }
  }

  /// A page of a copy of these bytes, in the form that takes the least memory. All behind them are zero.
  init(copying contents: Span<UInt8>) {
    let count = contents.countWithoutEndingZeros
    if count <= 8 {
      self.init(word: contents.number(at: 0))
    } else {
      self = .bytes(contents.extracting(..<count).withUnsafeBufferPointer { [UInt8]($0) })
    }
  }

  /// A page with nothing but this word at its start.
  init(word: UInt64) { self = word == 0 ? .zero : .word(word) }

  /// True when all bytes are zero, in whichever form.
  var isZero: Bool {
    switch self {
    case .zero: true
    case .word(let word): word == 0
    case .bytes(let bytes): bytes.span.isZero(from: 0)
    }
  }

  /// The word that the page consists of; nil when it has to be kept in bytes.
  var word: UInt64? {
    switch self {
    case .zero: 0
    case .word(let word): word
    case .bytes: nil
    }
  }

  /// How many bytes at the start are kept: all behind them are zero.
  var keptCount: Int {
    switch self {
    case .zero: 0
    case .word: 8
    case .bytes(let bytes): bytes.count
    }
  }

  /// Adds one to the little-endian 64-bit word at the start of the page.
  mutating func increment() {
    switch self {
    case .zero: self = .word(1)
    case .word(let word): self = word == .max ? .zero : .word(word + 1)
    case .bytes(var bytes):
      // The page lets go of its bytes first, so that the change happens in place and not in a copy.
      self = .zero
      for index in 0..<min(8, bytes.count) {
        bytes[index] &+= 1
        if bytes[index] != 0 { break }
      }
      self = .bytes(bytes)
    }
  }

  /// The bytes of the page as they would stand in memory.
  public func contents(pageSize: Int) -> [UInt8] { start(ofAtLeast: pageSize) }

  /// The bytes at the start of the page: so many, or all that are kept in bytes.
  func start(ofAtLeast count: Int) -> [UInt8] {
    if case .bytes(let bytes) = self, bytes.count >= count { return bytes }
    var start = [UInt8](repeating: 0, count: count)
    start.withUnsafeMutableBufferPointer { copyBytes(from: 0, to: $0) }
    return start
  }

  /// A number that depends on the contents alone and not on the form in which they are kept; zero words add nothing.
  func digest(at index: Int) -> UInt64 {
    switch self {
    case .zero: return 0
    case .word(let word): return Page.digest(of: word, word: 0, page: index)
    case .bytes(let bytes):
      let words = (bytes.count + 7) / 8
      var sum: UInt64 = 0
      for word in 0..<words { sum &+= Page.digest(of: bytes.span.number(at: word * 8), word: word, page: index) }
      return sum
    }
  }

  private static func digest(of value: UInt64, word: Int, page: Int) -> UInt64 {
    value == 0
      ? 0 : mixed(value ^ mixed(UInt64(truncatingIfNeeded: page) << 24 ^ UInt64(truncatingIfNeeded: word) &+ 1))
  }
}

extension Span<UInt8> {
  /// How many bytes there are up to the last that is not zero.
  fileprivate var countWithoutEndingZeros: Int {
    if count > 0, self[unchecked: count - 1] != 0 { return count }
    // Stretch by stretch: a loop that cannot end early takes many bytes at once.
    var end = count
    while end > 0 {
      let start = Swift.max(end - 256, 0)
      var some: UInt8 = 0
      for index in start..<end { some |= self[unchecked: index] }
      if some != 0 { break }
      end = start
    }
    while end >= 8, number(at: end - 8) == 0 { end -= 8 }
    while end > 0, self[unchecked: end - 1] == 0 { end -= 1 }
    return end
  }

  /// The little-endian number in up to eight bytes from a place on: fewer at the end.
  func number(at place: Int) -> UInt64 {
    if place + 8 <= count {
      return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    var number: UInt64 = 0
    for byte in place..<count { number |= UInt64(self[byte]) << UInt64((byte - place) * 8) }
    return number
  }

  /// Whether all bytes from a place on are zero.
  func isZero(from start: Int) -> Bool {
    // Stretch by stretch: a loop that cannot end early takes many bytes at once.
    var place = start
    while place < count {
      let end = Swift.min(place + 256, count)
      var some: UInt8 = 0
      for index in place..<end { some |= self[unchecked: index] }
      if some != 0 { return false }
      place = end
    }
    return true
  }
}
