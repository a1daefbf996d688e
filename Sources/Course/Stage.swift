import CommandLanguage
import MigrationKernel
import Shell

/// A lesson that is played in a session. It keeps the lesson's own definitions apart from the learner's, so that the
/// lesson's setups and checks do not depend on names that a learner defines.
struct Stage {
  let lesson: Lesson
  /// The seed from which the parameters were drawn, if they were.
  let seed: UInt64?
  /// The parameters with their values, in the lesson's order.
  let values: [(name: String, value: Int64)]

  /// The names that learners' commands do not know.
  private let hidden: Set<String>

  /// The lesson's own definitions.
  private var own: Session.Scope
  /// The part of these that learners see.
  private var shown: Session.Scope {
    guard !hidden.isEmpty else { return own }
    var scope = own
    for name in hidden { scope.variables[name] = nil }
    return scope
  }
  /// What the learner predicted, by the names of the questions.
  var predictions: [String: Value] = [:]
  private var start = Start()

  /// How things stood when a step began.
  private struct Start {
    var logEntry = 0
    /// For each event that the step forbids, in their order.
    var counts: [Int] = []
  }

  /// - Parameter seed: draws the parameters. Without a seed each parameter has the middle of its range.
  init(_ lesson: Lesson, seed: UInt64?, in session: inout Session) {
    self.lesson = lesson
    self.seed = seed
    values = lesson.parameters.values(seed: seed)
    hidden = lesson.hiddenNames
    own = session.scope
    for (name, value) in values { own.variables[name] = .integer(value) }
    session.scope = shown
  }

  /// Executes a setup of the lesson. The learner can use what it defines, and no breakpoint of the learner stops it.
  mutating func setUp(_ script: Lesson.Script, in session: inout Session) -> ScriptFailure? {
    var learner = session.scope
    session.scope = own
    session.withoutLookouts { session in _ = session.execute(script.source) }
    own = session.scope
    learner.merge(shown)
    session.scope = learner
    let failure = session.failure
    // What was executed would tell what is hidden: `history`, `save` and `redo` must not know it.
    if !hidden.isEmpty { session.sealPast() }
    return failure
  }

  /// Begins a step: counts from here on what the step forbids.
  ///
  /// - Parameter sealsPast: whether the learner can undo back to here, and no further.
  mutating func beginStep(_ step: Lesson.Step, in session: inout Session, sealsPast: Bool = true) {
    var learner = session.scope
    learner.merge(shown)
    session.scope = learner
    if sealsPast { session.sealPast() }
    session.stepStart = session.state.world
    start.logEntry = session.state.world.log.total
    start.counts = step.forbidden.map { $0.kind.count(in: session, keptOnly: $0.keptOnly) }
  }

  /// Forgives what was refused so far in the step: at a prompt that is typed anew, and no part of what is handed in.
  mutating func forgiveRefusals(in step: Lesson.Step, _ session: borrowing Session) {
    for (index, event) in step.forbidden.enumerated() where event.kind == .commandRefused {
      start.counts[index] = event.kind.count(in: session, keptOnly: event.keptOnly)
    }
  }

  /// Executes commands of the lesson's author in place of a learner, who can use in the step what is not withheld there. They may
  /// use what is hidden from learners, where they name it.
  func perform(_ script: Lesson.Script, of step: Lesson.Step, in session: inout Session) -> ScriptStatus {
    perform(script.source, of: step, isAuthors: true, in: &session)
  }

  /// Executes commands in place of a learner.
  func perform(
    _ script: SourceText, of step: Lesson.Step, isAuthors: Bool = false, in session: inout Session
  ) -> ScriptStatus {
    let revealed = isAuthors ? hidden.filter { own.variables[$0] != nil && script.text.contains($0) } : []
    let learner = session.scope.variables
    for name in revealed { session.scope.variables[name] = own.variables[name] }
    defer { for name in revealed { session.scope.variables[name] = learner[name] } }
    let withheld = session.options.withheld
    session.options.withheld.merge(step.withheld) { first, _ in first }
    defer { session.options.withheld = withheld }
    return session.execute(script)
  }

  // MARK: - Judging

  func evaluator(in session: borrowing Session) -> Evaluator {
    var evaluator = session.evaluator(own.variables.merging(predictions) { $1 }, in: lesson.source)
    evaluator.numberWords = lesson.numberWords
    return evaluator
  }

