import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `compare forwarding`: the same moves and messages under every mechanism, each on an empty copy of the cluster.
extension Commands {
  static let compareForwarding = Command(
    "compare forwarding",
    [Journey.sender, Journey.origin, Journey.moves], flags: [Journey.wait],
    summary: "the same moves and messages under every forwarding mechanism, side by side",
    details: """
      On the nodes and lines that there are, without their processes: a process created on ORIGIN talks to one on SENDER, \
      and moves to each NODE in turn. About the last move four messages are measured: one of kind 1, one of kind 2, one \
      that is sent at the instant at which the move completes, and one later. Then each node is made to fail in turn. \
      Without nodes: from the first by way of the others, with the sender on the last.
      """,
    examples: ["compare forwarding", "compare forwarding d a b c --for 2s"], preparation: "node add a b c d",
    data: .rows(comparedForwarding), group: "Messages",
    copiesWorld: true,
    effect: .nothing, run: compareForwarding)

  private static let comparedForwarding: [DataShape.Member] = [
    .init("mechanism", .word(ForwardingMechanism.allCases.map(\.name)), "how messages find the process"),
    .init("controlPackets", .count, "control packets of all moves"),
    .init("first", .shared(delivery), "a message sent when the last move completes"),
    .init("later", .shared(delivery), "one more"),
    .init("leftOn", .list(.node), "nodes that keep something to find it by"),
    .init("cutOffBy", .list(.node), "nodes whose failure would keep a new sender's message from it"),
    .init("failedMove", .optional(.list(.node)), "from where to where the first move failed; null when none did"),
    .init("kind1", .optional(.shared(delivery)), "a message of kind 1; null when none can be"),
    .init("kind2", .optional(.shared(delivery)), "a message of kind 2; null when none can be"),
  ]
  private static let delivery = SharedShape(
    "Delivery", "what it took to deliver one message",
    .object([
      .init("packets", .count, "packets, answers included"),
      .init("hops", .optional(.count), "steps from one kernel to another; null when it was not delivered in time"),
      .init("delay", .optional(.time), "how long it was on its way; null when it was not delivered in time"),
    ]))

  private static func compareForwarding(
    _ session: inout Session, _ call: Invocation
  ) throws(SessionError) -> Report {
    let route = try route(call)
    let time = try call[Journey.wait] ?? usualWatchingTime
    let world = session.state.world
    let mechanisms = ForwardingMechanism.allCases
    let experiments = try session.runExperiment(call, copies: mechanisms.count) { (experiment) throws(SessionError) in
      mechanisms.compactMap { mechanism in
        experiment.beginCopy()
        return ForwardingExperiment(world, mechanism, route, for: time, experiment)
      }
    }
    return report(experiments, route, world)
  }

  private static func route(_ call: Invocation) throws(SessionError) -> ForwardingExperiment.Route {
    let world = call.evaluator.world
    guard call.span(of: Journey.sender) != nil else {
      let up = world.members.filter { world[$0].isUp }
      guard up.count >= 3 else {
        throw call.refuse(
          "this takes at least three nodes that are up", remedy: "add some with `node add`")
      }
      return ForwardingExperiment.Route(sender: up[up.count - 1], origin: up[0], moves: Array(up[1..<up.count - 1]))
    }
    guard let origin = try call[Journey.origin] else {
      throw call.refuse("ORIGIN is missing", expected: CommandTable().usage(call.call.spec))
    }
    var moves: [NodeID] = []
    for given in call[Journey.moves] {
      let node = try given.value
      guard node != moves.last ?? origin else {
        throw call.refuse("the process would be on `\(world[node].name)` already", at: given.span)
      }
      moves.append(node)
    }
    guard !moves.isEmpty else {
      throw call.refuse("nowhere to move to", at: call.call.span, expected: "nodes: `compare forwarding d a b c`")
    }
    // Arguments fill parameters from left to right: who names an origin has also named a sender.
    return ForwardingExperiment.Route(sender: try call[Journey.sender] ?? origin, origin: origin, moves: moves)
  }

