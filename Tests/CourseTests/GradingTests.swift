import CommandLanguage
import Shell
import Testing

@testable import Course

@Suite struct GradingTests {
  /// An exercise of two steps. The second begins where the first ends.
  static let journey = """
    @lesson journey "A journey"
    @param pages 8..64
    @setup
    let home = 1
    define arrival { spawn p2 --on c --pages $pages }
    node add a b c
    spawn p1 --on a --pages $pages
    @step out points 3
    @check away p1.node == b "p1 is to be on b"
    @check once p1.migrations == 1
    @check free message.lost == 0
    @forbid node-failed
    @forbid command-refused
    @solution
    migrate p1 b
    @setup
    arrival
    @step back points 7
    @check home p1.node == a
    @check both p2.node == a
    @check whole p1.migration.pagesSent == $pages and p2.migration.pagesSent == $pages hidden seeds 5
    @solution
    migrate p1 a
    migrate p2 a
    """

  static let solution = "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\nmigrate p2 a\n"

  @Test func fullMarks() throws {
    let report = try grade(Self.journey, Self.solution)
    #expect(report.isPassed && report.problems.isEmpty)
    #expect(report.total == 1000 && report.highest == 10)
    #expect(report.text.hasSuffix("\n10 of 10 points, all passed\n"))
  }

  @Test func aWholeScriptWillDoForOneStep() throws {
    #expect(try grade(moving, "migrate p1 b").isPassed)
    #expect(try grade(moving, "# mine\n@step move  # here\nmigrate p1 b").isPassed)
  }

  @Test func partsOfAStepCount() throws {
    let report = try grade(Self.journey, "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\n")
    #expect(report.steps.map(\.earned) == [300, 233])
    #expect(report.total == 533)
    #expect(!report.isPassed && report.problems.isEmpty)
    #expect(report.text.contains("\n5.33 of 10 points\n"))
    #expect(report.text.contains("back, both: expected p2.node == a; found p2.node is c\n"))
  }

  @Test(arguments: ["", "@step out\n@step back\nnow", "@step out\n# nothing"]) func doingNothingIsWorthNothing(
    _ text: String
  ) throws {
    let report = try grade(Self.journey, text)
    #expect(report.total == 0 && report.problems.isEmpty && !report.isPassed)
    #expect(report.verdicts("out")["free"] == .passed)
  }

