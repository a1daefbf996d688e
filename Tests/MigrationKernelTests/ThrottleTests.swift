import Testing

@testable import MigrationKernel

/// A process is slowed down, and later no longer.
@Suite struct ThrottleTests {
  /// Writes page 0 every microsecond at speed 1, for ever.
  static let writer = program(
    [
      .loop(times: nil, counter: 0, end: 4), .write(.one(.literal(0))), .compute(.literal(900)),
      .next(counter: 0, start: 0),
    ], counters: 1)

  static func writes(_ bench: Bench, _ process: ProcessID) -> Int {
    Int(bench.kernel.processes[process]?.space[0].word ?? 0)
  }

  @Test(arguments: [1000, 333, 2500] as [UInt64]) func itRunsAtThePartThatIsLeft(speed: UInt64) {
    var bench = Bench(0) {
      $0.speed = speed
      $0.cores = 2
    }
    let slowed = SchedulerTests.spawn(&bench, Self.writer)
    let other = SchedulerTests.spawn(&bench, Self.writer)
    for throttle in [0, 20, 90, 99, 30, 0] {
      bench.throttle(slowed, to: throttle)
      let before = (Self.writes(bench, slowed), Self.writes(bench, other))
      let cpu = SchedulerTests.cpu(bench, slowed)
      bench.advance(to: bench.now + 10_000_000)
      let after = (Self.writes(bench, slowed), Self.writes(bench, other))
      let share = Double(speed) * Double(100 - throttle) / 100 / 1000
      // It runs for 50 us at a time.
      #expect(abs(Double(after.0 - before.0) - share * 10_000) <= 50 * Double(speed) / 1000 + 1, "\(throttle)")
      #expect(abs(Double(after.1 - before.1) - Double(speed) * 10) <= 1, "another runs as ever")
      // What it does not use of its core others may.
      #expect(abs(SchedulerTests.cpu(bench, slowed) - cpu - 0.0001 * Double(100 - throttle)) < 0.000_051)
    }
  }

  @Test func whatItLeavesOthersHave() {
    var bench = Bench(0)
    let slowed = SchedulerTests.spawn(&bench, Self.writer)
    let other = SchedulerTests.spawn(&bench, Self.writer)
    bench.throttle(slowed, to: 90)
    bench.advance(to: 1_000_000_000)
    // Whenever it may run it waits for the quantum of the other to end.
    #expect(SchedulerTests.cpu(bench, slowed) < 0.1)
    #expect(abs(SchedulerTests.cpu(bench, slowed) + SchedulerTests.cpu(bench, other) - 1) < 0.001)
  }

  /// When the speed changes during a step, the part already done keeps the old speed.
  @Test func aStepIsPaidAtBothSpeeds() {
    var bench = Bench(0)
    let step = program([.compute(.literal(1_000_000)), .print(template: 0)], templates: [TextTemplate([.text("x")])])
    let process = SchedulerTests.spawn(&bench, step)
    bench.advance(to: 400_000)
    bench.throttle(process, to: 50)
    bench.advance(to: 600_000)
    bench.throttle(process, to: 99)
    bench.advance(to: 10_600_000)
    bench.throttle(process, to: 0)
    // 0.4 ms, 0.1 ms and 0.1 ms of it are done.
    var printed: Nanoseconds?
    bench.advance(to: 20_000_000) { fact, time in
      if case .output = fact { printed = time }
    }
    #expect(printed.map { abs(Int64($0) - 11_000_000) < 50_000 } == true)
  }

