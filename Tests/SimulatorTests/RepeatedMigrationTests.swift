import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// A process is moved again before all its pages have followed it: which nodes hold pages, which it needs, and how it
/// ends.
@Suite struct RepeatedMigrationTests {
  static let second = MigrationTests.second
  static let pages = 60

  /// Writes a page every millisecond, in turn and at random, and ends after a second.
  static let walk = Programs.make(
    "walker",
    [
      .loop(times: .literal(500), counter: 0, end: 6), .write(.next(.literal(0), .literal(59), counter: 1)),
      .compute(.literal(1_000_000)), .write(.random(.literal(0), .literal(59))), .compute(.literal(1_000_000)),
      .next(counter: 0, start: 0), .print(template: 0),
    ], templates: [TextTemplate([.text("done")])], counters: 2)

  /// A walker on the first of five nodes.
  static func walker() throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(5)
    let process = try world.start("walker", walk, on: 0, pages: pages)
    _ = world.run(to: 70_000_000)
    return (world, process)
  }

  /// Moves a process and lets it run there for a while.
  static func move(
    _ world: inout World, _ process: ProcessID, to node: UInt32, _ mechanism: TransferMechanism,
    _ time: Nanoseconds = 8_000_000
  ) throws {
    world.migrate(process, to: node, TransferOptions(mechanism))
    let number = world.migrations.all.count
    #expect(world.run(to: world.now + second) { $0.migrations[number]?.activatedAt != nil } == .satisfied)
    try expectOneHolder(world, process)
    _ = world.run(to: world.now + time)
    try expectOneHolder(world, process)
  }

  /// Every page of a process is with it or at one other node, which has kept it.
  static func expectOneHolder(_ world: World, _ id: ProcessID) throws {
    let process = try #require(world.process(id))
    var held = PageSet()
    for holder in process.holders {
      // On its way back to them it does not have them yet.
      #expect(world[holder.node].kernel?.processes[id] == nil)
      let kept = world[holder.node].kernel?.keptPages.values.filter { $0.attempt.process == id } ?? []
      for page in holder.pages {
        #expect(!held.contains(page) && kept.contains { $0.pages.contains(page) })
      }
      held.formUnion(holder.pages)
    }
    #expect(Array(held) == Array(process.space.remote))
  }

  static func holders(_ world: World, _ process: ProcessID) -> [UInt32] {
    (world.process(process)?.holders ?? []).filter { !$0.pages.isEmpty }.map(\.node.number).sorted()
  }

  /// The process ends as its twin does, and no node keeps anything of it.
  static func expectTwin(_ world: World) throws {
    var (stayed, moved) = (try walker().world, world)
    _ = stayed.run(to: 20 * second)
    _ = moved.run(to: 20 * second)
    let cpu = !TwinTests.isSlowed(moved)
    #expect(TwinTests.finalStates(moved, cpu: cpu) == TwinTests.finalStates(stayed, cpu: cpu))
    WhateverItDoesTests.expectNothingLeft(moved)
  }

  /// A node is needed if and only if it has the process or pages of it.
  static func expectNeeded(_ world: World, _ process: ProcessID) throws {
    let needed = Set(holders(world, process) + [try #require(world.location(of: process)).number])
    for node in world.nodes.map(\.id) {
      var fallen = world
      fallen.fail(node)
      _ = fallen.run(to: fallen.now + 5 * second)
      fallen.recover(node)
      _ = fallen.run(to: fallen.now + 10 * second)
      let comment = "node \(node.number) of \(needed)" as Comment
      if case .lost(becauseOf: node, _)? = fallen.processes[process]?.fate {
        #expect(needed.contains(node.number), comment)
      } else {
        #expect(!needed.contains(node.number) && fallen.processes[process]?.fate != .alive, comment)
      }
      #expect(fallen.nodes.allSatisfy { $0.kernel?.keptPages.isEmpty == true }, comment)
      #expect(fallen.books.allSatisfy { $0 == "balanced" } && fallen.invariants?.violation == nil, comment)
    }
  }

  @Test func onReferenceAfterOnReferenceAfterPreTransfer() throws {
    var (world, process) = try Self.walker()
    let route: [(TransferMechanism, UInt32, [UInt32])] = [
      (.preTransfer, 1, []), (.onReference, 2, [1]), (.onReference, 3, [1, 2]), (.onReference, 4, [1, 2, 3]),
      // Back where most of its pages lie: these are at home, the others stay where they are.
      (.onReference, 1, [2, 3, 4]), (.totalFreezing, 0, [2, 3, 4]), (.hybrid, 3, [2, 4]), (.preTransfer, 4, []),
    ]
    for (mechanism, node, holders) in route {
      try Self.move(&world, process, to: node, mechanism)
      let settled = Self.holders(world, process)
      #expect(Set(holders).isSubset(of: settled), "\(mechanism) to \(node): \(settled)")
      try Self.expectTwin(world)
      try Self.expectNeeded(world, process)
    }
  }

  /// Moves to and fro under one mechanism: the pages at the other end are always those of the last stay there.
  @Test(arguments: TransferMechanism.choices) func toAndFro(_ mechanism: TransferMechanism) throws {
    var (world, process) = try Self.walker()
    for turn in 1...10 as ClosedRange<UInt32> {
      try Self.move(&world, process, to: turn % 2, mechanism, 5_000_000)
      #expect(Self.holders(world, process).allSatisfy { $0 == 1 - turn % 2 })
      #expect(world.nodes.map { $0.kernel?.keptPages.count ?? 0 }.reduce(0, +) <= 1)
    }
    try Self.expectTwin(world)
  }

  /// Every mechanism after every other, with pages at a third node.
  @Test(arguments: TransferMechanism.choices, TransferMechanism.choices)
  func everyMechanismAfterEveryOther(_ first: TransferMechanism, _ second: TransferMechanism) throws {
    var (world, process) = try Self.walker()
    try Self.move(&world, process, to: 1, .onReference)
    try Self.move(&world, process, to: 2, first)
    try Self.move(&world, process, to: 3, second)
    try Self.expectTwin(world)
    try Self.expectNeeded(world, process)
  }

  /// Anywhere, in any way, after any time.
  @Test func routesAtRandom() throws {
    var (most, moves) = (0, 0)
    for seed in 1...40 as ClosedRange<UInt64> {
      var draws = RandomCluster(seed: seed, seesTime: false)
      var (world, process) = try Self.walker()
      for _ in 0..<20 {
        let options = draws.draw(2) == 0 ? TransferOptions(.onReference) : draws.anyTransfer()
        world.migrate(process, to: UInt32(draws.draw(5)), options)
        _ = world.run(to: world.now + draws.draw(40_000_000))
        if world.process(process) == nil { break }
        try Self.expectOneHolder(world, process)
        most = max(most, Self.holders(world, process).count)
      }
      moves += world.migrations.all.count { $0.status == .completed }
      try Self.expectTwin(world)
    }
    #expect(most >= 3, "\(most) holders at most")
    #expect(moves > 150, "\(moves) moves")
  }

  // MARK: - Pages pushed to where the process no longer is

  /// A process that touches nothing more, and whose pages are being pushed to the second of three nodes.
  static func pushed() throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(3)
    let idle = Programs.make("idle", [.write(.range(.literal(0), .literal(299))), .receive(into: nil, timeout: nil)])
    let process = try world.start("idle", idle, on: 0, pages: 300)
    _ = world.run(to: 10_000_000)
    var options = TransferOptions(.onReference)
    options.pushes = true
    world.migrate(process, to: 1, options)
    _ = world.run(to: 40_000_000)
    #expect((1..<300).contains(world.process(process)?.space.remote.count ?? 0))
    return (world, process)
  }

  @Test(arguments: TransferMechanism.choices)
  func aPushFollowsTheProcess(_ mechanism: TransferMechanism) throws {
    var (world, process) = try Self.pushed()
    var options = TransferOptions(mechanism)
    options.pushes = true
    world.migrate(process, to: 2, options)
    _ = world.run(to: 20 * Self.second)
    #expect(world.location(of: process) == NodeID(2) && Self.holders(world, process) == [])
    try Self.expectOneHolder(world, process)
    #expect(world.invariants?.violation == nil && world.books.allSatisfy { $0 == "balanced" })
  }

  @Test(arguments: TransferMechanism.choices)
  func aPushGoesOnWhenTheNextMigrationIsCalledOff(_ mechanism: TransferMechanism) throws {
    var (start, process) = try Self.pushed()
    start.migrate(process, to: 2, TransferOptions(mechanism))
    while let stage = start[NodeID(1)].kernel?.departures[process]?.stage, stage != .committed {
      var world = start
      world.ask(NodeID(1), .cancelMigration(process))
      #expect(world.migrations[2]?.status == .cancelled)
      _ = world.run(to: 20 * Self.second)
      #expect(world.location(of: process) == NodeID(1) && Self.holders(world, process) == [])
      try Self.expectOneHolder(world, process)
      #expect(world.invariants?.violation == nil)
      _ = start.run(to: start.now + 1_000_000)
    }
  }

  /// The node that it left fails before the far holder of its pages has heard that the process went on. The holder
  /// takes the process for lost and gives its pages up, and so the process is lost.
  @Test func aHolderThatHearsLateOfTheNextMigration() throws {
    var (world, process) = try Self.walker()
    try Self.move(&world, process, to: 1, .onReference)
    world.setLine(NodeID(0), NodeID(2), MigrationTests.line(bandwidth: 100_000_000, latency: 3 * Self.second))
    try Self.move(&world, process, to: 2, .totalFreezing)
    world.fail(NodeID(1))
    _ = world.run(to: 60 * Self.second)
    guard case .lost(becauseOf: NodeID(1), _)? = world.processes[process]?.fate else {
      Issue.record("\(String(describing: world.processes[process]?.fate))")
      return
    }
    #expect(world.invariants?.violation == nil && world.nodes[0].kernel?.keptPages.isEmpty == true)
    #expect(world.books == ["balanced", "down", "balanced", "balanced", "balanced"])
  }
}
