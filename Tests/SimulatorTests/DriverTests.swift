import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Drivers that lose, repeat and alter what their kernels send.
@Suite struct DriverTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private static func packets(_ world: World, _ name: PacketName) -> [PacketTrace.Record] {
    world.packets.all.filter { $0.called == name }
  }

  @Test func everyKindOfPacketHasAWordOfItsOwn() {
    #expect(Set(PacketName.allCases.map(\.word)).count == PacketName.allCases.count)
    #expect(PacketName.stillNeeded.word == "still-needed" && PacketName.work.word == "work")
    #expect(!DriverFault.packets.contains(.part))
  }

  @Test func whatADriverLosesLeavesAndComesNowhere() throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .loses)))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0))
    _ = world.run(to: 500 * Self.millisecond)
    let sent = Self.packets(world, .message)
    #expect(sent.count == 1 && sent[0].isLost)
    #expect(world.messages[1]?.status == .waiting)
    #expect(world.network.carried(from: NodeID(1), to: NodeID(0)).bytes == UInt64(sent[0].bytes))
    // Nobody was told, so its kernel asks after it, and then sends it again; with a new driver it comes.
    #expect(world.log.count(of: .connectionBroken) == 0)
    world.apply(.replaceDriver(NodeID(1)))
    _ = world.run(to: 20_000 * Self.millisecond)
    #expect(world.messages[1]?.status == .delivered && world.messages.resent == 1)
    #expect(world[NodeID(1)].newDrivers == 1 && world.log.count(of: .driverReplaced) == 1)
    #expect(world.invariants?.violation == nil)
    #expect(world.network.brokenInvariant() == nil)
  }

  @Test func onlyTheKindTheNodeAndTheNumberThatWereSaidAreLost() throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(0), DriverFault(.message, .loses)))
    world.apply(.spoilDriver(NodeID(1), DriverFault(.offer, .loses)))
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .loses, oneIn: 3)))
    for _ in 0..<5 { world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0)) }
    _ = world.run(to: 20 * Self.millisecond)
    #expect(Self.packets(world, .message).map(\.isLost) == [false, false, true, false, false])
    #expect(Self.packets(world, .acknowledged).allSatisfy { !$0.isLost })
  }

  @Test func whatADriverRepeatsComesTwiceAndIsDeliveredOnce() throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .repeats)))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0))
    _ = world.run(to: 500 * Self.millisecond)
    let sent = Self.packets(world, .message)
    #expect(sent.count == 2 && sent[0].arrivesAt < sent[1].arrivesAt)
    #expect(world.network.carried(from: NodeID(1), to: NodeID(0)).packets == 2)
    #expect(world.messages.delivered == 1 && world.messages.resent == 0)
    #expect(world.invariants?.violation == nil)
    #expect(world.network.brokenInvariant() == nil)
  }

  @Test func aMigrationIsNotChargedForWhatADriverRepeats() throws {
    func bytes(_ fault: DriverFault?) throws -> (counted: Int, carried: UInt64, lines: UInt64) {
      var world = MigrationTests.cluster(2)
      let process = try world.start("p", Programs.writer(1_000_000, last: 63), on: 0, pages: 64)
      if let fault { world.apply(.spoilDriver(NodeID(0), fault)) }
      world.migrate(process, to: 1)
      _ = world.run(to: MigrationTests.second)
      #expect(world.invariants?.violation == nil && world.location(of: process) == NodeID(1))
      let record = try #require(world.migrations[1])
      return (
        record.pageBytes, world.network.traffic(of: record.attempt).bytes,
        world.network.carried(from: NodeID(0), to: NodeID(1)).bytes
      )
    }
    let (sound, faulty) = (try bytes(nil), try bytes(DriverFault(.pages, .repeats)))
    #expect(sound.counted == faulty.counted && sound.carried == faulty.carried)
    #expect(faulty.lines == sound.lines + UInt64(sound.counted))
  }

  @Test func whatADriverAltersIsRefusedByTheRealDecoding() throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .alters)))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0))
    _ = world.run(to: 500 * Self.millisecond)
    #expect(Self.packets(world, .message).map(\.isLost) == [false])
    let refused = world.log.entries.filter { entry in
      guard case .cluster(.packetUnreadable(NodeID(1), .unknownKind)) = entry.event else { return false }
      return entry.node == NodeID(0)
    }
    #expect(refused.count == 1 && world.messages[1]?.status == .waiting)
    #expect(world.log.count(of: .packetUnreadable) == 1)
    #expect(world.invariants?.violation == nil)
  }

  /// What has waited for a line, or was on its way when that was cut, is still lost, repeated and altered.
  @Test(arguments: DriverFault.Manner.allCases, [0, 500_000 as Nanoseconds])
  func aCutMendsNoDriver(manner: DriverFault.Manner, pause: Nanoseconds) throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "before", size: 0))
    _ = world.run(to: 100 * Self.millisecond)
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, manner)))
    if pause == 0 { world.failLine(NodeID(0), NodeID(1)) }
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0))
    _ = world.run(to: world.now + pause)
    if pause > 0 { world.failLine(NodeID(0), NodeID(1)) }
    _ = world.run(to: world.now + 100 * Self.millisecond)
    world.mendLine(NodeID(0), NodeID(1))
    _ = world.run(to: world.now + 100 * Self.millisecond)
    #expect(world.messages.delivered == (manner == .repeats ? 2 : 1))
    #expect(world.log.count(of: .packetUnreadable) == (manner == .alters ? 1 : 0))
    #expect(world.invariants?.violation == nil)
    #expect(world.network.brokenInvariant() == nil)
  }

  /// A pre-transfer goes on only as its kernel is told what has left.
  @Test func aKernelIsToldThatWhatItsDriverLosesHasLeft() throws {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", Programs.writer(1_000_000, last: 63), on: 0, pages: 1000)
    world.apply(.spoilDriver(NodeID(0), DriverFault(.pages, .loses, oneIn: 2)))
    world.migrate(process, to: 1, TransferOptions(.preTransfer))
    _ = world.run(to: 100 * Self.millisecond)
    world.failLine(NodeID(0), NodeID(1))
    _ = world.run(to: 200 * Self.millisecond)
    world.mendLine(NodeID(0), NodeID(1))
    _ = world.run(to: 10_000 * Self.millisecond)
    #expect(world.migrations[1]?.status == .completed)
    let record = try #require(world.migrations[1])
    #expect(UInt64(record.pageBytes) == world.traffic(of: record.attempt).pageBytes)
  }

  @Test func aRunWithFaultyDriversIsRepeatedFromItsJournal() throws {
    var (world, sender, receiver) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .loses, oneIn: 2)))
    for _ in 0..<5 { world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0)) }
    _ = world.run(to: 3000 * Self.millisecond)
    world.apply(.replaceDriver(NodeID(1)))
    _ = world.run(to: 30_000 * Self.millisecond)
    let again = World(replaying: world.journal)
    #expect(again.digest == world.digest && again.now == world.now)
    #expect(again.messages.delivered == 5)
  }

  @Test(arguments: DriverFault.packets, DriverFault.Manner.allCases)
  func whateverDriversDoWhatMustHoldHolds(packet: PacketName, manner: DriverFault.Manner) {
    Self.expectSafety(of: packet, manner, oneIn: 2, seed: 1, isSmall: true)
  }

  @Test(.whenThorough, arguments: DriverFault.packets, DriverFault.Manner.allCases)
  func thatHoldsInLargeClustersToo(packet: PacketName, manner: DriverFault.Manner) {
    for seed in 1...4 as ClosedRange<UInt64> {
      Self.expectSafety(of: packet, manner, oneIn: 1 + seed % 2, seed: seed, isSmall: false)
    }
  }

  /// A random cluster in which every driver does something wrong with one kind of packet. Much comes to nothing then, and
  /// some things hang until their connection breaks; but no process runs twice or vanishes, and what is delivered is delivered
  /// in order.
  private static func expectSafety(
    of packet: PacketName, _ manner: DriverFault.Manner, oneIn period: UInt64, seed: UInt64, isSmall: Bool
  ) {
    var cluster = RandomCluster(seed: seed, seesTime: seed % 2 == 0, isSmall: isSmall)
    for node in cluster.world.members {
      cluster.world.apply(.spoilDriver(node, DriverFault(packet, manner, oneIn: period)))
    }
    cluster.addListeners(isSmall ? 2 : 4)
    cluster.planMoves(20, within: 200_000_000)
    if isSmall { cluster.planMessages(10, within: 200_000_000) } else { cluster.planTraffic(within: 200_000_000) }
    _ = cluster.world.run(to: 3_000_000_000)
    for node in cluster.world.members { cluster.world.apply(.replaceDriver(node)) }
    // What hangs goes on, or is given up, when its connection breaks.
    for a in cluster.world.members {
      for b in cluster.world.members where a < b { cluster.world.breakConnection(a, b) }
    }
    _ = cluster.world.run(to: 20_000_000_000)
    #expect(cluster.world.invariants?.violation == nil, "seed \(seed)")
    #expect(cluster.world.network.brokenInvariant() == nil, "seed \(seed)")
    #expect(cluster.world.migrations.all.allSatisfy { $0.endedAt != nil }, "seed \(seed)")
  }

  /// While a driver is bad, a process that cannot be reached is not blamed on kernels.
  @Test func aFaultyDriverIsAFaultThatHasNotStopped() throws {
    var (world, _, _) = try LineFaultTests.pair()
    #expect(world.isWhole)
    world.apply(.spoilDriver(NodeID(2), DriverFault(.message, .loses)))
    #expect(!world.isWhole && world.unreachable == nil)
    world.apply(.replaceDriver(NodeID(2)))
    #expect(world.isWhole && world.unreachable == nil)
  }

  /// A node keeps its driver when it fails and comes back, and when a copy of the cluster begins anew.
  @Test func aDriverSurvivesItsKernel() throws {
    var (world, _, _) = try LineFaultTests.pair()
    world.apply(.spoilDriver(NodeID(1), DriverFault(.message, .loses, oneIn: 2)))
    for var world in [world, world.withoutProcesses] {
      world.fail(NodeID(1))
      world.recover(NodeID(1))
      let receiver = try world.start("receiver", ForwardingTests.sink, on: 0)
      let sender = try world.start("sender", ForwardingTests.sink, on: 1)
      for _ in 0..<4 { world.ask(NodeID(1), .send(from: sender, to: receiver, text: "x", size: 0)) }
      _ = world.run(to: world.now + 20 * Self.millisecond)
      #expect(Self.packets(world, .message).map(\.isLost) == [false, true, false, true])
    }
  }
}