  private static func report(
    _ experiments: [ForwardingExperiment], _ route: ForwardingExperiment.Route, _ world: any Cluster
  ) -> Report {
    @Sendable func names(_ nodes: [NodeID]) -> String { nodes.map { world.name(of: $0) }.joined(separator: " ") }
    @Sendable func list(_ nodes: [NodeID]) -> Value { .list(nodes.map { .node($0) }) }
    let mechanism = Column<ForwardingExperiment>("MECHANISM", "mechanism") { .word($0.mechanism.name) }
    let kinds = message("KIND 1>", "kind1") { $0.kind1 } + message("KIND 2>", "kind2") { $0.kind2 }
    let columns: [Column<ForwardingExperiment>] =
      [mechanism, Column("MOVES>", "controlPackets") { .count($0.controlPackets) }]
      + message("FIRST>", "first") { $0.first } + message("LATER>", "later") { $0.later }
      + [
        Column("LEFT ON", "leftOn", { list($0.leftOn) }, shown: { names($0.leftOn) }),
        Column("CUT OFF BY", "cutOffBy", { list($0.cutOffBy) }, shown: { names($0.cutOffBy) }),
        Column(nil, "failedMove") { .optional($0.failedMove) { list([$0.from, $0.to]) } },
      ]
    let failures = experiments.compactMap { experiment in
      experiment.failedMove.map {
        "\(experiment.mechanism.name): the move from \(names([$0.from])) to \(names([$0.to])) failed\n"
      }
    }
    let way = names([route.origin] + route.moves).split(separator: " ").joined(separator: " to ")
    return Report([
      .sentence(
        "a process moves from \(way); messages come from \(world.name(of: route.sender))\n" + failures.joined()),
      .table(Listing(experiments, [mechanism] + kinds, data: { columns + kinds })),
      .table(Listing(experiments, columns)),
      .sentence(
        """
        KIND 1, KIND 2, FIRST, LATER: packets to deliver one message, answers included. The first two meet the last move and
        are of that kind (-: none can be); FIRST is sent at the instant at which the move completes, LATER after that
        MOVES: control packets of all moves   LEFT ON: nodes that keep something to find it by   CUT OFF BY: nodes, other
        than its own and the sender's, whose failure would keep a new sender's message from it
        """),
    ])
  }

  /// The columns of one message that was measured.
  private static func message(
    _ title: String, _ name: String,
    _ read: @escaping @Sendable (ForwardingExperiment) -> ForwardingExperiment.Delivery?
  ) -> [Column<ForwardingExperiment>] {
    [
      Column(shown: title) { read($0).map { "\($0.packets)" } ?? "-" },
      Column(shown: "HOPS>") { read($0)?.hopText ?? "" }, Column(shown: "DELAY>") { read($0)?.delayText ?? "" },
      Column(data: name) { read($0).map { .object($0.items) } ?? .value(.none) },
    ]
  }
}

/// The way that the process goes.
private enum Journey {
  static let sender = OptionalParameter("SENDER", .upNode)
  static let origin = OptionalParameter("ORIGIN", .upNode)
  static let moves = RepeatedParameter("NODE", .upNode, mayBeAbsent: true)
  static let wait = Flag("for", .watchingTime, "how long each message is waited for (10 s)")
}

/// The moves and messages under one mechanism, on a copy of the cluster.
struct ForwardingExperiment {
  struct Route {
    let sender: NodeID
    let origin: NodeID
    let moves: [NodeID]
  }

  /// What it took to deliver one message.
  struct Delivery {
    var packets = 0
    /// Nil when it was not delivered in time.
    var hops: Int?
    var delay: Nanoseconds?

    var hopText: String { hops.map { "\($0)" } ?? "never" }
    var delayText: String { delay.map(formatTime) ?? "" }

    var items: [Report.Item] {
      [
        .init("packets", .count(packets)), .init("hops", .optional(hops) { .count($0) }),
        .init("delay", .optional(delay, Value.time)),
      ]
    }
  }

