import CommandLanguage

/// What stands before a step: questions, their answers, and replies.
extension LessonParser {
  /// Completes the step, and begins the preamble of the next one.
  mutating func beginPreamble(_ line: DirectiveLine) throws(Diagnostic) {
    try endStep()
    preambleStart = preambleStart ?? line
  }

  mutating func takeQuestion(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    try beginPreamble(line)
    let name = try line.name("a name")
    var isChoice = false
    var next = line
    if let word = next.word(), word.text == "choice" {
      isChoice = true
      line = next
    }
    let questions = steps.flatMap(\.questions) + preamble.items.compactMap(\.questionName)
    guard !questions.contains(name.text) else {
      throw line.mistake("there is a question `\(name.text)` already", at: name.span)
    }
    guard let text = try line.quotedText(table) else {
      throw line.mistake(
        "the question is missing", at: line.rest,
        suggestion: next.isAtEnd || isChoice ? nil : misspeltChoice(line), remedy: "it stands in quotes")
    }
    let choices = isChoice ? try choices(&line) : []
    var tolerance: Double?
    if let word = line.word() {
      guard word.text == "within", !isChoice else {
        throw line.mistake(
          "`\(word.text)` cannot stand here", at: word.span,
          suggestion: isChoice ? nil : closest(to: word.text, among: ["within"]))
      }
      guard case .literal(.share(let share), _) = try line.expression(table), share <= 10 else {
        throw line.mistake("`within` takes a share of the answer", at: line.span, remedy: "as in within 20%")
      }
      tolerance = share
    }
    try line.expectEnd()
    openQuestion = OpenQuestion(
      line: line, name: name.text, text: text, choices: choices, tolerance: tolerance)
  }

  private func misspeltChoice(_ line: DirectiveLine) -> String? {
    var line = line
    return line.word().flatMap { closest(to: $0.text, among: ["choice"]) }
  }

  /// What a learner may choose: two texts or more, without anything to fill in.
  private func choices(_ line: inout DirectiveLine) throws(Diagnostic) -> [(text: String, span: SourceSpan)] {
    var choices: [(text: String, span: SourceSpan)] = []
    while let choice = try line.quotedText(table) {
      guard let text = choice.constantText, !text.isEmpty else {
        throw line.mistake("a choice is a plain text", at: choice.span, remedy: "nothing can be filled in here")
      }
      guard !choices.contains(where: { $0.text == text }) else {
        throw line.mistake("there is a choice `\(text)` already", at: choice.span)
      }
      choices.append((text, choice.span))
    }
    guard choices.count >= 2 else { throw line.mistake("a choice needs two answers or more", at: line.rest) }
    return choices
  }

  mutating func takeAnswer(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard let question = openQuestion else {
      throw line.mistake("this `@answer` has no question", remedy: "it stands right behind its `@ask`")
    }
    let answer = try line.expression(table)
    try line.expectEnd()
    let choices = question.choices.map(\.text)
    if case .string(let template) = answer, let text = template.constantText, !choices.contains(text) {
      throw line.mistake(
        choices.isEmpty ? "the answer to a question without choices is no text" : "`\(text)` is not among the choices",
        at: answer.span, suggestion: closest(to: text, among: choices).map { "\"\($0)\"" },
        remedy: choices.isEmpty ? "as in @ask \(question.name) choice \"…\" \"more\" \"less\"" : nil)
    }
    preamble.items.append(
      .question(
        Lesson.Question(
          name: question.name, span: question.line.span, text: question.text, choices: choices,
          shownChoices: choices, tolerance: question.tolerance, answer: answer)))
    openQuestion = nil
  }

  /// A reply to a prediction. It belongs to the questions before a step, or to the step.
  mutating func takeReply(_ line: DirectiveLine) throws(Diagnostic) {
    let asked =
      steps.flatMap(\.questions) + preamble.items.compactMap(\.questionName)
      + (step?.preamble.compactMap(\.questionName) ?? [])
    guard !asked.isEmpty, step != nil || !preamble.items.compactMap(\.questionName).isEmpty else {
      throw line.mistake("this reply belongs to no question", remedy: "it stands behind an `@answer`")
    }
    var line = line
    let (condition, prose) = try line.conditionAndProse(table)
    guard let prose else { throw line.mistake("this reply says nothing", remedy: "its prose stands behind `|`") }
    let reply = Lesson.Reply(condition: condition, span: line.span, text: [prose])
    if step == nil { preamble.replies.append(reply) } else { step?.replies.append(reply) }
    section = .reply
  }

  func expectAnswer(at span: SourceSpan) throws(Diagnostic) {
    guard let openQuestion else { return }
    throw openQuestion.line.mistake(
      "the question `\(openQuestion.name)` has no answer", remedy: "`@answer EXPRESSION` stands right behind it")
  }
}
