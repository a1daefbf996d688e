import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `why`: what a process depends on, and what each node's failure would do to it, found by trying it on copies of the
/// world.
extension Commands {
  static let why = Command(
    "why", [explainedProcess],
    flags: [watchingTime],
    summary: "what a process depends on, and what each node's failure would do to it",
    details: """
      Each node is made to fail on a copy of the world; then every process that talks to P sends it a message, and so does \
      one that has never heard of it. If the terminal of P was there, the node comes back after that, to see what has \
      become of what P printed. The world itself stays as it is.
      """,
    examples: ["why p1", "why p1 --for 70s"],
    preparation: "node add a b; spawn p1; run 20ms; migrate p1 b --on-reference", data: .object(explained),
    group: "Migration", copiesWorld: true,
    effect: .nothing, run: explain)

  private static let explained: [DataShape.Member] = [
    .init("process", .process, "whom it is about"), .init("node", .node, "where that is"),
    .init("forwarding", .word(ForwardingMechanism.allCases.map(\.name)), "how messages find it"),
    .init("dependsOn", .list(.node), "nodes, other than its own, that it needs"),
    .init("failures", .rows(failure), "what the failure of each node would do"),
    .init("asItIs", .optional(.object(failure)), "what comes without a failure; null when that is not known"),
  ]
  private static let failure: [DataShape.Member] = [
    .init("node", .optional(.node), "the node that fails; null when none does"),
    .init("outcome", .word(["lost", "ended", "runs"]), "what becomes of the process"),
    .init("reachedBy", .list(.text), "who reaches it"), .init("cutOffFrom", .list(.text), "who does not"),
    .init("printed", .optional(.count), "lines printed meanwhile; null when its terminal is elsewhere"),
    .init("waitsToPrint", .optional(.boolean), "whether it waits for its terminal; null with `printed`"),
    .init("linesLost", .optional(.count), "lines lost when the node comes back; null with `printed`"),
  ]

  private static let explainedProcess = Parameter("P", .liveProcess)
  private static let watchingTime = Flag("for", .watchingTime, "how long each failure is watched (10 s)")

  private static func explain(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let record = try call[explainedProcess]
    let time = try call[watchingTime] ?? usualWatchingTime
    let world = session.state.world
    guard let own = world.location(of: record.id) else {
      throw call.refuseMoving(record, at: call.span(of: explainedProcess))
    }
    let failing = [nil] + world.members.filter { world[$0].isUp }
    let experiments = try session.runExperiment(call, copies: failing.count) { (experiment) throws(SessionError) in
      failing.compactMap { node in
        experiment.beginCopy()
        return FailureExperiment(world, record.id, failing: node, for: time, experiment)
      }
    }
    return report(record, on: own, experiments, world)
  }

  private static func report(
    _ record: ProcessDirectory.Record, on own: NodeID, _ experiments: [FailureExperiment], _ world: any Cluster
  ) -> Report {
    var lines = ["\(record.name) is on \(world.name(of: own)); messages find it by \(record.id.forwarding.name)"]
    for holder in world.view(of: record.id)?.holdings ?? [] {
      lines.append("it needs \(counted(holder.pageCount, "page")) from \(world.name(of: holder.node))")
    }
    if let origin = world.terminalElsewhere(of: record.id) {
      let view = world.view(of: record.id)
      let uses =
        [view?.prints == true ? "prints at its terminal" : nil, view?.usesFiles == true ? "uses files" : nil]
        .compactMap { $0 }
      lines.append("it \(uses.joined(separator: " and ")), on \(world.name(of: origin))")
    }
    for correspondent in world.correspondents(of: record.id) {
      let place = correspondent.location.map { "at \(world.name(of: $0.node))" } ?? "by way of its origin"
      lines.append("it talks to \(world.name(of: correspondent.process)), \(place)")
    }
    let family = world.coprocesses(of: record.id).map { world.name(of: $0) }
    if !family.isEmpty { lines.append("its coprocesses are \(family.joined(separator: ", "))") }
    let rows = experiments.compactMap { failure -> Report.Item? in
      guard let node = failure.node else {
        return failure.isWell ? nil : .init(label: "if nothing failed", failure.text(world))
      }
      return .init(label: "if \(world.name(of: node)) failed", failure.text(world))
    }
    let asItIs = experiments.first { $0.node == nil }
    return Report([
      .sentence(lines.joined(separator: "\n")), .facts(rows),
      .facts([
        .init("process", .process(record.id)), .init("node", .node(own)),
        .init("forwarding", .word(record.id.forwarding.name)),
        .init("dependsOn", .list(world.residualDependencies(of: record.id).map { .node($0) })),
        .init("failures", .list(experiments.filter { $0.node != nil }.map { .object($0.items(world)) })),
        .init("asItIs", asItIs.map { .object($0.items(world)) } ?? .value(.none)),
      ]),
    ])
  }
}

/// Makes one node fail on a copy of the world, or none, and records what becomes of a process and of messages to it.
struct FailureExperiment {
  enum Outcome: String {
    case lost, ended, runs
  }

  /// The node that was made to fail; nil for the experiment without a failure, which shows how things are now.
  let node: NodeID?
  private(set) var outcome = Outcome.runs
  /// What becomes of the lines that a process prints while the node of its terminal is down.
  struct Output {
    /// Lines that it printed meanwhile.
    let printed: Int
    /// It waits for its terminal, since no more lines are kept.
    let waits: Bool
    /// Lines that were lost when the node came back.
    let lost: Int
  }

