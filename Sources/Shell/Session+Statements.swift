import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The statements of the language that are not commands: names, branches, loops, definitions, expectations.
extension Session {
  /// The most blocks, sourced files and commands of the user's own that may be under way at once, one inside the other.
  static let deepestExecution = 128
  /// The most rounds of a loop.
  static let mostRounds: Int64 = 1_000_000_000

  func evaluator(_ source: SourceText) -> Evaluator {
    Evaluator(
      world: state.world, variables: state.variables, source: source, stepStart: stepStart, effort: effort)
  }

  /// Executes one statement of a script, and all that it leads to.
  ///
  /// What is under way is kept in `frames` and not on the stack, so that no nesting can use that up.
  mutating func execute(_ statement: Statement, in source: SourceText) throws(SessionError) {
    frames = []
    depth = 0
    var pending: SessionError?
    do throws(SessionError) { try enter([statement], in: source, at: statement.span, of: source) } catch {
      pending = error
    }
    while let frame = frames.popLast() {
      do throws(SessionError) {
        if let error = pending {
          pending = try leave(frame, because: error)
        } else {
          try resume(frame)
        }
      } catch {
        pending = error
      }
    }
    if let pending { throw pending }
  }

  /// Something that has begun, and goes on once what it began has been done.
  enum Frame {
    case statements([Statement], next: Int, SourceText)
    case forEach(String, [Value], next: Int, Block, SourceText)
    case `repeat`(next: Int64, of: Int64, Block, SourceText)
    case `while`(Expression, Block, SourceText)
    /// A command of the user's own, with the values that its parameters have outside.
    case call([(parameter: String, outside: Value?)], CommandCall, SourceText)
    case expectError(ExpectedError)
    /// A statement, with how many entries the script and what `jumpCount` was before it.
    case statement(Statement, SourceText, scriptStart: Int, jumpsBefore: Int)
    /// A command that has something to say once what it began has been done.
    case report(Report, CommandCall, SourceText)

    /// How many rounds of a loop have begun; nil when nobody knows how many there will be, or it is no loop.
    fileprivate var rounds: Progress.Part? {
      switch self {
      case .forEach(_, let values, let next, _, _): Progress.Part(done: UInt64(next), all: UInt64(values.count))
      case .repeat(let next, let count, _, _): Progress.Part(done: UInt64(next), all: UInt64(count))
      case .statements, .while, .call, .expectError, .statement, .report: nil
      }
    }
  }

  /// Begins to execute statements one level deeper, unless that is too deep.
  ///
  /// - Parameters:
  ///   - source: where the statements stand.
  ///   - span: what leads to them, in the text `caller`.
  mutating func enter(
    _ statements: [Statement], in source: SourceText, at span: SourceSpan, of caller: SourceText
  ) throws(SessionError) {
    guard depth < Self.deepestExecution else {
      throw .refused(
        caller.diagnostic(
          at: span, "this goes deeper than \(Self.deepestExecution) levels",
          remedy: "blocks, files and commands of one's own count, one inside the other"))
    }
    depth += 1
    frames.append(.statements(statements, next: 0, source))
  }

  private mutating func enter(_ block: Block, in source: SourceText) throws(SessionError) {
    try enter(block.statements, in: source, at: block.span, of: source)
  }

  private mutating func resume(_ frame: Frame) throws(SessionError) {
    switch frame {
    case .statements(let statements, let next, let source):
      guard next < statements.count, !hasQuit else {
        depth -= 1
        return
      }
      frames.append(.statements(statements, next: next + 1, source))
      try begin(statements[next], in: source)
    case .forEach(let name, let values, let next, let block, let source):
      guard next < values.count, !hasQuit else { return }
      frames.append(.forEach(name, values, next: next + 1, block, source))
      state.variables[name] = values[next]
      state.script.add(variable: name, values[next])
      try beginRound(of: block, in: source)
    case .repeat(let next, let count, let block, let source):
      guard next < count, !hasQuit else { return }
      frames.append(.repeat(next: next + 1, of: count, block, source))
      try beginRound(of: block, in: source)
    case .while(let expression, let block, let source):
      guard !hasQuit, try condition(expression, in: source) else { return }
      frames.append(frame)
      try beginRound(of: block, in: source)
    case .call(let parameters, _, _): endCall(parameters)
    case .expectError(let expected): throw notRefused(expected)
    case .statement(let statement, let source, let start, let jumpsBefore):
      if jumpCount == jumpsBefore { state.script.fold(statement, in: source, from: start) }
    case .report(let report, let call, let source):
      emit(report, of: subject(call, in: source))
    }
  }

