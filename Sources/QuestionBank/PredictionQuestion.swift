import CommandLanguage
import Course
import Shell

extension BankQuestion {
  /// A question that a lesson asks, for somebody who sees nothing but the question: what the lesson says before it, and the
  /// commands before and after.
  ///
  /// Nil when the lesson's answer is no number and none of its choices.
  init?(_ prediction: Prediction, category: [String]) {
    guard let answer = Answer(prediction) else { return nil }
    var text = RichText(markdown: prediction.prose)
    if !prediction.earlier.isEmpty {
      text.blocks.append(.paragraph([.text("These commands have been typed into migsh:")]))
      text.blocks.append(.code(prediction.earlier))
    }
    text.blocks.append(.paragraph([.text("Now this is typed:")]))
    text.blocks.append(.code(prediction.commands))
    for question in prediction.before {
      text.blocks.append(.paragraph([.text("A first question was: ")] + MarkdownSpan.spans(in: question)))
    }
    text.blocks.append(.paragraph([.strong(MarkdownSpan.spans(in: prediction.text))]))
    if case .number(let number) = answer {
      let unit = number.unit.isEmpty ? "Answer with a number." : "Answer with a number, in \(number.unit)."
      text.blocks.append(.paragraph([.text(unit)]))
    }
    identifier = "\(prediction.lesson).\(prediction.step).\(prediction.name).seed-\(prediction.seed)"
    self.category = category + ["\(prediction.step), \(prediction.name)"]
    title = "\(prediction.lesson): \(prediction.text) [\(prediction.seed)]"
    self.text = text
    self.answer = answer
    var explanation = RichText(markdown: prediction.explanation)
    if let expression = prediction.expression {
      explanation.blocks.append(
        .paragraph([.text("migsh says it after "), .code("print \(expression)"), .text(".")]))
    }
    self.explanation = explanation
  }
}

extension BankQuestion.Answer {
  fileprivate init?(_ prediction: Prediction) {
    switch prediction.answer {
    case .choice(let right):
      guard prediction.choices.contains(right) else { return nil }
      // The choices of a lesson often have an order, from less to more.
      self = .choices(
        prediction.choices.map { choice in
          BankQuestion.Choice(
            text: RichText([.paragraph([.text(choice)])]), isRight: choice == right,
            feedback: RichText(markdown: choice == right ? "" : prediction.replies[choice] ?? ""))
        }, isShuffled: false)
    case .number(let value, let tolerance):
      guard let number = BankQuestion.Number(value, within: tolerance) else { return nil }
      self = .number(number)
    }
  }
}

extension BankQuestion.Number {
  /// A value with the unit that suits it, and how far an answer may be from it.
  ///
  /// Nil for what is no number, and for what has too many digits for a platform to read.
  init?(_ value: Value, within share: Double) {
    let (amount, units): (Double, [(name: String, factor: Double)])
    switch value {
    case .integer(let number):
      self.init(number, within: share)
      return
    case .decimal(let number): (amount, units) = (number, [("", 1)])
    case .share(let number): (amount, units) = (number * 100, [("%", 1)])
    case .quantity(let number, .time):
      (amount, units) = (Double(number), [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9)])
    case .quantity(let number, .size):
      (amount, units) = (Double(number), [("B", 1), ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824)])
    case .quantity(let number, .rate):
      (amount, units) = (Double(number), [("bps", 1), ("kbps", 1e3), ("Mbps", 1e6), ("Gbps", 1e9)])
    case .quantity(let number, _):
      self.init(number, within: share)
      return
    case .none, .boolean, .text, .word, .node, .process, .record, .list: return nil
    }
    let unit = units.last { $0.factor <= abs(amount) } ?? units[0]
    let number = amount / unit.factor
    let shown = formatNumber(number)
    guard let read = Double(shown), !shown.contains("e") else { return nil }
    // What is shown is rounded. The exact value must count too.
    self.init(value: shown, tolerance: formatNumber(abs(number) * share + abs(number - read)), unit: unit.name)
  }

  private init(_ count: Int64, within share: Double) {
    self.init(value: String(count), tolerance: formatNumber(Double(count.magnitude) * share), unit: "")
  }
}
