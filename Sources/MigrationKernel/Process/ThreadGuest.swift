/// The guest of one thread: a case for each kind of guest, which does what its kind does.
///
/// A kind that is added has its own files and a case here and in `ProgramImage`. This is an enumeration and not an
/// `any Guest`, so that a thread holds its guest in place and a call costs no more than a branch. A call that changes the
/// guest takes it out of the enumeration meanwhile (`consume`): two owners would make it copy its buffers.
public enum ThreadGuest: Guest {
  /// It interprets a step program.
  case steps(StepGuest)

  init(program: ProgramImage, environment: [String: RegisterValue], seed: UInt64) {
    switch program {
    case .steps(let program): self = .steps(StepGuest(program: program, environment: environment, seed: seed))
    }
  }

  mutating func run(budget: Nanoseconds, speed: UInt64, memory: inout AddressSpace) -> GuestRun {
    switch consume self {
    case .steps(var guest):
      let run = guest.run(budget: budget, speed: speed, memory: &memory)
      self = .steps(guest)
      return run
    }
  }

  mutating func complete(_ result: SystemCallResult) {
    switch consume self {
    case .steps(var guest):
      guest.complete(result)
      self = .steps(guest)
    }
  }

  func secondThread() -> ThreadGuest {
    switch self {
    case .steps(let guest): .steps(guest.secondThread())
    }
  }

  func forked(program: ProgramImage, environment: [String: RegisterValue]) -> ThreadGuest {
    switch (self, program) {
    case (.steps(let guest), .steps(let program)): .steps(guest.forked(program: program, environment: environment))
    }
  }

  func owed(speed: UInt64) -> Nanoseconds {
    switch self {
    case .steps(let guest): guest.owed(speed: speed)
    }
  }

  mutating func pay(_ time: Nanoseconds, speed: UInt64) {
    switch consume self {
    case .steps(var guest):
      guest.pay(time, speed: speed)
      self = .steps(guest)
    }
  }

  /// True when the thread may be stopped before the step last begun is paid for.
  public var isInterruptible: Bool {
    switch self {
    case .steps(let guest): guest.isInterruptible
    }
  }
}
