/// The interpreter of step programs: one thread's position in a `StepProgram`, its registers and its counters.
public struct StepGuest: Guest {
  /// Core time of every step but `compute`, on a core of speed 1.
  public static let stepTime: Nanoseconds = 100
  /// The most bytes that a text which a program puts together may have.
  public static let longestText = 64 * 1024

  let program: StepProgram
  var position = 0
  var registers: ContiguousArray<RegisterValue>
  var counters: ContiguousArray<UInt64>
  /// How many pages of the range at `position` it has touched.
  var cursor: UInt64 = 0
  var generator: Generator
  /// Who sent the message last received: where `reply` goes.
  var correspondent: ProcessID?
  /// Core time begun and not yet paid for, in thousandths of a nanosecond at speed 1, so that speeds divide exactly.
  var debt: UInt64 = 0
  var isInterruptible = false

  /// - Parameters:
  ///   - program: what it executes, from the first instruction on.
  ///   - environment: values for the program's registers, by name; those it does not mention are none.
  ///   - seed: for `write random` and `read random`.
  init(program: StepProgram, environment: [String: RegisterValue], seed: UInt64) {
    self.program = program
    registers = ContiguousArray(program.registers.map { environment[$0] ?? .none })
    counters = ContiguousArray(repeating: 0, count: program.counterCount)
    generator = Generator(seed: seed)
  }

  func owed(speed: UInt64) -> Nanoseconds { debt / speed }

  mutating func pay(_ time: Nanoseconds, speed: UInt64) {
    let (paid, overflow) = time.multipliedReportingOverflow(by: speed)
    debt = overflow || paid > debt ? 0 : debt - paid
  }

  mutating func run(budget: Nanoseconds, speed: UInt64, memory: inout AddressSpace) -> GuestRun {
    var elapsed: Nanoseconds = 0
    var steps: UInt64 = 0
    while true {
      if debt >= speed {
        let due = debt / speed
        if due > budget - elapsed { return GuestRun(elapsed: elapsed, steps: steps, stop: .budget) }
        elapsed += due
        debt -= due * speed
      }
      // A step at the very end of the budget waits: what else happens at that instant comes first.
      if elapsed == budget && elapsed > 0 { return GuestRun(elapsed: elapsed, steps: steps, stop: .budget) }
      steps &+= 1
      if let stop = step(&memory) { return GuestRun(elapsed: elapsed, steps: steps, stop: stop) }
    }
  }

  func stopAhead(over memory: AddressSpace) -> GuestRun.Stop? {
    var (ahead, space) = (self, memory)
    return ahead.step(&space)
  }

  /// Begins the step at `position`: its effect, and what it costs. Nil when the guest can go on.
  private mutating func step(_ memory: inout AddressSpace) -> GuestRun.Stop? {
    isInterruptible = false
    while position < program.instructions.count {
      switch program.instructions[position] {
      case .compute(let operand):
        guard let time = number(operand) else { return missing("a time", operand) }
        position += 1
        isInterruptible = true
        // Computing for no time is a step like any other, so that no program can do endless work in no time.
        return charge(time > 0 ? time : Self.stepTime)
      case .read(let selector): return touch(selector, &memory, write: false)
      case .write(let selector): return touch(selector, &memory, write: true)
      case .pause:
        position += 1
        return charge(Self.stepTime)
      case .loop(let times, let counter, let end):
        guard let times else {
          position += 1
          continue
        }
        guard let count = number(times) else { return missing("a count", times) }
        guard count > 0 else {
          // A loop that does nothing takes a step, so that no program can do endless work in no time.
          position = Int(end)
          return charge(Self.stepTime)
        }
        counters[Int(counter)] = count
        position += 1
      case .next(let counter, let start):
        if case .loop(nil, _, _) = program.instructions[Int(start)] {
          position = Int(start) + 1
          continue
        }
        let left = counters[Int(counter)]
        counters[Int(counter)] = left &- 1
        position = left > 1 ? Int(start) + 1 : position + 1
      case .jump(let target): position = Int(target)
      default: return call(program.instructions[position])
      }
    }
    return .systemCall(.exit)
  }

