import Glibc
import Grading

/// Tries, in an isolated process, what a submission may not do, and says on standard output what came of it.
///
/// It is a program of its own since only a process of one thread may fork one.
@main
enum Probe {
  static func main() {
    let attempt = CommandLine.arguments.dropFirst().first ?? ""
    var limits = IsolatedProcess.Limits()
    switch attempt {
    case "calls": break
    case "memory": limits.memory = 256 << 20
    case "computing": limits.processorSeconds = 1
    case "waiting": limits.wallTime = .milliseconds(300)
    case "results": limits.resultBytes = 1 << 20
    case "crash", "exit", "silence": break
    default:
      print("no attempt called \(attempt)")
      exit(2)
    }
    do {
      print(describe(try ending(of: attempt, limits)))
    } catch {
      print("no process: \(error)")
    }
  }

  private static func ending(of attempt: String, _ limits: IsolatedProcess.Limits) throws -> IsolatedProcess.Ending {
    let process = try IsolatedProcess(limits: limits) { isolation in
      if attempt == "calls" { return Array((isolation.sentences + results).joined(separator: "\n").utf8) }
      return misbehave(attempt)
    }
    while true {
      if let ending = process.ending() { return ending }
      IsolatedProcess.wait(for: [process])
    }
  }

  private static func describe(_ ending: IsolatedProcess.Ending) -> String {
    switch ending {
    case .results(let bytes): String(decoding: bytes, as: UTF8.self)
    case .tooMuch: "too much"
    case .died(let status, let errors): "died: \(status) \(errors.split(separator: "\n").first ?? "")"
    case .outOfMemory: "out of memory"
    case .timedOut: "timed out"
    }
  }

  /// What became of calls that only somebody outside needs.
  private static var results: [String] {
    let path = "/tmp/migsh-isolation-probe"
    var ends: [Int32] = [0, 0]
    let calls: [(String, () -> Int)] = [
      ("open to read", { Int(open("/etc/passwd", O_RDONLY)) }),
      ("open to write", { Int(open(path, O_WRONLY | O_CREAT, 0o600)) }),
      ("open a folder", { opendir("/") == nil ? -1 : 0 }),
      ("look at a file", { access("/etc/passwd", R_OK) == 0 ? 0 : -1 }),
      ("connect", { Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) }),
      ("connect here", { Int(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)) }),
      ("execute", { Int(execv("/bin/true", [nil])) }),
      ("make a folder", { Int(mkdir(path, 0o700)) }),
      ("remove", { Int(unlink("/etc/passwd")) }),
      ("link", { Int(symlink("/etc/passwd", path)) }),
      ("signal", { Int(kill(getppid(), 0)) }),
      ("open a pipe", { Int(pipe(&ends)) }),
      ("write to its parent's output", { write(STDOUT_FILENO, "x", 1) }),
      ("write to other descriptors", { (3..<256).contains { lseek($0, 0, SEEK_CUR) >= 0 } ? 0 : -1 }),
    ]
    return calls.map { name, call in
      errno = 0
      let result = call()
      return "\(name): \(result < 0 ? "refused (\(errno))" : "allowed")"
    }
  }

  private static func misbehave(_ attempt: String) -> [UInt8] {
    switch attempt {
    case "memory":
      var parts: [[UInt8]] = []
      while true { parts.append([UInt8](repeating: 1, count: 1 << 20)) }
    case "computing":
      var number: UInt64 = 1
      while number != 0 { number = number &* 3 }
    case "waiting": while true { sleep(1) }
    case "results": return [UInt8](repeating: 0, count: 2 << 20)
    case "crash": fatalError("this is a crash")
    case "exit": _exit(7)
    default: break
    }
    return []
  }
}
