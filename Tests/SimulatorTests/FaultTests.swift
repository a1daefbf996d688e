import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Nodes fail and come back in the middle of everything.
@Suite struct FaultTests {
  /// Does something at random to a cluster.
  static func disturb(_ cluster: inout RandomCluster) {
    let node = cluster.anyNode()
    let alive = cluster.world.processes.all.filter { $0.fate == .alive }.map(\.id)
    guard let process = cluster.random.pick(alive), let location = cluster.world.location(of: process) else { return }
    switch cluster.draw(cluster.cutsLines ? 24 : 18) {
    case 0, 1: if cluster.world[node].isUp { cluster.world.fail(node) }
    case 2, 3: cluster.world.recover(node)
    case 4: cluster.world.ask(location, .freeze(process))
    case 5: cluster.world.ask(location, .resume(process))
    case 6: if cluster.draw(4) == 0 { cluster.world.ask(location, .kill(process)) }
    case 7: cluster.world.ask(location, .poke(process, page: 0, bytes: [1, 2, 3]))
    case 8:
      guard let other = cluster.random.pick(alive) else { return }
      cluster.world.ask(location, .send(from: process, to: other, text: "operator", size: 2000))
    case 17: cluster.planMessages(20, within: 30_000_000)
    case 9: cluster.world.ask(location, .cancelMigration(process))
    case 18, 19, 20: disturbLines(&cluster, node)
    default: cluster.world.ask(location, .migrate(process, to: node, cluster.anyTransfer()))
    }
  }

  /// Does something at random to the lines of a cluster, often to those of one node.
  private static func disturbLines(_ cluster: inout RandomCluster, _ node: NodeID) {
    switch cluster.draw(6) {
    case 0: cluster.world.partition([[node], cluster.world.nodes.map(\.id).filter { $0 != node }])
    case 1, 2: cluster.world.mendLines()
    case 3: cluster.world.breakConnection(node, cluster.anyNode())
    case 4: cluster.world.mendLine(node, cluster.anyNode())
    default: cluster.world.failLine(node, cluster.anyNode())
    }
  }

  /// Disturbs a cluster again and again.
  static func torment(_ cluster: inout RandomCluster) {
    cluster.addListeners(4)
    cluster.planMoves(20, within: 200_000_000)
    cluster.planTraffic(within: 200_000_000)
    cluster.planCancellations(10, within: 200_000_000)
    for _ in 0..<50 {
      disturb(&cluster)
      let pause = [0, 100_000, 3_000_000, 40_000_000, 1_500_000_000].map { cluster.draw($0 + 1) }
      _ = cluster.world.run(to: cluster.world.now + (cluster.random.pick(pause) ?? 0))
      guard cluster.world.invariants?.violation == nil else { return }
    }
  }

  /// All nodes come back, nobody is held, and time passes.
  static func calm(_ cluster: inout RandomCluster) {
    cluster.world.mendLines()
    for node in cluster.world.nodes { cluster.world.recover(node.id) }
    _ = cluster.world.run(to: cluster.world.now + 5_000_000_000)
    for record in cluster.world.processes.all {
      if let location = cluster.world.location(of: record.id) { cluster.world.ask(location, .resume(record.id)) }
    }
    _ = cluster.world.run(to: cluster.world.now + 600_000_000_000)
  }

  static func expectCalm(_ world: World, _ comment: Comment) {
    expectCalmMigrations(world, comment)
    for node in world.nodes {
      for process in node.kernel?.processes.map(\.self) ?? [] {
        // The processes that are left wait for a message that nobody will send, or for an answer that was lost with its
        // sender.
        #expect(process.state == .waiting || process.state == .new, comment)
        #expect(world.location(of: process.id) == node.id, comment)
      }
    }
  }

  /// Every migration has come to its end, and everything has been given back.
  static func expectCalmMigrations(_ world: World, _ comment: Comment) {
    #expect(world.invariants?.violation == nil, comment)
    #expect(world.books.allSatisfy { $0 == "balanced" }, comment)
    for node in world.nodes {
      #expect(node.kernel?.departures.isEmpty == true && node.kernel?.arrivals.isEmpty == true, comment)
      #expect(node.kernel?.flushes.isEmpty == true, comment)
    }
    for record in world.migrations.all {
      #expect(record.endedAt != nil, comment)
      switch record.status {
      case .completed, .refused, .aborted, .cancelled, .lost: break
      default: Issue.record("\(comment): migration \(record.number) is \(record.status)")
      }
    }
  }

