/// The guest of one thread. It is of one of the kinds that there are, and does what that kind does.
///
/// A kind that is added has its own files, a case and a field here, and a case in `ProgramImage`. The field of its kind is
/// set, and no other. An enumeration whose cases hold the guests would say that better, but Swift changes what a case
/// holds only by taking it out and putting it back: measured with two processes that do nothing but answer each other, 6 %
/// more instructions. What an optional holds is changed where it is; a call costs a branch.
public struct ThreadGuest: Guest {
  /// The kinds of guests.
  enum Kind { case steps }

  let kind: Kind
  /// It interprets a step program.
  private(set) var stepGuest: StepGuest?

  init(_ guest: StepGuest) {
    kind = .steps
    stepGuest = guest
  }

  init(program: ProgramImage, environment: [String: RegisterValue], seed: UInt64) {
    switch program {
    case .steps(let program): self.init(StepGuest(program: program, environment: environment, seed: seed))
    }
  }

  mutating func run(budget: Nanoseconds, speed: UInt64, memory: inout AddressSpace) -> GuestRun {
    switch kind {
    case .steps: stepGuest!.run(budget: budget, speed: speed, memory: &memory)
    }
  }

  func stopAhead(over memory: AddressSpace) -> GuestRun.Stop? {
    switch kind {
    case .steps: stepGuest!.stopAhead(over: memory)
    }
  }

  mutating func complete(_ result: SystemCallResult) {
    switch kind {
    case .steps: stepGuest!.complete(result)
    }
  }

  func secondThread() -> ThreadGuest {
    switch kind {
    case .steps: ThreadGuest(stepGuest!.secondThread())
    }
  }

  func forked(program: ProgramImage, environment: [String: RegisterValue]) -> ThreadGuest {
    switch (kind, program) {
    case (.steps, .steps(let program)):
      ThreadGuest(stepGuest!.forked(program: program, environment: environment))
    }
  }

  func owed(speed: UInt64) -> Nanoseconds {
    switch kind {
    case .steps: stepGuest!.owed(speed: speed)
    }
  }

  mutating func pay(_ time: Nanoseconds, speed: UInt64) {
    switch kind {
    case .steps: stepGuest!.pay(time, speed: speed)
    }
  }

  /// True when the thread may be stopped before the step last begun is paid for.
  public var isInterruptible: Bool {
    switch kind {
    case .steps: stepGuest!.isInterruptible
    }
  }
}
