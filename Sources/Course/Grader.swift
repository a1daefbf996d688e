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
  /// The digests of the exercise's parts, under these limits.
  let parts: PartDigests
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
    parts = PartDigests(exercise, limits)
    self.isInterrupted = isInterrupted
  }

  /// Grades one submission.
  ///
  /// - Parameters:
  ///   - seed: draws the parameters and everything random.
  ///   - circumstances: what the report says beside the verdicts. What was used of the limits is filled in.
  public func grade(
    _ submission: Submission, seed: UInt64, _ circumstances: GradeReport.Circumstances = GradeReport.Circumstances()
  ) throws(Interrupted) -> GradeReport {
    try grade(submission, seed: seed, circumstances, keeping: nil)
  }

  /// - Parameter former: results of steps that need not be judged again.
  func grade(
    _ submission: Submission, seed: UInt64, _ circumstances: GradeReport.Circumstances, keeping former: FormerResults?
  ) throws(Interrupted) -> GradeReport {
    let first = try uninterrupted(
      attempt(submission, seed: seed, checksInvariants: true).executeSteps(exercise.steps.count, keeping: former))
    var steps = first.steps
    var fault = first.fault
    let furthest = exercise.steps.flatMap(\.checks).map(\.marks.furtherSeeds).max() ?? 0
    let secrets = exercise.secretNames
    for index in 0..<furthest where fault == nil {
      guard let last = lastStepWanting(index, steps) else { break }
      let further = StudentSeed.further(index + 1, of: seed)
      let outcome = try uninterrupted(attempt(submission, seed: further).executeSteps(last + 1))
      fault = outcome.fault
      for (number, step) in outcome.steps.enumerated() where !steps[number].isKept {
        for (place, check) in exercise.steps[number].checks.enumerated() where check.marks.furtherSeeds > index {
          steps[number].checks[place].adopt(
            step.checks[place], seed: further, outcome.values.filter { value in !secrets.contains(value.name) })
        }
      }
    }
    let divisions = submission.mistakes.map { Attempt.Problem(step: nil, kind: "unreadable", diagnostic: $0) }
    var circumstances = circumstances
    circumstances.used = first.usage
    circumstances.parts = parts
    var report = GradeReport(
      exercise: exercise, student: submission.student, seed: seed, values: first.values, steps: steps,
      problems: divisions + first.problems, keptProblems: first.keptProblems, fault: fault, circumstances)
    if former != nil {
      report.regrade = GradeReport.Regrade(kept: steps.filter(\.isKept).map(\.name), judged: first.judged)
    }
    return report
  }

  private func uninterrupted(_ outcome: Attempt.Outcome) throws(Interrupted) -> Attempt.Outcome {
    if outcome.isInterrupted { throw Interrupted() }
    return outcome
  }

  func attempt(_ submission: Submission, seed: UInt64, checksInvariants: Bool = false) -> Attempt {
    Attempt(
      exercise: exercise, submission: submission, seed: seed, limits: limits, checksInvariants: checksInvariants,
      isInterrupted: isInterrupted)
  }

  /// Grades the exercise's own solutions, within the limits of every submission.
  ///
  /// - Returns: what hinders them, so that no student could do it; nil when they earn everything.
  public func flaw(seed: UInt64) throws(Interrupted) -> GradeReport? {
    let parts = exercise.steps.map { "@step \($0.name)\n\($0.solution.source.text)\n" }
    let solution = SourceText(name: "\(exercise.name)'s solution", text: parts.joined())
    let report = try grade(
      Submission(student: "the exercise", text: .success(solution), for: exercise, isAuthors: true), seed: seed)
    return report.isPassed ? nil : report
  }

  /// The last step with a check that passed so far and must also be tried with this further seed. What is kept has been
  /// tried.
  private func lastStepWanting(_ index: Int, _ steps: [GradeReport.Step]) -> Int? {
    exercise.steps.indices.last { number in
      !steps[number].isKept
        && zip(exercise.steps[number].checks, steps[number].checks).contains {
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
    self.seed = seed
    let place = "with seed \(seed)" + values.map { ", \($0.name) \($0.value)" }.joined()
    event = nil
    // A limit that was reached with a further seed is the reason there.
    if let reason { self.reason = "\(reason), \(place)" }
    guard verdict == .failed else { return }
    found = [found, place].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
