import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

@Suite struct ForwardingTests {
  static let second = MigrationTests.second

  /// A process that prints what it receives.
  static let printer = Programs.make(
    "printer",
    [
      .loop(times: nil, counter: 0, end: 4), .receive(into: 0, timeout: nil), .print(template: 0),
      .next(counter: 0, start: 0),
    ],
    templates: [TextTemplate([.register(0)])], registers: ["m"], counters: 1)

  /// Receives for ever, and says nothing.
  static let sink = Programs.make(
    "sink",
    [.loop(times: nil, counter: 0, end: 3), .receive(into: nil, timeout: nil), .next(counter: 0, start: 0)],
    counters: 1)

  static let waiter = Programs.make("waiter", [.receive(into: nil, timeout: nil)])

  /// Sends one message to `$peer`, and prints whether it arrived.
  static let prober = Programs.make(
    "prober",
    [
      .send(to: .register(0), template: 0, otherwise: 3), .print(template: 1), .exit, .print(template: 2),
    ],
    templates: [TextTemplate([.text("x")]), TextTemplate([.text("arrived")]), TextTemplate([.text("undelivered")])],
    registers: ["peer"])

  static func move(_ world: inout World, _ process: ProcessID, to node: UInt32) {
    world.migrate(process, to: node)
    _ = world.run(to: world.now + second)
    #expect(world.location(of: process) == NodeID(node))
  }

  static func send(_ world: inout World, _ from: ProcessID, _ to: ProcessID, _ text: String) {
    guard let node = world.location(of: from) else { return }
    world.ask(node, .send(from: from, to: to, text: text, size: 0))
  }

  /// The hops of the last message delivered.
  static func lastHops(_ world: World) -> UInt16? { world.messages.all.last { $0.status == .delivered }?.hops }

  @Test(arguments: 0...6 as ClosedRange<UInt32>)
  func aChainIsWalkedOnceAndThenCutShort(moves: UInt32) throws {
    var world = MigrationTests.cluster(8)
    let receiver = try world.start("receiver", Self.printer, on: 0)
    let sender = try world.start("sender", Self.waiter, on: 7)
    Self.send(&world, sender, receiver, "first")
    _ = world.run(to: Self.second)
    for node in 0..<moves { Self.move(&world, receiver, to: node + 1) }
    for (message, hops) in [("stale", UInt16(moves) + 1), ("fresh", 1), ("again", 1)] {
      Self.send(&world, sender, receiver, message)
      _ = world.run(to: world.now + Self.second)
      #expect(Self.lastHops(world) == hops, "\(message)")
    }
    #expect(world.processes[receiver]?.output.map(\.text) == ["first", "stale", "fresh", "again"])
    #expect(world.invariants?.violation == nil)
  }

  @Test func aProcessThatComesBackIsReachedDirectly() throws {
    var world = MigrationTests.cluster(4)
    let receiver = try world.start("receiver", Self.printer, on: 0)
    let sender = try world.start("sender", Self.waiter, on: 3)
    for node in [1, 0, 2, 1, 0] as [UInt32] { Self.move(&world, receiver, to: node) }
    Self.send(&world, sender, receiver, "x")
    _ = world.run(to: world.now + Self.second)
    #expect(Self.lastHops(world) == 1)
    #expect(world.nodes[0].kernel?.locations.forwardingAddresses.isEmpty == true)
    #expect(world.nodes[1].kernel?.locations.forwardingAddresses.count == 1)
  }

  @Test func aStreamOfMessagesUnderManyMoves() throws {
    var world = MigrationTests.cluster(5)
    let receiver = try world.start("receiver", Self.printer, on: 0, pages: 20)
    let sender = try world.start("sender", Self.waiter, on: 4, pages: 20)
    for number in 0..<300 {
      world.ask(
        about: sender, .send(from: sender, to: receiver, text: "\(number)", size: 0), at: UInt64(number) * 1_700_000)
    }
    for turn in 0..<20 as Range<UInt32> {
      world.migrate(receiver, to: (turn + 1) % 4)
      if turn % 3 == 0 { world.migrate(sender, to: 4 - turn % 2) }
      _ = world.run(to: world.now + 26_000_000)
    }
    _ = world.run(to: 100 * Self.second)
    let record = try #require(world.processes[receiver])
    let sent = world.messages.all.map(\.text)
    #expect(sent.count > 200 && record.output.map(\.text) == sent)
    #expect(world.messages.returned == 0 && world.invariants?.violation == nil)
    let kinds = Self.kinds(world)
    #expect(kinds.contains(.first) && kinds.contains(.third))
  }