  @Test func whatIsForbiddenCostsTheStep() throws {
    let report = try grade(Self.journey, "@step out\nmigrate p1 b\nfail c\nrecover c\n")
    #expect(report.steps.first?.earned == 0)
    #expect(
      report.verdicts("out") == [
        "away": .passed, "once": .passed, "free": .passed, "no node-failed": .failed, "no command-refused": .passed,
      ])
    let event = try #require(report.steps.first?.checks.first { $0.name == "no node-failed" }?.event)
    #expect(event.hasSuffix(" on c: the node failed"))
    // Events before the step do not count for it.
    let later = try grade(
      Self.journey.replacing("@step back points 7", with: "@step back points 7\n@forbid migration-completed"),
      "@step out\nmigrate p1 b\nrun 10ms")
    #expect(later.verdicts("back")["no migration-completed"] == .passed)
  }

  @Test func aPartThatDoesNotParseKeepsItsChecks() throws {
    let report = try grade(Self.journey, "@step out\nmigrate p1 b\n  migrat p1 c\n@step back\nmigrate p2 a\n")
    #expect(report.verdicts("out")["away"] == .failed)
    #expect(report.verdicts("back")["both"] == .passed)
    let problem = try #require(report.problems.first)
    #expect(report.problems.count == 1 && problem.step == "out" && problem.kind == "error")
    #expect(problem.place == SourcePlace(file: "ada.migsh", line: 3, column: 3))
  }

  @Test func aRefusedCommandStopsItsPartAlone() throws {
    let report = try grade(
      Self.journey, "@step out\nmigrate p1 b\nmigrate p1 z\nmigrate p1 c\n@step back\nmigrate p1 a\nmigrate p2 a")
    #expect(report.verdicts("out")["away"] == .passed)
    #expect(report.verdicts("out")["no command-refused"] == .failed)
    #expect(report.steps.map(\.earned) == [0, 700])
    #expect(report.problems.map(\.place.line) == [3])
    #expect(!report.isPassed)
  }

  @Test func aFailedExpectationIsAnErrorOfTheSubmission() throws {
    let report = try grade(moving, "migrate p1 b\nexpect p1.node == a")
    #expect(report.total == 400 && !report.isPassed)
    #expect(report.problems.map(\.kind) == ["failed"])
  }

  @Test(arguments: [
    ("migrate p1 b", "ada.migsh:1:1", "this stands before the first step"),
    ("@step out\nmigrate p1 b\n@step outt", "ada.migsh:3:1", "the exercise has no step `outt`"),
    ("@step out\nmigrate p1 b\n@step out", "ada.migsh:3:1", "the step `out` has a part already"),
    ("@step out\nmigrate p1 b\n@check x now", "ada.migsh:3:1", "this begins no step"),
    ("@step out\nmigrate p1 b\n@step", "ada.migsh:3:1", "this begins no step"),
    ("@step out\nmigrate p1 b\n@step a b", "ada.migsh:3:1", "this begins no step"),
  ]) func badDivisions(_ text: String, _ place: String, _ message: String) throws {
    let report = try grade(Self.journey, text)
    let problem = try #require(report.problems.first)
    #expect(report.problems.count == 1 && problem.kind == "unreadable" && problem.step == nil)
    #expect(problem.place.description == place)
    #expect(problem.message == message)
    #expect(report.total == (text.hasPrefix("@step out") ? 300 : 0) && !report.isPassed)
  }

  @Test func whatIsNoTextIsGradedToo() throws {
    let exercise = try lesson(moving)
    let mistake = SourceText(name: "ada.migsh", text: "x").diagnostic(at: SourceSpan(start: 0, end: 1), "no UTF-8")
    let report = try Grader(exercise).grade(
      Submission(student: "ada", text: .failure(mistake), for: exercise), seed: 1)
    #expect(report.total == 0 && report.problems.map(\.kind) == ["unreadable"])
  }

  @Test func furtherSeedsFindNumbersWrittenOut() throws {
    let exercise = moving.replacing(
      "p1.migration.pagesSent == $pages hidden seeds 3", with: "p2.pages == $pages seeds 3")
    let report = try grade(exercise, "migrate p1 b\nspawn p2 --pages $pages")
    #expect(report.isPassed)
    let pages = try #require(report.values.first?.value)
    let written = try grade(exercise, "migrate p1 b\nspawn p2 --pages \(pages)")
    #expect(written.verdicts("move") == ["at": .passed, "whole": .failed, "no node-failed": .passed])
    let found = try #require(written.steps.first?.checks.last { $0.name == "whole" }?.found)
    #expect(found.contains(", with seed \(StudentSeed.further(1, of: 7)), pages "), "\(found)")
  }

  @Test func ofAHiddenCheckThereIsTheVerdictAlone() throws {
    let whole = try grade(moving, "now")
    let report = whole.asShownToStudent
    let hidden = try #require(report.steps.first?.checks.first { $0.isHidden })
    #expect(hidden.verdict == .failed)
    #expect(hidden.explanation == nil)
    #expect(!report.text.contains("pagesSent") && !report.json.encoded.contains("pagesSent"))
    #expect(!whole.text.contains("pagesSent") && whole.text(columns: nil).contains("pagesSent"))
    #expect(whole.json.encoded.contains("pagesSent") && whole.total == report.total)
  }

  @Test(arguments: [
    ("full", "p1 is to be on b; expected p1.node == b; found p1.node is a"),
    ("actual-only", "p1 is to be on b; found p1.node is a"), ("none", nil),
  ]) func detailsAreTheAuthors(_ details: String, _ explanation: String?) throws {
    let exercise = moving.replacing("@param", with: "@details \(details)\n@param")
    #expect(try grade(exercise, "now").asShownToStudent.steps.first?.checks.first?.explanation == explanation)
  }

  @Test func aLessonIsNoExercise() throws {
    let lesson = try lesson(moving.replacing(" points 4", with: ""))
    #expect(throws: Diagnostic.self) { try Grader(lesson) }
  }

  @Test func interruptionIsNoVerdict() throws {
    let exercise = try lesson(moving)
    let submission = Submission(
      student: "ada", text: .success(SourceText(name: "ada", text: "migrate p1 b")), for: exercise)
    let grader = try Grader(exercise, isInterrupted: { true })
    #expect(throws: Grader.Interrupted.self) { try grader.grade(submission, seed: 1) }
  }

  @Test func theSameSeedGivesTheSameReport() throws {
    let first = try grade(Self.journey, Self.solution, seed: 99)
    #expect(try grade(Self.journey, Self.solution, seed: 99).json == first.json)
    #expect(try grade(Self.journey, Self.solution, seed: 98).json != first.json)
  }
}
