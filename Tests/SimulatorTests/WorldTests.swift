import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

@Suite struct WorldTests {
  static let second = MigrationTests.second

  // MARK: - The clock

  @Test func timeReachesTheLimitThoughNothingHappens() {
    var world = World()
    #expect(world.run(to: 5) == .quiet)
    world.settleClock(at: 5)
    #expect(world.now == 5)
  }

  @Test func aRunForEverEndsWithTheLastEventAndNeverBeforeItBegan() throws {
    var world = MigrationTests.cluster(2)
    let waiter = try world.start("waiter", ForwardingTests.waiter, on: 0)
    _ = try world.start("sender", ForwardingTests.prober, on: 1, peer: waiter)
    #expect(world.run(to: 3600 * Self.second) == .quiet)
    world.settleClock(at: nil)
    // The retry timer found nothing to do two seconds later.
    #expect(world.now < 10_000_000 && world.now > 1_000_000)
    #expect(world.run(to: 60 * Self.second) == .quiet)
    world.settleClock(at: 60 * Self.second)
    #expect(world.run(to: 3600 * Self.second) == .quiet)
    world.settleClock(at: nil)
    #expect(world.now == 60 * Self.second)
  }

  @Test func aRunCanBeInterruptedAndGoesOn() throws {
    var world = MigrationTests.cluster(2)
    let echo = try world.start("echo", Programs.echo, on: 0)
    _ = try world.start("pinger", Programs.pinger(3000), on: 1, peer: echo)
    _ = try world.start("busy", Programs.writer(100_000, last: 0), on: 0)
    var whole = world
    #expect(whole.run(to: 30 * Self.second) == .quiet)
    var interruptions = 0
    var polls = 0
    func poll() -> Bool {
      polls += 1
      return polls % 2 == 1
    }
    while world.run(to: 30 * Self.second, isInterrupted: { _, _ in poll() }) == .interrupted {
      interruptions += 1
      #expect(world.nodes.allSatisfy { $0.kernel?.furthestPosition ?? 0 <= world.now })
    }
    #expect(interruptions > 2 && world.digest == whole.digest && world.portrait == whole.portrait)
  }

  @Test func aConditionIsMetAtItsInstant() throws {
    var world = MigrationTests.cluster(2)
    let busy = try world.start("busy", Programs.writer(100_000, last: 0), on: 0)
    _ = try world.start("other", Programs.writer(100_000, last: 0), on: 1)
    let stop = world.run(to: Self.second, until: { $0.process(busy)?.cpuTime ?? 0 >= 5_000_000 })
    #expect(stop == .satisfied)
    #expect(world.process(busy)?.cpuTime == world.now && world.now < 5_100_000)
  }

  // MARK: - Nodes that come and go

  @Test func aNodeThatFailsTwiceIsANewOneEachTime() throws {
    var world = MigrationTests.cluster(1)
    let first = try world.start("p", ForwardingTests.waiter, on: 0)
    for boots in 2...3 as ClosedRange<UInt32> {
      world.fail(NodeID(0))
      world.fail(NodeID(0))
      #expect(world.spawn(SpawnRequest(name: "q", program: Programs.echo, pages: 1, seed: 1), on: NodeID(0)) == nil)
      world.recover(NodeID(0))
      world.recover(NodeID(0))
      #expect(world[NodeID(0)].boots == boots)
      let next = try world.start("p\(boots)", ForwardingTests.waiter, on: 0)
      #expect(next.incarnation == boots && next.serial == 1)
      _ = world.run(to: world.now + Self.second)
    }
    #expect(world.processes[first]?.fate == .lost(becauseOf: NodeID(0), at: 0))
    #expect(world.invariants?.violation == nil)
  }

  @Test func aNodeTakenOutStaysOutAndItsNameIsFree() throws {
    var world = MigrationTests.cluster(3)
    let here = try world.start("here", ForwardingTests.waiter, on: 0)
    let gone = try world.start("gone", ForwardingTests.waiter, on: 1)
    world.removeNode(NodeID(1))
    world.recover(NodeID(1))
    #expect(!world[NodeID(1)].isUp && world.node(named: "n1") == nil && world[NodeID(1)].boots == 1)
    #expect(world.members == [NodeID(0), NodeID(2)])
    world.migrate(here, to: 1)
    ForwardingTests.send(&world, here, gone, "x")
    _ = world.run(to: 60 * Self.second)
    #expect(world.migrations[1]?.status == .aborted && world.processes[here]?.fate == .alive)
    #expect(world.messages.returned == 1 && world.invariants?.violation == nil)
    #expect(world.addNode(named: "n1", NodeSettings()) == NodeID(1))
  }

