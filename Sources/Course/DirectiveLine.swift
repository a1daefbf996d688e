import CommandLanguage

/// The rest of a directive's line, read from left to right.
struct DirectiveLine {
  let directive: Directive
  let source: SourceText
  /// From the `@` to the end of the line, without trailing white space.
  let span: SourceSpan
  private var position: Int

  init(_ directive: Directive, source: SourceText, span: SourceSpan) {
    self.directive = directive
    self.source = source
    self.span = span
    position = span.start + 1 + directive.rawValue.utf8.count
  }

  /// What has not been read yet, without leading white space.
  var rest: SourceSpan {
    var start = position
    while start < span.end, isBlank(start) { start += 1 }
    return SourceSpan(start: start, end: span.end)
  }

  /// Whether everything is read, except perhaps a comment.
  var isAtEnd: Bool { rest.start == span.end || source.utf8[rest.start] == UInt8(ascii: "#") }

  /// Goes on at an offset.
  mutating func skip(to offset: Int) { position = offset }

  private func isBlank(_ offset: Int) -> Bool {
    source.utf8[offset] == UInt8(ascii: " ") || source.utf8[offset] == UInt8(ascii: "\t")
  }

  func mistake(
    _ message: String, at span: SourceSpan? = nil, suggestion: String? = nil, remedy: String? = nil
  ) -> Diagnostic {
    source.diagnostic(
      at: span ?? self.span, message, expected: directive.usage, suggestion: suggestion, remedy: remedy)
  }

  /// The next word, up to white space.
  mutating func word() -> (text: String, span: SourceSpan)? {
    guard !isAtEnd else { return nil }
    let start = rest.start
    var end = start
    while end < span.end, !isBlank(end) { end += 1 }
    position = end
    let word = SourceSpan(start: start, end: end)
    return (source.text(word), word)
  }

  mutating func name(_ what: String) throws(Diagnostic) -> (text: String, span: SourceSpan) {
    guard let word = word() else { throw mistake("`@\(directive.rawValue)` needs \(what)") }
    guard CommandTable.isName(word.text) else {
      throw mistake(
        "`\(word.text)` is not a name", at: word.span,
        remedy: "a name is letters, digits and `_`, parts joined by `-`, a letter first, and no word of the language")
    }
    return word
  }

  /// A whole number within a range.
  mutating func number(_ what: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int {
    guard let word = word() else { throw mistake("\(what) is missing") }
    guard let number = Int(word.text), range.contains(number) else {
      throw mistake(
        "`\(word.text)` is not \(what)", at: word.span,
        remedy: "it is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func expression(_ table: CommandTable) throws(Diagnostic) -> Expression {
    guard !isAtEnd else { throw mistake("`@\(directive.rawValue)` needs an expression") }
    var parser = Parser(source: source, table: table, span: rest)
    let (expression, end) = try parser.parseLeadingExpression()
    position = end
    return expression
  }

  /// The next text in quotes; nil when something else comes next.
  mutating func quotedText(_ table: CommandTable) throws(Diagnostic) -> Template? {
    guard !isAtEnd else { return nil }
    var parser = Parser(source: source, table: table, span: rest)
    guard let (text, end) = try parser.parseLeadingText() else { return nil }
    position = end
    return text
  }

  /// The whole rest, as a text without quotes.
  func text(_ table: CommandTable) throws(Diagnostic) -> Template {
    guard rest.start < rest.end else { throw mistake("`@\(directive.rawValue)` needs a text") }
    var parser = Parser(source: source, table: table, span: rest)
    return try parser.parseUnquotedText()
  }

  mutating func expectEnd() throws(Diagnostic) {
    guard let word = word() else { return }
    throw mistake("`\(word.text)` cannot stand here", at: word.span)
  }
}
