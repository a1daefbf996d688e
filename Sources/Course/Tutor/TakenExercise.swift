import CommandLanguage
import Shell

/// What there is to know of an exercise while somebody takes it as it is graded.
struct TakenExercise {
  /// Who takes it; nil when nobody said.
  let student: String?
  /// Draws the numbers and everything random, as in grading.
  let seed: UInt64
  /// What was typed in each step and would be handed in, by the names of the steps. Each line has its end.
  var parts: [String: String] = [:]

  /// The file that keeps what was typed.
  func draftName(_ lesson: Lesson) -> String { "\(lesson.name)-\(seed).migsh" }

  /// The first line of what is handed in: it says whose that is.
  func heading(_ lesson: Lesson) -> String {
    "# migsh hand-in 1: \(lesson.name), seed \(seed)" + (student.map { ", \(InertText.line($0))" } ?? "")
  }

  /// What is handed in: a part for each step.
  func text(_ lesson: Lesson) -> String {
    heading(lesson) + "\n" + lesson.steps.map { "\n@step \($0.name)\n\(parts[$0.name] ?? "")" }.joined()
  }

  // MARK: - Drafts

  private static let placeMark = "# at "

  /// The same with a note of where the student is.
  func draft(_ lesson: Lesson, at step: String) -> String {
    let (heading, text) = (heading(lesson), text(lesson))
    return "\(heading)\n\(Self.placeMark)\(step)\(text.dropFirst(heading.count))"
  }

  /// Takes over what a draft has.
  ///
  /// - Returns: the step that the student was in, if it says so.
  mutating func takeOver(_ draft: SourceText, _ lesson: Lesson) -> String? {
    let submission = Submission(student: student ?? "", text: .success(draft), for: lesson)
    for (name, part) in submission.parts {
      let lines = part.text.split(separator: "\n")
      if !lines.isEmpty { parts[name] = lines.map { $0 + "\n" }.joined() }
    }
    let note = draft.text.split(separator: "\n").dropFirst().first { $0.hasPrefix(Self.placeMark) }
    return note.map { String($0.dropFirst(Self.placeMark.count)) }
  }
}

extension Lesson.Step {
  /// The lines of a part as a text that can be executed.
  static func source(ofPart text: String) -> SourceText { SourceText(name: "what you typed", text: text) }
}

extension Visit {
  /// The verdicts on the step that the learner may know: in an exercise none of hidden checks.
  func judge(_ session: borrowing Session) -> [CheckResult] {
    let results = stage.judge(step, in: session)
    return exercise == nil ? results : results.filter { !$0.isHidden }
  }

  /// What the step earns with some verdicts.
  func earned(_ results: [CheckResult]) -> GradeReport.Step {
    let isBegun = results.contains { $0.verdict == .passed && !passedAtStart.contains($0.name) }
    return step.report(results, isBegun: isBegun)
  }
}

extension Lesson.Step {
  /// What the step earns with the verdicts on the checks that may be seen.
  func report(_ visible: [CheckResult], isBegun: Bool) -> GradeReport.Step {
    var report = GradeReport.Step(name: name, points: points, isBegun: isBegun, checks: visible)
    report.unseenWeight = hiddenChecks.weight
    return report
  }
}

extension GradeReport.Step {
  /// The points so far, for who knows nothing of hidden checks: `2 of 3 points`.
  func earnedText(hidden: Lesson.UnseenChecks) -> String {
    guard hidden.count > 0 else { return "\(formatPoints(earned)) of \(counted(points, "point"))" }
    let rest = points * 100 - mostEarned
    return "\(formatPoints(earned)) of the \(formatPoints(mostEarned)) points of these checks; "
      + "\(counted(hidden.count, "check")) that you do not see \(hidden.count == 1 ? "decides" : "decide") on "
      + (rest > 0 ? "\(formatPoints(rest)) more" : "whether they stay")
  }
}
