import Course
import Shell

/// Parts of pages. Every text that comes from a lesson goes through `escapedForXML`: whatever it holds, it is text.
enum HTML {
  static func text(_ text: String) -> String { escapedForXML(text) }

  /// A page's own file, seen from another page.
  static func link(_ text: String, to address: String, attributes: String = "") -> String {
    "<a href=\"\(self.text(address))\"\(attributes)>\(self.text(text))</a>"
  }

  /// Lines of light Markdown.
  static func prose(_ lines: [String]) -> String {
    LightMarkdown(lines).blocks.map { block in
      switch block {
      case .paragraph(let spans): return "<p>\(MarkdownSpan.html(spans))</p>\n"
      case .list(let start, let items):
        let tag = start == nil ? "ul" : "ol"
        let first = start.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
        return "<\(tag)\(first)>\n\(items.map { "<li>\(MarkdownSpan.html($0))</li>\n" }.joined())</\(tag)>\n"
      case .verbatim(let lines): return "<pre>\(text(lines.joined(separator: "\n")))</pre>\n"
      }
    }
    .joined()
  }

  /// One line of light Markdown, such as a hint.
  static func line(_ line: String) -> String { MarkdownSpan.html(MarkdownSpan.spans(in: line)) }

  static func details(_ summary: String, _ body: String, isOpen: Bool = false) -> String {
    "<details\(isOpen ? " open=\"open\"" : "")>\n<summary>\(text(summary))</summary>\n\(body)</details>\n"
  }

  // MARK: - What commands showed

  /// A picture, which scrolls where it is wider than the page, and the same in words and in characters.
  static func figure(_ picture: DrawnPicture, name: String, hasText: Bool = true) -> String {
    let figure = """
      <figure tabindex="0" role="group" aria-label="\(text("Picture: \(picture.title)"))">
      \(picture.svg(name: name))</figure>

      """
    guard hasText else { return figure }
    let words = picture.sentences.filter { !$0.isEmpty }.map { "<li>\(text($0))</li>\n" }.joined()
    return figure + details("The same in words", "<ul>\n\(words)</ul>\n")
      + details("The same in characters", output(picture.text))
  }

  static func output(_ lines: String) -> String {
    let shown = lines.hasSuffix("\n") ? String(lines.dropLast()) : lines
    return shown.isEmpty ? "" : "<pre class=\"output\">\(text(shown))</pre>\n"
  }

  /// Statements with what they showed.
  ///
  /// - Parameter names: makes the names of pictures.
  static func transcript(_ transcript: PlayedLesson.Transcript, _ names: inout PictureNames) -> String {
    var body = ""
    for entry in transcript.entries {
      if !entry.statement.isEmpty { body += "<pre class=\"command\"><code>\(text(entry.statement))</code></pre>\n" }
      for output in entry.output {
        switch output {
        case .text(let lines): body += self.output(lines)
        case .picture(let picture): body += figure(picture, name: names.next())
        }
      }
    }
    return "<div class=\"transcript\">\n\(body)</div>\n"
  }
}

/// Names for the pictures of a page, with which their identifiers begin.
struct PictureNames {
  private var count = 0

  mutating func next() -> String {
    count += 1
    return "picture\(count)"
  }
}

/// A file of the site.
package struct SitePage: Sendable, Equatable {
  /// Below the folder of the site.
  package let path: String
  package let text: String
}
