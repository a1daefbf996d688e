import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// Parameters that set-ups and checks see, and no learner.
@Suite struct SecretTests {
  private static let text = """
    @lesson secret "Secret"
    @param salt 0..399 secret
    @param pages 8..64
    @setup
    node add a b c
    let odd = $salt % 2
    if $salt % 2 == 0 { link set a b --loss 10% }
    if $salt % 2 == 1 { link set a c --loss 10% }
    define glance { print $salt }
    spawn p1 --on a --pages $pages
    @step find points 4
    | Move it over the line that loses nothing. It has $pages pages.
    @check right (p1.node == c) == ($salt % 2 == 0) and p1.node != a and $odd == $salt % 2
    @check number $salt == 1 or p1.node != a
    @check any p1.node in [b, c] hidden seeds 2
    @solution
    migrate p1 b
    @explain It was $salt.
    """

  @Test(arguments: [
    "print $salt", "print \"$salt\"", "let x = $salt", "if $salt == 3 { now }", "glance", "define f { print $salt }\nf",
    "repeat 1 { print $(1 + $salt) }", "print $odd", "for s in $salt { print $s }", "undo\nredo\nprint $odd",
    "spawn q --pages $salt", "program x { compute 1ms  print \"$salt\" }\nspawn q --program x\nrun 1s",
  ]) func learnersDoNotSeeThem(_ commands: String) throws {
    let report = try grade(Self.text, commands)
    let problem = try #require(report.problems.first).message
    let isUnknown = problem.contains("there is no variable `$") || problem.contains("nothing says what it is")
    #expect(isUnknown || problem == "there is nothing to undo", "\(problem)")
    #expect(try grade(Self.text, "print $pages").problems.isEmpty)
  }

  /// An exercise whose set-up has worked out the answer for its check.
  private static let whom = """
    @lesson whom "Whom"
    @param pages 8..64
    @param turn 0..1
    @setup
    node add a b
    let size = $pages * 2
    spawn ox --on a --pages $size
    spawn cow --on a --pages $pages
    if $turn == 0 { let right = ox }
    if $turn == 1 { let right = cow }
    @step move points 2
    | One of them has $size pages.
    @check there $right.node == b
    @hint Use `migrate $right b`
    @solution
    migrate $right b
    """

  @Test func whatSetUpsOfExercisesDefineIsTheirOwn() throws {
    let report = try grade(Self.whom, "migrate $right b")
    #expect(
      report.steps.allSatisfy { $0.earned == 0 }
        && report.problems.first?.message.contains("there is no variable `$right`") == true)
    #expect(try grade(Self.whom, "print $size + $pages").problems.isEmpty)
    let exercise = try Lesson(parsing: SourceText(name: "whom", text: Self.whom), table: Session { _ in }.table)
    for seed in 1...4 as ClosedRange<UInt64> { #expect(try Grader(exercise).flaw(seed: seed) == nil) }
    #expect(exercise.toldSecrets.isEmpty)
    let told = Self.whom.replacing("node == b\n", with: "node == b \"$right should be on b\"\n")
    let telling = try Lesson(parsing: SourceText(name: "whom", text: told), table: Session { _ in }.table)
    #expect(telling.toldSecrets.map(\.message) == ["this tells learners `$right`, which is secret"])
  }

