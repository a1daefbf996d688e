import Glibc
import Testing

@testable import LineEditor

@Suite(.serialized) struct InterruptTests {
  init() { Interrupt.install() }

  /// Sends a signal to this thread, which as a worker of the runtime may hold signals back.
  private func receive(_ signal: Int32) {
    var set = sigset_t()
    var former = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, signal)
    pthread_sigmask(SIG_UNBLOCK, &set, &former)
    raise(signal)
    pthread_sigmask(SIG_SETMASK, &former, nil)
  }

  @Test func anInterruptIsRememberedUntilItIsCleared() {
    Interrupt.clear()
    #expect(!Interrupt.isRequested)
    receive(SIGINT)
    #expect(Interrupt.isRequested)
    #expect(Interrupt.isRequested)
    Interrupt.clear()
    #expect(!Interrupt.isRequested)
  }

  @Test func installingTwiceKeepsAnInterrupt() {
    receive(SIGINT)
    Interrupt.install()
    #expect(Interrupt.isRequested)
    Interrupt.clear()
  }

  @Test func aNewWindowSizeIsTakenOnce() {
    receive(SIGWINCH)
    #expect(Interrupt.takeWindowChange())
    #expect(!Interrupt.takeWindowChange())
    #expect(!Interrupt.isRequested)
  }

  @Test func aSignalThatIsHeldBackComesWhenItIsLetThrough() {
    Interrupt.clear()
    Interrupt.holdingBack { mask in
      var waitingMask = mask
      raise(SIGINT)
      #expect(!Interrupt.isRequested)
      Interrupt.handlePending(with: &waitingMask)
      #expect(Interrupt.isRequested)
    }
    Interrupt.clear()
  }
}
