import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The statements of the language that are not commands: names, branches, loops, definitions, expectations.
extension Session {
  /// The most definitions and sourced files that may be under way at once, one inside the other.
  static let mostNestedCalls = 64
  /// The most rounds of a loop.
  static let mostRounds: Int64 = 1_000_000_000

  func evaluator(_ source: SourceText) -> Evaluator {
    Evaluator(world: state.world, variables: state.variables, source: source)
  }

  mutating func execute(_ block: Block, in source: SourceText) throws(SessionError) {
    for statement in block.statements {
      try execute(statement, in: source)
      if hasQuit { return }
    }
  }

  mutating func execute(_ statement: Statement, in source: SourceText) throws(SessionError) {
    if case .deferred = statement.kind {} else { try countStatement(at: statement.span, in: source) }
    switch statement.kind {
    case .command(let call): try execute(call, in: source)
    case .let(let name, let expression):
      let value = try evaluate(expression, in: source)
      state.variables[name] = value
      try checkVariables(after: value, at: statement.span, in: source)
      emit(
        Report("", .init(name, value)),
        place: place(statement.span, in: source), command: source.text(statement.span), error: nil)
    case .if(let branches, let otherwise):
      for branch in branches where try condition(branch.condition, in: source) {
        return try execute(branch.block, in: source)
      }
      if let otherwise { try execute(otherwise, in: source) }
    case .forEach(let name, let arguments, let block): try loop(over: arguments, as: name, block, in: source)
    case .repeat(let count, let block): try loop(count, block, in: source)
    case .define(let name, let parameters, let body):
      state.definitions[name] = SessionState.Definition(parameters: parameters, body: body, source: source)
      refreshTable()
    case .expect(let expression, let why):
      try expect(expression, why: why, statement, in: source)
    case .expectError(let part, let block): try expectError(part, block, statement, in: source)
    case .program(let declaration): try declare(declaration, statement, in: source)
    case .deferred:
      var parser = Parser(
        source: source, table: table, options: Parser.Options(allowAbbreviatedFlags: options.isInteractive),
        span: statement.span)
      let statements: [Statement]
      do { statements = try parser.parseScript() } catch { throw .syntax(error) }
      for statement in statements { try execute(statement, in: source) }
    }
  }

  func evaluate(_ expression: Expression, in source: SourceText) throws(SessionError) -> Value {
    do { return try evaluator(source).evaluate(expression) } catch { throw .refused(error) }
  }

  func condition(_ expression: Expression, in source: SourceText) throws(SessionError) -> Bool {
    do { return try evaluator(source).condition(expression) } catch { throw .refused(error) }
  }

  func text(_ template: Template, in source: SourceText) throws(SessionError) -> String {
    do { return try evaluator(source).text(template) } catch { throw .refused(error) }
  }

  /// Refuses a variable's new value when all variables together have become too large. Only lists and texts can be
  /// large.
  private func checkVariables(
    after value: Value, at span: SourceSpan, in source: SourceText
  ) throws(SessionError) {
    switch value {
    case .list, .text: break
    default: return
    }
    var size = ValueSize()
    for value in state.variables.values { size.add(value) }
    guard let excess = size.excess(over: .variables) else { return }
    throw .refused(
      source.diagnostic(
        at: span, "what all variables hold together \(excess)", remedy: "give some of them a shorter value"))
  }

  // MARK: - Loops

  private mutating func loop(
    over arguments: [Argument], as name: String, _ block: Block, in source: SourceText
  ) throws(SessionError) {
    var values: [Value] = []
    for argument in arguments {
      let invocation = Invocation(arguments: [argument], source: source, session: self)
      switch try invocation.loopValue(argument) {
      case .list(let list): values += list
      case let value: values.append(value)
      }
    }
    for value in values {
      state.variables[name] = value
      try round(block, in: source)
    }
  }

