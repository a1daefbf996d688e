import CommandLanguage
import Shell

/// A prediction that a lesson asks for, with all that somebody needs who has no shell at hand: what is there, what will be
/// done, and what the engine says came of it.
public struct Prediction: Sendable {
  /// What the engine says.
  public enum Answer: Sendable {
    /// One of the choices.
    case choice(String)
    /// A number, and how far a right prediction may be from it, as a share of it.
    case number(Value, tolerance: Double)
  }

  /// The names of the lesson, of the step that answers the question, and of the question.
  public let lesson: String
  /// See `lesson`.
  public let step: String
  /// See `lesson`.
  public let name: String
  /// The lesson's title.
  public let title: String
  /// The seed that drew the parameters.
  public let seed: UInt64
  /// What the lesson says before it asks, with every paragraph on a line of its own.
  public let prose: String
  /// The commands up to the question, without those that only look.
  public let earlier: [String]
  /// The commands whose outcome people predict.
  public let commands: [String]
  /// What was asked just before it, to which it may refer.
  public let before: [String]
  /// The question.
  public let text: String
  /// Between what one chooses; empty when the answer is a number.
  public let choices: [String]
  /// The answer.
  public let answer: Answer
  /// What works out the answer, as one would type it behind `print`; nil when only the lesson can work it out.
  public let expression: String?
  /// What is said to those who chose something, by their choices.
  public let replies: [String: String]
  /// What the lesson says afterwards, with every paragraph on a line of its own.
  public let explanation: String
}

extension Lesson {
  /// All predictions that the lesson asks for, answered by the engine.
  ///
  /// - Parameter seed: draws the parameters.
  /// - Throws: why the lesson cannot be played.
  public func predictions(seed: UInt64) throws(Diagnostic) -> [Prediction] {
    var gatherer = PredictionGatherer(self, seed: seed)
    for step in steps { try gatherer.play(step) }
    return gatherer.predictions
  }
}

/// Plays a lesson, and gathers the questions on the way.
private struct PredictionGatherer {
  let lesson: Lesson
  let seed: UInt64
  var session: Session
  var stage: Stage
  var commands: [String] = []
  var predictions: [Prediction] = []

  /// A question that was asked in a step, and what was known by then.
  private struct Asked {
    let question: Lesson.Question
    let text: String
    let prose: [String]
  }

  init(_ lesson: Lesson, seed: UInt64) {
    self.lesson = lesson
    self.seed = seed
    var session = Session(seed: seed) { _ in }
    stage = Stage(lesson, seed: seed, in: &session)
    self.session = session
    commands = stage.values.map { "let \($0.name) = \($0.value)" }
  }

  mutating func play(_ step: Lesson.Step) throws(Diagnostic) {
    var prose: [String] = []
    var asked: [Asked] = []
    for item in step.preamble {
      switch item {
      case .prose(let lines): prose.append(try stage.prose(lines, width: .max, in: session))
      case .question(let question):
        let text = try stage.evaluator(in: session).text(question.text)
        asked.append(Asked(question: question, text: text, prose: prose))
      case .setup(let script):
        if let failure = stage.setUp(script, in: &session) { throw failure.diagnostic }
        commands += acting(script)
      }
    }
    let earlier = commands
    stage.beginStep(step, in: &session)
    _ = stage.perform(step.solution, of: step, in: &session)
    if let failure = session.failure { throw failure.diagnostic }
    let done = acting(step.solution)
    commands += done
    let explanation = try explanation(of: step)
    for (index, one) in asked.enumerated() {
      // Whatever prose came in between says anew what the question is about.
      let before = asked[..<index].filter { $0.prose.count == one.prose.count }.map(\.text)
      predictions.append(
        Prediction(
          lesson: lesson.name, step: step.name, name: one.question.name, title: lesson.title, seed: seed,
          prose: one.prose.joined(separator: "\n\n"), earlier: earlier,
          commands: done.isEmpty ? all(step.solution) : done, before: before, text: one.text,
          choices: one.question.choices,
          answer: try answer(to: one.question), expression: expression(of: one.question),
          replies: try replies(to: one.question, in: step),
          explanation: explanation))
    }
  }

  /// The commands of a script that do something. Those that only look say to nobody here what they show.
  private func acting(_ script: Lesson.Script) -> [String] {
    script.statements.compactMap { statement in
      switch statement.kind {
      case .expect: return nil
      case .command(let call) where !session.mayChangeState(call): return nil
      default: return script.source.text(statement.span)
      }
    }
  }

  private func all(_ script: Lesson.Script) -> [String] { script.statements.map { script.source.text($0.span) } }

  private func answer(to question: Lesson.Question) throws(Diagnostic) -> Prediction.Answer {
    let value = try stage.evaluator(in: session).evaluate(question.answer)
    guard question.choices.isEmpty else { return .choice(value.text(in: session.state.world)) }
    // Whoever counts can count right. What flows is never predicted to its last digit.
    let usual = if case .integer = value { 0.0 } else { 0.1 }
    return .number(value, tolerance: question.tolerance ?? usual)
  }

  /// Outside a lesson nobody knows when a step began. A choice is said in words, and worked out by nothing.
  private func expression(of question: Lesson.Question) -> String? {
    // Its line has the parentheses at both ends, which its span leaves out.
    let line = lesson.source.line(at: question.answer.span.start)
    let text = String(line.drop { $0 == " " }.dropFirst("@answer".count).drop { $0 == " " })
    return question.choices.isEmpty && !text.contains("step.") ? text : nil
  }

  private func explanation(of step: Lesson.Step) throws(Diagnostic) -> String {
    var parts: [String] = []
    for lines in try stage.explanation(of: step, in: session) {
      parts.append(try stage.prose(lines, width: .max, in: session))
    }
    return parts.joined(separator: "\n\n")
  }

  /// What the step replies to each wrong choice, when all else was predicted rightly.
  private func replies(to question: Lesson.Question, in step: Lesson.Step) throws(Diagnostic) -> [String: String] {
    var replies: [String: String] = [:]
    var right: [String: Value] = [:]
    for other in step.questions { right[other.name] = try stage.evaluator(in: session).evaluate(other.answer) }
    for choice in question.choices {
      var asker = stage
      asker.predictions = right
      let atRest = try asker.replies(in: step, session).count
      asker.predictions[question.name] = .text(choice)
      let texts = try asker.replies(in: step, session)
      guard texts.count > atRest else { continue }
      var parts: [String] = []
      for lines in texts { parts.append(try asker.prose(lines, width: .max, in: session)) }
      replies[choice] = parts.joined(separator: "\n\n")
    }
    return replies
  }
}

extension Lesson {
  /// Whether it asks for any prediction.
  public var asks: Bool { steps.contains { !$0.questions.isEmpty } }
}
