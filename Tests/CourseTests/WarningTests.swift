import CommandLanguage
import Shell
import Testing

@testable import Course

/// What `migsh test` says of a lesson that is hardly meant, though it is no mistake.
@Suite struct WarningTests {
  private func warnings(_ text: String, battery: Bool = false) throws -> [String] {
    var prover = Prover(try lesson(text), hasBattery: battery)
    let problems = prover.prove(seeds: 1...2)
    #expect(problems.map(\.text) == [])
    return prover.warnings.map(\.text)
  }

  private static let exercise = moving.replacing("hidden seeds 3", with: "hidden")

  private func withCheck(_ check: String) -> String {
    Self.exercise.replacing("@forbid node-failed", with: "@check more \(check)\n@forbid node-failed")
  }

  @Test func aGoodExerciseHasNone() throws { #expect(try warnings(Self.exercise) == []) }

  // MARK: - Checks that say nothing

  @Test(arguments: [
    ("p1.node == b and 1 == 1", "lesson:11:30: warning: this part of the check `more` is the same whatever"),
    ("p1.node == b and $pages > 3", "lesson:11:30: warning: this part of the check `more` is the same whatever"),
    ("p1.node == b and abs($pages) >= 8", "this part of the check `more` is the same whatever"),
    ("p1.node == b and p1.pages == p1.pages", "both sides of this `==` are the same, so it says nothing"),
    ("p1.node == b and not p1.pages < p1.pages", "both sides of this `<` are the same"),
    ("p1.node == b and sum(p1.pages, 1) >= sum(p1.pages,  1)", "both sides of this `>=` are the same"),
  ]) func checksThatSayNothing(_ check: String, _ message: String) throws {
    let found = try warnings(withCheck(check))
    #expect(found.count == 1 && found[0].contains(message), "\(found)")
  }

  @Test(arguments: [
    "p1.node == b and p1.pages == $pages",
    "(p1.node == b) == ($pages >= 8)",
    "$pages < 8 and p1.node == a or $pages >= 8 and p1.node == b",
  ]) func checksThatSaySomething(_ check: String) throws { #expect(try warnings(withCheck(check)) == []) }

  @Test func aGuardThatNothingFails() throws {
    let accepted = "\n@accept trial-and-error \"the attempt is the solution\""
    let text = withCheck("p1.pages > 0 guard") + accepted
    let found = try warnings(text, battery: true)
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("lesson:11:1: warning: nothing that was tried fails the guard `more`"), "\(found)")
    let shown = withCheck("p1.state != ended guard") + accepted + "\n@wrong killed fails more\nkill p1"
    #expect(try warnings(shown, battery: true) == [])
  }

  // MARK: - Answers

  private static let asking = """
    @lesson asking "Asking"
    @setup
    node add a b c
    spawn p1 --on a
    run 10ms
    @ask time "How long will p1 stand still?"
    @answer p1.migration.freezeTime
    @step move
    | Move it to `b`.
    @check at p1.node == b
    @solution
    migrate p1 b
    @step again
    | Move it to `c`.
    @check at p1.node == c
    @solution
    migrate p1 c
    """

  @Test func anAnswerThatItsStepShows() throws { #expect(try warnings(Self.asking) == []) }

  @Test func anAnswerThatIsThereBefore() throws {
    let question = "@ask time \"How long will p1 stand still?\"\n@answer p1.migration.freezeTime\n"
    let misplaced = Self.asking.replacing(question, with: "").replacing("@step again", with: question + "@step again")
    #expect(try warnings(misplaced) == [])
    let found = try warnings(
      misplaced.replacing("migrate p1 c", with: "spawn q --on c\nmigrate q b").replacing(
        "p1.node == c", with: "q.node == b"))
    #expect(found.count == 1)
    #expect(
      found[0].hasPrefix(
        "lesson:12:9: warning: the answer to `time` is about a migration from before the step `again`"),
      "\(found)")
  }

  @Test func anAnswerThatOnlyALaterStepShows() throws {
    let text = Self.asking.replacing("p1.migration.freezeTime", with: "q.migration.freezeTime")
      .replacing("migrate p1 c", with: "migrate p1 c\nspawn q --on a --pages 8\nmigrate q b")
    var prover = Prover(try lesson(text), hasBattery: false)
    #expect(prover.prove(seeds: 1...2).count == 1)
    #expect(prover.warnings.count == 1)
    #expect(
      prover.warnings.first?.text.contains("the answer to `time` is there only after the step `again`") == true,
      "\(prover.warnings.map(\.text))")
    #expect(prover.warnings.first?.text.contains("put the question in front of `@step again`") == true)
  }

