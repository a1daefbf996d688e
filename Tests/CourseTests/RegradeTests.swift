import CommandLanguage
import Shell
import TestSupport
import Testing

@testable import Course

/// What is graded again after a change of the exercise is what grading all of it afresh gives, to the byte, and says what was
/// kept.
@Suite struct RegradeTests {
  static let trip = """
    @lesson trip "A trip"
    @param pages 8..64
    @setup
    define go where { migrate p1 $where }
    node add a b c
    spawn p1 --on a --pages $pages
    @step out points 3
    | Go from `a` to `b`.
    @check away p1.node == b "p1 should be on b"
    @check once p1.migrations == 1
    @forbid node-failed
    @hint Where is p1?
    @solution
    migrate p1 b
    @setup
    spawn p2 --on c --pages $pages
    @step back points 4
    | And back, with all pages.
    @check home p1.node == a weight 2
    @check whole p1.migration.pagesSent == $pages hidden
    @solution
    migrate p1 a
    @step both points 2
    | Bring p2.
    @check there p2.node == a essential
    @check quiet message.lost == 0 guard
    @solution
    migrate p2 a
    """

  /// The same, with a check in the middle that is tried with further seeds.
  static let seeded = trip.replacing("== $pages hidden", with: "== $pages hidden seeds 6")

  static let right = "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\n@step both\nmigrate p2 a\n"

  /// Submissions that go wrong in many ways.
  static let submissions = [
    "right": right, "nothing": "", "undivided": "migrate p1 b\n",
    "lost": "@step out\nkill p1\n@step back\nmigrate p1 a\n@step both\nmigrate p2 a\n",
    "idle at first": "@step out\nrun 1ms\n@step back\nmigrate p1 c\nmigrate p1 a\n@step both\nmigrate p2 a\n",
    "wrong with some numbers": right.replacing(
      "migrate p1 a\n", with: "migrate p1 a\nif $pages > 30 { migrate p1 c }\n"),
    "right with some numbers": right.replacing("migrate p1 a\n", with: "if $pages < 40 { migrate p1 a }\n"),
    "mistake at the end": right + "migrate p9 a\n", "mistake in the exercise's own command": right + "go z\n",
    "forbidden": right.replacing("migrate p1 b\n", with: "migrate p1 b\nfail c\nrecover c\n"),
    "a limit": right.replacing("migrate p1 b\n", with: "migrate p1 b\nrepeat 300 { now }\n"),
    "many mistakes": right + String(repeating: "@step nowhere\n", count: 30),
    "a long name": right + "migrate \"\(String(repeating: "n", count: 9000))\" a\n",
    "of another step": right + "@step more\nmigrate p2 b\n",
  ]

  struct Change: CustomTestStringConvertible, Sendable {
    let name: String
    let edits: [(String, String)]
    /// What is kept of the right submission.
    let kept: [String]
    /// Why the first of the other steps is judged again.
    let why: String?

    init(_ name: String, _ edits: (String, String)..., kept: [String], why: String? = nil) {
      (self.name, self.edits, self.kept, self.why) = (name, edits, kept, why)
    }

    var testDescription: String { name }

    func text(of exercise: String) -> String {
      edits.reduce(exercise) { text, edit in
        let changed = text.replacing(edit.0, with: edit.1)
        #expect(changed != text, "\(name) changes nothing")
        return changed
      }
    }
  }

