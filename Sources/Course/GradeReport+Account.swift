import Shell

/// How the points of a step come about.
extension GradeReport.Step {
  /// Whether every check holds, and nothing happened that is forbidden.
  package var areChecksPassed: Bool { checks.allSatisfy { $0.verdict == .passed } }

  /// Whether nothing was done in it that counts: whatever holds held already when it began.
  package var isIdle: Bool { !isBegun && points > 0 && checks.contains { !$0.isGuard && $0.verdict != .unchecked } }

  /// Whether a check holds without anything that was done in the step, so that it earns nothing.
  package func heldBefore(_ check: CheckResult) -> Bool { isIdle && !check.isGuard && check.verdict == .passed }

  /// Whether a check passed through what was done in the step. What must not happen, and guards, pass when nothing is done.
  package func isPassed(_ check: CheckResult) -> Bool { check.verdict == .passed && !heldBefore(check) }

  /// What became of a check, in words.
  package func verdictText(_ check: CheckResult) -> String { heldBefore(check) ? "held before" : check.verdict.text }

  /// Why what holds counts for nothing, to follow the name of the step; nil unless the step is idle.
  var idleness: String? {
    guard isIdle else { return nil }
    let earlier = "what earlier steps did does not count here"
    if areChecksPassed {
      return isAnswered
        ? "every check held already when it began, and \(earlier)"
        : "no command stands under `@step \(name)`, and \(earlier)"
    }
    guard checks.contains(where: heldBefore) else {
      return isAnswered ? nil : "no command stands under `@step \(name)`"
    }
    return (isAnswered ? "" : "no command stands under `@step \(name)`, and ")
      + "what held already when the step began does not count"
  }

  /// Why it did not earn all of its points, as a sentence without its name; nil when it did, or when no check was made.
  package var account: String? {
    guard points > 0, earned < points * 100, checks.contains(where: { $0.verdict != .unchecked }) else { return nil }
    let nothing = "0 of \(points) points, since "
    if let check = checks.first(where: { $0.isForbidden && $0.verdict == .failed }) {
      return nothing + "something happened that the step forbids (`\(check.checkName)`)"
    }
    if let check = checks.first(where: { $0.isEssential && $0.verdict != .passed }) {
      return nothing + "the essential check `\(check.name)` did not pass"
    }
    if let idleness { return nothing + idleness }
    let earning = checks.filter { !$0.isGuard }
    let most = earning.reduce(0) { $0 + $1.weight }
    let passed = earning.reduce(0) { $0 + (isPassed($1) ? $1.weight : 0) }
    let heavy = earning.filter { $0.weight > 1 }.map { "`\($0.name)` \($0.weight)" }
    let weights = heavy.isEmpty ? "" : " (a check is one part, \(heavy.joined(separator: ", ")))"
    var text = "\(passed) of \(most) parts passed\(weights)"
    for check in checks where check.isGuard && !check.isForbidden && check.verdict != .passed {
      text += ", and the guard `\(check.name)` takes \(check.weight == 1 ? "one" : "\(check.weight)") away"
    }
    return text + ": \(formatPoints(earned)) of \(points) points"
  }
}

extension GradeReport {
  /// How the points of each step come about that did not earn all, a line for each.
  package var accounts: [String] { steps.compactMap { step in step.account.map { "\(step.name): \($0)" } } }

  /// Steps whose checks all hold although nothing was done in them that counts, in sentences.
  package var idleSteps: [String] {
    steps.compactMap { step in
      guard step.areChecksPassed, let idleness = step.idleness else { return nil }
      return "In step \(step.name), \(idleness)"
    }
  }

  /// What the report says of its points: why nobody knows them, or how many there are.
  package var pointsText: String {
    fault == nil ? "\(formatPoints(total)) of \(highest) points" : "not graded, for a fault of the grader"
  }

  /// What comes before the reason why nothing of the submission was executed: only a fault of the grader leaves it without
  /// a grade.
  package var ungradedTitle: String { status.isFaultOfGrading ? "Not graded" : "No points" }
}

extension GradeReport.Usage {
  /// What is limited, in words.
  package var name: String {
    switch limit {
    case .commands, .nesting, .events, .nodes, .processes, .pages, .memory: limit.rawValue
    case .steps: "steps of programs"
    case .time: "virtual time"
    case .outputBytes: "output"
    }
  }

  /// How much was used, with units.
  package var text: String { "\(amount(used)) of \(amount(most))" }

  private func amount(_ number: UInt64) -> String {
    switch limit {
    case .commands, .nesting, .events, .nodes, .processes, .pages, .steps: "\(number)"
    case .time: formatTime(number)
    case .memory, .outputBytes: formatSize(number)
    }
  }
}
