import CommandLanguage
import Shell

extension Lesson {
  /// Plays the lesson from beginning to end: shows its prose, and executes its solutions in place of a learner. Writes
  /// everything to the session, in its format.
  ///
  /// - Parameters:
  ///   - session: a session with an empty world.
  ///   - seed: draws the parameters. Without a seed each parameter has the middle of its range.
  /// - Returns: `refused` when the engine refused a command of the lesson, `failed` when a check did not pass.
  public func play(in session: inout Session, seed: UInt64? = nil) -> ScriptStatus {
    var player = Player(stage: Stage(self, seed: seed, in: &session))
    return player.play(in: &session)
  }
}

/// Shows a lesson, and does what a learner would do.
private struct Player {
  var stage: Stage
  /// The status of the first failure.
  private var status = ScriptStatus.success
  /// The kind of part shown last: an empty line comes before a part of another kind.
  private var lastPart = Part.title

  private enum Part {
    case title, prose, question, command, answer, verdict, explanation
  }

  private var lesson: Lesson { stage.lesson }

  init(stage: Stage) { self.stage = stage }

  mutating func play(in session: inout Session) -> ScriptStatus {
    let secrets = lesson.secretNames
    let rule = String(repeating: "=", count: lesson.title.displayWidth)
    session.say(
      Report(
        "\(lesson.title)\n\(rule)", .init("lesson", .text(lesson.name)), .init("title", .text(lesson.title)),
        .init("goal", .text(lesson.goal?.text ?? "")), .init("minutes", .count(lesson.goal?.minutes ?? 0)),
        .init(
          "parameters",
          .object(
            stage.values.filter { value in !secrets.contains(value.name) }.map { .init($0.name, .integer($0.value)) }))),
      about: lesson.span,
      in: lesson.source)
    if let goal = lesson.goal, session.options.format == .text {
      session.write("\n" + Prose.wrapped([goal.shown], width: Prose.width(in: session)) + "\n")
    }
    for (index, step) in lesson.steps.enumerated() {
      for item in step.preamble where status.mayGoOn { show(item, in: &session) }
      guard status.mayGoOn else { return status }
      play(step, number: index + 1, in: &session)
      guard status.mayGoOn else { return status }
    }
    return status
  }

  private mutating func show(_ item: Lesson.Preamble, in session: inout Session) {
    switch item {
    case .prose(let lines): show(lines, as: .prose, in: session)
    case .question(let question): show(question, in: session)
    case .setup(let script):
      let write = session.write
      var output = ""
      if session.options.format == .text { session.write = { output += $0 } }
      let failure = stage.setUp(script, in: &session)
      session.write = write
      if lastPart == .prose { lastPart = .command }
      if let failure {
        session.write(output)
        note(failure.status)
      }
    }
  }

  private mutating func play(_ step: Lesson.Step, number: Int, in session: inout Session) {
    stage.beginStep(step, in: &session)
    let points = step.points > 0 ? " (\(counted(step.points, "point")))" : ""
    begin(.title, in: session)
    session.say(
      Report(
        "[\(number)/\(lesson.steps.count)] \(step.name)\(points)", .init("step", .text(step.name)),
        .init("points", .count(step.points))),
      about: step.span, in: lesson.source)
    if !step.task.isEmpty { show(step.task, as: .prose, in: session) }
    begin(.command, in: session)
    let echoes = session.options.echoes
    session.options.echoes = true
    let status = stage.perform(step.solution, of: step, in: &session)
    session.options.echoes = echoes
    note(status)
    guard self.status.mayGoOn else { return }
    for question in step.questions { answer(question, in: session) }
    for result in stage.judge(step, in: session) { show(result, in: session) }
    do { for text in try stage.explanation(of: step, in: session) { show(text, as: .explanation, in: session) } } catch
    {
      writeError(error, in: session)
    }
  }

  /// Begins a part, after an empty line when people read it.
  private mutating func begin(_ part: Part, in session: borrowing Session) {
    if part != lastPart || part == .title, session.options.format == .text { session.write("\n") }
    lastPart = part
  }

  private mutating func show(_ lines: [Template], as part: Part, in session: borrowing Session) {
    guard let first = lines.first else { return }
    do {
      let shown = try stage.prose(lines, width: Prose.width(in: session), in: session)
      begin(part, in: session)
      // A session writes nothing for an empty report, but an empty line of prose must show.
      session.say(
        Report(
          prose: shown + "\n", [.init(part == .prose ? "prose" : "explanation", .text(shown))]),
        about: first.span, in: lesson.source)
    } catch {
      writeError(error, in: session)
    }
  }

  private mutating func show(_ question: Lesson.Question, in session: borrowing Session) {
    do {
      let shown = try stage.evaluator(in: session).text(question.text)
      begin(.question, in: session)
      let choices = question.shownChoices.enumerated().map { "\n  \($0 + 1) \($1)" }.joined()
      session.say(
        Report(
          "? \(shown)\(choices)", .init("question", .text(question.name)), .init("text", .text(shown)),
          .init("choices", .texts(question.shownChoices))),
        about: question.span, in: lesson.source)
    } catch {
      writeError(error, in: session)
    }
  }

  private mutating func answer(_ question: Lesson.Question, in session: borrowing Session) {
    do {
      let evaluator = stage.evaluator(in: session)
      let value = try evaluator.evaluate(question.answer)
      let text = try evaluator.text(question.text)
      begin(.answer, in: session)
      session.say(
        Report(
          "= \(text) \(question.shown(value) ?? value.text(in: session.state.world))",
          .init("answer", .text(question.name)),
          .init("value", value)),
        about: question.answer.span, in: lesson.source)
    } catch {
      writeError(error, in: session)
    }
  }

  private mutating func show(_ result: CheckResult, in session: borrowing Session) {
    begin(.verdict, in: session)
    let detail = result.explanation.map { ": \($0)" } ?? ""
    session.say(
      Report("\(result.verdict.text)  \(result.name)\(detail)", .init("check", .json(.object(result.data)))),
      about: result.span, in: lesson.source, isGood: result.verdict == .passed)
    if result.verdict != .passed { note(.failed) }
  }

  /// Reports an expression of the lesson that cannot be evaluated.
  private mutating func writeError(_ error: Diagnostic, in session: borrowing Session) {
    begin(.verdict, in: session)
    session.say(
      Report(error.rendered(), .init("mistake", .text(error.message))),
      about: lesson.span, in: lesson.source, isGood: false)
    note(.refused)
  }

  private mutating func note(_ status: ScriptStatus) {
    if self.status == .success || !status.mayGoOn { self.status = status }
  }
}

extension ScriptStatus {
  /// Whether the lesson goes on. After a check that failed it does, but after no other failure.
  fileprivate var mayGoOn: Bool { self == .success || self == .failed }
}
