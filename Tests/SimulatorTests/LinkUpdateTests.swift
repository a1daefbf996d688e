import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// The source of a move tells the kernels of all correspondents the new address at the freeze, and commits when they have
/// acknowledged it.
@Suite struct LinkUpdateTests {
  static let second = MigrationTests.second
  typealias Scene = (world: World, receiver: ProcessID, sender: ProcessID)

  /// A receiver on the first of four nodes that has heard from a sender on the third, which is so far away from it.
  private static func scene(latency: Nanoseconds, pages: Int = 64) throws -> Scene {
    var world = MigrationTests.cluster(4)
    world.setLine(NodeID(0), NodeID(2), MigrationTests.line(latency: latency))
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0, pages: pages, forwarding: .linkUpdate)
    let sender = try world.start("sender", ForwardingTests.sink, on: 2)
    ForwardingTests.send(&world, sender, receiver, "x")
    world.settle()
    return (world, receiver, sender)
  }

  /// The time on the network of the packets that tell an address and acknowledge it.
  private static func exchangeTime(_ scene: Scene, to node: UInt32) -> Nanoseconds {
    let attempt = MigrationAttempt(process: scene.receiver, epoch: 1)
    let news = RoutedPacket.Body.newAddress(
      attempt, Address(node: NodeID(node), epoch: 1), source: NodeID(0))
    let told = Packet.routed(RoutedPacket(to: scene.sender, body: news))
    let answer = Packet.linkUpdated(attempt, at: NodeID(node), by: scene.sender, isMoving: false)
    return [told, answer].reduce(0) { $0 + Line().transmissionTime(bytes: $1.encodedSize) }
  }

  /// freeze = max(pages + state + 2L, 2·Lcorrespondent) + L, to the nanosecond: what it leaves out are the small packets.
  @Test(arguments: [100_000, 1_000_000, 4_000_000, 5_000_000, 20_000_000, 900_000_000] as [Nanoseconds])
  func theFreezeLastsUntilTheSlowestCorrespondentKnows(latency: Nanoseconds) throws {
    var scene = try Self.scene(latency: latency)
    scene.world.migrate(scene.receiver, to: 1)
    scene.world.settle()
    let record = try #require(scene.world.migrations[1])
    let small = Line().transmissionTime(bytes: Packet.commit(record.attempt).encodedSize)
    let (pages, state) = (try #require(record.pagesTime), try #require(record.stateTime))
    let expected =
      max(pages + state + small + 2_000_000, 2 * latency + Self.exchangeTime(scene, to: 1)) + small + 1_000_000
    #expect(record.freezeTime == expected)
    #expect(scene.world.network.traffic(of: record.attempt).control.packets == 7)
    #expect(scene.world.nodes.allSatisfy { $0.kernel?.locations.forwardingAddresses.isEmpty == true })
    #expect(scene.world.invariants?.violation == nil && scene.world.unsettled == [])
  }

  /// The source waits for two detection timeouts at most. It forwards until the answer comes after all, and then forgets.
  @Test func theCommitWaitsForTwoDetectionTimeouts() throws {
    var scene = try Self.scene(latency: 3 * Self.second)
    scene.world.migrate(scene.receiver, to: 1)
    _ = scene.world.run(to: scene.world.now + 3 * Self.second)
    let record = try #require(scene.world.migrations[1])
    let small = Line().transmissionTime(bytes: Packet.commit(record.attempt).encodedSize)
    #expect(record.freezeTime == 2 * Self.second + 1_000_000 + small)
    #expect(scene.world[NodeID(0)].kernel?.locations.forwardingAddresses[scene.receiver] != nil)
    scene.world.settle()
    #expect(scene.world[NodeID(0)].kernel?.locations.forwardingAddresses[scene.receiver] == nil)
    #expect(scene.world.network.traffic(of: record.attempt).control.packets == 7)
    #expect(scene.world.invariants?.violation == nil && scene.world.unsettled == [])
  }

  /// The line to a correspondent has been cut: nobody waits for that one, and it is told when its kernel answers again.
  @Test func whoIsKnownToBeSilentIsToldLater() throws {
    var scene = try Self.scene(latency: 1_000_000)
    scene.world.failLine(NodeID(0), NodeID(2))
    ForwardingTests.send(&scene.world, scene.receiver, scene.sender, "y")
    _ = scene.world.run(to: scene.world.now + 10 * Self.second)
    scene.world.migrate(scene.receiver, to: 1)
    _ = scene.world.run(to: scene.world.now + 10 * Self.second)
    let record = try #require(scene.world.migrations[1])
    #expect(try #require(record.freezeTime) < 40_000_000 && record.linksUpdated == 0)
    #expect(scene.world[NodeID(0)].kernel?.addressNews[scene.receiver] != nil)
    scene.world.mendLine(NodeID(0), NodeID(2))
    scene.world.settle()
    #expect(scene.world.migrations[1]?.linksUpdated == 1)
    #expect(scene.world[NodeID(0)].kernel?.addressNews.isEmpty == true)
    #expect(scene.world[NodeID(2)].kernel?.locations.cache[scene.receiver]?.node == NodeID(1))
    #expect(scene.world.invariants?.violation == nil && scene.world.unsettled == [])
  }

  /// What a correspondent sends before it is told waits at the source, and what it sends then at the destination. All of it
  /// comes in order, whether the process goes or stays.
  @Test(arguments: [false, true])
  func whatIsSentMeanwhileComesOnceAndInOrder(isCancelled: Bool) throws {
    var scene = try Self.scene(latency: 100_000_000)
    let printer = try scene.world.start("printer", ForwardingTests.printer, on: 0, forwarding: .linkUpdate)
    ForwardingTests.send(&scene.world, scene.sender, printer, "0")
    scene.world.settle()
    scene.world.migrate(printer, to: 1)
    let start = scene.world.now
    // The kernel of the sender hears the new address after 100 ms, and its answer comes after 200 ms.
    for time in [10, 60, 110, 160, 190, 230, 300] as [UInt64] {
      scene.world.ask(
        about: scene.sender, .send(from: scene.sender, to: printer, text: "\(time)", size: 0),
        at: start + time * 1_000_000)
    }
    if isCancelled { scene.world.ask(about: printer, .cancelMigration(printer), at: start + 180_000_000) }
    _ = scene.world.run(to: start + 150_000_000)
    #expect(scene.world[NodeID(1)].kernel?.arrivals[printer]?.waiting.count == 1)
    scene.world.settle()
    #expect(scene.world.location(of: printer) == NodeID(isCancelled ? 0 : 1))
    #expect(scene.world.processes[printer]?.output.map(\.text) == ["0", "10", "60", "110", "160", "190", "230", "300"])
    // Called off, one comes to the destination after that. Then the sender's kernel looks for the process, and the others wait.
    #expect(scene.world.messages.returned == 0 && scene.world.messages.cameBack == (isCancelled ? 1 : 0))
    let attempt = try #require(scene.world.migrations.all.last?.attempt)
    let control = scene.world.network.traffic(of: attempt).control.packets
    // Called off, there is no commit and no `activated`, but an `abort`, and the old address is told.
    #expect(control == (isCancelled ? 4 + 2 + 2 : 7))
    #expect(scene.world.invariants?.violation == nil && scene.world.unsettled == [])
  }

  /// Two that talk to each other move at the same time, each with the other as a correspondent: neither waits for the other.
  @Test(arguments: [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000, 12_000_000] as [Nanoseconds])
  func twoThatTalkMoveAtTheSameTime(pause: Nanoseconds) throws {
    var world = MigrationTests.cluster(4)
    let echo = try world.start("echo", Programs.echo, on: 0, pages: 64, forwarding: .linkUpdate)
    let pinger = try world.start("pinger", Programs.pinger(200), on: 2, pages: 64, peer: echo, forwarding: .linkUpdate)
    _ = world.run(to: 20_000_000)
    world.ask(about: echo, .migrate(echo, to: NodeID(1), TransferOptions(.totalFreezing)), at: world.now)
    world.ask(about: pinger, .migrate(pinger, to: NodeID(3), TransferOptions(.totalFreezing)), at: world.now + pause)
    world.settle()
    for number in 1...2 { #expect(try #require(world.migrations[number]?.freezeTime) < 40_000_000) }
    #expect(world.processes[pinger]?.output.count == 1)
    #expect(world.messages.returned == 0 && world.messages.resent == 0 && world.messages.cameBack == 0)
    #expect(world.nodes.allSatisfy { $0.kernel?.locations.forwardingAddresses.isEmpty == true })
    #expect(world.invariants?.violation == nil && world.unsettled == [])
  }
}

extension World {
  fileprivate mutating func settle() {
    let end = now + 200 * MigrationTests.second
    _ = run(to: end)
    settleClock(at: end)
  }
}