  static let changes = [
    Change("prose and hints", ("| Bring", "| And now bring\n|"), ("Where is", "On which node is"), kept: all),
    Change("the title", ("\"A trip\"", "\"Another trip\"\n@details none"), kept: all),
    Change(
      "points", ("back points 4", "back points 5"), kept: ["out", "both"], why: "it is worth 5 in place of 4 points"),
    Change("points of the first", ("out points 3", "out points 1"), kept: ["back", "both"]),
    Change(
      "a check", ("p1.migrations == 1", "p1.migrations >= 1"), kept: ["back", "both"], why: "its check `once` changed"),
    Change("a check that fails now", ("p1.migrations == 1", "p1.migrations == 2"), kept: ["back", "both"]),
    Change("a message", ("should be on b", "must be on b"), kept: ["back", "both"], why: "its check `away` changed"),
    Change(
      "a new check", ("@check there", "@check up b.up\n@check there"), kept: ["out", "back"],
      why: "its check `up` is new"),
    Change(
      "a check less", ("@check quiet message.lost == 0 guard\n", ""), kept: ["out", "back"],
      why: "its check `quiet` is gone"),
    Change(
      "the order of checks", ("@check quiet message.lost == 0 guard\n", ""),
      ("@check there", "@check quiet message.lost == 0 guard\n@check there"), kept: ["out", "back"],
      why: "its checks stand in another order"),
    Change("a weight", ("weight 2", "weight 3"), kept: ["out", "both"], why: "its check `home` changed"),
    Change("what is hidden", ("there p2.node == a", "there p2.node == a hidden"), kept: ["out", "back"]),
    Change(
      "what is forbidden", ("@forbid node-failed\n", ""), kept: ["back", "both"],
      why: "its check `no node-failed` is gone"),
    Change("further seeds", ("p1.node == a weight", "p1.node == a seeds 4 weight"), kept: ["out", "both"]),
    Change("a solution", ("migrate p1 b\n@setup", "migrate p1 c\nmigrate p1 b\n@setup"), kept: all),
    Change(
      "a solution that others go on from", ("migrate p1 b\n@setup", "migrate p1 b --pretransfer\n@setup"), kept: all),
    Change(
      "a step that comes first",
      ("@step out", "@step before points 1\n@check zero now >= 0ms\n@solution\nnow\n@step out"), kept: [],
      why: "it is new"),
    Change(
      "a step between",
      ("@step both", "@step more points 1\n@check c p2.node == b\n@solution\nmigrate p2 b\n@step both"),
      kept: ["out", "back"], why: "it is new"),
    Change(
      "a step at the end",
      ("\nmigrate p2 a", "\nmigrate p2 a\n@step more points 1\n@check c p2.node == b\n@solution\nmigrate p2 b"),
      kept: all, why: "it is new"),
    Change(
      "a step less",
      (
        "@step both points 2\n| Bring p2.\n@check there p2.node == a essential\n@check quiet message.lost == 0 guard\n@solution\nmigrate p2 a",
        ""
      ),
      kept: ["out", "back"]),
    Change("a name of a step", ("@step back", "@step return"), kept: ["out"], why: "it is new"),
    Change(
      "a set-up", ("spawn p2 --on c", "spawn p2 --on b"), kept: ["out"],
      why: "its set-up changed, or what may be used in it"),
    Change("what is withheld", ("@check there", "@withhold checkpoint\n@check there"), kept: ["out", "back"]),
    Change("the first set-up", ("node add a b c", "node add a b c d"), kept: []),
    Change("the parameters", ("8..64", "8..63"), kept: [], why: "the parameters changed"),
    Change(
      "a further parameter", ("@param pages", "@param more 1..5\n@param pages"), kept: [], why: "the parameters changed"
    ),
    Change(
      "how steps go on", ("@param pages", "@continues\n@param pages"), kept: [],
      why: "what holds for all steps changed: `@continues`, one step or several, or what students do not know"),
  ]

  private static let all = ["out", "back", "both"]

  /// What grading says of a submission, with the digest that a class's has.
  static func circumstances(of submission: String) -> GradeReport.Circumstances {
    var circumstances = GradeReport.Circumstances()
    circumstances.file = "class/ada.migsh"
    circumstances.submissionDigest = Digest.hexadecimal(of: Array(submission.utf8))
    circumstances.courseSecret = StudentSeed.fingerprint(ofSecret: "s")
    return circumstances
  }

