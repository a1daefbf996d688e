import CommandLanguage
import Shell

/// What the battery found out about a try.
public struct BatteryResult: Sendable {
  /// The step on which it was tried.
  public let step: String
  /// What was tried: the name by which a step may accept it, or `nothing`.
  public let attempt: String
  /// The commands.
  public let text: String
  /// The most that it earned with any seed, in hundredths of points.
  public internal(set) var earned: Int
  /// The points of the step.
  public let points: Int
  /// Why the step accepts it; nil when it must not earn all points.
  public let acceptance: String?
  /// What stopped it; nil when it was executed to its end.
  public internal(set) var refusal: String?
}

/// An accepted way round a step, and how things stood after it.
struct Detour {
  let attempt: String
  let step: String
  let session: Session
  let stage: Stage
}

/// The battery of exercises: ways round a step, each of them tried from where the step begins.
extension Prover {
  /// With how many seeds each way round is tried.
  static let batterySeeds: UInt64 = 3
  /// How many accepted ways round a step are followed into the next.
  static let mostDetours = 6

  mutating func tryBattery(_ step: Lesson.Step, _ stage: Stage, _ before: Session) {
    let earlier = stage.judge(step, in: before)
    for attempt in Battery(step, of: lesson, in: before).tries where !isInterrupted() {
      var session = before
      silence(&session)
      let script = SourceText(name: attempt.name, text: attempt.text)
      _ = stage.perform(script, of: step, isAuthors: true, in: &session)
      let results = stage.judge(step, in: session)
      noteFailures(results)
      let isBegun = zip(earlier, results).contains { $0.verdict != .passed && $1.verdict == .passed }
      var earned = GradeReport.Step(name: step.name, points: step.points, isBegun: isBegun, checks: results).earned
      // What is accepted need not be tried with further seeds.
      let isAccepted = acceptance(of: attempt, step) != nil
      if earned == step.points * 100, !isAccepted, step.checks.contains(where: { $0.marks.furtherSeeds > 0 }) {
        earned = gradedPoints(attempt.text, step, stage.seed ?? 1)
      }
      if earned == step.points * 100, isAccepted, detours.count < Self.mostDetours {
        detours.append(Detour(attempt: attempt.name, step: step.name, session: session, stage: stage))
      }
      note(attempt, of: step, earned: earned, refusal: session.failure?.diagnostic.message)
      complain(of: attempt, step, earned: earned, stage)
    }
  }

  /// Proves that a step can be done after each way round the step before that is accepted.
  mutating func proveAfterDetours(_ step: Lesson.Step) {
    let detours = detours
    self.detours = []
    for detour in detours where !isInterrupted() {
      var (session, stage) = (detour.session, detour.stage)
      silence(&session)
      let how = "after the accepted `\(detour.attempt)` in `\(detour.step)`"
      var failure: String?
      for case .setup(let script) in step.preamble where failure == nil {
        failure = stage.setUp(script, in: &session).map { "it cannot be set up: \($0.diagnostic.message)" }
      }
      if failure == nil {
        stage.beginStep(step, in: &session)
        _ = stage.perform(step.solution, of: step, in: &session)
        failure = session.failure.map { "its solution stops: \($0.diagnostic.message)" }
      }
      if failure == nil {
        let failed = stage.judge(step, in: session).filter { $0.verdict != .passed }.map(\.name)
        failure = failed.isEmpty ? nil : "its solution fails \(failed.joined(separator: ", "))"
      }
      guard let failure, complained.insert("\(detour.step) \(detour.attempt) then").inserted else { continue }
      report(
        lesson.source.diagnostic(
          at: step.span, "the step `\(step.name)` is impossible \(how): \(failure)",
          remedy: "let the set-up not depend on how the step before was done, or let a check there fail"), stage,
        isRepeated: true)
    }
  }

  /// What a submission earns that does the earlier steps as the solutions do, with all further seeds.
  private func gradedPoints(_ text: String, _ step: Lesson.Step, _ seed: UInt64) -> Int {
    var parts: [String] = []
    for other in lesson.steps {
      parts.append("@step \(other.name)\n" + (other.name == step.name ? text : other.solution.source.text))
      if other.name == step.name { break }
    }
    let submission = Submission(
      student: "battery",
      text: .success(SourceText(name: "battery", text: parts.joined(separator: "\n") + "\n")), for: lesson,
      isAuthors: true)
    guard let grader = try? Grader(lesson, isInterrupted: isInterrupted),
      let report = try? grader.grade(submission, seed: seed)
    else { return 0 }
    return report.steps.first { $0.name == step.name }?.earned ?? 0
  }

  private mutating func note(_ attempt: Battery.Try, of step: Lesson.Step, earned: Int, refusal: String?) {
    let index = results.firstIndex {
      $0.step == step.name && $0.attempt == attempt.name && $0.text == attempt.text
    }
    guard let index else {
      results.append(
        BatteryResult(
          step: step.name, attempt: attempt.name, text: attempt.text, earned: earned, points: step.points,
          acceptance: acceptance(of: attempt, step)?.reason, refusal: refusal))
      return
    }
    if earned > results[index].earned { (results[index].earned, results[index].refusal) = (earned, refusal) }
  }

  private func acceptance(of attempt: Battery.Try, _ step: Lesson.Step) -> Lesson.Acceptance? {
    step.accepted.last { $0.attempt == attempt.attempt }
  }

  private mutating func complain(of attempt: Battery.Try, _ step: Lesson.Step, earned: Int, _ stage: Stage) {
    guard earned == step.points * 100, acceptance(of: attempt, step) == nil else { return }
    guard complained.insert("\(step.name) \(attempt.name)").inserted else { return }
    let text = attempt.text.split(separator: "\n").joined(separator: "; ")
    let shown = text.count <= 160 ? text : text.prefix(159) + "…"
    report(
      lesson.source.diagnostic(
        at: step.span, "the battery earns all points of the step `\(step.name)` (\(attempt.name)): \(shown)",
        expected: "less than \(counted(step.points, "point"))",
        remedy: attempt.attempt == nil
          ? "a check must fail when nothing is done"
          : "let a check fail for it, or say @accept \(attempt.name) \"why\" in the step"), stage, isRepeated: true)
  }
}
