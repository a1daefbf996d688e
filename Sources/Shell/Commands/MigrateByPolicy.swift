import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `migrate` without a destination, or without a process: the policies choose, and the report says what and why.
extension Commands {
  static func migrateByPolicy(
    _ session: inout Session, _ call: Invocation, withCoprocesses: Switch, from: Flag<NodeID>, _ isAsynchronous: Switch
  ) throws(SessionError) -> Report {
    var options = try Move.optionsForAny(call, usual: session.state.backing)
    options.withCoprocesses = call.has(withCoprocesses)
    let named = try call[Move.chosenProcess]
    try checkWhoChooses(named, session.state, call)
    let source: NodeID
    if let named {
      source = try self.source(of: named, at: call.span(of: Move.chosenProcess), call)
      try checkFamily(of: named, on: source, options, call)
      if call.has(from) {
        throw call.refuse(
          "`--from` is for `migrate` without a process", at: call.span(of: from), remedy: "leave it out")
      }
    } else {
      source = if let node = try call[from] { node } else { try mostLoaded(call) }
    }
    let before = session.state.world.migrations.all.count
    let facts = session.state.world.log.total
    session.state.world.apply(.request(.moveByPolicy(named?.id, options), of: source))
    guard let process = named?.id ?? selected(after: facts, session.state.world) else {
      let policy = session.state.world.policies.selection.name
      throw call.refuse(
        "`\(policy)` selects none of the processes on `\(session.state.world[source].name)`",
        expected: "a process that runs there, and that nothing moves yet",
        remedy: "name one, or another node with `--from`")
    }
    func isOver(_ world: borrowing World) -> Bool {
      world[source].standing(of: process)?.isSought != true
        && world.migrations.all.dropFirst(before).allSatisfy(\.isSettled)
    }
    if !call.has(isAsynchronous), !isOver(session.state.world) {
      let what = "the migration of \(session.state.world.name(of: process)) to end"
      try session.run(call, waitingFor: what, until: isOver)
    }
    let world = session.state.world
    let numbers = world.migrations.all.dropFirst(before).map(\.number)
    guard let first = numbers.first else { return stays(process, world) }
    if numbers.count == 1 { return try report(first, world, call) }
    var reports: [Report] = []
    for number in numbers { reports.append(try report(number, world, call)) }
    return Report([.reports(reports)])
  }

  /// Who leaves out what a policy would choose may have forgotten it, unless a policy has been set.
  private static func checkWhoChooses(
    _ named: ProcessDirectory.Record?, _ state: borrowing SessionState, _ call: Invocation
  ) throws(SessionError) {
    if named == nil, !state.hasSelection {
      throw call.refuse(
        "`migrate` needs a process, as in `migrate p1 b`", at: call.call.wordsSpan,
        remedy: "or set a policy that selects one: `policy selection oldest`")
    }
    guard !state.hasDestination else { return }
    throw call.refuse(
      "`migrate` needs a node to move to, as in `migrate p1 b`", at: call.call.wordsSpan,
      remedy: "or set a policy that selects one: `policy destination threshold`")
  }

  /// The node with the highest load, the first of several.
  private static func mostLoaded(_ call: Invocation) throws(SessionError) -> NodeID {
    let world = call.evaluator.world
    var best: (node: NodeID, load: Double)?
    for node in world.members {
      guard let load = world[node].loadReport?.load, load > best?.load ?? -1 else { continue }
      best = (node, load)
    }
    guard let best else {
      throw call.refuse("no node is up", remedy: "add one with `node add a`, or bring one back with `recover`")
    }
    return best.node
  }

  /// The process that a kernel has just selected.
  private static func selected(after facts: Int, _ world: any Cluster) -> ProcessID? {
    for entry in world.log.entries.reversed() {
      guard entry.number > facts else { return nil }
      if case .fact(.processChosen(let process, _)) = entry.event { return process }
    }
    return nil
  }

  /// No migration came of it.
  private static func stays(_ process: ProcessID, _ world: any Cluster) -> Report {
    let isSought = world.standing(of: process)?.isSought == true
    let choice = world.migrations.choice(for: process).map { ChoiceReport($0) }
    let sentence =
      isSought
      ? "a node is being looked for"
      : "stays on \(world.location(of: process).map { world.name(of: $0) } ?? "its node")"
    return Report(
      [.sentence("\(world.name(of: process)) \(isSought ? "moves: " : "")\(sentence)")]
        + (choice?.blocks(in: world) ?? [])
        + [
          .facts([
            .init("process", .process(process)), .init("status", .word("none")),
            .init("choice", choice?.datum ?? .value(.none)),
          ])
        ])
  }
}
