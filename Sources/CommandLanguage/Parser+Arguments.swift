extension Parser {
  /// Parses one argument of a kind. `subject` names the parameter or flag in diagnostics.
  mutating func parseArgument(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    switch kind {
    case .expression:
      let expression = try parseExpression()
      return .expression(expression, expression.span)
    case .block: return .block(try parseBlock())
    case .path, .topic: return try parseRawWord(kind, for: subject)
    case .word(let words): return try parseWord(words, for: subject)
    case .assignment: return try parseAssignment()
    case .nodeGroup, .names: return try parseGroup(kind, for: subject)
    case .page, .pages: return try parsePages(kind, for: subject)
    case .text: return try parseAnything(for: subject)
    case .settingValue:
      try lexer.joinUnit()
      return try parseAnything(for: subject)
    default: return try parseValue(kind, for: subject)
    }
  }

  /// Parses a single value: a variable, `$(…)`, or what the kind allows.
  private mutating func parseValue(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    if kind.dimension?.isBare == false { try lexer.joinUnit() }
    let token = try lexer.peek()
    switch token.kind {
    case .variable:
      if kind == .variableName { throw wrongKind(token, kind, for: subject) }
      return try parseVariable()
    case .substitution where kind != .variableName: return try parseSubstitution()
    case .symbol(.minus) where kind.dimension != nil: return try parseNegative(kind, for: subject)
    case .number(let literal) where kind.dimension != nil:
      try check(literal, at: token.span, is: kind, for: subject)
      try advance()
      return .literal(literal, token.span)
    case .string(let parts) where kind.takesText:
      try advance()
      let text = try template(parts, span: token.span)
      if kind != .message, let name = text.constantText { try checkQuotedName(name, at: token.span) }
      return .string(text)
    case .name(let name) where kind.takesName:
      // There is always a thing called `none`.
      if kind != .thing || name != "none" { try checkNewName(name, at: token.span) }
      try advance()
      return .name(name, token.span)
    default:
      throw wrongKind(token, kind, for: subject)
    }
  }

  private mutating func parseAnything(for subject: String) throws(Diagnostic) -> Argument {
    let token = try lexer.peek()
    switch token.kind {
    case .name(let name):
      try advance()
      switch name {
      case "true", "false": return .literal(.boolean(name == "true"), token.span)
      case "none": return .literal(.none, token.span)
      default: break
      }
      guard lexer.isAtMember else { return .name(name, token.span) }
      let path = Expression.path([name] + (try parseMembers()), token.span.through(endOfLast))
      return .expression(path, path.span)
    case .string(let parts):
      try advance()
      return .string(try template(parts, span: token.span))
    case .number, .variable, .substitution, .symbol(.minus):
      return try parsePages(.text, for: subject)
    default:
      throw wrongKind(token, .text, for: subject)
    }
  }

  /// Parses `3` or `0..15`, also with variables. A range is allowed only where the kind allows it.
  private mutating func parsePages(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    let first = try parsePageEnd(kind, for: subject)
    let sign = try? lexer.peek()
    guard kind != .page, sign?.isSymbol(.range) == true else {
      return kind == .pages ? .pages(first: first, last: nil, first.span) : first
    }
    if case .literal(let literal, let span) = first { try check(literal, at: span, is: .pages, for: subject) }
    try advance()
    let last = try parsePageEnd(.pages, for: subject)
    let span = first.span.through(last.span)
    if case .literal(.integer(let low), _) = first, case .literal(.integer(let high), _) = last {
      try checkOrder(low, high, at: span)
    }
    return .pages(first: first, last: last, span)
  }

  private mutating func parsePageEnd(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    let token = try lexer.peek()
    switch token.kind {
    case .variable: return try parseVariable()
    case .substitution: return try parseSubstitution()
    case .symbol(.minus) where kind == .text: return try parseNegative(.number, for: subject)
    case .number(let literal):
      if kind != .text { try check(literal, at: token.span, is: kind, for: subject) }
      try advance()
      return .literal(literal, token.span)
    default: throw wrongKind(token, kind, for: subject)
    }
  }

  func checkOrder(_ first: Int64, _ last: Int64, at span: SourceSpan) throws(Diagnostic) {
    guard first > last else { return }
    throw source.diagnostic(
      at: span, "this range is reversed: \(first) comes after \(last)", suggestion: "\(last)..\(first)")
  }

  private mutating func parseVariable() throws(Diagnostic) -> Argument {
    let token = try advance()
    guard case .variable(let name) = token.kind else { throw unexpected(token, expected: "a variable") }
    guard lexer.isAtMember else { return .variable(name, token.span) }
    let path = Expression.variablePath(name, try parseMembers(), token.span.through(endOfLast))
    return .expression(path, path.span)
  }

  private mutating func parseSubstitution() throws(Diagnostic) -> Argument {
    let (expression, span) = try parseEnclosed()
    return .expression(expression, span)
  }

  /// Parses a number below zero: only a plain number can be that.
  private mutating func parseNegative(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    let sign = try advance()
    let token = try lexer.peek()
    guard case .number(let literal) = token.kind, !token.hasSpaceBefore else {
      throw source.diagnostic(
        at: sign.span, "`-` cannot stand here", expected: kind.description,
        remedy: "flags begin with two dashes; an expression here stands in $( )")
    }
    let span = sign.span.through(token.span)
    try check(literal, at: token.span, is: kind, for: subject)
    guard kind == .number else {
      throw source.diagnostic(at: span, "\(subject) takes \(kind.noun), which cannot be below zero")
    }
    try advance()
    switch literal {
    case .integer(let value): return .literal(.integer(-value), span)
    case .decimal(let value): return .literal(.decimal(-value), span)
    default: return .literal(literal, span)
    }
  }

  private mutating func parseWord(_ words: [String], for subject: String) throws(Diagnostic) -> Argument {
    let token = try lexer.peek()
    var typed: String?
    switch token.kind {
    case .variable: return try parseVariable()
    case .substitution: return try parseSubstitution()
    case .name(let word):
      typed = word
      guard words.contains(word) else { break }
      try advance()
      return .name(word, token.span)
    case .string(let parts):
      let text = try template(parts, span: token.span)
      typed = text.constantText
      // What is to be filled in shows only when the command is executed.
      guard typed.map(words.contains) ?? true else { break }
      try advance()
      return .string(text)
    default: break
    }
    throw source.diagnostic(
      at: token.span, "\(subject) does not take \(quoted(token))",
      expected: ParameterKind.word(words).description, suggestion: typed.flatMap { closest(to: $0, among: words) })
  }

  private mutating func parseRawWord(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    if let (word, span) = lexer.nextRawWord() {
      lastEnd = span.end
      return .name(word, span)
    }
    let token = try lexer.peek()
    switch token.kind {
    case .variable: return try parseVariable()
    case .substitution: return try parseSubstitution()
    case .string(let parts):
      try advance()
      return .string(try template(parts, span: token.span))
    default: throw wrongKind(token, kind, for: subject)
    }
  }

  private mutating func parseAssignment() throws(Diagnostic) -> Argument {
    let token = try lexer.peek()
    guard case .name(let key) = token.kind else {
      throw unexpected(token, expected: ParameterKind.assignment.description)
    }
    try advance()
    let sign = try lexer.peek()
    guard sign.isSymbol(.assign), !sign.hasSpaceBefore else {
      throw source.diagnostic(
        at: token.span, "`\(shortened(key))` has no value", expected: ParameterKind.assignment.description)
    }
    try advance()
    guard !lexer.hasSpace(at: lexer.position), !lexer.isAtStatementEnd else {
      throw source.diagnostic(
        at: sign.span, "no value touches this `=`", expected: ParameterKind.assignment.description)
    }
    let value = try parseArgument(.text, for: "`\(shortened(key))`")
    return .assignment(key: key, value, token.span.through(value.span))
  }

  private mutating func parseGroup(_ kind: ParameterKind, for subject: String) throws(Diagnostic) -> Argument {
    func parseMember(_ parser: inout Self) throws(Diagnostic) -> Argument {
      kind == .names ? try parser.parseAnything(for: subject) : try parser.parseValue(.node, for: subject)
    }
    var members = [try parseMember(&self)]
    while try lexer.peek().isSymbol(.comma) {
      try advance()
      members.append(try parseMember(&self))
    }
    guard let first = members.first, let last = members.last else { return .group([], endOfLast) }
    return .group(members, first.span.through(last.span))
  }
}

