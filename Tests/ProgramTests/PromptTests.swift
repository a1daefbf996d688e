import Glibc
import TestSupport
import Testing

/// The shell at a terminal, as a person uses it.
@Suite struct PromptTests {
  private func shell() throws -> TerminalSession {
    let session = try TerminalSession(builtProgram("migsh"), noColor: true, rows: 40, columns: 100)
    try session.expect("migsh 0 ns> ")
    return session
  }

  @Test func thePromptShowsVirtualTimeAndErrorsLeaveItAlive() throws {
    let session = try shell()
    session.type("node add a b\r")
    try session.expect("added a, b")
    session.type("spwn p1\r")
    try session.expect("did you mean `spawn`?")
    session.type("spawn p1\rrun 5ms\r")
    try session.expect("migsh 5 ms> ")
    session.type("migrate p\tb\r")
    try session.expect("freeze time")
    session.type("\u{4}")
  }

  @Test func abbreviatedFlagsAreForTerminals() throws {
    let session = try shell()
    session.type("node add a --mem 1GiB\r")
    try session.expect("added a: 1 core of speed 1, 1 GiB")
  }

  @Test func controlCStopsWhatRunsAndLeavesAConsistentWorld() throws {
    let session = try shell()
    session.type("node add a b\rspawn p\r")
    try session.expect("created p")
    // A Ctrl-C drops what was typed before the prompt came, as in any shell.
    try session.expect("migsh 0 ns> ")
    session.type("run 100h\r")
    try session.expect("run 100h\r\n")
    session.type("\u{3}")
    try session.expect("interrupted: stopped")
    session.type("migrate p b\rprint p.node\r")
    try session.expect("completed")
    try session.expect("print p.node\r\n")
    try session.expect("b\r\n")
  }

