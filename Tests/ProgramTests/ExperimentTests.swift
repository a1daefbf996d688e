import TestSupport
import Testing

/// `migsh experiment` and `migsh merge`, from outside.
@Suite struct ExperimentTests {
  private static let program = ProgramTests.program

  /// A folder with scripts, in which programs run.
  private final class Bench {
    let directory = TemporaryDirectory()

    init() {
      let measured = """
        let pages = 4
        let mechanism = "origin"
        node add a b
        network set --jitter 300us
        set forwarding $mechanism
        spawn p --pages $pages --program random
        run 20ms
        migrate p b
        let frozen = p.migration.freezeTime
        expect $pages < 50
        """
      directory.write(Array(measured.utf8), to: "move.migsh")
      // Each round takes some hundredths of a second.
      let slow = "let rounds = 1\nnode add a\nspawn p\nrepeat $rounds { run 60s }\nlet end = now\n"
      directory.write(Array(slow.utf8), to: "slow.migsh")
    }

    /// Runs shell commands, in which `migsh` is the program.
    func shell(_ commands: String) throws -> Outcome {
      try run(
        "/bin/sh",
        ["-c", "PATH=/usr/bin:/bin; cd \(directory.path); migsh() { \(ExperimentTests.program) \"$@\"; }; \(commands)"])
    }

    func file(_ name: String) -> String { String(decoding: contents(of: "\(directory.path)/\(name)"), as: UTF8.self) }
  }

  private static let move =
    "migsh experiment move.migsh --vary pages=4,60 --vary mechanism=origin,link-update --seeds 3"

