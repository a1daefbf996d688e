import CommandLanguage
import TestSupport
import Testing

@testable import Shell

@Suite struct SessionTests {
  @Test(arguments: [
    ("node add a", ScriptStatus.success), ("expect 1 == 2", .failed), ("nod add", .usage), ("fail a", .refused),
    ("node add a\nspawn p\nrun", .limit), ("node add a\nspawn p --program idle\nwait p", .limit),
    ("quit\nfail a", .success),
  ]) func endsWithItsStatus(_ script: String, _ status: ScriptStatus) {
    var options = Session.Options()
    options.limits.patience = 1_000_000_000
    #expect(Recorder(options).execute(script) == status)
  }

  @Test func aScriptThatCannotBeUnderstoodDoesNothing() {
    let recorder = Recorder()
    #expect(recorder.execute("node add a\nnod add b") == .usage)
    #expect(recorder.session.state.world.node(named: "a") == nil)
  }

  @Test func aScriptStopsAtItsFirstErrorUnlessToldOtherwise() {
    let strict = Recorder()
    #expect(strict.execute("fail x\nnode add a") == .refused)
    #expect(strict.session.state.world.node(named: "a") == nil)
    var options = Session.Options()
    options.keepsGoing = true
    let lenient = Recorder(options)
    #expect(lenient.execute("fail x\nexpect 1 == 2\nnode add a") == .refused)
    #expect(lenient.session.state.world.node(named: "a") != nil)
  }

  @Test func aCommandThatFailsChangesNothing() throws {
    let recorder = Recorder()
    recorder.execute("node add a b\nspawn p\nrun 5ms\nset detection-timeout 2s")
    let before = recorder.output(of: "node list; ps; stats; set; log; now")
    for bad in [
      "node add c a", "fail b z", "spawn q --count 3 --pages 999999", "run until p.nod == 3", "define x { nod }",
      "send p q \"x\"", "migrate p z", "source /nonexistent", "define twice { fail b; fail b }; twice",
    ] {
      #expect(recorder.execute(bad) != .success, "\(bad)")
      #expect(recorder.output(of: "node list; ps; stats; set; log; now") == before, "\(bad)")
    }
  }

  @Test func undoGoesBackAndRedoForth() {
    let recorder = Recorder()
    recorder.execute("node add a b\nspawn p")
    recorder.execute("migrate p b")
    recorder.execute("let x = 3\ndefine mine { now }")
    let after = recorder.output(of: "ps; migration list; now")
    #expect(recorder.execute("undo 3") == .success)
    #expect(recorder.output(of: "print p.node") == "a\n")
    #expect(recorder.execute("print $x") == .refused)
    #expect(recorder.execute("mine") == .usage)
    #expect(recorder.execute("redo; redo; redo") == .success)
    #expect(recorder.output(of: "ps; migration list; now") == after)
    #expect(recorder.execute("mine") == .success)
    #expect(recorder.execute("redo") == .refused)
    #expect(recorder.execute("undo 101") == .refused)
  }

  @Test func anInterruptedRunLeavesAConsistentWorld() {
    let recorder = Recorder()
    recorder.session.checkInvariants()
    recorder.execute("node add a b\nspawn p --program hot\nspawn q --on b --program pinger --set peer=p")
    var polls = 0
    recorder.session.isInterrupted = {
      polls += 1
      return polls > 3
    }
    #expect(recorder.execute("run 3000s\nsay \"never\"") == .interrupted)
    #expect(recorder.output.contains("interrupted: stopped at"))
    #expect(!recorder.output.contains("never"))
    recorder.session.isInterrupted = { false }
    #expect(recorder.execute("migrate p b\nexpect p.node == b\nrun 10ms\nundo") == .success)
  }

  @Test func loopsStopOnInterrupt() {
    let recorder = Recorder()
    var polls = 0
    recorder.session.isInterrupted = {
      polls += 1
      return polls > 10
    }
    #expect(recorder.execute("repeat 1000000000 { }") == .interrupted)
  }

  @Test(arguments: ["predict p b --pretransfer", "compare transfer p b --for 3000s"])
  func whatIsTriedOnCopiesStopsOnInterrupt(_ command: String) {
    let recorder = Recorder()
    recorder.execute("node add a b\nnetwork set --bandwidth 10kbps\nspawn p --program scan")
    var polls = 0
    recorder.session.isInterrupted = {
      polls += 1
      return polls > 3
    }
    #expect(recorder.execute(command) == .interrupted)
    recorder.session.isInterrupted = { false }
    #expect(recorder.output(of: "now; migration list") == "0 ns\nnothing has been migrated yet\n")
  }

