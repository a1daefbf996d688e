import Course

/// Results as Moodle's Virtual Programming Lab reads them from the output of an evaluation: comments, and a grade on its
/// last line (https://vpl.dis.ulpgc.es/documentation/).
///
/// A block of comments stands between `<|--` and `--|>`; a line of it that begins with `>` is shown as it is. So every line
/// from a report begins with that sign, and none can end the block or be taken for a grade.
enum VirtualProgrammingLab {
  static func lines(of report: GradeReport, _ options: ReportOptions) -> String {
    var lines = ["-\(InertText.line(report.title)) (\(report.exercise))"]
    let text = [
      report.shownCause.map { "What went wrong first: \($0)" } ?? "All checks passed.", report.shownProblems,
    ]
    lines += shown(text.compactMap { $0 }.joined(separator: "\n"))
    for step in report.steps {
      lines.append("-Step \(step.shownName) (\(formatPoints(step.earned)) of \(step.points) points)")
      lines += shown(step.shownVerdicts + "\n" + step.shownAccount)
    }
    return "<|--\n" + lines.joined(separator: "\n") + "\n--|>\nGrade :=>> \(grade(of: report, options))\n"
  }

  private static func shown(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { ">\($0)" }
  }

  /// The points, on the scale that Moodle wants: from VPL_GRADEMIN to VPL_GRADEMAX.
  private static func grade(of report: GradeReport, _ options: ReportOptions) -> String {
    let total = report.fault == nil ? report.total : 0
    func hundredths(_ name: String) -> Int? {
      options.environment[name].flatMap { Double($0) }.flatMap { Int(exactly: ($0 * 100).rounded()) }
    }
    guard let most = hundredths("VPL_GRADEMAX"), report.highest > 0, (0...100_000_000).contains(most) else {
      return formatPoints(total)
    }
    let least = min(max(0, hundredths("VPL_GRADEMIN") ?? 0), most)
    return formatPoints(least + (most - least) * total / (report.highest * 100))
  }
}
