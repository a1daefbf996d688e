/// Parses the steps of a program from a text: what stands between the braces of `program`.
///
/// Throws the first mistake.
public func parseProgramBody(source: SourceText) throws(Diagnostic) -> [Step] {
  var parser = Parser(source: source, table: CommandTable())
  return try parser.parseSteps(inside: nil)
}

extension Parser {
  mutating func parseProgram() throws(Diagnostic) -> ProgramDeclaration {
    let keyword = try advance()
    let (name, nameSpan) = try expectNewName(.newName)
    if lexer.isAtStatementEnd { throw bodilessProgram(name, at: nameSpan) }
    let body = try parseStepBlock()
    let span = SourceSpan(start: keyword.span.start, end: lastEnd)
    return ProgramDeclaration(
      name: name, nameSpan: nameSpan, body: body, span: span, sourceText: source.text(span))
  }

  /// The diagnostic for `program` with only a name: most likely the user meant another verb.
  private func bodilessProgram(_ name: String, at span: SourceSpan) -> Diagnostic {
    let verbs = table.commands(startingWith: "program").filter { $0.words.count > 1 }
    let verb = closest(to: name, among: verbs.map { $0.words[1] })
    return source.diagnostic(
      at: span, "the program `\(shortened(name))` has no steps",
      expected: (["`program NAME { STEPS }`"] + verbs.map { "`\($0.name)`" }).joined(separator: ", ", last: " or "),
      suggestion: verb.map { "program \($0)" })
  }

  private mutating func parseStepBlock() throws(Diagnostic) -> [Step] {
    let open = try expectOpenBrace()
    try enter(at: open)
    defer { nesting -= 1 }
    let steps = try parseSteps(inside: open)
    try advance()
    return steps
  }

  /// Steps up to the end, or up to the brace that closes the one given, with or without separators between them.
  fileprivate mutating func parseSteps(inside open: SourceSpan?) throws(Diagnostic) -> [Step] {
    try parseParts(inside: open) { (parser, token) throws(Diagnostic) in
      let kind = try parser.parseStep(token)
      return Step(kind: kind, span: SourceSpan(start: token.span.start, end: parser.lastEnd))
    }
  }

  private mutating func parseStep(_ token: Token) throws(Diagnostic) -> Step.Kind {
    guard case .name(let name) = token.kind, let word = Step.Word(rawValue: name) else { throw unknownStep(token) }
    try advance()
    switch word {
    case .compute: return .compute(try parseOperand(.time, for: name))
    case .read: return .read(try parsePageSelector(for: name))
    case .write: return .write(try parsePageSelector(for: name))
    case .send: return try parseSend()
    case .receive: return try parseReceive()
    case .reply: return .reply(try parseStepText(for: name))
    case .print: return .print(try parseStepText(for: name))
    case .sleep: return .sleep(try parseOperand(.time, for: name))
    case .repeat:
      let isEndless = try lexer.peek().isSymbol(.openBrace)
      let count = isEndless ? nil : try parseOperand(.count, for: name)
      return .repeat(count: count, try parseStepBlock())
    case .fork:
      let (name, _) = try expectNewName(.newName)
      return .fork(name, try parseStepBlock())
    case .thread: return .thread(try parseStepBlock())
    case .lock:
      let (name, _) = try expectNewName(.newName)
      return .lock(name, try parseStepBlock())
    case .barrier:
      let (name, _) = try expectNewName(.newName)
      return .barrier(name, try parseOperand(.count, for: "barrier"))
    case .join: return .join
    case .readFile:
      let (file, _) = try expectNewName(.newName)
      return .readFile(file, as: try skip(word: "as") ? try expectNewName(.variableName).name : nil)
    case .writeFile:
      let (file, _) = try expectNewName(.newName)
      return .writeFile(file, try parseStepText(for: name))
    case .exit: return .exit
    }
  }

