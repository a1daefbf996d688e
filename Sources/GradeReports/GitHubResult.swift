import Course
import Shell

/// Results as GitHub's autograding reporter reads them, in base64
/// (https://github.com/classroom-resources/autograding-grading-reporter).
///
/// Its table shows weights and its notice shows scores; they agree only when there are as many tests, each worth one, as
/// `max_score` says. So each check that earns points is a test. A check of a step that earns nothing did not pass here,
/// since doing nothing, or what is forbidden, is worth nothing.
enum GitHubResult {
  static func json(of report: GradeReport) -> JSON {
    var names = UniqueNames()
    var tests: [JSON] = []
    for step in report.steps {
      for check in step.checks where !check.isGuard {
        let name = names.name("\(step.shownName)/\(check.shownName)".cut(toBytes: Most.nameBytes))
        tests.append(test(check, in: step, name: name, of: report))
      }
    }
    let status = report.fault != nil ? "error" : report.isPassed ? "pass" : "fail"
    return .object([
      ("version", .integer(1)), ("status", .string(status)), ("max_score", .integer(Int64(tests.count))),
      ("tests", .array(tests)),
    ])
  }

  private static func test(
    _ check: CheckResult, in step: GradeReport.Step, name: String, of report: GradeReport
  ) -> JSON {
    let isPassed = check.verdict == .passed && step.earned > 0 && report.fault == nil
    let problem = report.problems.first { $0.step == step.name } ?? report.problems.first { $0.step == nil }
    var message = [check.verdict == .passed ? nil : check.shownExplanation ?? check.verdict.text]
    if check.verdict == .passed, !isPassed {
      message.append("it holds, but the step earns nothing" + (step.account.map { " (\($0))" } ?? ""))
    }
    if !isPassed {
      for other in step.checks where other.isGuard && other.verdict != .passed {
        message.append(other.shownName + (other.shownExplanation.map { ": \($0)" } ?? ""))
      }
    }
    message.append(report.statusText ?? report.fault)
    message.append(problem?.text)
    let text = InertText.lines(message.compactMap { $0 }.joined(separator: "\n"), bytes: Most.textBytes)
    let place = problem?.place
    return .object([
      ("name", .string(name)), ("status", .string(report.fault != nil ? "error" : isPassed ? "pass" : "fail")),
      ("score", .integer(isPassed ? 1 : 0)), ("message", .string(text)), ("test_code", .string(check.shownName)),
      ("filename", .string(place.map { InertText.line($0.file, bytes: Most.nameBytes) } ?? "")),
      ("line_no", .integer(Int64(place?.line ?? 0))), ("duration", .integer(0)),
    ])
  }
}
