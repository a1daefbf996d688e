import CommandLanguage

extension GradeReport {
  /// What the student may see: of hidden checks the verdict alone, and of the others as much as the exercise's `@details`
  /// allow. The picture shows what was found, so it goes where that goes. Who else has answered alike is the teacher's business.
  public var asShownToStudent: GradeReport {
    guard audience != .student else { return self }
    var report = self
    report.audience = .student
    report.values.removeAll { secretNames.contains($0.name) }
    report.secretNames = []
    report.likeness = nil
    report.digests.parts = nil
    for step in steps.indices {
      for check in steps[step].checks.indices { report.steps[step].checks[check].withhold(details) }
    }
    if details == .none || firstFailure?.check.isHidden == true { report.picture = nil }
    return report
  }

  /// What the audience may see.
  public func shown(to audience: Audience) -> GradeReport {
    switch audience {
    case .teacher: self
    case .student: asShownToStudent
    }
  }

  /// The first thing that went wrong, in a sentence; nil when nothing did.
  ///
  /// Why the submission was not graded comes before a fault of the engine, this before a mistake in the submission as a
  /// whole, and this before what happened in the first step in which something went wrong. There a mistake comes before the
  /// checks, which fail because of it.
  public var cause: String? {
    if let statusText { return statusText }
    if let fault { return "Grading failed, and not the student: \(Self.firstLine(fault))" }
    if let problem = problems.first(where: { $0.step == nil }) { return Self.sentence(problem) }
    for step in steps {
      if let problem = problems.first(where: { $0.step == step.name }) { return Self.sentence(problem) }
      if let check = step.checks.first(where: { $0.verdict != .passed }) {
        return bounded("In step \(step.name), \(check.sentence)")
      }
      if step.areChecksPassed, let idleness = step.idleness { return bounded("In step \(step.name), \(idleness)") }
    }
    return problems.first.map { Self.sentence($0) }
  }

  /// The first check that failed, and its step.
  private var firstFailure: (step: Step, check: CheckResult)? {
    for step in steps {
      if let check = step.checks.first(where: { $0.verdict == .failed }) { return (step, check) }
    }
    return nil
  }

  private static func sentence(_ problem: Problem) -> String {
    let step = problem.step.map { "In step \($0)" } ?? "In the submission"
    return bounded("\(step), \(problem.place): \(firstLine(problem.message))")
  }

  private static func firstLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }
}

extension CheckResult {
  /// What became of a check that did not pass, to follow the name of its step.
  fileprivate var sentence: String {
    let detail = explanation.map { ": \($0)" } ?? ""
    if isForbidden, verdict == .failed { return "something happened that it forbids, `\(checkName)`\(detail)" }
    return verdict == .unchecked
      ? "the check `\(name)` could not be made\(detail)" : "the check `\(name)` failed\(detail)"
  }

  /// Removes what a student may not see.
  mutating func withhold(_ details: Lesson.Details) {
    if isHidden || details != .full { expected = nil }
    if isHidden { seed = nil }
    guard isHidden || details == .none else { return }
    (message, found, event, reason, seed) = (nil, nil, nil, nil, nil)
  }
}
