import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// A command as it was called: its arguments evaluated, with errors that point at them.
struct Invocation {
  let call: CommandCall
  let source: SourceText
  let evaluator: Evaluator
  /// How much the session may use.
  let limits: Session.Limits
  private let programs: ProgramBook
  private let checkpoints: [String]

  private var world: any Cluster { evaluator.world }

  init(call: CommandCall, source: SourceText, session: borrowing Session) {
    self.call = call
    self.source = source
    evaluator = session.evaluator(source)
    limits = session.options.limits
    programs = session.state.programs
    checkpoints = session.past.checkpoints.map(\.name)
  }

  /// For arguments that belong to a statement and not to a command.
  init(arguments: [Argument], source: SourceText, session: borrowing Session) {
    let span = SourceSpan(start: arguments.first?.span.start ?? 0, end: arguments.last?.span.end ?? 0)
    let call = CommandCall(
      spec: CommandSpec(words: [], summary: ""), arguments: [arguments], flags: [], span: span, wordsSpan: span)
    self.init(call: call, source: source, session: session)
  }

  func refuse(
    _ message: String, at span: SourceSpan? = nil, expected: String? = nil, suggestion: String? = nil,
    remedy: String? = nil
  ) -> SessionError {
    .refused(
      source.diagnostic(
        at: span ?? call.span, message, expected: expected, suggestion: suggestion, remedy: remedy))
  }

  /// Stops the command after a Ctrl-C. A command that does many things asks this now and then.
  func stopIfInterrupted(_ session: borrowing Session, after done: Int, of all: Int) throws(SessionError) {
    session.meter?.note(items: done, of: all)
    guard !session.isInterrupted() else { throw session.interruption(at: call.span, in: source) }
  }

  // MARK: - Values

  /// What an argument stands for: a thing in the world when it is the name of one.
  func value(_ argument: Argument) throws(SessionError) -> Value {
    do throws(Diagnostic) {
      return try found(argument)
    } catch {
      throw .refused(error)
    }
  }

  private func found(_ argument: Argument) throws(Diagnostic) -> Value {
    switch argument {
    case .name(let name, _): return thing(named: name) ?? .word(name)
    case .string(let template): return .text(try evaluator.text(template))
    case .literal(let literal, _): return Value(literal)
    case .variable(let name, let span): return try evaluator.variable(name, at: span)
    case .expression(let expression, _): return try evaluator.evaluate(expression)
    case .pages(let first, _, _): return try found(first)
    case .assignment(_, let value, _): return try found(value)
    case .group(let parts, _):
      var values: [Value] = []
      for part in parts { values.append(try found(part)) }
      return .list(values)
    case .block(let block): throw source.diagnostic(at: block.span, "commands in braces cannot stand here")
    }
  }

  /// The value of an argument of a loop, or of a command of the user's own, for which a page range is a list of
  /// numbers.
  func loopValue(_ argument: Argument) throws(SessionError) -> Value {
    guard case .pages(let first, let last?, let span) = argument else { return try value(argument) }
    let most = ValueSize.list.elements
    guard case .integer(let low) = try value(first), case .integer(let high) = try value(last), low <= high,
      case (let above, false) = high.subtractingReportingOverflow(low), above < most
    else {
      throw refuse("this is not a range", at: span, expected: "a range such as 0..15, of at most \(most)")
    }
    return .list((low...high).map { .integer($0) })
  }

  private func thing(named name: String) -> Value? {
    if let node = world.node(named: name) { return .node(node) }
    return world.processes[name: name].map { .process($0.id) }
  }

  // MARK: - Things

  /// The name that an argument gives to something new.
  func newName(_ argument: Argument) throws(SessionError) -> String {
    let name = try word(argument)
    guard CommandTable.isName(name) else {
      throw refuse(
        "`\(name)` is not a name", at: argument.span,
        expected: "letters, digits and `_`, parts joined by `-`, a letter first")
    }
    guard !CommandTable.isReserved(name) else {
      throw refuse("`\(name)` is a word of the language", at: argument.span, remedy: "choose another name")
    }
    return name
  }