  let mechanism: ForwardingMechanism
  /// Packets of the moves that carried neither pages nor process state. Those that tell others the new location are
  /// included.
  private(set) var controlPackets = 0
  /// The first move after which the process was not at its destination.
  private(set) var failedMove: (from: NodeID, to: NodeID)?
  /// Messages that were of that kind in the last move; nil where none was, though it was sent so that it could be.
  private(set) var kind1: Delivery?
  private(set) var kind2: Delivery?
  /// A message that left at the instant at which the last move completed, and one more.
  private(set) var first = Delivery()
  private(set) var later = Delivery()
  private(set) var leftOn: [NodeID] = []
  private(set) var cutOffBy: [NodeID] = []

  /// Nil when the experiment was stopped.
  init?(
    _ cluster: World, _ mechanism: ForwardingMechanism, _ route: Route, for time: Nanoseconds, _ experiment: Experiment
  ) {
    self.mechanism = mechanism
    var world = cluster.withoutProcesses
    guard let moves = ForwardingMoves(mechanism, route, &world, for: time, experiment) else { return nil }
    _ = moves.send(&world)
    for node in route.moves.dropLast() {
      moves.move(to: node, &world)
      moves.pass(time, &world)
      note(world, moves, node)
    }
    guard let last = route.moves.last else { return nil }
    let before = world
    moves.move(to: last, &world)
    moves.pass(time, &world)
    note(world, moves, last)
    guard experiment.stop == nil else { return nil }
    controlPackets = world.migrations.all.reduce(0) {
      $0 + Int(world.traffic(of: $1.attempt).control.packets)
    }
    leftOn = world.forwardingNodes(of: moves.migrant).filter { $0 != world.location(of: moves.migrant) }
    var settled = world
    if let record = world.migrations.all.last, let completedAt = record.endedAt, record.status == .completed {
      (kind1, kind2) = moves.measureKinds(record, to: last, before)
      settled = before
      moves.move(to: last, &settled)
      moves.pass(completedAt - before.now, &settled)
    }
    first = moves.send(&settled)
    later = moves.send(&settled)
    cutOffBy = moves.failuresThatCutOff(world)
    guard experiment.stop == nil else { return nil }
  }

  private mutating func note(_ world: World, _ moves: ForwardingMoves, _ node: NodeID) {
    guard failedMove == nil, world.location(of: moves.migrant) != node, let record = world.migrations.all.last else {
      return
    }
    failedMove = (record.source, node)
  }
}

/// A process that moves, and one that sends to it.
private struct ForwardingMoves {
  typealias Delivery = ForwardingExperiment.Delivery

  let migrant: ProcessID
  private let sender: ProcessID
  private let home: NodeID
  private let time: Nanoseconds
  private let experiment: Experiment
  private let idle: StepProgram

  init?(
    _ mechanism: ForwardingMechanism, _ route: ForwardingExperiment.Route, _ world: inout World, for time: Nanoseconds,
    _ experiment: Experiment
  ) {
    guard let idle = BuiltInPrograms.byName["idle"]?.program else { return nil }
    var request = SpawnRequest(name: "migrant", program: idle, pages: 1, seed: 1)
    request.forwarding = mechanism
    guard let migrant = world.apply(.spawn(request, on: route.origin)).process,
      let sender = world.apply(
        .spawn(SpawnRequest(name: "sender", program: idle, pages: 1, seed: 1), on: route.sender)
      ).process
    else { return nil }
    (self.migrant, self.sender, home) = (migrant, sender, route.sender)
    (self.time, self.experiment, self.idle) = (time, experiment, idle)
  }

  func move(to node: NodeID, _ world: inout World) {
    guard let source = world.location(of: migrant) else { return }
    world.apply(.request(.migrate(migrant, to: node, TransferOptions(.totalFreezing)), of: source))
  }

