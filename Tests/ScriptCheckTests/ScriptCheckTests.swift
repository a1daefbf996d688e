import CommandLanguage
import Foundation
import ScriptCheck
import Shell
import Testing

private let table = Session { _ in }.table

/// What a check says of a text, a line each: `2:5 warning: …`.
private func findings(_ text: String, files: [String: String] = [:]) -> [String] {
  let checker = ScriptChecker(table: table) { path in
    guard let text = files[path] else { throw Missing() }
    return try SourceText(name: path, bytes: Array(text.utf8), folder: "")
  }
  let source = SourceText(name: "s", text: text, folder: "")
  return checker.check(source).map { finding in
    let place = finding.diagnostic.place
    let file = place.file == "s" ? "" : "\(place.file):"
    return "\(file)\(place.line):\(place.column) \(finding.severity.rawValue): \(finding.diagnostic.message)"
  }
}

private struct Missing: Error, CustomStringConvertible { let description = "no such file or directory" }

@Suite struct MistakeTests {
  @Test func everyStatementWithAMistakeIsTold() {
    let text = """
      node ad a
      node add b
      spawn p --pagse 3
      for n in a b { fail $n; nonsense }
      if now > 3ms {
        run 3 3
        expect (now
      }
      let x = 5 parsecs
      node list
      """
    #expect(
      findings(text) == [
        "1:6 error: `node` has no `ad`", "3:9 error: `spawn` has no flag `--pagse`",
        "4:25 error: there is no command `nonsense`", "6:7 error: `DURATION` takes a time, and `3` has no unit",
        "8:1 error: `}` cannot stand here", "9:11 error: `parsecs` cannot stand here",
      ])
  }

  @Test func stepsAndTextsThatAreNeverClosed() {
    #expect(
      findings("program p {\n  compute 3\n  nap 3ms\n  repeat { writ 3 }\n}\nnode ad a") == [
        "2:11 error: `compute` takes a time, and `3` has no unit", "3:3 error: no step is called `nap`",
        "4:12 error: no step is called `writ`", "6:6 error: `node` has no `ad`",
      ])
    #expect(
      findings("say \"oh\nnode ad a") == [
        "1:5 error: the text that begins here never ends", "2:6 error: `node` has no `ad`",
      ])
    #expect(findings("repeat 3 {\nnow\n") == ["1:10 error: this `{` is never closed"])
    #expect(
      findings("}\nnode ad a\n}") == [
        "1:1 error: this `}` closes nothing", "2:6 error: `node` has no `ad`", "3:1 error: this `}` closes nothing",
      ])
    #expect(
      findings("# it's\n\n;; @\n# x\n[\n") == [
        "3:4 error: `@` cannot stand here", "5:1 error: `[` cannot stand here",
      ])
  }

  /// However many mistakes there are, they end.
  @Test func manyMistakesEnd() {
    #expect(findings(String(repeating: "@\n", count: 10_000)).count == Parser.mostMistakes)
    #expect(findings(String(repeating: "{", count: 10_000)).count <= Parser.mostMistakes)
    #expect(findings(String(repeating: "if now { ", count: 200)).count <= Parser.mostMistakes)
  }

  @Test func everyMistakeOfALessonIsTold() {
    let text = """
      @lesson moving "Moving"
      @setup
      node ad a
      node add b; spwn p
      @step move points x
      | It moves.
      @check at p.node = b
      @solution
      migrate p b
      @step again
      @forbid nonsense
      @hint Type `migrate`.
      @solution
      migrate p
      run 3 3
      """
    #expect(
      findings(text) == [
        "3:6 error: `node` has no `ad`", "4:13 error: there is no command `spwn`",
        "5:19 error: `x` is not the number of points", "11:9 error: there is no kind of event `nonsense`",
        "15:5 error: `DURATION` takes a time, and `3` has no unit",
      ])
  }
}

