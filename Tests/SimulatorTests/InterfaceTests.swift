import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Nodes whose lines share an interface, against models of their own.
@Suite struct InterfaceTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// An interface that is taken in advance, against a model that remembers every nanosecond.
  @Test(arguments: 0..<50) func aTakerGetsTheFirstGaps(seed: UInt64) {
    var generator = Generator(seed: seed)
    var occupancy = Occupancy()
    var taken: Set<Nanoseconds> = []
    var now: Nanoseconds = 0
    for _ in 0..<100 {
      now += generator.next(below: 4)
      let (amount, earliest) = (generator.next(below: 9), now + generator.next(below: 200))
      let (begins, ends) = occupancy.take(amount, from: earliest, now: now)
      var mine: [Nanoseconds] = []
      var instant = earliest
      while mine.count < Int(amount) {
        if taken.insert(instant).inserted { mine.append(instant) }
        instant += 1
      }
      #expect(begins == mine.first ?? earliest && ends == (mine.last.map { $0 + 1 } ?? earliest))
      let ranges = occupancy.taken
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      let kept = ranges.reduce(into: Set()) { $0.formUnion($1) }
      #expect(kept.filter { $0 >= now } == taken.filter { $0 >= now })
    }
  }

  // MARK: - Two at once

  /// How long each of two migrations takes, begun together; `sends`: from one node to two, otherwise from two to one.
  private static func twoAtOnce(
    _ options: TransferOptions, pages: Int, latencies: [Nanoseconds], bandwidth: UInt64, sends: Bool,
    alone: Int? = nil
  ) throws -> [MigrationRecord] {
    var world = MigrationTests.cluster(3, line: MigrationTests.line(bandwidth: bandwidth))
    for (place, latency) in latencies.enumerated() {
      let line = MigrationTests.line(bandwidth: bandwidth, latency: latency)
      world.setLine(NodeID(0), NodeID(UInt32(place + 1)), line)
    }
    let processes = try (1...2).map {
      try world.start(
        "p\($0)", Programs.writer(10_000_000, last: 9, every: millisecond), on: sends ? 0 : UInt32($0), pages: pages)
    }
    _ = world.run(to: 20 * millisecond)
    for (place, process) in processes.enumerated() where alone ?? place == place {
      world.migrate(process, to: sends ? UInt32(place + 1) : 0, options)
    }
    _ = world.run(to: 20 * MigrationTests.second)
    #expect(world.invariants?.violation == nil)
    return (1...(alone == nil ? 2 : 1)).compactMap { world.migrations[$0] }
  }

  /// Two migrations at once, to two nodes or from two, each take as long as one that moves twice as much.
  @Test(arguments: [true, false], 0..<12 as Range<UInt64>) func twoMigrationsShareAnInterface(
    sends: Bool, seed: UInt64
  ) throws {
    var generator = Generator(seed: seed)
    let pages = 500 + Int(generator.next(below: 1500))
    let latencies = (0..<2).map { _ in generator.next(below: 5 * Self.millisecond) }
    let bandwidth = 20_000_000 + generator.next(below: 500_000_000)
    for mechanism in [TransferMechanism.totalFreezing, .preTransfer] {
      let records = try Self.twoAtOnce(
        TransferOptions(mechanism), pages: pages, latencies: latencies, bandwidth: bandwidth, sends: sends)
      for record in records {
        let model = Double(2 * pages * (4096 + Packet.pageOverhead)) * 8e9 / Double(bandwidth)
        let total = Double(try #require(record.totalTime))
        let batches = 6 * Double(64 * 1024) * 8e9 / Double(bandwidth)
        let trips = 6 * Double(latencies.max() ?? 0)
        // What comes from nearer has a somewhat larger share.
        #expect(
          total > model * (sends ? 0.99 : 0.9) - batches && total < model * 1.03 + batches + trips,
          "\(mechanism): \(total) ns, model \(model)")
        // What is on its way from the other when a process is frozen delays it, but no more than that.
        let frozen = Double(try #require(record.freezeTime) - (record.coreWaitTime ?? 0))
        if mechanism == .preTransfer { #expect(frozen < batches + trips) }
      }
    }
  }

  /// One alone has all of its line, however many others its node has.
  @Test(arguments: [true, false]) func oneAloneIsNotDelayed(sends: Bool) throws {
    let options = TransferOptions(.totalFreezing)
    for place in 0..<2 {
      let record = try Self.twoAtOnce(
        options, pages: 100, latencies: [1_000_000, 3_000_000], bandwidth: 100_000_000, sends: sends, alone: place)[0]
      let line = MigrationTests.line(bandwidth: 100_000_000, latency: place == 0 ? 1_000_000 : 3_000_000)
      let bytes = 100 * (4096 + Packet.pageOverhead) + record.stateBytes
      let exact = Double(bytes + 7 * 40 + 2 * 32) * 0.08 * 1000 + 3 * Double(line.latency)
      #expect(abs(Double(try #require(record.freezeTime)) - exact) <= 10)
    }
  }

  // MARK: - Messages, against a model

  /// Some messages sent at random times over lines of random speeds arrive when a model says that knows only what is sent,
  /// and looks at each instant for who may begin.
  @Test(arguments: 0..<40 as Range<UInt64>) func messagesArriveWhenAModelSays(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let count = 4
    var world = MigrationTests.cluster(count)
    // The last node has the only interface that several lines share.
    let hub = NodeID(UInt32(count - 1))
    var lines: [Line] = []
    for number in 0..<count - 1 {
      let line = MigrationTests.line(
        bandwidth: 1_000_000 * (1 + generator.next(below: 50)), latency: generator.next(below: 3 * Self.millisecond))
      world.setLine(NodeID(UInt32(number)), hub, line)
      lines.append(line)
    }
    let rate = 10_000_000 + generator.next(below: 50_000_000)
    world.apply(.setInterface(hub, rate))
    var model = Occupied()
    var busy = [Nanoseconds](repeating: 0, count: count)
    for _ in 0..<30 {
      let now = world.now
      let (to, size) = (Int(generator.next(below: UInt64(count - 1))), Int(100 + generator.next(below: 20_000)))
      let channel = world.network.channel(from: hub, to: NodeID(UInt32(to)))
      let passage = world.network.transmit(
        .locate(ProcessID(origin: hub, incarnation: 1, serial: 1)), size: size, on: channel, now: now,
        longestTimeout: MigrationTests.second)
      let begins = max(now, busy[to])
      let (first, last) = model.take(Interface.time(bytes: size, rate: rate), from: begins)
      busy[to] = max(first + lines[to].transmissionTime(bytes: size), last)
      #expect(passage.left == busy[to] && passage.arrives == passage.left + lines[to].latency)
      _ = world.run(to: now + generator.next(below: 4 * Self.millisecond))
    }
  }

  /// What an interface has sent, stretch by stretch, in the order in which it was asked.
  private struct Occupied {
    var stretches: [Range<Nanoseconds>] = []

    mutating func take(_ amount: Nanoseconds, from earliest: Nanoseconds) -> (Nanoseconds, Nanoseconds) {
      var (instant, left, first) = (earliest, amount, nil as Nanoseconds?)
      while left > 0 {
        if let over = stretches.first(where: { $0.contains(instant) }) {
          instant = over.upperBound
          continue
        }
        let next = stretches.map(\.lowerBound).filter { $0 > instant }.min() ?? .max
        let used = min(left, next - instant)
        first = first ?? instant
        stretches.append(instant..<instant + used)
        instant += used
        left -= used
      }
      return (first ?? earliest, instant)
    }
  }

  /// Whatever several lines carry, over each packets are received in the order in which they were sent, and all together
  /// no faster than the interface is.
  @Test(arguments: 0..<50 as Range<UInt64>) func receivingKeepsTheOrder(seed: UInt64) {
    var generator = Generator(seed: seed)
    var interface = Interface()
    // When the last packet has come over each line.
    var come = [Nanoseconds](repeating: 0, count: 3)
    var now: Nanoseconds = 0
    var bytes: Nanoseconds = 0
    var queue = EventQueue()
    var expected = [[Int]](repeating: [], count: 3)
    for number in 0..<300 {
      // Packets that come together are frequent.
      now += generator.next(below: 4) * 8
      let channel = Int(generator.next(below: 3))
      expected[channel].append(number)
      come[channel] = max(now, come[channel] + 8)
      queue.schedule(.completed(lane: number * 3 + channel), at: come[channel])
    }
    var received = [[Int]](repeating: [], count: 3)
    var waiting: Set<Int> = []
    while let time = queue.nextTime, case .completed(lane: let packet)? = queue.pop() {
      let (number, channel) = packet.quotientAndRemainder(dividingBy: 3)
      if waiting.insert(packet).inserted {
        let end = interface.receive(8, from: time - min(time, 8), now: time)
        bytes += 8
        #expect(end >= time && end <= now + bytes)
        if end > time {
          queue.schedule(.completed(lane: packet), at: end)
          continue
        }
      }
      received[channel].append(number)
    }
    #expect(received == expected)
  }

  // MARK: - What several nodes send to one

  /// Sends a packet that means nothing to its receiver, and is as large as the test says.
  private static func send(_ world: inout World, _ size: Int, from: UInt32, to: UInt32 = 2) {
    world.send(
      .moving(ProcessID(origin: NodeID(9), incarnation: 1, serial: 1)), size: size, from: NodeID(from), to: NodeID(to),
      notify: nil)
  }

  private static func run(_ world: inout World, to time: Nanoseconds) {
    _ = world.run(to: time)
    world.settleClock(at: time)
  }

  /// When each packet arrives, in the order in which they were sent, less the latency.
  private static func passages(_ world: World) -> [Nanoseconds] {
    world.packets.all.map { $0.arrivesAt - Line().latency }
  }

  /// Nodes on which nothing happens but what a test sends, with 80 ns for a byte.
  private static func cluster(_ count: Int) -> World {
    var world = MigrationTests.cluster(count)
    world.invariants = nil
    return world
  }

  /// Small packets of another node delay a large one by their own time, and by nothing else, however many they are and
  /// whenever they come. They are not delayed themselves.
  @Test(arguments: 0..<20 as Range<UInt64>) func smallPacketsDelayALargeOneByTheirOwnTime(seed: UInt64) {
    var generator = Generator(seed: seed)
    var world = Self.cluster(3)
    // What has come before delays nothing.
    for _ in 0..<generator.next(below: 200) {
      Self.send(&world, 100, from: 1)
      Self.run(&world, to: world.now + 10_000)
    }
    Self.run(&world, to: world.now + 2 * Self.millisecond)
    let (begun, size, before) = (world.now, 20 << 20, Self.passages(world).count)
    Self.send(&world, size, from: 0)
    var (bytes, expected) = (0, [Nanoseconds]())
    let end = begun + UInt64(size) * 80
    let pause = (1 + generator.next(below: 60)) * Self.millisecond
    while world.now + pause < end {
      Self.run(&world, to: world.now + 100_000 + generator.next(below: pause))
      let small = 30 + Int(generator.next(below: 1200))
      Self.send(&world, small, from: 1)
      bytes += small
      expected.append(world.now + UInt64(small) * 80)
    }
    Self.run(&world, to: end + 1000 * Self.millisecond)
    #expect(Array(Self.passages(world)[before...]) == [end + UInt64(bytes) * 80] + expected)
    #expect(world.network.brokenInvariant() == nil)
  }

  /// Two large packets from two nodes both have come when the interface can have carried both, whenever the second begins.
  @Test(arguments: [0, 1, 1000, 50_000_000, 99_999_999] as [Nanoseconds])
  func twoLargePacketsShareTheInterface(later: Nanoseconds) {
    var world = Self.cluster(3)
    let time: Nanoseconds = 100 * Self.millisecond
    Self.send(&world, 1_250_000, from: 0)
    Self.run(&world, to: later)
    Self.send(&world, 1_250_000, from: 1)
    Self.run(&world, to: 10 * time)
    #expect(Self.passages(world) == [time, 2 * time])
  }

  // MARK: - Settings

  /// An interface is as fast as the fastest line, or as it was set, and slows everything down that is faster.
  @Test func interfacesAreAsFastAsTheFastestLineUnlessSet() throws {
    var world = MigrationTests.cluster(3)
    let rates = { (world: World) in (0..<3).map { world.interfaceRate(of: NodeID($0)) / 1_000_000 } }
    #expect(rates(world) == [100, 100, 100])
    world.setLine(NodeID(0), NodeID(1), MigrationTests.line(bandwidth: 1_000_000_000))
    #expect(rates(world) == [1000, 1000, 100])
    world.setLine(NodeID(0), NodeID(1), MigrationTests.line(bandwidth: 10_000_000))
    #expect(rates(world) == [100, 100, 100])
    world.setLine(NodeID(0), NodeID(2), MigrationTests.line(bandwidth: 20_000_000))
    #expect(rates(world) == [20, 100, 100])
    world.apply(.removeNode(NodeID(2)))
    #expect(rates(world).prefix(2) == [10, 10])
    world.apply(.setInterface(NodeID(1), 5_000_000))
    #expect(rates(world).prefix(2) == [10, 5] && world.withoutProcesses.interfaceRate(of: NodeID(1)) == 5_000_000)
  }

  @Test(arguments: [0, 1] as [UInt32]) func aSlowInterfaceBoundsALine(node: UInt32) throws {
    var world = MigrationTests.cluster(2)
    world.apply(.setInterface(NodeID(node), 10_000_000))
    let process = try world.start("p", Programs.echo, on: 0, pages: 100)
    world.migrate(process, to: 1)
    _ = world.run(to: MigrationTests.second)
    let record = try #require(world.migrations[1])
    let model = Double(100 * (4096 + Packet.pageOverhead) + record.stateBytes) * 800 + 3e6
    #expect(abs(Double(try #require(record.freezeTime)) / model - 1) < 0.005)
  }

  // MARK: - Faults

  /// What waits at the interface of its receiver when the line is cut keeps its place before what comes behind it.
  @Test(arguments: 0..<60 as Range<UInt64>) func aCutKeepsTheOrder(halfMilliseconds: UInt64) throws {
    var world = MigrationTests.cluster(3)
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0)
    for node in 1...2 as ClosedRange<UInt32> {
      let sender = try world.start("s\(node)", ForwardingTests.sink, on: node)
      for _ in 0..<4 { world.ask(sender.origin, .send(from: sender, to: receiver, text: "", size: 34_000)) }
    }
    _ = world.run(to: halfMilliseconds * Self.millisecond / 2)
    world.failLine(NodeID(0), NodeID(1))
    _ = world.run(to: world.now + Self.millisecond)
    world.healLine(NodeID(0), NodeID(1))
    _ = world.run(to: MigrationTests.second)
    #expect(world.invariants?.violation == nil && world.messages.delivered == 8)
  }

  /// What can no longer leave, since its line was cut, holds nobody up.
  @Test func aCutLineFreesTheInterface() throws {
    var world = MigrationTests.cluster(4)
    let sender = try world.start("sender", ForwardingTests.sink, on: 0)
    let receivers = try (1...3).map { try world.start("r\($0)", ForwardingTests.sink, on: $0) }
    for _ in 0..<2 {
      world.ask(sender.origin, .send(from: sender, to: receivers[0], text: "", size: 1_000_000))
    }
    world.ask(sender.origin, .send(from: sender, to: receivers[1], text: "", size: 10_000))
    _ = world.run(to: 10 * Self.millisecond)
    world.failLine(NodeID(0), NodeID(1))
    world.ask(sender.origin, .send(from: sender, to: receivers[2], text: "", size: 1_000_000))
    _ = world.run(to: 500 * Self.millisecond)
    let times = (3...4).compactMap { world.messages[$0]?.deliveredAt.map { $0 / Self.millisecond } }
    // The small one has gone between parts of the large one that was cut off; the other goes at once.
    #expect(times == [4, 91])
  }
}
