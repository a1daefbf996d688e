import CommandLanguage

/// SHA-256 of each part of an exercise that decides what a submission earns, in hexadecimal digits. With these a later grading
/// can tell what has changed since, and what it may keep.
///
/// Prose, hints, explanations and submissions that must not pass decide nothing, so they are in none of them.
public struct PartDigests: Sendable, Equatable {
  /// Of one step.
  public struct Step: Sendable, Equatable {
    /// What is done before the student begins, and what the student may not use.
    public let setUp: String
    /// The solution: steps behind one that failed are also judged from the world that it makes.
    public let solution: String
    /// Of each check, and then of each event that is forbidden: all that its directive says.
    public let checks: [String]

    init(setUp: String, solution: String, checks: [String]) {
      (self.setUp, self.solution, self.checks) = (setUp, solution, checks)
    }
  }

  /// Of the parameters, from which every set-up may follow.
  public let parameters: String
  /// Of the limits of grading.
  public let limits: String
  /// Of what holds in all steps: whether they continue each other, and which names students do not know.
  public let rules: String
  /// In the order of the exercise.
  public let steps: [Step]

  init(parameters: String, limits: String, rules: String, steps: [Step]) {
    (self.parameters, self.limits, self.rules, self.steps) = (parameters, limits, rules, steps)
  }

  init(_ exercise: Lesson, _ limits: GradingLimits) {
    parameters = Self.digest(exercise.parameters.flatMap { ["\($0.name)", "\($0.range)", "\($0.isSecret)"] })
    // Every limit is in it by itself, also those that are still to come.
    self.limits = Self.digest([String(describing: limits)])
    rules = Self.digest(
      ["\(exercise.continues)", "\(exercise.release == nil)", "\(exercise.steps.count == 1)"]
        + exercise.hiddenNames.sorted() + ["secret"] + exercise.secretNames.sorted())
    steps = exercise.steps.map { Step($0, of: exercise) }
  }

  /// The digest of some texts. Each begins with its length, so that no two lists look alike.
  fileprivate static func digest(_ texts: [String]) -> String {
    Digest.hexadecimal(of: texts.flatMap { Array("\($0.utf8.count):\($0)".utf8) })
  }
}

extension PartDigests.Step {
  fileprivate init(_ step: Lesson.Step, of exercise: Lesson) {
    let scripts = step.preamble.compactMap { part in
      if case .setup(let script) = part { script.source.text } else { nil }
    }
    let withheld = step.withheld.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    setUp = PartDigests.digest(scripts + ["withheld"] + withheld)
    solution = PartDigests.digest([step.solution.source.text])
    // A check that asks for what nobody has set says something else when that is a question.
    let questions = Set(exercise.steps.flatMap(\.questions).map(\.name))
    checks =
      step.checks.map { check in
        PartDigests.digest(
          [exercise.source.text(check.span)] + questions.intersection(check.condition.freeVariables).sorted())
      } + step.forbidden.map { PartDigests.digest([exercise.source.text($0.span)]) }
  }
}
