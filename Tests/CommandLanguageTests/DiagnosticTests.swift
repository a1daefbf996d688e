import Testing

@testable import CommandLanguage

@Suite struct ClosestTests {
  @Test(arguments: [
    ("lst", "list"), ("migrat", "migrate"), ("mirgate", "migrate"), ("SPAWN", "spawn"), ("chekpont", "checkpoint"),
  ])
  func findsWhatWasMeant(typed: String, meant: String) {
    #expect(closest(to: typed, among: ["spawn", "list", "migrate", "checkpoint", "run"]) == meant)
  }

  @Test func staysSilentWhenNothingIsClose() {
    #expect(closest(to: "banana", among: ["spawn", "list", "migrate"]) == nil)
    #expect(closest(to: "", among: ["a", ""]) == nil)
    #expect(closest(to: "x", among: ["y"]) == nil)
    #expect(closest(to: "ab", among: []) == nil)
    #expect(closest(to: String(repeating: "a", count: 1_000_000), among: ["a"]) == nil)
  }

  @Test func takesTheFirstOfEqualsInAnyOrder() {
    #expect(closest(to: "stat", among: ["stats", "start"]) == "start")
    #expect(closest(to: "stat", among: ["start", "stats"]) == "start")
  }

  @Test func countsAnExchangeAsOneMistake() {
    #expect(closest(to: "rnu", among: ["run"]) == "run")
    #expect(closest(to: "unr", among: ["run"]) == nil)
  }
}

@Suite struct RenderingTests {
  private func check(_ text: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(mistake(text)?.rendered() == expected, sourceLocation: sourceLocation)
  }

  @Test func unknownCommands() {
    check(
      "migrat p1 b",
      """
      test.migsh:1:1: error: there is no command `migrat`
        migrat p1 b
        ^~~~~~
        expected a command; `help` lists them
        did you mean `migrate`?
      """)
    check(
      "node lst",
      """
      test.migsh:1:6: error: `node` has no `lst`
        node lst
             ^~~
        expected `node add`, `node list` or `node show`
        did you mean `node list`?
      """)
    check(
      "node",
      """
      test.migsh:1:1: error: `node` is not a whole command
        node
        ^~~~
        expected `node add`, `node list` or `node show`
      """)
  }

  @Test func wrongUnits() {
    check(
      "migrate p1 b --downtime 5KiB",
      """
      test.migsh:1:25: error: `--downtime` takes a time, and `5KiB` is a size
        migrate p1 b --downtime 5KiB
                                ^~~~
        expected a time such as 10ms
      """)
    check(
      "run 5",
      """
      test.migsh:1:5: error: `DURATION` takes a time, and `5` has no unit
        run 5
            ^
        expected a time such as 10ms
      """)
    check(
      "run 5KB",
      """
      test.migsh:1:6: error: `KB` is no unit
        run 5KB
             ^~
        expected ns, us, ms, s, min, h; B, KiB, MiB, GiB, kB, MB, GB; bps, kbps, Mbps, Gbps; or %
        did you mean `kB`?
      """)
  }

  @Test func flags() {
    check(
      "spawn p1 --pagse 3",
      """
      test.migsh:1:10: error: `spawn` has no flag `--pagse`
        spawn p1 --pagse 3
                 ^~~~~~~
        expected `spawn NAME [--on NODE] [--pages N] [--program P] [--parent P] [--set key=value]... [--hold]`
        did you mean `--pages`?
      """)
    check(
      "migrate p1 --flush --pretransfer",
      """
      test.migsh:1:20: error: `--pretransfer` cannot stand beside `--flush`
        migrate p1 --flush --pretransfer
                           ^~~~~~~~~~~~~
        leave one of them out
      """)
    check(
      "spawn p1 --on",
      """
      test.migsh:1:10: error: `--on` needs a value
        spawn p1 --on
                 ^~~~
        expected a node's name such as a
        as in --on NODE
      """)
  }

  @Test func missingAndSurplusArguments() {
    check(
      "poke p1 3   # nothing more",
      """
      test.migsh:1:10: error: `poke` needs a text in quotes for `text`
        poke p1 3   # nothing more
                 ^
        expected `poke P PAGE "text"`
      """)
    check(
      "run 5ms 6ms",
      """
      test.migsh:1:9: error: `6ms` is one argument too many for `run`
        run 5ms 6ms
                ^~~
        expected `run [DURATION]`
      """)
  }

  @Test func expressionsAndBlocks() {
    check(
      "\tlet x = a -b",
      """
      test.migsh:1:12: error: binary `-` needs a space on both sides
        \tlet x = a -b
        \t          ^
        expected a - b
        without spaces `a-b` is one name, and `-b` is b with its sign changed
      """)
    check(
      "if x {\n  run\n",
      """
      test.migsh:1:6: error: this `{` is never closed
        if x {
             ^
        expected a closing }
      """)
    check(
      "say 'one\ntwo",
      """
      test.migsh:1:5: error: the text that begins here never ends
        say 'one
            ^
        expected a closing '
      """)
  }

  @Test func programs() {
    check(
      "program p {\n  wirte 3\n}",
      """
      test.migsh:2:3: error: no step is called `wirte`
          wirte 3
          ^~~~~
        expected compute, read, write, send, receive, reply, print, sleep, repeat, fork, thread, lock, barrier, join, read-file, write-file or exit
        did you mean `write`?
      """)
  }

  @Test func cutsWideLinesAroundTheCaret() throws {
    let text = "print " + String(repeating: "a + ", count: 60) + "* " + String(repeating: "+ b", count: 60)
    let lines = try #require(mistake(text)?.rendered()).split(separator: "\n")
    #expect(lines[1].hasPrefix("  …"))
    #expect(lines[1].hasSuffix("…"))
    #expect(lines[1].count == 104)
    #expect(lines[1].dropFirst(lines[2].count - 1).first == "*")
  }

  @Test func showsNoControlCharacters() {
    let diagnostic = Diagnostic(
      place: SourcePlace(file: "a", line: 1, column: 2), sourceLine: "x\u{1B}[2J", message: "no \u{7}")
    #expect(diagnostic.rendered() == "a:1:2: error: no \u{FFFD}\n  x\u{FFFD}[2J\n   ^")
  }
}
