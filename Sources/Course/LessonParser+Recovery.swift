import CommandLanguage

/// Going on behind a mistake, so that one look at a lesson finds all of them.
extension LessonParser {
  /// Reads everything up to the end, and leaves out the lines with mistakes.
  ///
  /// - Parameter found: the mistakes are added to it.
  /// - Returns: nil when there was a mistake.
  mutating func parse(collecting found: inout [Diagnostic]) -> Lesson? {
    mistakes = []
    // What belongs to a step that cannot be read is passed with it.
    var isPassing = false
    for index in lines.indices {
      if isPassing, !beginsPart(lines[index]) { continue }
      isPassing = false
      do throws(Diagnostic) { try readLine(index) } catch {
        mistakes?.append(error)
        forgetQuestion()
        isPassing = beginsPart(lines[index])
      }
    }
    var lesson: Lesson?
    do throws(Diagnostic) {
      try endScript(before: lines.count)
      if mistakes?.isEmpty ?? true {
        try endStep()
        lesson = try finish()
      }
    } catch {
      mistakes?.append(error)
    }
    let all = mistakes ?? []
    mistakes = nil
    found += all
    return all.isEmpty ? lesson : nil
  }

  /// Whether a line begins something to which the lines behind it belong.
  private func beginsPart(_ line: SourceSpan) -> Bool {
    let word = source.text(line).prefix { !$0.isWhitespace }.dropFirst()
    switch Directive(rawValue: String(word)) {
    case .lesson, .setup, .ask, .step, .wrong: return true
    case .goal, .param, .released, .details, .continues, .fixed, .allow, .withhold, .answer, .reply, .teaches, .covers,
      .check, .unseen,
      .forbid, .hint,
      .solution, .accept, .explain, nil:
      return false
    }
  }
}

extension Lesson {
  /// Reads a lesson, and finds all its mistakes.
  ///
  /// - Parameters:
  ///   - source: its text.
  ///   - table: the commands that its scripts may use.
  /// - Returns: the lesson, which is nil when there is a mistake, and the mistakes.
  package static func parse(_ source: SourceText, table: CommandTable) -> (lesson: Lesson?, mistakes: [Diagnostic]) {
    var parser = LessonParser(source: source, table: table)
    var mistakes: [Diagnostic] = []
    let lesson = parser.parse(collecting: &mistakes)
    return (lesson, mistakes)
  }

  /// Something in a lesson that names may stand in.
  package enum Part: Sendable {
    /// Commands that prepare a step, as a slice of the text.
    case setup(SourceText)
    /// Commands that solve a step, as a slice of the text.
    case solution(SourceText)
    /// A condition or an answer.
    case expression(Expression)
    /// Prose, a question or a hint.
    case text(Template)
  }

  /// All parts, in the order in which they take place.
  package var parts: [Part] {
    steps.flatMap { step -> [Part] in
      let before = step.preamble.flatMap { part -> [Part] in
        switch part {
        case .prose(let lines): lines.map(Part.text)
        case .setup(let script): [.setup(script.source)]
        case .question(let question): [.text(question.text)]
        }
      }
      let answers = step.questions.map { Part.expression($0.answer) }
      let checks = step.checks.flatMap { check in
        [Part.expression(check.condition)] + (check.message.map { [.text($0)] } ?? [])
      }
      let wrong = step.wrong.map { Part.solution($0.script.source) }
      let replies = step.replies.flatMap { [Part.expression($0.condition)] + $0.text.map(Part.text) }
      let explanation = step.explanation.flatMap { part in
        (part.condition.map { [Part.expression($0)] } ?? []) + part.text.map(Part.text)
      }
      let prose = (step.task + step.hints).map(Part.text)
      return before + prose + [.solution(step.solution.source)] + wrong + answers + checks + replies + explanation
    }
  }

  /// The names of questions, which stand for what the learner predicted, and where they are asked.
  package var predictions: [(name: String, span: SourceSpan)] {
    steps.flatMap(\.questions).map { ($0.name, $0.span) }
  }

  /// What an editor tells of the directives: each without its `@`, and how it is written.
  package static let directives: [(name: String, usage: String)] = Directive.allCases.map { ($0.rawValue, $0.usage) }

  /// What `@details` takes.
  package static let detailNames = Details.allCases.map(\.rawValue)

  /// What `@forbid` takes.
  package static let forbiddenKinds = ForbiddenKind.all.map(\.name)
}
