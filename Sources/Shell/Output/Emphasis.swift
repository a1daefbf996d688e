/// Light Markdown on a terminal: `*emphasis*` is underlined, `**strong emphasis**` bold and underlined, and what stands between
/// back quotes bold, without the signs around them.
///
/// Who hears the screen read does not hear that something is bold. So there the back quotes stay, and only the stars go.
enum Emphasis {
  private static let bold = (on: "\u{1B}[1m", off: "\u{1B}[22m")
  private static let underline = (on: "\u{1B}[4m", off: "\u{1B}[24m")

  /// The text as a screen can show it, or as it is told there.
  static func shown(_ text: String, on screen: Screen) -> String {
    if screen.tellsPictures { return changed(text, told(paragraph:)) }
    return screen.showsColors ? styled(text) : text
  }

  /// The text with escape sequences. What is indented by four or more, is a heading, a table or shows a command that was typed
  /// stays as it is.
  static func styled(_ text: String) -> String { changed(text, styled(paragraph:)) }

  /// The text with its paragraphs changed, and all else as it is.
  private static func changed(_ text: String, _ change: (String) -> String) -> String {
    var result: [String] = []
    var paragraph: [String] = []
    func endParagraph() {
      if !paragraph.isEmpty { result.append(change(paragraph.joined(separator: "\n"))) }
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
    MarkdownSpan.spans(in: text).map { span in
      switch span {
      case .text(let text): text
      case .code(let text): wrapped(text, bold.on, bold.off)
      case .emphasis(let inner): wrapped(withBoldCode(inner), underline.on, underline.off)
      case .strong: wrapped(span.plainText, bold.on + underline.on, underline.off + bold.off)
      }
    }
    .joined()
  }

  /// A paragraph without stars, and with the back quotes around code.
  private static func told(paragraph text: String) -> String { told(MarkdownSpan.spans(in: text)) }

  private static func told(_ spans: [MarkdownSpan]) -> String {
    spans.map { span in
      switch span {
      case .text(let text): text
      case .code(let text): "`\(text)`"
      case .strong(let inner), .emphasis(let inner): told(inner)
      }
    }
    .joined()
  }

  /// Text in which only code is set apart.
  private static func withBoldCode(_ spans: [MarkdownSpan]) -> String {
    spans.map { if case .code(let text) = $0 { bold.on + text + bold.off } else { $0.plainText } }.joined()
  }

  /// A style ends with its line, so that what a pager or a scrolled screen cuts off takes nothing with it.
  private static func wrapped(_ text: String, _ on: String, _ off: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : on + $0 + off }
      .joined(separator: "\n")
  }
}