  @Test func limitsHold() {
    var options = Session.Options()
    options.limits.commands = 10
    #expect(Recorder(options).execute("repeat 20 { now }") == .limit)
    options = Session.Options()
    options.limits.events = 1000
    #expect(Recorder(options).execute("node add a\nspawn p\nrun 100s") == .limit)
    #expect(Recorder(options).execute("node add a\nspawn p --program idle\nrun 1s\nnow") == .success)
    options = Session.Options()
    options.limits.nodes = 2
    options.limits.processes = 3
    #expect(Recorder(options).execute("node add a b c") == .limit)
    #expect(Recorder(options).execute("node add a\nspawn p --count 3\nspawn q") == .limit)
    #expect(Recorder(options).execute("define f { g }") == .usage)
    #expect(Recorder().execute("define f { now }\ndefine g { f }\ndefine f { g }\nf") == .refused)
  }

  /// Flags may be abbreviated at a terminal, but not in a file.
  @Test func whatIsSavedCanBeRead() {
    var options = Session.Options()
    options.isInteractive = true
    let recorder = Recorder(options)
    let typed = [
      "node add a b --mem=1MiB --sp 2", "repeat 1 { spawn p --th 2 --prog idle }", "if true { node set a --sp 3 }",
      "define more x { spawn $x --page 3 }", "say \"--prog\"",
    ]
    #expect(recorder.execute(typed.joined(separator: "\n")) == .success)
    let saved = recorder.session.savedLines
    #expect(saved.dropFirst().first == "node add a b --memory=1MiB --speed 2")
    #expect(saved.last == "say \"--prog\"")
    #expect(
      saved.contains("if true { node set a --speed 3 }") && saved.contains("define more x { spawn $x --pages 3 }"))
    #expect(Recorder().execute(saved.joined(separator: "\n")) == .success)
  }

  /// The events of every experiment on copies of the world count.
  @Test(arguments: [
    "predict p b --pretransfer", "compare transfer p b", "compare forwarding a b c --for 9s", "why p",
  ])
  func whatIsTriedOnCopiesIsLimited(_ command: String) {
    let setup = "node add a b c\nspawn p --program zipf\nspawn q --on b --program pinger --set peer=p\nrun 5ms\n"
    let free = Recorder()
    #expect(free.execute(setup + command) == .success)
    var options = Session.Options()
    options.limits.events = free.session.work.events + 1
    #expect(free.session.work.events > 1)
    #expect(Recorder(options).execute(setup + command) == .success)
    #expect(Recorder(options).execute(setup + command + "\n" + command) == .limit)
    #expect(Recorder(options).execute(setup + command + "\nrun 10s") == .limit)
  }

  @Test func filesCanBeShutOut() {
    var options = Session.Options()
    options.files = .none
    #expect(Recorder(options).execute("source x.migsh") == .refused)
    #expect(Recorder(options).execute("save x.migsh") == .refused)
    options.files = .readBelow("/tmp")
    #expect(Recorder(options).execute("source \"../etc/passwd\"") == .refused)
    #expect(Recorder(options).execute("source \"/etc/passwd\"") == .refused)
  }

  @Test func theSameScriptGivesTheSameEvents() {
    let script = """
      node add a b c
      spawn p --program random
      spawn q --on b --program pinger --set peer=p
      run 300ms
      migrate p c
      fail b
      run 3s
      """
    func digest() -> UInt64 {
      let recorder = Recorder()
      recorder.session.checkInvariants()
      #expect(recorder.execute(script) == .success)
      return recorder.session.state.world.digest
    }
    #expect(digest() == digest())
  }

  @Test func runningInPiecesIsRunningInOneGo() {
    func digest(_ run: String) -> String {
      let recorder = Recorder()
      recorder.execute("node add a b --cores 2\nspawn p --program zipf --count 3\nspawn e --on b --program echo")
      recorder.execute("spawn q --program pinger --set peer=e\n\(run)")
      return recorder.output(of: "print p1.digest; print p2.digest; print p3.digest; message list; ps; now")
    }
    let whole = digest("run 500ms")
    #expect(digest("repeat 500 { run 1ms }") == whole)
    #expect(digest("run until now >= 333ms; run $(500ms - now)") == whole)
    #expect(digest("run 77ms; undo; step 5; run $(500ms - now)") == whole)
  }

  @Test func jsonIsOneObjectACommand() {
    var options = Session.Options()
    options.format = .json
    let recorder = Recorder(options)
    recorder.execute("node add a\nlet x = 3ms\nexpect $x == 3ms\nprint $x\nsay \"a\\nb\"\nfail b")
    let lines = recorder.output.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,\"place\":\"test:") && $0.hasSuffix("}") })
    #expect(lines[3].contains("\"value\":3000000"))
    #expect(lines[5].contains("\"ok\":false"))
  }
}
