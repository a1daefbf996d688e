import Course
import Shell

/// A grade book: a row for each submission, as comma-separated values.
struct GradeBook: Sendable {
  private var exercise: (name: String, steps: [String])?

  /// - Throws: an error when the report is on another exercise than the one before.
  mutating func text(adding report: GradeReport) throws(ReportError) -> String {
    let steps = report.steps.map(\.name)
    guard let exercise else {
      self.exercise = (report.exercise, steps)
      let titles = ["student", "section", "file", "exercise", "status", "points", "max", "passed"]
      let head =
        titles + steps.map { "step \($0)" } + ["errors", "cause", "fault", "seed", "course secret", "engine"]
        + ["exercise sha256", "submission sha256"]
      return CSV.record(head.map(Most.cell)) + row(report)
    }
    guard exercise == (report.exercise, steps) else {
      throw ReportError.exercises(exercise.name, report.exercise)
    }
    return row(report)
  }

  private func row(_ report: GradeReport) -> String {
    var cells = [
      report.student, report.section ?? "", report.file, report.exercise, report.status.rawValue,
      report.fault == nil ? report.totalPoints : "",
      "\(report.highest)", report.isPassed ? "yes" : "no",
    ]
    cells += report.steps.map { formatPoints($0.earned) }
    cells += [
      "\(report.problems.count + report.furtherProblems)", report.cause ?? "", report.fault ?? "", "\(report.seed)",
      report.courseSecret ?? "", report.engine, report.digests.exercise, report.digests.submission ?? "",
    ]
    return CSV.record(cells.map(Most.cell))
  }
}

extension ReportError {
  static func exercises(_ first: String, _ second: String) -> ReportError {
    ReportError(
      "these reports are on different exercises, \(first) and \(second)",
      remedy: "write the reports on each exercise, or on each version of it, by themselves")
  }
}
