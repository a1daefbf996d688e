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
      return Self.list(elements, span)
    default: throw unexpected(token, expected: ParameterKind.expression.description)
    }
  }

  private mutating func parseName(_ name: String, _ token: Token) throws(Diagnostic) -> Expression {
    switch name {
    case "true", "false", "none":
      try advance()
      return .literal(name == "none" ? .none : .boolean(name == "true"), token.span)
    case "now", "cluster", "event", "jobs", "message": break
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
    // `count(… for m in …)` works on the list that this makes.
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
    return .expression(Self.list(elements, span), span)
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
      if token.kind == .name("for"), elements.count == 1 {
        elements = [try parseSelection(of: elements[0])]
        token = try lexer.peek()
        guard token.isSymbol(closing) else {
          throw token.kind == .end
            ? unclosed(open.span) : unexpected(token, expected: "`where`, or `\(closing.rawValue)`")
        }
      } else if token.isSymbol(.comma) {
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

// MARK: - Lists made from lists

extension Parser {
  /// What stands between the brackets of a list: elements, or how they are made from another list.
  private static func list(_ elements: [Expression], _ span: SourceSpan) -> Expression {
    if elements.count == 1, case .each(let selection, _) = elements[0] { return .each(selection, span) }
    return .list(elements, span)
  }

  /// `for NAME in LIST where CONDITION`, behind what becomes of each element.
  private mutating func parseSelection(of element: Expression) throws(Diagnostic) -> Expression {
    let word = try advance()
    // One inside another could take for ever.
    guard !isInSelection, !element.hasSelection else {
      throw source.diagnostic(
        at: word.span, "one `for` cannot stand inside another", remedy: "give the inner list a name with `let`")
    }
    isInSelection = true
    defer { isInSelection = false }
    let token = try advance()
    guard case .name(let name) = token.kind, CommandTable.isName(name) else {
      throw unexpected(token, expected: "a name, as in count($m for m in cluster.migrations)")
    }
    let next = try advance()
    guard next.kind == .name("in") else { throw unexpected(next, expected: "`in` and a list") }
    let list = try parseExpression()
    var condition: Expression?
    if try lexer.peek().kind == .name("where") {
      try advance()
      condition = try parseExpression()
    }
    let selection = Expression.Selection(
      element: element, name: name, nameSpan: token.span, list: list, condition: condition)
    return .each(selection, element.span.through((condition ?? list).span))
  }
}

extension Expression {
  /// Whether a list made from another is a part of it.
  fileprivate var hasSelection: Bool {
    switch self {
    case .each: true
    case .literal, .variable, .variablePath, .path: false
    case .string(let template):
      template.segments.contains { if case .expression(let inner) = $0 { inner.hasSelection } else { false } }
    case .unary(_, let operand, _): operand.hasSelection
    case .binary(_, let left, let right, _): left.hasSelection || right.hasSelection
    case .call(_, let elements, _), .list(let elements, _): elements.contains(where: \.hasSelection)
    }
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
