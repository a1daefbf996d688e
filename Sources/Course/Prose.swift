import CommandLanguage
import Shell

/// Prose with its numbers put in, wrapped for a width.
///
/// Lines that follow each other are one paragraph, and are filled anew. An empty line parts paragraphs. A line that begins
/// with `- `, `* ` or `1. ` begins an item of a list. What is indented by four or more, or begins with `#` or `|`, or stands
/// between lines of three back quotes, stays as it is.
package struct Prose {
  /// How wide prose is where no terminal says otherwise.
  static let usualWidth = 80

  /// How wide prose is in a session.
  static func width(in session: borrowing Session) -> Int { min(max(session.options.columns ?? usualWidth, 20), 100) }

  private let width: Int
  private var lines: [String] = []
  private var words: [String] = []
  /// What stands before the first line of the paragraph under way, and before the others.
  private var margin = (first: "", rest: "")
  private var isVerbatim = false

  /// The prose as it is shown, with lines parted by newlines.
  package static func wrapped(_ lines: [String], width: Int) -> String {
    wrapped(lines.map { ($0, true) }, width: width)
  }

  /// - Parameter lines: each with whether its beginning was written so, and not filled in: a number that is filled in and a
  ///   full stop behind it begin no item of a list.
  fileprivate static func wrapped(_ lines: [(text: String, isPlain: Bool)], width: Int) -> String {
    var prose = Prose(width: width)
    for (text, isPlain) in lines { prose.add(text, isPlain: isPlain) }
    prose.endParagraph()
    return prose.lines.joined(separator: "\n")
  }

  private init(width: Int) { self.width = width }

  private mutating func add(_ line: String, isPlain: Bool) {
    let content = line.drop { $0 == " " }
    let indent = line.count - content.count
    if !isPlain, !isVerbatim, !content.isEmpty {
      if words.isEmpty { margin = ("", "") }
      words += Self.words(in: content)
    } else if content.hasPrefix("```") {
      endParagraph()
      isVerbatim.toggle()
      lines.append(line)
    } else if isVerbatim || (indent >= 4 && words.isEmpty) || content.hasPrefix("#") || content.hasPrefix("|") {
      endParagraph()
      lines.append(line)
    } else if content.isEmpty {
      endParagraph()
      lines.append("")
    } else if let marker = ListMarker(of: content)?.text {
      endParagraph()
      let space = String(repeating: " ", count: indent)
      margin = (space + marker, space + String(repeating: " ", count: marker.count))
      words = Self.words(in: content.dropFirst(marker.count))
    } else {
      if words.isEmpty { margin = ("", "") }
      words += Self.words(in: content)
    }
  }

  private mutating func endParagraph() {
    guard !words.isEmpty else { return }
    var line = margin.first
    var isEmpty = true
    for word in Self.spansJoined(words, most: width - margin.rest.count) {
      if !isEmpty, line.displayWidth + 1 + word.displayWidth > width {
        lines.append(line)
        line = margin.rest
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    lines.append(line)
    words = []
  }

  private static func words(in text: Substring) -> [String] { text.split(separator: " ").map(String.init) }

  /// The words, in which what stands between two back quotes is one, unless that is too long.
  private static func spansJoined(_ words: [String], most: Int) -> [String] {
    var joined: [String] = []
    var span: [String] = []
    for word in words {
      span.append(word)
      guard span.reduce(0, { $0 + $1.count { $0 == "`" } }).isMultiple(of: 2) else { continue }
      let whole = span.joined(separator: " ")
      joined += whole.displayWidth <= most ? [whole] : span
      span = []
    }
    return joined + span
  }
}

extension Stage {
  /// Prose with its numbers put in, wrapped.
  func prose(_ lines: [Template], width: Int, in session: borrowing Session) throws(Diagnostic) -> String {
    let evaluator = evaluator(in: session)
    var shown: [(text: String, isPlain: Bool)] = []
    for line in lines { shown.append((try evaluator.text(line), line.beginsPlainly)) }
    return Prose.wrapped(shown, width: width)
  }
}

extension Template {
  /// Whether it begins with a text, and not with something that is filled in. So many blanks that they make code count as
  /// a text.
  fileprivate var beginsPlainly: Bool {
    guard case .literal(let text)? = segments.first else { return segments.isEmpty }
    return segments.count == 1 || text.count >= 4 || !text.allSatisfy { $0 == " " }
  }
}