  @Test func whatTakesLongSaysHowFarItIs() throws {
    let session = try shell()
    session.type("node add a b\rspawn p\rrun 100h\r")
    let told = try session.waitForScreen { $0.text.contains(" s left") || $0.text.contains(" min left") }
    #expect(told.text.contains(#/\nrun: .* of 360000 s, [0-9,]+ events a second, about .* left$/#), "\(told.text)")
    session.type("\u{3}")
    // The line is taken back.
    let stopped = try session.waitForScreen {
      $0.text.contains(#/\nmigsh [0-9.]+ [a-z]+> $/#) || $0.text.hasSuffix("s>")
    }
    #expect(!stopped.text.contains("left"), "\(stopped.text)")
    session.type("repeat 100000 { run 1h }\r")
    try session.waitForScreen { $0.text.contains("run: round 1 of 100,000, ") }
    session.type("\u{3}")
    try session.expect("interrupted: stopped")
  }

  @Test(arguments: ["dumb", ""]) func aTerminalThatCannotTakeALineBackIsToldNothing(type: String) throws {
    let session = try TerminalSession(builtProgram("migsh"), terminalType: type, rows: 40, columns: 100)
    try session.expect("migsh 0 ns> ")
    session.type("node add a\rspawn p\rrun 100h\r")
    try session.expect("run 100h")
    usleep(800_000)
    session.type("\u{3}")
    let told = try session.expect("interrupted: stopped")
    #expect(!told.contains("left"), "\(told.debugDescription)")
  }

  /// The map is drawn over itself while time passes; Ctrl-C ends it, and `undo` takes it back as a whole.
  @Test func memoryIsDrawnWhileTimePasses() throws {
    let session = try shell()
    session.type("node add a b\rspawn p --pages 64 --program scan\rmigrate p b --async\r")
    try session.expect("negotiating")
    try session.expect("migsh 0 ns> ")
    session.type("memory p --live --for 40ms\r")
    let end = try session.waitForScreen { $0.text.contains("it is 40 ms") }
    #expect(end.text.contains("40.000 ms, p on b, ") && end.text.ranges(of: "p: 64 pages").count == 1, "\(end.text)")
    session.type("undo\rnow\r")
    try session.waitForScreen { $0.text.contains("0 ns\nmigsh 0 ns>") }
    session.type("memory p --live --for 100s\r")
    try session.waitForScreen { $0.text.contains("20.000 ms, p") }
    session.type("\u{3}")
    try session.expect("it is ")
    session.type("migrate p a\rprint p.node\r")
    try session.expect("completed")
    try session.expect("print p.node\r\n")
    try session.expect("a\r\n")
  }

  /// A map of many pages is no longer than the terminal, and its legend is seen.
  @Test func theLiveMapFitsTheTerminal() throws {
    let session = try TerminalSession(builtProgram("migsh"), noColor: true, rows: 20, columns: 60)
    try session.expect("migsh 0 ns> ")
    session.type("node add a\rspawn p --pages 5000 --program scan\rmemory p --live --for 20ms\r")
    let end = try session.waitForScreen { $0.text.contains("it is 20 ms") }
    #expect(end.text.contains("20.000 ms, p on a") && end.text.contains("written here   o on"), "\(end.text)")
  }

  @Test func aRunWithoutEndStopsAfterAWhile() throws {
    let session = try shell()
    session.type("node add a\rspawn p\rrun\r")
    try session.expect("it is 10 s, and more is to come: `run` goes on")
    session.type("run\r")
    try session.expect("it is 20 s, and more is to come")
    session.type("kill p\rrun\r")
    try session.expect("nothing more can happen")
  }

  @Test func outputGoesToOtherPrograms() throws {
    let session = try shell()
    session.type("node add north south\r")
    try session.expect("added")
    session.type("node list | tr a-z A-Z | grep SOU; echo 'it''s done'\r")
    try session.expect("SOUTH")
    try session.expect("its done\r\n")
    // One that ends before it has read all.
    session.type("for n in 1..300 { node add \"n$n\" }\rnode list | head -1\rps | no-such-program\r")
    try session.expect("NODE ")
    try session.expect("not found")
    session.type("if true { ps | cat }\r")
    try session.expect("`|` cannot stand inside braces")
    session.type("now\r")
    try session.expect("0 ns\r\n")
  }

  @Test func whatIsLongIsShownAPageAtATime() throws {
    let session = try shell()
    session.type("help all\r")
    try session.expect("node add")
    // The pager waits: the end has not been shown yet.
    session.type("q")
    let shown = try session.expect("migsh 0 ns> ")
    #expect(!shown.contains("leave"))
    session.type("set pager off\rhelp all\r")
    try session.expect("leave")
    session.type("now\r")
    try session.expect("0 ns\r\n")
  }

  /// With `--plain` what a screen reader would read stands on the screen, and nothing else: no suggestion, no colour, no pager.
  @Test func withAScreenReaderOnlyWhatIsTypedIsShown() throws {
    for (arguments, variables) in [(["--plain"], []), ([], ["MIGSH_PLAIN=1"])] as [([String], [String])] {
      let session = try TerminalSession(
        builtProgram("migsh"), arguments, variables: variables, rows: 10, columns: 100)
      var output = try session.expect("migsh 0 ns> ")
      session.type("node add a b\r")
      output += try session.expect("migsh 0 ns> ")
      session.type("node a")
      try session.waitForScreen { $0.text.hasSuffix("migsh 0 ns> node a") }
      session.type("\u{15}help all\r")
      output += try session.expect("Topics: ")
      output += try session.expect("migsh 0 ns> ")
      #expect(output.contains("leave the lesson"))
      #expect(!output.contains(#/\u{1B}\[[0-9;]*m/#), "\(output.debugDescription)")
      session.type("spawn p1\rmemory p1 --live\r")
      try session.expect("with `set plain on` nothing is drawn")
      session.type("set plain off\rtimeline\r")
      try session.expect("timeline from 0 ns to ")
    }
  }

  /// What is typed too early goes to the pager: it must write no file.
  @Test func thePagerSaysWhichKeysGoOnAndWritesNoFile() throws {
    let session = try TerminalSession(builtProgram("migsh"), noColor: true, rows: 20, columns: 100)
    try session.expect("migsh 0 ns> ")
    session.type("help all\r")
    try session.expect("Space shows more, q ends")
    session.type("snever\r")
    try session.expect("not available")
    session.type("\rq")
    try session.expect("migsh 0 ns> ")
  }

  /// A folder may be read-only, full or missing. A file in its place serves as well for this test.
  @Test(arguments: ["/dev/null", "/proc/self", ""])
  func withoutAHomeTheShellSaysSoOnceAndWorks(_ stateHome: String) throws {
    let session = try TerminalSession(
      builtProgram("migsh"), noColor: true, stateHome: stateHome, rows: 40, columns: 100)
    let greeting = try session.expect("migsh 0 ns> ")
    #expect(greeting.contains("remembered only until this shell ends"))
    session.type("node add a\rnow\r")
    let rest = try session.expect("l0 ns\r\n")
    #expect(rest.contains("added a"))
    #expect(!rest.contains("remembered only"))
  }

  @Test func aCommandMayTakeSeveralLines() throws {
    let session = try shell()
    session.type("repeat 2 {\r")
    try session.expect("…> ")
    session.type("say \"twice\"\r}\r")
    try session.expect("twice\r\ntwice\r\n")
    session.type("repeat 2 {\r")
    try session.expect("…> ")
    session.type("\u{3}")
    try session.expect("migsh 0 ns> ")
    session.type("now\r")
    try session.expect("0 ns")
  }

  private func coloredShell(rows: UInt16 = 40, stateHome: String? = nil) throws -> TerminalSession {
    let session = try TerminalSession(builtProgram("migsh"), stateHome: stateHome, rows: rows, columns: 100)
    try session.waitForScreen { $0.text.hasSuffix("migsh 0 ns>") }
    return session
  }

  @Test func whatIsTypedIsColoured() throws {
    let session = try coloredShell()
    session.type("repeat 3 { say \"$(now)\" }  # now")
    try session.waitForScreen {
      $0.look(of: "repeat") == "1" && $0.look(of: "3") == "35" && $0.look(of: "say") == "1" && $0.look(of: "\"") == "32"
        && $0.look(of: "$") == "33" && $0.look(of: "# now") == "90"
    }
    session.type("\u{15}nothing like that")
    try session.waitForScreen { $0.look(of: "nothing") == "31" }
  }

  @Test func aBlockIsIndentedColouredAndSuggestedAgain() throws {
    let session = try coloredShell()
    session.type("if 1 == 2 {\r")
    try session.waitForScreen { $0.text.hasSuffix("\n         …>") && $0.column == 14 }
    session.type("say \"never\"\r")
    // The text of the earlier line says that this is a command.
    try session.waitForScreen { $0.look(of: "say") == "1" && $0.text.hasSuffix("\n         …>") && $0.column == 14 }
    session.type("} else { no")
    try session.waitForScreen { $0.text.contains("\n         …> } else { no") && $0.look(of: "else") == "1" }
    session.type("w }\r")
    try session.waitForScreen { $0.text.hasSuffix("0 ns\nmigsh 0 ns>") }
    session.type("if")
    let screen = try session.waitForScreen { $0.text.hasSuffix("migsh 0 ns> if 1 == 2 {…") }
    #expect(screen.look(of: "1 == 2 {…") == "2")
    session.type("\u{1B}[C")
    try session.waitForScreen { $0.text.hasSuffix("migsh 0 ns> if 1 == 2 {\n  say \"never\"\n} else { now }") }
    session.type("\r")
    try session.waitForScreen { $0.text.hasSuffix("} else { now }\n0 ns\nmigsh 0 ns>") }
  }

  @Test func tabSaysWhatCandidatesAre() throws {
    let session = try coloredShell()
    for (command, answer) in [("node add a b", "each"), ("spawn p1", "pages")] {
      session.type(command + "\r")
      try session.waitForScreen { $0.text.hasSuffix(answer + "\nmigsh 0 ns>") }
    }
    session.type("migrate \t")
    try session.waitForScreen {
      $0.text.contains(
        "\ncancel  call off the migration of a process\np1      process, running on a\nmigsh 0 ns> migrate")
    }
    session.type("p\t\t")
    try session.waitForScreen { $0.text.hasSuffix("a  node, up\nb  node, up\nmigsh 0 ns> migrate p1") }
    session.type("b --pret\t")
    try session.waitForScreen { $0.text.hasSuffix("migrate p1 b --pretransfer") }
  }

  @Test(arguments: [6, 10, 24] as [UInt16]) func aListLeavesTheLineOnTheScreen(rows: UInt16) throws {
    let session = try coloredShell(rows: rows)
    session.type("\t")
    let screen = try session.waitForScreen {
      $0.text.hasSuffix(" more)\nmigsh 0 ns>") || $0.text.hasSuffix("wait\nmigsh 0 ns>")
    }
    // What was there before is still there, or has been pushed up by no more than the list.
    #expect(screen.text.split(separator: "\n").count <= Int(rows))
    session.type("now\r")
    try session.waitForScreen { $0.text.hasSuffix("migsh 0 ns> now\n0 ns\nmigsh 0 ns>") }
  }

  @Test func aTerminalThatIsClosedEndsTheShellInMidCommand() throws {
    let session = try coloredShell()
    session.type("node add a b\rspawn p\rrun 100s\r")
    try session.expect("run 100s")
    #expect(session.hangUp())
  }
}
