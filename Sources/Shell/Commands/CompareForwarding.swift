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
      moves to each NODE in turn, and is sent one message right after and one later. Then each node is made to fail in turn. \
      Without nodes: from the first by way of the others, with the sender on the last.
      """,
    examples: ["compare forwarding", "compare forwarding d a b c"], group: "Messages", copiesWorld: true,
    effect: .nothing, run: compareForwarding)

  private static func compareForwarding(
    _ session: inout Session, _ call: Invocation
  ) throws(SessionError) -> Report {
    let route = try route(call)
    let time = try call[Journey.wait] ?? usualWatchingTime
    let world = session.state.world
    let experiments = try session.runExperiment(call) { (experiment) throws(SessionError) in
      ForwardingMechanism.allCases.compactMap { ForwardingExperiment(world, $0, route, for: time, experiment) }
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
    typealias Delivery = ForwardingExperiment.Delivery
    let columns: [Column<ForwardingExperiment>] = [
      Column("MECHANISM", "mechanism") { .word($0.mechanism.name) },
      Column("MOVES>", "controlPackets") { .count($0.controlPackets) },
      Column("FIRST>") { .count($0.first.packets) }, Column(shown: "HOPS>") { $0.first.hopText },
      Column(shown: "DELAY>") { $0.first.delayText }, Column(data: "first") { .object($0.first.items) },
      Column("LATER>") { .count($0.later.packets) }, Column(shown: "HOPS>") { $0.later.hopText },
      Column(shown: "DELAY>") { $0.later.delayText }, Column(data: "later") { .object($0.later.items) },
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
      .table(Listing(experiments, columns)),
      .sentence(
        """
        MOVES: control packets of all moves   FIRST, LATER: packets to deliver one message right after the last move, and one
        more later, answers included   LEFT ON: nodes that keep something to find it by   CUT OFF BY: nodes, other than its
        own and the sender's, whose failure would keep a new sender's message from it
        """),
    ])
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
    guard let idle = BuiltInPrograms.all.first(where: { $0.program.name == "idle" })?.program else { return nil }
    var request = SpawnRequest(name: "migrant", program: idle, pages: 1, seed: 1)
    request.forwarding = mechanism
    guard let migrant = world.apply(.spawn(request, on: route.origin)).process,
      let sender = world.apply(
        .spawn(SpawnRequest(name: "sender", program: idle, pages: 1, seed: 1), on: route.sender)
      ).process
    else { return nil }
    _ = Self.send(from: sender, to: migrant, &world, for: time, experiment)
    for node in route.moves {
      guard let source = world.location(of: migrant) else { return nil }
      world.apply(.request(.migrate(migrant, to: node, TransferOptions(.totalFreezing)), of: source))
      guard experiment.run(&world, to: world.now + time) else { return nil }
      world.settleClock(at: world.now)
      if failedMove == nil, world.location(of: migrant) != node { failedMove = (source, node) }
    }
    controlPackets = world.migrations.all.reduce(0) {
      $0 + Int(world.traffic(of: $1.attempt).control.packets)
    }
    leftOn = world.forwardingNodes(of: migrant).filter { $0 != world.location(of: migrant) }
    let settled = world
    first = Self.send(from: sender, to: migrant, &world, for: time, experiment)
    later = Self.send(from: sender, to: migrant, &world, for: time, experiment)
    for node in settled.members where node != route.sender && node != settled.location(of: migrant) {
      var world = settled
      world.apply(.failNode(node))
      guard
        let stranger = world.apply(
          .spawn(SpawnRequest(name: "new", program: idle, pages: 1, seed: 1), on: route.sender)
        ).process
      else { continue }
      if Self.send(from: stranger, to: migrant, &world, for: time, experiment).hops == nil { cutOffBy.append(node) }
    }
  }

  private static func send(
    from sender: ProcessID, to receiver: ProcessID, _ world: inout World, for time: Nanoseconds,
    _ experiment: Experiment
  ) -> Delivery {
    guard let node = world.location(of: sender) else { return Delivery() }
    let before = world.packetsCarried
    world.apply(.request(.send(from: sender, to: receiver, text: "x", size: 0), of: node))
    let message = world.messages.all.last?.id
    let end = world.now + time
    experiment.run(&world, to: end)
    world.settleClock(at: end)
    guard let message, let record = world.messages[message], record.status == .delivered else {
      return Delivery(packets: Int(world.packetsCarried - before))
    }
    return Delivery(
      packets: Int(world.packetsCarried - before), hops: Int(record.hops), delay: record.delay)
  }
}
