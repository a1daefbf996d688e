/// Follows quotes, parentheses, brackets and braces through a text, byte by byte, without understanding the rest.
struct Nesting {
  private enum Level: Equatable {
    case literalText
    case text
    /// Inside something that ends with the given sign.
    case group(UInt8)
    case comment
  }

  private var levels: [Level] = []
  private var hasOpened = false

  /// Whether a sign closed something that was not open. Then nothing that follows can make the text right.
  private(set) var isMismatched = false

  /// How many levels are open.
  var depth: Int { levels.count }

  /// How many braces are open; none inside a text, where white space counts.
  var openBraces: Int { isInText ? 0 : levels.count { $0 == .group(UInt8(ascii: "}")) } }

  /// Whether something was opened, and everything is closed again.
  var isClosed: Bool { hasOpened && levels.isEmpty }

  /// Whether the last byte passed belongs to a comment.
  var isInComment: Bool { levels.last == .comment }

  /// Whether it stands inside a text, where a backslash escapes.
  var isInText: Bool { levels.last == .text || levels.last == .literalText }

  /// Passes one byte, or two that belong together. Returns how many.
  mutating func step(_ byte: UInt8, following: UInt8?) -> Int {
    switch levels.last {
    case .comment:
      if byte == Ascii.newline { levels.removeLast() }
    case .literalText:
      if byte == UInt8(ascii: "'") { levels.removeLast() }
    case .text:
      if byte == UInt8(ascii: "\\"), following != nil { return 2 }
      if byte == UInt8(ascii: "\"") { levels.removeLast() }
      if byte == UInt8(ascii: "$"), following == UInt8(ascii: "(") { return open(.group(UInt8(ascii: ")")), length: 2) }
    case .group, nil:
      return stepOutsideText(byte)
    }
    return 1
  }

  private mutating func stepOutsideText(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "'"): return open(.literalText)
    case UInt8(ascii: "\""): return open(.text)
    case UInt8(ascii: "#"): return open(.comment)
    // What stands behind it up to the end of the line is in another language.
    case UInt8(ascii: "|") where levels.isEmpty: return open(.comment)
    case UInt8(ascii: "("): return open(.group(UInt8(ascii: ")")))
    case UInt8(ascii: "["): return open(.group(UInt8(ascii: "]")))
    case UInt8(ascii: "{"): return open(.group(UInt8(ascii: "}")))
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      if levels.last == .group(byte) { levels.removeLast() } else { isMismatched = true }
      return 1
    default:
      return 1
    }
  }

  private mutating func open(_ level: Level, length: Int = 1) -> Int {
    levels.append(level)
    hasOpened = hasOpened || level != .comment
    return length
  }
}

extension Parser {
  /// How many levels the line after a text is indented: one for each brace that is open.
  public static func indentation(after text: String) -> Int {
    let bytes = Array(text.utf8)
    var nesting = Nesting()
    var offset = 0
    while offset < bytes.count {
      offset += nesting.step(bytes[offset], following: offset + 1 < bytes.count ? bytes[offset + 1] : nil)
    }
    return nesting.openBraces
  }

  /// Whether the text needs more lines: it ends inside quotes, parentheses, brackets or braces, or in `\`.
  public static func isIncomplete(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var nesting = Nesting()
    var offset = 0
    var endsInBackslash = false
    while offset < bytes.count {
      let byte = bytes[offset]
      let following = offset + 1 < bytes.count ? bytes[offset + 1] : nil
      let wasInText = nesting.isInText
      offset += nesting.step(byte, following: following)
      if byte == UInt8(ascii: "\\") {
        endsInBackslash = !wasInText && !nesting.isInComment
      } else if byte == Ascii.newline ? offset < bytes.count : !Ascii.isBlank(byte) {
        endsInBackslash = false
      }
    }
    let isOpen = nesting.depth > (nesting.isInComment ? 1 : 0)
    return !nesting.isMismatched && (endsInBackslash || isOpen)
  }
}