  /// Ends what was under way after an error inside it.
  ///
  /// - Returns: the error; nil when it was expected.
  private mutating func leave(_ frame: Frame, because error: SessionError) throws(SessionError) -> SessionError? {
    switch frame {
    case .statements:
      depth -= 1
      return error
    case .call(let parameters, let call, let source):
      endCall(parameters)
      return error.inside(call, source)
    case .report(_, let call, let source): return error.inside(call, source)
    case .expectError(let expected): return try judge(error, expected)
    case .forEach, .repeat, .while, .statement: return error
    }
  }

  private mutating func begin(_ statement: Statement, in source: SourceText) throws(SessionError) {
    if case .deferred = statement.kind {} else { try countStatement(at: statement.span, in: source) }
    if !options.withheld.isEmpty, let name = statement.commandName, let reason = options.withheld[name] {
      var span = statement.span
      if case .command(let call) = statement.kind { span = call.wordsSpan }
      throw .refused(source.diagnostic(at: span, "`\(name)` cannot be used here", remedy: reason))
    }
    frames.append(.statement(statement, source, scriptStart: state.script.count, jumpsBefore: jumpCount))
    switch statement.kind {
    case .command(let call): try execute(call, in: source)
    case .let(let name, let expression): try setVariable(name, to: expression, statement, in: source)
    case .if(let branches, let otherwise):
      for branch in branches where try condition(branch.condition, in: source) {
        return try enter(branch.block, in: source)
      }
      if let otherwise { try enter(otherwise, in: source) }
    case .forEach(let name, let arguments, let block):
      guard !givenNames.contains(name) else { throw .refused(loopOverGivenName(name, statement.span, in: source)) }
      frames.append(.forEach(name, try loopValues(arguments, in: source), next: 0, block, source))
    case .repeat(let count, let block):
      frames.append(.repeat(next: 0, of: try loopCount(count, in: source), block, source))
    case .while(let condition, let block): frames.append(.while(condition, block, source))
    case .define(let name, let parameters, let body):
      state.definitions[name] = SessionState.Definition(
        parameters: parameters, body: body, source: source, text: source.fullText(of: statement))
      // With thousands of definitions, to make the whole table anew for each would take long.
      knowDefinition(name, parameters)
    case .expect(let expression, let why): try expect(expression, why: why, statement, in: source)
    case .expectError(let part, let block): try beginExpectError(part, block, statement, in: source)
    case .program(let declaration): try declare(declaration, statement, in: source)
    case .deferred: try enter(try parseDeferred(statement, in: source), in: source, at: statement.span, of: source)
    }
  }

  private mutating func setVariable(
    _ name: String, to expression: Expression, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    let value: Value
    if givenNames.contains(name), let given = state.variables[name] {
      value = given
      // The saved script shall have the given value, and not this statement.
      jumpCount += 1
    } else {
      value = try evaluate(expression, in: source)
      state.variables[name] = value
      try checkVariables(after: value, at: statement.span, in: source)
    }
    emit(
      Report("", .init(name, value)),
      of: subject(statement, in: source))
  }

  private func parseDeferred(_ statement: Statement, in source: SourceText) throws(SessionError) -> [Statement] {
    var parser = Parser(
      source: source, table: table, options: parserOptions,
      span: statement.span)
    do { return try parser.parseScript() } catch { throw .syntax(error) }
  }

  func evaluate(_ expression: Expression, in source: SourceText) throws(SessionError) -> Value {
    do { return try evaluator(source).evaluate(expression) } catch { throw failure(error) }
  }

  func condition(_ expression: Expression, in source: SourceText) throws(SessionError) -> Bool {
    do { return try evaluator(source).condition(expression) } catch { throw failure(error) }
  }

  func text(_ template: Template, in source: SourceText) throws(SessionError) -> String {
    do { return try evaluator(source).text(template) } catch { throw failure(error) }
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
    effort?.spend(size.elements)
    guard let excess = size.excess(over: .variables) else { return }
    throw .refused(
      source.diagnostic(
        at: span, "what all variables hold together \(excess)", remedy: "give some of them a shorter value"))
  }

  // MARK: - Loops

  private func loopValues(_ arguments: [Argument], in source: SourceText) throws(SessionError) -> [Value] {
    var values: [Value] = []
    for argument in arguments {
      let invocation = Invocation(arguments: [argument], source: source, session: self)
      switch try invocation.loopValue(argument) {
      case .list(let list):
        effort?.spend(list.count)
        values += list
      case let value: values.append(value)
      }
    }
    return values
  }

  private func loopOverGivenName(_ name: String, _ span: SourceSpan, in source: SourceText) -> Diagnostic {
    source.diagnostic(
      at: span, "the experiment gives `$\(name)`, so no loop can set it", remedy: "use another name in the loop")
  }