  static func kinds(_ world: World) -> [MessageKind] {
    world.messages.all.flatMap { record in
      record.steps.compactMap { if case .forwarded(_, let kind, _) = $0.fact { kind } else { nil } }
    }
  }

  /// Even one from a stranger, for whom no forwarding address is kept.
  @Test func whatWaitedAtTheSourceIsSentOnUnderLinkUpdate() throws {
    var world = MigrationTests.cluster(3)
    let receiver = try world.start("receiver", Self.sink, on: 0, pages: 100, forwarding: .linkUpdate)
    let stranger = try world.start("stranger", Self.sink, on: 2)
    world.migrate(receiver, to: 1)
    _ = world.run(to: 20_000_000)
    Self.send(&world, stranger, receiver, "x")
    _ = world.run(to: Self.second)
    #expect(Self.kinds(world) == [.first] && Self.lastHops(world) == 2)
    #expect(world.messages.returned == 0 && world.nodes[0].kernel?.locations.forwardingAddresses.isEmpty == true)
  }

  @Test func theThreeKinds() throws {
    var world = MigrationTests.cluster(3)
    let far = MigrationTests.line(latency: 30_000_000)
    world.setLine(NodeID(0), NodeID(2), far)
    world.setLine(NodeID(1), NodeID(2), far)
    let receiver = try world.start("receiver", Self.printer, on: 0, pages: 100)
    let sender = try world.start("sender", Self.waiter, on: 2)
    // Freezing begins at 32 ms, and the process runs on the destination from 68 ms on.
    world.ask(about: receiver, .migrate(receiver, to: NodeID(1), TransferOptions(.totalFreezing)), at: 30_000_000)
    for time in [20, 60, 80] as [UInt64] {
      world.ask(about: sender, .send(from: sender, to: receiver, text: "\(time)", size: 0), at: time * 1_000_000)
    }
    _ = world.run(to: 10 * Self.second)
    #expect(Self.kinds(world) == [.first, .second, .third])
    #expect(world.messages.all.first?.steps.contains { if case .queued = $0.fact { true } else { false } } == true)
    #expect(world.migrations[1]?.messagesQueued == 1)
    #expect(world.processes[receiver]?.output.map(\.text) == ["20", "60", "80"])
    #expect(world.messages.delivered == 3)
  }

  /// It has to wait, since the source has not heard yet that the process runs; and yet it did run by then.
  @Test func aMessageThatOvertakesTheNewsIsOfTheSecondKind() throws {
    var world = MigrationTests.cluster(3)
    let far = MigrationTests.line(latency: 30_000_000)
    world.setLine(NodeID(0), NodeID(2), far)
    let receiver = try world.start("receiver", Self.printer, on: 0, pages: 100)
    let sender = try world.start("sender", Self.waiter, on: 2)
    world.migrate(receiver, to: 1)
    var trial = world
    _ = trial.run(to: Self.second)
    let activated = try #require(trial.migrations[1]?.activatedAt)
    let sent = activated - far.latency + 400_000
    world.ask(about: sender, .send(from: sender, to: receiver, text: "late", size: 0), at: sent)
    _ = world.run(to: Self.second)
    let steps = try #require(world.messages.all.first).steps
    let queued = try #require(steps.first { if case .queued = $0.fact { true } else { false } })
    #expect(queued.time > activated && queued.fact.kind == .second)
    #expect(Self.kinds(world) == [.second])
  }

  @Test(arguments: [0, 1, 3] as [UInt32])
  func whatIsForAProcessThatEndedIsReturned(moves: UInt32) throws {
    var world = MigrationTests.cluster(5)
    let receiver = try world.start("receiver", Self.waiter, on: 0)
    for node in 0..<moves { Self.move(&world, receiver, to: node + 1) }
    let location = try #require(world.location(of: receiver))
    world.ask(location, .kill(receiver))
    // The forwarding addresses that it left go with it.
    _ = world.run(to: world.now + Self.second)
    #expect(world.nodes.allSatisfy { $0.kernel?.locations.forwardingAddresses.isEmpty == true })
    let prober = try world.start("prober", Self.prober, on: 4, peer: receiver)
    _ = world.run(to: world.now + Self.second)
    #expect(world.processes[prober]?.output.map(\.text) == ["undelivered"])
    #expect(world.messages.returned == 1 && world.messages.forwarded == 0)
    #expect(world.messages.all.last?.status == .returned)
  }