  /// What the guest asks of its kernel at an instruction that is none of its own.
  @inline(__always)
  private func call(_ instruction: Instruction) -> GuestRun.Stop {
    switch instruction {
    case .send(let to, let template, let otherwise):
      guard let receiver = process(to) else { return missing("a process", to) }
      guard let text = text(template) else { return tooLong }
      return .systemCall(.send(to: receiver, text: text, waits: otherwise != nil))
    case .reply(let template):
      guard let correspondent else { return .fault("`reply` before any message was received") }
      guard let text = text(template) else { return tooLong }
      return .systemCall(.send(to: correspondent, text: text, waits: false))
    case .receive(_, let timeout):
      guard let timeout else { return .systemCall(.receive(timeout: nil)) }
      guard let time = number(timeout) else { return missing("a time", timeout) }
      return .systemCall(.receive(timeout: time))
    case .print(let template):
      guard let text = text(template) else { return tooLong }
      return .systemCall(.print(text))
    case .sleep(let operand):
      guard let time = number(operand) else { return missing("a time", operand) }
      return .systemCall(.sleep(time))
    case .fork(let child, _): return .systemCall(.fork(.steps(program.children[Int(child)])))
    case .thread: return .systemCall(.thread)
    case .lock(let lock): return .systemCall(.lock(Int(lock)))
    case .unlock(let lock): return .systemCall(.unlock(Int(lock)))
    case .barrier(let barrier, let operand):
      guard let count = number(operand) else { return missing("a count", operand) }
      return .systemCall(.barrier(Int(barrier), of: count))
    case .join: return .systemCall(.join)
    case .readFile(let file, _): return .systemCall(.readFile(program.files[Int(file)]))
    case .writeFile(let file, let template):
      guard let text = text(template) else { return tooLong }
      return .systemCall(.writeFile(program.files[Int(file)], text))
    case .exit: return .systemCall(.exit)
    case .compute, .read, .write, .pause, .loop, .next, .jump: preconditionFailure("a step of the guest's own")
    }
  }

  mutating func complete(_ result: SystemCallResult) {
    guard position < program.instructions.count else { return }
    let instruction = program.instructions[position]
    position += 1
    debt &+= Self.stepTime * 1000
    switch (instruction, result) {
    case (.receive(let register, _), .received(let text, let from)):
      correspondent = from
      if let register { registers[Int(register)] = .text(text) }
    case (.receive(let register, _), .timedOut):
      if let register { registers[Int(register)] = .none }
    case (.send(_, _, let otherwise?), .undeliverable): position = Int(otherwise)
    case (.readFile(_, let register?), .fileUsed(let text)):
      registers[Int(register)] = text.map { .text($0) } ?? .none
    case (.fork(_, let register), .forked(let child, let name)):
      registers[Int(register)] = .process(child, name: name)
      _ = generator.next()
    case (.thread(let after), _):
      position = Int(after)
      _ = generator.next()
    // The step that takes a lock has paid for giving it up.
    case (.unlock, _): debt &-= Self.stepTime * 1000
    case (.sleep(let operand), _):
      // Waiting takes no core time; a sleep of nothing is a step like any other.
      if number(operand) != 0 { debt &-= Self.stepTime * 1000 }
    default: break
    }
  }

  // MARK: - Threads and coprocesses that it begins

  /// It goes on at the next step with the same registers and counters.
  func secondThread() -> StepGuest {
    var second = self
    second.position += 1
    second.debt = 0
    second.generator = branch
    return second
  }

  /// The child inherits the values of the registers for which its program has the same names.
  func forked(program child: StepProgram, environment: [String: RegisterValue]) -> StepGuest {
    var values = environment
    for (register, value) in zip(program.registers, registers) where values[register] == nil {
      values[register] = value
    }
    return StepGuest(program: child, environment: values, seed: branch.state)
  }

  /// The random numbers of the thread or coprocess that the step at hand starts. They depend on this guest alone, not on
  /// the node where it starts them nor on how often it has to ask.
  private var branch: Generator {
    var next = generator
    return Generator(seed: next.next())
  }

