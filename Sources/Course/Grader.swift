import CommandLanguage
import Shell

/// Grades submissions to one exercise.
///
/// Every step begins in the world that the exercise's setups and the student's earlier parts have made. The checks of a
/// part are made even when the part fails. A submission can change its score only by changing the world. It sees the
/// exercise's parameters as variables, but setups and checks use only what the exercise itself defined. In a step the
/// student cannot undo what happened before it.
public struct Grader {
  /// Grading was interrupted.
  public struct Interrupted: Error {}

  /// The exercise whose checks count.
  public let exercise: Lesson
  private let limits: GradingLimits
  private let isInterrupted: () -> Bool

  /// - Throws: an error when the lesson has no points.
  public init(
    _ exercise: Lesson, limits: GradingLimits = GradingLimits(), isInterrupted: @escaping () -> Bool = { false }
  ) throws(Diagnostic) {
    guard exercise.points > 0 else {
      throw exercise.source.diagnostic(
        at: exercise.steps.first?.span ?? SourceSpan(start: 0, end: 0), "this is a lesson and no exercise",
        remedy: "an exercise's steps carry points: \(Directive.step.usage)")
    }
    self.exercise = exercise
    self.limits = limits
    self.isInterrupted = isInterrupted
  }

  /// Grades one submission.
  ///
  /// - Parameter seed: draws the parameters and everything random.
  public func grade(_ submission: Submission, seed: UInt64) throws(Interrupted) -> GradeReport {
    let deadline = ContinuousClock.now + limits.wallTime
    let first = try executeSubmission(
      submission, seed: seed, steps: exercise.steps.count, deadline, checksInvariants: true)
    var steps = zip(exercise.steps, first.steps).map { step, outcome in
      GradeReport.Step(name: step.name, points: step.points, isBegun: outcome.isBegun, checks: outcome.results)
    }
    var fault = first.fault
    let furthest = exercise.steps.flatMap(\.checks).map(\.marks.furtherSeeds).max() ?? 0
    let secrets = Set(exercise.parameters.filter(\.isSecret).map(\.name))
    for index in 0..<furthest where fault == nil {
      guard let last = lastStepWanting(index, steps) else { break }
      let further = StudentSeed.further(index + 1, of: seed)
      let outcome = try executeSubmission(submission, seed: further, steps: last + 1, deadline)
      fault = outcome.fault
      for (number, (results, _)) in outcome.steps.enumerated() {
        for (place, check) in exercise.steps[number].checks.enumerated() where check.marks.furtherSeeds > index {
          steps[number].checks[place].adopt(
            results[place], seed: further, outcome.values.filter { value in !secrets.contains(value.name) })
        }
      }
    }
    let divisions = submission.mistakes.map { Attempt.Problem(step: nil, kind: "unreadable", diagnostic: $0) }
    return GradeReport(
      exercise: exercise, student: submission.student, seed: seed, values: first.values, steps: steps,
      problems: divisions + first.problems, fault: fault)
  }

  private func executeSubmission(
    _ submission: Submission, seed: UInt64, steps: Int, _ deadline: ContinuousClock.Instant,
    checksInvariants: Bool = false
  ) throws(Interrupted) -> Attempt.Outcome {
    let attempt = Attempt(
      exercise: exercise, submission: submission, seed: seed, limits: limits, deadline: deadline,
      checksInvariants: checksInvariants, isInterrupted: isInterrupted)
    let outcome = attempt.executeSteps(steps)
    if outcome.isInterrupted { throw Interrupted() }
    return outcome
  }

  /// The last step with a check that passed so far and must also be tried with this further seed.
  private func lastStepWanting(_ index: Int, _ steps: [GradeReport.Step]) -> Int? {
    exercise.steps.indices.last { number in
      zip(exercise.steps[number].checks, steps[number].checks).contains {
        $0.marks.furtherSeeds > index && $1.verdict == .passed
      }
    }
  }
}

extension CheckResult {
  /// Takes over the verdict with a further seed, when all verdicts before it were good.
  fileprivate mutating func adopt(_ other: CheckResult, seed: UInt64, _ values: [(name: String, value: Int64)]) {
    guard verdict == .passed, other.verdict != .passed else { return }
    self = other
    let parameters = values.map { ", \($0.name) \($0.value)" }.joined()
    event = nil
    found = [found, "with seed \(seed)\(parameters)"].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
