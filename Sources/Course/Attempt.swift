import CommandLanguage
import Shell

/// Executes a submission with one seed. Goes through setups, parts and checks step by step, all in one world.
///
/// A step that failed does not drag later ones down: these are judged from the world of the solutions, too, and the better
/// result counts.
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
    /// For each step of the exercise, what came of it.
    var steps: [GradeReport.Step] = []
    var problems: [Problem] = []
    /// Those of a former report in steps that come after and were not executed again.
    var keptProblems: [GradeReport.Problem] = []
    /// Which steps were judged although there was a former report.
    var judged: [GradeReport.Regrade.Judged] = []
    /// A fault of the engine or of the exercise, not of the student.
    var fault: String?
    var isInterrupted = false
    var values: [(name: String, value: Int64)] = []
    /// How much was used of each limit.
    var usage: [GradeReport.Usage] = []
  }

  let exercise: Lesson
  let submission: Submission
  let seed: UInt64
  let limits: GradingLimits
  /// Whether the engine checks itself after every event.
  let checksInvariants: Bool
  let isInterrupted: () -> Bool

  /// Executes the first steps of the exercise, `count` of them.
  ///
  /// - Parameter former: results of steps that are kept when that changes nothing. What the student did there is executed
  ///   again only when a later step is judged.
  func executeSteps(_ count: Int, keeping former: FormerResults? = nil) -> Outcome {
    var own = Track(self, checksInvariants: checksInvariants)
    var outcome = Outcome(values: own.stage.values)
    var reference: Track?
    var isSoiled = false
    for (number, step) in exercise.steps.prefix(count).enumerated() {
      let part = submission.parts[step.name]
      if let former {
        guard let why = former.reasonToJudge(number, isAnswered: part != nil, isSoiled: isSoiled) else {
          outcome.steps.append(former.step(number))
          isSoiled = isSoiled || !former.step(number).withOwnSeed.isPassed
          continue
        }
        outcome.judged.append(GradeReport.Regrade.Judged(step: step.name, why: why))
      }
      own.catchUp(to: number)
      var result = own.take(step, part)
      if isInterrupted() {
        outcome.isInterrupted = true
        return outcome
      }
      if isSoiled, part != nil, !result.isPassed, !exercise.continues, exercise.release == nil {
        var track = reference ?? Track(self, checksInvariants: false)
        if track.follow(upTo: number) {
          reference = track
          track.separateOutput()
          let second = track.take(step, part)
          if second.earned > result.earned {
            result = second
            result.basis = .reference
          }
        }
      }
      isSoiled = isSoiled || !result.isPassed
      outcome.steps.append(result)
    }
    if let ending = former?.ending(from: own.taken), own.taken < count {
      (outcome.keptProblems, outcome.usage) = ending
    } else {
      own.catchUp(to: count)
      outcome.isInterrupted = isInterrupted()
      outcome.usage = limits.usage(own.session.usage, outputBytes: own.output.count)
    }
    outcome.problems = own.problems
    outcome.fault = own.fault ?? reference?.fault
    return outcome
  }

  /// The session right after a step was judged; nil when there is no such step.
  ///
  /// - Parameter basis: the world from which it was judged.
  func moment(ofStep name: String, _ basis: GradeReport.Step.Basis) -> GradingMoment? {
    var own = Track(self, checksInvariants: false)
    for (number, step) in exercise.steps.enumerated() {
      let part = submission.parts[step.name]
      let ownResult = own.take(step, part)
      guard step.name == name else { continue }
      guard basis == .reference else { return moment(of: ownResult, in: own, part) }
      var track = Track(self, checksInvariants: false)
      guard track.follow(upTo: number) else { return nil }
      track.separateOutput()
      let result = track.take(step, part)
      var moment = moment(of: result, in: track, part)
      moment.ownResult = ownResult
      return moment
    }
    return nil
  }

  private func moment(of result: GradeReport.Step, in track: Track, _ part: SourceText?) -> GradingMoment {
    let mistakes = submission.mistakes.map { Problem(step: nil, kind: "unreadable", diagnostic: $0) }
    return GradingMoment(
      student: submission.student, result: result, seed: seed, values: track.stage.values, part: part,
      mistakes: (mistakes + track.problems).filter { $0.step == nil || $0.step == result.name }
        .map(GradeReport.Problem.init), session: track.session)
  }

  fileprivate var options: Session.Options {
    limits.options(files: .given(submission.files))
  }
}

/// One world in which steps are taken one after the other.
private struct Track {
  /// How many bytes commands have printed.
  final class Output {
    var count = 0
  }