  // MARK: - Steps on pages

  /// Begins a `read` or `write` step. A fault leaves everything as it was, since the guest runs the step again once its
  /// instant has come.
  private mutating func touch(_ selector: PageOperand, _ memory: inout AddressSpace, write: Bool) -> GuestRun.Stop? {
    // Change nothing before the page is known to be here: after a fault the step is tried again.
    let page: UInt64
    switch selector {
    case .one(let operand):
      guard let only = number(operand) else { return missing("a page", operand) }
      guard only < UInt64(memory.pageCount) else { return beyond(only, memory) }
      page = only
      if memory.remote.contains(Int(page)) { return .pageFault(Int(page)) }
      position += 1
    case .range(let low, let high):
      guard let first = number(low), let last = number(high) else { return missing("pages", low) }
      guard first <= last else { return .fault("the pages \(first)..\(last) run backwards") }
      page = first &+ cursor
      guard page < UInt64(memory.pageCount) else { return beyond(page, memory) }
      if memory.remote.contains(Int(page)) { return .pageFault(Int(page)) }
      if page >= last {
        cursor = 0
        position += 1
      } else {
        cursor += 1
      }
    case .random(let low, let high):
      guard let first = number(low), let last = number(high) else { return missing("pages", low) }
      guard first <= last, last < UInt64(memory.pageCount) else { return beyond(last, memory) }
      var drawn = generator
      page = first + drawn.next(below: last - first + 1)
      if memory.remote.contains(Int(page)) { return .pageFault(Int(page)) }
      generator = drawn
      position += 1
    case .next(let low, let high, let counter):
      guard let first = number(low), let last = number(high) else { return missing("pages", low) }
      guard first <= last, last < UInt64(memory.pageCount) else { return beyond(last, memory) }
      page = first + counters[Int(counter)] % (last - first + 1)
      if memory.remote.contains(Int(page)) { return .pageFault(Int(page)) }
      counters[Int(counter)] = page - first + 1
      position += 1
    }
    if write { memory.increment(Int(page)) }
    return charge(Self.stepTime)
  }

  private func beyond(_ page: UInt64, _ memory: AddressSpace) -> GuestRun.Stop {
    .fault("page \(page) is outside the address space of \(memory.pageCount) pages")
  }

  // MARK: - Operands

  /// Adds to the core time that is owed; a time too long for the clock is cut to what it can count.
  private mutating func charge(_ time: Nanoseconds) -> GuestRun.Stop? {
    let (units, overflow) = time.multipliedReportingOverflow(by: 1000)
    debt = overflow ? UInt64.max / 2 : min(debt &+ units, UInt64.max / 2)
    return nil
  }

  private func number(_ operand: InstructionOperand) -> UInt64? {
    switch operand {
    case .literal(let value): return value
    case .register(let register):
      if case .number(let value) = registers[Int(register)] { return value }
      return nil
    }
  }

  private func process(_ operand: InstructionOperand) -> ProcessID? {
    guard case .register(let register) = operand, case .process(let process, _) = registers[Int(register)] else {
      return nil
    }
    return process
  }

  private func missing(_ what: String, _ operand: InstructionOperand) -> GuestRun.Stop {
    guard case .register(let register) = operand else { return .fault("\(what) was expected") }
    return .fault("`$\(program.registers[Int(register)])` is not \(what)")
  }

  private var tooLong: GuestRun.Stop { .fault("a text of more than \(Self.longestText) bytes") }

  /// The text of a template; nil when it is too long.
  private func text(_ template: UInt32) -> String? {
    let segments = program.templates[Int(template)].segments
    if segments.count == 1, case .text(let only) = segments[0] { return only }
    var result = ""
    for segment in segments {
      switch segment {
      case .text(let text): result += text
      case .register(let register):
        switch registers[Int(register)] {
        case .none: result += "none"
        case .number(let number): result += String(number)
        case .text(let text): result += text
        case .process(_, let name): result += name
        }
      }
    }
    return result.utf8.count <= Self.longestText ? result : nil
  }
}
