import CommandLanguage
import Shell

@testable import Course

/// An exercise of two steps, with every mark that a check can have.
let journey = """
  @lesson journey "A journey & back"
  @param pages 8..64
  @setup
  node add a b c
  spawn p1 --on a --pages $pages
  spawn p2 --on c --pages $pages
  @step out points 3
  @check away p1.node == b "p1 should be on b"
  @check whole p1.migration.pagesSent == $pages hidden seeds 2
  @check free message.lost == 0 guard
  @forbid node-failed
  @solution
  migrate p1 b
  @step back points 7
  @check home p1.node == a essential
  @check both p2.node == a weight 2
  @solution
  migrate p1 a
  migrate p2 a
  """

/// What answers `journey` rightly.
let rightAnswer = "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\nmigrate p2 a\n"

/// The report on a submission.
func grade(_ submission: String, student: String = "ada", of text: String = journey) throws -> GradeReport {
  let exercise = try Lesson(parsing: SourceText(name: "journey", text: text), table: Session { _ in }.table)
  return try Grader(exercise).grade(
    Submission(
      student: student, text: .success(SourceText(name: "\(student).migsh", text: submission)),
      for: exercise), seed: 7)
}

/// Texts that programs obey, or that break what they stand in.
let hostileTexts = [
  "\u{0}\u{7}\u{1B}[2J\u{1B}]0;x\u{7}\u{9B}31m", "]]>", "<script>alert(1)</script>", "\" onload=\"alert(1)",
  "a\nb\r\nc",
  "\nnot ok 1 - x\n1..0 # SKIP\n", "# SKIP", "# TODO x", "::error::x", "::set-output name=a::b", "##[error]x",
  "\n::stop-commands::x", "word: other:word:", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "a,b\"c'",
  "\u{202E}gnp.exe\u{2066}", "\u{FEFF}\u{200B}", "\u{FFFE}\u{FFFF}", "\u{2028}\u{2029}\u{85}", "--|>\nGrade :=>> 100",
  "Grade :=>> 100", "&amp;<!--", "\\# \\", "---\n...\n", "%s%n{{7*7}}${x}`x`", "", " ",
  String(repeating: "é", count: 1 << 19),
]

extension GradeReport {
  /// A report in which every text of a submission, and every name, is the same.
  static func hostile(_ text: String, status: Status = .graded) throws -> GradeReport {
    let exercise = try Lesson(parsing: SourceText(name: "journey", text: journey), table: Session { _ in }.table)
    var circumstances = Circumstances()
    circumstances.file = text
    circumstances.section = text
    circumstances.status = status
    circumstances.statusText = status == .graded ? nil : text
    circumstances.isolation = [text]
    circumstances.picture = text
    circumstances.used = [Usage(.commands, used: 7, most: 8)]
    if status != .graded { return GradeReport(ungraded: exercise, student: text, seed: 1, circumstances) }
    let steps = exercise.steps.map { step in
      let checks = (step.checks.map { CheckResult($0) } + step.forbidden.map { CheckResult($0) }).map { check in
        var check = check
        check.verdict = check.name == "both" ? .unchecked : .failed
        (check.message, check.expected, check.found, check.event, check.reason) = (text, text, text, text, text)
        return check
      }
      return Step(name: step.name, points: step.points, isBegun: true, checks: checks)
    }
    let diagnostic = Diagnostic(place: SourcePlace(file: text, line: 1, column: 1), sourceLine: text, message: text)
    let problems = [
      Attempt.Problem(step: nil, kind: "unreadable", diagnostic: diagnostic),
      Attempt.Problem(step: "out", kind: "limit", diagnostic: diagnostic),
    ]
    return GradeReport(
      exercise: exercise, student: text, seed: 1, values: [("pages", 8)], steps: steps, problems: problems, fault: nil,
      circumstances)
  }

  /// A report in which also the exercise has hostile names: it may have been read from a file.
  static func hostileNames(_ text: String) throws -> GradeReport {
    let exercise = try Lesson(parsing: SourceText(name: "journey", text: journey), table: Session { _ in }.table)
    let steps = [Verdict.failed, .passed].map { verdict in
      let checks = [Verdict.passed, verdict, .unchecked].map { verdict in
        CheckResult(
          name: text, isForbidden: false, isHidden: false, isEssential: false, weight: 1, isGuard: false,
          verdict: verdict)
      }
      return Step(name: text, points: 3, isBegun: true, checks: checks)
    }
    return GradeReport(
      exercise: exercise, student: "ada", seed: 1, values: [(text, 8)], steps: steps, problems: [], fault: nil)
  }

  /// One of each kind, hostile ones included.
  static var examples: [GradeReport] {
    get throws {
      let good = [
        try grade(rightAnswer), try grade("@step out\nmigrate p1 b\n", student: "bob"), try grade("", student: "cid"),
        try grade("@step out\nmigrate p1 b\nmigrate p9 b\n@step back\nx", student: "dan"),
        try grade("@step out\nmigrate p1 b\nfail c\n@step back\n", student: "eve"),
        try grade("@step outt\n", student: "fay").asShownToStudent,
      ]
      return try good + hostileTexts.map { try hostile($0) } + Status.allCases.map { try hostile("why", status: $0) }
    }
  }
}
