/// Something that executes on a core: it runs until it needs its kernel or its time is up.
///
/// The scheduler, `spawn`, `fork` and the wire know guests only through these requirements, and hold them as `ThreadGuest`s.
/// What a guest has done at an instant is exactly what it would have done had it been stopped at that instant: it never
/// runs past its budget, except that a step already begun is paid for later (`owed`).
protocol Guest: Sendable {
  /// What guests of this kind execute. It never changes, and all threads of a process share one.
  associatedtype Program: Sendable

  /// A thread at the beginning of a program.
  ///
  /// - Parameters:
  ///   - environment: values that the program finds under these names; those that it has no use for are ignored.
  ///   - seed: for the random choices of the program.
  init(program: Program, environment: [String: RegisterValue], seed: UInt64)

  /// Runs for at most `budget` nanoseconds on a core of `speed` (thousandths), over `memory`.
  ///
  /// At least one step is begun even when the budget is 0, if nothing is owed; a step takes effect when it begins.
  mutating func run(budget: Nanoseconds, speed: UInt64, memory: inout AddressSpace) -> GuestRun

  /// Why it stops before it needs core time again; nil when its next step takes some. To be asked when nothing is owed.
  func stopAhead(over memory: AddressSpace) -> GuestRun.Stop?

  /// Ends the system call at which the last run stopped.
  mutating func complete(_ result: SystemCallResult)

  /// The thread that begins when the last run stopped at `SystemCall.thread`; to be asked for before `complete`.
  func secondThread() -> Self

  /// The first thread of the process that is created when the last run stopped at `SystemCall.fork`; to be asked for
  /// before `complete`. What it inherits from this one besides its memory is up to the kind of guest.
  ///
  /// - Parameters:
  ///   - program: which the new process executes, as the system call said.
  ///   - environment: values that count before all that it inherits.
  func forked(program: Program, environment: [String: RegisterValue]) -> Self

  /// Core time that the step last begun still needs, on a core of `speed`.
  func owed(speed: UInt64) -> Nanoseconds

  /// Pays `time` of what is owed.
  mutating func pay(_ time: Nanoseconds, speed: UInt64)

  /// True when the thread may be stopped before the step last begun is paid for: computing can be cut anywhere.
  var isInterruptible: Bool { get }

  /// The fewest bytes that `encode` writes.
  static var leastWireSize: Int { get }

  /// Writes all of its state but the program.
  func encode<Sink: ByteSink>(into sink: inout Sink)

  /// Reads what `encode` wrote of a guest that executes `program`.
  ///
  /// - Throws: a `WireError` when the bytes are no state that the program can be in.
  init(from reader: inout ByteReader, program: Program) throws(WireError)
}

/// How far a guest came, and why it stopped.
public struct GuestRun {
  /// Why a guest stopped.
  public enum Stop {
    /// The budget does not cover what is owed, or is used up.
    case budget
    /// It needs its kernel; it goes on once that calls `complete`.
    case systemCall(SystemCall)
    /// The next step touches a page that is not here; it has not been begun.
    case pageFault(Int)
    /// The program did what no program may, such as touching a page that it does not have.
    case fault(String)
  }
  /// Nanoseconds used, never more than the budget.
  public let elapsed: Nanoseconds
  /// How many steps it has begun.
  public let steps: UInt64
  /// Why it stopped.
  public let stop: Stop
}

/// What a guest asks of its kernel.
public enum SystemCall {
  /// Send a message. `waits`: the thread goes on only when the message was delivered, or cannot be.
  case send(to: ProcessID, text: String, waits: Bool)
  /// Wait for a message; with a `timeout`, at most for so long.
  case receive(timeout: Nanoseconds?)
  /// Write a line to the terminal of the process's origin.
  case print(String)
  /// Wait for so long, without using a core.
  case sleep(Nanoseconds)
  /// Create a coprocess with a copy of the memory, which executes the program; see `Guest.forked`.
  case fork(ProgramImage)
  /// Begin another thread over the same memory; see `Guest.secondThread`.
  case thread
  /// Take a lock of the process, by its number; wait until it is free.
  case lock(Int)
  /// Give it up.
  case unlock(Int)
  /// Wait at a barrier of the process, by its number, until so many threads have come.
  case barrier(Int, of: UInt64)
  /// Wait until all threads that this one has started have ended.
  case join
  /// Read a file of the process's origin.
  case readFile(String)
  /// Write a file there.
  case writeFile(String, String)
  /// End the thread, and the process with its last one.
  case exit
}

/// How a system call ended.
public enum SystemCallResult {
  /// It was done.
  case done
  /// A message came.
  case received(text: String, from: ProcessID)
  /// No message came within the time.
  case timedOut
  /// The message cannot be delivered.
  case undeliverable
  /// A file was written, or read: what it holds, nil when there is none.
  case fileUsed(String?)
  /// The coprocess was created.
  case forked(ProcessID, name: String)
}
