import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Counts exactly what home-node communication costs beside direct communication, and what remote system calls cost.
@Suite struct CommunicationTests {
  static let second = MigrationTests.second

  static func start(
    _ world: inout World, _ name: String, on node: UInt32, _ communication: Communication,
    _ forwarding: ForwardingMechanism = .originSite
  ) throws -> ProcessID {
    var request = SpawnRequest(name: name, program: ForwardingTests.sink, pages: 1, seed: 1)
    request.communication = communication
    request.forwarding = forwarding
    let spawned = world.spawn(request, on: NodeID(node))
    return try #require(spawned)
  }

  /// The steps of a message between processes created on nodes 0 and 1, both found by way of their origins.
  static func hops(_ communication: Communication, sender: UInt32, receiver: UInt32) -> UInt16 {
    let way = [sender] + (communication == .home ? [0] : []) + [1, receiver]
    // A kernel that has the receiver delivers at once, except when the sender talks by way of its home.
    let isSentHome = communication == .home && sender != 0
    var hops: UInt16 = 0
    for (place, node) in way.enumerated() where place > 0 {
      if way[place - 1] == receiver, !(place == 1 && isSentHome) { break }
      if way[place - 1] != node { hops += 1 }
    }
    return hops
  }

  @Test(arguments: Communication.allCases, [(0, 1), (2, 3)] as [(UInt32, UInt32)])
  func theModelSaysWhatTheWordsSay(communication: Communication, way: (sender: UInt32, receiver: UInt32)) {
    let isHome = communication == .home
    let expected: UInt16 = way.sender == 0 ? 1 : isHome ? 3 : 2
    #expect(Self.hops(communication, sender: way.sender, receiver: way.receiver) == expected)
  }

  @Test(arguments: Communication.allCases, 0..<16 as Range<UInt32>)
  func hopsAndDelay(communication: Communication, places: UInt32) throws {
    let way = (sender: places / 4, receiver: places % 4)
    var world = MigrationTests.cluster(4)
    let sender = try Self.start(&world, "sender", on: 0, communication)
    let receiver = try Self.start(&world, "receiver", on: 1, communication)
    if way.sender != 0 { ForwardingTests.move(&world, sender, to: way.sender) }
    if way.receiver != 1 { ForwardingTests.move(&world, receiver, to: way.receiver) }
    let packets = world.network.carried(for: .message).packets
    ForwardingTests.send(&world, sender, receiver, "x")
    _ = world.run(to: world.now + Self.second)
    let record = try #require(world.messages.all.last)
    let hops = Self.hops(communication, sender: way.sender, receiver: way.receiver)
    #expect(record.status == .delivered && record.hops == hops)
    #expect(world.network.carried(for: .message).packets == packets + UInt64(hops))
    let bytes = record.steps.compactMap(\.bytes)
    let sending = bytes.reduce(0) { $0 + Line().transmissionTime(bytes: $1) }
    #expect(bytes.count == Int(hops))
    #expect(record.deliveredAt == record.acceptedAt + UInt64(hops) * Line().latency + sending)
    #expect(world.invariants?.violation == nil)
  }

  /// A process that talks by way of its home also reaches processes that are found in other ways.
  @Test(arguments: ForwardingMechanism.allCases)
  func fromHomeToAnyMechanism(mechanism: ForwardingMechanism) throws {
    var world = MigrationTests.cluster(6)
    let sender = try Self.start(&world, "sender", on: 0, .home)
    let receiver = try Self.start(&world, "receiver", on: 1, .direct, mechanism)
    ForwardingTests.move(&world, sender, to: 2)
    for node in [3, 4, 1, 5] as [UInt32] {
      ForwardingTests.move(&world, receiver, to: node)
      ForwardingTests.send(&world, sender, receiver, "x")
      ForwardingTests.send(&world, receiver, sender, "y")
      #expect(world.run(to: world.now + 1000 * Self.second) == .quiet)
    }
    #expect(world.messages.received == 8 && world.invariants?.violation == nil)
    #expect(ForwardingDeliveryTests.leftovers(world) == [])
  }

  // MARK: - Remote system calls

