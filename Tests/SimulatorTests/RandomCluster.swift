import Chronicle
import MigrationKernel

@testable import Simulator

/// A cluster and families of processes on it, all from one seed.
struct RandomCluster {
  var world: World
  var random: Generator
  /// Every process that was spawned, children before their parents.
  private(set) var processes: [ProcessID] = []
  /// The spawned processes that receive for ever.
  private(set) var listeners: [ProcessID] = []
  /// Of the family that is being made.
  private var founder: ProcessID?
  private let isSmall: Bool
  /// Policies choose where processes begin.
  private let isPlaced: Bool
  /// Whether lines fail, too, when the cluster is disturbed.
  var cutsLines = false

  /// - Parameters:
  ///   - seesTime: programs can tell the timing of others.
  ///   - evenSpeed: all nodes have cores of the same speed.
  ///   - isSmall: one family, of a parent and its children, with little to do each, on lines that are not slow.
  ///   - policies: what all nodes go by; if given, they choose where processes begin.
  init(seed: UInt64, seesTime: Bool, evenSpeed: Bool = false, isSmall: Bool = false, policies: Policies? = nil) {
    self.isSmall = isSmall
    isPlaced = policies != nil
    world = World(seed: seed)
    world.invariants = Invariants()
    world.keepsDigest = true
    random = Generator(seed: seed &* 0x9E37_79B9)
    var line = Line()
    line.latency = random.pick([0, 1, 50_000, 1_000_000] + (isSmall ? [] : [20_000_000])) ?? 0
    line.bandwidth = random.pick((isSmall ? [] : [10_000_000]) + [100_000_000, 1_000_000_000]) ?? 1
    if draw(4) == 0 {
      // When more is lost, segments wait for longer than kernels look for a process.
      line.loss = random.pick([0.001, 0.05, 0.2]) ?? 0
      line.jitter = random.pick([0, 100_000, 30_000_000]) ?? 0
    }
    world.setNetwork(line)
    for number in 0..<(2 + draw(4)) {
      var settings = NodeSettings()
      settings.cores = Int(1 + draw(3))
      settings.speed = evenSpeed ? 1000 : random.pick([1000, 700, 2500, 333]) ?? 1
      settings.quantum = random.pick([10_000_000, 1_000_000, 137_000]) ?? 1
      world.addNode(named: "n\(number)", settings)
    }
    if draw(2) == 0 {
      var other = line
      other.latency = random.pick([0, 3_000, 7_000_000]) ?? 0
      world.setLine(NodeID(0), NodeID(1), other)
    }
    if let policies { world.apply(.setPolicies(policies)) }
    for family in 0..<(isSmall ? 1 : 1 + draw(2)) {
      let home = draw(6) == 0 ? anyNode() : nil
      _ = spawn("f\(family)", handles: [], depth: 0, seesTime: seesTime, inseparableOn: home)
    }
  }

  /// A random number below `bound`.
  mutating func draw(_ bound: UInt64) -> UInt64 { random.next(below: bound) }

  mutating func anyNode() -> NodeID { NodeID(UInt32(draw(UInt64(world.nodes.count)))) }

  /// - Parameter home: the node of an inseparable family; nil for another family, whose members may be on any nodes.
  private mutating func spawn(
    _ name: String, handles: [RandomProgram.Interaction], depth: Int, seesTime: Bool, inseparableOn home: NodeID?
  ) -> RegisterValue {
    var environment: [String: RegisterValue] = [:]
    var queues: [[RandomProgram.Interaction]] = []
    for child in 0..<(depth < (isSmall ? 1 : 2) ? Int(1 + draw(2)) : 0) {
      let queue: [RandomProgram.Interaction] = (0..<(1 + draw(isSmall ? 2 : 4))).map { _ in
        draw(2) == 0 ? .call : .stream(1 + draw(isSmall ? 2 : 5))
      }
      queues.append(queue)
      environment["c\(child)"] = spawn(
        "\(name).\(child)", handles: queue, depth: depth + 1, seesTime: seesTime, inseparableOn: home)
    }
    for place in 0..<2 {
      let anyone = random.pick(processes)
      environment["p\(place)"] = anyone.map { .process($0, name: "other") }
      if queues.count <= place { environment["c\(place)"] = anyone.map { .process($0, name: "other") } }
    }
    let pages = Int(1 + draw(40))
    let program = RandomProgram.make(
      name, random: &random, pages: pages, seesTime: seesTime, longestLoop: isSmall ? 3 : 15, handles: handles,
      children: queues)
    var request = SpawnRequest(
      name: name, program: program, pages: pages, threads: seesTime && draw(4) == 0 ? 3 : 1, environment: environment,
      seed: random.next())
    request.forwarding = random.pick(ForwardingMechanism.allCases + [.originSite]) ?? .linkTraversal
    request.communication = draw(5) == 0 ? .home : .direct
    request.isInseparable = home != nil
    request.isPlaced = isPlaced
    request.family = home == nil ? nil : founder
    let id = world.spawn(request, on: home ?? anyNode())
    if let id { processes.append(id) }
    // Children come before their parents, so the last descendant founds the family.
    founder = depth == 0 ? nil : founder ?? id
    return id.map { .process($0, name: name) } ?? .none
  }