  static func submission(_ text: String, for exercise: Lesson) -> Submission {
    Submission(student: "ada", text: .success(SourceText(name: "ada.migsh", text: text)), for: exercise)
  }

  static func afresh(_ exercise: Lesson, _ text: String, seed: UInt64 = 7, limits: GradingLimits = GradingLimits())
    throws
    -> GradeReport
  {
    try Grader(exercise, limits: limits).grade(
      submission(text, for: exercise), seed: seed, circumstances(of: text))
  }

  static func again(
    _ exercise: Lesson, _ text: String, after former: GradeReport?, seed: UInt64 = 7,
    limits: GradingLimits = GradingLimits(), secret: String = "s"
  ) throws -> GradeReport {
    var circumstances = circumstances(of: text)
    circumstances.courseSecret = StudentSeed.fingerprint(ofSecret: secret)
    return try Grader(exercise, limits: limits).regrade(
      submission(text, for: exercise), seed: seed, circumstances, after: former)
  }

  /// As it is written to a file and read back.
  static func filed(_ report: GradeReport) throws -> GradeReport {
    try GradeReport(parsing: Array(report.json.encoded.utf8))
  }

  /// Without the line that says what was kept.
  static func bytes(_ report: GradeReport) -> String {
    var report = report
    report.regrade = nil
    return report.json.encoded + report.text + report.shown(to: .teacher).text()
  }

  /// Exercises, and the submissions with which each is tried.
  static let bases: [(text: String, answers: [String])] = [
    (trip, submissions.keys.sorted()),
    (seeded, ["right", "lost", "idle at first", "wrong with some numbers", "right with some numbers"]),
    (trip.replacing("@param", with: "@continues\n@param"), ["lost", "idle at first"]),
  ]

  /// How a submission to a base was graded before.
  static let formers: [[String: GradeReport]] = bases.map { base in
    Dictionary(
      uniqueKeysWithValues: base.answers.compactMap { name in
        guard let exercise = try? lesson(base.text), let answer = submissions[name],
          let report = try? afresh(exercise, answer, limits: limits)
        else { return nil }
        return (name, report)
      })
  }

  /// So that a submission that reaches a limit takes no long time.
  static let limits = {
    var limits = GradingLimits()
    limits.commands = 200
    return limits
  }()