  /// Lets time pass, also when nothing happens in it.
  func pass(_ time: Nanoseconds, _ world: inout World) {
    let end = world.now + time
    experiment.run(&world, to: end)
    world.settleClock(at: end)
  }

  // MARK: - Messages

  /// Sends a message, and lets time pass until it should have arrived.
  func send(_ world: inout World) -> Delivery {
    var without = world
    pass(time, &without)
    let message = dispatch(from: sender, &world)
    pass(time, &world)
    return delivery(of: message, world, without)
  }

  private func dispatch(from sender: ProcessID, _ world: inout World) -> MessageID? {
    guard let node = world.location(of: sender) else { return nil }
    world.apply(.request(.send(from: sender, to: migrant, text: "x", size: 0), of: node))
    return world.messages.all.last?.id
  }

  /// - Parameter without: the same world without the message: what more was carried is for the message.
  private func delivery(of message: MessageID?, _ world: World, _ without: World) -> Delivery {
    var delivery = Delivery(packets: Int(world.packetsCarried) - Int(without.packetsCarried))
    if let message, let record = world.messages[message], record.status == .delivered {
      (delivery.hops, delivery.delay) = (Int(record.hops), record.delay)
    }
    return delivery
  }

  /// Sends a message so that it reaches the source while the process stands still (kind 1), and one so that it does soon
  /// after the process runs at its destination (kind 2).
  ///
  /// - Parameters:
  ///   - record: how the last move went, when it began at once.
  ///   - settled: the world before that move. First a message teaches the sender's kernel where the process is.
  func measureKinds(
    _ record: MigrationRecord, to node: NodeID, _ settled: World
  ) -> (first: Delivery?, second: Delivery?) {
    var before = settled
    _ = send(&before)
    let shift = before.now - settled.now
    var probe = before
    guard let delay = send(&probe).delay, let frozen = record.frozenAt, let activated = record.activatedAt,
      let completed = record.endedAt
    else {
      return (nil, nil)
    }
    let (frozenAt, activatedAt, completedAt) = (frozen + shift, activated + shift, completed + shift)
    let travel = min(delay, activatedAt - frozenAt) / 2
    // The move begins so much later that a message can leave before it.
    let start = before.now + delay
    var without = before
    pass(delay, &without)
    move(to: node, &without)
    pass(2 * time, &without)
    func measure(_ kind: MessageKind, arrivingAt arrival: Nanoseconds) -> Delivery? {
      var world = before
      let departure = arrival - before.now
      var message: MessageID?
      if departure < delay {
        pass(departure, &world)
        message = dispatch(from: sender, &world)
        pass(start - world.now, &world)
        move(to: node, &world)
      } else {
        pass(delay, &world)
        move(to: node, &world)
        pass(departure - delay, &world)
        message = dispatch(from: sender, &world)
      }
      pass(without.now - world.now, &world)
      guard let message, let steps = world.messages[message]?.steps, steps.contains(where: { $0.fact.kind == kind })
      else { return nil }
      return delivery(of: message, world, without)
    }
    // The source has heard that the process runs there, if a message can be so long on its way.
    let usual = min(completedAt + 1000, activatedAt + delay - 1)
    let second = measure(.second, arrivingAt: usual) ?? measure(.second, arrivingAt: activatedAt + 1000)
    return (measure(.first, arrivingAt: frozenAt + travel), second)
  }

  // MARK: - Failures

  /// The nodes, other than those of the two processes, without which a new sender does not reach the migrant.
  func failuresThatCutOff(_ settled: World) -> [NodeID] {
    settled.members.filter { node in
      guard node != home, node != settled.location(of: migrant) else { return false }
      var world = settled
      world.apply(.failNode(node))
      let request = SpawnRequest(name: "new", program: idle, pages: 1, seed: 1)
      guard let stranger = world.apply(.spawn(request, on: home)).process else { return false }
      let message = dispatch(from: stranger, &world)
      pass(time, &world)
      return message.flatMap { world.messages[$0]?.status } != .delivered
    }
  }
}