  private func unknownStep(_ token: Token) -> Diagnostic {
    let words = Step.Word.allCases.map(\.rawValue)
    let expected = words.joined(separator: ", ", last: " or ")
    guard case .name(let word) = token.kind else {
      return unexpected(token, expected: "a step: \(expected)")
    }
    return source.diagnostic(
      at: token.span, "no step is called `\(shortened(word))`", expected: expected,
      suggestion: closest(to: word, among: words))
  }

  private mutating func parseSend() throws(Diagnostic) -> Step.Kind {
    let receiver = try parseOperand(.process, for: "send")
    let text = try parseStepText(for: "send")
    let otherwise = try skipElse() ? try parseStepBlock() : nil
    return .send(to: receiver, text: text, otherwise: otherwise)
  }

  private mutating func parseReceive() throws(Diagnostic) -> Step.Kind {
    var name: String?
    var timeout: Operand?
    if try skip(word: "as") { name = try expectNewName(.variableName).name }
    if try skip(word: "timeout") { timeout = try parseOperand(.time, for: "timeout") }
    return .receive(as: name, timeout: timeout)
  }

  /// A literal of the kind, a variable, or, for a process, a name.
  private mutating func parseOperand(_ kind: ParameterKind, for step: String) throws(Diagnostic) -> Operand {
    if kind == .time { try lexer.joinUnit() }
    let token = try lexer.peek()
    switch token.kind {
    case .variable(let name):
      try advance()
      return .variable(name, token.span)
    case .number(let literal) where kind.dimension != nil:
      try check(literal, at: token.span, is: kind, for: "`\(step)`")
      try advance()
      return .literal(literal, token.span)
    case .name(let name) where kind == .process:
      try checkNewName(name, at: token.span)
      try advance()
      return .name(name, token.span)
    case .substitution: throw refusedSubstitution(token.span)
    default: throw wrongKind(token, kind, for: "`\(step)`")
    }
  }

  private mutating func parsePageSelector(for step: String) throws(Diagnostic) -> PageSelector {
    if try skip(word: "random") {
      let (first, last) = try parsePageRange(for: step)
      return .random(first: first, last: last)
    }
    if try skip(word: "next") {
      let (first, last) = try parsePageRange(for: step)
      return .next(first: first, last: last)
    }
    let first = try parseOperand(.pages, for: step)
    guard try lexer.peek().isSymbol(.range) else { return .page(first) }
    let last = try parseLastPage(after: first, for: step)
    return .range(first: first, last: last)
  }

  private mutating func parsePageRange(for step: String) throws(Diagnostic) -> (Operand, Operand) {
    let first = try parseOperand(.pages, for: step)
    return (first, try parseLastPage(after: first, for: step))
  }

  private mutating func parseLastPage(after first: Operand, for step: String) throws(Diagnostic) -> Operand {
    let sign = try lexer.peek()
    guard sign.isSymbol(.range) else { throw unexpected(sign, expected: "a range of pages such as 0..63") }
    try advance()
    let last = try parseOperand(.pages, for: step)
    if case .literal(.integer(let low), _) = first, case .literal(.integer(let high), _) = last {
      try checkOrder(low, high, at: first.span.through(last.span))
    }
    return last
  }

  private mutating func parseStepText(for step: String) throws(Diagnostic) -> Template {
    let token = try lexer.peek()
    switch token.kind {
    case .variable(let name):
      try advance()
      return Template(segments: [.variable(name, token.span)], span: token.span)
    case .string(let parts):
      for case .substitution(let inner) in parts {
        throw refusedSubstitution(SourceSpan(start: inner.start - 2, end: inner.end + 1))
      }
      try advance()
      return try template(parts, span: token.span)
    case .substitution: throw refusedSubstitution(token.span)
    default: throw wrongKind(token, .message, for: "`\(step)`")
    }
  }

  private func refusedSubstitution(_ span: SourceSpan) -> Diagnostic {
    source.diagnostic(
      at: span, "in a program only $name", expected: "$name, which is resolved as the step runs",
      remedy: "expressions are for commands; steps have no arithmetic")
  }
}
