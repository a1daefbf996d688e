import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Lines that fail and heal, lose segments, and delay packets.
@Suite struct LineFaultTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// Node 0 with a process that receives for ever, node 1 with one that never does anything.
  static func pair() throws -> (world: World, sender: ProcessID, receiver: ProcessID) {
    var world = MigrationTests.cluster(3)
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0)
    let sender = try world.start("sender", ForwardingTests.sink, on: 1)
    return (world, sender, receiver)
  }

  private static func status(_ world: World, _ number: Int) -> MessageRecord.Status? { world.messages[number]?.status }

  @Test func whatWaitsForALineThatHealsComesLateAndInOrder() throws {
    var (world, sender, receiver) = try Self.pair()
    let latency = world.line(NodeID(0), NodeID(1)).latency
    for number in 0..<5 {
      // When the line fails, the first two are on their way.
      if number == 2 {
        _ = world.run(to: 500_000)
        world.failLine(NodeID(0), NodeID(1))
      }
      world.ask(NodeID(1), .send(from: sender, to: receiver, text: "\(number)", size: 0))
    }
    _ = world.run(to: 500 * Self.millisecond)
    #expect((1...5).allSatisfy { Self.status(world, $0) == .waiting })
    world.mendLine(NodeID(0), NodeID(1))
    _ = world.run(to: 1000 * Self.millisecond)
    #expect((1...5).allSatisfy { Self.status(world, $0) == .delivered })
    let times = (1...5).compactMap { world.messages[$0]?.deliveredAt }
    #expect(times == times.sorted() && times[0] > 500 * Self.millisecond + latency)
    #expect(world.log.count(of: .connectionBroken) == 0)
    // Two of the packets that waited had been on their way.
    #expect(world.network.resent.packets == 2)
  }

  @Test func aCutThatLastsIsToldToBothEndsAndWhatWaitedIsLost() throws {
    var (world, sender, receiver) = try Self.pair()
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "before", size: 0))
    _ = world.run(to: 100 * Self.millisecond)
    world.failLine(NodeID(0), NodeID(1))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "during", size: 0))
    _ = world.run(to: 1099 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 0)
    _ = world.run(to: 1100 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 2)
    #expect(Self.status(world, 2) == .returned)
    world.mendLine(NodeID(0), NodeID(1))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "after", size: 0))
    _ = world.run(to: 2000 * Self.millisecond)
    #expect(Self.status(world, 3) == .delivered)
    #expect(world.log.count(of: .connectionBroken) == 2)
  }

  @Test func theOtherEndHearsOfItWhenTheLineHealsIfOnlyOneHasGivenUp() throws {
    var (world, _, receiver) = try Self.pair()
    var patient = NodeSettings()
    patient.detectionTimeout = 60_000 * Self.millisecond
    let far = world.addNode(named: "patient", patient)
    let other = try world.start("other", ForwardingTests.sink, on: far.number)
    world.ask(far, .send(from: other, to: receiver, text: "before", size: 0))
    _ = world.run(to: 100 * Self.millisecond)
    world.failLine(NodeID(0), far)
    world.ask(far, .send(from: other, to: receiver, text: "during", size: 0))
    _ = world.run(to: 5000 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 1)
    world.mendLine(NodeID(0), far)
    _ = world.run(to: 5010 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 2)
    // What it had sent over the old connection is lost, and the sender's kernel sends it again or says so.
    _ = world.run(to: 200_000 * Self.millisecond)
    #expect([.delivered, .returned].contains(Self.status(world, 2)))
  }

  @Test func aDroppedConnectionLosesWhatIsOnItsWayAndIsToldAtOnce() throws {
    var (world, sender, receiver) = try Self.pair()
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "lost", size: 0))
    world.breakConnection(NodeID(0), NodeID(1))
    _ = world.run(to: 10 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 2)
    #expect(Self.status(world, 1) == .returned)
  }

  @Test func aPartitionCutsBetweenGroupsAndOnlyThere() {
    var world = MigrationTests.cluster(5)
    let nodes = (0..<5).map { NodeID($0) }
    world.partition([[nodes[0], nodes[1]], [nodes[2]], [nodes[3]]])
    let cut = nodes.flatMap { a in nodes.filter { a < $0 && world.network.isCut(a, $0) }.map { [a.number, $0.number] } }
    #expect(cut == [[0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    world.failLine(nodes[0], nodes[0])
    world.mendLines()
    #expect(world.network.cuts.isEmpty)
  }

  @Test func aNodeThatFallsBehindACutIsFoundOutWhenItHeals() throws {
    var (world, sender, receiver) = try Self.pair()
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "before", size: 0))
    _ = world.run(to: 100 * Self.millisecond)
    world.failLine(NodeID(0), NodeID(1))
    world.fail(NodeID(0))
    world.recover(NodeID(0))
    _ = world.run(to: 200 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 0)
    world.mendLine(NodeID(0), NodeID(1))
    _ = world.run(to: 202 * Self.millisecond)
    #expect(world.log.count(of: .connectionBroken) == 1)
  }

  /// Segments are lost as often as the line says, and what is delivered is the same.
  @Test(arguments: [0.01, 0.1, 0.5]) func lossCostsTimeAndSegmentsOnly(loss: Double) throws {
    var (world, sender, receiver) = try Self.pair()
    var line = world.network.defaults
    line.loss = loss
    world.setNetwork(line)
    for _ in 0..<2000 { world.ask(NodeID(1), .send(from: sender, to: receiver, text: "", size: 14_600)) }
    _ = world.run(to: 60_000 * Self.millisecond)
    #expect(world.messages.delivered == 2000 && world.messages.resent == 0)
    // Each is of 11 segments; a segment is sent again loss / (1 - loss) times on average.
    let expected = 2000 * 11 * loss / (1 - loss)
    let found = Double(world.network.resent.packets)
    #expect(abs(found - expected) < 0.1 * expected, "\(found) segments were sent again, not \(expected)")
  }

  @Test func jitterDelaysAndNeverReorders() throws {
    var (world, sender, receiver) = try Self.pair()
    var line = world.network.defaults
    line.jitter = 5 * Self.millisecond
    world.setNetwork(line)
    for _ in 0..<200 {
      world.ask(NodeID(1), .send(from: sender, to: receiver, text: "", size: 0))
      _ = world.run(to: world.now + 20 * Self.millisecond)
    }
    let delays = world.messages.all.compactMap(\.delay).map { $0 - line.latency }
    #expect(delays.count == 200)
    let mean = delays.reduce(0, +) / 200
    #expect((2_200_000...2_800_000).contains(mean) && delays.allSatisfy { $0 < 5_100_000 }, "mean \(mean)")
  }

  @Test func theSameSeedLosesTheSame() throws {
    func run(_ seed: UInt64) throws -> UInt64 {
      var world = World(seed: seed)
      world.keepsDigest = true
      var line = world.network.defaults
      (line.loss, line.jitter) = (0.2, 100_000)
      world.setNetwork(line)
      for name in ["a", "b"] { world.addNode(named: name, NodeSettings()) }
      let process = try world.start("p", Programs.writer(5000, last: 49), on: 0, pages: 50)
      world.migrate(process, to: 1, TransferOptions(.preTransfer))
      _ = world.run(to: 1000 * Self.millisecond)
      return world.digest
    }
    #expect(try run(1) == run(1) && run(1) != run(2))
  }
}
