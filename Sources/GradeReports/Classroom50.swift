import Course
import Shell

/// Results as Classroom 50 reads them (`classroom50/result/v1`,
/// https://github.com/foundation50/classroom50/wiki/Advanced-Autograding#the-resultjson-contract).
///
/// Its scores are whole numbers, and ours have two decimals: all scores are hundredths of points, so that no student loses
/// any to rounding. Every step is a test.
enum Classroom50 {
  private static let longestName = 100

  static func json(of report: GradeReport, _ options: ReportOptions) -> JSON {
    func value(_ name: String, or other: String = "unknown") -> JSON {
      let value = options.environment[name] ?? ""
      return .string(value.isEmpty ? other : value)
    }
    let commit = options.environment["COMMIT_URL"] ?? ""
    let time = options.environment["SUBMISSION_TIME"] ?? ""
    var names = UniqueNames()
    let tests = report.steps.map { step in test(step, name: names.name(step.shownName, bytes: longestName), of: report)
    }
    return .object([
      ("schema", .string("classroom50/result/v1")), ("classroom", value("CLASSROOM")),
      ("assignment", value("ASSIGNMENT")),
      ("assignment_type", value("ASSIGNMENT_TYPE", or: "individual")),
      ("owner", value("OWNER", or: report.shownStudent)),
      ("submission", value("SUBMISSION_TAG")), ("commit", value("COMMIT_URL")), ("release", value("RELEASE_URL")),
      ("review", value("REVIEW_URL", or: commit.isEmpty ? "unknown" : commit)),
      ("datetime", .string(time.isEmpty ? options.time : time)),
      ("score", .integer(Int64(report.fault == nil ? report.total : 0))),
      ("max-score", .integer(Int64(report.highest * 100))), ("tests", .array(tests)),
    ])
  }

  private static func test(_ step: GradeReport.Step, name: String, of report: GradeReport) -> JSON {
    let earned = report.fault == nil ? step.earned : 0
    let problems = report.problems.filter { $0.step == step.name }.map(\.text)
    let message =
      [report.shownCause.map { "What went wrong first: \($0)" }, step.shownVerdicts, step.shownAccount].compactMap {
        $0
      } + problems
    return .object([
      ("test-name", .string(name)), ("passed", .boolean(earned == step.points * 100)),
      ("score", .integer(Int64(earned))), ("max-score", .integer(Int64(step.points * 100))),
      ("message", .string(InertText.lines(message.joined(separator: "\n"), bytes: Most.textBytes))),
    ])
  }
}
