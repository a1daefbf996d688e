/// What one page holds. The three forms differ in memory used, never in meaning: a page that a program only counted in
/// takes a word, and one never touched takes nothing.
///
/// Contents have one form, whatever wrote them: `zero` when all bytes are zero, `word` when only the first eight are not,
/// else `bytes`. `Page(contents:)`, `increment` and writing by bytes give that form; so what is decided by the form is
/// decided by the contents, and a page that travels as bytes arrives in the form in which it left.
public enum Page: Sendable {
  /// All bytes are zero.
  case zero
  /// A little-endian 64-bit word at the start, all other bytes zero: what the `write` step makes.
  case word(UInt64)
  /// Every byte, as many as the page size; shared by copies until written.
  case bytes([UInt8])

  /// A page of these bytes, in the form that takes the least memory.
  init(contents: [UInt8]) {
    guard contents.dropFirst(8).allSatisfy({ $0 == 0 }) else {
      self = .bytes(contents)
      return
    }
    let word = contents.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    self = word == 0 ? .zero : .word(word)
  }

  /// True when all bytes are zero, in whichever form.
  var isZero: Bool {
    switch self {
    case .zero: true
    case .word(let word): word == 0
    case .bytes(let bytes): bytes.allSatisfy { $0 == 0 }
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
  public func contents(pageSize: Int) -> [UInt8] {
    switch self {
    case .zero: [UInt8](repeating: 0, count: pageSize)
    case .word(let word):
      (0..<pageSize).map { $0 < 8 ? UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) : 0 }
    case .bytes(let bytes): bytes
    }
  }

  /// A number that depends on the contents alone and not on the form in which they are kept; zero words add nothing.
  func digest(at index: Int) -> UInt64 {
    switch self {
    case .zero: 0
    case .word(let word): Page.digest(of: word, word: 0, page: index)
    case .bytes(let bytes):
      stride(from: 0, to: bytes.count, by: 8).reduce(0) { sum, start in
        let word = (start..<min(start + 8, bytes.count)).reduce(UInt64(0)) { word, place in
          word | UInt64(bytes[place]) << UInt64((place - start) * 8)
        }
        return sum &+ Page.digest(of: word, word: start / 8, page: index)
      }
    }
  }

  private static func digest(of value: UInt64, word: Int, page: Int) -> UInt64 {
    value == 0
      ? 0 : mixed(value ^ mixed(UInt64(truncatingIfNeeded: page) << 24 ^ UInt64(truncatingIfNeeded: word) &+ 1))
  }
}
