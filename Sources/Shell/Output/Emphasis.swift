/// Light Markdown on a terminal: `*emphasis*` is underlined, `**strong emphasis**` bold and underlined, and what stands between
/// back quotes bold, without the signs around them.
enum Emphasis {
  private static let bold = (on: "\u{1B}[1m", off: "\u{1B}[22m")
  private static let underline = (on: "\u{1B}[4m", off: "\u{1B}[24m")

  /// The text with escape sequences. What is indented by four or more, is a heading, a table or shows a command that was typed
  /// stays as it is.
  static func styled(_ text: String) -> String {
    var result: [String] = []
    var paragraph: [String] = []
    func endParagraph() {
      if !paragraph.isEmpty { result.append(styled(paragraph: paragraph.joined(separator: "\n"))) }
      paragraph = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.isEmpty || isVerbatim(line) {
        endParagraph()
        result.append(line)
      } else {
        paragraph.append(line)
      }
    }
    endParagraph()
    return result.joined(separator: "\n")
  }

  private static func isVerbatim(_ line: String) -> Bool {
    let content = line.drop { $0 == " " }
    return line.hasPrefix("    ") || line.hasPrefix("#") || line.hasPrefix("|") || content.hasPrefix(">")
  }

  private static func styled(paragraph text: String) -> String {
    let characters = Array(text)
    var result = ""
    var index = 0
    while index < characters.count {
      guard let span = span(in: characters, at: index) else {
        result.append(characters[index])
        index += 1
        continue
      }
      let inner = String(characters[span.content])
      switch span.mark {
      case "`": result += wrapped(inner, bold.on, bold.off)
      case "*": result += wrapped(styledCode(inner), underline.on, underline.off)
      default: result += wrapped(withoutQuotes(inner), bold.on + underline.on, underline.off + bold.off)
      }
      index = span.end
    }
    return result
  }

  private static func withoutQuotes(_ text: String) -> String { text.filter { $0 != "`" } }

  /// Text in which only code is set apart.
  private static func styledCode(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { place, part in
      place.isMultiple(of: 2) ? String(part) : bold.on + part + bold.off
    }
    .joined()
  }

  /// A style ends with its line, so that what a pager or a scrolled screen cuts off takes nothing with it.
  private static func wrapped(_ text: String, _ on: String, _ off: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : on + $0 + off }
      .joined(separator: "\n")
  }

  /// What is emphasised from a place on; nil when nothing is.
  private static func span(
    in text: [Character], at start: Int
  ) -> (mark: String, content: Range<Int>, end: Int)? {
    let mark: String
    switch text[start] {
    case "`": mark = "`"
    case "*": mark = start + 1 < text.count && text[start + 1] == "*" ? "**" : "*"
    default: return nil
    }
    let first = start + mark.count
    guard first < text.count, !text[first].isWhitespace else { return nil }
    if mark != "`", start > 0, text[start - 1].isWord { return nil }
    var place = first + 1
    while place + mark.count <= text.count {
      let isMark = String(text[place..<(place + mark.count)]) == mark
      let isAlone = mark != "*" || (place + 1 == text.count || text[place + 1] != "*") && text[place - 1] != "*"
      if isMark, isAlone, mark == "`" || ends(text, place, mark.count) {
        return (mark, first..<place, place + mark.count)
      }
      place += 1
    }
    return nil
  }

  private static func ends(_ text: [Character], _ place: Int, _ count: Int) -> Bool {
    !text[place - 1].isWhitespace && (place + count == text.count || !text[place + count].isWord)
  }
}

extension Character {
  fileprivate var isWord: Bool { isLetter || isNumber || self == "$" || self == "_" }
}
