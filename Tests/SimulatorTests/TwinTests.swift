import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// A process that moves ends as its twin does, which stays.
@Suite struct TwinTests {
  static let end: Nanoseconds = 600_000_000_000

  /// What a process leaves when it has ended.
  static func finalStates(_ world: World, cpu: Bool) -> [String: String] {
    var result: [String: String] = [:]
    for record in world.processes.all {
      let summary = record.summary.map { summary in
        "\(summary.memoryDigest) \(summary.receivedDigest) \(summary.receivedCount) \(cpu ? summary.cpuTime : 0)"
      }
      result[record.name] = "\(summary ?? "\(record.fate)") \(record.output.map(\.text))"
    }
    return result
  }

  /// Lets families come to their ends, once without moves and once with moves. Each process must leave the same both
  /// times.
  ///
  /// - Parameter plan: plans the moves. It is given the world in which nothing moved.
  /// - Returns: the world in which they moved.
  static func expectTwins(
    _ start: RandomCluster, _ comment: Comment, cpu: Bool, plan: (inout RandomCluster, World) -> Void
  ) -> World {
    var (cluster, stayed) = (start, start.world)
    _ = stayed.run(to: end)
    let hasEnded = stayed.processes.all.allSatisfy { if case .ended(.exited, _, _) = $0.fate { true } else { false } }
    #expect(hasEnded, comment)
    plan(&cluster, stayed)
    var moved = cluster.world
    _ = moved.run(to: end)
    let comparesTime = cpu && !isSlowed(moved)
    let (left, expected) = (finalStates(moved, cpu: comparesTime), finalStates(stayed, cpu: comparesTime))
    #expect(left.keys.sorted() == expected.keys.sorted(), comment)
    for (name, words) in expected where left[name] != words {
      Issue.record("\(comment), \(name): \(left[name] ?? "nothing") instead of \(words)")
    }
    #expect(moved.invariants?.violation == nil && stayed.invariants?.violation == nil, comment)
    #expect(moved.books.allSatisfy { $0 == "balanced" }, comment)
    #expect(moved.nodes.allSatisfy { $0.kernel?.freeFrames == $0.settings.frames }, comment)
    #expect(moved.messages.all.allSatisfy { $0.status == .delivered }, comment)
    return moved
  }

  /// Whether a process was slowed down, so that it needed a core for longer.
  static func isSlowed(_ world: World) -> Bool {
    world.migrations.all.contains { $0.rounds.contains { $0.outcome == .slowsDown } }
  }

  /// When a process ended.
  static func end(of record: ProcessDirectory.Record?) -> Nanoseconds {
    if case .ended(_, let time, _)? = record?.fate { time } else { 0 }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func movingDoesNotShow(seed: UInt64) {
    let evenSpeed = seed % 2 == 0
    let start = RandomCluster(seed: seed, seesTime: false, evenSpeed: evenSpeed)
    _ = Self.expectTwins(start, "seed \(seed)", cpu: evenSpeed) { cluster, stayed in
      // As long as the family lives, mostly.
      let span = stayed.processes.all.reduce(1) { max($0, Self.end(of: $1)) }
      cluster.planMoves(30, within: span)
      cluster.planCancellations(4, within: span)
    }
  }

  /// The results of many families.
  struct Tally: Sendable {
    var programs = 0
    var messages: UInt64 = 0
    var moves: [TransferMechanism: Int] = [:]
    var calledOff = 0

    mutating func add(_ world: World) {
      programs += world.processes.all.count
      messages += world.messages.received
      for record in world.migrations.all {
        if record.status == .completed { moves[record.mechanism, default: 0] += 1 }
        if record.status == .cancelled { calledOff += 1 }
      }
    }

    mutating func add(_ other: Tally) {
      programs += other.programs
      messages += other.messages
      moves.merge(other.moves) { $0 + $1 }
      calledOff += other.calledOff
    }
  }

  /// Thousands of small families. The seed draws the mechanism, the options and the moment of each move.
  @Test func thousandsOfProgramsMoveUnseen() async {
    let (blocks, families) = (50 as UInt64, 100 as UInt64)
    var tally = Tally()
    await withTaskGroup(of: Tally.self) { group in
      for block in 0..<blocks {
        group.addTask {
          var tally = Tally()
          for seed in 1...families { tally.add(Self.smallFamily(seed: 1_000_000 + block * families + seed)) }
          return tally
        }
      }
      for await part in group { tally.add(part) }
    }
    let moves = TransferMechanism.choices.map { "\(tally.moves[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    print(
      "twins: \(blocks * families) families of \(tally.programs) programs exchanged \(tally.messages) messages;",
      "moves completed: \(moves); called off: \(tally.calledOff)")
    #expect(tally.programs > 10_000 && tally.messages > 10_000 && tally.calledOff > 100)
    #expect(TransferMechanism.choices.allSatisfy { tally.moves[$0] ?? 0 > 500 }, "\(moves)")
  }

  private static func smallFamily(seed: UInt64) -> World {
    let evenSpeed = seed % 2 == 0
    var start = RandomCluster(seed: seed, seesTime: false, evenSpeed: evenSpeed, isSmall: true)
    // The checks after every event take most of the time.
    if seed % 20 != 0 { start.world.invariants = nil }
    start.world.keepsDigest = false
    return expectTwins(start, "small family \(seed)", cpu: evenSpeed) { cluster, stayed in
      for process in cluster.processes {
        let span = end(of: stayed.processes[process]) + 1
        cluster.planMoves(3, of: process, within: span)
        if cluster.draw(8) == 0 { cluster.planCancellations(1, within: span) }
      }
    }
  }

  @Test func theFamiliesReallyMoveAndTalk() {
    var (migrations, messages, queued, forwarded) = (0, 0 as UInt64, 0, 0 as UInt64)
    var (rounds, cancelled, flushed) = (0, 0, 0)
    var happenings: [String: Int] = [:]
    for seed in 1...24 as ClosedRange<UInt64> {
      var cluster = RandomCluster(seed: seed, seesTime: false)
      cluster.world.invariants = nil
      cluster.addListeners(3)
      cluster.planMoves(40, within: 30_000_000)
      cluster.planTraffic(within: 30_000_000)
      cluster.planCancellations(4, within: 30_000_000)
      _ = cluster.world.run(to: Self.end)
      migrations += cluster.world.migrations.all.count { $0.status == .completed }
      messages += cluster.world.messages.received
      queued += cluster.world.migrations.all.reduce(0) { $0 + $1.messagesQueued }
      forwarded += cluster.world.messages.forwarded
      rounds += cluster.world.migrations.all.reduce(0) { $0 + max(0, $1.rounds.count - 1) }
      flushed += cluster.world.migrations.all.count {
        $0.mechanism == .flushing && $0.status == .completed && $0.pagesSentFrozen > 0
      }
      cancelled += cluster.world.migrations.all.count { $0.status == .cancelled }
      happenings.merge(cluster.world.happenings) { $0 + $1 }
    }
    #expect(migrations > 50 && messages > 100 && queued > 5 && forwarded > 5, "\(migrations) \(messages) \(queued)")
    #expect(rounds > 2 && cancelled > 5 && flushed > 5, "\(rounds) \(cancelled) \(flushed)")
    // Without faults hardly anything comes back for good.
    #expect(World.forwardingProbes.allSatisfy { happenings[$0] != nil || $0 == "returned" }, "\(happenings)")
  }
}
