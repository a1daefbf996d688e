import Glibc

/// A directory that is removed with the value.
package final class TemporaryDirectory {
  package let path: String

  package init() {
    var template = Array("/tmp/migsh-tests-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit {
    if let child = try? spawn("/bin/rm", ["-rf", path], environment: [], redirecting: { _ in }) {
      waitpid(child, nil, 0)
    }
  }

  package func write(_ bytes: [UInt8], to name: String) {
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}

package func contents(of path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count <= 0 { return bytes }
    bytes += buffer.prefix(count)
  }
}

/// A program of this package, which is built next to the tests.
package func builtProgram(_ name: String) -> String {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink("/proc/self/exe", &buffer, buffer.count)
  let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
}

package struct SpawnError: Error {
  let program: String
  let code: Int32
}

/// How a program ended, and what it wrote.
package struct Outcome {
  /// The exit status; 128 and the signal's number when a signal killed it.
  package let status: Int32
  package let output: String
  package let error: String
}

/// Runs a program to its end.
///
/// - Parameters:
///   - input: its standard input.
///   - output: a file for its standard output. Without it the outcome has the output.
///   - interruptOnceItWrote: sends it a signal as soon as its output has this text.
///   - signal: the signal to send.
package func run(
  _ program: String, _ arguments: [String] = [], input: String = "", output: String? = nil,
  interruptOnceItWrote sign: String? = nil, signal: Int32 = SIGINT
) throws -> Outcome {
  let directory = TemporaryDirectory()
  directory.write(Array(input.utf8), to: "input")
  let (inputPath, outputPath, errorPath) = (
    directory.path + "/input", output ?? directory.path + "/output", directory.path + "/error"
  )
  let child = try spawn(program, arguments, environment: []) { actions in
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, inputPath, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT, 0o600)
  }
  func text(_ path: String) -> String { String(decoding: contents(of: path), as: UTF8.self) }
  var status: Int32 = 0
  if let sign {
    while !text(outputPath).contains(sign), waitpid(child, &status, WNOHANG) == 0 { usleep(1_000) }
    kill(child, signal)
  }
  waitpid(child, &status, 0)
  let killer = status & 0x7F
  return Outcome(
    status: killer == 0 ? (status >> 8) & 0xFF : 128 + killer, output: output == nil ? text(outputPath) : "",
    error: text(errorPath))
}

/// Starts a program with standard input, output and error on a terminal, in a session of its own.
func spawn(_ program: String, _ arguments: [String], environment: [String], terminal: String) throws -> pid_t {
  try spawn(program, arguments, environment: environment) { actions in
    for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, terminal, O_RDWR, 0) }
  }
}

private func spawn(
  _ program: String, _ arguments: [String], environment: [String],
  redirecting: (inout posix_spawn_file_actions_t) -> Void
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  redirecting(&actions)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // The first terminal that the leader of a new session opens becomes the one that sends it signals. The program starts
  // with no signal blocked, whatever the test runner does.
  let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, a GNU extension that the headers hide from Swift.
  posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))
  var child: pid_t = 0
  let argv = ([program] + arguments).map { strdup($0) } + [nil]
  let envp = environment.map { strdup($0) } + [nil]
  defer { for pointer in argv + envp { free(pointer) } }
  let code = posix_spawn(&child, program, &actions, &attributes, argv, envp)
  guard code == 0 else { throw SpawnError(program: program, code: code) }
  return child
}
