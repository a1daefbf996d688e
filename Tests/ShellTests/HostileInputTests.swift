import CommandLanguage
import MigrationKernel
import Testing

@testable import Shell

/// No input whatever may crash the shell, and after any input the world is sound.
@Suite struct HostileInputTests {
  /// Pieces of which commands are made, and some of which none are.
  private static let pieces = [
    "node", "add", "list", "show", "remove", "a", "b", "c", "p", "q", "r", "spawn", "start", "kill", "freeze", "resume",
    "wait", "ps", "memory", "peek", "poke", "output", "migrate", "migration", "send", "inbox", "message", "run",
    "until",
    "step", "now", "undo", "redo", "checkpoint", "restore", "set", "seed", "reset", "log", "stats", "let", "say",
    "print",
    "expect", "error", "for", "in", "repeat", "if", "else", "define", "program", "help", "history", "link", "network",
    "fail", "recover", "=", "==", "<", "+", "-", "*", "/", "%", "(", ")", "{", "}", "[", "]", ",", ";", "\n", "..", "0",
    "1", "3", "63", "64", "-1", "9223372036854775807", "1ms", "5s", "4KiB", "1Gbps", "20%", "0.5", "1e9", "\"text\"",
    "'raw'", "\"$x\"", "\"$(p.node)\"", "$x", "$(1 / 0)", "$last", "p.migration.freezeTime", "a.load", "cluster.nodes",
    "count(", "--on", "--pages", "--program", "--hold", "--async", "--count", "--threads", "--set", "x=3", "peer=p",
    "--latency", "--bandwidth", "--cores", "--speed", "--size", "--every", "--last", "--kind", "compute", "write",
    "read",
    "receive", "as", "m", "timeout", "reply", "sleep", "fork", "thread", "exit", "random", "next", "echo", "pinger",
    "true", "none", "not", "and", "\\", "\"", "#", "é", "\u{1F600}", "\u{0}", "\u{7F}",
  ]

  @Test(arguments: 0..<40) func randomCommandsNeverCrash(_ seed: Int) {
    var generator = Generator(seed: UInt64(seed))
    var options = Session.Options()
    options.keepsGoing = true
    options.isInteractive = seed % 2 == 0
    options.files = .none
    options.limits.events = 200_000
    options.limits.patience = 2_000_000_000
    options.limits.pages = 10_000
    options.limits.processes = 200
    var session = Session(seed: UInt64(seed), options: options) { _ in }
    session.checkInvariants()
    _ = session.execute(SourceText(name: "start", text: "node add a b\nspawn p\nspawn q --on b --program echo"))
    for _ in 0..<150 {
      let count = Int(generator.next(below: 12)) + 1
      let words = (0..<count).map { _ in Self.pieces[Int(generator.next(below: UInt64(Self.pieces.count)))] }
      let text = words.joined(separator: generator.next(below: 8) == 0 ? "" : " ")
      let status = session.execute(SourceText(name: "fuzz", text: text))
      #expect(status != .fault, "\(text)")
      _ = session.complete(text, at: Int(generator.next(below: UInt64(text.utf8.count + 2))))
      session.hasQuit = false
    }
  }

  @Test(arguments: 0..<20) func randomBytesAreRefusedOrRead(_ seed: Int) {
    var generator = Generator(seed: UInt64(seed) &+ 1000)
    for _ in 0..<100 {
      let bytes = (0..<Int(generator.next(below: 200))).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      guard let source = try? SourceText(name: "junk", bytes: bytes) else { continue }
      var session = Session { _ in }
      _ = session.execute(source)
    }
  }
}
