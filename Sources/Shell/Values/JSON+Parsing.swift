/// Why bytes are no JSON text, and where that shows.
package struct JSONMistake: Error, Equatable {
  /// What is wrong.
  package let message: String
  /// How many bytes stand before it.
  package let offset: Int
}

extension JSON {
  /// Parses a JSON text (RFC 8259), and nothing beside it but white space.
  ///
  /// Half of a surrogate pair that stands alone becomes U+FFFD: editors send such texts, and no other text can hold them.
  package init(parsing bytes: [UInt8]) throws(JSONMistake) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.parse()
  }

  /// The member of an object with a key; nil when it has none, or is no object.
  package subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.0 == key }?.1
  }

  /// The text; nil for another value.
  package var text: String? { if case .string(let text) = self { text } else { nil } }

  /// A whole number, also when it is written with decimals.
  package var wholeNumber: Int? {
    switch self {
    case .integer(let number): Int(exactly: number)
    case .number(let number): Int(exactly: number)
    case .null, .boolean, .string, .array, .object: nil
    }
  }

  /// The elements of an array; nil for another value.
  package var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
}

private struct JSONParser {
  /// How deep arrays and objects may be nested.
  static let deepestNesting = 128

  let bytes: [UInt8]
  private var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  mutating func parse() throws(JSONMistake) -> JSON {
    let value = try value(depth: 0)
    passBlanks()
    guard next == nil else { throw mistake("something follows the value") }
    return value
  }

  private func mistake(_ message: String) -> JSONMistake { JSONMistake(message: message, offset: offset) }

  private mutating func passBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private mutating func skip(_ sign: Character) -> Bool {
    guard next == sign.asciiValue else { return false }
    offset += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONMistake) -> JSON {
    guard depth <= Self.deepestNesting else { throw mistake("this nests too deeply") }
    passBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return try number()
    default: throw mistake("no value begins here")
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONMistake) -> JSON {
    guard bytes[offset...].starts(with: word.utf8) else { throw mistake("no value begins here") }
    offset += word.utf8.count
    return value
  }

  private mutating func array(_ depth: Int) throws(JSONMistake) -> JSON {
    offset += 1
    var elements: [JSON] = []
    passBlanks()
    if skip("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      passBlanks()
      if skip("]") { return .array(elements) }
      guard skip(",") else { throw mistake("`,` or `]` is missing") }
    }
  }

  private mutating func object(_ depth: Int) throws(JSONMistake) -> JSON {
    offset += 1
    var members: [(String, JSON)] = []
    passBlanks()
    if skip("}") { return .object([]) }
    while true {
      passBlanks()
      guard next == UInt8(ascii: "\"") else { throw mistake("a key is missing") }
      let key = try string()
      passBlanks()
      guard skip(":") else { throw mistake("`:` is missing") }
      members.append((key, try value(depth: depth + 1)))
      passBlanks()
      if skip("}") { return .object(members) }
      guard skip(",") else { throw mistake("`,` or `}` is missing") }
    }
  }

  // MARK: - Numbers

  private mutating func digits() -> Int {
    let start = offset
    while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
    return offset - start
  }

  private mutating func number() throws(JSONMistake) -> JSON {
    let start = offset
    _ = skip("-")
    let isZero = next == UInt8(ascii: "0")
    let count = digits()
    guard count > 0, !isZero || count == 1 else { throw mistake("this is not a number") }
    var isWhole = true
    if skip(".") {
      isWhole = false
      guard digits() > 0 else { throw mistake("this is not a number") }
    }
    if skip("e") || skip("E") {
      isWhole = false
      if !skip("+") { _ = skip("-") }
      guard digits() > 0 else { throw mistake("this is not a number") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw mistake("this number is too large") }
    return .number(value)
  }

  // MARK: - Texts

  private mutating func string() throws(JSONMistake) -> String {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          offset = start
          throw mistake("this text is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): try escape(&content)
      case 0..<0x20: throw mistake("a control character stands in a text")
      default:
        content.append(byte)
        offset += 1
      }
    }
    throw mistake("a text is never closed")
  }

  private mutating func escape(_ content: inout [UInt8]) throws(JSONMistake) {
    offset += 1
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
      UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
      UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]
    guard let byte = next else { throw mistake("a text is never closed") }
    offset += 1
    if let plain = plain[byte] { return content.append(plain) }
    guard byte == UInt8(ascii: "u") else { throw mistake("`\\` has no meaning before this") }
    let unit = try codeUnit()
    var code = UInt32(unit)
    if UTF16.isLeadSurrogate(unit), bytes[offset...].starts(with: "\\u".utf8) {
      let before = offset
      offset += 2
      let second = try codeUnit()
      if UTF16.isTrailSurrogate(second) {
        code = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(second & 0x3FF))
      } else {
        offset = before
      }
    }
    content += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
  }

  private mutating func codeUnit() throws(JSONMistake) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw mistake("four digits are missing") }
    let digits = bytes[offset..<offset + 4]
    let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
    guard isHexadecimal, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw mistake("four digits are missing")
    }
    offset += 4
    return unit
  }
}