  /// Nil when its terminal is not on the node that was made to fail.
  private(set) var output: Output?
  /// The senders whose message reached the process.
  private(set) var reachedBy: [ProcessID] = []
  /// The senders whose message did not.
  private(set) var cutOffFrom: [ProcessID] = []
  /// The sender that had never heard of the process.
  private let stranger: ProcessID?

  /// Nil when the experiment was stopped.
  init?(
    _ world: World, _ process: ProcessID, failing node: NodeID?, for time: Nanoseconds, _ experiment: Experiment
  ) {
    self.node = node
    var world = world
    let own = world.location(of: process)
    let linesBefore = world.terminalElsewhere(of: process) == node ? world.processes[process]?.lines : nil
    if let node { world.apply(.failNode(node)) }
    let correspondents = world.correspondents(of: process).map(\.process).filter { world.processes[$0]?.fate == .alive }
    stranger = Self.stranger(to: process, in: &world, away: own)
    var probes: [(sender: ProcessID, message: MessageID)] = []
    if world.processes[process]?.fate == .alive {
      for sender in correspondents + [stranger].compactMap(\.self) {
        guard let home = world.location(of: sender) else { continue }
        let before = world.messages.accepted
        world.apply(.request(.send(from: sender, to: process, text: "", size: 0), of: home))
        guard world.messages.accepted > before, let message = world.messages.all.last else { continue }
        world.apply(.watch(message.id))
        probes.append((sender, message.id))
      }
    }
    guard experiment.run(&world, to: world.now + time) else { return nil }
    switch world.processes[process]?.fate {
    case .alive: outcome = .runs
    case .ended: outcome = .ended
    case .lost, nil: outcome = .lost
    }
    for (sender, message) in probes {
      if world.messages.isDelivered(message) { reachedBy.append(sender) } else { cutOffFrom.append(sender) }
    }
    if let node, let linesBefore {
      output = Self.output(of: process, since: linesBefore, recovering: node, &world, for: time, experiment)
    }
  }

  /// Brings the node of a terminal back, and records what comes of what was printed meanwhile.
  private static func output(
    of process: ProcessID, since before: ProcessDirectory.Lines, recovering node: NodeID, _ world: inout World,
    for time: Nanoseconds, _ experiment: Experiment
  ) -> Output? {
    let printed = (world.processes[process]?.lines.printed ?? 0) - before.printed
    let waits = world.view(of: process)?.threads.contains { $0.waitsForOrigin } ?? false
    world.apply(.recoverNode(node))
    guard experiment.run(&world, to: world.now + time) else { return nil }
    let lost = (world.processes[process]?.lines.lost ?? 0) - before.lost
    return Output(printed: printed, waits: waits, lost: lost)
  }

  /// Creates a process that knows nobody: if possible on another node, whose kernel does not know where `process` is
  /// either.
  private static func stranger(to process: ProcessID, in world: inout World, away own: NodeID?) -> ProcessID? {
    let up = world.members.filter { world[$0].isUp }
    let others = up.filter { $0 != own }
    let ignorant = others.first { world[$0].knownLocation(of: process) == nil }
    guard let home = ignorant ?? others.first ?? up.first else { return nil }
    let program = BuiltInPrograms.byName["idle"]?.program
    guard let program else { return nil }
    return world.apply(.spawn(SpawnRequest(name: "stranger", program: program, pages: 1, seed: 1), on: home)).process
  }

  func name(of process: ProcessID, _ world: any Cluster) -> String {
    process == stranger ? "a stranger" : world.name(of: process)
  }

  /// Whether the process goes on and every sender reached it.
  var isWell: Bool { outcome == .runs && cutOffFrom.isEmpty }

  /// The experiment as data. Only the copy of the world knows the stranger.
  func items(_ world: any Cluster) -> [Report.Item] {
    [
      .init("node", .optional(node, Value.node)), .init("outcome", .word(outcome.rawValue)),
      .init("reachedBy", .texts(reachedBy.map { name(of: $0, world) })),
      .init("cutOffFrom", .texts(cutOffFrom.map { name(of: $0, world) })),
      .init("printed", .optional(output) { .count($0.printed) }),
      .init("waitsToPrint", .optional(output) { .boolean($0.waits) }),
      .init("linesLost", .optional(output) { .count($0.lost) }),
    ]
  }

  func text(_ world: any Cluster) -> String { fateText(world) + outputText(world) }

  private func outputText(_ world: any Cluster) -> String {
    guard let node, let output, outcome != .lost else { return "" }
    let lines = counted(output.printed, "line")
    let name = world.name(of: node)
    if output.printed == 0 { return "; it would print nothing meanwhile" }
    let beginning =
      output.waits
      ? "; it would print \(lines), and then wait for its terminal; " : "; of \(lines) that it printed meanwhile, "
    if output.lost == 0 { return "\(beginning)all would appear when \(name) came back" }
    let lost = output.lost >= output.printed ? "all" : "\(output.lost)"
    return "\(beginning)\(lost) would be lost, also if \(name) came back"
  }

  private func fateText(_ world: any Cluster) -> String {
    switch outcome {
    case .lost: return "it would be lost"
    case .ended: return "it would come to its end meanwhile"
    case .runs:
      let cut = cutOffFrom.map { name(of: $0, world) }
      if cut.isEmpty { return "it would go on, and be reached" }
      if reachedBy.isEmpty { return "it would go on, but nobody could reach it" }
      return "it would go on, but could not be reached by \(cut.joined(separator: ", "))"
    }
  }
}
