import Testing

@testable import MigrationKernel

@Suite struct SchedulerTests {
  /// Computes for ever.
  static let busy = program(
    [.loop(times: nil, counter: 0, end: 3), .compute(.literal(700_000)), .next(counter: 0, start: 0)], counters: 1)

  static func spawn(_ bench: inout Bench, _ program: StepProgram, threads: Int = 1, pages: Int = 4) -> ProcessID {
    let id = bench.kernel.nextProcessID
    bench.request(.spawn(SpawnRequest(name: "p", program: program, pages: pages, threads: threads, seed: 1)))
    return id
  }

  static func cpu(_ bench: Bench, _ process: ProcessID) -> Double {
    Double(bench.kernel.processes[process]?.cpuTime ?? 0) / 1e9
  }

  @Test(arguments: [(1, 3), (2, 3), (2, 5), (4, 4)])
  func coresAreSharedEvenly(cores: Int, processes: Int) {
    var bench = Bench(0) { $0.cores = cores }
    let all = (0..<processes).map { _ in Self.spawn(&bench, Self.busy) }
    bench.advance(to: 3_000_000_000)
    for process in all {
      #expect(abs(Self.cpu(bench, process) - 3 * Double(cores) / Double(processes)) < 0.025)
    }
  }

  @Test func aProcessFrozenAndResumedOftenGetsNoMoreThanItsShare() {
    var bench = Bench(0)
    let first = Self.spawn(&bench, Self.busy)
    let second = Self.spawn(&bench, Self.busy)
    // Both compute, and so can be stopped at any time.
    bench.advance(to: 15_000_000)
    for _ in 0..<50 {
      bench.request(.freeze(first))
      bench.request(.resume(first))
    }
    bench.advance(to: 2_000_000_000)
    #expect(abs(Self.cpu(bench, first) - Self.cpu(bench, second)) < 0.025)
  }

