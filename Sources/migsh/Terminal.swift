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

  /// What can be shown where output goes. Here alone it is decided.
  ///
  /// Colours: `NO_COLOR` (https://no-color.org) forbids them, `CLICOLOR_FORCE` (https://bixense.com/clicolors) wants them
  /// wherever output goes; otherwise a terminal has them, unless it is dumb. A dumb terminal is told pictures in sentences, and
  /// one without UTF-8 is shown ASCII. A file gets the same on every machine: pictures in Unicode, without colours.
  ///
  /// - Parameter tellsPictures: whether pictures are told everywhere.
  static func screen(tellsPictures: Bool) -> Screen {
    screen(tellsPictures: tellsPictures, isTerminal: isatty(STDOUT_FILENO) == 1, columns: columns) { name in
      getenv(name).map { String(cString: $0) }
    }
  }

  static func screen(
    tellsPictures: Bool, isTerminal: Bool, columns: Int?, variable: (String) -> String?
  ) -> Screen {
    func isSet(_ name: String) -> Bool { !(variable(name) ?? "").isEmpty }
    let isDumb = isTerminal && variable("TERM") == "dumb"
    var screen = Screen(columns: columns)
    screen.tellsPictures = tellsPictures || isDumb
    let isForced = isSet("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE") != "0"
    screen.showsColors = !isSet("NO_COLOR") && (isForced || isTerminal && !isDumb && isSet("TERM"))
    // The first of these that is set and not empty is the one that counts.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].first(where: isSet).flatMap(variable) ?? ""
    let encoding = locale.lowercased().filter { $0 != "-" }
    screen.showsUnicode = !isTerminal || encoding.contains("utf8")
    return screen
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
