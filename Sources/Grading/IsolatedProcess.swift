import CIsolation
import Glibc
import Shell

/// A process forked from this one to compute something, which can do nothing else: open no file, reach no network, execute
/// no program. When it dies, nothing dies with it.
///
/// Forking needs no new start: the child begins with everything that this process has computed so far. This process must
/// have one thread only.
package final class IsolatedProcess {
  /// How a process ended.
  package enum Ending {
    /// It wrote these results.
    case results([UInt8])
    /// It wrote more than it may.
    case tooMuch
    /// A signal or a fault of its own ended it, and these were its last words.
    case died(Int32, errors: String)
    /// It used up its memory.
    case outOfMemory
    /// It used up the time of computing, or the time by the clock on the wall.
    case timedOut
  }

  /// What the process may use. These limits are a net below those that the engine counts.
  package struct Limits {
    /// Bytes beyond those of the process from which it is forked.
    package var memory: UInt64 = 4 << 30
    /// Seconds of computing.
    package var processorSeconds: UInt64 = 300
    /// The time by the clock on the wall, which passes while others compute, too.
    package var wallTime = Duration.seconds(1800)
    /// Bytes of results.
    package var resultBytes = 64 << 20

    package init() {}
  }

  private static let errorBytes = 4096

  private let identifier: pid_t
  private let limits: Limits
  private let begun = ContinuousClock.now
  private let results: Int32
  private let errors: Int32
  private var received: [UInt8] = []
  private var lastWords: [UInt8] = []
  private var hasTooMuch = false
  private var hasNoTime = false

  /// Forks.
  ///
  /// - Parameter body: what the child computes, given what holds it in.
  /// - Throws: the number of the system's error when there can be no further process.
  package init(limits: Limits = Limits(), _ body: (Isolation) -> [UInt8]) throws(SystemError) {
    let ends = (results: try Self.pipe(), errors: try Self.pipe())
    // Nobody waits for last words.
    for end in ends.errors { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    let parent = getpid()
    let identifier = isolation_fork()
    if identifier == 0 {
      let force = isolate_process(parent, ends.results[1], ends.errors[1], limits.memory, limits.processorSeconds)
      _exit(writeAll(body(Isolation(bits: force)), to: ends.results[1]) == nil ? 0 : 1)
    }
    let code = errno
    close(ends.results[1])
    close(ends.errors[1])
    self.identifier = identifier
    self.limits = limits
    (results, errors) = (ends.results[0], ends.errors[0])
    guard identifier > 0 else { throw SystemError(code: code) }
    _ = fcntl(results, F_SETFL, fcntl(results, F_GETFL) | O_NONBLOCK)
  }

  deinit {
    close(results)
    close(errors)
  }

  private static func pipe() throws(SystemError) -> [Int32] {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw SystemError(code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  /// Ends it at once.
  package func kill() { _ = Glibc.kill(identifier, SIGKILL) }

  /// How it ended; nil while it runs. After it has said how, it must not be asked again.
  package func ending() -> Ending? {
    Self.read(errors, into: &lastWords, atMost: Self.errorBytes)
    if !Self.read(results, into: &received, atMost: limits.resultBytes + 1) { return nil }
    if received.count > limits.resultBytes, !hasTooMuch {
      hasTooMuch = true
      kill()
    }
    var status: Int32 = 0
    var use = rusage()
    while wait4(identifier, &status, 0, &use) < 0, errno == EINTR {}
    Self.read(errors, into: &lastWords, atMost: Self.errorBytes)
    let code = isolation_exit_status(status)
    if hasTooMuch { return .tooMuch }
    if hasNoTime || code == 128 + SIGXCPU { return .timedOut }
    // The system says in KiB how much it held at most. When the memory ends, so does the program, in one way or another.
    if code != 0, UInt64(use.ru_maxrss) * 1024 > limits.memory / 4 * 3 { return .outOfMemory }
    guard code == 0 else { return .died(code, errors: String(decoding: lastWords, as: UTF8.self)) }
    return .results(received)
  }

  /// - Returns: whether no more will come.
  @discardableResult
  private static func read(_ descriptor: Int32, into bytes: inout [UInt8], atMost most: Int) -> Bool {
    while bytes.count < most {
      let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
        let count = Glibc.read(descriptor, buffer.baseAddress, min(buffer.count, most - bytes.count))
        if count > 0 { bytes += UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
        return count
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return count == 0 }
    }
    return true
  }

  /// Waits until one of several writes something or ends, a signal comes, or a second has passed; kills those whose time by
  /// the clock is up.
  package static func wait(for processes: [IsolatedProcess]) {
    var requests = processes.map { pollfd(fd: $0.results, events: Int16(POLLIN), revents: 0) }
    _ = poll(&requests, nfds_t(requests.count), 1000)
    for process in processes where !process.hasNoTime && .now - process.begun > process.limits.wallTime {
      process.hasNoTime = true
      process.kill()
    }
  }
}

/// An error of the system, by its number.
package struct SystemError: Error, CustomStringConvertible {
  package let code: Int32

  package var description: String { String(cString: strerror(code)).lowercased() }
}