  private mutating func loop(_ count: Expression, _ block: Block, in source: SourceText) throws(SessionError) {
    guard case .integer(let times) = try evaluate(count, in: source), times >= 0, times <= Self.mostRounds else {
      throw .refused(
        source.diagnostic(
          at: count.span, "this is not a number of times", expected: "a whole number from 0 to \(Self.mostRounds)"))
    }
    var left = times
    while left > 0, !hasQuit {
      try round(block, in: source)
      left -= 1
    }
  }

  private mutating func round(_ block: Block, in source: SourceText) throws(SessionError) {
    guard !isInterrupted() else { throw interruption(at: block.span, in: source) }
    if block.statements.isEmpty { try countStatement(at: block.span, in: source) }
    try execute(block, in: source)
  }

  // MARK: - Commands of the user's own

  mutating func execute(
    _ definition: SessionState.Definition, _ call: CommandCall, in source: SourceText
  ) throws(SessionError) {
    guard depth < Self.mostNestedCalls else {
      throw .refused(
        source.diagnostic(at: call.wordsSpan, "commands call one another more than \(Self.mostNestedCalls) deep"))
    }
    let invocation = Invocation(call: call, source: source, session: self)
    let outer = state.variables
    for (parameter, argument) in zip(definition.parameters, call.arguments.joined()) {
      state.variables[parameter] = try invocation.loopValue(argument)
    }
    depth += 1
    defer {
      depth -= 1
      for parameter in definition.parameters { state.variables[parameter] = outer[parameter] }
    }
    try execute(definition.body, in: definition.source)
  }

  private mutating func declare(
    _ declaration: ProgramDeclaration, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    if BuiltInPrograms.all.contains(where: { $0.program.name == declaration.name }) {
      throw .refused(
        source.diagnostic(
          at: declaration.nameSpan, "`\(declaration.name)` is a built-in program", remedy: "choose another name"))
    }
    let compiled: CompiledProgram
    do { compiled = try compile(declaration, source: source) } catch { throw .refused(error) }
    state.programs[declaration.name] = compiled
    emit(
      Report("", .init("program", .text(declaration.name))),
      place: place(statement.span, in: source), command: source.text(statement.span), error: nil)
  }

  // MARK: - Expectations

  private func expect(
    _ expression: Expression, why: Template?, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    let holds = try condition(expression, in: source)
    guard holds else { throw try failure(of: expression, why: why, in: source) }
    emit(
      Report("", .init("expect", .boolean(true))), place: place(statement.span, in: source),
      command: source.text(statement.span), error: nil)
  }

  private func failure(
    of expression: Expression, why: Template?, in source: SourceText
  ) throws(SessionError) -> SessionError {
    var reason: String?
    if let why { reason = try text(why, in: source) }
    let found = evaluator(source).findings(expression)
    return .failed(
      source.diagnostic(
        at: expression.span, reason ?? "this does not hold", expected: "that \(source.text(expression.span))",
        remedy: found.isEmpty ? nil : "found: \(found.joined(separator: ", "))"))
  }

  private mutating func expectError(
    _ part: Template?, _ block: Block, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    var wanted: String?
    if let part { wanted = try text(part, in: source) }
    let before = state
    // This command is expected to fail: nothing that it prints is shown.
    let write = write
    self.write = { _ in }
    defer { self.write = write }
    do {
      try execute(block, in: source)
    } catch {
      guard case .refused(let found) = error else { throw error }
      self.write = write
      let said = ([found.message] + [found.expected, found.suggestion, found.remedy].compactMap { $0 })
        .joined(separator: "\n")
      guard let wanted, !said.contains(wanted) else {
        return emit(
          Report("", .init("error", .text(found.message))),
          place: place(statement.span, in: source), command: source.text(statement.span), error: nil)
      }
      throw .failed(
        source.diagnostic(
          at: statement.span, "the command was refused with another error", expected: "an error with `\(wanted)`",
          remedy: "found: \(found.message)"))
    }
    // The command should have failed: takes back what it did.
    state = before
    refreshTable()
    throw .failed(source.diagnostic(at: block.span, "the command was not refused", expected: "an error"))
  }
}
