import Testing

@testable import MigrationKernel

/// When bursts end, by the engine and by a model of round robin that shares nothing with it.
@Suite struct RoundRobinTests {
  static let quantum: Nanoseconds = 10_000_000

  /// What the engine says: when each of some processes ended, one thread each, all there from the start.
  static func ends(_ programs: [StepProgram], cores: Int = 1, speed: UInt64 = 1000) -> [Nanoseconds?] {
    var bench = Bench(0) {
      $0.cores = cores
      $0.speed = speed
    }
    let processes = programs.map { SchedulerTests.spawn(&bench, $0, pages: 1) }
    var ends: [ProcessID: Nanoseconds] = [:]
    bench.advance(to: 10_000_000_000) { fact, time in
      if case .ended(let process, _, _) = fact { ends[process] = time }
    }
    return processes.map { ends[$0] }
  }

  static func computing(_ times: [UInt64]) -> StepProgram { program(times.map { .compute(.literal($0)) }) }

  /// What the model says of bursts of so long on a core of speed 1.
  static func modelled(_ bursts: [Nanoseconds], cores: Int, speed: UInt64) -> [Nanoseconds] {
    var left = bursts.map { $0 * 1000 / speed }
    var ends = [Nanoseconds](repeating: 0, count: bursts.count)
    var queue = Array(bursts.indices)
    // What each core works at, and until when.
    var work = [(process: Int, until: Nanoseconds)?](repeating: nil, count: cores)
    var now: Nanoseconds = 0
    while true {
      for core in work.indices {
        if let (process, until) = work[core], until == now {
          work[core] = nil
          if left[process] == 0 { ends[process] = now } else { queue.append(process) }
        }
        guard work[core] == nil, !queue.isEmpty else { continue }
        let process = queue.removeFirst()
        let slice = min(left[process], Self.quantum)
        left[process] -= slice
        work[core] = (process, now + slice)
      }
      guard let next = work.compactMap({ $0?.until }).min() else { return ends }
      now = next
    }
  }

  @Test func aBurstThatEndsWithItsQuantumHasEnded() {
    let bursts = [StepProgram](repeating: Self.computing([10_000_000]), count: 3)
    #expect(Self.ends(bursts) == [10_000_000, 20_000_000, 30_000_000])
    #expect(Self.ends(bursts, cores: 2) == [10_000_000, 10_000_000, 20_000_000])
    // Half as fast, each burst takes two quanta.
    #expect(Self.ends(bursts, speed: 500) == [40_000_000, 50_000_000, 60_000_000])
  }

  @Test func stepsThatEndWithTheQuantumHaveEnded() {
    // A hundred thousand steps of 100 ns.
    let steps = program(
      [.loop(times: .literal(100_000), counter: 0, end: 3), .pause, .next(counter: 0, start: 0)], counters: 1)
    #expect(Self.ends([steps, steps, steps]) == [10_000_000, 20_000_000, 30_000_000])
  }

  @Test func aBurstThatEndsInASleepDoesNotWaitForAnotherQuantum() {
    let sleeper = program([.compute(.literal(10_000_000)), .sleep(.literal(5_000_000))])
    #expect(Self.ends([sleeper, Self.computing([30_000_000])]) == [20_000_000, 40_000_000])
  }

  @Test func aStepThatNeedsTheCoreIsNotBegunWhenTheQuantumIsOver() {
    let writer = program([.compute(.literal(10_000_000)), .write(.one(.literal(0)))])
    #expect(Self.ends([writer, Self.computing([10_000_000])]) == [20_000_100, 20_000_000])
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func burstsEndWhenTheModelSays(seed: UInt64) {
    var random = Generator(seed: seed)
    let cores = 1 + Int(random.next(below: 4))
    let speed: UInt64 = [500, 1000, 2000][Int(random.next(below: 3))]
    // Steps that take a part of a quantum at that speed, whole quanta, or neither.
    let steps = (0..<2 + random.next(below: 8)).map { _ in
      (0..<1 + random.next(below: 4)).map { _ -> UInt64 in
        switch random.next(below: 3) {
        case 0: Self.quantum * speed / 1000 * (1 + random.next(below: 2))
        case 1: Self.quantum * speed / 4000 * (1 + random.next(below: 4))
        default: 10 * (1 + random.next(below: 2_000_000))
        }
      }
    }
    let modelled = Self.modelled(steps.map { $0.reduce(0, +) }, cores: cores, speed: speed)
    #expect(Self.ends(steps.map(Self.computing), cores: cores, speed: speed) == modelled)
  }
}