  /// A name that no node and no process has.
  func freeName(_ argument: Argument) throws(SessionError) -> String {
    let name = try newName(argument)
    guard !Fields.words.contains(name) else {
      throw refuse(
        "`\(name)` is a word that fields can have, such as `p1.state`", at: argument.span, remedy: "choose another name"
      )
    }
    if world.node(named: name) != nil {
      throw refuse("there is a node `\(name)` already", at: argument.span, remedy: "choose another name")
    }
    if let record = world.processes[name: name] {
      let past = record.fate == .alive ? "" : ", though it has ended"
      throw refuse("there is a process `\(name)` already\(past)", at: argument.span, remedy: "choose another name")
    }
    if let process = world.chronicle.reserver(of: name) {
      throw refuse(
        "the name `\(name)` is kept for what `\(process)` forks", at: argument.span, remedy: "choose another name")
    }
    return name
  }

  /// A bare word, or the text that stands for one.
  func word(_ argument: Argument) throws(SessionError) -> String {
    if case .name(let name, _) = argument { return name }
    switch try value(argument) {
    case .text(let text), .word(let text): return text
    case let value: return value.text(in: world)
    }
  }

  /// One of some words, bare or as the text that stands for one.
  func word(_ argument: Argument, of words: [String]) throws(SessionError) -> String {
    let word = try word(argument)
    guard words.contains(word) else {
      throw refuse(
        "`\(word)` is none of the words that can stand here", at: argument.span,
        expected: ParameterKind.word(words).description, suggestion: closest(to: word, among: words))
    }
    return word
  }

  func node(_ argument: Argument) throws(SessionError) -> NodeID {
    let name = try word(argument)
    if let node = world.node(named: name) { return node }
    let names = world.members.map { world[$0].name }
    let isProcess = world.processes[name: name] != nil
    throw refuse(
      isProcess ? "`\(name)` is a process, and a node is needed here" : "there is no node `\(name)`", at: argument.span,
      expected: names.isEmpty ? nil : "one of the nodes \(list(names))", suggestion: closest(to: name, among: names),
      remedy: names.isEmpty ? "add one with `node add \(CommandTable.isName(name) ? name : "a")`" : nil)
  }

  func upNode(_ argument: Argument) throws(SessionError) -> NodeID {
    let node = try node(argument)
    guard world[node].isUp else {
      let name = world[node].name
      throw refuse("node `\(name)` is down", at: argument.span, remedy: "`recover \(name)` brings it back, empty")
    }
    return node
  }

  func process(_ argument: Argument) throws(SessionError) -> ProcessDirectory.Record {
    let name = try word(argument)
    if let record = world.processes[name: name] { return record }
    let names = world.processes.all.map(\.name)
    let isNode = world.node(named: name) != nil
    throw refuse(
      isNode ? "`\(name)` is a node, and a process is needed here" : "there is no process `\(name)`", at: argument.span,
      expected: names.isEmpty ? nil : "one of the processes \(list(names))",
      suggestion: closest(to: name, among: names),
      remedy: names.isEmpty ? "create one with `spawn \(CommandTable.isName(name) ? name : "p1")`" : nil)
  }

  /// A process that has neither ended nor been lost.
  func liveProcess(_ argument: Argument) throws(SessionError) -> ProcessDirectory.Record {
    let record = try process(argument)
    switch record.fate {
    case .alive: return record
    case .ended(_, let time, let node):
      throw refuse(
        "process `\(record.name)` ended at \(formatTime(time)) on \(world[node].name)", at: argument.span,
        expected: "a process that has not ended")
    case .lost(let node, let time):
      throw refuse(
        "process `\(record.name)` was lost at \(formatTime(time)) \(lossText(of: record.id, becauseOf: node, world))",
        at: argument.span,
        expected: "a process that is not lost")
    }
  }

  /// The refusal to touch a process that is between two nodes, or is being moved.
  func refuseMoving(_ record: ProcessDirectory.Record, at span: SourceSpan?) -> SessionError {
    let remedy = cure(for: [record])
    guard case .inTransit(let source, let node) = record.owner else {
      return refuse("process `\(record.name)` is being migrated", at: span, remedy: remedy)
    }
    let (from, to) = (world[source].name, world[node].name)
    if !world[node].isUp {
      return refuse("process `\(record.name)` was committed to node `\(to)`, which is down", at: span, remedy: remedy)
    }
    guard world.state(of: record) == .inDoubt else {
      return refuse("process `\(record.name)` is being migrated", at: span, remedy: remedy)
    }
    return refuse(
      "process `\(record.name)` is in doubt: `\(from)` has committed it to `\(to)`, and the two cannot reach each other",
      at: span, remedy: remedy)
  }

