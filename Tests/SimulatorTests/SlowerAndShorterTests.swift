import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Pre-transfer with a throttle, and with pages sent again as differences.
@Suite struct SlowerAndShorterTests {
  static let second: Nanoseconds = 1_000_000_000

  /// Writes 10,000 pages a second, in turn 100: three times what a line of 100 Mbps carries.
  static let fast = Programs.regularWriter(period: 100_000, pages: 100)

  static func cluster(_ program: StepProgram, pages: Int = 100) throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", program, on: 0, pages: pages)
    _ = world.run(to: 20_000_000)
    return (world, process)
  }

  static func options(_ change: (inout TransferOptions) -> Void = { _ in }) -> TransferOptions {
    var options = TransferOptions(.preTransfer)
    options.throttles = true
    change(&options)
    return options
  }

  /// Writes of a process so far.
  static func writes(_ world: World, _ process: ProcessID) -> UInt64 {
    guard let space = world.process(process)?.space else { return 0 }
    return (0..<space.pageCount).reduce(0) { sum, page in
      if case .word(let word) = space[page] { sum + word } else { sum }
    }
  }

  /// Writes of a process in the next tenth of a second.
  static func writesSoon(_ world: World, _ process: ProcessID) -> UInt64 {
    var world = world
    let before = writes(world, process)
    _ = world.run(to: world.now + second / 10)
    return writes(world, process) - before
  }

  // MARK: - Slower

  @Test func itIsSlowedStepByStepUntilItConverges() throws {
    var (world, process) = try Self.cluster(Self.fast)
    world.migrate(process, to: 1, Self.options())
    _ = world.run(to: Self.second)
    let record = try #require(world.migrations[1])
    #expect(record.status == .completed && world.invariants?.violation == nil)
    #expect(record.rounds.map(\.throttle).prefix(9) == [0, 20, 30, 40, 50, 60, 70, 80, 90])
    #expect(record.rounds.dropFirst(9).allSatisfy { $0.throttle == 90 } && record.throttle == 90)
    #expect(record.rounds.last?.outcome == .clean)
    for round in record.rounds {
      let writes = Double(round.duration) / 100_000 * Double(100 - round.throttle) / 100
      #expect(abs(Double(round.dirtied) - min(100, writes)) <= 1, "\(round)")
      if round.pages == 100 {
        let rate = Double(100 * (100 - round.throttle))
        #expect(abs(Double(round.writeRate) - rate) < 0.06 * rate, "\(round)")
      }
    }
    // Three trips, the state, and nothing else.
    #expect(try #require(record.freezeTime) < 3_100_000)
  }

  /// The throttle does not travel along, and the next migration begins without it.
  @Test func atTheDestinationItHasItsFullSpeed() throws {
    var (world, process) = try Self.cluster(Self.fast)
    world.migrate(process, to: 1, Self.options())
    _ = world.run(to: Self.second)
    #expect((999...1001).contains(Self.writesSoon(world, process)) && world.process(process)?.throttle == 0)
    world.migrate(process, to: 0, Self.options())
    _ = world.run(to: 2 * Self.second)
    #expect(world.migrations[2]?.rounds.first?.throttle == 0 && world.migrations[2]?.status == .completed)
  }

  /// A migration is called off, or loses its destination: in every round, and at every event of the last round.
  @Test(arguments: [true, false]) func itsSpeedIsGivenBack(isCancelled: Bool) throws {
    var (world, process) = try Self.cluster(Self.fast)
    world.migrate(process, to: 1, Self.options())
    var throttles: Set<Int> = []
    while let record = world.migrations[1], record.status != .completed {
      let isNew = record.throttle > 0 && throttles.insert(record.throttle).inserted
      if isNew || record.rounds.last?.outcome == .clean {
        var copy = world
        let isCommitted = copy[NodeID(0)].kernel?.departures[process]?.stage == .committed
        if isCancelled {
          copy.ask(NodeID(0), .cancelMigration(process))
        } else {
          copy.fail(NodeID(1))
          _ = copy.run(to: copy.now + NodeSettings().detectionTimeout)
        }
        guard !isCommitted else { break }
        #expect((999...1001).contains(Self.writesSoon(copy, process)), "\(record.status) \(world.now)")
        #expect(copy.migrations[1]?.throttle == 0)
        let isReported = copy.log.entries.contains { entry in
          if case .fact(.migration(_, .throttled(0))) = entry.event { true } else { false }
        }
        #expect(isReported)
      }
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    #expect(throttles == [20, 30, 40, 50, 60, 70, 80, 90])
  }

  /// It writes between sleeps, which nothing slows down.
  @Test func whereItIsNoHelpItIsFrozenInTheEnd() throws {
    let sleeper = Programs.make(
      "sleeper",
      [
        .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .literal(99), counter: 1)),
        .sleep(.literal(50_000)), .next(counter: 0, start: 0),
      ], counters: 2)
    var (world, process) = try Self.cluster(sleeper)
    world.migrate(process, to: 1, Self.options())
    _ = world.run(to: Self.second)
    let record = try #require(world.migrations[1])
    #expect(record.rounds.map(\.throttle) == [0, 20, 30, 40, 50, 60, 70, 80, 90, 99])
    #expect(record.rounds.last?.outcome == .noReduction && record.pagesSentFrozen == 100)
    #expect(record.status == .completed && record.throttle == 99)
  }

  @Test func theOtherBoundsHold() throws {
    let (start, process) = try Self.cluster(Self.fast)
    var (bounded, brief) = (start, start)
    bounded.migrate(process, to: 1, Self.options { $0.maxRounds = 3 })
    brief.migrate(process, to: 1, Self.options { $0.downtime = 25_000_000 })
    _ = bounded.run(to: Self.second)
    _ = brief.run(to: Self.second)
    #expect(bounded.migrations[1]?.rounds.map(\.throttle) == [0, 20, 30])
    #expect(bounded.migrations[1]?.rounds.last?.outcome == .boundReached)
    // Of the rounds at 70, 80 and 90 hundredths only the second leaves few enough.
    #expect(brief.migrations[1]?.rounds.last?.throttle == 80)
    #expect(brief.migrations[1]?.rounds.last?.outcome == .downtimeMet)
    #expect(try #require(brief.migrations[1]?.freezeTime) <= 25_000_000)
  }

  /// Every thread of it on every core, and nobody else's.
  @Test func allItsThreadsAreSlowedAndNobodyElse() throws {
    var world = World()
    var settings = NodeSettings()
    settings.cores = 3
    world.addNode(named: "a", settings)
    world.addNode(named: "b", settings)
    let request = SpawnRequest(name: "p", program: Self.fast, pages: 100, threads: 2, seed: 1)
    let spawned = world.spawn(request, on: NodeID(0))
    let process = try #require(spawned)
    let other = try world.start("other", Self.fast, on: 0, pages: 100)
    world.migrate(process, to: 1, Self.options())
    let stop = world.run(to: Self.second) { ($0.migrations[1]?.throttle ?? 0) == 90 }
    #expect(stop == .satisfied)
    let before = (Self.writes(world, process), Self.writes(world, other))
    _ = world.run(to: world.now + 10_000_000)
    #expect(abs(Int(Self.writes(world, process) - before.0) - 20) <= 2)
    #expect(abs(Int(Self.writes(world, other) - before.1) - 100) <= 1)
    _ = world.run(to: Self.second)
    #expect(world.migrations[1]?.status == .completed)
  }

  // MARK: - Shorter

  /// A page that is sent again takes the bytes of its place, its length, and its difference. The difference is the
  /// lowest byte of its word, or nothing when the page had been written before it was first sent.
  @Test func pagesGoAgainAsDifferences() throws {
    let (start, process) = try Self.cluster(Programs.regularWriter(period: 400_000, pages: 100))
    var (plain, shorter) = (start, start)
    plain.migrate(process, to: 1, TransferOptions(.preTransfer))
    shorter.migrate(
      process, to: 1,
      Self.options {
        $0.throttles = false
        $0.sendsDeltas = true
      })
    _ = plain.run(to: Self.second)
    _ = shorter.run(to: Self.second)
    let (before, after) = (try #require(plain.migrations[1]), try #require(shorter.migrations[1]))
    #expect(before.deltaPages == 0 && before.savedBytes == 0 && shorter.invariants?.violation == nil)
    #expect(after.redundantPages == after.deltaPages && after.deltaPages > 50)
    let packets = (100 + 14) / 15 + after.rounds.count - 1 + (after.pagesSentFrozen > 0 ? 1 : 0)
    #expect(after.pageBytes + after.savedBytes == after.pagesSent * 4101 + packets * Int(PreTransferModelTests.header))
    let shortest = after.deltaPages * (4096 - 4)
    #expect((shortest - 3 * after.deltaPages..<shortest).contains(after.savedBytes))
    #expect(after.rounds.count < before.rounds.count)
    #expect(try #require(after.totalTime) < (try #require(before.totalTime)))
  }

  /// After the first round, in which every page was written, the rest goes in no time.
  @Test func theFirstRoundIsNotTheLastForWantOfProgress() throws {
    var (world, process) = try Self.cluster(Self.fast)
    world.migrate(
      process, to: 1,
      Self.options {
        $0.throttles = false
        $0.sendsDeltas = true
      })
    _ = world.run(to: Self.second)
    let record = try #require(world.migrations[1])
    #expect(record.rounds.map(\.pages).prefix(2) == [100, 100] && (record.rounds.last?.dirtied ?? 9) <= 1)
    #expect(try #require(record.freezeTime) < 3_200_000)
    // What is left takes as long as differences do.
    #expect(record.rounds.dropFirst().allSatisfy { $0.expectedFreezeTime < 3_200_000 })
  }

  /// Whatever pages hold, and whatever becomes of them: bytes, words, and zeros.
  @Test(arguments: [false, true], [false, true]) func whatArrivesIsWhatWasThere(marksZeros: Bool, isHybrid: Bool) throws
  {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", Programs.writer(400, last: 59, every: 1_000_000), on: 0, pages: 60, held: true)
    var random = Generator(seed: 5)
    for page in 0..<40 {
      // Some hold a word that a step makes zero.
      let bytes: [UInt8] =
        page % 4 == 0
        ? [UInt8](repeating: 0xFF, count: 8)
        : (0..<Int(random.next(below: 4096))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      world.ask(NodeID(0), .poke(process, page: page, bytes: bytes))
    }
    world.ask(NodeID(0), .start(process))
    _ = world.run(to: 1_000_000)
    var (stayed, moved) = (world, world)
    var options = TransferOptions(isHybrid ? .hybrid : .preTransfer)
    options.marksZeros = marksZeros
    options.sendsDeltas = true
    options.maxRounds = isHybrid ? 3 : nil
    moved.migrate(process, to: 1, options)
    _ = stayed.run(to: 10 * Self.second)
    _ = moved.run(to: 10 * Self.second)
    let record = try #require(moved.migrations[1])
    #expect(record.status == .completed && record.deltaPages > 5 && (record.zeroPages > 20) == marksZeros)
    #expect(TwinTests.finalStates(moved, cpu: true) == TwinTests.finalStates(stayed, cpu: true))
    #expect(moved.invariants?.violation == nil && moved.books == ["balanced", "balanced"])
  }

  /// A page that comes from another node while the process is moved on was never sent before, so it goes whole.
  @Test func pagesThatComeMeanwhileGoWhole() throws {
    var world = MigrationTests.cluster(3)
    let process = try world.start("p", Programs.writer(300, last: 99, every: 1_000_000), on: 0, pages: 100)
    _ = world.run(to: 100_000_000)
    var (stayed, moved) = (world, world)
    moved.migrate(process, to: 1, TransferOptions(.onReference))
    _ = moved.run(to: 150_000_000)
    let remote = moved.process(process)?.space.remote.count ?? 0
    #expect(remote > 20)
    moved.migrate(
      process, to: 2,
      Self.options {
        $0.sendsDeltas = true
        $0.bandwidth = 10_000_000
      })
    _ = moved.run(to: 20 * Self.second)
    _ = stayed.run(to: 20 * Self.second)
    let record = try #require(moved.migrations[2])
    #expect(record.status == .completed && record.deltaPages > 10)
    #expect(record.pagesSent - record.deltaPages > 100 - remote, "pages came meanwhile")
    #expect(TwinTests.finalStates(moved, cpu: false) == TwinTests.finalStates(stayed, cpu: false))
    #expect(moved.invariants?.violation == nil)
  }

  // MARK: - Both, at random

  /// A writer that ends, and another process beside it, on nodes of any kind. Moves are planned for them.
  static func writers(_ seed: UInt64) throws -> (stayed: World, moved: World) {
    var random = Generator(seed: seed)
    func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
      range.lowerBound + random.next(below: range.upperBound - range.lowerBound + 1)
    }
    var world = World(seed: seed)
    world.invariants = Invariants()
    world.keepsDigest = true
    world.setNetwork(MigrationTests.line(bandwidth: draw(10_000_000...60_000_000), latency: draw(0...2_000_000)))
    for name in ["a", "b"] {
      var settings = NodeSettings()
      settings.cores = Int(draw(1...2))
      settings.speed = draw(300...2500)
      settings.quantum = draw(100_000...10_000_000)
      world.addNode(named: name, settings)
    }
    let pages = draw(10...40)
    let pause = draw(20_000...150_000)
    let writer = Programs.writer(300_000_000 / pause, last: pages - 1, every: pause)
    let request = SpawnRequest(
      name: "p", program: writer, pages: Int(pages), threads: Int(draw(1...2)), seed: random.next())
    let spawned = world.spawn(request, on: NodeID(0))
    let process = try #require(spawned)
    _ = try world.start("other", Programs.writer(draw(10...300), last: 3, every: draw(1000...300_000)), on: 0, pages: 4)
    let stayed = world
    for _ in 0..<4 {
      var options = TransferOptions(.preTransfer)
      options.throttles = draw(0...3) > 0
      options.sendsDeltas = draw(0...2) == 0
      options.marksZeros = draw(0...2) == 0
      if draw(0...2) == 0 { options.downtime = draw(0...30_000_000) }
      let time = draw(0...150_000_000)
      let node = NodeID(UInt32(draw(0...1)))
      world.ask(about: process, .migrate(process, to: node, options), at: time)
      if draw(0...3) == 0 { world.ask(about: process, .cancelMigration(process), at: time + draw(0...200_000_000)) }
    }
    return (stayed, world)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func movingDoesNotShow(seed: UInt64) throws {
    var (stayed, moved) = try Self.writers(seed)
    _ = stayed.run(to: TwinTests.end)
    _ = moved.run(to: TwinTests.end)
    #expect(TwinTests.finalStates(moved, cpu: false) == TwinTests.finalStates(stayed, cpu: false), "seed \(seed)")
    #expect(moved.invariants?.violation == nil && moved.books == ["balanced", "balanced"])
    #expect(moved.nodes.allSatisfy { $0.kernel?.freeFrames == $0.settings.frames })
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func howTimeIsCutDoesNotShow(seed: UInt64) throws {
    let (_, world) = try Self.writers(seed)
    Self.expectCutsDoNotShow(world, until: 2 * Self.second, seed: seed)
  }

  /// When a coprocess forks, on another core than the one that is slowed down, the migration of both is called off. It
  /// is large, so that its own migration lasts until then.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func norWhenACoprocessCallsItOff(seed: UInt64) throws {
    var world = World()
    var settings = NodeSettings()
    settings.cores = 2
    for name in ["a", "b"] { world.addNode(named: name, settings) }
    let kid = Programs.make("kid", [.pause])
    let parent = Programs.make(
      "parent",
      [
        .compute(.literal(150_000_000 + seed * 3_333_333)), .fork(program: 0, into: 0),
        .compute(.literal(Self.second)),
      ], registers: ["f"], children: [kid])
    var request = SpawnRequest(name: "parent", program: parent, pages: 3000, seed: 1)
    request.isInseparable = true
    let family = world.spawn(request, on: NodeID(0))
    var other = SpawnRequest(name: "writer", program: Self.fast, pages: 100, seed: 1)
    other.family = family
    other.isInseparable = true
    let spawned = world.spawn(other, on: NodeID(0))
    let process = try #require(spawned)
    world.migrate(process, to: 1, Self.options { $0.withCoprocesses = true })
    Self.expectCutsDoNotShow(world, until: Self.second / 4, seed: seed)
    _ = world.run(to: Self.second / 4)
    let record = try #require(world.migrations.all.first { $0.attempt.process == process })
    #expect(record.status == .aborted && record.rounds.last?.outcome == .slowsDown)
  }

  static func expectCutsDoNotShow(_ world: World, until end: Nanoseconds, seed: UInt64) {
    var start = world
    start.invariants = nil
    start.keepsDigest = true
    var (whole, sliced, exact) = (start, start, start)
    _ = whole.run(to: end)
    whole.settleClock(at: end)
    var random = Generator(seed: seed)
    while sliced.now < end {
      let limit = min(end, sliced.now + random.next(below: 3_000_000))
      _ = sliced.run(to: limit)
      sliced.settleClock(at: limit)
    }
    CuttingTests.expectEqual(whole, sliced, "seed \(seed), slices")
    _ = exact.run(to: end, exactly: true, isInterrupted: { _, _ in false }, until: { _ in false })
    exact.settleClock(at: end)
    CuttingTests.expectEqual(whole, exact, "seed \(seed), exactly")
  }

  @Test func theWritersReallyAreSlowed() throws {
    var (completed, cancelled, slowed, slowest, deltas) = (0, 0, 0, 0, 0)
    for seed in 1...12 as ClosedRange<UInt64> {
      var (_, world) = try Self.writers(seed)
      world.invariants = nil
      _ = world.run(to: 2 * Self.second)
      for record in world.migrations.all where record.rounds.contains(where: { $0.throttle > 0 }) {
        slowed += 1
        completed += record.status == .completed ? 1 : 0
        cancelled += record.status == .cancelled ? 1 : 0
        slowest = max(slowest, record.rounds.last?.throttle ?? 0)
      }
      deltas += world.migrations.all.reduce(0) { $0 + $1.deltaPages }
    }
    let figures =
      "\(slowed) slowed, \(completed) completed, \(cancelled) cancelled, at most \(slowest), \(deltas) deltas"
    #expect(completed >= 3 && cancelled >= 3 && slowest == Throttle.most && deltas >= 100, "\(figures)")
  }
}
