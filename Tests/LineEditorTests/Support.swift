import Glibc

/// A directory that goes away with the value.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/migsh-line-editor-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit {
    if let child = try? spawn("/bin/rm", ["-rf", path], environment: [], redirecting: { _ in }) {
      waitpid(child, nil, 0)
    }
  }

  func write(_ bytes: [UInt8], to name: String) {
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}

func contents(of path: String) -> [UInt8] {
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

/// The helper program, which is built next to the tests.
let probePath: String = {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink("/proc/self/exe", &buffer, buffer.count)
  let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    + "/line-editor-probe"
}()

struct SpawnError: Error {
  let program: String
  let code: Int32
}

/// Starts a program with standard input, output and error on `path` or on `output`, in a session of its own.
func spawn(_ program: String, _ arguments: [String], environment: [String], terminal: String) throws -> pid_t {
  try spawn(program, arguments, environment: environment) { actions in
    for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, terminal, O_RDWR, 0) }
  }
}

/// Runs a program to its end, and returns what it wrote to standard output.
func run(_ program: String, _ arguments: String...) throws -> String {
  let directory = TemporaryDirectory()
  let path = directory.path + "/output"
  let child = try spawn(program, arguments, environment: []) { actions in
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT, 0o600)
  }
  waitpid(child, nil, 0)
  return String(decoding: contents(of: path), as: UTF8.self)
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
  // The first terminal that the leader of a new session opens becomes the one that sends it signals.
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
