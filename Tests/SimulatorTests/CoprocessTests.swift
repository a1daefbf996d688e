import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Inseparable families are moved together or not at all, whatever happens in between.
@Suite struct CoprocessTests {
  static let second = MigrationTests.second

  /// Writes ten pages again and again for 100 ms, then waits.
  static let writer = Programs.make(
    "writer",
    [
      .loop(times: .literal(500), counter: 0, end: 4), .write(.next(.literal(0), .literal(9), counter: 1)),
      .compute(.literal(200_000)), .next(counter: 0, start: 0), .receive(into: nil, timeout: nil),
    ], counters: 2)

  /// A family of three on the first of three nodes, of `pages` each; the first is its founder.
  static func family(
    _ program: StepProgram = writer, pages: [Int] = [40, 10, 25],
    frames: Int? = nil
  ) throws -> (world: World, members: [ProcessID]) {
    var world = MigrationTests.cluster(3)
    if let frames {
      var settings = NodeSettings()
      settings.memory = UInt64(frames * settings.pageSize)
      world.addNode(named: "small", settings)
    }
    var members: [ProcessID] = []
    for (place, count) in pages.enumerated() {
      var request = SpawnRequest(name: "m\(place)", program: program, pages: count, seed: 1)
      request.isInseparable = true
      request.family = members.first
      request.parent = members.first
      request.forwarding = ForwardingMechanism.allCases[place]
      let spawned = world.spawn(request, on: NodeID(0))
      members.append(try #require(spawned))
    }
    _ = world.run(to: 5_000_000)
    return (world, members)
  }

  static func together(_ mechanism: TransferMechanism = .totalFreezing) -> TransferOptions {
    var options = TransferOptions(mechanism)
    options.withCoprocesses = true
    return options
  }

  /// Lets time pass. False when an invariant is broken at any instant, for example that a family is together.
  static func staysTogether(_ world: inout World, for time: Nanoseconds) -> Bool {
    world.run(to: world.now + time) != .violation
  }

  /// The node of each member; nil for those that no longer exist.
  static func places(_ world: World, _ members: [ProcessID]) -> [UInt32?] {
    members.map { world.location(of: $0)?.number }
  }

  /// The world after each event of the migration of a family to node 1, and a little longer.
  static func moments(_ mechanism: TransferMechanism) throws -> (moments: [World], members: [ProcessID]) {
    var (world, members) = try family()
    world.migrate(members[1], to: 1, together(mechanism))
    var result = [world]
    var after = 0
    while after < 10 {
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
      if world.migrations.all.allSatisfy({ $0.endedAt != nil }) { after += 1 }
      result.append(world)
    }
    return (result, members)
  }

  // MARK: - Together or not at all

  @Test func oneAloneIsRefusedAndTheLastMayGo() throws {
    var (world, members) = try Self.family()
    for member in members {
      world.migrate(member, to: 1)
      guard case .fact(.refused(member, let why))? = world.log.entries.last?.event else {
        Issue.record("not refused: \(String(describing: world.log.entries.last))")
        continue
      }
      #expect(why == "its family is inseparable")
    }
    #expect(world.migrations.all.isEmpty && world.network.carried(for: .control).packets == 0)
    world.ask(NodeID(0), .kill(members[0]))
    world.ask(NodeID(0), .kill(members[2]))
    world.migrate(members[1], to: 1)
    _ = world.run(to: Self.second)
    #expect(Self.places(world, members) == [nil, 1, nil])
  }

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer, .onReference, .hybrid])
  func allGoAtOnce(mechanism: TransferMechanism) throws {
    var (world, members) = try Self.family()
    world.migrate(members[2], to: 1, Self.together(mechanism))
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    #expect(Self.places(world, members) == [1, 1, 1])
    #expect(world.migrations.all.map(\.status) == [.completed, .completed, .completed])
    // No member sends anything before there is room for all, and none is let go before all are installed.
    let packets = world.packets.all
    func first(_ name: String) throws -> Nanoseconds {
      try #require(packets.filter { $0.name == name }.map(\.sentAt).min())
    }
    func last(_ name: String) throws -> Nanoseconds {
      try #require(packets.filter { $0.name == name }.map(\.arrivesAt).max())
    }
    #expect(packets.count { $0.name == "accept" } == 3 && packets.count { $0.name == "installed" } == 3)
    #expect(try first("handover") >= last("accept") && first("commit") >= last("installed"))
    if mechanism != .onReference { #expect(try first("pages") >= last("accept")) }
    #expect(world.invariants?.violation == nil && world.books.allSatisfy { $0 == "balanced" })
  }

  /// No member goes on at the destination before the last one has come.
  @Test(arguments: [false, true])
  func theFirstWaitsForTheLast(isTogether: Bool) throws {
    var (world, members) = try Self.family()
    world.migrate(members[0], to: 1, Self.together())
    let stop = world.run(to: Self.second, until: { $0.nodes[1].kernel?.processes.count == 1 })
    #expect(stop == .satisfied && world.nodes[1].kernel?.arrivals.count == 2)
    let first = try #require(world.nodes[1].kernel?.processes.first { _ in true }?.id)
    world.migrate(first, to: 2, isTogether ? Self.together() : TransferOptions(.totalFreezing))
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    #expect(Self.places(world, members) == [1, 1, 1] && world.migrations.all.count == 3)
    world.migrate(first, to: 2, Self.together())
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    #expect(Self.places(world, members) == [2, 2, 2])
  }

  /// A destination with room for all but one page.
  @Test(arguments: [[40, 10, 25], [25, 40, 10], [10, 25, 40]])
  func withoutRoomForAllNobodyGoes(pages: [Int]) throws {
    for frames in [75, 74, 50, 9] {
      var (world, members) = try Self.family(pages: pages, frames: frames)
      world.migrate(members[0], to: 3, Self.together())
      #expect(Self.staysTogether(&world, for: 10 * Self.second))
      let goes = frames == 75
      #expect(Self.places(world, members) == Array(repeating: goes ? 3 : 0, count: 3), "\(frames)")
      #expect(world[NodeID(3)].kernel?.freeFrames == (goes ? 0 : frames), "\(frames)")
      guard !goes else { continue }
      let statuses = world.migrations.all.map(\.status)
      #expect(statuses.contains(.refused) && Set(statuses).isSubset(of: [.refused, .aborted]), "\(statuses)")
      for record in world.migrations.all where record.status == .aborted {
        guard case .aborted(.coprocessStays(let other, because: .refused(.noRoom))) = record.reason else {
          Issue.record("\(String(describing: record.reason))")
          continue
        }
        #expect(world.migrations.all.contains { $0.attempt.process == other && $0.status == .refused })
      }
      #expect(world.network.carried(for: .page).packets == 0 && world.invariants?.violation == nil)
    }
  }

  // MARK: - Frozen together

  /// A small process and a large one of a family, neither inseparable, and their migrations.
  static func pair(_ mechanism: TransferMechanism, small: Int = 64, large: Int = 4000) throws -> (World, [ProcessID]) {
    var world = MigrationTests.cluster(2)
    var members: [ProcessID] = []
    for pages in [small, large] {
      var request = SpawnRequest(name: "m\(pages)", program: endless, pages: pages, seed: 1)
      (request.family, request.parent) = (members.first, members.first)
      let spawned = world.spawn(request, on: NodeID(0))
      members.append(try #require(spawned))
    }
    _ = world.run(to: 20_000_000)
    world.invariants = Invariants()
    world.migrate(members[0], to: 1, together(mechanism))
    return (world, members)
  }

  /// Writes ten pages again and again.
  static let endless = Programs.make(
    "endless",
    [
      .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .literal(9), counter: 1)),
      .compute(.literal(200_000)), .next(counter: 0, start: 0),
    ], counters: 2)

  @Test(arguments: [TransferMechanism.preTransfer, .hybrid])
  func aSmallMemberRunsOnUntilTheLargeOneMayBeFrozen(mechanism: TransferMechanism) throws {
    var (world, members) = try Self.pair(mechanism)
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    #expect(Self.places(world, members) == [1, 1])
    let records = Array(world.migrations.all)
    #expect(records.map(\.status) == [.completed, .completed] && records[0].frozenAt == records[1].frozenAt)
    #expect(records.allSatisfy { $0.freezeTime.map { $0 < 30_000_000 } ?? false })
    // It kept up: at the freeze no more was left than it writes, and that row of its report says how long it waited.
    #expect(records[0].rounds.last?.outcome == .familyReady && records[0].rounds.last.map { $0.dirtied <= 10 } == true)
  }

  @Test(arguments: ["kill", "cancel", "freeze", "crash"])
  func whateverBecomesOfAMemberThatWaitsIsSaid(what: String) throws {
    var (world, members) = try Self.pair(.preTransfer)
    _ = world.run(to: 200_000_000)
    #expect(world.migrations[1]?.status == .transferring && world.migrations[1]?.frozenAt == nil)
    switch what {
    case "kill": world.ask(NodeID(0), .kill(members[0]))
    case "cancel": world.ask(NodeID(0), .cancelMigration(members[0]))
    case "freeze": world.ask(NodeID(0), .freeze(members[0]))
    default: world.apply(.failNode(NodeID(1)))
    }
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    let records = Array(world.migrations.all)
    switch what {
    case "kill":
      #expect(records[0].reason == .aborted(.processEnded) && records[1].status == .completed)
    case "cancel":
      #expect(records[0].status == .cancelled)
      #expect(records[1].reason == .aborted(.coprocessStays(members[0], because: .cancelled)))
    case "freeze":
      #expect(records.map(\.status) == [.completed, .completed] && Self.places(world, members) == [1, 1])
    default:
      #expect(records.allSatisfy { $0.status == .aborted } && Self.places(world, members) == [0, 0])
    }
  }

  @Test func aMemberThatForksKeepsAllHereAndTheReportSaysSo() throws {
    let child = Programs.make("child", [.receive(into: nil, timeout: nil)])
    let forking = StepProgram(
      name: "forking", source: "",
      instructions: [.compute(.literal(100_000_000)), .fork(program: 0, into: 0), .receive(into: nil, timeout: nil)],
      templates: [], registers: ["c"], counterCount: 0, children: [child])
    var world = MigrationTests.cluster(2)
    var members: [ProcessID] = []
    for (pages, program) in [(4, forking), (4000, Self.endless)] {
      var request = SpawnRequest(name: "m\(pages)", program: program, pages: pages, seed: 1)
      (request.family, request.parent) = (members.first, members.first)
      let spawned = world.spawn(request, on: NodeID(0))
      members.append(try #require(spawned))
    }
    world.invariants = Invariants()
    world.migrate(members[1], to: 1, Self.together(.preTransfer))
    #expect(Self.staysTogether(&world, for: 10 * Self.second))
    #expect(Self.places(world, members) == [0, 0])
    let reasons = world.migrations.all.map(\.reason)
    #expect(reasons == [.aborted(.coprocessStays(members[0], because: .forked)), .aborted(.forked)])
  }

  // MARK: - After every event

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer, .onReference])
  func whereverOneIsCancelledAllStayOrAllAreThereAlready(mechanism: TransferMechanism) throws {
    let (moments, members) = try Self.moments(mechanism)
    var ends: Set<[UInt32?]> = []
    for (number, moment) in moments.enumerated() {
      var world = moment
      guard let node = world.location(of: members[number % 3]) else { continue }
      world.ask(node, .cancelMigration(members[number % 3]))
      #expect(Self.staysTogether(&world, for: 10 * Self.second), "event \(number)")
      ends.insert(Self.places(world, members))
      #expect(world.invariants?.violation == nil && world.books.allSatisfy { $0 == "balanced" }, "event \(number)")
    }
    #expect(ends == [[0, 0, 0], [1, 1, 1]])
  }

  @Test(arguments: [0, 1] as [UInt32], [TransferMechanism.totalFreezing, .preTransfer])
  func whereverANodeFallsTheyAreNeverSeparated(node: UInt32, mechanism: TransferMechanism) throws {
    let (moments, members) = try Self.moments(mechanism)
    #expect(moments.count > 40)
    var ends: Set<[UInt32?]> = []
    for (number, moment) in moments.enumerated() {
      for isSoon in [true, false] {
        var world = moment
        world.fail(NodeID(node))
        let comment = "event \(number), \(isSoon ? "back soon" : "back late")" as Comment
        #expect(Self.staysTogether(&world, for: isSoon ? 2_000_000 : 3 * Self.second), comment)
        world.recover(NodeID(node))
        #expect(Self.staysTogether(&world, for: 100 * Self.second), comment)
        FaultTests.expectCalmMigrations(world, comment)
        ends.insert(Self.places(world, members))
      }
    }
    #expect(
      ends.isSuperset(of: node == 0 ? [[nil, nil, nil], [1, 1, 1]] : [[0, 0, 0], [nil, nil, nil]]), "\(ends)")
  }

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer])
  func whereverOneEndsTheOthersGoOrStayTogether(mechanism: TransferMechanism) throws {
    let (moments, members) = try Self.moments(mechanism)
    var ends: Set<[UInt32?]> = []
    for (number, moment) in moments.enumerated() {
      var world = moment
      let member = members[number % 3]
      guard let node = world.location(of: member) else { continue }
      world.ask(node, .kill(member))
      let isEnded = world.processes[member]?.fate != .alive
      #expect(Self.staysTogether(&world, for: 10 * Self.second), "event \(number)")
      let places = Self.places(world, members)
      #expect(places.compactMap(\.self).count == (isEnded ? 2 : 3), "event \(number)")
      ends.insert(places.filter { $0 != nil })
      #expect(world.invariants?.violation == nil && world.books.allSatisfy { $0 == "balanced" }, "event \(number)")
    }
    // In transit it cannot be killed.
    #expect(ends == [[1, 1], [1, 1, 1]], "\(ends)")
  }

  // MARK: - Families that grow

  /// Writes for 10 ms and forks a coprocess, works for 30 ms more, and waits.
  static let forker: StepProgram = {
    let child = Programs.make(
      "kid", [.compute(.literal(30_000_000)), .receive(into: nil, timeout: nil)])
    return Programs.make(
      "forker",
      [
        .loop(times: .literal(100), counter: 0, end: 4), .write(.one(.literal(0))), .compute(.literal(100_000)),
        .next(counter: 0, start: 0), .fork(program: 0, into: 0), .loop(times: .literal(300), counter: 0, end: 9),
        .write(.one(.literal(1))), .compute(.literal(100_000)), .next(counter: 0, start: 5),
        .receive(into: nil, timeout: nil),
      ], registers: ["kid"], counters: 1, children: [child])
  }()

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer, .onReference])
  func aFamilyThatGrowsWhileItIsMovedStaysTogether(mechanism: TransferMechanism) throws {
    var ends: Set<[UInt32?]> = []
    var statuses: Set<MigrationRecord.Status> = []
    for time in stride(from: 1 as Nanoseconds, through: 60_000_000, by: 1_100_000) {
      var (world, members) = try Self.family(Self.forker)
      _ = world.run(to: 5_000_000 + time)
      world.migrate(members[0], to: 1, Self.together(mechanism))
      #expect(Self.staysTogether(&world, for: 10 * Self.second), "\(time)")
      #expect(world.processes.all.count == 6 && world.invariants?.violation == nil, "\(time)")
      ends.insert(Self.places(world, members))
      statuses.formUnion(world.migrations.all.map(\.status))
    }
    #expect(ends == [[0, 0, 0], [1, 1, 1]] && statuses == [.completed, .aborted], "\(ends) \(statuses)")
  }

  /// Coprocesses that were not declared inseparable go together only when asked. One that is forked meanwhile keeps all.
  @Test func coprocessesThatMayBeSeparated() throws {
    var world = MigrationTests.cluster(2)
    let founder = try world.start("founder", Self.forker, on: 0, pages: 300)
    _ = world.run(to: 5_000_000)
    world.migrate(founder, to: 1, Self.together(.preTransfer))
    _ = world.run(to: 10 * Self.second)
    let kid = try #require(world.processes[name: "kid"]?.id)
    #expect(Self.places(world, [founder, kid]) == [0, 0])
    #expect(world.migrations[1]?.reason == .aborted(.forked))
    world.migrate(founder, to: 1)
    _ = world.run(to: 15 * Self.second)
    #expect(Self.places(world, [founder, kid]) == [1, 0])
    world.migrate(founder, to: 0)
    _ = world.run(to: 20 * Self.second)
    world.migrate(kid, to: 1, Self.together())
    _ = world.run(to: 30 * Self.second)
    #expect(Self.places(world, [founder, kid]) == [1, 1])
  }
}