  /// What ends the moves of some processes: nodes to recover and lines to heal, as far as they need any, and time.
  func cure(for records: [ProcessDirectory.Record]) -> String {
    var commands: [String] = []
    for record in records {
      guard case .inTransit(let source, let destination) = record.owner else { continue }
      for node in [source, destination] where !world[node].isUp { commands.append("`recover \(world[node].name)`") }
      if world.isCut(source, destination) {
        commands.append("`link heal \(world[source].name) \(world[destination].name)`")
      }
    }
    var known: Set<String> = []
    commands = commands.filter { known.insert($0).inserted }
    return commands.isEmpty
      ? "let time pass with `run` first" : "\(commands.joined(separator: " and ")), then let time pass with `run`"
  }

  func program(_ argument: Argument) throws(SessionError) -> String {
    let name = try word(argument)
    let programs = programs.names
    guard programs.contains(name) else {
      throw refuse(
        "there is no program `\(name)`", at: argument.span, expected: "one of the programs \(list(programs))",
        suggestion: closest(to: name, among: programs), remedy: "`program \(name) { … }` makes one")
    }
    return name
  }

  func checkpoint(_ argument: Argument) throws(SessionError) -> String {
    let name = try word(argument)
    guard checkpoints.contains(name) else {
      throw refuse(
        "there is no checkpoint `\(name)`", at: argument.span,
        expected: checkpoints.isEmpty ? nil : "one of \(list(checkpoints))",
        suggestion: closest(to: name, among: checkpoints), remedy: "`checkpoint \(name)` makes one")
    }
    return name
  }

  private func list(_ names: [String]) -> String {
    names.count <= 12 ? names.joined(separator: ", ") : names.prefix(12).joined(separator: ", ") + ", …"
  }

  // MARK: - Quantities

  func integer(_ argument: Argument, in range: ClosedRange<Int64>, _ what: String) throws(SessionError) -> Int64 {
    guard case .integer(let number) = try value(argument), range.contains(number) else {
      throw refuse(
        "this is not \(what)", at: argument.span,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number, whole or not; nil for anything else.
  func number(_ argument: Argument) throws(SessionError) -> Double? {
    switch try value(argument) {
    case .integer(let whole): Double(whole)
    case .decimal(let decimal): decimal
    default: nil
    }
  }

  func time(_ argument: Argument, in range: ClosedRange<Int64> = 0...Int64.max, _ what: String = "a time")
    throws(SessionError)
    -> Nanoseconds
  {
    Nanoseconds(try quantity(argument, .time, in: range, what, formatTime))
  }

  func size(_ argument: Argument, in range: ClosedRange<Int64>, _ what: String = "a size") throws(SessionError)
    -> UInt64
  {
    UInt64(try quantity(argument, .size, in: range, what, formatSize))
  }

  func rate(_ argument: Argument, in range: ClosedRange<Int64>, _ what: String = "a rate") throws(SessionError)
    -> UInt64
  {
    UInt64(try quantity(argument, .rate, in: range, what, formatRate))
  }

  private func quantity(
    _ argument: Argument, _ dimension: Dimension, in range: ClosedRange<Int64>, _ what: String,
    _ format: (UInt64) -> String
  ) throws(SessionError) -> Int64 {
    let value = try value(argument)
    guard case .quantity(let number, dimension) = value else {
      throw refuse("this is not \(what)", at: argument.span, expected: "\(dimension.description), with a unit")
    }
    guard range.contains(number) else {
      let low = format(UInt64(max(0, range.lowerBound)))
      let high = range.upperBound == .max ? "" : " and at most \(format(UInt64(range.upperBound)))"
      throw refuse("\(what) cannot be \(value.text(in: world))", at: argument.span, expected: "at least \(low)\(high)")
    }
    return number
  }
}