  @Test func theFileIsTheSameForAnyNumberOfJobsAndShards() throws {
    let bench = Bench()
    let whole = try bench.shell("\(Self.move) --csv whole.csv")
    #expect(whole.status == 1)
    #expect(whole.output.hasPrefix("PAGES  MECHANISM    RUNS  FAILED"))
    #expect(whole.error.hasPrefix("pages=60 mechanism=origin seed=1: move.migsh:10:8: failed: this does not hold"))
    #expect(whole.error.hasSuffix("… and 3 more runs like these\n"))
    let text = bench.file("whole.csv")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 14)
    #expect(lines[1] == "pages,mechanism,seed,status,failed,now,frozen")
    #expect(lines[2].hasPrefix("4,origin,1,0,0,"))
    #expect(lines[13].hasPrefix("60,link-update,3,1,1,"))
    #expect(Set(lines[2...4].map { $0.split(separator: ",")[6] }).count == 3, "seeds make no difference")
    for jobs in 1...3 { #expect(try bench.shell("\(Self.move) --jobs \(jobs)").output == text) }
    #expect(try bench.shell("for i in 1 2 3 4 5; do \(Self.move) --shard $i/5 --csv s.$i.csv; done").status == 1)
    #expect(bench.file("s.2.csv").hasPrefix("# migsh experiment 1; fingerprint "))
    #expect(try bench.shell("migsh merge s.*.csv").output == text)
    #expect(
      try bench.shell("migsh merge s.5.csv s.1.csv s.4.csv s.2.csv s.3.csv --output m.csv && cmp m.csv whole.csv")
        .status == 0)
    #expect(try bench.shell("ls").output.contains(".part") == false)
    let incomplete = try bench.shell("migsh merge s.1.csv s.3.csv s.4.csv s.5.csv --output m.csv")
    #expect(incomplete.status == 2)
    #expect(incomplete.error.hasPrefix("migsh: shard 2 of 5 is missing"))
    #expect(
      try bench.shell("migsh merge s.1.csv move.migsh").error.contains("move.migsh does not say in its first line"))
    let kind = try bench.shell("echo '# migsh sweep 1; x' > g; migsh merge g s.1.csv")
    #expect(kind.status == 2)
    #expect(
      kind.error
        == "migsh: g is of a kind that cannot be merged: sweep\n  what can be merged: shards of `migsh experiment` and `migsh grade`\n"
    )
  }

  static let endings: [(String, Int32, String)] = [
    ("move.migsh --vary pages=4", 0, ""), ("move.migsh", 0, ""), ("move.migsh --vary pages=60", 1, "pages=60 seed=1: "),
    ("move.migsh --vary mechanism=orign", 3, "did you mean `origin`?"),
    ("move.migsh --vary pages=0,60", 3, "pages=0 seed=1: "), ("move.migsh --vary page=1", 2, "--vary pages=…"),
    ("none.migsh", 2, "none.migsh: no such file"), ("move.migsh --vary pages", 2, "says no values"),
    ("move.migsh --seeds 0", 2, "--seeds"), ("move.migsh --shard 3/2", 2, "--shard"), ("", 2, ""),
    ("move.migsh --csv /no/such/folder/x.csv", 4, "/no/such/folder/x.csv.part: no such file"),
    ("move.migsh --csv .", 3, ". is a folder"), ("move.migsh --csv /dev/full", 4, "no space left"),
    ("move.migsh > /dev/full", 4, "no space left"),
  ]

  @Test(arguments: endings)
  func theExitStatusIsThatOfTheWorstRun(_ arguments: String, _ status: Int32, _ message: String) throws {
    let outcome = try Bench().shell("migsh experiment \(arguments)")
    #expect(outcome.status == status)
    #expect(
      message.isEmpty ? outcome.error.isEmpty || status != 0 : outcome.error.contains(message), "\(outcome.error)")
  }

  private static let slow = "\(program) experiment slow.migsh --vary rounds=3,4 --seeds 4 --jobs 2 --csv out.csv"

  /// Starts an experiment, and sends it a signal once two runs are done.
  private func stop(_ bench: Bench, _ signal: String) throws -> Outcome {
    try bench.shell(
      "\(Self.slow) & p=$!; until [ \"$(cat out.csv.part 2>/dev/null | wc -l)\" -ge 3 ]; do sleep 0.02; done; "
        + "kill -\(signal) $p; wait $p")
  }

  @Test(arguments: ["INT", "KILL", "TERM"]) func whatIsFinishedStays(_ signal: String) throws {
    let bench = Bench()
    let stopped = try stop(bench, signal)
    if signal == "INT" {
      #expect(stopped.status == 130)
      #expect(stopped.error.contains("of 8 runs are done; they are in out.csv.part, and the same command goes on"))
    }
    #expect(try bench.shell("ls").output == "move.migsh\nout.csv.part\nslow.migsh\n")
    // A sign on a row shows that its run is not repeated; half a line is dropped.
    #expect(
      try bench.shell("sed -i '2s/\\t[0-9]*000\\t/\\t77\\t/' out.csv.part; printf '5\\t0\\t0' >> out.csv.part").status
        == 0)
    let refused = try bench.shell("\(Self.slow) --keep-going")
    #expect(refused.status == 3)
    #expect(refused.error.contains("--restart begins anew"))
    let resumed = try bench.shell(Self.slow)
    #expect(resumed.status == 0)
    let rows = bench.file("out.csv").split(separator: "\n").dropFirst(2)
    #expect(
      rows.map { $0.split(separator: ",").prefix(2).joined(separator: ",") }
        == ["3", "4"].flatMap { n in (1...4).map { "\(n),\($0)" } })
    #expect(rows.count { $0.contains(",0,0,77,") } == 1)
    #expect(rows.allSatisfy { $0.hasSuffix($0.hasPrefix("3") ? ",180000000000" : ",240000000000") })
    #expect(try bench.shell("ls").output == "move.migsh\nout.csv\nslow.migsh\n")
    let again = try bench.shell(Self.slow)
    #expect(again.error == "out.csv has all 8 runs already; --restart runs them again\n")
    #expect(again.status == 0)
    #expect(try bench.shell("\(Self.slow) --restart").status == 0)
    #expect(!bench.file("out.csv").contains(",77,"))
  }

  @Test func aFileOfSomethingElseIsNotReplaced() throws {
    let bench = Bench()
    let refused = try bench.shell("echo mine > whole.csv; \(Self.move) --csv whole.csv")
    #expect(refused.status == 3)
    #expect(refused.error.contains("--restart replaces it"))
    #expect(bench.file("whole.csv") == "mine\n")
    #expect(try bench.shell("\(Self.move) --csv whole.csv --restart").status == 1)
    #expect(try bench.shell("echo '# more' >> move.migsh; \(Self.move) --csv whole.csv").status == 3)
    #expect(try bench.shell("\(Self.move) --csv /dev/null").status == 1)
  }

  @Test func twoExperimentsDoNotWriteOneFile() throws {
    let bench = Bench()
    let outcome = try bench.shell(
      "\(Self.slow) > first & p=$!; until [ -s out.csv.part ]; do sleep 0.02; done; \(Self.slow); s=$?; wait $p; exit $s"
    )
    #expect(outcome.status == 3)
    #expect(outcome.error.contains("another migsh runs an experiment that writes out.csv"))
    #expect(bench.file("first").hasPrefix("ROUNDS"))
  }

  /// A limit on core time kills the worker with the long run. The others go on.
  @Test func aRunThatCrashesIsOneRow() throws {
    let bench = Bench()
    let outcome = try bench.shell("ulimit -t 1; migsh experiment slow.migsh --vary rounds=1,1000000,2 --csv out.csv")
    #expect(outcome.status == 4)
    #expect(outcome.error == "rounds=1000000 seed=1: migsh crashed\n")
    #expect(
      bench.file("out.csv").split(separator: "\n").dropFirst(2) == [
        "1,1,0,0,60000000000,60000000000", "1000000,1,4,,,", "2,1,0,0,120000000000,120000000000",
      ])
  }

  @Test func aScriptThatChangesMeanwhileStopsTheExperiment() throws {
    let bench = Bench()
    let outcome = try bench.shell(
      "\(Self.slow) & p=$!; until [ -s out.csv.part ]; do sleep 0.02; done; echo >> slow.migsh; "
        + "kill -9 $(cat /proc/[0-9]*/stat 2>/dev/null | awk -v p=$p '$4 == p { print $1 }'); wait $p")
    #expect(outcome.status == 3)
    #expect(outcome.error.contains("the script has changed while the experiment ran"))
  }

  /// At a terminal, Ctrl-C reaches the workers, too.
  @Test func aPersonSeesHowFarItIsAndStopsItWithControlC() throws {
    let bench = Bench()
    let session = try TerminalSession(
      "/bin/sh",
      [
        "-c",
        "trap : INT; cd \(bench.directory.path); \(Self.program) experiment slow.migsh --vary rounds=2,1000000 --seeds 2 "
          + "--jobs 2 --csv out.csv; echo status $?",
      ])
    try session.expect("2 of 4 runs, ")
    try session.expect(" s, about ")
    try session.expect(" left")
    session.type("\u{3}")
    try session.expect("interrupted: 2 of 4 runs are done; they are in out.csv.part")
    try session.expect("status 130")
  }

  /// A reader who types the example of the README sees what the README shows.
  @Test func theExampleOfTheReadmeIsReal() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let readme = String(decoding: contents(of: "/\(root)/README.md"), as: UTF8.self)
    let section = try #require(readme.split(separator: "\n## ").first { $0.hasPrefix("Measure\n") })
    let blocks = section.split(separator: "\n\n").filter { $0.hasPrefix("    ") }.map { block in
      block.split(separator: "\n").map { String($0.dropFirst(4)) }
    }
    #expect(blocks.count == 2)
    let bench = Bench()
    bench.directory.write(Array((blocks[0].joined(separator: "\n") + "\n").utf8), to: "frozen.migsh")
    let command = blocks[1][0].replacing("$ Scripts/migsh ", with: "migsh ")
    #expect(try bench.shell(command).output == blocks[1].dropFirst().map { $0 + "\n" }.joined())
  }
}
