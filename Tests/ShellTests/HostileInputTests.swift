import CommandLanguage
import MigrationKernel
import TestSupport
import Testing

@testable import Shell

/// No input may crash the shell, and after any input the invariants of the world hold.
@Suite struct HostileInputTests {
  /// Parts of commands, and some texts that are no part of any.
  private static let pieces = [
    "node", "add", "list", "show", "remove", "a", "b", "c", "p", "q", "r", "spawn", "start", "kill", "freeze", "resume",
    "wait", "ps", "memory", "peek", "poke", "output", "migrate", "migration", "send", "inbox", "message", "run",
    "until",
    "step", "now", "undo", "redo", "checkpoint", "restore", "set", "seed", "reset", "log", "stats", "let", "say",
    "print",
    "expect", "error", "for", "in", "repeat", "while", "if", "else", "define", "program", "help", "history", "link",
    "network",
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

  /// Whatever can be typed is a text. One byte that cannot be typed makes it no text. After `#` it means nothing.
  @Test(arguments: 0..<8) func randomBytesAreRefusedOrRead(_ seed: Int) {
    var generator = Generator(seed: UInt64(seed) &+ 1000)
    for byte in 0...255 as ClosedRange<UInt8> {
      var bytes = (0..<Int(generator.next(below: 100))).map { _ in 32 + UInt8(generator.next(below: 95)) }
      bytes.insert(byte, at: Int(generator.next(below: UInt64(bytes.count + 1))))
      let isTyped = byte == 9 || byte == 10 || 32...126 ~= byte
      let source = try? SourceText(name: "junk", bytes: bytes)
      #expect((source != nil) == isTyped, "\(bytes)")
      guard let source, let remark = try? SourceText(name: "remark", bytes: Array("node add a # ".utf8) + bytes) else {
        continue
      }
      var session = Session { _ in }
      #expect(session.execute(source) != .fault, "\(bytes)")
      guard byte != 10 else { continue }
      session = Session { _ in }
      #expect(session.execute(remark) == .success, "\(bytes)")
      #expect(session.state.world.members.map { session.state.world[$0].name } == ["a"], "\(bytes)")
    }
  }

  // MARK: - Sizes, depths and counts

  /// Scripts that ask for too much get an error or reach a limit at once.
  @Test(arguments: [
    ("run 9223372036854775808ns", "is too large a number"),
    ("run 9223372036854775807ns\nrun 1ns", "that is beyond the end of the clock"),
    ("node add a b; spawn p --count 1000000000", "this is not a number of processes"),
    ("node add a; spawn p --pages 1000000000000", "this is not a number of pages"),
    ("node add a --memory 0B", "the memory of a node cannot be 0 B"),
    ("node add a a", "`a` is named twice"), ("node add a; fail a; fail a", "node `a` is down"),
    ("repeat 1000000000000 { }", "this is not a number of times"),
    ("for i in 0..100000 { }", "this is not a range"),
    ("let low = 0 - 9223372036854775807; define f x { }; f $low..9223372036854775807", "this is not a range"),
    ("let x = [1]; repeat 200 { let x = [$x] }", "this list has lists in lists more than 100 deep"),
    ("let x = [1]; repeat 30 { let x = [$x, $x] }", "this list has more than 100000 elements"),
    (
      "let x = \"12345678\"; repeat 17 { let x = \"$x$x\" }; let y = [$x, $x, $x, $x, $x, $x, $x, $x, $x, $x, $x, $x]\n"
        + "let z = [$y, $y]", "this list has more than 16 MiB of text"
    ),
    ("undo 9223372036854775807", "this is not a number of commands"), ("set log-size 1000000000000", "not a number"),
    (String(repeating: "if true { ", count: 100_000), "nests deeper than 64 levels"),
    ("print " + String(repeating: "(", count: 100_000), "nests deeper than 64 levels"),
  ]) func whatIsTooMuchHasAnErrorOfItsOwn(_ text: String, _ message: String) {
    var output = ""
    var session = Session { output += $0 }
    let status = session.execute(SourceText(name: "much", text: text))
    #expect(status == .refused || status == .usage)
    #expect(output.contains(message), "\(output.prefix(200))")
  }

  @Test(arguments: [
    "repeat 1000 { }", "repeat 1000 { let x = 1 }", "repeat 100 { repeat 10 { } }", "repeat 1000 { if true { } }",
  ]) func everyLoopComesToTheLimitOfCommands(_ text: String) {
    var options = Session.Options()
    options.limits.commands = 500
    var session = Session(options: options) { _ in }
    #expect(session.execute(SourceText(name: "loop", text: text)) == .limit)
  }

  @Test func allVariablesTogetherHaveALimit() {
    var output = ""
    var session = Session { output += $0 }
    let many = (0..<30).map { "let x\($0) = $l" }.joined(separator: "\n")
    let script = "define make r { let l = $r }\nmake 0..99999\n\(many)"
    #expect(session.execute(SourceText(name: "variables", text: script)) == .refused)
    #expect(output.contains("what all variables hold together has more than 2000000 elements"))
  }

  @Test func nearTheEndOfTheClockEverythingStillWorks() {
    var session = Session { _ in }
    session.checkInvariants()
    let script = """
      node add a b
      run 9223372036854775807ns
      spawn p
      spawn q --program echo --on b
      migrate p b --async
      send p q "late"
      fail b
      recover b
      step
      """
    #expect(session.execute(SourceText(name: "end", text: script)) != .fault)
    #expect(session.execute(SourceText(name: "end", text: "run 1ns")) == .refused)
    #expect(session.state.world.now == UInt64.max / 2)
  }
}
