import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Flushing: which pages go to the backing node, what that costs, and which failures kill a process.
@Suite struct FlushingTests {
  static let second: Nanoseconds = 1_000_000_000
  static let frames = NodeSettings().frames

  static func options(_ backing: UInt32?, _ change: (inout TransferOptions) -> Void = { _ in }) -> TransferOptions {
    var options = TransferOptions(.flushing)
    options.backing = backing.map { NodeID($0) }
    change(&options)
    return options
  }

  /// A process of 100 pages on the first of four nodes. It has written pages 0 to 39. From 100 ms on it reads pages 0 to
  /// 19 and writes pages 0 to 4 and 90; from 600 ms on it reads all that are left.
  static func reader() throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(4)
    let program = Programs.make(
      "reader",
      [
        .write(.range(.literal(0), .literal(39))), .sleep(.literal(100_000_000)),
        .read(.range(.literal(0), .literal(19))), .write(.range(.literal(0), .literal(4))), .write(.one(.literal(90))),
        .sleep(.literal(500_000_000)), .read(.range(.literal(0), .literal(99))), .sleep(.literal(60_000_000_000)),
      ])
    let process = try world.start("reader", program, on: 0, pages: 100)
    _ = world.run(to: 10_000_000)
    return (world, process)
  }

  static func frames(of world: World, at node: UInt32) -> Int { world[NodeID(node)].kernel?.freeFrames ?? -1 }

  // MARK: - What goes

  @Test func theFirstFlushWritesWhatWasEverWritten() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 50_000_000)
    let record = try #require(world.migrations[1])
    #expect(record.status == .completed && record.pagesSent == 40 && record.pagesSentFrozen == 40)
    #expect(record.pagesLeft == 40 && record.backing == NodeID(2) && record.totalTime == nil)
    let moved = try #require(world.process(process))
    #expect(moved.space.remote.count == 40 && moved.holders.map(\.node) == [NodeID(2)])
    #expect(moved.pagesHeld(by: NodeID(2)) == 40 && moved.dirtyPages(for: NodeID(2)).count == 0)
    #expect([0, 1, 2].map { Self.frames(of: world, at: $0) } == [Self.frames, Self.frames - 100, Self.frames - 40])
    // Pages that were never written cost no fault; each of the others one.
    _ = world.run(to: 3 * Self.second)
    let later = try #require(world.migrations[1])
    #expect(later.remoteFaults == 40 && later.pagesSent == 80 && later.redundantPages == 40)
    #expect(later.totalTime != nil && world.process(process)?.space.remote.isEmpty == true)
    #expect(world.process(process)?.pagesHeld(by: NodeID(2)) == 35)
    #expect(Self.frames(of: world, at: 2) == Self.frames - 40 && world.invariants?.violation == nil)
  }

  @Test func aLaterFlushWritesOnlyWhatWasWrittenSince() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 400_000_000)
    #expect(world.process(process)?.dirtyPages(for: NodeID(2)).count == 6)
    #expect(world.process(process)?.pagesHeld(by: NodeID(2)) == 35)
    let digest = world.process(process)?.space.digest
    world.migrate(process, to: 3, Self.options(2))
    _ = world.run(to: 450_000_000)
    let record = try #require(world.migrations[2])
    #expect(record.status == .completed && record.pagesSent == 6 && record.pagesLeft == 41)
    #expect(world.process(process)?.space.remote.count == 41 && world.process(process)?.space.digest == digest)
    #expect(world.process(process)?.holders.map(\.attempt) == [record.attempt])
    // What was written over took no more room.
    #expect([1, 2, 3].map { Self.frames(of: world, at: $0) } == [Self.frames, Self.frames - 41, Self.frames - 100])
    #expect(world.migrations[1]?.totalTime != nil && record.totalTime == nil)
    // A third at once has nothing to write.
    world.migrate(process, to: 0, Self.options(2))
    _ = world.run(to: 500_000_000)
    #expect(world.migrations[3]?.status == .completed && world.migrations[3]?.pagesSent == 0)
    _ = world.run(to: 5 * Self.second)
    #expect(world.process(process)?.space.remote.isEmpty == true && world.process(process)?.space.digest == digest)
    #expect(world.migrations[3]?.pagesSent == 41 && world.invariants?.violation == nil)
  }

  /// The same holds after moves by every other mechanism, and after a move that was called off when its rounds had
  /// taken the dirty pages.
  @Test func whatWasDirtyBeforeRoundsIsDirtyAfterThem() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 3, TransferOptions(.preTransfer))
    _ = world.run(to: 410_000_000)
    world.ask(NodeID(1), .cancelMigration(process))
    #expect(world.migrations[2]?.status == .cancelled && world.process(process)?.space.dirty.isEmpty == true)
    #expect(world.process(process)?.dirtyPages(for: NodeID(2)).count == 6)
    world.ask(NodeID(1), .poke(process, page: 10, bytes: [1]))
    #expect(world.process(process)?.dirtyPages(for: NodeID(2)).count == 7)
    world.migrate(process, to: 0, Self.options(2))
    _ = world.run(to: 500_000_000)
    #expect(world.migrations[3]?.pagesSent == 7 && world.invariants?.violation == nil)
  }

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer, .onReference, .hybrid])
  func anyOtherMechanismEndsIt(_ mechanism: TransferMechanism) throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    var early = world
    _ = world.run(to: Self.second)
    #expect(Self.frames(of: world, at: 2) == Self.frames - 40)
    world.migrate(process, to: 3, TransferOptions(mechanism))
    _ = world.run(to: 2 * Self.second)
    #expect(world.migrations[2]?.status == .completed && Self.frames(of: world, at: 2) == Self.frames)
    #expect(world.process(process)?.holders.allSatisfy { $0.node == NodeID(1) } == true)
    // Pages that are still remote stay where they are, and are let go with the last page.
    _ = early.run(to: 300_000_000)
    early.migrate(process, to: 3, TransferOptions(mechanism))
    _ = early.run(to: 400_000_000)
    #expect(early.process(process)?.holders.first { $0.node == NodeID(2) }?.pages.count == 20)
    _ = early.run(to: 5 * Self.second)
    #expect(early.migrations[2]?.status == .completed && Self.frames(of: early, at: 2) == Self.frames)
    for world in [world, early] {
      #expect(world.books.allSatisfy { $0 == "balanced" } && world.invariants?.violation == nil)
    }
  }

  @Test func anotherBackingNodeIsWrittenEverythingThatIsHere() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 0, Self.options(3))
    _ = world.run(to: 450_000_000)
    let record = try #require(world.migrations[2])
    #expect(record.pagesSent == 21 && record.pagesLeft == 21)
    let holders = try #require(world.process(process)?.holders)
    #expect(holders.map(\.node) == [NodeID(2), NodeID(3)] && holders.map(\.pages.count) == [20, 21])
    _ = world.run(to: 5 * Self.second)
    // The first kept what was needed until the last of it had come; the second keeps what it has.
    #expect([2, 3].map { Self.frames(of: world, at: $0) } == [Self.frames, Self.frames - 21])
    #expect(world.process(process)?.space.remote.isEmpty == true && world.invariants?.violation == nil)
  }

  /// A node where pages stayed on reference has their contents as well as if they had been written to it.
  @Test func pagesThatStayedOnReferenceNeedNotBeWritten() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, TransferOptions(.onReference))
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 2, Self.options(0))
    _ = world.run(to: 450_000_000)
    #expect(world.migrations[2]?.backing == NodeID(0) && world.migrations[2]?.pagesSent == 6)
    _ = world.run(to: 5 * Self.second)
    #expect(world.process(process)?.space.remote.isEmpty == true && world.invariants?.violation == nil)
  }

  @Test func aBackingNodeThatIsAnEnd() throws {
    let (start, process) = try Self.reader()
    var (atSource, atDestination) = (start, start)
    atSource.migrate(process, to: 1, Self.options(0))
    _ = atSource.run(to: 50_000_000)
    #expect(atSource.migrations[1]?.pagesSent == 0 && atSource.migrations[1]?.pagesLeft == 40)
    #expect(Self.frames(of: atSource, at: 0) == Self.frames - 40)
    atDestination.migrate(process, to: 1, Self.options(1))
    _ = atDestination.run(to: 50_000_000)
    #expect(atDestination.migrations[1]?.pagesSent == 40 && atDestination.migrations[1]?.pagesLeft == 0)
    #expect(atDestination.migrations[1]?.totalTime != nil && atDestination.process(process)?.holders.isEmpty == true)
    // When the process goes to its backing node, its pages are there already, by whatever mechanism it goes.
    var (flushed, frozen) = (start, start)
    flushed.migrate(process, to: 1, Self.options(2))
    frozen.migrate(process, to: 1, Self.options(2))
    _ = flushed.run(to: 400_000_000)
    _ = frozen.run(to: 400_000_000)
    flushed.migrate(process, to: 2, Self.options(2))
    frozen.migrate(process, to: 2)
    _ = flushed.run(to: 500_000_000)
    _ = frozen.run(to: 500_000_000)
    #expect(flushed.migrations[2]?.pagesSent == 6 && frozen.migrations[2]?.pagesSent == 80)
    for world in [flushed, frozen] {
      #expect(world.process(process)?.space.remote.isEmpty == true && world.process(process)?.holders.isEmpty == true)
      #expect(Self.frames(of: world, at: 2) == Self.frames - 100)
    }
    for world in [atSource, atDestination, flushed, frozen] {
      #expect(world.books.allSatisfy { $0 == "balanced" } && world.invariants?.violation == nil)
    }
  }

  @Test func pushedPagesEndTheDependency() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2) { $0.pushes = true })
    _ = world.run(to: 90_000_000)
    #expect(world.process(process)?.space.remote.isEmpty == true && world.migrations[1]?.remoteFaults == 0)
    #expect(world.migrations[1]?.totalTime != nil)
    // A page that was pushed, and not written since, need not be flushed again.
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 3, Self.options(2))
    _ = world.run(to: 500_000_000)
    #expect(world.migrations[2]?.pagesSent == 6 && world.invariants?.violation == nil)
  }

  @Test func aChildHasABackingOfItsOwn() throws {
    var world = MigrationTests.cluster(4)
    let child = Programs.make("child", [.write(.one(.literal(9))), .sleep(.literal(90_000_000_000))])
    let program = Programs.make(
      "parent",
      [
        .write(.range(.literal(0), .literal(5))), .sleep(.literal(50_000_000)), .fork(program: 0, into: 0),
        .sleep(.literal(90_000_000_000)),
      ], registers: ["c"], children: [child])
    let parent = try world.start("parent", program, on: 0, pages: 10)
    _ = world.run(to: 1_000_000)
    world.migrate(parent, to: 1, Self.options(2))
    _ = world.run(to: Self.second)
    let forked = try #require(world.processes.all.first { $0.parent == parent }?.id)
    #expect(
      world.process(forked)?.dirtyPages(for: NodeID(2)).count == 7
        && world.process(parent)?.pagesHeld(by: NodeID(2)) == 6)
    world.migrate(parent, to: 3, Self.options(2))
    world.migrate(forked, to: 3, Self.options(2))
    _ = world.run(to: 2 * Self.second)
    #expect(world.migrations[2]?.pagesSent == 0 && world.migrations[3]?.pagesSent == 7)
    world.ask(NodeID(3), .kill(parent))
    _ = world.run(to: 3 * Self.second)
    #expect(Self.frames(of: world, at: 2) == Self.frames - 7 && world.invariants?.violation == nil)
  }

  /// A process is flushed again and again to few backing nodes, with other moves and cancellations in between. It ends
  /// as its twin does, which stays.
  @Test func howeverOftenItIsFlushedItDoesNotShow() throws {
    let mechanisms = [TransferMechanism.preTransfer, .totalFreezing, .onReference, .flushing, .flushing, .flushing]
    let program = Programs.make(
      "p",
      [
        .write(.range(.literal(0), .literal(59))), .loop(times: .literal(600), counter: 0, end: 6),
        .read(.next(.literal(0), .literal(59), counter: 1)), .write(.random(.literal(0), .literal(19))),
        .compute(.literal(1_000_000)), .next(counter: 0, start: 1),
      ], counters: 2)
    var again = 0
    for seed in 1...30 as ClosedRange<UInt64> {
      var random = Generator(seed: seed)
      var world = MigrationTests.cluster(4)
      let process = try world.start("p", program, on: 0, pages: 60)
      var stayed = world
      _ = stayed.run(to: 60 * Self.second)
      for _ in 0..<16 {
        var options = TransferOptions(random.pick(mechanisms) ?? .flushing)
        options.backing = random.pick([NodeID(2), NodeID(2), NodeID(3)])
        options.pushes = random.next(below: 3) == 0
        let destination = NodeID(UInt32(random.next(below: 4)))
        let time = random.next(below: 1_500_000_000)
        world.ask(about: process, .migrate(process, to: destination, options), at: time)
        if random.next(below: 4) == 0 {
          world.ask(about: process, .cancelMigration(process), at: time + random.next(below: 30_000_000))
        }
      }
      _ = world.run(to: 60 * Self.second)
      #expect(TwinTests.finalStates(world, cpu: true) == TwinTests.finalStates(stayed, cpu: true), "seed \(seed)")
      #expect(world.invariants?.violation == nil && world.nodes.allSatisfy { $0.kernel?.freeFrames == Self.frames })
      again += world.migrations.all.count { record in
        record.mechanism == .flushing && record.status == .completed && record.backing != record.source
          && record.pagesSentFrozen < record.pagesLeft
      }
    }
    #expect(again > 8, "later flushes to the same node")
  }

  // MARK: - What it costs

  /// The freeze time is (dirty·p) / B and a round trip to the backing node, state / B and 3L to the destination, exactly.
  @Test(arguments: [0, 1, 15, 16, 200], [1_000_000, 100_000_000, 10_000_000_000] as [UInt64])
  func theFreezeTimeIsThatOfTheFormula(dirty: Int, bandwidth: UInt64) throws {
    for latency in [0, 1_000_000, 20_000_000] as [Nanoseconds] {
      var world = MigrationTests.cluster(3, line: MigrationTests.line(bandwidth: 100_000_000, latency: 3_000_000))
      world.setLine(NodeID(0), NodeID(2), MigrationTests.line(bandwidth: bandwidth, latency: latency))
      let write: [Instruction] = dirty == 0 ? [] : [.write(.range(.literal(0), .literal(UInt64(dirty - 1))))]
      let program = Programs.make("p", write + [.sleep(.literal(900_000_000_000))])
      let process = try world.start("p", program, on: 0, pages: 1000)
      _ = world.run(to: 1_000_000)
      world.migrate(process, to: 1, Self.options(2))
      _ = world.run(to: 100 * Self.second)
      let record = try #require(world.migrations[1])
      #expect(record.pagesSent == dirty && record.status == .completed)
      // With the end mark and its answer, and with `installed` and `commit`, which are as long.
      let answers = 2 * Packet.installed(record.attempt).encodedSize
      let toBacking = Double(record.pageBytes + answers) * 8e9 / Double(bandwidth) + 2 * Double(latency)
      let toDestination = Double(record.stateBytes + answers) * 80 + 3 * 3e6
      let measured = Double(try #require(record.freezeTime))
      #expect(abs(measured - toBacking - toDestination) <= Double(dirty / 15 + 6), "\(measured)")
    }
  }

  @Test func optionsHoldForWhatIsWritten() throws {
    let (start, process) = try Self.reader()
    var (slow, marked) = (start, start)
    slow.migrate(process, to: 1, Self.options(2) { ($0.bandwidth, $0.capsStop) = (1_000_000, true) })
    _ = slow.run(to: 5 * Self.second)
    // Two batches go at once, and the last is not waited for.
    #expect(try #require(slow.migrations[1]?.freezeTime) > 900_000_000)
    marked.ask(NodeID(0), .poke(process, page: 0, bytes: [0]))
    marked.migrate(process, to: 1, Self.options(2) { $0.marksZeros = true })
    _ = marked.run(to: 60_000_000)
    #expect(marked.migrations[1]?.pagesSent == 39 && marked.migrations[1]?.zeroPages == 0)
    var ahead = start
    ahead.migrate(process, to: 1, Self.options(2) { $0.prefetch = 8 })
    _ = ahead.run(to: 400_000_000)
    #expect(try #require(ahead.migrations[1]?.remoteFaults) < 6)
    #expect(slow.invariants?.violation == nil && marked.invariants?.violation == nil)
  }

  // MARK: - What can go wrong

  @Test func aBackingNodeWithoutRoomRefuses() throws {
    for (memory, pageSize, reason) in [
      (99 * 4096, 4096, MigrationRefusal.backingHasNoRoom), (1 << 30, 512, .backingHasOtherPageSize),
    ] as [(UInt64, Int, MigrationRefusal)] {
      var (world, process) = try Self.reader()
      var settings = NodeSettings()
      settings.memory = memory
      settings.pageSize = pageSize
      let small = world.addNode(named: "small", settings)
      world.migrate(process, to: 1, Self.options(small.number))
      _ = world.run(to: 50_000_000)
      #expect(world.migrations[1]?.reason == .refused(reason) && world.location(of: process) == NodeID(0))
      #expect(Self.frames(of: world, at: 1) == Self.frames && world[small].kernel?.keptPages.isEmpty == true)
      #expect(world.books.allSatisfy { $0 == "balanced" } && world.invariants?.violation == nil)
    }
  }

  /// Coprocesses that move together are flushed together. When there is room for only one of them, both stay.
  @Test(arguments: [19, 20]) func coprocessesAreFlushedTogether(room: UInt64) throws {
    var world = MigrationTests.cluster(2)
    let child = Programs.make("child", [.write(.one(.literal(9))), .sleep(.literal(90_000_000_000))])
    let program = Programs.make(
      "parent", [.write(.one(.literal(0))), .fork(program: 0, into: 0), .sleep(.literal(90_000_000_000))],
      registers: ["c"], children: [child])
    let parent = try world.start("parent", program, on: 0, pages: 10)
    _ = world.run(to: 1_000_000)
    var settings = NodeSettings()
    settings.memory = room * 4096
    let small = world.addNode(named: "small", settings)
    world.migrate(parent, to: 1, Self.options(small.number) { $0.withCoprocesses = true })
    _ = world.run(to: Self.second)
    let statuses = world.migrations.all.map(\.status)
    let free = (0...2).map { Self.frames(of: world, at: $0) }
    if room == 20 {
      #expect(statuses == [.completed, .completed] && free == [Self.frames, Self.frames - 20, 17])
    } else {
      #expect(statuses == [.refused, .aborted] && free == [Self.frames - 20, Self.frames, 19])
      #expect(world.processes.all.allSatisfy { world.location(of: $0.id) == NodeID(0) })
    }
    #expect(world.invariants?.violation == nil && world.books.allSatisfy { $0 == "balanced" })
  }

  /// A flush needs room only for pages that the backing node does not hold already.
  @Test func aLaterFlushFitsWhereTheFirstDid() throws {
    var (world, process) = try Self.reader()
    var settings = NodeSettings()
    settings.memory = 100 * 4096
    let small = world.addNode(named: "small", settings)
    world.migrate(process, to: 1, Self.options(small.number))
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 3, Self.options(small.number))
    _ = world.run(to: 450_000_000)
    #expect(world.migrations[2]?.status == .completed && Self.frames(of: world, at: small.number) == 59)
  }

  @Test func theFailureOfTheBackingNodeIsTheDeathOfWhoNeedsIt() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 200_000_000)
    var early = world
    early.fail(NodeID(2))
    _ = early.run(to: 5 * Self.second)
    guard case .lost(NodeID(2), 1_200_000_000)? = early.processes[process]?.fate else {
      Issue.record("\(String(describing: early.processes[process]?.fate))")
      return
    }
    // With the last page the knowledge is all that goes.
    _ = world.run(to: 2 * Self.second)
    #expect(world.process(process)?.space.remote.isEmpty == true)
    world.fail(NodeID(2))
    _ = world.run(to: 5 * Self.second)
    #expect(world.location(of: process) == NodeID(1) && world.process(process)?.holders.isEmpty == true)
    world.recover(NodeID(2))
    world.migrate(process, to: 3, Self.options(2))
    _ = world.run(to: 6 * Self.second)
    #expect(world.migrations[2]?.status == .completed && world.migrations[2]?.pagesSent == 41)
    #expect(early.invariants?.violation == nil && world.invariants?.violation == nil)
  }

  @Test func theSourceIsNotNeeded() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 50_000_000)
    world.fail(NodeID(0))
    _ = world.run(to: 5 * Self.second)
    #expect(world.location(of: process) == NodeID(1) && world.process(process)?.space.remote.isEmpty == true)
    #expect(world.migrations[1]?.remoteFaults == 40 && world.invariants?.violation == nil)
  }

  @Test func whenTheProcessIsNoMoreItsPagesAreNot() throws {
    var (world, process) = try Self.reader()
    world.migrate(process, to: 1, Self.options(2))
    _ = world.run(to: 200_000_000)
    world.ask(NodeID(1), .kill(process))
    _ = world.run(to: 300_000_000)
    #expect(world.nodes.allSatisfy { $0.kernel?.freeFrames == Self.frames } && world.invariants?.violation == nil)
  }

  /// The first flush under way, or one to a node that has pages of the process already, some of them yet to be fetched.
  static func underway(again: Bool) throws -> (world: World, process: ProcessID, migration: Int) {
    var (world, process) = try Self.reader()
    guard again else {
      world.migrate(process, to: 1, Self.options(2))
      return (world, process, 1)
    }
    world.migrate(process, to: 3, Self.options(2))
    _ = world.run(to: 400_000_000)
    world.migrate(process, to: 1, Self.options(2))
    return (world, process, 2)
  }

  @Test(arguments: [false, true]) func cancelledInEveryPhase(again: Bool) throws {
    var (world, process, number) = try Self.underway(again: again)
    let digest = world.process(process)?.space.digest
    let source = try #require(world.location(of: process))
    var stages: [Departure.Stage] = []
    while let departure = world[source].kernel?.departures[process] {
      if stages.last != departure.stage { stages.append(departure.stage) }
      var copy = world
      copy.ask(source, .cancelMigration(process))
      let comment = "cancelled while \(departure.stage)" as Comment
      #expect((copy.migrations[number]?.status == .cancelled) == (departure.stage != .committed), comment)
      _ = copy.run(to: copy.now + 40_000_000)
      if departure.stage != .committed {
        #expect(copy.location(of: process) == source && copy.process(process)?.space.digest == digest, comment)
        #expect(Self.frames(of: copy, at: 1) == Self.frames, comment)
        #expect(again || Self.frames(of: copy, at: 2) == Self.frames, comment)
        #expect(copy[NodeID(2)].kernel?.flushes.isEmpty == true, comment)
        copy.migrate(process, to: 1, Self.options(2))
        _ = copy.run(to: copy.now + 40_000_000)
        #expect(copy.migrations[number + 1]?.status == .completed, comment)
      }
      _ = copy.run(to: 20 * Self.second)
      #expect(copy.process(process)?.space.remote.isEmpty == true, comment)
      #expect(copy.invariants?.violation == nil && copy.books.allSatisfy { $0 == "balanced" }, comment)
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    // The few pages of the second are handed to the network at once.
    let order: [Departure.Stage] = [.negotiating, .reserving, .sending, .sealing, .handedOver, .committed]
    #expect(stages == order.filter { !again || $0 != .sending })
  }

  @Test(arguments: [0, 1, 2] as [UInt32], [(again: false, soon: true), (false, false), (true, true), (true, false)])
  func aCrashAfterEveryEvent(role: UInt32, way: (again: Bool, soon: Bool)) throws {
    var (world, process, number) = try Self.underway(again: way.again)
    let source = try #require(world.location(of: process))
    let node = [source, NodeID(1), NodeID(2)][Int(role)]
    var fates: [String] = []
    var after = 0
    while after < 6 {
      var fallen = world
      fallen.fail(node)
      _ = fallen.run(to: fallen.now + (way.soon ? 2_000_000 : 3 * Self.second))
      fallen.recover(node)
      _ = fallen.run(to: fallen.now + 30 * Self.second)
      let comment = "\(node) after event \(world.eventCount)" as Comment
      #expect(fallen.invariants?.violation == nil && fallen.books.allSatisfy { $0 == "balanced" }, comment)
      let quiet = fallen.nodes.allSatisfy { node in
        node.kernel.map { $0.departures.isEmpty && $0.arrivals.isEmpty && $0.flushes.isEmpty } ?? false
      }
      #expect(quiet && fallen.migrations.all.allSatisfy { $0.endedAt != nil }, comment)
      let fate: String
      switch fallen.processes[process]?.fate {
      case .alive:
        fate = fallen.location(of: process) == source ? "stays" : "moves"
        #expect(fallen.process(process)?.space.remote.isEmpty == true, comment)
      case .lost(node, _): fate = "lost"
      default: fate = "\(String(describing: fallen.processes[process]?.fate))"
      }
      if fate == "lost" { #expect(fallen.nodes.allSatisfy { $0.kernel?.freeFrames == Self.frames }, comment) }
      if fates.last != fate { fates.append(fate) }
      if world.migrations[number]?.endedAt != nil { after += 1 }
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    let expected =
      switch role {
      case 0: ["lost", "moves"]
      case 1: ["stays", "lost"]
      // While pages of it are there a failure is its death, before as after. A node that is back before it is asked has
      // nothing to lose yet.
      default: way.again ? ["lost"] : (way.soon ? ["moves"] : []) + ["stays", "lost"]
      }
    #expect(fates == expected)
  }
}
