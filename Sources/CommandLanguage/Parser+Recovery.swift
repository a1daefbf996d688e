/// Going on behind a mistake, so that one look at a text finds all of them.
extension Parser {
  /// How many mistakes of one text are told. What follows so many is hardly ever a mistake of its own.
  public static let mostMistakes = 100

  /// Parses everything up to the end. A statement with a mistake is left out, and so is a step of a program.
  ///
  /// - Parameter found: the mistakes are added to it, in the order in which they stand in the text.
  public mutating func parseScript(collecting found: inout [Diagnostic]) -> [Statement] {
    mistakes = []
    defer { mistakes = nil }
    var statements: [Statement] = []
    do throws(Diagnostic) { statements = try parseScript() } catch { noteMistake(error) }
    found += mistakes ?? []
    return statements
  }

  private mutating func noteMistake(_ mistake: Diagnostic) { mistakes?.append(mistake) }

  /// A brace that is still open at the end: the innermost is told, unless an earlier mistake may have eaten what closes it.
  mutating func refuseUnclosed(_ open: SourceSpan) throws(Diagnostic) {
    guard let known = mistakes else { throw unclosed(open) }
    if known.isEmpty { noteMistake(unclosed(open)) }
  }

  /// Notes a mistake in a statement or step, and goes to its end. Throws it when nobody collects them.
  ///
  /// - Parameters:
  ///   - start: where the statement begins.
  ///   - level: how deep it stands.
  mutating func passMistake(
    _ mistake: Diagnostic, from start: Int, level: Int, isInBlock: Bool
  ) throws(Diagnostic) {
    guard let count = mistakes?.count else { throw mistake }
    noteMistake(mistake)
    nesting = level
    isInExpression = false
    isInSelection = false
    let isOver = count + 1 >= Self.mostMistakes || statementCount > Self.mostStatements
    let end = isOver ? lexer.end : endOfBroken(from: afterSeparators(from: start), isInBlock: isInBlock)
    lexer = Lexer(source: source, range: SourceSpan(start: end, end: lexer.end))
    lastEnd = end
  }

  private func afterSeparators(from start: Int) -> Int {
    var probe = Lexer(source: source, range: SourceSpan(start: start, end: lexer.end))
    while let byte = probe.byte(probe.nextStart), byte == Ascii.newline || byte == UInt8(ascii: ";") {
      probe = Lexer(source: source, range: SourceSpan(start: probe.nextStart + 1, end: lexer.end))
    }
    return probe.nextStart
  }

  /// Where a statement that cannot be parsed ends: at the end of its line, or behind the braces that it opens. A text or a
  /// brace that is never closed ends with its line.
  private func endOfBroken(from start: Int, isInBlock: Bool) -> Int {
    var nesting = Nesting()
    var offset = start
    var endOfLine: Int?
    while offset < lexer.end {
      let byte = source.utf8[offset]
      if byte == Ascii.newline { endOfLine = endOfLine ?? offset }
      if nesting.depth == (nesting.isInComment ? 1 : 0) {
        if byte == Ascii.newline { return offset }
        if byte == UInt8(ascii: ";"), !nesting.isInComment, offset > start { return offset }
        if byte == UInt8(ascii: "}"), !nesting.isInComment { return isInBlock ? offset : offset + 1 }
      }
      offset += nesting.step(byte, following: offset + 1 < lexer.end ? source.utf8[offset + 1] : nil)
    }
    // Nothing that is open any more stands on one line only.
    return nesting.depth > (nesting.isInComment ? 1 : 0) ? endOfLine ?? lexer.end : lexer.end
  }
}

extension SourceText {
  /// Where the names stand that a statement gives to something: that of a variable, of a program, or of a command of the
  /// user's own with its parameters.
  public func spansOfNames(in statement: Statement) -> [SourceSpan] {
    let isList: Bool
    switch statement.kind {
    case .define: isList = true
    case .let, .forEach, .program: isList = false
    case .command, .if, .repeat, .while, .expect, .expectError, .deferred: return []
    }
    var lexer = Lexer(source: self, range: statement.span)
    var spans: [SourceSpan] = []
    // The word that begins the statement.
    _ = try? lexer.next()
    while let token = try? lexer.next(), case .name = token.kind {
      spans.append(token.span)
      if !isList { break }
    }
    return spans
  }
}
