import Testing

@testable import MigrationKernel

/// Threads that wait for each other: at locks, at barriers, and for each other's end.
@Suite struct SynchronizationTests {
  private static func bench(cores: Int) -> Bench { Bench(0) { $0.cores = cores } }

  /// What each line says, and when it was printed.
  private static func lines(of bench: inout Bench, until time: Nanoseconds) -> [String] {
    var lines: [String] = []
    bench.advance(to: time) { fact, time in
      if case .printed(_, let text) = fact { lines.append("\(text) \(time)") }
    }
    return lines
  }

  private static let line = [TextTemplate([.text("x")])]

  /// Three threads want the lock for 10 us each, on four cores: they have it one after another, in the order in which they
  /// came. The lock is a step of 100 ns; to give it up takes no time.
  @Test func aLockIsForOneThreadAtATime() {
    var bench = Self.bench(cores: 4)
    let program = program(
      [.lock(0), .compute(.literal(10_000)), .print(template: 0), .unlock(0)], templates: Self.line, locks: ["l"])
    _ = SchedulerTests.spawn(&bench, program, threads: 3)
    #expect(Self.lines(of: &bench, until: 1_000_000) == ["x 10100", "x 20300", "x 30500"])
  }

  /// Two on one core: who waits for the lock uses no core, and the other has all of it.
  @Test func aThreadThatWaitsForALockUsesNoCore() {
    var bench = Self.bench(cores: 1)
    let program = program(
      [.lock(0), .compute(.literal(30_000_000)), .unlock(0), .print(template: 0)], templates: Self.line, locks: ["l"])
    let process = SchedulerTests.spawn(&bench, program, threads: 2)
    #expect(Self.lines(of: &bench, until: 100_000_000) == ["x 30000100", "x 60000300"])
    #expect(bench.kernel.processes[process] == nil)
  }

  /// A barrier for three lets all go with the last, and can be used again.
  @Test func aBarrierWaitsForTheLast() {
    var bench = Self.bench(cores: 4)
    let program = program(
      [
        .thread(after: 7), .compute(.literal(5_000)), .barrier(0, of: .literal(3)), .compute(.literal(1_000)),
        .barrier(0, of: .literal(3)), .print(template: 0), .exit,
        .thread(after: 10), .jump(2), .exit,
        .compute(.literal(2_000)), .jump(2),
      ], templates: Self.line, barriers: ["b"])
    _ = SchedulerTests.spawn(&bench, program)
    let lines = Self.lines(of: &bench, until: 1_000_000)
    // The first comes last, at 5000; then each pays the step, and computes 1000 before the second meeting.
    #expect(lines == ["x 6200", "x 6200", "x 6200"])
  }

  /// `join` waits for those that the thread has started, and not for others.
  @Test func joinWaitsForItsOwnThreads() {
    var bench = Self.bench(cores: 4)
    let program = program(
      [
        .thread(after: 3), .compute(.literal(5_000)), .exit,
        .join, .print(template: 0), .join, .print(template: 0),
      ], templates: Self.line)
    _ = SchedulerTests.spawn(&bench, program)
    #expect(Self.lines(of: &bench, until: 1_000_000) == ["x 5100", "x 5300"])
  }

  /// A thread that ends in the block of a lock gives it up.
  @Test func aThreadThatEndsGivesItsLocksUp() {
    var bench = Self.bench(cores: 2)
    let program = program([.lock(0), .lock(1), .exit], locks: ["a", "b"])
    let process = SchedulerTests.spawn(&bench, program, threads: 2)
    bench.advance(to: 1_000_000)
    #expect(bench.kernel.processes[process] == nil)
  }

