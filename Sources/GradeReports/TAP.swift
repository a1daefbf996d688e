import Course
import Shell

/// Reports in the Test Anything Protocol (https://testanything.org). The plan comes last, once it is known how many tests
/// there are.
enum TAP {
  static func beginning(version: Int) -> String { "TAP version \(version)\n" }
  static func plan(_ count: Int) -> String { "1..\(count)\n" }

  /// - Parameter count: how many tests there were before.
  static func lines(of report: GradeReport, _ count: inout Int) -> String {
    var text = test(
      report.shownProblems == nil, "\(report.shownStudent): submission", details(of: report), &count)
    for step in report.steps {
      for check in step.checks {
        let isPassed = step.isPassed(check)
        let name = "\(report.shownStudent): \(step.shownName)/\(check.shownName)"
        var details: [(String, String)] = []
        if !isPassed {
          details.append(("verdict", step.heldBefore(check) ? step.verdictText(check) : check.verdict.rawValue))
          if let explanation = check.shownExplanation { details.append(("message", explanation)) }
        }
        text += test(isPassed, name, details, &count)
      }
    }
    return text
  }

  private static func details(of report: GradeReport) -> [(String, String)] {
    var details: [(String, String)] = [("points", "\(report.totalPoints)/\(report.highest)")]
    if let section = report.section { details.append(("section", section.cut(toBytes: Most.nameBytes))) }
    if report.status != .graded { details.append(("status", report.status.rawValue)) }
    if let cause = report.shownCause { details.append(("cause", cause)) }
    if let problems = report.shownProblems { details.append(("problems", problems)) }
    return details
  }

  private static func test(
    _ isPassed: Bool, _ name: String, _ details: [(String, String)], _ count: inout Int
  ) -> String {
    count += 1
    // A hash would begin a directive: a test that should be skipped, or may fail.
    let description = InertText.line(name).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
    var text = "\(isPassed ? "ok" : "not ok") \(count) - \(description)\n"
    guard !details.isEmpty else { return text }
    text += "  ---\n"
    // A text in quotes is the same in JSON and in YAML.
    for (key, value) in details { text += "  \(key): \(JSON.string(InertText.lines(value)).encoded)\n" }
    return text + "  ...\n"
  }
}
