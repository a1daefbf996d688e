import Glibc
import Shell

/// Another process that executes this same program, takes lines from this one and gives lines back.
final class WorkerProcess {
  private let process: ChildProcess
  private let descriptor: Int32
  private var rest: [UInt8] = []
  /// Whether it has ended, and all its lines have been read.
  private(set) var hasEnded = false

  /// - Parameter takesLines: whether it is sent lines. Else its standard input is empty.
  init(_ arguments: [String], takesLines: Bool = false) throws(FileError) {
    process = try ChildProcess(arguments, input: takesLines ? .pipe : .none, output: .pipe)
    descriptor = process.output ?? -1
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// The status with which it ended; nil when a signal ended it. Asked once it has ended.
  var exitStatus: Int32? { process.exitStatus }

  /// Sends a line. When the worker is gone, this does nothing, and `readLines` finds that out.
  func send(_ line: String) { process.write(line + "\n") }

  /// Tells it that no more lines come.
  func finish() { process.closeInput() }

  func stop() { process.terminate() }

  /// The lines that have come since the last call.
  func readLines() -> [String] {
    let wasRunning = process.isRunning
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest += buffer[..<count]
    }
    hasEnded = !wasRunning
    guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    rest.removeFirst(end + 1)
    return lines.map(String.init)
  }

  /// Waits until one of several has written something or ended, a signal comes, or the time is up.
  static func wait(for workers: [WorkerProcess], atMost milliseconds: Int32) {
    var requests = workers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let ready = poll(&requests, nfds_t(requests.count), milliseconds)
    // At the end of its output, a worker is about to end.
    if ready > 0, requests.allSatisfy({ $0.revents & Int16(POLLIN) == 0 }) { usleep(1_000) }
  }
}

/// A line on standard error that tells how far something is; nothing where that is no terminal.
struct ProgressLine {
  private var shownAt: ContinuousClock.Instant?
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows a text in place of the last one, at most twice a second.
  mutating func show(_ text: String) {
    let now = ContinuousClock.now
    guard isTerminal, shownAt.map({ now - $0 > .milliseconds(500) }) ?? true else { return }
    shownAt = now
    Terminal.writeError("\r\(text)\u{1B}[K")
  }

  func clear() { if isTerminal { Terminal.writeError("\r\u{1B}[K") } }
}

extension ContinuousClock.Instant {
  /// The seconds since this instant.
  var secondsUntilNow: Double { (ContinuousClock.now - self) / .seconds(1) }
}