  @Test(arguments: changes) func whatIsGradedAgainIsWhatIsGradedAfresh(_ change: Change) throws {
    for (place, base) in Self.bases.enumerated() {
      if base.text.contains("@continues"), change.name == "how steps go on" { continue }
      let now = try lesson(change.text(of: base.text))
      for name in base.answers {
        let answer = try #require(Self.submissions[name])
        let former = try Self.filed(try #require(Self.formers[place][name]))
        let again = try Self.again(now, answer, after: former, limits: Self.limits)
        #expect(Self.bytes(again) == Self.bytes(try Self.afresh(now, answer, limits: Self.limits)), "\(name)")
        let regrade = try #require(again.regrade)
        #expect(regrade.kept.count + regrade.judged.count == now.steps.count)
        if name == "right", place == 0 {
          #expect(regrade.kept == change.kept)
          if let why = change.why { #expect(regrade.judged.first?.why == why) }
        }
        guard name == "lost" else { continue }
        // What was graded again can be graded again.
        let back = try Self.again(try lesson(base.text), answer, after: try Self.filed(again), limits: Self.limits)
        #expect(Self.bytes(back) == Self.bytes(former), "\(name), back")
      }
    }
  }

  /// With further seeds a step may be judged from another world when a step before it has other checks.
  @Test func furtherSeedsReachBack() throws {
    let (before, now) = (
      try lesson(Self.seeded), try lesson(Self.seeded.replacing("p1.migrations == 1", with: "p1.migrations >= 1"))
    )
    let report = try Self.again(now, Self.right, after: try Self.afresh(before, Self.right))
    #expect(report.regrade?.kept == ["both"])
    #expect(
      report.regrade?.text
        == "step both kept; step out judged again: its check `once` changed; step back judged again: "
        + "it is tried with further seeds, and step out before it changed")
  }

  /// Steps judged from the world of the solutions are judged again when a solution is mended, and others are not.
  @Test func solutionsReachWhatIsJudgedFromThem() throws {
    let now = try lesson(Self.trip.replacing("migrate p1 b\n@setup", with: "migrate p1 b --pretransfer\n@setup"))
    let lost = try #require(Self.submissions["lost"])
    let former = try Self.afresh(try lesson(Self.trip), lost)
    #expect(former.steps.map(\.basis) == [.own, .reference, .own])
    let report = try Self.again(now, lost, after: former)
    #expect(report.regrade?.kept == ["out", "both"])
    #expect(report.regrade?.judged.map(\.why) == ["the solution of step out before it changed"])
  }

  /// A step whose student went wrong before is judged again when that is no longer held against them.
  @Test func whatComesBeforeReachesWhatComesAfter() throws {
    let late = "@step out\nmigrate p1 b\nmigrate p1 a\nmigrate p1 b\n@step back\nkill p1\n@step both\nmigrate p2 a\n"
    let now = try lesson(Self.trip.replacing("p1.migrations == 1", with: "p1.migrations >= 1"))
    let report = try Self.again(now, late, after: try Self.afresh(try lesson(Self.trip), late))
    #expect(report.regrade?.kept == ["back", "both"])
    let back = try Self.again(try lesson(Self.trip), late, after: report)
    #expect(
      back.regrade?.judged.map(\.why) == ["its check `once` changed", "a step before it is judged otherwise now"])
  }

  /// Nobody judges what is kept: an earlier report that somebody has changed by hand shows it.
  @Test func whatIsKeptIsNotJudged() throws {
    var former = try Self.afresh(try lesson(Self.trip), Self.right)
    former.steps[0].checks[0].verdict = .failed
    let now = try lesson(Self.trip.replacing("points 2", with: "points 1"))
    let report = try Self.again(now, Self.right, after: try Self.filed(former))
    #expect(report.regrade?.kept == ["out", "back"] && report.steps[0].checks[0].verdict == .failed)
    #expect(report.steps[2].points == 1)
  }

  @Test func allIsJudgedAgainWhenItHasTo() throws {
    let exercise = try lesson(Self.trip)
    let former = try Self.afresh(exercise, Self.right)
    func why(
      _ former: GradeReport?, _ answer: String = Self.right, of exercise: Lesson? = nil, seed: UInt64 = 7,
      limits: GradingLimits = GradingLimits(), secret: String = "s"
    ) throws -> String? {
      let exercise = try exercise ?? lesson(Self.trip)
      let report = try Self.again(exercise, answer, after: former, seed: seed, limits: limits, secret: secret)
      var fresh = try Self.afresh(exercise, answer, seed: seed, limits: limits).json.encoded
      if secret != "s", let own = StudentSeed.fingerprint(ofSecret: "s"), let other = report.courseSecret {
        fresh = fresh.replacing(own, with: other)
      }
      var bare = report
      bare.regrade = nil
      #expect(bare.json.encoded == fresh)
      #expect(report.regrade?.kept == [] && report.text.contains("\nGraded again: all steps are judged again: "))
      return Set(report.regrade?.judged.map(\.why) ?? []).first
    }
    #expect(try why(nil) == "there is no earlier report")
    #expect(try why(former, Self.right + "# mine\n") == "the submission changed")
    #expect(try why(former, seed: 8) == "the student's numbers are others")
    #expect(try why(former, secret: "t") == "the course's secret is another one")
    var limits = GradingLimits()
    limits.commands = 9_999
    #expect(try why(former, limits: limits) == "the limits of grading changed")
    #expect(try why(former.asShownToStudent)?.hasPrefix("the earlier report is a student's") == true)
    var bare = former
    bare.digests.parts = nil
    #expect(try why(bare) == "the earlier report does not say by which steps and checks it was graded")
    let other = try lesson(Self.trip.replacing("@lesson trip", with: "@lesson journey"))
    #expect(try why(former, of: other) == "the earlier report is on another exercise")
    var circumstances = Self.circumstances(of: Self.right)
    circumstances.status = .timedOut
    let failed = GradeReport(ungraded: exercise, student: "ada", seed: 7, circumstances)
    #expect(try why(failed) == "it was not graded before")
    let engine = try GradeReport(
      parsing: Array(former.json.encoded.replacing("\"engine\":\"\(migshVersion)\"", with: "\"engine\":\"0.0.9\"").utf8)
    )
    #expect(try why(engine) == "another version of migsh graded")
    let many = try #require(Self.submissions["many mistakes"])
    #expect(try why(try Self.afresh(exercise, many), many) == "it has more mistakes than a report lists")
  }

