import Testing

@testable import MigrationKernel

@Suite struct StepGuestTests {
  static func guest(
    _ instructions: [Instruction], templates: [TextTemplate] = [], registers: [String] = ["r", "q"],
    environment: [String: RegisterValue] = [:], counters: Int = 2
  ) -> StepGuest {
    StepGuest(
      program: program(instructions, templates: templates, registers: registers, counters: counters),
      environment: environment, seed: 1)
  }

  /// Runs to the first stop; `time`: what it took.
  static func run(_ guest: inout StepGuest, pages: Int = 8, budget: Nanoseconds = 1_000_000_000, speed: UInt64 = 1000)
    -> (time: Nanoseconds, stop: String, space: AddressSpace)
  {
    var space = AddressSpace(pageCount: pages, pageSize: 64)
    let run = guest.run(budget: budget, speed: speed, memory: &space)
    return (run.elapsed, "\(run.stop)", space)
  }

  static func counts(_ space: AddressSpace) -> [UInt8] {
    (0..<space.pageCount).map { space[$0].contents(pageSize: 64)[0] }
  }

  // MARK: - Effects and costs

  @Test(
    arguments: [
      (Instruction.pause, 100), (.compute(.literal(5000)), 5000), (.compute(.literal(0)), 100),
      (.read(.one(.literal(3))), 100), (.read(.range(.literal(1), .literal(4))), 400),
      (.read(.random(.literal(1), .literal(4))), 100), (.loop(times: .literal(0), counter: 0, end: 1), 100),
      (.jump(1), 0), (.exit, 0),
    ] as [(Instruction, Nanoseconds)])
  func everyStepCostsItsTimeAndLeavesMemoryAlone(instruction: Instruction, cost: Nanoseconds) {
    var guest = Self.guest([instruction])
    let (time, stop, space) = Self.run(&guest)
    #expect(time == cost && stop == "systemCall(MigrationKernel.SystemCall.exit)")
    #expect(space.touchedCount == 0)
  }

  @Test func writesCount() {
    var guest = Self.guest([
      .loop(times: .literal(3), counter: 0, end: 4), .write(.one(.literal(2))),
      .write(.next(.literal(5), .literal(6), counter: 1)), .next(counter: 0, start: 0),
      .write(.range(.literal(0), .literal(2))),
    ])
    let (time, _, space) = Self.run(&guest)
    #expect(Self.counts(space) == [1, 1, 4, 0, 0, 2, 1, 0])
    #expect(time == 900)
  }

  @Test func randomWritesReachEveryPageOfTheirRangeAndNoOther() {
    var guest = Self.guest([
      .loop(times: .literal(200), counter: 0, end: 3), .write(.random(.literal(2), .literal(5))),
      .next(counter: 0, start: 0),
    ])
    let counts = Self.counts(Self.run(&guest).space)
    #expect(counts[2...5].allSatisfy { $0 > 20 } && counts.map(Int.init).reduce(0, +) == 200)
  }

  @Test func loopsNestAndEnd() {
    var guest = Self.guest([
      .loop(times: .literal(3), counter: 0, end: 5), .loop(times: .literal(2), counter: 1, end: 4),
      .write(.one(.literal(1))), .next(counter: 1, start: 1), .next(counter: 0, start: 0), .write(.one(.literal(2))),
    ])
    #expect(Self.counts(Self.run(&guest).space) == [0, 6, 1, 0, 0, 0, 0, 0])
  }

  @Test func aLoopForEverOfNothingTakesTime() {
    var guest = Self.guest([.loop(times: nil, counter: 0, end: 3), .compute(.literal(0)), .next(counter: 0, start: 0)])
    #expect(Self.run(&guest, budget: 10_000).time == 10_000)
  }

  // MARK: - System calls

  static let peer = ProcessID(origin: NodeID(1), incarnation: 1, serial: 7)

  @Test func sendReplyReceiveAndPrint() {
    let text = [TextTemplate([.text("a "), .register(1)])]
    var guest = Self.guest(
      [
        .send(to: .register(0), template: 0, otherwise: nil), .receive(into: 1, timeout: .literal(9)),
        .reply(template: 0), .print(template: 0),
      ],
      templates: text, environment: ["r": .process(Self.peer, name: "p"), "q": .number(5)])
    #expect(Self.run(&guest).stop.contains("\"a 5\", waits: false"))
    guest.complete(.done)
    #expect(Self.run(&guest).stop.contains("receive(timeout: Optional(9))"))
    guest.complete(.received(text: "hi", from: Self.peer))
    #expect(guest.registers[1] == .text("hi"))
    #expect(Self.run(&guest).stop.contains("\"a hi\", waits: false"))
    guest.complete(.done)
    #expect(Self.run(&guest).stop.contains("print(\"a hi\")"))
    guest.complete(.done)
    // The last call still has to be paid for; then the program is over.
    let end = Self.run(&guest)
    #expect(end.time == 100 && end.stop.contains("exit"))
  }

  @Test func aTimeOutEmptiesTheRegister() {
    var guest = Self.guest([.receive(into: 0, timeout: .literal(5))], environment: ["r": .text("old")])
    _ = Self.run(&guest)
    guest.complete(.timedOut)
    #expect(guest.registers[0] == RegisterValue.none)
  }

  @Test(arguments: [true, false])
  func anUndeliverableMessageTakesTheElseBranch(delivered: Bool) {
    var guest = Self.guest(
      [.send(to: .register(0), template: 0, otherwise: 2), .jump(3), .write(.one(.literal(0))), .exit],
      templates: [TextTemplate([])], environment: ["r": .process(Self.peer, name: "p")])
    #expect(Self.run(&guest).stop.contains("waits: true"))
    guest.complete(delivered ? .done : .undeliverable)
    #expect(Self.counts(Self.run(&guest).space)[0] == (delivered ? 0 : 1))
  }