  @Test(
    arguments: [
      // Each has one and wants the other.
      (
        [
          .thread(after: 7), .lock(0), .sleep(.literal(1_000)), .lock(1), .unlock(1), .unlock(0), .exit,
          .lock(1), .sleep(.literal(1_000)), .lock(0), .unlock(0), .unlock(1),
        ], ["0 lock a 1", "1 lock b 0"]
      ),
      ([.lock(0), .lock(0)], ["0 lock a 0"]),
      (
        [.thread(after: 3), .barrier(0, of: .literal(3)), .exit, .barrier(0, of: .literal(3))],
        ["0 gate 1", "1 gate 1"]
      ),
      // The thread that would come ends.
      (
        [
          .thread(after: 3), .compute(.literal(9_000)), .exit, .barrier(0, of: .literal(2)),
        ], ["0 gate 1"]
      ),
      // It joins a thread that wants what it has.
      ([.lock(1), .thread(after: 4), .lock(1), .exit, .join], ["0 end 1", "1 lock b 0"]),
    ] as [([Instruction], [String])])
  func threadsThatWaitForEachOtherAreFound(_ instructions: [Instruction], _ expected: [String]) throws {
    var bench = Self.bench(cores: 4)
    let program = program(instructions, locks: ["a", "b"], barriers: ["gate"])
    _ = SchedulerTests.spawn(&bench, program)
    var found: [[String]] = []
    bench.advance(to: 1_000_000) { fact, _ in
      guard case .deadlocked(_, let waits) = fact else { return }
      found.append(
        waits.map { wait in
          switch wait.what {
          case .lock(let name, let holder): "\(wait.thread) lock \(name) \(holder ?? -1)"
          case .barrier(let name, let missing): "\(wait.thread) \(name) \(missing)"
          case .end(let other): "\(wait.thread) end \(other)"
          }
        })
    }
    #expect(found == [expected])
  }

  /// Equal threads on more or fewer cores: as long as cores are left none is slowed down, and more threads than cores take turns,
  /// so that the last ends when all the work is done on all the cores, but for the quanta that do not come out even.
  @Test(arguments: [1, 2, 3, 4, 8], [1, 2, 3, 4, 8])
  func threadsAreFasterOnMoreCores(threads: Int, cores: Int) throws {
    var bench = Self.bench(cores: cores)
    let work: Nanoseconds = 200_000_000
    _ = SchedulerTests.spawn(
      &bench, program([.compute(.literal(work)), .print(template: 0)], templates: Self.line), threads: threads)
    let end = try #require(
      Self.lines(of: &bench, until: 10_000_000_000).compactMap { Nanoseconds($0.dropFirst(2)) }.max())
    let quantum = bench.kernel.settings.quantum
    let least = max(work, work * UInt64(threads) / UInt64(cores))
    #expect(least...(threads > cores ? least + quantum : least) ~= end)
  }

  /// Threads that only take turns are never said to wait for ever, and all come to their end: random programs that take locks
  /// in one order, meet, and join.
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func whoTakesLocksInOrderNeverWaitsForEver(_ seed: UInt64) {
    var draw = Generator(seed: seed)
    let threads = 2 + Int(draw.next(below: 4))
    var instructions: [Instruction] = [.loop(times: .literal(1 + draw.next(below: 4)), counter: 0, end: 0)]
    for _ in 0..<1 + draw.next(below: 4) {
      let locks = (0..<3 as Range<UInt16>).filter { _ in draw.next(below: 2) == 0 }
      instructions += locks.map { .lock($0) }
      instructions.append(.compute(.literal(draw.next(below: 20_000))))
      if draw.next(below: 3) == 0 { instructions.append(.sleep(.literal(draw.next(below: 9_000)))) }
      instructions += locks.reversed().map { .unlock($0) }
      if draw.next(below: 3) == 0 { instructions.append(.barrier(0, of: .literal(UInt64(threads)))) }
    }
    instructions.append(.next(counter: 0, start: 0))
    instructions[0] = .loop(times: .literal(2), counter: 0, end: UInt32(instructions.count))
    instructions.append(.join)
    var bench = Self.bench(cores: 1 + Int(draw.next(below: 3)))
    let process = SchedulerTests.spawn(
      &bench, program(instructions, counters: 1, locks: ["a", "b", "c"], barriers: ["all"]), threads: threads)
    var isStuck = false
    bench.advance(to: 1_000_000_000) { fact, _ in
      if case .deadlocked = fact { isStuck = true }
    }
    #expect(!isStuck && bench.kernel.processes[process] == nil)
  }
}
