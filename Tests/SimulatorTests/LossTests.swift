import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Lines that lose segments, against what is known of TCP.
@Suite struct LossTests {
  private static let millisecond: Nanoseconds = 1_000_000
  private static let packet = Packet.locate(ProcessID(origin: NodeID(0), incarnation: 1, serial: 1))

  /// Two nodes that nothing has been sent between.
  private static func network(loss: Double, latency: Nanoseconds, seed: UInt64) -> Network {
    var network = Network()
    network.setSeed(seed)
    var line = MigrationTests.line(latency: latency)
    line.loss = loss
    network.setDefaults(line)
    for number in 0..<2 as Range<UInt32> { network.addMember(NodeID(number), interface: nil) }
    return network
  }

  /// One long transfer goes as fast as Mathis et al. say (1997), or as the line, within a third. What goes in one piece and
  /// what goes in many are equally fast.
  @Test(
    arguments: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02] as [Double], [1, 2, 10, 30, 100, 200, 400] as [Nanoseconds])
  func aLongTransferIsAsFastAsTheFormulaSays(loss: Double, roundTrip: Nanoseconds) {
    let segments = min(1_000_000, 400 / loss)
    let mathis = 1460 * 8 / (Double(roundTrip) / 1000) * 1.5.squareRoot() / loss.squareRoot()
    let expected = min(100_000_000, mathis)
    for (seed, size) in [(1, 64 * 1024), (2, 64 * 1024), (3, 1460), (4, Int(segments) * 1460)] as [(UInt64, Int)] {
      var network = Self.network(loss: loss, latency: roundTrip * Self.millisecond / 2, seed: seed)
      let channel = network.channel(from: NodeID(0), to: NodeID(1))
      var (bytes, now) = (0, 0 as Nanoseconds)
      while bytes < Int(segments) * 1460 {
        now = network.transmit(Self.packet, size: size, on: channel, now: now, longestTimeout: 1_000_000_000).left
        bytes += size
      }
      let rate = Double(bytes) * 8e9 / Double(now)
      #expect(
        rate > expected * 2 / 3 && rate < expected * 4 / 3,
        "\(rate / 1e6) Mbps in pieces of \(size), where \(expected / 1e6) are expected")
      #expect(abs(Double(network.resent.packets) / (Double(bytes) / 1460) / loss - 1) < 0.3)
    }
  }

  /// A receiver on node 0, and a sender on node 1.
  private static func pair(loss: Double, timeout: Nanoseconds? = nil) throws -> (World, sender: ProcessID, ProcessID) {
    var world = MigrationTests.cluster(2)
    var line = Line()
    line.loss = loss
    world.setNetwork(line)
    if let timeout { world.apply(.setRetransmissionTimeout(timeout)) }
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0)
    let sender = try world.start("sender", ForwardingTests.sink, on: 1)
    return (world, sender, receiver)
  }

  /// A segment that is lost alone is sent again after the time-out and no sooner. When it is lost again, the wait doubles,
  /// up to the detection timeout; but nobody is told that the connection broke.
  @Test(arguments: [200, 50] as [Nanoseconds]) func aSegmentThatIsLostAloneWaitsForTheTimeout(timeout: Nanoseconds)
    throws
  {
    var (world, sender, receiver) = try Self.pair(
      loss: 0.5, timeout: timeout == 200 ? nil : timeout * Self.millisecond)
    var seen: Set<Nanoseconds> = []
    for number in 1...200 {
      let start = world.now
      world.ask(NodeID(1), .send(from: sender, to: receiver, text: "", size: 100))
      _ = world.run(to: start + 100_000 * Self.millisecond)
      let delay = try #require(world.messages[number]?.deliveredAt) - start
      var (waits, next) = ([0] as [Nanoseconds], timeout)
      while waits.count < 20 {
        waits.append(waits[waits.count - 1] + next)
        next = min(2 * next, 1000)
      }
      let wait = waits.last { $0 * Self.millisecond <= delay } ?? 0
      // Whatever the kernels say to each other before may be waited for, too: for that the kernels' own time-outs.
      if delay < 900 * Self.millisecond {
        #expect(delay < (wait + 2) * Self.millisecond, "\(delay) ns is none of the times after which a segment comes")
      }
      seen.insert(wait)
    }
    #expect(seen.isSuperset(of: [0, timeout, 3 * timeout, 7 * timeout]))
    #expect(world.log.count(of: .connectionBroken) == 0 && world.invariants?.violation == nil)
  }

  /// What is lost comes as soon as three later segments have told the sender, though they come in later packets; and what
  /// has come after it waits for it.
  @Test(arguments: 0..<200 as Range<UInt64>) func threeLaterSegmentsAreEnough(seed: UInt64) throws {
    let (latency, gap, loss) = (5 * Self.millisecond, 10 * Self.millisecond, 0.05)
    var world = World(seed: seed)
    for name in ["a", "b"] { world.addNode(named: name, NodeSettings()) }
    var line = MigrationTests.line(latency: latency)
    line.loss = loss
    world.setNetwork(line)
    // A model of its own: it draws the same losses, and looks for the third later segment.
    var copy = world.network
    let channel = copy.channel(from: NodeID(0), to: NodeID(1))
    let count = 40
    let lost = (0..<count).map { number in
      let before = copy.resent.packets
      let now = UInt64(number) * gap
      _ = copy.transmit(Self.packet, size: 1000, on: channel, now: now, longestTimeout: 1_000_000_000)
      return Int(copy.resent.packets - before)
    }
    var expected: [Nanoseconds] = []
    for number in 0..<count {
      let alone = UInt64(number) * gap + line.transmissionTime(bytes: 1000) + latency
      var arrives = alone
      if lost[number] > 0 {
        let again = UInt64(lost[number] - 1) * (2 * latency)
        arrives = number + 3 < count ? alone + 3 * gap + 2 * latency + again : .max
      }
      expected.append(max(arrives, expected.last ?? 0))
    }
    var measured = world.network
    let number = measured.channel(from: NodeID(0), to: NodeID(1))
    var arrivals: [Nanoseconds] = []
    var passages: [Network.Passage] = []
    for number in 0..<count {
      passages.append(
        measured.transmit(
          Self.packet, size: 1000, on: channel, now: UInt64(number) * gap, longestTimeout: 1_000_000_000))
    }
    for passage in passages {
      let comes = passage.missing > 0 ? measured.comesAt(passage.missing, in: 2 * number, now: 0) ?? 0 : 0
      arrivals.append(max(passage.arrives, comes, arrivals.last ?? 0))
    }
    for (place, time) in expected.enumerated() where time != .max && place + 3 < count {
      let difference = arrivals[place] > time ? arrivals[place] - time : time - arrivals[place]
      #expect(difference < Self.millisecond, "packet \(place) comes at \(arrivals[place]), not \(time)")
    }
  }

  /// A node that falls sends nothing again. What lacks a segment then, and what has come or comes after it, never arrives,
  /// even when the node is back at once.
  @Test(arguments: 0..<100 as Range<UInt64>) func aFallLeavesNoGap(seed: UInt64) throws {
    var world = World(seed: seed)
    for name in ["a", "b"] { world.addNode(named: name, NodeSettings()) }
    var line = Line()
    line.loss = 0.2
    world.setNetwork(line)
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0)
    let sender = try world.start("sender", ForwardingTests.sink, on: 1)
    var random = Generator(seed: seed)
    for number in 0..<30 {
      // Short ones would overtake long ones in the sender's kernel.
      let size = UInt32(1500 + random.next(below: 6000))
      world.ask(NodeID(1), .send(from: sender, to: receiver, text: "\(number)", size: size))
      _ = world.run(to: world.now + random.next(below: 2 * Self.millisecond))
    }
    world.failNode(NodeID(1))
    if seed % 2 == 0 {
      _ = world.run(to: world.now + random.next(below: Self.millisecond))
      world.recoverNode(NodeID(1))
    }
    _ = world.run(to: world.now + 10 * MigrationTests.second)
    let stream = try #require(world[NodeID(0)].kernel?.processes[receiver]?.incoming[sender])
    #expect(stream.early.isEmpty, "message \(stream.expected) never came, and a later one did")
    #expect(world.invariants?.violation == nil)
  }

  /// Messages arrive in order over a line that loses half of all segments, whatever their sizes.
  @Test(arguments: 0..<20 as Range<UInt64>) func whatComesAfterALostSegmentWaits(seed: UInt64) throws {
    var (world, sender, receiver) = try Self.pair(loss: 0.3)
    var random = Generator(seed: seed)
    for number in 0..<60 {
      let size = UInt32(random.next(below: 4000))
      world.ask(NodeID(1), .send(from: sender, to: receiver, text: "\(number)", size: size))
      _ = world.run(to: world.now + random.next(below: 20 * Self.millisecond))
    }
    _ = world.run(to: 1000 * MigrationTests.second)
    let times = world.messages.all.compactMap(\.deliveredAt)
    #expect(times.count == 60 && times == times.sorted())
    #expect(world.log.count(of: .connectionBroken) == 0 && world.invariants?.violation == nil)
  }
}