// MARK: - Checks

extension Parser {
  /// Refuses a literal that measures something else than the kind does.
  func check(
    _ literal: Literal, at span: SourceSpan, is kind: ParameterKind, for subject: String
  ) throws(Diagnostic) {
    guard let wanted = kind.dimension, let found = literal.dimension else { return }
    if found == wanted || wanted == .number && found == .count { return }
    let text = shortened(source.text(span))
    let message =
      switch (wanted.isBare, found.isBare) {
      case (false, true): "`\(text)` has no unit"
      default: "`\(text)` is \(found.description)"
      }
    throw source.diagnostic(at: span, "\(subject) takes \(kind.noun), and \(message)", expected: kind.description)
  }

  func wrongKind(_ token: Token, _ kind: ParameterKind, for subject: String) -> Diagnostic {
    if missingText(token) != nil { return unexpected(token, expected: kind.description) }
    var remedy: String?
    switch (kind, token.kind) {
    case (.variableName, .variable): remedy = "here a variable is named without `$`"
    case (.message, .name): remedy = "put the text in quotes"
    case (_, .symbol(.minus)): remedy = "flags begin with two dashes, as in --name"
    default: break
    }
    return source.diagnostic(
      at: token.span, "\(subject) takes \(kind.noun), not \(quoted(token))", expected: kind.description, remedy: remedy)
  }

  private func checkQuotedName(_ name: String, at span: SourceSpan) throws(Diagnostic) {
    guard !CommandTable.isName(name) else { return }
    try checkNewName(name, at: span)
    throw source.diagnostic(
      at: span, "this text cannot be a name",
      expected: "letters, digits, `_`, and `-` between them, with a letter first")
  }
}

extension Dimension {
  /// Whether its numbers stand without a unit.
  fileprivate var isBare: Bool { self == .count || self == .number }
}

extension ParameterKind {
  /// What a literal of this kind measures; nil for kinds that take none.
  var dimension: Dimension? {
    switch self {
    case .time: .time
    case .size: .size
    case .rate: .rate
    case .share: .share
    case .count, .page, .pages: .count
    case .number: .number
    default: nil
    }
  }

  fileprivate var takesName: Bool {
    switch self {
    case .newName, .node, .process, .program, .checkpoint, .variableName, .thing: true
    default: false
    }
  }

  fileprivate var takesText: Bool { self == .message || takesName && self != .variableName }
}

extension Lexer {
  /// Whether `.name` touches what was read last.
  var isAtMember: Bool {
    guard byte(position) == UInt8(ascii: "."), let next = byte(position + 1) else { return false }
    return Ascii.isLetter(next)
  }
}
