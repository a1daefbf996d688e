import MigrationKernel
import Testing

@testable import Simulator

/// A process that moves ends as its twin that stayed.
@Suite struct TwinTests {
  static let end: Nanoseconds = 600_000_000_000

  /// What a process leaves when it has ended.
  static func legacy(_ world: World, cpu: Bool) -> [String: String] {
    var result: [String: String] = [:]
    for record in world.processes.all {
      let summary = record.summary.map { summary in
        "\(summary.memoryDigest) \(summary.receivedDigest) \(summary.receivedCount) \(cpu ? summary.cpuTime : 0)"
      }
      result[record.name] = "\(summary ?? "\(record.fate)") \(record.output.map(\.text))"
    }
    return result
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func movingDoesNotShow(seed: UInt64) {
    let evenSpeed = seed % 2 == 0
    var cluster = RandomCluster(seed: seed, seesTime: false, evenSpeed: evenSpeed)
    var stayed = cluster.world
    _ = stayed.run(to: Self.end)
    #expect(stayed.processes.all.allSatisfy { if case .ended(.exited, _, _) = $0.fate { true } else { false } })
    // As long as the family lives, mostly.
    let span = stayed.processes.all.reduce(1 as Nanoseconds) { latest, record in
      if case .ended(_, let time, _) = record.fate { max(latest, time) } else { latest }
    }
    cluster.planMoves(15, within: span)
    cluster.planCancellations(4, within: span)
    var moved = cluster.world
    _ = moved.run(to: Self.end)
    // A process that was slowed down needed a core for longer.
    let isSlowed = moved.migrations.all.contains { $0.rounds.contains { $0.outcome == .slowsDown } }
    let comparesTime = evenSpeed && !isSlowed
    let (left, expected) = (Self.legacy(moved, cpu: comparesTime), Self.legacy(stayed, cpu: comparesTime))
    #expect(left.keys.sorted() == expected.keys.sorted())
    for (name, words) in expected where left[name] != words {
      Issue.record("seed \(seed), \(name): \(left[name] ?? "nothing") instead of \(words)")
    }
    #expect(moved.invariants?.violation == nil && stayed.invariants?.violation == nil, "seed \(seed)")
    #expect(moved.books.allSatisfy { $0 == "balanced" })
    #expect(moved.nodes.allSatisfy { $0.kernel?.freeFrames == $0.settings.frames })
    #expect(moved.messages.all.allSatisfy { $0.status == .delivered })
  }

  @Test func theFamiliesReallyMoveAndTalk() {
    var (migrations, messages, queued, forwarded) = (0, 0 as UInt64, 0, 0 as UInt64)
    var (rounds, cancelled) = (0, 0)
    for seed in 1...24 as ClosedRange<UInt64> {
      var cluster = RandomCluster(seed: seed, seesTime: false)
      cluster.planMoves(15, within: 30_000_000)
      cluster.planCancellations(4, within: 30_000_000)
      _ = cluster.world.run(to: Self.end)
      migrations += cluster.world.migrations.all.count { $0.status == .completed }
      messages += cluster.world.messages.received
      queued += cluster.world.migrations.all.reduce(0) { $0 + $1.messagesQueued }
      forwarded += cluster.world.messages.forwarded
      rounds += cluster.world.migrations.all.reduce(0) { $0 + max(0, $1.rounds.count - 1) }
      cancelled += cluster.world.migrations.all.count { $0.status == .cancelled }
    }
    #expect(migrations > 50 && messages > 100 && queued > 5 && forwarded > 5, "\(migrations) \(messages) \(queued)")
    #expect(rounds > 2 && cancelled > 5, "\(rounds) \(cancelled)")
  }
}