  @Test(arguments: 1...24 as ClosedRange<UInt64>, [false, true])
  func whateverFailsTheInvariantsHoldAndEverythingEnds(seed: UInt64, cutsLines: Bool) {
    var cluster = RandomCluster(seed: seed, seesTime: seed % 4 != 0)
    cluster.cutsLines = cutsLines
    Self.torment(&cluster)
    Self.calm(&cluster)
    Self.expectCalm(cluster.world, "seed \(seed)")
    for record in cluster.world.processes.all {
      if let location = cluster.world.location(of: record.id) { cluster.world.ask(location, .kill(record.id)) }
    }
    _ = cluster.world.run(to: cluster.world.now + 600_000_000_000)
    #expect(cluster.world.nodes.allSatisfy { $0.kernel?.freeFrames == $0.settings.frames }, "seed \(seed)")
    #expect(cluster.world.nextEventTime == nil, "seed \(seed): something goes on for ever")
  }

  @Test func theFaultsReallyHitMigrations() {
    var statuses: [String: Int] = [:]
    var happenings: [String: Int] = [:]
    for seed in 1...24 as ClosedRange<UInt64> {
      var cluster = RandomCluster(seed: seed, seesTime: seed % 4 != 0)
      cluster.world.invariants = nil
      Self.torment(&cluster)
      happenings.merge(cluster.world.happenings) { $0 + $1 }
      for record in cluster.world.migrations.all { statuses[record.status.rawValue, default: 0] += 1 }
    }
    for status in ["completed", "aborted", "cancelled", "lost"] {
      #expect(statuses[status, default: 0] >= 5, "\(statuses)")
    }
    #expect(World.forwardingProbes.filter { happenings[$0] == nil } == [], "\(happenings)")
  }

  // MARK: - A crash after every event of a migration

  /// A process with traffic that migrates from node 0 to node 1; node 2 sends to it, and to another on node 1.
  static func migration(
    _ mechanism: TransferMechanism
  ) throws -> (world: World, process: ProcessID, others: [ProcessID]) {
    var world = MigrationTests.cluster(3)
    let echo = try world.start("echo", Programs.busyEcho, on: 0, pages: 40)
    let fixed = try world.start("fixed", Programs.echo, on: 2)
    let pinger = try world.start("pinger", Programs.patientPinger(12), on: 2, peer: echo)
    let other = try world.start("other", Programs.patientPinger(12), on: 1, peer: fixed)
    _ = world.run(to: 5_000_000)
    world.migrate(echo, to: 1, TransferOptions(mechanism))
    return (world, echo, [fixed, pinger, other])
  }

  /// The world after each event until the migration is over, and a little longer.
  static func moments(_ world: World) -> [World] {
    var world = world
    var result = [world]
    var after = 0
    while after < 20 {
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
      if world.migrations[1]?.endedAt != nil { after += 1 }
      result.append(world)
    }
    return result
  }

  /// How the process migrates, and whether the failed node is back before its peers are told.
  static let ways: [(mechanism: TransferMechanism, soon: Bool)] = [
    (.totalFreezing, true), (.totalFreezing, false), (.preTransfer, true), (.preTransfer, false),
  ]

  @Test(arguments: [0, 1, 2] as [UInt32], ways)
  func aCrashAfterEveryEvent(node: UInt32, way: (mechanism: TransferMechanism, soon: Bool)) throws {
    let (start, process, others) = try Self.migration(way.mechanism)
    let moments = Self.moments(start)
    #expect(moments.count > 60)
    var fates: Set<String> = []
    for (number, moment) in moments.enumerated() {
      var world = moment
      world.fail(NodeID(node))
      _ = world.run(to: world.now + (way.soon ? 2_000_000 : 3_000_000_000))
      world.recover(NodeID(node))
      _ = world.run(to: world.now + 600_000_000_000)
      let comment = "node \(node) after event \(number)" as Comment
      Self.expectCalm(world, comment)
      #expect(world.nextEventTime == nil, comment)
      let record = try #require(world.processes[process])
      switch record.fate {
      case .alive: fates.insert("on \(world.location(of: process)?.number ?? 9)")
      case .lost(let cause, _):
        #expect(cause == NodeID(node) && node != 2, comment)
        fates.insert("lost")
      case .ended: Issue.record("\(comment): an echo never ends")
      }
      // All processes that were not on the failed node have come to their ends, whatever happened to the one that
      // moved.
      for other in others.dropFirst() where moment.location(of: other) != NodeID(node) {
        if case .ended(.exited, _, _)? = world.processes[other]?.fate { continue }
        Issue.record("\(comment): \(other) is \(String(describing: world.processes[other]?.fate))")
      }
    }
    #expect(fates == [["lost", "on 1"], ["lost", "on 0"], ["on 1"]][Int(node)], "\(fates)")
  }
}
