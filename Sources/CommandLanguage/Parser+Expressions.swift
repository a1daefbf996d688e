extension Parser {
  /// An expression, up to the first token that cannot go on with it.
  mutating func parseExpression() throws(Diagnostic) -> Expression {
    let isOutermost = !isInExpression
    if isOutermost { operatorCount = 0 }
    isInExpression = true
    defer { isInExpression = !isOutermost }
    return try parseOperators(from: 0)
  }

  /// Operands joined by operators that bind at least this tightly.
  private mutating func parseOperators(from precedence: Int) throws(Diagnostic) -> Expression {
    var left = try parsePrefix(precedence)
    while let sign = try peekOperator(), sign.precedence >= precedence {
      let token = try advance()
      try checkSpacing(sign, token)
      try countOperator(at: token.span)
      let right = try parseOperators(from: sign.precedence + 1)
      left = .binary(sign, left, right, left.span.through(right.span))
      if sign.precedence == BinaryOperator.comparisonPrecedence { try refuseChain() }
    }
    return left
  }

  private mutating func peekOperator() throws(Diagnostic) -> BinaryOperator? {
    let token = try lexer.peek()
    switch token.kind {
    case .name(let word): return BinaryOperator(rawValue: word)
    case .symbol(.assign):
      throw unexpected(token, expected: "an operator", suggestion: "==", remedy: "`=` is for `let` alone")
    case .symbol(let symbol): return BinaryOperator(rawValue: symbol.rawValue)
    default: return nil
    }
  }

  private func checkSpacing(_ sign: BinaryOperator, _ token: Token) throws(Diagnostic) {
    guard sign == .minus, !token.hasSpaceBefore || !lexer.hasSpace(at: token.span.end) else { return }
    throw source.diagnostic(
      at: token.span, "binary `-` needs a space on both sides", expected: "a - b",
      remedy: "without spaces `a-b` is one name, and `-b` is b with its sign changed")
  }

  private mutating func refuseChain() throws(Diagnostic) {
    guard let next = try peekOperator(), next.precedence == BinaryOperator.comparisonPrecedence else { return }
    throw source.diagnostic(
      at: try lexer.peek().span, "comparisons do not chain", remedy: "join two by `and`, as in a < b and b < c")
  }

  private mutating func countOperator(at span: SourceSpan) throws(Diagnostic) {
    operatorCount += 1
    guard operatorCount <= Self.mostOperators else {
      throw source.diagnostic(
        at: span, "an expression holds at most \(Self.mostOperators) operators", remedy: "use `let` for a part of it")
    }
  }

  private mutating func parsePrefix(_ precedence: Int) throws(Diagnostic) -> Expression {
    let token = try lexer.peek()
    let sign: UnaryOperator
    switch token.kind {
    case .name("not"):
      guard precedence <= BinaryOperator.notPrecedence else {
        throw unexpected(token, expected: "a value", remedy: "put `not` and what it belongs to in parentheses")
      }
      sign = .not
    case .symbol(.minus): sign = .minus
    default: return try parsePrimary()
    }
    try enter(at: token.span)
    defer { nesting -= 1 }
    try advance()
    let operand = sign == .not ? try parseOperators(from: BinaryOperator.notPrecedence) : try parsePrefix(.max)
    return .unary(sign, operand, token.span.through(operand.span))
  }

  private mutating func parsePrimary() throws(Diagnostic) -> Expression {
    try lexer.joinUnit()
    let token = try lexer.peek()
    switch token.kind {
    case .number(let literal):
      try advance()
      return .literal(literal, token.span)
    case .string(let parts):
      try advance()
      return .string(try template(parts, span: token.span))
    case .variable(let name):
      try advance()
      guard lexer.isAtMember else { return .variable(name, token.span) }
      let members = try parseMembers()
      return .variablePath(name, members, token.span.through(endOfLast))
    case .name(let name): return try parseName(name, token)
    case .substitution, .symbol(.openParenthesis): return try parseEnclosed().expression
    case .symbol(.openBracket):
      let (elements, span) = try parseElements(closing: .closeBracket)
      return .list(elements, span)
    default: throw unexpected(token, expected: ParameterKind.expression.description)
    }
  }

  private mutating func parseName(_ name: String, _ token: Token) throws(Diagnostic) -> Expression {
    switch name {
    case "true", "false", "none":
      try advance()
      return .literal(name == "none" ? .none : .boolean(name == "true"), token.span)
    case "now", "cluster", "jobs", "message": break
    default:
      guard !CommandTable.isReserved(name) else { throw unexpected(token, expected: "a value") }
    }
    try advance()
    if try lexer.peek().isSymbol(.openParenthesis) { return try parseCall(name, token) }
    guard lexer.isAtMember else { return .path([name], token.span) }
    let members = try parseMembers()
    return .path([name] + members, token.span.through(endOfLast))
  }

  private mutating func parseCall(_ name: String, _ token: Token) throws(Diagnostic) -> Expression {
    guard Expression.functions.contains(name) else {
      throw source.diagnostic(
        at: token.span, "there is no function `\(shortened(name))`",
        expected: Expression.functions.joined(separator: ", ", last: " or "),
        suggestion: closest(to: name, among: Expression.functions))
    }
    let (arguments, span) = try parseElements(closing: .closeParenthesis)
    guard !arguments.isEmpty else {
      throw source.diagnostic(at: token.span.through(span), "`\(name)` needs something to work on")
    }
    return .call(name, arguments, token.span.through(span))
  }

  /// `.name.name…` that touches what was read last.
  mutating func parseMembers() throws(Diagnostic) -> [String] {
    var members: [String] = []
    while lexer.isAtMember {
      try advance()
      guard case .name(let member) = try advance().kind else { break }
      members.append(member)
    }
    return members
  }

  /// An expression in `( )` or `$( )`; the span holds the parentheses.
  mutating func parseEnclosed() throws(Diagnostic) -> (expression: Expression, span: SourceSpan) {
    let open = try advance()
    try enter(at: open.span)
    let outer = lexer.newlineIsBlank
    lexer.newlineIsBlank = true
    defer {
      lexer.newlineIsBlank = outer
      nesting -= 1
    }
    let expression = try parseExpression()
    let close = try lexer.peek()
    guard close.isSymbol(.closeParenthesis) else {
      throw close.kind == .end ? unclosed(open.span) : unexpected(close, expected: "an operator, or `)`")
    }
    try advance()
    return (expression, open.span.through(close.span))
  }

  /// `[a, b]` where a value may stand.
  mutating func parseListArgument() throws(Diagnostic) -> Argument {
    let (elements, span) = try parseElements(closing: .closeBracket)
    return .expression(.list(elements, span), span)
  }

  /// Expressions between brackets or parentheses, with commas between them.
  private mutating func parseElements(
    closing: Symbol
  ) throws(Diagnostic) -> (elements: [Expression], span: SourceSpan) {
    let open = try advance()
    try enter(at: open.span)
    let outer = lexer.newlineIsBlank
    lexer.newlineIsBlank = true
    defer {
      lexer.newlineIsBlank = outer
      nesting -= 1
    }
    var elements: [Expression] = []
    var token = try lexer.peek()
    while !token.isSymbol(closing) {
      elements.append(try parseExpression())
      token = try lexer.peek()
      if token.isSymbol(.comma) {
        try advance()
        token = try lexer.peek()
      } else if !token.isSymbol(closing) {
        throw token.kind == .end
          ? unclosed(open.span) : unexpected(token, expected: "`,` or `\(closing.rawValue)`")
      }
    }
    try advance()
    return (elements, open.span.through(token.span))
  }
}

// MARK: - Texts

extension Parser {
  /// The template that the parts of a text make, with the expressions inside it parsed.
  mutating func template(_ parts: [StringPart], span: SourceSpan) throws(Diagnostic) -> Template {
    var segments: [Template.Segment] = []
    for part in parts {
      switch part {
      case .literal(let text): segments.append(.literal(text))
      case .variable(let name, let span): segments.append(.variable(name, span))
      case .substitution(let inner): segments.append(.expression(try parseInside(inner)))
      }
    }
    return Template(segments: segments, span: span)
  }

  /// The expression that fills a span of a text.
  private mutating func parseInside(_ span: SourceSpan) throws(Diagnostic) -> Expression {
    let outer = (lexer, lastEnd)
    try enter(at: span)
    lexer = Lexer(source: source, range: span)
    lexer.newlineIsBlank = true
    lastEnd = span.start
    defer {
      (lexer, lastEnd) = outer
      nesting -= 1
    }
    let expression = try parseExpression()
    let rest = try lexer.peek()
    guard rest.kind == .end else { throw unexpected(rest, expected: "an operator, or `)`") }
    return expression
  }
}
