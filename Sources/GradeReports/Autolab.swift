import Course
import Shell

/// Results as Autolab reads them: the last two lines of the output
/// (https://docs.autolabproject.com/instructors/feedback/). A step is a problem, and a stage of the feedback.
///
/// Autolab puts every word of the last line that a colon follows in quotes before it parses the line, so no key and no
/// value there may hold one.
enum Autolab {
  static func lines(of report: GradeReport) -> String {
    var names = UniqueNames()
    let submission = names.name("submission")
    let steps = report.steps.map { ($0, names.name($0.shownName)) }
    var feedback: [(String, JSON)] = [
      ("_presentation", .string("semantic")),
      ("stages", .array(([submission] + steps.map(\.1)).map { .string($0) })),
      (
        submission, .object([("runs", verdict(report.shownProblems == nil, report.shownProblems ?? report.shownCause))])
      ),
    ]
    for (step, name) in steps {
      var checks = UniqueNames()
      feedback.append(
        (
          name,
          .object(
            step.checks.map { check in
              let hint = step.isPassed(check) ? nil : check.shownExplanation ?? step.verdictText(check)
              return (checks.name(check.shownName), verdict(step.isPassed(check), hint))
            })
        ))
    }
    let isWorthless = report.fault != nil
    let scores = steps.map { step, name in
      (name.replacing(":", with: "."), JSON.number(isWorthless ? 0 : Double(step.earned) / 100))
    }
    let last = JSON.object([
      ("scores", .object(scores)), ("scoreboard", .array([.number(isWorthless ? 0 : Double(report.total) / 100)])),
    ])
    return JSON.object(feedback).encoded + "\n" + last.encoded + "\n"
  }

  private static func verdict(_ isPassed: Bool, _ hint: String?) -> JSON {
    .object([("passed", .boolean(isPassed))] + (isPassed ? [] : hint.map { [("hint", .string($0))] } ?? []))
  }
}