  @Test func nothingOfTheTutorTellsThem() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-secret-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(Self.text.utf8).write(to: URL(filePath: folder + "/secret.migsh"))
    var output = ""
    var session = Session { output += $0 }
    var tutor = Tutor(library: LessonLibrary(), progress: ProgressKeeper(path: nil))
    tutor.prepare(&session)
    #expect(tutor.begin(folder + "/secret.migsh", step: nil, in: &session) == .success)
    for command in ["print $salt", "undo", "redo", "print $odd", "history", "save \(folder)/x.migsh", "check", "again"]
    {
      _ = tutor.enter(SourceText(name: "typed", text: command), in: &session)
    }
    #expect(!output.contains("199") && output.contains("there is no variable `$salt`"), "\(output)")
    let saved = try String(contentsOfFile: folder + "/x.migsh", encoding: .utf8)
    #expect(!saved.contains("--loss") && !saved.contains("salt"), "\(saved)")
    _ = tutor.enter(SourceText(name: "typed", text: "migrate p1 b"), in: &session)
    #expect(output.contains("It was 199."), "\(output)")
  }

  @Test func reportsForStudentsLeaveThemOut() throws {
    let report = try grade(Self.text, "now", seed: 5)
    let salt = try #require(report.values.first { $0.name == "salt" }).value
    #expect(report.secretNames == ["salt"])
    #expect(report.text.contains("seed 5, pages ") && !report.text.contains("salt \(salt)"), "\(report.text)")
    for check in report.steps[0].checks {
      #expect(check.found?.contains("salt") != true && check.found?.contains("\(salt)") != true)
    }
    #expect(report.steps[0].checks[1].found == "p1.node is a")
    #expect(report.json.encoded.contains("\"secret\":[\"salt\"]"))
    // Of further seeds they are left out, too.
    let other = try grade(
      Self.text.replacing("@check any p1.node in [b, c] hidden", with: "@check any p1.pages == $known"), "now", seed: 5)
    #expect(other.steps[0].checks.last?.found?.contains("salt") != true)
    let (output, _) = try play(Self.text, format: .json)
    #expect(output.contains("\"parameters\":{\"pages\":36}"))
  }

  @Test func proseMayTellThemOnlyAfterwards() throws {
    #expect(
      try prove(Self.text.replacing("migrate p1 b", with: "migrate p1 b"), seeds: 1...1).allSatisfy {
        !$0.contains("secret")
      })
    for (old, new) in [
      ("It has $pages", "It has $salt"), ("@solution", "@hint Try $(1 + $salt)\n@solution"),
      ("and $odd == $salt % 2", "and $odd == $salt % 2 \"not $odd\""),
    ] {
      let found = try prove(Self.text.replacing(old, with: new), seeds: 1...1)
      #expect(found.contains { $0.contains("which is secret") }, "\(found)")
    }
  }

  @Test func theWordIsSpelled() {
    #expect(mistake(Self.text.replacing("399 secret", with: "399 secrte"))?.contains("did you mean `secret`?") == true)
  }
}

/// What checks can say of the order of events, and of all migrations and messages.
@Suite struct HistoryCheckTests {
  private static let text = """
    @lesson order "Order"
    @setup
    node add a b
    spawn p1 --on a --program idle
    spawn p2 --on b --program idle
    freeze p1
    run 1ms
    resume p1
    send p2 p1 "before"
    run 1s
    @step one points 2
    @check frozen step.event.process-frozen.first >= 1s
    @check last step.event.process-frozen.last > step.event.process-frozen.first
    @check all event.process-frozen.count == 3 and step.event.process-frozen.count == 2
    @check sent count($m for m in cluster.messages where $m.from == p1 and $m.sentAt >= step.event.process-frozen.first) == 1
    @check moved sum($m.pagesSent for m in cluster.migrations where $m.process == p2) == 0 guard
    @solution
    freeze p1
    send p1 p2 "while frozen"
    run 10ms
    resume p1
    run 1ms
    freeze p1
    """

  @Test func stepsHaveTheirOwnTimes() throws { #expect(try prove(Self.text, seeds: 1...1) == []) }

  @Test func whatCameBeforeTheStepIsNotInIt() throws {
    let report = try grade(Self.text, "send p1 p2 \"first\"\nrun 1ms\nfreeze p1")
    #expect(report.verdicts("one")["sent"] == .failed && report.verdicts("one")["frozen"] == .passed)
    let nothing = try grade(Self.text, "now").steps[0].checks
    #expect(nothing[0].verdict == .unchecked)
    #expect(
      nothing[0].reason?.contains("`step.event.process-frozen.first` is none") == true, "\(nothing[0].reason ?? "")")
  }

  @Test func listsAreNotMadeOfVariablesOfLearners() throws {
    let warnings = try lesson(Self.text.replacing("freeze p1\nsend", with: "let m = 3\nfreeze p1\nsend")).warnings
    #expect(warnings.isEmpty)
  }
}
