import CommandLanguage
import Shell

/// Questions, their answers, and the replies to what a learner may have predicted.
extension Prover {
  /// Proves the answers of a step that was done, and every reply with the predictions that lead to it.
  mutating func prove(_ step: Lesson.Step, replies stage: Stage, _ session: borrowing Session) {
    var answers: [String: Value] = [:]
    var candidates: [(name: String, values: [Value])] = []
    for question in step.questions {
      do {
        let answer = try stage.evaluator(in: session).evaluate(question.answer)
        guard question.accepts(answer) else {
          report(
            lesson.source.diagnostic(
              at: question.answer.span,
              "the answer is \(answer.text(in: session.state.world)), which \(question.choices.isEmpty ? "is no number" : "is not among the choices")",
              expected: question.choices.isEmpty ? "a number or a quantity" : question.choices.joined(separator: ", ")),
            stage)
          continue
        }
        answers[question.name] = answer
        candidates.append((question.name, question.predictions(around: answer)))
      } catch {
        report(error, stage)
      }
    }
    for reply in step.replies { prove(reply, stage, session, answers, candidates) }
  }

  private mutating func prove(
    _ reply: Lesson.Reply, _ stage: Stage, _ session: borrowing Session, _ answers: [String: Value],
    _ candidates: [(name: String, values: [Value])]
  ) {
    var stage = stage
    let used = SourceText(name: "", text: lesson.source.text(reply.condition.span)).usedVariables()
    let asked = candidates.filter { used.contains($0.name) }
    for (name, values) in asked.isEmpty ? [("", [Value.none])] : asked {
      for value in values {
        stage.predictions = answers
        if !name.isEmpty { stage.predictions[name] = value }
        do {
          guard try stage.evaluator(in: session).condition(reply.condition) else { continue }
          reached.insert(reply.span.start)
          prove(reply.text, stage, session)
        } catch {
          report(error, stage)
          reached.insert(reply.span.start)
        }
      }
    }
  }

  /// Complaints about replies that no prediction leads to, and about wrong submissions that no seed shows to fail.
  func unreached() -> [Diagnostic] {
    lesson.steps.flatMap { step in
      step.replies.filter { !reached.contains($0.span.start) }.map {
        lesson.source.diagnostic(
          at: $0.condition.span, "no prediction leads to this reply",
          remedy: "it was tried with every choice, and with numbers from none to a thousand times the answer")
      }
        + step.wrong.filter { $0.catcher != "refused" && !reached.contains($0.span.start) }.map {
          lesson.source.diagnostic(at: $0.span, "the wrong submission `\($0.name)` passes with every seed")
        }
    }
  }
}

extension Lesson.Question {
  /// Whether a value can be the answer.
  func accepts(_ value: Value) -> Bool {
    if choices.isEmpty { return value.dimension != nil }
    switch value {
    case .text(let text), .word(let text): return choices.contains(text)
    case .boolean, .integer, .decimal, .quantity, .share, .node, .process, .list, .record, .none: return false
    }
  }

  /// What learners may predict: each choice, or numbers near the answer and far from it.
  fileprivate func predictions(around answer: Value) -> [Value] {
    guard choices.isEmpty else { return choices.map { .text($0) } }
    let factors: [Double] = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.33, 2, 3, 4, 10, 100, 1000]
    return factors.map { answer.scaled(by: $0) }
  }
}

extension Value {
  /// The same kind of number, multiplied and rounded.
  fileprivate func scaled(by factor: Double) -> Value {
    func whole(_ number: Int64) -> Int64 { Int64(exactly: (Double(number) * factor).rounded()) ?? number }
    return switch self {
    case .integer(let number): .integer(whole(number))
    case .quantity(let amount, let dimension): .quantity(whole(amount), dimension)
    case .decimal(let number): .decimal(number * factor)
    case .share(let share): .share(share * factor)
    case .none, .boolean, .text, .word, .node, .process, .list, .record: self
    }
  }
}
