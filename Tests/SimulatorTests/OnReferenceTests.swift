import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Pages that stay behind: where they are, what it costs to fetch them, and who dies when they are lost.
@Suite struct OnReferenceTests {
  static let second: Nanoseconds = 1_000_000_000

  /// A process on the first of three nodes that goes through its pages again and again, one every millisecond.
  static func walker(
    pages: Int, _ change: (inout TransferOptions) -> Void = { _ in }, line: Line = Line()
  ) throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(3)
    world.setNetwork(line)
    let walk = Programs.make(
      "walker",
      [
        .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .register(0), counter: 1)),
        .compute(.literal(1_000_000)), .next(counter: 0, start: 0),
      ], registers: ["last"], counters: 2)
    let request = SpawnRequest(
      name: "walker", program: walk, pages: pages, environment: ["last": .number(UInt64(pages - 1))], seed: 1)
    let spawned = world.spawn(request, on: NodeID(0))
    let process = try #require(spawned)
    _ = world.run(to: 10_500_000)
    var options = TransferOptions(.onReference)
    change(&options)
    world.migrate(process, to: 1, options)
    return (world, process)
  }

  @Test(arguments: [8, 64, 1000], [0, 1_000_000, 20_000_000] as [Nanoseconds])
  func theFreezeTimeDoesNotGrowWithTheSize(pages: Int, latency: Nanoseconds) throws {
    var line = Line()
    line.latency = latency
    var (world, _) = try Self.walker(pages: pages, line: line)
    _ = world.run(to: Self.second)
    let record = try #require(world.migrations[1])
    let freeze = Double(try #require(record.freezeTime))
    // The state, and the few bytes of the answer and the commit.
    let model = Double(record.stateBytes + 2 * 25) * 8 / 100e6 * 1e9 + 3 * Double(latency)
    #expect(abs(freeze - model) < 2000, "freeze \(freeze) model \(model)")
    #expect(record.stateBytes < 400 && record.pagesLeft == pages)
  }

  @Test func eachFirstTouchCostsARoundTripAndAPage() throws {
    var (world, process) = try Self.walker(pages: 50)
    _ = world.run(to: 3 * Self.second)
    let record = try #require(world.migrations[1])
    #expect(record.remoteFaults == 50 && record.pagesSent == 50 && record.redundantPages == 0)
    // 2L, the page, and the bytes around it and of the request.
    let each = Double(record.stallTime) / 50
    let model = 2e6 + Double(4096 + Packet.pageOverhead) * 80
    #expect(abs(each - model) / model < 0.005, "\(each) \(model)")
    #expect(world.process(process)?.space.remote.isEmpty == true)
    #expect(world[NodeID(0)].kernel?.keptPages.isEmpty == true && record.releasedAt != nil)
    #expect(world[NodeID(0)].kernel?.freeFrames == NodeSettings().frames)
    #expect(world.invariants?.violation == nil)
  }

  @Test func prefetchSavesFaultsAndPushEndsTheDependency() throws {
    var (plain, _) = try Self.walker(pages: 200)
    var (ahead, _) = try Self.walker(pages: 200, { $0.prefetch = 16 })
    var (pushed, process) = try Self.walker(pages: 200, { $0.pushes = true })
    _ = plain.run(to: 3 * Self.second)
    _ = ahead.run(to: 3 * Self.second)
    _ = pushed.run(to: Self.second / 8)
    let faults = (plain.migrations[1]?.remoteFaults ?? 0, ahead.migrations[1]?.remoteFaults ?? 0)
    #expect(faults.0 == 200 && faults.1 < 20, "\(faults)")
    let stalls = (plain.migrations[1]?.stallTime ?? 0, ahead.migrations[1]?.stallTime ?? 0)
    #expect(stalls.1 < stalls.0 / 3)
    // 200 pages take 66 ms of the line.
    #expect(pushed.process(process)?.space.remote.isEmpty == true)
    pushed.fail(NodeID(0))
    _ = pushed.run(to: 5 * Self.second)
    #expect(pushed.processes[process]?.fate == .alive && pushed.invariants?.violation == nil)
  }

  /// Pushed pages take no more of the line than allowed. A page that the process touches does not wait for its turn.
  @Test func aPushKeepsToItsBandwidth() throws {
    var world = MigrationTests.cluster(2)
    let idle = Programs.make("idle", [.write(.range(.literal(0), .literal(199))), .receive(into: nil, timeout: nil)])
    let process = try world.start("idle", idle, on: 0, pages: 200)
    var options = TransferOptions(.onReference)
    options.pushes = true
    options.bandwidth = 10_000_000
    _ = world.run(to: 10_000_000)
    world.migrate(process, to: 1, options)
    _ = world.run(to: 10 * Self.second)
    let record = try #require(world.migrations[1])
    let time = try #require(record.totalTime)
    let model = Double(200 * (4096 + Packet.pageOverhead)) * 800
    #expect(abs(Double(time) / model - 1) < 0.02, "\(time) \(model)")
    #expect(record.pagesSent == 200 && world.invariants?.violation == nil)
    var (walker, walking) = try Self.walker(pages: 200) {
      $0.pushes = true
      $0.bandwidth = 1_000_000
    }
    _ = walker.run(to: Self.second)
    // A fault waits for a batch that is on its way, and no longer.
    let stall = try #require(walker.migrations[1]).stallTime / UInt64(walker.migrations[1]?.remoteFaults ?? 1)
    #expect(stall < 8_000_000 && walker.process(walking)?.space.remote.isEmpty == true, "\(stall)")
  }

  @Test func theFailureOfTheSourceIsTheDeathOfTheProcess() throws {
    var (world, process) = try Self.walker(pages: 200)
    _ = world.run(to: Self.second / 5)
    world.fail(NodeID(0))
    _ = world.run(to: 5 * Self.second)
    guard case .lost(NodeID(0), let time)? = world.processes[process]?.fate else {
      Issue.record("it lives")
      return
    }
    // When the connection is known to be broken, not before.
    #expect(time == Self.second / 5 + NodeSettings().detectionTimeout)
    #expect(world[NodeID(1)].kernel?.freeFrames == NodeSettings().frames && world.invariants?.violation == nil)
  }

  @Test func movedAgainItsPagesStayWhereTheyAre() throws {
    var (world, process) = try Self.walker(pages: 100)
    _ = world.run(to: 60_000_000)
    let here = 100 - (world.process(process)?.space.remote.count ?? 0)
    #expect(here > 5)
    world.migrate(process, to: 2, TransferOptions(.onReference))
    _ = world.run(to: 75_000_000)
    let holders = try #require(world.process(process)?.holders)
    #expect(Set(holders.map(\.node)) == [NodeID(0), NodeID(1)] && world.location(of: process) == NodeID(2))
    var home = world
    _ = world.run(to: 3 * Self.second)
    #expect(world.process(process)?.space.remote.isEmpty == true)
    #expect(world.nodes.allSatisfy { $0.kernel?.keptPages.isEmpty == true } && world.invariants?.violation == nil)
    // Back where most of its pages lie, they need not be fetched.
    home.migrate(process, to: 0, TransferOptions(.totalFreezing))
    _ = home.run(to: 120_000_000)
    let left = try #require(home.process(process))
    #expect(home.location(of: process) == NodeID(0) && left.holders.map(\.node) == [NodeID(1)])
    #expect(left.space.remote.count <= here + 2 && home.invariants?.violation == nil)
  }

  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer, .onReference])
  func everyMechanismTakesAlongWhoHoldsWhat(mechanism: TransferMechanism) throws {
    var (stayed, process) = try Self.walker(pages: 30)
    var moved = stayed
    _ = moved.run(to: 40_000_000)
    moved.migrate(process, to: 2, TransferOptions(mechanism))
    _ = moved.run(to: 20 * Self.second)
    _ = stayed.run(to: 20 * Self.second)
    #expect(moved.location(of: process) == NodeID(2) && moved.migrations[2]?.status == .completed)
    // Each process went on where it stopped.
    let (first, second) = (try #require(stayed.process(process)), try #require(moved.process(process)))
    #expect(first.space.remote.isEmpty && second.space.remote.isEmpty)
    #expect(moved.invariants?.violation == nil)
  }

  @Test(arguments: [0, 1, 2] as [UInt32]) func aCrashAtAnyMomentIsAccountedFor(node: UInt32) throws {
    let (start, process) = try Self.walker(pages: 12, { $0.prefetch = 2 })
    var world = start
    var fates: Set<String> = []
    for _ in 0..<60 {
      var fallen = world
      fallen.fail(NodeID(node))
      _ = fallen.run(to: fallen.now + 3 * Self.second)
      fallen.recover(NodeID(node))
      _ = fallen.run(to: fallen.now + 5 * Self.second)
      #expect(fallen.invariants?.violation == nil && fallen.books.allSatisfy { $0 == "balanced" })
      switch fallen.processes[process]?.fate {
      case .alive: fates.insert("on \(fallen.location(of: process)?.number ?? 9)")
      case .lost(NodeID(node), _): fates.insert("lost")
      default: Issue.record("lost because of another node")
      }
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    #expect(fates == [["lost", "on 1"], ["lost", "on 0"], ["on 1"]][Int(node)], "\(fates)")
  }
}