  /// Adds processes that receive for ever, on any node.
  mutating func addListeners(_ count: Int) {
    for number in 0..<count {
      var request = SpawnRequest(
        name: "l\(number)", program: ForwardingTests.sink, pages: Int(1 + draw(8)), seed: random.next())
      request.forwarding = random.pick(ForwardingMechanism.allCases + [.originSite]) ?? .linkTraversal
      request.communication = draw(5) == 0 ? .home : .direct
      guard let listener = world.spawn(request, on: anyNode()) else { continue }
      listeners.append(listener)
      processes.append(listener)
    }
  }

  /// Plans moves of the listeners, and messages from any process to them, in the time to come.
  mutating func planTraffic(within span: Nanoseconds) {
    for listener in listeners { planMoves(8, of: listener, within: span) }
    planMessages(100, within: span)
  }

  /// Plans messages from any process to the listeners, in the time to come.
  mutating func planMessages(_ count: Int, within span: Nanoseconds) {
    for _ in 0..<count {
      guard let from = random.pick(processes), let to = random.pick(listeners) else { return }
      let time = world.now + draw(span)
      world.ask(about: from, .send(from: from, to: to, text: "told", size: UInt32(draw(3000))), at: time)
    }
  }

  /// Plans moves of a process, any unless it is said, to any node, in the time to come.
  mutating func planMoves(_ count: Int, of process: ProcessID? = nil, within span: Nanoseconds) {
    for _ in 0..<count {
      guard let process = process ?? random.pick(processes) else { return }
      let time = world.now + draw(span)
      world.ask(about: process, .migrate(process, to: anyNode(), anyTransfer()), at: time)
    }
  }

  /// Plans that moves are called off, should any be under way then.
  mutating func planCancellations(_ count: Int, within span: Nanoseconds) {
    for _ in 0..<count {
      guard let process = random.pick(processes) else { return }
      world.ask(about: process, .cancelMigration(process), at: world.now + draw(span))
    }
  }

  /// A mechanism with some of its options.
  mutating func anyTransfer() -> TransferOptions {
    var options = TransferOptions(
      random.pick(
        [.totalFreezing, .preTransfer, .preTransfer, .preTransfer, .onReference, .hybrid, .flushing, .flushing])
        ?? .totalFreezing)
    if draw(3) == 0 { options.marksZeros = true }
    options.withCoprocesses = draw(3) == 0
    if draw(3) == 0 { options.bandwidth = random.pick([1_000_000, 20_000_000, 5_000_000_000]) }
    if options.mechanism == .flushing, draw(2) == 0 { options.backing = anyNode() }
    if options.mechanism.isOnDemand {
      options.prefetch = Int(1 + draw(20))
      options.pushes = draw(2) == 0
    }
    guard options.mechanism.hasRounds else { return options }
    if draw(3) == 0 { options.maxRounds = Int(1 + draw(4)) }
    if draw(3) == 0 { options.downtime = draw(30_000_000) }
    options.throttles = draw(3) == 0
    options.sendsDeltas = draw(3) == 0
    return options
  }
}

extension World {
  /// Everything that can be seen of every process, in words.
  var portrait: [String] {
    processes.all.map { record in
      var words = "\(record.name) \(record.owner) \(record.fate) \(record.output.map(\.text))"
      if let summary = record.summary { words += " \(summary)" }
      if let process = process(record.id) {
        words += " \(process.state) \(process.space.digest) \(process.receivedDigest) \(process.cpuTime)"
        words += " \(process.space.dirty.count) \(process.inbox.count) \(process.threads.map(\.state))"
      }
      return words
    }
  }

  /// How often each thing has happened to messages and to the locations of processes, and each thing that there is for
  /// every mechanism.
  var happenings: [String: Int] {
    var counts: [String: Int] = [:]
    for entry in log.entries {
      guard case .fact(let fact) = entry.event else { continue }
      switch fact {
      case .message(let message, let step):
        counts[String(String(describing: step).prefix { $0 != "(" }), default: 0] += 1
        if case .sent(let node) = step, node == message.from.origin, node != message.to.origin {
          counts["sent home", default: 0] += 1
        }
      case .migration(let attempt, .activated):
        counts["move, \(attempt.process.forwarding.name)", default: 0] += 1
      case .migration(_, .updatingLinks(let links)) where links > 0: counts["links updated", default: 0] += 1
      case .migration(_, .aborted(.coprocessStays)): counts["a coprocess stays", default: 0] += 1
      default: break
      }
    }
    for packet in packets.all { counts[packet.name, default: 0] += 1 }
    return counts
  }

  /// The things of these that random worlds must have seen.
  static let forwardingProbes =
    ForwardingMechanism.allCases.map { "move, \($0.name)" } + [
      "queued", "forwarded", "handedBack", "held", "bounced", "dropped", "cameBack", "resent", "returned", "sent home",
      "links updated", "a coprocess stays", "locate", "located", "moved", "forget", "new address", "link updated",
    ]

  /// The log in words.
  var story: [String] { log.entries.map { "\($0.time) \($0.node.number) \($0.event)" } }

  /// What every node has left, in words.
  var books: [String] {
    nodes.map { node in node.isUp ? FramesBalance().fault(of: node.id, self) ?? "balanced" : "down" }
  }
}