  var session: Session
  var stage: Stage
  private(set) var output = Output()
  var problems: [Attempt.Problem] = []
  /// A fault of the engine or of the exercise.
  var fault: String?
  private let attempt: Attempt
  /// Why the remaining steps are not executed; nil as long as they are.
  private var ending: String?
  /// How many steps have been taken with the parts of the submission.
  private(set) var taken = 0
  /// How many steps have been taken as the solutions take them.
  private var followed = 0
  /// Whether everything so far was the exercise's own.
  private var isPristine = true

  init(_ attempt: Attempt, checksInvariants: Bool) {
    self.attempt = attempt
    session = Session(seed: attempt.seed, options: attempt.options) { _ in }
    if checksInvariants { session.checkInvariants(effort: attempt.limits.ownChecks) }
    stage = Stage(attempt.exercise, seed: attempt.seed, in: &session)
    separateOutput()
  }

  /// From now on counts its own output alone: this track is a copy of another, which goes on counting its own.
  mutating func separateOutput() {
    let (own, most, isInterrupted) = (Output(), attempt.limits.outputBytes, attempt.isInterrupted)
    own.count = output.count
    output = own
    session.separateEffort()
    session.write = { own.count += $0.utf8.count }
    session.isInterrupted = { own.count > most || isInterrupted() }
  }

  /// Takes a step with a part of the submission; nil when it has none for it.
  mutating func take(_ step: Lesson.Step, _ part: SourceText?) -> GradeReport.Step {
    taken += 1
    var hindrance = setUp(step)
    stage.beginStep(step, in: &session)
    let before = stage.judge(step, in: session)
    // What comes after may lack what the step should have brought about.
    isPristine = false
    if hindrance == nil, let part {
      _ = stage.perform(part, of: step, isAuthors: attempt.submission.isAuthors, in: &session)
      // A part may change options with `set`. The next part starts with the usual ones.
      session.options = attempt.options
      if let failure = session.failure { note(failure, step) }
      if fault != nil { hindrance = "a fault of migsh" }
    }
    var results = stage.judge(step, in: session)
    if let hindrance { for index in results.indices { results[index].leaveUnchecked(because: hindrance) } }
    let isBegun = zip(before, results).contains { $0.verdict != .passed && $1.verdict == .passed }
    return GradeReport.Step(
      name: step.name, points: step.points, isBegun: isBegun, isAnswered: part?.hasCommands ?? false, checks: results)
  }

  /// Takes the steps before a place with the parts of the submission, as far as that is not done yet. What they earn is known.
  mutating func catchUp(to place: Int) {
    while taken < place, !attempt.isInterrupted() {
      let step = attempt.exercise.steps[taken]
      _ = take(step, attempt.submission.parts[step.name])
    }
  }

  /// Takes the steps before a place as the solutions take them, as far as that is not done yet.
  ///
  /// - Returns: false when a solution fails, which is the exercise's fault.
  mutating func follow(upTo place: Int) -> Bool {
    while followed < place {
      let step = attempt.exercise.steps[followed]
      guard setUp(step) == nil else { return false }
      stage.beginStep(step, in: &session)
      _ = stage.perform(step.solution, of: step, in: &session)
      session.options = attempt.options
      guard session.failure == nil else { return false }
      followed += 1
    }
    return true
  }

  /// - Returns: why the step cannot be taken; nil when it can.
  private mutating func setUp(_ step: Lesson.Step) -> String? {
    if let ending { return "not reached: \(ending)" }
    for case .setup(let script) in step.preamble {
      guard let failure = stage.setUp(script, in: &session) else { continue }
      if isPristine, failure.status != .interrupted {
        fault = fault ?? "the exercise's own set-up fails:\n\(failure.diagnostic.rendered(kind: failure.kind))"
      }
      end(failure)
      return "the step could not be set up: \(ending ?? failure.diagnostic.message)"
    }
    return nil
  }

  private mutating func note(_ failure: ScriptFailure, _ step: Lesson.Step) {
    let isLimit = end(failure)
    guard failure.status != .fault else { return }
    var diagnostic = failure.diagnostic
    if isLimit, let ending { diagnostic.message = ending }
    problems.append(
      Attempt.Problem(step: step.name, kind: isLimit ? "limit" : failure.kind, diagnostic: diagnostic))
  }

  /// Notes why nothing can be executed after a failure, if that is so.
  @discardableResult
  private mutating func end(_ failure: ScriptFailure) -> Bool {
    switch failure.status {
    case .fault:
      fault = failure.diagnostic.rendered(kind: failure.kind)
      ending = "a fault of migsh"
      return false
    case .limit:
      ending = failure.diagnostic.message
      return true
    case .interrupted:
      ending = attempt.limits.outputReason
      return true
    case .success, .failed, .usage, .refused: return false
    }
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