  private func loopCount(_ count: Expression, in source: SourceText) throws(SessionError) -> Int64 {
    guard case .integer(let times) = try evaluate(count, in: source), times >= 0, times <= Self.mostRounds else {
      throw .refused(
        source.diagnostic(
          at: count.span, "this is not a number of times", expected: "a whole number from 0 to \(Self.mostRounds)"))
    }
    return times
  }

  private mutating func beginRound(of block: Block, in source: SourceText) throws(SessionError) {
    if let meter, let rounds = frames.lazy.compactMap(\.rounds).first { meter.note(rounds: rounds) }
    guard !isInterrupted() else { throw interruption(at: block.span, in: source) }
    if block.statements.isEmpty { try countStatement(at: block.span, in: source) }
    try enter(block, in: source)
  }

  // MARK: - Commands of the user's own

  mutating func begin(
    _ definition: SessionState.Definition, _ call: CommandCall, in source: SourceText
  ) throws(SessionError) {
    let invocation = Invocation(call: call, source: source, session: self)
    var values: [(parameter: String, value: Value)] = []
    for (parameter, argument) in zip(definition.parameters, call.arguments.joined()) {
      values.append((parameter, try invocation.loopValue(argument)))
    }
    frames.append(.call(definition.parameters.map { ($0, state.variables[$0]) }, call, source))
    for (parameter, value) in values {
      state.variables[parameter] = value
      state.script.add(variable: parameter, value)
    }
    try enter(definition.body.statements, in: definition.source, at: call.wordsSpan, of: source)
  }

  private mutating func endCall(_ parameters: [(parameter: String, outside: Value?)]) {
    for (parameter, value) in parameters {
      state.variables[parameter] = value
      if let value { state.script.add(variable: parameter, value) }
    }
  }

  private mutating func declare(
    _ declaration: ProgramDeclaration, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    if BuiltInPrograms.names.contains(declaration.name) {
      throw .refused(
        source.diagnostic(
          at: declaration.nameSpan, "`\(declaration.name)` is a built-in program", remedy: "choose another name"))
    }
    let compiled: CompiledProgram
    do { compiled = try compile(declaration, source: source) } catch { throw .refused(error) }
    state.programs.declare(compiled)
    emit(
      Report("", .init("program", .text(declaration.name))),
      of: subject(statement, in: source))
  }

  // MARK: - Expectations

  private func expect(
    _ expression: Expression, why: Template?, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    let holds = try condition(expression, in: source)
    guard holds else { throw try failure(of: expression, why: why, in: source) }
    emit(
      Report("", .init("expect", .boolean(true))), of: subject(statement, in: source))
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

  /// An error that has been announced: the command in the block must be refused.
  final class ExpectedError {
    /// A part of the message.
    let part: String?
    let statement: Statement
    let block: Block
    let source: SourceText
    /// How things stood before it.
    let state: SessionState
    let past: Past
    let write: (String) -> Void

    fileprivate init(_ part: String?, _ statement: Statement, _ block: Block, _ source: SourceText, _ session: Session)
    {
      self.part = part
      self.statement = statement
      self.block = block
      self.source = source
      state = session.state
      past = session.past
      write = session.write
    }
  }

  private mutating func beginExpectError(
    _ part: Template?, _ block: Block, _ statement: Statement, in source: SourceText
  ) throws(SessionError) {
    var wanted: String?
    if let part { wanted = try text(part, in: source) }
    frames.append(.expectError(ExpectedError(wanted, statement, block, source, self)))
    // This command is expected to fail: nothing that it prints is shown.
    write = { _ in }
    try enter(block, in: source)
  }

  /// Judges the error that a command gave which was expected to be refused.
  ///
  /// - Returns: the error when it is of another kind, nil when it is the one.
  private mutating func judge(
    _ error: SessionError, _ expected: ExpectedError
  ) throws(SessionError) -> SessionError? {
    write = expected.write
    guard case .refused(let found) = error else { return error }
    takeBack(to: expected.state, expected.past)
    let said = ([found.message] + [found.expected, found.suggestion, found.remedy].compactMap { $0 })
      .joined(separator: "\n")
    guard let wanted = expected.part, !said.contains(wanted) else {
      emit(
        Report("", .init("error", .text(found.message))), of: subject(expected.statement, in: expected.source))
      return nil
    }
    throw .failed(
      expected.source.diagnostic(
        at: expected.statement.span, "the command was refused with another error",
        expected: "an error with `\(wanted)`", remedy: "found: \(found.message)"))
  }

  /// Takes back what a command did that should have been refused.
  private mutating func notRefused(_ expected: ExpectedError) -> SessionError {
    write = expected.write
    takeBack(to: expected.state, expected.past)
    return .failed(
      expected.source.diagnostic(at: expected.block.span, "the command was not refused", expected: "an error"))
  }
}
