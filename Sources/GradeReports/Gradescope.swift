import Course
import Shell

/// Results as Gradescope reads them
/// (https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format).
///
/// Every step is a test with points. Below it its checks are tests with a status alone, since what a check is worth depends
/// on the others. Nothing is hidden from students by Gradescope's own means, for then it would not show them their total:
/// the report itself leaves out what they may not see.
enum Gradescope {
  static func json(of report: GradeReport) -> JSON {
    var members: [(String, JSON)] = [
      ("score", .number(report.fault == nil ? Double(report.total) / 100 : 0)),
      ("output", .string(output(of: report))), ("output_format", .string("text")),
      ("test_output_format", .string("text")), ("test_name_format", .string("text")),
      ("visibility", .string("visible")), ("stdout_visibility", .string("hidden")),
    ]
    var tests: [JSON] = []
    for (index, step) in report.steps.enumerated() {
      tests.append(test(step, number: index + 1, of: report))
      for (place, check) in step.checks.enumerated() {
        tests.append(test(check, of: step, number: "\(index + 1).\(place + 1)"))
      }
    }
    members.append(("tests", .array(tests)))
    let data: [(String, JSON)] = [
      ("engine", .string(report.engine)), ("exercise", .string(report.exercise)),
      ("seed", .integer(Int64(clamping: report.seed))), ("status", .string(report.status.rawValue)),
      ("exercise-sha256", .string(report.digests.exercise)),
      ("submission-sha256", report.digests.submission.map { .string($0) } ?? .null),
      ("used", .object(report.used.map { ($0.limit.rawValue, .integer(Int64(clamping: $0.used))) })),
    ]
    return .object(members + [("extra_data", .object(data))])
  }

  private static func output(of report: GradeReport) -> String {
    let first = report.shownCause.map { "What went wrong first: \($0)" } ?? "All checks passed."
    let numbers = report.values.map { "\(InertText.line($0.name, bytes: Most.nameBytes)) \($0.value)" }
    let own = numbers.isEmpty ? nil : "Your numbers: \(numbers.joined(separator: ", "))"
    return [own, first, report.shownProblems].compactMap { $0 }.joined(separator: "\n\n")
  }

  private static func test(_ step: GradeReport.Step, number: Int, of report: GradeReport) -> JSON {
    let isWhole = step.earned == step.points * 100 && report.fault == nil
    return .object([
      ("number", .string("\(number)")), ("name", .string("Step \(step.shownName)")),
      ("score", .number(report.fault == nil ? Double(step.earned) / 100 : 0)),
      ("max_score", .integer(Int64(step.points))), ("status", .string(isWhole ? "passed" : "failed")),
      ("output", .string(step.shownAccount)), ("visibility", .string("visible")),
    ])
  }

  private static func test(_ check: CheckResult, of step: GradeReport.Step, number: String) -> JSON {
    let isPassed = step.isPassed(check)
    let output = isPassed ? "" : step.verdictText(check) + (check.shownExplanation.map { ": \($0)" } ?? "")
    return .object([
      ("number", .string(number)), ("name", .string(check.shownName)),
      ("status", .string(isPassed ? "passed" : "failed")), ("output", .string(output)),
      ("visibility", .string("visible")),
    ])
  }
}