  /// The verdicts on a step, in the order of its checks and then of what it forbids.
  func judge(_ step: Lesson.Step, in session: borrowing Session) -> [CheckResult] {
    let evaluator = evaluator(in: session)
    return step.checks.map { judge($0, evaluator) }
      + zip(step.forbidden, start.counts).map { judge($0, since: $1, in: session) }
  }

  private func judge(_ check: Lesson.Check, _ evaluator: Evaluator) -> CheckResult {
    var result = CheckResult(check)
    do throws(Diagnostic) {
      guard try !evaluator.condition(check.condition) else { return result }
      result.verdict = .failed
      result.expected = lesson.source.text(check.condition.span)
      result.found = evaluator.findings(check.condition, hiding: hidden).joined(separator: ", ")
      if let message = check.message {
        result.message = (try? evaluator.text(message)) ?? lesson.source.text(message.span)
      }
    } catch {
      result.verdict = .unchecked
      let asked = lesson.steps.flatMap(\.questions).map(\.name)
      let strangers = check.condition.freeVariables.filter { evaluator.variables[$0] == nil && !asked.contains($0) }
      result.reason =
        strangers.min().map { "the check asks for `$\($0)`, which the lesson does not set; it does not see yours" }
        ?? error.message
    }
    return result
  }

  private func judge(
    _ event: Lesson.ForbiddenEvent, since count: Int, in session: borrowing Session
  ) -> CheckResult {
    var result = CheckResult(event)
    // After `undo` across the beginning, what the log has since then counts too.
    var times = event.kind.count(in: session, keptOnly: event.keptOnly) - count
    if case .event(let kind) = event.kind, let before = session.stepStart {
      times = max(times, session.state.world.log.count(of: kind) - before.log.count(of: kind))
    }
    guard times > 0 else { return result }
    result.verdict = .failed
    result.expected = "not once: \(event.kind.summary)"
    result.event = event.kind.first(after: start.logEntry, in: session.state.world)
    let isUndone = !event.keptOnly && !isInLog(event.kind, session)
    result.found = counted(times, "time") + (isUndone ? ", in what was undone" : "")
    return result
  }
}

extension Stage {
  /// Whether the log counts an event since the step began, so that not all such events were undone.
  private func isInLog(_ kind: ForbiddenKind, _ session: borrowing Session) -> Bool {
    guard case .event(let kind) = kind, let before = session.stepStart else { return true }
    return session.state.world.log.count(of: kind) > before.log.count(of: kind)
  }

  /// The explanation of a step as it was done: the parts for which nothing else is said, and those whose conditions hold.
  func explanation(of step: Lesson.Step, in session: borrowing Session) throws(Diagnostic) -> [[Template]] {
    let evaluator = evaluator(in: session)
    var texts: [[Template]] = []
    for part in step.explanation {
      if let condition = part.condition, try !evaluator.condition(condition) { continue }
      texts.append(part.text)
    }
    return texts
  }

  /// The replies to what was predicted. There is none to a question that nobody was asked.
  func replies(in step: Lesson.Step, _ session: borrowing Session) throws(Diagnostic) -> [[Template]] {
    let evaluator = evaluator(in: session)
    var texts: [[Template]] = []
    for reply in step.replies {
      let names = SourceText(name: "", text: lesson.source.text(reply.condition.span)).usedVariables()
      let asked = lesson.steps.flatMap(\.questions).map(\.name)
      guard names.allSatisfy({ !asked.contains($0) || predictions[$0] != nil }) else { continue }
      if try evaluator.condition(reply.condition) { texts.append(reply.text) }
    }
    return texts
  }
}

extension [Lesson.Parameter] {
  /// Draws a value for each.
  ///
  /// - Parameter seed: without one each has the middle of its range.
  package func values(seed: UInt64?) -> [(name: String, value: Int64)] {
    var generator = seed.map { MigrationKernel.Generator(seed: $0) }
    return map { ($0.name, generator.draw($0) ?? $0.middle) }
  }
}

extension Generator? {
  /// Draws a value for a parameter; nil without a generator.
  fileprivate mutating func draw(_ parameter: Lesson.Parameter) -> Int64? {
    let width = parameter.range.upperBound.magnitudeAbove(parameter.range.lowerBound)
    guard let drawn = self?.next(below: width + 1) else { return nil }
    return parameter.range.lowerBound + Int64(drawn)
  }
}
