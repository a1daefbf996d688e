extension Parser {
  /// A statement of the grammar, or a command of the table.
  mutating func parseStatement(_ first: Token) throws(Diagnostic) -> Statement {
    guard case .name(let word) = first.kind else {
      throw unexpected(first, expected: "the name of a command; `help` lists them")
    }
    let kind: Statement.Kind
    switch word {
    case "let": kind = try parseLet()
    case "if": kind = try parseIf()
    case "for": kind = try parseFor()
    case "repeat": kind = try parseRepeat()
    case "while": kind = try parseWhile()
    case "define": kind = try parseDefine()
    case "expect": kind = try parseExpect()
    case "else":
      throw source.diagnostic(
        at: first.span, "this `else` has no `if`", remedy: "`else` stands right behind the `}` of an `if`")
    case "program":
      if let words = try matchCommandWords(), words.spec.words.count > 1 {
        kind = try parseCommand(words)
      } else {
        kind = .program(try parseProgram())
      }
    default: kind = try parseCommandOrDeferred(first, word: word)
    }
    return Statement(kind: kind, span: SourceSpan(start: first.span.start, end: lastEnd))
  }

  private mutating func parseLet() throws(Diagnostic) -> Statement.Kind {
    try advance()
    let (name, _) = try expectNewName(.variableName)
    let sign = try lexer.peek()
    guard sign.isSymbol(.assign) else { throw unexpected(sign, expected: "`=`, as in let \(name) = 3") }
    try advance()
    return .let(name, try parseExpression())
  }

  private mutating func parseIf() throws(Diagnostic) -> Statement.Kind {
    try advance()
    var branches = [try parseBranch()]
    while try skipElse() {
      if try skip(word: "if") {
        branches.append(try parseBranch())
      } else {
        return .if(branches, else: try parseBlock())
      }
    }
    return .if(branches, else: nil)
  }

  private mutating func parseBranch() throws(Diagnostic) -> Branch {
    let condition = try parseExpression()
    return Branch(condition: condition, block: try parseBlock())
  }

  /// Uses up an `else` on this line, or on a later one after empty lines.
  mutating func skipElse() throws(Diagnostic) -> Bool {
    var ahead = lexer
    // What follows is parsed later, and the parser reports its mistakes then.
    while let token = try? ahead.next() {
      if token.isName("else") {
        lexer = ahead
        lastEnd = token.span.end
        return true
      }
      guard token.kind == .separator, source.text(token.span) != ";" else { return false }
    }
    return false
  }

  private mutating func parseFor() throws(Diagnostic) -> Statement.Kind {
    try advance()
    let (name, _) = try expectNewName(.variableName)
    let word = try lexer.peek()
    guard word.isName("in") else { throw unexpected(word, expected: "`in`, as in for \(name) in a b c { … }") }
    try advance()
    var values: [Argument] = []
    while try !lexer.peek().isSymbol(.openBrace) {
      let token = try lexer.peek()
      if lexer.isAtStatementEnd {
        throw unexpected(token, expected: values.isEmpty ? "the values for $\(name), then `{`" : "`{`")
      }
      values.append(
        token.isSymbol(.openBracket) ? try parseListArgument() : try parseArgument(.text, for: "`for`"))
      try expectSpaceAfterArgument()
    }
    guard !values.isEmpty else {
      throw unexpected(try lexer.peek(), expected: "the values for $\(name), as in for \(name) in a b c { … }")
    }
    return .forEach(name, values, try parseBlock())
  }

  private mutating func parseRepeat() throws(Diagnostic) -> Statement.Kind {
    try advance()
    let token = try lexer.peek()
    if token.isSymbol(.openBrace) {
      throw unexpected(
        token, expected: "how many times, as in repeat 3 { … }", remedy: "only in a program may `repeat` go on for ever"
      )
    }
    let count = try parseExpression()
    if case .literal(let literal, let span) = count { try check(literal, at: span, is: .count, for: "`repeat`") }
    return .repeat(count, try parseBlock())
  }

  private mutating func parseWhile() throws(Diagnostic) -> Statement.Kind {
    try advance()
    let branch = try parseBranch()
    return .while(branch.condition, branch.block)
  }

  private mutating func parseDefine() throws(Diagnostic) -> Statement.Kind {
    try advance()
    let (name, span) = try expectNewName(.newName)
    if let known = table.commands(startingWith: name).first, !known.isUserDefined {
      throw source.diagnostic(
        at: span, "`\(name)` is a command already, and those that are built in cannot be defined again",
        remedy: "choose another name")
    }
    var parameters: [String] = []
    var known: Set<String> = []
    while try !lexer.peek().isSymbol(.openBrace) {
      if lexer.isAtStatementEnd { throw unexpected(try lexer.peek(), expected: "`{`, or the name of a parameter") }
      let (parameter, parameterSpan) = try expectNewName(.variableName)
      guard known.insert(parameter).inserted else {
        throw source.diagnostic(at: parameterSpan, "`\(name)` has a parameter `\(parameter)` already")
      }
      parameters.append(parameter)
    }
    let block = try parseBlock()
    table.add(.userDefined(name: name, parameters: parameters))
    return .define(name, parameters: parameters, block)
  }

  private mutating func parseExpect() throws(Diagnostic) -> Statement.Kind {
    try advance()
    if try skip(word: "error") { return try parseExpectError() }
    let condition = try parseExpression()
    let token = try lexer.peek()
    guard case .string(let parts) = token.kind else { return .expect(condition, why: nil) }
    try advance()
    return .expect(condition, why: try template(parts, span: token.span))
  }

  private mutating func parseExpectError() throws(Diagnostic) -> Statement.Kind {
    var part: Template?
    let token = try lexer.peek()
    if case .string(let parts) = token.kind {
      try advance()
      part = try template(parts, span: token.span)
    } else if !token.isSymbol(.openBrace) {
      throw unexpected(token, expected: "a part of the message in quotes, or `{`")
    }
    let block = try parseBlock()
    guard block.statements.count == 1 else {
      let span = block.statements.count > 1 ? block.statements[1].span : block.span
      throw source.diagnostic(
        at: span, "`expect error` judges one command", expected: "exactly one command in the braces")
    }
    return .expectError(containing: part, block)
  }
}
