/// A part of a line of light Markdown, as lessons, help and questions have it.
///
/// What stands between back quotes is code, between two stars strong, between single stars emphasised. Stars touch what they
/// enclose, and stand at the ends of words: those of `2 * 3 * 4` and `a*b*c` multiply. What has no end is plain text.
public indirect enum MarkdownSpan: Sendable, Equatable {
  case text(String)
  case code(String)
  case strong([MarkdownSpan])
  case emphasis([MarkdownSpan])

  /// The parts of a text.
  public static func spans(in text: some StringProtocol) -> [MarkdownSpan] { spans(in: Array(text)[...]) }

  private static func spans(in characters: ArraySlice<Character>) -> [MarkdownSpan] {
    var spans: [MarkdownSpan] = []
    var plain = ""
    var rest = characters
    func endPlain() {
      if !plain.isEmpty { spans.append(.text(plain)) }
      plain = ""
    }
    while let character = rest.first {
      if character == "`", let end = rest.dropFirst().firstIndex(of: "`"), end > rest.startIndex + 1 {
        endPlain()
        spans.append(.code(String(rest[(rest.startIndex + 1)..<end])))
        rest = rest[(end + 1)...]
      } else if character == "*" {
        let width = rest.dropFirst().first == "*" ? 2 : 1
        if let end = endOfStars(width, at: rest.startIndex, in: characters) {
          endPlain()
          let inner = Self.spans(in: rest[(rest.startIndex + width)..<end])
          spans.append(width == 2 ? .strong(inner) : .emphasis(inner))
          rest = rest[(end + width)...]
        } else {
          plain += String(repeating: "*", count: width)
          rest = rest.dropFirst(width)
        }
      } else {
        plain.append(character)
        rest = rest.dropFirst()
      }
    }
    endPlain()
    return spans
  }

  /// Where the stars stand that end what begins with as many at a place; nil where these begin nothing. Stars inside code do
  /// not count.
  private static func endOfStars(_ width: Int, at beginning: Int, in text: ArraySlice<Character>) -> Int? {
    let start = beginning + width
    guard start < text.endIndex, !text[start].isWhitespace, text[start] != "*" else { return nil }
    guard beginning == text.startIndex || !text[beginning - 1].isWord else { return nil }
    var isCode = false
    var place = start
    while place < text.endIndex {
      if text[place] == "`" { isCode.toggle() }
      guard text[place] == "*", !isCode else {
        place += 1
        continue
      }
      var end = place
      while end < text.endIndex, text[end] == "*" { end += 1 }
      let isAtEnd = place > start && !text[place - 1].isWhitespace && (end == text.endIndex || !text[end].isWord)
      // Of three stars, the first ends what is emphasised inside.
      if isAtEnd, end - place == width || (end - place > width && width == 2) { return end - width }
      place = end
    }
    return nil
  }

  /// The text without the signs.
  var plainText: String {
    switch self {
    case .text(let text), .code(let text): text
    case .strong(let inner), .emphasis(let inner): inner.map(\.plainText).joined()
    }
  }

  /// Spans in elements that HTML, XHTML and QTI have alike.
  package static func html(_ spans: [MarkdownSpan]) -> String {
    spans.map { span in
      switch span {
      case .text(let text): escapedForXML(text)
      case .code(let text): "<code>\(escapedForXML(text))</code>"
      case .strong(let inner): "<strong>\(html(inner))</strong>"
      case .emphasis(let inner): "<em>\(html(inner))</em>"
      }
    }
    .joined()
  }
}

/// What stands before the first line of an item of a list.
package struct ListMarker: Equatable {
  /// The number of the item; nil where items are not numbered.
  package let number: Int?
  /// As it is written, with the blank behind it.
  package let text: String

  /// - Parameter line: without the blanks before it.
  /// - Returns: nil for a line that begins no item.
  package init?(of line: Substring) {
    if line.hasPrefix("- ") || line.hasPrefix("* ") {
      (number, text) = (nil, String(line.prefix(2)))
      return
    }
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    guard (1...2).contains(digits.count), line.dropFirst(digits.count).hasPrefix(". "), let number = Int(digits) else {
      return nil
    }
    (self.number, text) = (number, digits + ". ")
  }
}

extension Character {
  fileprivate var isWord: Bool { isLetter || isNumber || self == "$" || self == "_" }
}
