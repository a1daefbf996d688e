import CommandLanguage
import Shell

/// Executes a submission with one seed. Goes through setups, parts and checks step by step, all in one world.
struct Attempt {
  /// A mistake in a submission, or a limit that it reached.
  struct Problem: Sendable {
    /// The step with the mistake; nil for the submission as a whole.
    let step: String?
    /// `error`, `failed` or `limit`; `unreadable` when it cannot be divided into parts.
    let kind: String
    let diagnostic: Diagnostic
  }

  struct Outcome: Sendable {
    /// For each step of the exercise, the verdicts on it, and whether a check passed that did not pass when the step
    /// began.
    var steps: [(results: [CheckResult], isBegun: Bool)] = []
    var problems: [Problem] = []
    /// A fault of the engine, not of the student.
    var fault: String?
    var isInterrupted = false
    var values: [(name: String, value: Int64)] = []
  }

  let exercise: Lesson
  let submission: Submission
  let seed: UInt64
  let limits: GradingLimits
  let deadline: ContinuousClock.Instant
  /// Whether the engine checks itself after every event.
  let checksInvariants: Bool
  let isInterrupted: () -> Bool

  /// Executes the first steps of the exercise, `count` of them.
  func executeSteps(_ count: Int) -> Outcome {
    var written = 0
    var session = Session(seed: seed, options: options) { written += $0.utf8.count }
    session.isInterrupted = { written > limits.outputBytes || .now > deadline || isInterrupted() }
    if checksInvariants { session.checkInvariants() }
    var stage = Stage(exercise, seed: seed, in: &session)
    var outcome = Outcome(values: stage.values)
    // Why the remaining steps are not executed; nil as long as they are.
    var ending: String?
    for step in exercise.steps.prefix(count) {
      var hindrance = ending.map { "not reached: \($0)" }
      for case .setup(let script) in step.preamble where hindrance == nil {
        guard let failure = stage.setUp(script, in: &session) else { continue }
        ending = end(failure, written, &outcome)
        hindrance = "the step could not be set up: \(ending ?? failure.diagnostic.message)"
      }
      stage.beginStep(step, in: &session)
      let before = stage.judge(step, in: session)
      if hindrance == nil, let part = submission.parts[step.name] {
        session.options.withheld.merge(step.withheld) { first, _ in first }
        _ = session.execute(part)
        // A part may change options with `set`. The next part starts with the usual ones.
        session.options = options
        if let failure = session.failure {
          ending = end(failure, written, &outcome)
          if failure.status != .fault { outcome.problems.append(problem(failure, ending, step)) }
        }
      }
      if isInterrupted() {
        outcome.isInterrupted = true
        return outcome
      }
      var results = stage.judge(step, in: session)
      if let hindrance { for index in results.indices { results[index].leaveUnchecked(because: hindrance) } }
      let isBegun = zip(before, results).contains { $0.verdict != .passed && $1.verdict == .passed }
      outcome.steps.append((results, isBegun))
    }
    return outcome
  }

  private var options: Session.Options {
    limits.options(files: .readBelow(submission.folder))
  }

  /// Why nothing can be executed after a failure; nil when the next step can.
  private func end(_ failure: ScriptFailure, _ written: Int, _ outcome: inout Outcome) -> String? {
    switch failure.status {
    case .fault:
      outcome.fault = failure.diagnostic.rendered(kind: failure.kind)
      return "a fault of migsh"
    case .limit, .interrupted: return limits.reason(for: failure, written: written)
    case .success, .failed, .usage, .refused: return nil
    }
  }

  private func problem(_ failure: ScriptFailure, _ limit: String?, _ step: Lesson.Step) -> Problem {
    var diagnostic = failure.diagnostic
    if let limit { diagnostic.message = limit }
    return Problem(step: step.name, kind: limit == nil ? failure.kind : "limit", diagnostic: diagnostic)
  }
}

extension CheckResult {
  /// Notes why the check was not reached.
  fileprivate mutating func leaveUnchecked(because reason: String) {
    verdict = .unchecked
    (message, expected, found, event) = (nil, nil, nil, nil)
    self.reason = reason
  }
}