  @Test func whatHadLeftAFailedNodeStillArrives() throws {
    var world = MigrationTests.cluster(2)
    let receiver = try world.start("receiver", ForwardingTests.printer, on: 1)
    let sender = try world.start("sender", ForwardingTests.waiter, on: 0)
    ForwardingTests.send(&world, sender, receiver, "left")
    _ = world.run(to: 500_000)
    ForwardingTests.send(&world, sender, receiver, "not left")
    world.fail(NodeID(0))
    _ = world.run(to: 60 * Self.second)
    #expect(world.processes[receiver]?.output.map(\.text) == ["left"])
    #expect(world.invariants?.violation == nil)
  }

  @Test func aFullNodeRefusesAndTheBooksStayRight() throws {
    var world = MigrationTests.cluster(1)
    var small = NodeSettings()
    small.memory = 10 * 4096
    world.addNode(named: "small", small)
    #expect(world.spawn(SpawnRequest(name: "p", program: Programs.echo, pages: 11, seed: 1), on: NodeID(1)) == nil)
    let process = try world.start("q", Programs.echo, on: 0, pages: 11)
    world.migrate(process, to: 1)
    _ = world.run(to: Self.second)
    #expect(world.migrations[1]?.reason == .refused(.noRoom) && world.migrations[1]?.endedAt != nil)
    #expect(world.books == ["balanced", "balanced"] && world.nodes[1].kernel?.freeFrames == 10)
  }

  @Test func aLineTooSlowForTheClockStopsNothingElse() throws {
    var world = MigrationTests.cluster(2)
    var line = Line()
    line.bandwidth = 1
    line.latency = .max / 2
    world.setNetwork(line)
    let sender = try world.start("sender", ForwardingTests.waiter, on: 0)
    let receiver = try world.start("receiver", ForwardingTests.waiter, on: 1)
    for _ in 0..<20 {
      world.ask(NodeID(0), .send(from: sender, to: receiver, text: "", size: .max))
    }
    #expect(world.run(to: Self.second) == .limit)
    #expect(world.messages.delivered == 0)
  }

  // MARK: - What one node cannot know

  @Test func aProcessThatHadMovedOnIsNotLostWithTheNodeItLeft() throws {
    var world = MigrationTests.cluster(3)
    let slow = MigrationTests.line(bandwidth: 1_000_000)
    world.setLine(NodeID(0), NodeID(1), slow)
    // The way back from node 1 to node 0 is kept busy, so that the reply to the commit has not left when node 1 falls.
    let large = try world.start("large", ForwardingTests.waiter, on: 1, pages: 2000)
    let process = try world.start("p", ForwardingTests.waiter, on: 0)
    world.migrate(large, to: 0)
    _ = world.run(to: 100_000_000)
    world.migrate(process, to: 1)
    #expect(world.run(to: 60 * Self.second, until: { $0.migrations[2]?.activatedAt != nil }) == .satisfied)
    world.migrate(process, to: 2)
    #expect(world.run(to: 60 * Self.second, until: { $0.migrations[3]?.activatedAt != nil }) == .satisfied)
    world.fail(NodeID(1))
    #expect(world.nodes[0].kernel?.departures[process] != nil, "not answered yet")
    _ = world.run(to: world.now + 2 * Self.second)
    world.recover(NodeID(1))
    _ = world.run(to: world.now + 60 * Self.second)
    #expect(world.nodes[0].kernel?.departures[process] == nil)
    #expect(world.processes[process]?.fate == .alive && world.location(of: process) == NodeID(2))
    #expect(world.migrations[2]?.status == .completed && world.migrations[2]?.endedAt != nil)
    #expect(world.invariants?.violation == nil)
  }

  @Test func aMigrationWhoseSourceFellAfterTheActivationIsOver() throws {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", ForwardingTests.waiter, on: 0)
    world.migrate(process, to: 1)
    #expect(world.run(to: Self.second, until: { $0.migrations[1]?.activatedAt != nil }) == .satisfied)
    #expect(world.migrations[1]?.endedAt == nil)
    world.fail(NodeID(0))
    #expect(world.migrations[1]?.endedAt == world.now && world.migrations[1]?.status == .completed)
    _ = world.run(to: 60 * Self.second)
    #expect(world.processes[process]?.fate == .alive && world.invariants?.violation == nil)
  }
}
