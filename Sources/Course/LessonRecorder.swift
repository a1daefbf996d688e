import CommandLanguage
import Shell

extension Lesson {
  /// Plays the lesson with its solutions, with every parameter in the middle of its range, and keeps what is shown.
  ///
  /// - Throws: a failure when a command is refused, a check does not pass or a text cannot be filled in.
  package func recorded(
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(PlayedLesson.Failure) -> PlayedLesson {
    let keeper = TranscriptKeeper()
    var session = keeper.makeSession(isInterrupted: isInterrupted)
    var recorder = LessonRecorder(stage: Stage(self, seed: nil, in: &session), keeper: keeper)
    var played: [PlayedLesson.Step] = []
    for step in steps { played.append(try recorder.play(step, in: &session)) }
    let drawn = zip(parameters, recorder.stage.values).map { parameter, value in
      PlayedLesson.Parameter(name: parameter.name, range: parameter.range, value: value.value)
    }
    return PlayedLesson(
      name: name, title: title, goal: goal?.text, minutes: goal?.minutes, needs: needs, parameters: drawn,
      points: points, steps: played)
  }
}

/// Plays a lesson as `Player` does, and keeps what is shown.
private struct LessonRecorder {
  var stage: Stage
  let keeper: TranscriptKeeper

  mutating func play(
    _ step: Lesson.Step, in session: inout Session
  ) throws(PlayedLesson.Failure) -> PlayedLesson.Step {
    var preamble: [PlayedLesson.Preamble] = []
    for item in step.preamble {
      switch item {
      case .prose(let lines): preamble.append(.prose(try text(lines, session)))
      case .question(let question):
        preamble.append(
          .question(
            .init(
              name: question.name, text: try text([question.text], session)[0], choices: question.choices,
              tolerance: question.tolerance)))
      case .setup(let script):
        if let failure = stage.setUp(script, in: &session) { throw refusal(failure) }
        preamble.append(.setup(keeper.take()))
      }
    }
    stage.beginStep(step, in: &session)
    let task = try text(step.task, session)
    let hints = try text(step.hints, session)
    let status = stage.perform(step.solution, of: step, in: &session)
    if let failure = session.failure { throw refusal(failure) }
    if status != .success {
      throw PlayedLesson.Failure(description: "`\(stage.lesson.name)` was interrupted", status: status)
    }
    let solution = keeper.take()
    return PlayedLesson.Step(
      name: step.name, points: step.points, preamble: try answered(preamble, step, session), task: task, hints: hints,
      solution: solution, checks: try checks(of: step, session), explanation: try explanation(of: step, session),
      covers: step.covers.map(\.number))
  }

  /// The questions with their answers, once the step is done.
  private func answered(
    _ preamble: [PlayedLesson.Preamble], _ step: Lesson.Step, _ session: borrowing Session
  ) throws(PlayedLesson.Failure) -> [PlayedLesson.Preamble] {
    var answered: [PlayedLesson.Preamble] = []
    for item in preamble {
      guard case .question(var question) = item, let asked = step.questions.first(where: { $0.name == question.name })
      else {
        answered.append(item)
        continue
      }
      let replies: [(choice: String, lines: [Template])]
      do throws(Diagnostic) {
        question.answer = try stage.evaluator(in: session).evaluate(asked.answer).text(in: session.state.world)
        replies = try self.replies(to: question, step, session)
      } catch {
        throw refusal(error)
      }
      for (choice, lines) in replies {
        let text = try text(lines, session)
        if let same = question.replies.firstIndex(where: { $0.text == text }) {
          question.replies[same].choices.append(choice)
        } else {
          question.replies.append(.init(choices: [choice], text: text))
        }
      }
      answered.append(.question(question))
    }
    return answered
  }

  /// What is said to those who chose something else than the answer.
  private func replies(
    to question: PlayedLesson.Question, _ step: Lesson.Step, _ session: borrowing Session
  ) throws(Diagnostic) -> [(choice: String, lines: [Template])] {
    var replies: [(choice: String, lines: [Template])] = []
    for choice in question.choices where choice != question.answer {
      var stage = stage
      stage.predictions[question.name] = .text(choice)
      replies += try stage.replies(in: step, session).map { (choice, $0) }
    }
    return replies
  }

  private func checks(
    of step: Lesson.Step, _ session: borrowing Session
  ) throws(PlayedLesson.Failure) -> [PlayedLesson.Check] {
    let results = stage.judge(step, in: session)
    if let bad = results.first(where: { $0.verdict != .passed }) {
      throw PlayedLesson.Failure(
        description: stage.lesson.source.diagnostic(
          at: bad.span, "the solution does not pass `\(bad.name)`: \(bad.explanation ?? bad.verdict.text)",
          remedy: "`migsh test` says more about a lesson that fails"
        ).rendered(), status: .failed)
    }
    var checks: [PlayedLesson.Check] = []
    for (place, result) in results.enumerated() {
      var (message, plain): (String?, String?)
      if step.checks.indices.contains(place) {
        if stage.lesson.details != .none, let template = step.checks[place].message {
          message = try text([template], session)[0]
          plain = template.isPlain ? message : nil
        }
      } else {
        message = step.forbidden[place - step.checks.count].kind.summary
        plain = message
      }
      checks.append(
        .init(
          name: result.name, isHidden: result.isHidden, isForbidden: result.isForbidden, message: message,
          plainMessage: plain, verdict: result.verdict.text))
    }
    return checks
  }

  private func explanation(
    of step: Lesson.Step, _ session: borrowing Session
  ) throws(PlayedLesson.Failure) -> [[String]] {
    let parts: [[Template]]
    do { parts = try stage.explanation(of: step, in: session) } catch { throw refusal(error) }
    var texts: [[String]] = []
    for part in parts { texts.append(try text(part, session)) }
    return texts
  }

  private func text(_ lines: [Template], _ session: borrowing Session) throws(PlayedLesson.Failure) -> [String] {
    let evaluator = stage.evaluator(in: session)
    var texts: [String] = []
    do { for line in lines { texts.append(try evaluator.text(line)) } } catch { throw refusal(error) }
    return texts
  }

  private func refusal(_ failure: ScriptFailure) -> PlayedLesson.Failure {
    PlayedLesson.Failure(description: failure.diagnostic.rendered(kind: failure.kind), status: failure.status)
  }

  private func refusal(_ error: Diagnostic) -> PlayedLesson.Failure {
    PlayedLesson.Failure(description: error.rendered(), status: .refused)
  }
}

extension Template {
  /// Whether nothing is filled in.
  fileprivate var isPlain: Bool {
    segments.allSatisfy { if case .literal = $0 { true } else { false } }
  }
}
