import CommandLanguage
import Shell

/// Predictions.
extension Tutor {
  /// What an entry is while a question is asked.
  enum Entry {
    case prediction(Value)
    case command
    /// Neither, and why.
    case refused(String)
  }

  /// Reads an entry while a question is asked.
  ///
  /// - Parameter dimension: what the answer measures, where that is known.
  func answer(
    _ text: String, to question: Lesson.Question, _ dimension: Dimension?, in session: borrowing Session
  ) -> Entry {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first else { return .command }
    let typed = words.joined(separator: " ")
    if !question.choices.isEmpty {
      if let number = Int(typed), question.choices.indices.contains(number - 1) {
        return .prediction(.text(question.choices[number - 1]))
      }
      // In a translated lesson the author's own words will do, too.
      for texts in [question.shownChoices, question.choices] {
        if let place = Self.choice(typed, of: texts) { return .prediction(.text(question.choices[place])) }
      }
      if isCommand(first, session) { return .command }
      return .refused(
        "answer with a number from 1 to \(question.choices.count), or with the words; `skip` leaves the question out")
    }
    if isCommand(first, session) { return .command }
    let what = Self.form(of: question, dimension)
    let example = Self.examples(dimension)
    guard let value = Self.number(typed, session) else {
      return .refused("answer with \(what), such as \(example); `skip` leaves the question out")
    }
    guard let dimension, let found = value.dimension, !Self.fits(found, dimension) else { return .prediction(value) }
    return .refused("`\(typed)` is \(value.kind); answer with \(what), such as \(example)")
  }

  /// What answers a question, in words that follow "answer with".
  static func form(of question: Lesson.Question, _ dimension: Dimension?) -> String {
    if !question.choices.isEmpty { return "1 to \(question.choices.count)" }
    return dimension.map { $0 == .count || $0 == .number ? "a number" : $0.description } ?? "a number, with its unit"
  }

  private func isCommand(_ word: String, _ session: borrowing Session) -> Bool {
    !session.table.commands(startingWith: word).isEmpty
  }

  /// The place of the choice that was typed, or of the only one that begins so.
  private static func choice(_ typed: String, of choices: [String]) -> Int? {
    let wanted = typed.lowercased().trimmingQuotes
    if let exact = choices.firstIndex(where: { $0.lowercased() == wanted }) { return exact }
    let beginnings = choices.indices.filter { choices[$0].lowercased().hasPrefix(wanted) }
    return beginnings.count == 1 ? beginnings.first : nil
  }

  /// A number or a quantity, as it is typed.
  private static func number(_ typed: String, _ session: borrowing Session) -> Value? {
    guard let first = typed.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
    let source = SourceText(name: "answer", text: typed)
    var parser = Parser(source: source, table: session.table)
    guard let (expression, end) = try? parser.parseLeadingExpression(), end == source.utf8.count else { return nil }
    let value = try? session.evaluator([:], in: source).evaluate(expression)
    return value?.dimension == nil ? nil : value
  }

  /// Whether a number of one dimension can be compared with one of another.
  private static func fits(_ found: Dimension, _ wanted: Dimension) -> Bool {
    let bare: [Dimension] = [.count, .number]
    return found == wanted || (bare.contains(found) && bare.contains(wanted))
  }

  private static func examples(_ dimension: Dimension?) -> String {
    switch dimension {
    case .time: "20ms"
    case .size: "64KiB"
    case .rate: "10Mbps"
    case .share: "20%"
    case .count, .number: "12"
    case nil: "20ms, 64KiB or 12"
    }
  }

  /// Keeps a prediction, and goes on with what comes before the step.
  mutating func predict(
    _ value: Value?, _ question: Lesson.Question, in session: inout Session
  ) -> ScriptStatus {
    guard var visit else { return .success }
    if let asked = visit.asked, isOther(asked.state, session) {
      session.go(to: asked.state, as: "an answer")
      tell(
        "The world is back as it was when the question came: what you tried meanwhile is put aside, and `undo` would bring "
          + "it back.", in: session)
    }
    if let value { visit.stage.predictions[question.name] = value }
    self.visit = visit
    return goOn(in: &session)
  }

  /// What the answer to a question will measure: found out on a copy of the world, with the solution.
  func dimension(of question: Lesson.Question, in session: borrowing Session) -> Dimension? {
    guard question.choices.isEmpty, let visit else { return nil }
    var copy = copy session
    copy.write = { _ in }
    copy.options.withheld = [:]
    var stage = visit.stage
    for case .setup(let script) in visit.pending where stage.setUp(script, in: &copy) != nil { return nil }
    stage.beginStep(visit.step, in: &copy)
    guard stage.perform(visit.step.solution, of: visit.step, in: &copy) == .success else { return nil }
    return (try? stage.evaluator(in: copy).evaluate(question.answer))?.dimension
  }

  /// The answers to the questions of a step, beside what was predicted.
  func showAnswers(in session: borrowing Session) {
    guard let visit else { return }
    let evaluator = visit.stage.evaluator(in: session)
    for question in visit.step.questions {
      guard let value = try? evaluator.evaluate(question.answer), let text = try? evaluator.text(question.text) else {
        continue
      }
      func said(_ value: Value) -> String { question.shown(value) ?? value.text(in: session.state.world) }
      let shown = said(value)
      let prediction = visit.stage.predictions[question.name]
      let comparison = prediction.map { " You said \(said($0)): \(question.verdict($0, value))." } ?? ""
      tell(
        "\(session.options.screen.tellsPictures ? "Answer:" : "=") \(text) \(shown).\(comparison)",
        .init("answer", .text(question.name)), .init("value", value),
        .init("prediction", prediction ?? .none), in: session)
    }
  }
}

extension Lesson.Question {
  /// How good a prediction was, in words.
  fileprivate func verdict(_ prediction: Value, _ answer: Value) -> String {
    if !choices.isEmpty { return prediction.word == answer.word ? "right" : "not so" }
    guard let found = prediction.amount, let right = answer.amount else { return "not so" }
    if found == right { return "right" }
    let allowed = abs(right) * (tolerance ?? 0.1)
    if abs(found - right) <= allowed { return "close enough" }
    return found < right ? "too little" : "too much"
  }
}

extension Value {
  fileprivate var word: String? {
    switch self {
    case .text(let text), .word(let text): text
    case .none, .boolean, .integer, .decimal, .quantity, .share, .node, .process, .list, .record: nil
    }
  }

  fileprivate var amount: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let number): number
    case .quantity(let amount, _): Double(amount)
    case .share(let share): share
    case .none, .boolean, .text, .word, .node, .process, .list, .record: nil
    }
  }
}

extension String {
  fileprivate var trimmingQuotes: String {
    count >= 2 && first == "\"" && last == "\"" ? String(dropFirst().dropLast()) : self
  }
}
