import Glibc
import Synchronization

/// The signals of a terminal session. They set flags, which the program polls.
///
/// Since a handler does nothing but set a flag, no signal can disturb a change halfway.
public enum Interrupt {
  private static let requested = Atomic<Bool>(false)
  private static let windowChanged = Atomic<Bool>(false)
  private static let continued = Atomic<Bool>(false)
  private static let suspensionRequested = Atomic<Bool>(false)

  /// Catches SIGINT, SIGWINCH and SIGCONT from now on. Calling it again changes nothing.
  ///
  /// SIGINT ends a waiting system call with EINTR, so that a blocked read notices it. The other two let the call go on.
  public static func install() {
    // Initialises the flags here, since a handler may not do that.
    _ = (requested.load(ordering: .relaxed), takeWindowChange(), takeContinuation(), takeSuspension())
    handle(SIGINT, flags: 0) { _ in Interrupt.requested.store(true, ordering: .relaxed) }
    handle(SIGWINCH, flags: SA_RESTART) { _ in Interrupt.windowChanged.store(true, ordering: .relaxed) }
    handle(SIGCONT, flags: SA_RESTART) { _ in Interrupt.continued.store(true, ordering: .relaxed) }
  }

  /// Takes SIGTERM and SIGHUP as SIGINT from now on: whoever is told to end first puts everything in order.
  public static func catchEnds() {
    for signal in [SIGTERM, SIGHUP] {
      handle(signal, flags: 0) { _ in Interrupt.requested.store(true, ordering: .relaxed) }
    }
  }

  /// Whether SIGINT (Ctrl-C) has come since the last `clear()`. As cheap as reading a variable.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Forgets a SIGINT that came earlier.
  public static func clear() { requested.store(false, ordering: .relaxed) }

  /// Whether the terminal changed its size since the last call.
  static func takeWindowChange() -> Bool { windowChanged.exchange(false, ordering: .relaxed) }

  /// Whether the process was stopped and continued since the last call.
  static func takeContinuation() -> Bool { continued.exchange(false, ordering: .relaxed) }

  /// Whether SIGTSTP (Ctrl-Z) has come since the last call.
  static func takeSuspension() -> Bool { suspensionRequested.exchange(false, ordering: .relaxed) }

  /// Catches SIGTSTP as long as `body` runs, so that the terminal can be tidied up first: `suspend` stops the process.
  ///
  /// At other times Ctrl-Z stops the process at once.
  static func catchingSuspension<Result>(_ body: () -> Result) -> Result {
    var former = sigaction()
    sigaction(SIGTSTP, nil, &former)
    // A shell without job control has the signal ignored, and so it stays.
    guard former.__sigaction_handler.sa_handler.map({ unsafeBitCast($0, to: Int.self) }) != 1 else { return body() }
    _ = takeSuspension()
    catchSuspension()
    defer { sigaction(SIGTSTP, &former, nil) }
    return body()
  }

  /// Stops the process, as Ctrl-Z does by itself, and returns when it is continued.
  static func suspend() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = SIG_DFL
    sigaction(SIGTSTP, &action, nil)
    kill(getpid(), SIGTSTP)
    // The signal may be held back; then the process stops here.
    var stopping = sigset_t()
    var former = sigset_t()
    sigemptyset(&stopping)
    sigaddset(&stopping, SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &stopping, &former)
    pthread_sigmask(SIG_SETMASK, &former, nil)
    catchSuspension()
  }

  private static func catchSuspension() {
    handle(SIGTSTP, flags: SA_RESTART) { _ in Interrupt.suspensionRequested.store(true, ordering: .relaxed) }
  }

  /// Runs `body` with all these signals held back, and gives it the mask with which to wait for them.
  ///
  /// Code that looks at the flags and then waits with that mask (`pselect`) cannot miss a signal in between.
  static func holdingBack<Result>(_ body: (_ waitingMask: sigset_t) -> Result) -> Result {
    var held = sigset_t()
    var former = sigset_t()
    sigemptyset(&held)
    for signal in heldSignals { sigaddset(&held, signal) }
    pthread_sigmask(SIG_BLOCK, &held, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    var waitingMask = former
    for signal in heldSignals { sigdelset(&waitingMask, signal) }
    return body(waitingMask)
  }

  private static let heldSignals = [SIGINT, SIGWINCH, SIGCONT, SIGTSTP]

  /// Handles the signals that came while they were held back.
  ///
  /// To wait is not enough for that, as long as there is input.
  static func handlePending(with waitingMask: inout sigset_t) {
    var holdingMask = sigset_t()
    pthread_sigmask(SIG_SETMASK, &waitingMask, &holdingMask)
    pthread_sigmask(SIG_SETMASK, &holdingMask, nil)
  }

  private static func handle(_ signal: Int32, flags: Int32, with handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    sigemptyset(&action.sa_mask)
    sigaction(signal, &action, nil)
  }
}