@Suite struct WarningTests {
  @Test func namesThatNobodyUses() {
    let text = """
      node add a
      let pages = 3
      let used = 4
      for n in 1 2 { run 1ms }
      define move p q { migrate $p a }
      define unused { now }
      program lazy { exit }
      spawn x --pages $used
      move x y
      """
    #expect(
      findings(text) == [
        "2:5 warning: `$pages` is never used", "4:5 warning: `$n` is never used", "5:15 warning: `$q` is never used",
        "6:8 warning: the command `unused` is never used", "7:9 warning: no process executes the program `lazy`",
      ])
  }

  @Test func usesInTextsExpressionsAndProgramsCount() {
    let text = """
      node add a
      let t = 3ms
      let name = "x"
      let count = 2
      let key = 1
      let n = 4
      let list = [1, 2]
      let page = 3
      program mine { compute $t; write $page; send x "$n" }
      spawn p --program mine --set k=$key
      say "on $(p.pages + $count) and $name"
      for i in $list { print $i }
      """
    #expect(findings(text) == [])
  }

  @Test func programsMayBeChosenByVariables() {
    let programs = "node add a\nprogram one { exit }\nprogram two { exit }\n"
    #expect(findings(programs + "for p in one two { spawn $p --program $p }") == [])
    #expect(findings(programs + "for p in \"one\" \"two\" { spawn \"x$p\" --program \"$p\" }") == [])
    #expect(findings(programs + "for p in \"ne\" \"two\" { spawn \"x$p\" --program \"o$p\" }") == [])
    #expect(findings(programs + "spawn x --program two") == ["2:9 warning: no process executes the program `one`"])
  }

  /// `migsh experiment` writes what a script keeps in variables.
  @Test func resultsOfExperimentsAreUsed() {
    #expect(findings("node add a\nlet end = now\nlet all = $end + 1ms") == [])
    #expect(findings("define f { let end = now }\nnode add a\nf") == ["1:16 warning: `$end` is never used"])
  }

  @Test func parametersAreSeenByWhatIsCalled() {
    let text = """
      define inner { migrate $p b }
      define outer p { inner }
      define other p { fail $p; outer x }
      node add a
      other a
      """
    #expect(findings(text) == [])
  }

  @Test func whatOnlyDefinesIsALibrary() {
    #expect(findings("define f x { print $x; print $y }\nlet z = 3\nprogram p { exit }") == [])
    #expect(findings("define f x y { print $x }") == ["1:12 warning: `$y` is never used"])
  }

  @Test func namesThatNothingSets() {
    #expect(
      findings("node add a\nsay \"$(1 + $pagse)\"\nlet pages = 3\nprint $pages; print $late\nlet late = 3") == [
        "2:12 warning: nothing sets `$pagse`", "4:21 warning: `$late` is not set yet",
      ])
    // Something executed earlier in a loop, or a command of one's own, may set it.
    #expect(findings("repeat 2 { if now > 0s { print $x }; let x = now }") == [])
    #expect(findings("define f { let x = 3 }\nf\nprint $x") == [])
    // A process may have that name.
    #expect(findings("node add a\nspawn q\nprogram p { send $q \"x\" }\nspawn r --program p") == [])
  }

  @Test func whatIsNeverExecuted() {
    #expect(findings("now\nquit\nnow\nnow") == ["3:1 warning: this is never executed: `quit` stands before it"])
    #expect(findings("if now > 0s { quit } else { now }\nnow") == [])
    #expect(
      findings("if now > 0s { quit } else { quit }\nnow") == [
        "2:1 warning: this is never executed: a statement that always quits stands before it"
      ])
    #expect(
      findings("define leave { say \"bye\"; quit }\nrepeat 2 { leave; now }") == [
        "2:19 warning: this is never executed: `leave`, which quits, stands before it"
      ])
    #expect(
      findings("node add a\nprogram p { repeat { compute 1ms }; exit }\nspawn x --program p") == [
        "2:37 warning: this is never executed: a `repeat` without an end stands before it"
      ])
    #expect(
      findings("node add a\nprogram p { repeat 2 { exit; write 0 } }\nspawn x --program p") == [
        "2:30 warning: this is never executed: `exit` stands before it"
      ])
  }

  @Test func whatHidesSomethingElse() {
    #expect(
      findings("define f { now }\ndefine f { now }\nf") == [
        "2:8 warning: this hides the command `f` of s:1:8, which was never used"
      ])
    #expect(findings("define f { now }\nf\ndefine f { now }\nf") == [])
    #expect(
      findings("node add a\nprogram hot { exit }\nspawn x --program hot") == [
        "2:9 warning: `hot` is a built-in program, so this will be refused"
      ])
  }
}

