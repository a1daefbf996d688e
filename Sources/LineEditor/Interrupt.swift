import Glibc
import Synchronization

/// The signals of a terminal session, turned into flags that the program polls.
///
/// The handlers only set a flag, so nothing is ever torn down in the middle of a change.
public enum Interrupt {
  private static let requested = Atomic<Bool>(false)
  private static let windowChanged = Atomic<Bool>(false)
  private static let continued = Atomic<Bool>(false)

  /// Catches SIGINT, SIGWINCH and SIGCONT from now on. Calling it again changes nothing.
  ///
  /// SIGINT ends a waiting system call with EINTR, so that a blocked read notices it; the other two restart the call.
  public static func install() {
    // The flags are touched here first, since a handler must not be what initialises them.
    _ = (requested.load(ordering: .relaxed), takeWindowChange(), takeContinuation())
    handle(SIGINT, flags: 0) { _ in Interrupt.requested.store(true, ordering: .relaxed) }
    handle(SIGWINCH, flags: SA_RESTART) { _ in Interrupt.windowChanged.store(true, ordering: .relaxed) }
    handle(SIGCONT, flags: SA_RESTART) { _ in Interrupt.continued.store(true, ordering: .relaxed) }
  }

  /// Whether SIGINT (Ctrl-C) has come since the last `clear()`. As cheap as reading a variable.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Forgets a SIGINT that came earlier.
  public static func clear() { requested.store(false, ordering: .relaxed) }

  /// Whether the terminal changed its size since the last call.
  static func takeWindowChange() -> Bool { windowChanged.exchange(false, ordering: .relaxed) }

  /// Whether the process was stopped and continued since the last call.
  static func takeContinuation() -> Bool { continued.exchange(false, ordering: .relaxed) }

  /// Runs `body` with the three signals held back, and hands it the mask with which to wait for them.
  ///
  /// Whoever looks at the flags and then waits with that mask (`pselect`) cannot miss a signal in between.
  static func holdingBack<Result>(_ body: (_ waitingMask: sigset_t) -> Result) -> Result {
    var held = sigset_t()
    var former = sigset_t()
    sigemptyset(&held)
    for signal in [SIGINT, SIGWINCH, SIGCONT] { sigaddset(&held, signal) }
    pthread_sigmask(SIG_BLOCK, &held, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    var waitingMask = former
    for signal in [SIGINT, SIGWINCH, SIGCONT] { sigdelset(&waitingMask, signal) }
    return body(waitingMask)
  }

  /// Lets the signals through that came while they were held back.
  ///
  /// Waiting does not see to that as long as there is input.
  static func deliver(with waitingMask: inout sigset_t) {
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