  /// What a student sees has nothing by which a hidden check could be guessed.
  @Test func studentsHaveNoDigestsOfChecks() throws {
    let report = try Self.afresh(try lesson(Self.trip), Self.right)
    #expect(report.digests.parts?.steps.map(\.checks.count) == [3, 2, 2])
    #expect(report.asShownToStudent.digests.parts == nil)
  }

  /// Reports of before there were digests of steps are still read.
  @Test func olderReportsAreRead() throws {
    let report = try Self.afresh(try lesson(Self.trip), Self.right)
    let text = report.json.encoded.replacing(/,"parts":\{.*?\]\}\]\}/, with: "").replacing(
      ",\"regrade\":null", with: "")
    #expect(!text.contains("parts") && !text.contains("regrade"))
    let read = try GradeReport(parsing: Array(text.utf8))
    #expect(read.digests.parts == nil && read.text == report.text)
  }

  /// The exercises of the course, with the answers that they list, after changes that authors make.
  @Test(.whenThorough) func exercisesOfTheCourseAreGradedAgainAsAfresh() throws {
    var (compared, kept) = (0, 0)
    for before in try ShippedCourseTests.lessons() where before.points > 0 && before.steps.count > 1 {
      for now in try Self.edited(before) {
        for answer in Self.answers(to: before).prefix(3) {
          let report = try Self.again(now, answer, after: try Self.filed(try Self.afresh(before, answer)))
          #expect(Self.bytes(report) == Self.bytes(try Self.afresh(now, answer)), "\(before.name)")
          compared += 1
          kept += report.regrade?.kept.count ?? 0
        }
      }
    }
    #expect(compared > 100 && kept > 200, "\(compared), \(kept)")
  }

  /// The solutions, and then with each wrong answer in the place of one.
  private static func answers(to exercise: Lesson) -> [String] {
    func text(_ other: (step: String, text: String)?) -> String {
      exercise.steps.map { step in
        "@step \(step.name)\n" + (other?.step == step.name ? other?.text ?? "" : step.solution.source.text) + "\n"
      }.joined()
    }
    return [text(nil)] + exercise.steps.flatMap { step in step.wrong.map { text((step.name, $0.script.source.text)) } }
  }

  private static func edited(_ exercise: Lesson) throws -> [Lesson] {
    let text = exercise.source.text
    let last = exercise.steps[exercise.steps.count - 1]
    let line = exercise.source.text(last.span)
    let check = exercise.source.text(exercise.steps[0].checks[0].span)
    return try [
      text.replacing("\n@setup", with: "\n\n# A line more.\n@setup", maxReplacements: 1),
      text.replacing(line, with: "@step \(last.name) points \(last.points + 1)"),
      text.replacing(check, with: check + "\n@check later now >= 0ms guard"),
    ].map { try Lesson(parsing: SourceText(name: exercise.source.name, text: $0), table: table) }
  }
}