  @Test func theSlowestStillRuns() {
    var bench = Bench(0) { $0.speed = 1 }
    let process = SchedulerTests.spawn(&bench, Self.writer)
    bench.throttle(process, to: 99)
    // A turn of the loop takes it a millisecond.
    bench.advance(to: 1_000_000_000)
    #expect((9...11).contains(Self.writes(bench, process)))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func howTimeIsCutDoesNotShow(seed: UInt64) {
    func ends(_ stretch: Nanoseconds) -> [ProcessID: Nanoseconds] {
      var bench = SchedulerTests.crowd(seed)
      var (random, changes) = (Generator(seed: seed), Generator(seed: seed + 1))
      let processes = bench.kernel.processes.map(\.id)
      var ends: [ProcessID: Nanoseconds] = [:]
      var next: Nanoseconds = 0
      while bench.now < 40_000_000 {
        if bench.now == next {
          bench.throttle(processes[Int(changes.next(below: 5))], to: Int(changes.next(below: 100)))
          next += 1 + changes.next(below: 40_000)
        }
        bench.advance(to: min(next, bench.now + 1 + random.next(below: stretch))) { fact, time in
          if case .ended(let process, _, _) = fact { ends[process] = time }
        }
      }
      return ends
    }
    let whole = ends(10_000_000)
    #expect(whole.count == 5)
    #expect(ends(20_000) == whole && ends(1_000) == whole)
  }

  @Test func nobodyElseIsSlowed() {
    let parent = program(
      [.fork(program: 0, into: 0), .loop(times: nil, counter: 0, end: 4), .pause, .next(counter: 0, start: 1)],
      registers: ["f"], counters: 1, children: [Self.writer])
    var bench = Bench(0) { $0.cores = 2 }
    let process = SchedulerTests.spawn(&bench, parent)
    bench.throttle(process, to: 99)
    // The fork is the first step, and begins at once.
    bench.advance(to: 10_000_000)
    let child = bench.kernel.processes.first { $0.id != process }
    #expect(child?.throttle == 0 && (child?.space[0].word ?? 0) > 9_900)
    bench.throttle(ProcessID(origin: NodeID(0), incarnation: 1, serial: 99), to: 20)
  }

  @Test func theStepsOfTheThrottle() {
    var steps: [Int] = []
    var throttle = 0
    while throttle < Throttle.most {
      throttle = Throttle.next(after: throttle)
      steps.append(throttle)
    }
    #expect(steps == [20, 30, 40, 50, 60, 70, 80, 90, 99])
  }

  /// What follows from a round of 100 pages.
  @Test func whatFollowsFromARound() {
    func outcome(
      _ dirtied: Int, throttle: Int = 0, round: Int = 2, _ change: (inout TransferOptions) -> Void = { _ in }
    ) -> TransferRound.Outcome {
      var options = TransferOptions(.preTransfer)
      options.throttles = true
      change(&options)
      return TransferRound.Outcome(
        round: round, pages: 100, dirtied: dirtied, throttle: throttle, freezeTime: 5_000_000, options)
    }
    #expect(outcome(0) == .clean && outcome(1) == .goesOn && outcome(99) == .goesOn)
    // The throttle begins where pre-transfer would give up, and grows with every round that does not halve the pages
    // left.
    #expect(outcome(100) == .slowsDown && outcome(100, throttle: 20) == .slowsDown)
    #expect(outcome(51, throttle: 20) == .slowsDown && outcome(50, throttle: 20) == .goesOn)
    #expect(outcome(99, throttle: 99) == .goesOn && outcome(100, throttle: 99) == .noReduction)
    #expect(outcome(100) { $0.throttles = false } == .noReduction)
    #expect(outcome(100) { $0.maxRounds = 2 } == .boundReached && outcome(100) { $0.maxRounds = 3 } == .slowsDown)
    #expect(outcome(100) { $0.downtime = 5_000_000 } == .downtimeMet)
    #expect(outcome(100) { $0.downtime = 4_999_999 } == .slowsDown)
    // The first round sends whole pages: those after it, differences.
    #expect(outcome(100, round: 1) { $0.sendsDeltas = true } == .goesOn)
    #expect(
      outcome(100, round: 1) {
        $0.sendsDeltas = true
        $0.throttles = false
      } == .goesOn)
    #expect(outcome(100, round: 2) { $0.sendsDeltas = true } == .slowsDown)
  }
}
