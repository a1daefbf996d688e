import Glibc
import LineEditor
import Shell

/// Standard input, output and error.
enum Terminal {
  static var isInput: Bool { isatty(STDIN_FILENO) == 1 }

  /// How large the terminal is to which output goes; nil when it goes elsewhere.
  static var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// What can be shown where output goes. Here alone it is decided.
  ///
  /// Colours: `NO_COLOR` (https://no-color.org) forbids them, `CLICOLOR_FORCE` (https://bixense.com/clicolors) wants them
  /// wherever output goes; otherwise a terminal has them, unless it is dumb. A dumb terminal is told pictures in sentences, and
  /// so is every one when MIGSH_PLAIN says so; one without UTF-8 is shown ASCII. A file gets the same on every machine: pictures in Unicode, without colours.
  ///
  /// - Parameter tellsPictures: whether pictures are told everywhere.
  static func screen(tellsPictures: Bool) -> Screen {
    screen(tellsPictures: tellsPictures, isTerminal: isatty(STDOUT_FILENO) == 1, columns: size?.columns) { name in
      getenv(name).map { String(cString: $0) }
    }
  }

  static func screen(
    tellsPictures: Bool, isTerminal: Bool, columns: Int?, variable: (String) -> String?
  ) -> Screen {
    func isSet(_ name: String) -> Bool { !(variable(name) ?? "").isEmpty }
    let colors = ColorChoice(noColor: variable("NO_COLOR"), force: variable("CLICOLOR_FORCE"))
    let isDumb = isTerminal && variable("TERM") == "dumb"
    var screen = Screen(columns: columns)
    let isPlain = isSet("MIGSH_PLAIN") && variable("MIGSH_PLAIN") != "0"
    screen.tellsPictures = tellsPictures || isPlain || isDumb
    screen.showsColors = colors.showsColors(usually: isTerminal && !isDumb && isSet("TERM"))
    // The first of these that is set and not empty is the one that counts.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].first(where: isSet).flatMap(variable) ?? ""
    let encoding = locale.lowercased().filter { $0 != "-" }
    screen.showsUnicode = !isTerminal || encoding.contains("utf8")
    return screen
  }

  /// Whether output goes to a terminal on which a line can be taken back.
  static var takesLinesBack: Bool {
    guard isatty(STDOUT_FILENO) == 1, let term = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !term.isEmpty && term != "dumb"
  }

  /// Shows on the line where the cursor is how far something has come, and with nil takes that back.
  static func show(_ progress: Progress?) {
    if let progress, progress.isHeard { return write(progress.line + "\n") }
    // The last column stays free: some terminals go on to the next line after it.
    let room = max(0, (size?.columns ?? 80) - 1)
    write("\r" + (progress.map { String($0.line.prefix(room)) } ?? "") + "\u{1B}[K")
  }

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Has a command of the system's shell read a text, and waits for its end. It may end before it has read all.
  ///
  /// - Returns: the command's exit status as `wait` has it.
  @discardableResult static func pipe(_ text: String, to command: String) -> Int32 {
    guard let stream = popen(command, "w") else {
      writeError("migsh: \(command): \(String(cString: strerror(errno)).lowercased())\n")
      return -1
    }
    // From now on, so that the command is ended by the signal as usual.
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    var text = text
    text.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, stream) }
    return pclose(stream)
  }

  /// Shows a text a page at a time, with the user's pager. Without one it shows all of it at once.
  static func page(_ text: String) {
    if let pager = getenv("PAGER"), pager.pointee == 0 { return write(text) }
    let isMissing: Int32 = 127 << 8
    let status = pipe(text, to: "\(pagerSettings) exec ${PAGER-less} 2>/dev/null")
    if status == isMissing || status == -1 { write(text) }
  }

  /// What less is told: `-F` ends it when all fits, `-X` leaves the text on the screen, `-R` passes colours, `-Ps` says which
  /// keys go on. It writes no file and starts no program, or the next command would do so that is typed too early.
  private static let pagerSettings =
    "LESS=${LESS-'-FRX -PsSpace shows more, q ends'}; LESSSECURE=${LESSSECURE-1}; export LESS LESSSECURE;"

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
    guard let code = writeAll(text, to: descriptor) else { return }
    if descriptor != STDERR_FILENO { writeError("migsh: output: \(String(cString: strerror(code)).lowercased())\n") }
    exit(ScriptStatus.fault.rawValue)
  }
}