  @Test func aBrokenChainTellsTheSender() throws {
    for failed in [0, 1] as [UInt32] {
      var world = MigrationTests.cluster(4)
      let receiver = try world.start("receiver", Self.waiter, on: 0)
      Self.move(&world, receiver, to: 1)
      Self.move(&world, receiver, to: 2)
      world.fail(NodeID(failed))
      let prober = try world.start("prober", Self.prober, on: 3, peer: receiver)
      _ = world.run(to: world.now + 4 * Self.second)
      #expect(world.processes[prober]?.output.map(\.text) == ["undelivered"], "node \(failed)")
      #expect(world.location(of: receiver) == NodeID(2) && world.processes[receiver]?.fate == .alive)
    }
  }

  @Test func theTwoOnOneNodeAndOneToItself() throws {
    var world = MigrationTests.cluster(1)
    let receiver = try world.start("receiver", Self.printer, on: 0)
    let prober = try world.start("prober", Self.prober, on: 0, peer: receiver)
    Self.send(&world, receiver, receiver, "own")
    _ = world.run(to: Self.second)
    #expect(world.processes[prober]?.output.map(\.text) == ["arrived"])
    #expect(world.processes[receiver]?.output.map(\.text).sorted() == ["own", "x"])
    #expect(world.messages.hops == 0 && world.network.carried(for: .message).packets == 0)
  }

  @Test func aReceiverFrozenForMinutesLosesNothing() throws {
    var world = MigrationTests.cluster(3)
    let slow = MigrationTests.line(bandwidth: 100_000)
    world.setLine(NodeID(0), NodeID(1), slow)
    // Four mebibytes at 100 kbps: five and a half minutes.
    let receiver = try world.start("receiver", Self.printer, on: 0, pages: 1000)
    let sender = try world.start("sender", Self.waiter, on: 2)
    _ = world.run(to: Self.second)
    world.migrate(receiver, to: 1)
    _ = world.run(to: world.now + 10 * Self.second)
    for number in 0..<3 { Self.send(&world, sender, receiver, "\(number)") }
    _ = world.run(to: 1000 * Self.second)
    let freeze = try #require(world.migrations[1]?.freezeTime)
    #expect(freeze > 300 * Self.second)
    #expect(world.processes[receiver]?.output.map(\.text) == ["0", "1", "2"])
    #expect(world.messages.returned == 0 && world.invariants?.violation == nil)
  }

  @Test func aSenderThatMovesTakesItsUnacknowledgedMessagesAlong() throws {
    var world = MigrationTests.cluster(3)
    let far = MigrationTests.line(latency: 200_000_000)
    world.setLine(NodeID(0), NodeID(2), far)
    let receiver = try world.start("receiver", Self.printer, on: 2)
    let sender = try world.start("sender", Self.prober, on: 0, peer: receiver)
    _ = world.run(to: 10_000_000)
    world.migrate(sender, to: 1)
    // The node it left falls before the answer comes: only the copy that moved along can bring one.
    _ = world.run(to: 100_000_000)
    #expect(world.location(of: sender) == NodeID(1))
    world.fail(NodeID(0))
    world.recover(NodeID(0))
    _ = world.run(to: 60 * Self.second)
    #expect(world.processes[sender]?.output.map(\.text) == ["arrived"])
    #expect(world.processes[receiver]?.output.map(\.text) == ["x"])
    // The message is asked after, and need not be sent again.
    #expect(world.messages.resent == 0 && world.invariants?.violation == nil)
  }

  /// Messages that are dropped are sent again though their sender never pauses.
  @Test(arguments: ForwardingMechanism.allCases)
  func aSteadyStreamFillsItsGaps(mechanism: ForwardingMechanism) throws {
    var world = MigrationTests.cluster(3)
    var request = SpawnRequest(name: "receiver", program: Self.printer, pages: 50, seed: 1)
    request.forwarding = mechanism
    let spawned = world.spawn(request, on: NodeID(0))
    let receiver = try #require(spawned)
    let sender = try world.start("sender", Self.waiter, on: 2)
    for number in 0..<3000 {
      world.ask(
        about: sender, .send(from: sender, to: receiver, text: "\(number)", size: 0), at: UInt64(number) * 5_000_000)
    }
    _ = world.run(to: Self.second)
    world.migrate(receiver, to: 1)
    // The stream lasts fifteen seconds; long before its end the gap must be filled.
    _ = world.run(to: 8 * Self.second)
    #expect(world.processes[receiver]?.output.count ?? 0 > 1500)
    _ = world.run(to: 100 * Self.second)
    #expect(world.processes[receiver]?.output.map(\.text) == (0..<3000).map { "\($0)" })
    #expect(world.messages.all.allSatisfy { $0.status == .delivered } && world.invariants?.violation == nil)
  }
}
