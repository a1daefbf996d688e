import TestSupport
import Testing

/// Runs the built program from outside: exit status, input, output.
@Suite struct ProgramTests {
  static let program = builtProgram("migsh")

  @Test func commandsComeFromAnArgumentAFileOrStandardInput() throws {
    let script = "node add a\nprint count(cluster.nodes)"
    let expected = "added a: 1 core of speed 1, 4 GiB\n1\n"
    #expect(try run(Self.program, ["-c", script]).output == expected)
    #expect(try run(Self.program, input: script).output == expected)
    let directory = TemporaryDirectory()
    directory.write(Array(script.utf8), to: "script.migsh")
    let file = directory.path + "/script.migsh"
    let outcome = try run(Self.program, ["run", file, file])
    #expect(outcome.output == expected + expected)
    #expect(outcome.status == 0)
    #expect(try run(Self.program, ["check", file]).status == 0)
    #expect(try run(Self.program, [file, file]).output == expected + expected)
    #expect(try run(Self.program, ["--version"]).output == "0.1.0\n")
    #expect(try run(Self.program, ["-c", "now", "--echo"]).output == "> now\n0 ns\n")
  }

  /// What starts without the parser of options does the same as what needs it.
  @Test func optionsThatChangeNothingChangeNothing() throws {
    let directory = TemporaryDirectory()
    directory.write(Array("node add a\nnow\nfail b".utf8), to: "-odd name.migsh")
    let file = directory.path + "/-odd name.migsh"
    for arguments in [[file], ["run", file], ["-c", "now; node list; expect now > 0ns"], ["-c", "-x"], ["-c", ""]] {
      let quick = try run(Self.program, arguments)
      let parsed = try run(Self.program, arguments + ["--format", "text"])
      #expect(quick.output == parsed.output && quick.status == parsed.status, "\(arguments)")
    }
  }

  static let endings: [([String], Int32)] = [
    (["-c", ""], 0), (["-c", "expect 1 == 2"], 1), (["-c", "nonsense"], 2), (["-c", "fail a"], 3),
    (["-c", "node add a; spawn p --program idle; wait p"], 124), (["run", "/no/such/file"], 2), (["run"], 2),
    (["/no/such/file.migsh"], 2), (["-c", "now", "x.migsh"], 2), (["-c"], 2), (["run", "/no/such/file.migsh"], 2),
    (["--nonsense"], 2), (["nonsense"], 2), (["check", "/no/such/file"], 2), (["--help"], 0),
    (["run", "--seed", "x", "y"], 2), (["-c", "now", "--format", "yaml"], 2),
    (["-c", "fail a; now", "--keep-going"], 3),
    (["-c", "node add a b; spawn p; migrate p b", "--check-invariants"], 0),
  ]

  @Test(arguments: endings) func theExitStatusTellsHowItWent(_ arguments: [String], _ status: Int32) throws {
    #expect(try run(Self.program, arguments).status == status)
  }

  @Test func controlCStopsARun() throws {
    let outcome = try run(
      Self.program, ["-c", "node add a; spawn p; repeat 1000 { run 3000s }"], interruptOnceItWrote: "created p")
    #expect(outcome.status == 130)
    #expect(outcome.output.contains("interrupted: stopped at"))
  }

  @Test(arguments: ["send p q 'x' --count 1000000", "spawn r --pages 1 --count 500000", "repeat 1000000000 { }"])
  func controlCStopsACommandThatDoesMuchAtOnce(_ command: String) throws {
    let outcome = try run(
      Self.program, ["-c", "node add a b --memory 1024GiB; spawn p; spawn q; \(command)"],
      interruptOnceItWrote: "created q")
    #expect(outcome.status == 130)
  }

