import CLibedit
import Glibc

/// Bytes from the terminal, waited for together with signals.
struct TerminalInput {
  /// What waiting for a byte came to.
  enum Event: Equatable {
    case byte(UInt8)
    /// A signal came that the editor may have to see to.
    case signal
    /// Nothing more will come.
    case end
  }

  /// How long to wait for more of what a terminal sends at one go, in milliseconds.
  private static let burstTimeout: Int32 = 50

  /// The signal mask to wait with; see `Interrupt.holdingBack`.
  var waitingMask = sigset_t()
  private var readAhead: [UInt8] = []

  mutating func nextEvent() -> Event {
    if !readAhead.isEmpty { return .byte(readAhead.removeFirst()) }
    while true {
      // Not `read` alone: it goes on after a signal that restarts calls, and sleeps through one that came just before.
      guard editline_wait_for_input(&waitingMask, -1) >= 0 else { return errno == EINTR ? .signal : .end }
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count == 1 { return .byte(byte) }
      guard count < 0, errno == EINTR || errno == EAGAIN else { return .end }
    }
  }

  /// Takes the bytes of `mark` away when they are what comes next; otherwise `nextEvent` gives them as ever.
  mutating func take(_ mark: some Collection<UInt8>) -> Bool {
    for (position, expected) in mark.enumerated() {
      if position == readAhead.count {
        var byte: UInt8 = 0
        guard editline_wait_for_input(nil, Self.burstTimeout) == 1, read(STDIN_FILENO, &byte, 1) == 1 else {
          return false
        }
        readAhead.append(byte)
      }
      if readAhead[position] != expected { return false }
    }
    readAhead.removeFirst(mark.count)
    return true
  }

  /// Throws away what comes until nothing comes any more.
  mutating func discardBurst() {
    readAhead.removeAll()
    var bytes = [UInt8](repeating: 0, count: 4096)
    while editline_wait_for_input(nil, Self.burstTimeout) == 1, read(STDIN_FILENO, &bytes, bytes.count) > 0 {}
  }
}

/// Makes characters of bytes as they come; what is not UTF-8 is dropped.
struct CharacterDecoder {
  private var pending: [UInt8] = []

  /// Takes a byte; the character that it completes, or `nil`.
  mutating func take(_ byte: UInt8) -> Unicode.Scalar? {
    if !UTF8.isContinuation(byte) { pending.removeAll() }
    pending.append(byte)
    // The leading ones of the first byte count the bytes of the sequence; ASCII has none.
    let length = max(1, (~pending[0]).leadingZeroBitCount)
    guard pending.count >= length else { return nil }
    defer { pending.removeAll() }
    return String(validating: pending, as: UTF8.self)?.unicodeScalars.first
  }
}
