import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// It does not matter in which pieces time passes: the same events happen.
@Suite struct CuttingTests {
  static let end: Nanoseconds = 5_000_000_000

  /// A cluster with moves, holds and messages ahead of it.
  static func cluster(_ seed: UInt64) -> RandomCluster {
    var cluster = RandomCluster(seed: seed, seesTime: true)
    // Other tests check the invariants on the same clusters. The checks would take most of the time.
    cluster.world.invariants = nil
    cluster.addListeners(3)
    cluster.planMoves(20, within: 60_000_000)
    cluster.planTraffic(within: 60_000_000)
    for _ in 0..<4 {
      guard let process = cluster.random.pick(cluster.processes) else { break }
      let time = cluster.draw(50_000_000)
      cluster.world.ask(about: process, .freeze(process), at: time)
      cluster.world.ask(about: process, .resume(process), at: time + cluster.draw(50_000_000))
      cluster.world.ask(about: process, .send(from: process, to: process, text: "own", size: 9), at: time)
      let speed = cluster.random.pick([50, 333, 1000, 7000] as [UInt64]) ?? 1
      cluster.world.ask(about: process, .setSpeed(speed), at: cluster.draw(50_000_000))
    }
    return cluster
  }

  @Test func theClustersReallyForward() {
    var happenings: [String: Int] = [:]
    for seed in 1...16 as ClosedRange<UInt64> {
      var world = Self.cluster(seed).world
      _ = world.run(to: Self.end)
      happenings.merge(world.happenings) { $0 + $1 }
    }
    #expect(World.forwardingProbes.filter { happenings[$0] == nil } == [], "\(happenings)")
  }

  static func expectEqual(_ left: World, _ right: World, _ comment: Comment) {
    #expect(left.now == right.now && left.log.total == right.log.total, comment)
    // The digest folds every entry of the log. The words of the entries serve only to show a difference.
    if left.digest != right.digest {
      let place = zip(left.story, right.story).enumerated().first { $0.element.0 != $0.element.1 }
      Issue.record("\(comment): \(place.map { "\($0)" } ?? "the same log")")
    }
    let differences = zip(left.portrait, right.portrait).filter { $0 != $1 }
    #expect(differences.isEmpty && left.portrait.count == right.portrait.count, comment)
  }

  @Test(arguments: 1...16 as ClosedRange<UInt64>)
  func slicesDoNotShow(seed: UInt64) {
    let cluster = Self.cluster(seed)
    var whole = cluster.world
    let stop = whole.run(to: Self.end)
    whole.settleClock(at: Self.end)
    #expect(stop == .quiet || stop == .limit)

    var random = Generator(seed: seed)
    var sliced = cluster.world
    while sliced.now < Self.end {
      // Pieces are short at first, where most happens.
      let most = sliced.now < 200_000_000 ? 3_000_000 : 700_000_000 as UInt64
      let limit = min(Self.end, sliced.now + random.next(below: most))
      _ = sliced.run(to: limit)
      sliced.settleClock(at: limit)
    }
    Self.expectEqual(whole, sliced, "seed \(seed), slices")
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func runningAheadDoesNotShow(seed: UInt64) {
    let cluster = Self.cluster(seed)
    var whole = cluster.world
    _ = whole.run(to: Self.end)
    whole.settleClock(at: Self.end)
    var exact = cluster.world
    _ = exact.run(to: Self.end, exactly: true, isInterrupted: { _, _ in false }, until: { _ in false })
    exact.settleClock(at: Self.end)
    Self.expectEqual(whole, exact, "seed \(seed), exactly")
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func stopsAndInterruptionsDoNotShow(seed: UInt64) {
    let cluster = Self.cluster(seed)
    var whole = cluster.world
    _ = whole.run(to: Self.end)
    whole.settleClock(at: Self.end)

    var stepped = cluster.world
    var random = Generator(seed: seed)
    for _ in 0..<20 {
      if random.next(below: 2) == 0 {
        _ = stepped.runToNextFact(limit: Self.end)
      } else {
        let until = stepped.now + random.next(below: 10_000_000)
        _ = stepped.run(to: Self.end, until: { $0.now >= until })
      }
      #expect(stepped.nodes.allSatisfy { $0.kernel?.furthestPosition ?? 0 <= stepped.now })
    }
    var polls = 0
    func interrupts() -> Bool {
      polls += 1
      return polls % 2 == 1
    }
    while stepped.run(
      to: Self.end,
      isInterrupted: { _, _ in
        polls += 1
        return polls % 2 == 1
      }) == .interrupted
    {
      #expect(stepped.nodes.allSatisfy { $0.kernel?.furthestPosition ?? 0 <= stepped.now })
    }
    stepped.settleClock(at: Self.end)
    Self.expectEqual(whole, stepped, "seed \(seed), stops")
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func theSameCallsGiveTheSame(seed: UInt64) {
    var (first, second) = (Self.cluster(seed).world, Self.cluster(seed).world)
    _ = first.run(to: Self.end)
    _ = second.run(to: Self.end)
    Self.expectEqual(first, second, "seed \(seed), twice")
    var other = Self.cluster(seed + 1000).world
    _ = other.run(to: Self.end)
    #expect(other.digest != first.digest)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aCopyIsAWorldOfItsOwn(seed: UInt64) {
    var original = Self.cluster(seed).world
    _ = original.run(to: 20_000_000)
    let (digest, portrait, entries) = (original.digest, original.portrait, original.log.total)
    var (first, second) = (original, original)
    _ = first.run(to: Self.end)
    first.fail(NodeID(0))
    #expect(original.digest == digest && original.portrait == portrait && original.log.total == entries)
    _ = second.run(to: Self.end)
    second.fail(NodeID(0))
    Self.expectEqual(first, second, "seed \(seed), copies")
    _ = original.run(to: Self.end)
    original.fail(NodeID(0))
    Self.expectEqual(original, second, "seed \(seed), original")
  }
}