  @Test func junkIsRefusedWithItsPlace() throws {
    let directory = TemporaryDirectory()
    directory.write([0x6E, 0x6F, 0x77, 0x0A, 0xFF, 0xFE, 0x00], to: "junk.migsh")
    let outcome = try run(Self.program, ["run", directory.path + "/junk.migsh"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("junk.migsh:2:1: error: "))
    #expect(outcome.output.isEmpty)
    #expect(try run(Self.program, ["-c", "now \u{0001}"]).status == 2)
    #expect(try run(Self.program, ["run", directory.path]).error.contains("is a directory"))
  }

  /// Options in front of a subcommand that does not take them are told where they belong, and no file is looked for.
  @Test func optionsOfSubcommandsStandBehindTheirNames() throws {
    let outcome = try run(Self.program, ["--plain", "grade", "move-it"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("What `grade` is given stands behind its name"), "\(outcome.error)")
    #expect(try run(Self.program, ["--plain", "run", "nothing.migsh"]).error.contains("nothing.migsh"))
  }

  @Test func onAFullDiskItSaysSo() throws {
    let outcome = try run(Self.program, ["-c", "node add a; node list"], output: "/dev/full")
    #expect(outcome.status == 4)
    #expect(outcome.error == "migsh: output: no space left on device\n")
  }

  /// When the disk is full, or a limit on the size of files is reached, the old file is still there.
  @Test func whatCannotBeSavedLeavesTheOldFile() throws {
    let directory = TemporaryDirectory()
    directory.write(Array("node add old\n".utf8), to: "kept.migsh")
    let long = "say \"" + String(repeating: "x", count: 40_000) + "\""
    let save = "\(Self.program) -c '\(long)\nsave \"\(directory.path)/kept.migsh\" --force' > /dev/null"
    let outcome = try run("/bin/sh", ["-c", "ulimit -f 16; \(save)"])
    #expect(outcome.status == 3)
    #expect(contents(of: directory.path + "/kept.migsh") == Array("node add old\n".utf8))
    #expect(try run("/bin/ls", [directory.path]).output == "kept.migsh\n")
  }

  @Test func savingWritesWhatALinkLeadsToAndKeepsItsMode() throws {
    let directory = TemporaryDirectory()
    let (file, link, pipe) = (directory.path + "/file", directory.path + "/link", directory.path + "/pipe")
    directory.write(Array("old\n".utf8), to: "file")
    #expect(try run("/bin/sh", ["-c", "chmod 640 \(file); ln -s file \(link); mkfifo \(pipe)"]).status == 0)
    #expect(try run(Self.program, ["-c", "node add a\nsave \"\(link)\""]).status == 3)
    #expect(contents(of: file) == Array("old\n".utf8))
    #expect(try run(Self.program, ["-c", "node add a\nsave \"\(link)\" --force"]).status == 0)
    #expect(contents(of: file) == Array("set seed 1\nnode add a\n".utf8))
    #expect(try run("/usr/bin/stat", ["-c", "%F %a", link, file]).output == "symbolic link 777\nregular file 640\n")
    let reading = "cat \(pipe) & \(Self.program) -c 'node add b\nsave \"\(pipe)\"' > /dev/null; wait"
    #expect(try run("/bin/sh", ["-c", reading]).output == "set seed 1\nnode add b\n")
    #expect(try run("/usr/bin/stat", ["-c", "%F", pipe]).output == "fifo\n")
  }

  /// A script finds the files that it names beside itself, and what is sourced and saved over is not lost.
  @Test func filesAreFoundBesideTheScript() throws {
    let directory = TemporaryDirectory()
    #expect(try run("/bin/mkdir", [directory.path + "/sub"]).status == 0)
    directory.write(Array("node add a\nsource sub/two.migsh\n".utf8), to: "one.migsh")
    directory.write(Array("source three.migsh\ndefine more { source three.migsh }\n".utf8), to: "sub/two.migsh")
    directory.write(Array("run 5ms\n".utf8), to: "sub/three.migsh")
    let (one, two) = (directory.path + "/one.migsh", directory.path + "/sub/two.migsh")
    #expect(try run(Self.program, ["run", one]).output.hasSuffix("it is 5 ms\n"))
    let script = "source \"\(one)\"\nmore\nsave \"\(two)\" --force"
    #expect(try run(Self.program, ["-c", script]).status == 0)
    #expect(try run(Self.program, ["-c", "source \"\(two)\"\nexpect now == 10ms"]).status == 0)
  }

  @Test func theSeedDecidesWhatIsRandom() throws {
    let script = "node add a; spawn p --program random; run 1s; print p.digest"
    let first = try run(Self.program, ["-c", script]).output
    #expect(try run(Self.program, ["-c", script]).output == first)
    #expect(try run(Self.program, ["-c", script, "--seed", "2"]).output != first)
  }
}
