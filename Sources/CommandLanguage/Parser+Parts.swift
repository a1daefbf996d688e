/// Parts of the language that stand alone in a line of another format, such as a lesson's. Each begins at the start of
/// the parser's stretch.
extension Parser {
  /// An expression, up to the first token that cannot go on with it.
  ///
  /// - Returns: the expression, and the offset after it.
  public mutating func parseLeadingExpression() throws(Diagnostic) -> (expression: Expression, end: Int) {
    (try parseExpression(), lastEnd)
  }

  /// A text in quotes; nil when something else comes first.
  ///
  /// - Returns: the text, and the offset after it.
  public mutating func parseLeadingText() throws(Diagnostic) -> (text: Template, end: Int)? {
    let token = try lexer.peek()
    guard case .string(let parts) = token.kind else { return nil }
    try advance()
    return (try template(parts, span: token.span), lastEnd)
  }

  /// The whole stretch as a text without quotes, in which `$name` and `$(expression)` are filled in and `\$` is a plain
  /// dollar sign.
  public mutating func parseUnquotedText() throws(Diagnostic) -> Template {
    let span = SourceSpan(start: lexer.position, end: lexer.end)
    return try template(try lexer.scanUnquotedText(), span: span)
  }
}
