import CommandLanguage
import MigrationKernel
import Simulator
import Testing

@testable import Shell

/// `undo`, `restore` and `save`.
@Suite struct GoingBackTests {
  private func output(of script: String, in session: inout Session) -> String {
    var output = ""
    session.write = { output += $0 }
    _ = session.execute(SourceText(name: "test", text: script))
    session.write = { _ in }
    return output
  }

  @Test func manyWaysCanBeTriedFromOneCheckpoint() {
    var session = Session { _ in }
    let script = """
      node add a b
      spawn p
      run 5ms
      define way rate { restore here; migrate p b --bandwidth $rate --cap-stop; let times = $times + [p.migration.freezeTime] }
      checkpoint here
      let best = 1s
      let ways = 0
      for rate in 10Mbps 20Mbps 40Mbps {
        restore here
        migrate p b --bandwidth $rate --cap-stop
        let ways = $ways + 1
        if p.migration.freezeTime < $best { let best = p.migration.freezeTime; let with = $rate }
      }
      """
    #expect(session.execute(SourceText(name: "ways", text: script)) == .success)
    #expect(output(of: "print $ways; print $with; print $rate", in: &session) == "3\n40 Mbps\n40 Mbps\n")
    #expect(session.execute(SourceText(name: "ways", text: "restore here\nexpect p.node == a")) == .success)
  }

  @Test func onlyTheUndoOfALetTouchesAVariable() {
    var session = Session { _ in }
    _ = output(of: "let x = 1\nlet x = 2\nnode add a", in: &session)
    _ = output(of: "for i in 1 2 { let x = $x + $i; spawn \"p$i\" }", in: &session)
    #expect(output(of: "undo; print $x; print $i", in: &session).hasSuffix("\n5\n2\n"))
    #expect(output(of: "undo", in: &session) == "took back `node add a`: it is 0 ns again\n  a: not added yet\n")
    #expect(output(of: "undo; print $x", in: &session) == "took back `let x = 2`: it is 0 ns again\n1\n")
    #expect(output(of: "redo; print $x", in: &session) == "did `let x = 2` again: it is 0 ns\n5\n")
    #expect(output(of: "redo", in: &session) == "did `node add a` again: it is 0 ns\n  a: added, up\n")
  }

  @Test func aStatementThatIsRefusedTakesEverythingBackAndSaysSo() {
    var session = Session { _ in }
    _ = output(of: "node add a\nspawn p\ncheckpoint c", in: &session)
    let before = output(of: "ps; checkpoint list", in: &session)
    let message = "what the statement had done before this is taken back"
    for script in [
      "if true { checkpoint d; spawn q; fail zz }", "repeat 2 { undo; fail zz }", "define f { kill p; fail zz }\nf",
    ] {
      #expect(output(of: script, in: &session).contains(message), "\(script)")
      #expect(output(of: "ps; checkpoint list", in: &session) == before, "\(script)")
    }
    #expect(!output(of: "fail zz", in: &session).contains(message))
    #expect(!output(of: "if true { ps; fail zz }", in: &session).contains(message))
  }

  // MARK: - Saving

  /// Entries as they are typed, some of which are refused, and what the saved script holds of them.
  @Test(arguments: [
    ("node add a\nundo\nnode add b", ["node add b"]),
    ("checkpoint c\nnode add a\nlet x = 3ms\nrestore c\nspawn p", ["checkpoint c", "let x = 3ms"]),
    (
      "node add a b\nspawn p\nif true { migrate p b; expect false }",
      ["node add a b", "spawn p", "migrate p b"]
    ),
    ("node add a\nspawn p\nfor i in 1 2 { run 1ms; undo }", ["let i = 2"]),
    ("node add a\nrepeat 2 { run 1ms }\nquit", ["node add a", "repeat 2 { run 1ms }"]),
    (
      "node add a\ndefine f n { run $n; expect false }\nf 5ms",
      ["node add a", "define f n { run $n; expect false }", "let n = 5ms", "run $n"]
    ),
  ]) func holdsWhatLeadsToTheState(_ typed: String, _ lines: [String]) {
    var session = Session(seed: 7) { _ in }
    for entry in typed.split(separator: "\n") {
      _ = session.execute(SourceText(name: "typed", text: String(entry)))
    }
    #expect(session.savedLines == ["set seed 7"] + lines)
  }

  @Test func aStoppedCommandIsSavedWithTheTimeThatPassed() {
    var session = Session { _ in }
    session.keepDigest()
    var polls = 0
    session.isInterrupted = {
      polls += 1
      return polls > 4
    }
    let script = "node add a b\nspawn p --program hot\nlink set a b --latency 100ms\nmigrate p b"
    #expect(session.execute(SourceText(name: "typed", text: script)) == .interrupted)
    session.isInterrupted = { false }
    let lines = session.savedLines
    #expect(lines.count == 6 && lines[4] == "migrate p b --async" && lines[5].hasPrefix("run "))
    var other = Session { _ in }
    other.keepDigest()
    #expect(other.execute(SourceText(name: "saved", text: lines.joined(separator: "\n"))) == .success)
    #expect(other.state.world.digest == session.state.world.digest)
    #expect(other.state.world.now == session.state.world.now)
  }

  // MARK: - Copies

  /// However short the runs are of which a statement consists, copies are kept on the way.
  @Test func manyShortRunsKeepCopiesToo() throws {
    var session = Session { _ in }
    session.options.isInteractive = true
    session.copyDistance = .zero
    let script = "node add a\nspawn p\nrepeat 100 { run 1ms }"
    #expect(session.execute(SourceText(name: "typed", text: script)) == .success)
    let step = try #require(session.past.done.last)
    let end = session.state.world.now
    #expect(step.copies.count > 3)
    #expect(step.copies.allSatisfy { $0.exactFrom <= end && $0.world.now > step.state.world.now })
    let last = try #require(step.copies.last)
    #expect(end - last.world.now < (end - step.state.world.now) / 4)
  }

  // MARK: - Depth

  /// Commands of one's own in blocks in commands of one's own, however deep, end with an error.
  @Test(arguments: [1, 2, 12, 50]) func nestingOfEveryKindHasAnEnd(_ blocks: Int) {
    let open = String(repeating: "if true { repeat 1 { ", count: blocks / 2) + (blocks % 2 > 0 ? "for i in 1 { " : "")
    let close = String(repeating: "} ", count: blocks)
    var session = Session { _ in }
    let script = "node add a\ndefine f { now }\ndefine f { \(open)f \(close)}\n"
    #expect(session.execute(SourceText(name: "deep", text: script)) == .success)
    #expect(output(of: "f", in: &session).contains("deep:3:"))
    #expect(output(of: "expect error \"deeper than 128 levels\" { f }; now", in: &session) == "0 ns\n")
  }
}
