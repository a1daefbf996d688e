/// Something that executes on a core: it runs until it needs its kernel or its time is up.
///
/// The kernel knows guests only through this protocol. What a guest has done at an instant is exactly what it would
/// have done had it been stopped at that instant: it never runs past its budget, except that a step already begun is
/// paid for later (`owed`).
public protocol Guest: Sendable {
  /// Runs for at most `budget` nanoseconds on a core of `speed` (thousandths), over `memory`.
  ///
  /// At least one step is begun even when the budget is 0, if nothing is owed; a step takes effect when it begins.
  mutating func run(budget: Nanoseconds, speed: UInt64, memory: inout AddressSpace) -> GuestRun

  /// Ends the system call at which the last run stopped.
  mutating func complete(_ result: SystemCallResult)

  /// Core time that the step last begun still needs, on a core of `speed`.
  func owed(speed: UInt64) -> Nanoseconds

  /// Pays `time` of what is owed.
  mutating func pay(_ time: Nanoseconds, speed: UInt64)

  /// True when the thread may be stopped before the step last begun is paid for: computing can be cut anywhere.
  var isInterruptible: Bool { get }
}

/// How far a guest came, and why it stopped.
public struct GuestRun {
  public enum Stop {
    /// The budget does not cover what is owed, or is used up.
    case budget
    case systemCall(SystemCall)
    /// The next step touches a page that is not here; it has not been begun.
    case pageFault(Int)
    /// The program did what no program may, such as touching a page that it does not have.
    case fault(String)
  }
  /// Nanoseconds used, never more than the budget.
  public let elapsed: Nanoseconds
  public let stop: Stop
}

/// What a guest asks of its kernel.
public enum SystemCall {
  /// `waits`: the thread goes on only when the message was delivered, or cannot be.
  case send(to: ProcessID, text: String, waits: Bool)
  case receive(timeout: Nanoseconds?)
  case print(String)
  case sleep(Nanoseconds)
  case fork(Program)
  /// The second thread of execution, ready to run.
  indirect case thread(StepGuest)
  case exit
}

/// How a system call ended.
public enum SystemCallResult {
  case done
  case received(text: String, from: ProcessID)
  case timedOut
  case undeliverable
  case forked(ProcessID, name: String)
}
