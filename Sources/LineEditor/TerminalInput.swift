import CLibedit
import Glibc

/// Waits for bytes from the terminal, and for signals at the same time.
struct TerminalInput {
  /// The result of waiting for a byte.
  enum Event: Equatable {
    case byte(UInt8)
    /// A signal came, and the editor must look at the flags.
    case signal
    /// Nothing more will come.
    case end
  }

  /// How many milliseconds to wait for the rest of what a terminal sends in one burst.
  private static let burstTimeout: Int32 = 50

  /// The signal mask to wait with; see `Interrupt.holdingBack`.
  var waitingMask = sigset_t()
  private var readAhead: [UInt8] = []
  private var used = 0

  /// Whether the next byte is here already, in our memory.
  var hasReadAhead: Bool { used < readAhead.count }

  /// Whether the next byte need not be waited for.
  var isPending: Bool { hasReadAhead || editline_wait_for_input(nil, 0) == 1 }

  /// The next byte. Of a long text, `count` bytes are read at a time.
  mutating func nextEvent(reading count: Int = 1) -> Event {
    if hasReadAhead {
      used += 1
      return .byte(readAhead[used - 1])
    }
    while true {
      // `read` alone will not do: it goes on after a signal that restarts calls, and misses one that came just before.
      guard editline_wait_for_input(&waitingMask, -1) >= 0 else { return errno == EINTR ? .signal : .end }
      var bytes = [UInt8](repeating: 0, count: count)
      let result = read(STDIN_FILENO, &bytes, count)
      if result > 0 {
        readAhead = Array(bytes.prefix(result))
        used = 1
        return .byte(readAhead[0])
      }
      guard result < 0, errno == EINTR || errno == EAGAIN else { return .end }
    }
  }

  /// Removes the bytes of `mark` when they come next. Otherwise `nextEvent` gives the bytes as usual.
  mutating func takeMark(_ mark: some Collection<UInt8>) -> Bool {
    for (position, expected) in mark.enumerated() {
      if used + position == readAhead.count {
        var byte: UInt8 = 0
        guard editline_wait_for_input(nil, Self.burstTimeout) == 1, read(STDIN_FILENO, &byte, 1) == 1 else {
          return false
        }
        readAhead.append(byte)
      }
      if readAhead[used + position] != expected { return false }
    }
    used += mark.count
    return true
  }

  /// Throws bytes away until no more come.
  mutating func discardBurst() {
    readAhead.removeAll()
    used = 0
    var bytes = [UInt8](repeating: 0, count: 4096)
    while editline_wait_for_input(nil, Self.burstTimeout) == 1, read(STDIN_FILENO, &bytes, bytes.count) > 0 {}
  }
}

/// Turns bytes into characters as they come, and drops what is not UTF-8.
struct CharacterDecoder {
  private var pending: [UInt8] = []

  /// Takes a byte. Returns the character that it completes, or `nil`.
  mutating func decode(_ byte: UInt8) -> Unicode.Scalar? {
    if byte < 0x80 {
      pending.removeAll()
      return Unicode.Scalar(byte)
    }
    if !UTF8.isContinuation(byte) { pending.removeAll() }
    pending.append(byte)
    // The number of leading ones in the first byte is the number of bytes in the sequence.
    let length = (~pending[0]).leadingZeroBitCount
    guard pending.count >= length else { return nil }
    defer { pending.removeAll() }
    return String(validating: pending, as: UTF8.self)?.unicodeScalars.first
  }
}