  // MARK: - What belongs to something else than it seems

  @Test func proseBehindAnEmptyLine() throws {
    let text = Self.asking.replacing(
      "migrate p1 b\n", with: "migrate p1 b\n@explain It moved.\n|\n| A further part.\n\n| Now it moves again.\n")
    let found = try warnings(text)
    #expect(found.count == 1)
    #expect(found[0].contains("lesson:17:1: warning: this belongs to the explanation above"), "\(found)")
    let reply = Self.asking.replacing("@step move", with: "@if $time < 1s | No.\n\n| Right.\n@step move")
    #expect(try warnings(reply).first?.contains("this belongs to the reply above") == true)
  }

  // MARK: - Names

  @Test func checksDoNotSeeWhatLearnersSet() throws {
    let text = Self.exercise.replacing("p1.node == b ", with: "p1.node == $target ")
      .replacing("migrate p1 b", with: "let target = b\nmigrate p1 $target")
    let found = try lesson(text).warnings.map { $0.rendered(kind: "warning") }
    #expect(found.count == 1)
    #expect(
      found[0].contains("the check `at` asks for `$target`, and checks do not see what a learner sets"), "\(found)")
    let own = text.replacing("run 10ms", with: "run 10ms\nlet target = b")
    #expect(
      try warnings(own).first?.contains("the check `at` sees the set-up's `$target`, and not the one that the solution")
        == true)
    // The verdict says it, too.
    let report = try grade(text, "let target = b\nmigrate p1 b")
    #expect(report.verdicts("move")["at"] == .unchecked)
    #expect(
      report.steps[0].checks[0].reason
        == "the check asks for `$target`, which the lesson does not set; it does not see yours")
  }

  // MARK: - Limits

  /// An exercise that is proved can be graded: what its solution may use is what a submission may.
  @Test(arguments: [
    ("repeat 300 { now }", "more than 200 commands"), ("node add c d e", "more than 4 nodes"),
    ("spawn q --count 10", "more than 10 processes"), ("spawn q --pages 1001", "this is not a number of pages"),
    ("program busy { repeat { sleep 1us } }\nspawn q --on b --program busy\nrun 5s", "more than 5000 events"),
    ("run 11s", "that is beyond the end of the clock"),
    ("repeat 150 { say \"\(String(repeating: "x", count: 100))\" }", "more than 9.766 KiB of output"),
    ("reset", "`reset` cannot be used here"), ("source nothing.migsh", "this file may not be read here"),
  ]) func proofsHaveTheLimitsOfGrading(_ command: String, _ message: String) throws {
    let text = LimitTests.open.replacing("@solution\n", with: "@solution\n\(command)\n")
    var prover = Prover(try lesson(text), limits: LimitTests.small, hasBattery: false)
    let problems = prover.prove(seeds: 1...1)
    #expect(problems.count == 1)
    let report = try grade(LimitTests.open, "\(command)\nmigrate p1 b", limits: LimitTests.small)
    #expect(report.problems.count == 1)
    let told = problems.first?.diagnostic.message
    #expect(told?.contains(message) == true, "\(told ?? "")")
    // A submission may read files in its own folder, and there is none here.
    guard !command.hasPrefix("source") else { return }
    #expect(told == report.problems.first?.message)
  }
}

/// What the shell says of lessons.
@Suite struct LessonHelpTests {
  private func help(_ topic: String) -> String {
    var output = ""
    var session = Session { output += $0 }
    session.add(Lesson.helpTopics)
    _ = session.execute(SourceText(name: "test", text: "help \(topic)"))
    return output
  }

  @Test func everyDirectiveIsListed() {
    let page = help("lesson")
    #expect(page.contains("lesson [NAME]") && page.contains("  lesson why-move --step move"))
    for directive in Directive.allCases {
      #expect(page.contains("  @\(directive.rawValue) "), "\(directive)")
      #expect(page.contains("  \(directive.summary)\n"), "\(directive)")
      #expect(help("@\(directive.rawValue)").contains("\(directive.summary)\n"), "\(help("@\(directive.rawValue)"))")
    }
    // Words of directives, and whatever may stand for a word, are told.
    #expect(help("@check").contains("  essential   ") && help("guard") == help("@check"))
    for kind in ForbiddenKind.all { #expect(help("@forbid").contains("  \(kind.name) "), "\(kind.name)") }
    for attempt in BatteryAttempt.allCases { #expect(help("battery").contains("  \(attempt.rawValue) ")) }
    #expect(help("all").contains("help lesson"))
    #expect(help("@chek").contains("did you mean `@check`?"))
  }
}