  @Test func aThreadStartsAtTheNextStepWithItsOwnRandomNumbers() throws {
    var guest = Self.guest([.thread(after: 2), .pause, .exit])
    var memory = AddressSpace(pageCount: 1, pageSize: 64)
    // Asked again at its own instant, the call is the same.
    for _ in 0..<2 {
      guard case .systemCall(.thread) = guest.run(budget: 0, speed: 1000, memory: &memory).stop else {
        Issue.record("not a thread step")
        return
      }
    }
    let (second, same) = (guest.secondThread(), guest.secondThread())
    #expect(second.position == 1 && second.generator == same.generator && second.generator != guest.generator)
    guest.complete(.done)
    #expect(guest.position == 2 && guest.generator != second.generator)
  }

  @Test func sleepingTakesNoCoreTime() {
    var guest = Self.guest([.sleep(.literal(7)), .sleep(.literal(0))])
    #expect(Self.run(&guest).stop.contains("sleep(7)"))
    guest.complete(.done)
    #expect(guest.owed(speed: 1000) == 0)
    _ = Self.run(&guest)
    guest.complete(.done)
    #expect(guest.owed(speed: 1000) == 100)
  }

  // MARK: - Faults

  @Test(arguments: [
    (Instruction.write(.one(.literal(8))), "page 8 is outside"),
    (.read(.one(.literal(.max))), "is outside"),
    (.write(.range(.literal(6), .literal(9))), "page 8 is outside"),
    (.write(.range(.literal(3), .literal(2))), "run backwards"),
    (.write(.range(.literal(.max), .literal(.max))), "is outside"),
    (.write(.random(.literal(0), .literal(8))), "page 8 is outside"),
    (.write(.random(.literal(5), .literal(4))), "outside"),
    (.write(.random(.literal(0), .literal(.max))), "is outside"),
    (.write(.next(.literal(0), .literal(8), counter: 0)), "page 8 is outside"),
    (.write(.one(.register(0))), "`$r` is not a page"),
    (.compute(.register(0)), "`$r` is not a time"),
    (.sleep(.register(0)), "`$r` is not a time"),
    (.loop(times: .register(0), counter: 0, end: 1), "`$r` is not a count"),
    (.receive(into: nil, timeout: .register(0)), "`$r` is not a time"),
    (.send(to: .register(0), template: 0, otherwise: nil), "`$r` is not a process"),
    (.send(to: .literal(1), template: 0, otherwise: nil), "a process was expected"),
    (.reply(template: 0), "before any message"),
  ])
  func badStepsAreFaultsThatSayWhy(instruction: Instruction, why: String) {
    for environment in [[:], ["r": RegisterValue.text("x")]] {
      var guest = Self.guest([instruction], templates: [TextTemplate([])], environment: environment)
      let stop = Self.run(&guest).stop
      #expect(stop.hasPrefix("fault(") && stop.contains(why), "\(stop)")
      #expect(Self.run(&guest).stop == stop, "asked again at its own instant")
    }
  }

  @Test func noTimeIsTooLongAndNoSpeedTooHigh() {
    var guest = Self.guest([.compute(.literal(.max)), .exit])
    #expect(Self.run(&guest, budget: .max / 4, speed: 1).stop == "budget")
    #expect(guest.owed(speed: 1000) > 0)
    var fast = Self.guest([.loop(times: .literal(50), counter: 0, end: 3), .pause, .next(counter: 0, start: 0)])
    #expect(Self.run(&fast, speed: 1_000_000).time == 5)
  }

  // MARK: - Budgets and speeds

  /// Steps of every price, by the thousand.
  static let long: [Instruction] = [
    .loop(times: .literal(50), counter: 0, end: 6), .write(.range(.literal(0), .literal(3))),
    .compute(.literal(777)), .write(.random(.literal(4), .literal(7))), .pause, .next(counter: 0, start: 0),
  ]

  @Test(arguments: [1, 333, 700, 1000, 2500, 3000, 1_000_003])
  func aBudgetCutAnywhereGivesTheSameEnd(speed: UInt64) {
    var whole = Self.guest(Self.long)
    let (time, _, space) = Self.run(&whole, budget: .max / 4, speed: speed)
    let price = 50 * (400 + 777 + 100 + 100)
    #expect(time == UInt64(price) * 1000 / speed, "remainders are carried")
    var random = Generator(seed: speed)
    for _ in 0..<20 {
      var guest = Self.guest(Self.long)
      var memory = AddressSpace(pageCount: 8, pageSize: 64)
      var total: Nanoseconds = 0
      let most = max(2, time / 10)
      while true {
        let budget = random.next(below: most)
        let run = guest.run(budget: budget, speed: speed, memory: &memory)
        #expect(run.elapsed <= budget)
        total += run.elapsed
        guard case .budget = run.stop else { break }
        // The rest of the slice goes into the step that has begun, as the scheduler pays it.
        let part = min(budget - run.elapsed, guest.owed(speed: speed))
        guest.pay(part, speed: speed)
        total += part
      }
      #expect(total == time && memory.digest == space.digest && guest.generator == whole.generator)
    }
  }

  @Test func computingCanBeStoppedAnywhereOtherStepsCannot() {
    var guest = Self.guest([.compute(.literal(1000)), .pause, .exit])
    _ = Self.run(&guest, budget: 10)
    #expect(guest.isInterruptible && guest.owed(speed: 1000) == 1000)
    guest.pay(1000, speed: 1000)
    _ = Self.run(&guest, budget: 10)
    #expect(!guest.isInterruptible && guest.owed(speed: 1000) == 100)
  }
}
