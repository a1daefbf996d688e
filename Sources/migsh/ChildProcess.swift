import Glibc
import Shell

/// Another process, which usually executes this same program, whatever its name and folder are.
final class ChildProcess {
  /// What it has for a standard stream.
  enum Stream {
    /// Nothing to read; what is written is dropped.
    case none
    /// The other end is ours.
    case pipe
    /// The same as this process.
    case ours
  }

  private let identifier: pid_t
  private var waitStatus: Int32?
  /// The end of a pipe to its standard input; nil without one, or once it is closed.
  private var input: Int32?
  /// The end of a pipe from its standard output.
  let output: Int32?

  /// - Throws: the system's error when it cannot be started.
  ///
  /// - Parameter program: the name of another program, which is looked for where commands are; nil for this one.
  init(
    _ arguments: [String], of program: String? = nil, input: Stream, output: Stream, error: Stream = .ours
  ) throws(FileError) {
    let path = program ?? Self.pathOfThisProgram
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var theirs: [Int32] = []
    defer { for descriptor in theirs { close(descriptor) } }
    var ours: [Int32: Int32] = [:]
    for (stream, kind) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, error)] {
      switch kind {
      case .ours: break
      case .none: posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
      case .pipe:
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
          let code = errno
          for descriptor in ours.values { close(descriptor) }
          throw FileError(path: path, code: code)
        }
        // A child that inherited the ends of another's pipes would keep them open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let isInput = stream == STDIN_FILENO
        theirs.append(ends[isInput ? 0 : 1])
        ours[stream] = ends[isInput ? 1 : 0]
        posix_spawn_file_actions_adddup2(&actions, ends[isInput ? 0 : 1], stream)
      }
    }
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, path, &actions, nil, &words, environ)
    guard code == 0 else {
      for descriptor in ours.values { close(descriptor) }
      throw FileError(path: path, code: code)
    }
    self.identifier = identifier
    self.input = ours[STDIN_FILENO]
    self.output = ours[STDOUT_FILENO]
  }

  deinit {
    closeInput()
    if let output { close(output) }
  }

  private static var pathOfThisProgram: String {
    guard let path = realpath("/proc/self/exe", nil) else { return "/proc/self/exe" }
    defer { free(path) }
    return String(cString: path)
  }

  /// Writes to its standard input. One that has ended does not get it.
  func write(_ text: String) {
    guard let input else { return }
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    _ = writeAll(text, to: input)
  }

  /// Tells it that nothing more comes.
  func closeInput() {
    if let input { close(input) }
    input = nil
  }

  /// Whether it has not ended yet.
  var isRunning: Bool { !hasEnded(options: WNOHANG) }

  /// Waits for its end.
  func wait() { while !hasEnded(options: 0) {} }

  func terminate() { if isRunning { kill(identifier, SIGTERM) } }

  /// The status with which it ended; nil when a signal ended it, and while it runs.
  var exitStatus: Int32? {
    guard let waitStatus, waitStatus & 0x7F == 0 else { return nil }
    return waitStatus >> 8 & 0xFF
  }

  private func hasEnded(options: Int32) -> Bool {
    if waitStatus != nil { return true }
    var status: Int32 = 0
    guard waitpid(identifier, &status, options) == identifier else { return false }
    waitStatus = status
    return true
  }
}
