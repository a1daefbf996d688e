import Glibc
import Shell

/// Standard input, output and error.
enum Terminal {
  static var isInput: Bool { isatty(STDIN_FILENO) == 1 }

  /// How wide the terminal is to which output goes; nil when it goes elsewhere.
  static var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// All of standard input.
  static func readAll() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  /// Writes everything. Ends the program when it cannot, as on a full disk: nobody shall take half of the output for
  /// the whole.
  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.indices]).baseAddress,
          rest.count)
        if written < 0, errno == EINTR || errno == EAGAIN { continue }
        guard written > 0 else {
          if descriptor != STDERR_FILENO {
            writeError("migsh: output: \(String(cString: strerror(errno)).lowercased())\n")
          }
          exit(ScriptStatus.fault.rawValue)
        }
        rest = rest.dropFirst(written)
      }
    }
  }
}