  /// Prints a line every 5 ms, `count` times.
  static func teller(_ count: UInt64) -> StepProgram {
    Programs.make(
      "teller",
      [
        .loop(times: .literal(count), counter: 0, end: 4), .print(template: 0), .sleep(.literal(5_000_000)),
        .next(counter: 0, start: 0),
      ], templates: [TextTemplate([.text("line")])], counters: 1)
  }

  @Test(arguments: ForwardingMechanism.allCases)
  func remoteSystemCallsAreWhatTheNetworkCarried(mechanism: ForwardingMechanism) throws {
    var world = MigrationTests.cluster(4)
    let teller = try world.start("teller", Self.teller(100), on: 0, forwarding: mechanism)
    // At this moment the process sleeps: no call is under way.
    for (time, node) in [(41, 1), (141, 2), (241, 0), (341, 3)] as [(UInt64, UInt32)] {
      world.ask(
        about: teller, .migrate(teller, to: NodeID(node), TransferOptions(.totalFreezing)), at: time * 1_000_000)
    }
    #expect(world.run(to: 100 * Self.second) == .quiet)
    let record = try #require(world.processes[teller])
    #expect(record.output.count == 100 && world.migrations.all.count { $0.status == .completed } == 4)
    let (calls, carried) = (record.systemCalls, world.network.carried(for: .systemCall))
    #expect(calls.count > 50 && carried.packets == 2 * UInt64(calls.count) && carried.bytes == UInt64(calls.bytes))
    // From each call to the arrival of its answer.
    let packets = world.packets.all.filter { $0.cause == .systemCall }
    let (asked, answered) = (packets.filter { $0.name == "system call" }, packets.filter { $0.name == "answer" })
    let delays = zip(asked, answered).map { $1.arrivesAt - $0.sentAt }
    #expect(asked.count == calls.count && answered.count == calls.count && delays.reduce(0, +) == calls.delay)
    #expect(delays.allSatisfy { $0 > 2 * Line().latency && $0 < 2 * Line().latency + 20_000 })
    // Each call belongs to the move that brought the process to the node of the call.
    let moves = world.migrations.all.map(\.systemCalls)
    #expect(moves.map(\.count).reduce(0, +) == calls.count && moves.map(\.bytes).reduce(0, +) == calls.bytes)
    #expect(moves.map(\.delay).reduce(0, +) == calls.delay && moves[2].count == 0)
    for (place, migration) in world.migrations.all.enumerated() where place != 2 {
      let own = zip(asked, answered).filter { $0.0.from == migration.destination }
      #expect(own.count > 5 && migration.systemCalls.count == own.count)
      #expect(migration.systemCalls.bytes == own.reduce(0) { $0 + $1.0.bytes + $1.1.bytes })
      #expect(migration.systemCalls.delay == own.reduce(0) { $0 + ($1.1.arrivesAt - $1.0.sentAt) })
    }
    #expect(world.invariants?.violation == nil)
  }

  /// A process that moves in the middle of a call gets its answer, and every line is printed once.
  @Test(arguments: ForwardingMechanism.allCases)
  func movesInTheMiddleOfACall(mechanism: ForwardingMechanism) throws {
    for time in stride(from: 50_000_000 as Nanoseconds, to: 60_000_000, by: 370_000) {
      var world = MigrationTests.cluster(3)
      let teller = try world.start("teller", Self.teller(30), on: 0, forwarding: mechanism)
      world.ask(about: teller, .migrate(teller, to: NodeID(1), TransferOptions(.totalFreezing)), at: 1_000_000)
      world.ask(about: teller, .migrate(teller, to: NodeID(2), TransferOptions(.totalFreezing)), at: time)
      #expect(world.run(to: 100 * Self.second) == .quiet)
      let record = try #require(world.processes[teller])
      #expect(record.output.count == 30 && world.migrations.all.allSatisfy { $0.status == .completed }, "\(time)")
      // A call or an answer may have gone twice, or a step further.
      #expect(record.systemCalls.count <= 30 && record.systemCalls.count >= 28, "\(time)")
      #expect(UInt64(record.systemCalls.bytes) <= world.network.carried(for: .systemCall).bytes, "\(time)")
      #expect(ForwardingDeliveryTests.leftovers(world) == [] && world.invariants?.violation == nil, "\(time)")
    }
  }
}
