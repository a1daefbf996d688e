import CommandLanguage

extension Lesson {
  /// What people read of the lesson, line by line, without code and without what is computed.
  ///
  /// - Returns: each line's number in the file, and its words.
  public var proseLines: [(line: Int, text: String)] {
    source.lineSpans.enumerated().compactMap { index, span in
      let line = source.text(span)
      guard let prose = Self.prose(of: line) else { return nil }
      return (source.firstLine + index, Prose.withoutCode(prose))
    }
  }

  /// The part of a line that people read; nil when that is nothing.
  private static func prose(of line: String) -> String? {
    if line.hasPrefix("|") { return String(line.dropFirst()) }
    guard line.hasPrefix("@") else { return nil }
    let word = line.dropFirst().prefix { !$0.isWhitespace }
    let rest = line.dropFirst(1 + word.count)
    switch Directive(rawValue: String(word)) {
    case .hint: return String(rest)
    case .explain, .reply:
      let isConditional = word == "if" || rest.drop { $0 == " " }.hasPrefix("when ")
      return isConditional ? rest.split(separator: "|", maxSplits: 1).dropFirst().first.map(String.init) : String(rest)
    case .lesson, .goal, .ask, .check, .accept:
      // What stands in quotes.
      let parts = rest.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      return parts.filter { $0.offset % 2 == 1 }.map { String($0.element) }.joined(separator: " ")
    case .param, .released, .details, .continues, .fixed, .allow, .withhold, .setup, .answer, .step, .teaches, .covers,
      .unseen, .forbid, .solution, .wrong, nil:
      return nil
    }
  }
}

extension Prose {
  /// Goes behind the bracket that closes the first one.
  private static func skipBrackets(_ text: inout Substring) {
    var depth = 0
    while let character = text.popFirst() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { return }
    }
  }

  /// A line without code and without what is computed.
  package static func withoutCode(_ text: String) -> String {
    var shown = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "`":
        rest = rest.drop { $0 != "`" }.dropFirst()
        shown.append(" ")
      case "$":
        if rest.first == "(" { skipBrackets(&rest) } else { rest = rest.drop { $0.isLetter || $0 == "." } }
        shown.append(" ")
      default: shown.append(character)
      }
    }
    return shown
  }

  /// What people read of a text in Markdown, line by line, without code.
  ///
  /// - Returns: each line's number in the file, and its words.
  package static func lines(of source: SourceText) -> [(line: Int, text: String)] {
    var isCode = false
    return source.lineSpans.enumerated().compactMap { index, span in
      let line = source.text(span)
      if line.hasPrefix("```") { isCode.toggle() }
      return isCode || line.hasPrefix("```") ? nil : (source.firstLine + index, withoutCode(line))
    }
  }
}
