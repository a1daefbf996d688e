import CommandLanguage
import Shell

/// What is hardly meant, though it is no mistake: only playing a lesson shows it.
extension Prover {
  /// Notes the migrations that answers are about, before the step is done that should make them.
  mutating func noteEarlyAnswers(_ step: Lesson.Step, _ stage: Stage, _ session: borrowing Session) {
    let evaluator = stage.evaluator(in: session)
    early = [:]
    for question in step.questions { early[question.name] = migrations(in: question.answer, evaluator) }
  }

  /// The numbers of the migrations that an expression is about, and its value; nil when it is about anything else of the
  /// world.
  private func migrations(in expression: Expression, _ evaluator: Evaluator) -> [Value]? {
    guard let paths = expression.migrationPaths, !paths.isEmpty else { return nil }
    let numbers = paths.map { (try? evaluator.evaluate($0)) ?? .none }
    guard !numbers.contains(.none), let value = try? evaluator.evaluate(expression) else { return nil }
    return numbers + [value]
  }

  /// Warns of answers that only a later step shows, and notes those that this one does.
  mutating func warnOfAnswers(_ step: Lesson.Step, _ stage: Stage, _ session: borrowing Session) {
    let evaluator = stage.evaluator(in: session)
    for question in step.questions {
      let value = try? evaluator.evaluate(question.answer)
      guard let value, question.accepts(value) else {
        late.append((question, step.name))
        continue
      }
      if let earlier = early[question.name], earlier == migrations(in: question.answer, evaluator) { continue }
      changedAnswers.insert(question.name)
    }
    for (question, place) in late where place != step.name && !answeredLate.contains(question.name) {
      guard let value = try? evaluator.evaluate(question.answer), question.accepts(value) else { continue }
      answeredLate.insert(question.name)
      warn(
        question.answer, "the answer to `\(question.name)` is there only after the step `\(step.name)`",
        remedy: "it is worked out when `\(place)` is done: put the question in front of `@step \(step.name)`")
    }
  }

  /// Warns of what no seed has shown.
  mutating func warnOfIdleParts() {
    if hasBattery, lesson.points > 0 { warnOfNeedlessAcceptances() }
    for step in lesson.steps {
      for question in step.questions where !changedAnswers.contains(question.name) {
        guard !late.contains(where: { $0.question.name == question.name }) else { continue }
        warn(
          question.answer, "the answer to `\(question.name)` is about a migration from before the step `\(step.name)`",
          remedy: "it is worked out when `\(step.name)` is done: put the question in front of the step that shows it")
      }
      guard step.points > 0 && hasBattery || !step.wrong.isEmpty else { continue }
      for check in step.checks where check.marks.isGuard && !failed.contains(check.span.start) {
        warnings.append(
          Problem(
            diagnostic: lesson.source.diagnostic(
              at: check.span, "nothing that was tried fails the guard `\(check.name)`",
              remedy: "show with a `@wrong` that something does; a check that always holds says nothing"),
            isWarning: true))
      }
    }
  }

  /// Warns of what is accepted though nothing of that kind earns all points.
  mutating func warnOfNeedlessAcceptances() {
    var told: Set<Int> = []
    for acceptance in lesson.steps.flatMap(\.accepted) where told.insert(acceptance.span.start).inserted {
      let name = acceptance.attempt.rawValue
      let isNeeded = lesson.steps.contains { step in
        step.accepted.contains { $0.span.start == acceptance.span.start }
          && results.contains { $0.step == step.name && $0.attempt == name && $0.earned == $0.points * 100 }
      }
      guard !isNeeded else { continue }
      warnings.append(
        Problem(
          diagnostic: lesson.source.diagnostic(
            at: acceptance.span, "nothing that was tried needs this: no `\(name)` earns all points",
            remedy: "take the line out"), isWarning: true))
    }
  }

  private mutating func warn(_ answer: Expression, _ message: String, remedy: String) {
    warnings.append(
      Problem(diagnostic: lesson.source.diagnostic(at: answer.span, message, remedy: remedy), isWarning: true))
  }

  /// Notes which checks of a step something has failed.
  mutating func noteFailures(_ results: [CheckResult]) {
    for result in results where result.verdict != .passed { failed.insert(result.span.start) }
  }
}

extension Expression {
  /// The paths in it up to a migration; nil when another part of it reads the world.
  fileprivate var migrationPaths: [Expression]? {
    switch self {
    case .path(let names, let span):
      return names.lastIndex(of: "migration").map { [.path(Array(names[...$0]), span)] }
    case .variablePath(let name, let members, let span):
      return members.lastIndex(of: "migration").map { [.variablePath(name, Array(members[...$0]), span)] }
    case .literal, .variable, .string, .unary, .binary, .call, .list, .each:
      var all: [Expression] = []
      for part in parts {
        guard let found = part.migrationPaths else { return nil }
        all += found
      }
      return all
    }
  }
}