  /// More processes than cores. They execute steps too short to end with a slice, compute, and sleep.
  static func crowd(_ seed: UInt64) -> Bench {
    var bench = Bench(0) {
      $0.cores = 2
      $0.speed = 700
      $0.quantum = 13_700
    }
    var random = Generator(seed: seed)
    for _ in 0..<5 {
      _ = spawn(
        &bench,
        program(
          [
            .loop(times: .literal(6), counter: 0, end: 8),
            .loop(times: .literal(1 + random.next(below: 300)), counter: 1, end: 4), .pause,
            .next(counter: 1, start: 1), .compute(.literal(random.next(below: 40_000))),
            .sleep(.literal(random.next(below: 60_000))), .print(template: 0), .next(counter: 0, start: 0),
          ], templates: [TextTemplate([.text("x")])], counters: 2))
    }
    return bench
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func howTimeIsCutDoesNotShowInSlices(seed: UInt64) {
    func ends(_ stretch: Nanoseconds) -> [ProcessID: Nanoseconds] {
      var bench = Self.crowd(seed)
      var random = Generator(seed: seed)
      var ends: [ProcessID: Nanoseconds] = [:]
      while bench.now < 10_000_000 {
        bench.advance(to: bench.now + 1 + random.next(below: stretch)) { fact, time in
          if case .ended(let process, _, _) = fact { ends[process] = time }
        }
      }
      return ends
    }
    let whole = ends(10_000_000)
    #expect(whole.count == 5)
    #expect(ends(20_000) == whole && ends(1_000) == whole)
  }

  @Test func aFrozenProcessDoesNotRun() {
    var bench = Bench(0) { $0.cores = 2 }
    let process = Self.spawn(&bench, Self.busy, threads: 3)
    bench.advance(to: 15_000_000)
    bench.request(.freeze(process))
    let cpu = Self.cpu(bench, process)
    bench.advance(to: 1_000_000_000)
    #expect(Self.cpu(bench, process) == cpu)
    #expect(bench.kernel.processes[process]?.state == .frozen)
    bench.request(.resume(process))
    bench.advance(to: 1_100_000_000)
    #expect(abs(Self.cpu(bench, process) - cpu - 0.2) < 0.001)
  }

  @Test func noThreadRunsAheadOfAnotherOfItsProcess() {
    // One thread writes, the other faults at 1 ms: what the process wrote by then is all that it ever wrote.
    let writer: [Instruction] = [
      .thread(after: 4), .loop(times: nil, counter: 0, end: 4), .write(.one(.literal(0))), .next(counter: 0, start: 1),
      .compute(.literal(1_000_000)), .write(.one(.literal(99))),
    ]
    var bench = Bench(0) { $0.cores = 2 }
    _ = Self.spawn(&bench, program(writer, counters: 1))
    let word = AddressSpace.wrote(9_999...10_001)
    var digest: UInt64?
    bench.advance(to: 50_000_000) { fact, _ in
      if case .ended(_, let summary, .fault) = fact { digest = summary.memoryDigest }
    }
    #expect(digest.map(word.contains) == true)
  }

  @Test func aWaitingThreadIsHandedItsMessageThoughAnotherIsRunning() {
    // The thread that waits has a time-out to keep; the other asks for a message as soon as it has computed.
    let both: [Instruction] = [
      .thread(after: 4), .compute(.literal(3_000_000)), .receive(into: nil, timeout: nil), .write(.one(.literal(2))),
      .receive(into: nil, timeout: .literal(5_000_000)), .write(.one(.literal(1))),
    ]
    var bench = Bench(0)
    let process = Self.spawn(&bench, program(both))
    bench.advance(to: 1_000_000)
    bench.request(.send(from: process, to: process, text: "", size: 0))
    bench.advance(to: 20_000_000)
    let written = bench.kernel.processes[process].map { process in
      (0..<4).map { process.space[$0].contents(pageSize: 4096)[0] }
    }
    #expect(written == [0, 1, 0, 0])
  }

  @Test(arguments: [(-1, 1), (1 << 40, 1), (.max, 1), (1, 20_000), (1, .max)])
  func impossibleProcessesAreRefused(pages: Int, threads: Int) {
    var bench = Bench(0)
    let request = SpawnRequest(name: "p", program: waiter, pages: pages, threads: threads, seed: 1)
    #expect(bench.request(.spawn(request)) == ["refused"])
    #expect(bench.kernel.freeFrames == NodeSettings().frames && bench.kernel.processes.count == 0)
  }

  @Test(arguments: [-1, 4, .min, .max])
  func pagesThatAreNotThereCannotBePoked(page: Int) {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    #expect(bench.request(.poke(process, page: page, bytes: [1])) == ["refused"])
    #expect(bench.request(.poke(process, page: 1, bytes: [UInt8](repeating: 1, count: 4097))) == ["refused"])
    #expect(bench.request(.poke(process, page: 1, bytes: [UInt8](repeating: 1, count: 4096))) == [])
  }

  @Test func requestsAboutStrangersAreRefused() {
    var bench = Bench(0)
    let stranger = ProcessID(origin: NodeID(7), incarnation: 1, serial: 1)
    for request in [
      Request.start(stranger), .kill(stranger), .freeze(stranger), .resume(stranger),
      .poke(stranger, page: 0, bytes: []), .send(from: stranger, to: stranger, text: "", size: 0),
      .migrate(stranger, to: NodeID(1), TransferOptions(.totalFreezing)),
    ] {
      #expect(bench.request(request) == ["refused"])
    }
  }

  @Test func aForkTakesTheMemoryAndRegistersOfItsParent() {
    let child = StepProgram(
      name: "child", source: "", instructions: [.write(.one(.literal(0))), .receive(into: nil, timeout: nil)],
      registers: ["parent", "self", "x"])
    let parent = program(
      [.write(.one(.literal(0))), .fork(program: 0, into: 0), .receive(into: nil, timeout: nil)],
      registers: ["c", "x"], children: [child])
    var bench = Bench(0)
    let first = bench.spawn(parent, environment: ["x": .number(7)])
    let second = ProcessID(origin: NodeID(0), incarnation: 1, serial: 2)
    #expect(bench.kernel.processes[first]?.threads[0].guest.steps.registers[0] == .process(second, name: "child"))
    let registers = bench.kernel.processes[second]?.threads[0].guest.steps.registers
    #expect(registers == [.process(first, name: "test"), .process(second, name: "child"), .number(7)])
    #expect(bench.kernel.processes[second]?.space.digest == AddressSpace.wrote(2...2)[0])
    #expect(bench.kernel.freeFrames == NodeSettings().frames - 8)
  }

  @Test func aForkWithoutRoomIsAFault() {
    let forks = program([.fork(program: 0, into: 0)], registers: ["c"], children: [waiter])
    var bench = Bench(0) { $0.memory = 4096 * 6 }
    let process = bench.spawn(forks)
    #expect(bench.kernel.processes[process] == nil && bench.kernel.freeFrames == 6)
  }
}

extension AddressSpace {
  /// The digests of address spaces after each number of writes to the first page.
  fileprivate static func wrote(_ counts: ClosedRange<UInt64>) -> [UInt64] {
    counts.map { count in
      var space = AddressSpace(pageCount: 4, pageSize: 4096)
      space[0] = .word(count)
      return space.digest
    }
  }
}
