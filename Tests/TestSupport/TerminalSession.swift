import Glibc

/// A program on a terminal of its own. A test types and reads there as a person does.
package final class TerminalSession {
  private var terminal: Int32
  private var hasEnded = false
  private let child: pid_t
  private let home = TemporaryDirectory()
  private var unread: [UInt8] = []
  /// What was written since the terminal has its present size.
  private var written: [UInt8] = []
  private var size: (rows: UInt16, columns: UInt16)
  private static let timeoutSeconds = 5

  /// - Parameter stateHome: the folder in which programs keep their state; empty for none.
  package init(
    _ program: String, _ arguments: [String] = [], terminalType: String = "xterm", editrc: String? = nil,
    noColor: Bool = false, stateHome: String? = nil, variables: [String] = [], rows: UInt16 = 24, columns: UInt16 = 80
  ) throws {
    self.size = (rows, columns)
    if let editrc { home.write(Array(editrc.utf8), to: ".editrc") }
    var ends: (terminal: Int32, program: Int32) = (-1, -1)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&ends.terminal, &ends.program, nil, nil, &size) == 0 else { throw Unexpected(text: "no terminal") }
    terminal = ends.terminal
    // A program that inherits this end would keep the terminal alive.
    _ = fcntl(terminal, F_SETFD, FD_CLOEXEC)
    defer { close(ends.program) }
    // `ttyname` keeps its answer in one place that all threads share.
    var name = [CChar](repeating: 0, count: 256)
    guard ttyname_r(ends.program, &name, name.count) == 0 else { throw Unexpected(text: "the terminal has no name") }
    let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let place = stateHome.map { $0.isEmpty ? [] : ["XDG_STATE_HOME=\($0)"] } ?? ["HOME=\(home.path)"]
    let environment = ["TERM=\(terminalType)"] + place + (noColor ? ["NO_COLOR=1"] : []) + variables
    child = try spawn(program, arguments, environment: environment, terminal: path)
  }

  deinit {
    if !hasEnded {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    if terminal >= 0 { close(terminal) }
  }

  package func type(_ text: String) { type(Array(text.utf8)) }

  package func type(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  package func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    self.size = (rows, columns)
    written = []
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// What the terminal shows.
  package var screen: TerminalScreen {
    var screen = TerminalScreen(rows: Int(size.rows), columns: Int(size.columns))
    screen.show(String(decoding: written, as: UTF8.self))
    return screen
  }

  /// Waits until the terminal shows something.
  @discardableResult
  package func waitForScreen(_ isAsWanted: (TerminalScreen) -> Bool) throws -> TerminalScreen {
    while true {
      let screen = self.screen
      if isAsWanted(screen) { return screen }
      guard readMore() else { throw Unexpected(text: "the screen shows\n\(screen.text)") }
    }
  }

  /// Waits until the terminal shows this text, but for blanks at the ends of rows and empty rows at the end.
  @discardableResult
  package func waitForScreen(_ text: String) throws -> TerminalScreen { try waitForScreen { $0.text == text } }

  /// Waits until nothing more has come for some time.
  package func waitForSilence() {
    while readMore(withinMilliseconds: 100) {}
  }

  /// Closes the terminal, as when its window is closed, and waits for the end of the program.
  ///
  /// - Returns: whether it ended.
  package func hangUp() -> Bool {
    close(terminal)
    terminal = -1
    for _ in 0..<Self.timeoutSeconds * 100 {
      if waitpid(child, nil, WNOHANG) == child {
        hasEnded = true
        return true
      }
      usleep(10_000)
    }
    return false
  }

  package func send(_ signal: Int32) {
    kill(child, signal)
  }

  /// Waits until the program has written `text`, and returns what it wrote up to and including it.
  @discardableResult
  package func expect(_ text: String) throws -> String {
    let wanted = Array(text.utf8)
    while true {
      if let end = unread.endOfFirst(wanted) {
        defer { unread.removeFirst(end) }
        return String(decoding: unread.prefix(end), as: UTF8.self)
      }
      guard readMore() else {
        let found = String(decoding: unread, as: UTF8.self).debugDescription
        throw Unexpected(text: "expected \(text.debugDescription), found \(found)")
      }
    }
  }

  /// `false` after the timeout, or when the program is gone.
  private func readMore(withinMilliseconds timeout: Int = timeoutSeconds * 1_000) -> Bool {
    var request = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    let ready = poll(&request, 1, Int32(timeout))
    if ready < 0 && errno == EINTR { return true }
    guard ready == 1 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(terminal, &buffer, buffer.count)
    guard count > 0 else { return false }
    unread += buffer.prefix(count)
    written += buffer.prefix(count)
    return true
  }
}

/// A program on a terminal did not write what it should have written.
package struct Unexpected: Error, CustomStringConvertible {
  let text: String
  package var description: String { text }
}

extension [UInt8] {
  fileprivate func endOfFirst(_ wanted: [UInt8]) -> Int? {
    guard count >= wanted.count else { return nil }
    return (0...count - wanted.count).first { self[$0...].starts(with: wanted) }.map { $0 + wanted.count }
  }
}