@Suite struct SourcedFileTests {
  @Test func definitionsComeFromSourcedFiles() {
    let files = ["lib.migsh": "define go p { migrate $p $where }\nlet mine = 3"]
    #expect(findings("let where = 1\nsource lib.migsh\ngo x\nprint $mine", files: files) == [])
    #expect(
      findings("let where = 1\nsource lib.migsh\ngo x y\ngone x", files: files) == [
        "3:6 error: `y` is one argument too many for `go`", "4:1 error: there is no command `gone`",
      ])
  }

  @Test func whatIsNotKnownIsNotJudged() {
    #expect(findings("let f = \"x\"\nsource $f\nanything\nprint $x\nlet y = 3") == [])
    #expect(
      findings("source lib.migsh\nanything\nprint $x") == [
        "1:8 warning: `lib.migsh` cannot be read: no such file or directory"
      ])
    #expect(findings("node add a\nsave lib.migsh\nsource lib.migsh\nprint $x") == [])
  }

  @Test func mistakesInSourcedFilesAreTold() {
    let files = ["a": "source b", "b": "source a\nnode ad x"]
    #expect(findings("source a", files: files) == ["b:2:6 error: `node` has no `ad`"])
    #expect(
      findings("source q\nnow", files: ["q": "quit"]) == [
        "2:1 warning: this is never executed: `source`, which quits, stands before it"
      ])
  }
}

@Suite struct LessonWarningTests {
  private func lesson(_ param: String, setup: String = "", text: String = "Text.", solution: String = "now") -> String {
    "@lesson l \"L\"\n\(param)@setup\nnode add a\n\(setup)\n@step s\n| \(text)\n@solution\n\(solution)\n"
  }

  @Test func parametersOfLessonsCountAsSet() {
    #expect(findings(lesson("@param n 1..3\n", text: "Take $n.")) == [])
    #expect(findings(lesson("@param n 1..3\n")) == ["2:8 warning: `$n` is never used"])
    #expect(findings(lesson("", text: "Take $n.")) == ["6:8 warning: nothing sets `$n`"])
  }

  /// What prepares a step is there for the learner.
  @Test func setupMayDefineWhatNobodyUses() {
    #expect(findings(lesson("", setup: "define f { now }; let x = 3; program p { exit }")) == [])
    #expect(findings(lesson("", solution: "let x = now")) == ["8:5 warning: `$x` is never used"])
  }

  @Test func namesGoFromOnePartToTheNext() {
    let text = """
      @lesson l "L"
      @setup
      node add a
      @ask guess "How many?"
      @answer $n
      @step s
      @check c $n == 1 "it is $n"
      @solution
      let n = count(cluster.nodes)
      @explain It was $n.
      """
    // Checks do not see the learner's variable, and the explanation does not either.
    #expect(
      findings(text) == [
        "7:10 warning: the check `c` asks for `$n`, and checks do not see what a learner sets with `let`"
      ])
  }
}

@Suite struct RepositoryTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Whatever the project itself holds is well written.
  @Test func allScriptsAndLessonsAreCleanOfWarnings() throws {
    var count = 0
    for folder in ["Lessons", "Tests"] {
      let files = FileManager.default.enumerator(atPath: "\(Self.root)/\(folder)")?.compactMap { $0 as? String } ?? []
      for file in files.sorted() where file.hasSuffix(".migsh") && !file.contains(".build") {
        count += 1
        let source = try readSource("\(Self.root)/\(folder)/\(file)")
        for finding in ScriptChecker(table: table).check(source) { Issue.record("\(finding.text)") }
      }
    }
    #expect(count > 30)
  }
}

@Suite struct FindingTests {
  @Test func findingsAreDataForPrograms() {
    let source = SourceText(name: "s", text: "say \"é\"; nde add", folder: "")
    let found = ScriptChecker(table: table).check(source)
    #expect(
      found.map(\.json.encoded) == [
        #"{"file":"s","line":1,"column":10,"endColumn":13,"severity":"error","code":"syntax","message":"there is no command `nde`","expected":"a command; `help` lists them","suggestion":"node add"}"#
      ])
    #expect(found[0].text.hasPrefix("s:1:10: error: there is no command `nde`\n  say \"é\"; nde add\n           ^~~\n"))
  }
}

@Suite struct SizeTests {
  /// Eight times the text takes about eight times as long, and not 64 times.
  @Test func largeScriptsTakeNoLongerForTheirSize() {
    func text(_ count: Int) -> String {
      (0..<count).map { "let v\($0) = 1; define f\($0) p q { print $p + $v\($0) }; f\($0) 1 2" }.joined(separator: "\n")
    }
    // What this thread has computed: other tests run at the same time.
    func computed() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    func time(_ count: Int) -> Double {
      let text = text(count)
      return (0..<3).map { _ in
        let begun = computed()
        #expect(findings(text).count == count)
        return computed() - begun
      }.min() ?? 0
    }
    let (short, long) = (time(500), time(4000))
    #expect(long < short * 24)
  }
}
