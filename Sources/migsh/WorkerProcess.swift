import Foundation
import Shell

/// Another process that executes this same program, takes lines from this one and gives lines back.
final class WorkerProcess {
  private let process = Process.ofThisProgram
  private let output = Pipe()
  private let input: Pipe?
  private var rest: [UInt8] = []
  /// Whether it has ended, and all its lines have been read.
  private(set) var hasEnded = false

  /// - Parameter takesLines: whether it is sent lines. Else its standard input is empty.
  init(_ arguments: [String], takesLines: Bool = false) throws {
    input = takesLines ? Pipe() : nil
    process.arguments = arguments
    process.standardOutput = output
    process.standardInput = input ?? FileHandle.nullDevice
    // A worker that inherited the ends of another's pipes would keep them open.
    for pipe in [output, input].compactMap({ $0 }) {
      for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
      }
    }
    try process.run()
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  private var descriptor: Int32 { output.fileHandleForReading.fileDescriptor }

  /// The status with which it ended; nil when a signal ended it. Asked once it has ended.
  var exitStatus: Int32? { process.terminationReason == .exit ? process.terminationStatus : nil }

  /// Sends a line. A worker that has crashed does not get it.
  func send(_ line: String) {
    guard let input else { return }
    // When the worker is gone, this fails, and `readLines` finds that out.
    signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, SIG_DFL) }
    try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Tells it that no more lines come.
  func finish() { try? input?.fileHandleForWriting.close() }

  func stop() { if process.isRunning { process.terminate() } }

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

extension Process {
  /// A process, not started yet, that executes this same program, whatever its name and folder are.
  static var ofThisProgram: Process {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return process
  }
}

/// A line on standard error that tells how far something is; nothing where that is no terminal.
struct ProgressLine {
  private var shownAt = Date.distantPast
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows a text in place of the last one, at most twice a second.
  mutating func show(_ text: String) {
    guard isTerminal, Date().timeIntervalSince(shownAt) > 0.5 else { return }
    shownAt = Date()
    Terminal.writeError("\r\(text)\u{1B}[K")
  }

  func clear() { if isTerminal { Terminal.writeError("\r\u{1B}[K") } }
}
