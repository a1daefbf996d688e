import CommandLanguage
import Course
import Shell

extension Inventory {
  /// Why the world of a question cannot be had.
  private struct Failure: Error { let text: String }

  /// Proves the inventory. With every seed the script of a question is executed without a refusal, what the right choice
  /// says holds, what a wrong one says does not, all texts can be filled in, and no two choices are alike.
  ///
  /// - Returns: what is wrong, each of it once.
  public func problems(seeds: ClosedRange<UInt64>, isInterrupted: () -> Bool = { false }) -> [String] {
    items.flatMap { item -> [String] in
      for seed in seeds where !isInterrupted() {
        // The engine checks itself with the first seed.
        let problems = problems(of: item, seed: seed, checksInvariants: seed == seeds.lowerBound)
        // With another seed the same would be wrong, with other numbers.
        if !problems.isEmpty { return problems }
      }
      return []
    }
  }

  private func problems(of item: Item, seed: UInt64, checksInvariants: Bool) -> [String] {
    func told(_ text: String) -> String { "\(text)\n  in the question `\(item.name)`, with seed \(seed)" }
    do throws(Failure) {
      let (session, variables) = try world(of: item, seed: seed, checksInvariants: checksInvariants)
      var problems: [String] = []
      for (choice, isRight) in [(item.right, true)] + item.wrong.map({ ($0, false) }) {
        guard let (expression, source) = choice.claim else { continue }
        do throws(Diagnostic) {
          let evaluator = session.evaluator(variables, in: source)
          guard try evaluator.condition(expression) != isRight else { continue }
          let mistake = source.diagnostic(
            at: expression.span,
            isRight ? "what the right choice says does not hold" : "what a wrong choice says holds",
            expected: evaluator.findings(expression).joined(separator: ", "))
          problems.append(told(mistake.rendered().replacing("  expected ", with: "  found ")))
        } catch {
          problems.append(told(error.rendered()))
        }
      }
      let question = try question(of: item, seed: seed, in: session, variables, category: [])
      if case .choices(let choices, _) = question.answer {
        let texts = choices.map(\.text.inlineHTML)
        if Set(texts).count < texts.count { problems.append(told("\(name):\(item.line): two choices are alike")) }
      }
      return problems
    } catch {
      return [told(error.text)]
    }
  }

  /// The questions with the numbers of a seed.
  ///
  /// - Throws: what is wrong, in words.
  func questions(seed: UInt64, category: [String]) throws(CourseOutline.Mistake) -> [BankQuestion] {
    var questions: [BankQuestion] = []
    for item in items {
      do throws(Failure) {
        let (session, variables) = try world(of: item, seed: seed, checksInvariants: false)
        questions.append(
          try question(of: item, seed: seed, in: session, variables, category: category + [item.concept]))
      } catch {
        throw CourseOutline.Mistake(error.text)
      }
    }
    return questions
  }

  // MARK: - One question with one seed

  private func world(
    of item: Item, seed: UInt64, checksInvariants: Bool
  ) throws(Failure) -> (session: Session, variables: [String: Value]) {
    var session = Session(seed: seed) { _ in }
    if checksInvariants { session.checkInvariants() }
    var scope = session.scope
    for (name, value) in item.parameters.values(seed: seed) { scope.variables[name] = .integer(value) }
    session.scope = scope
    guard let script = item.script else { return (session, session.scope.variables) }
    _ = session.execute(script)
    if let failure = session.failure { throw Failure(text: failure.diagnostic.rendered()) }
    return (session, session.scope.variables)
  }

  private func question(
    of item: Item, seed: UInt64, in session: borrowing Session, _ variables: [String: Value], category: [String]
  ) throws(Failure) -> BankQuestion {
    func filled(_ prose: Prose) throws(Failure) -> RichText {
      let evaluator = session.evaluator(variables, in: prose.source)
      do throws(Diagnostic) {
        var lines: [String] = []
        for line in prose.lines { lines.append(try evaluator.text(line)) }
        return RichText(markdown: Course.Prose.wrapped(lines, width: .max))
      } catch {
        throw Failure(text: error.rendered())
      }
    }
    var choices: [BankQuestion.Choice] = []
    for (choice, isRight) in [(item.right, true)] + item.wrong.map({ ($0, false) }) {
      choices.append(
        BankQuestion.Choice(text: try filled(choice.text), isRight: isRight, feedback: try filled(choice.feedback)))
    }
    // Where a platform does not shuffle, the right choice must not always be the first.
    let turn = Int((seed &+ UInt64(item.line)) % UInt64(choices.count))
    return BankQuestion(
      identifier: "inventory.\(item.name).seed-\(seed)", category: category, title: "\(item.concept) [\(seed)]",
      text: try filled(item.text), answer: .choices(Array(choices[turn...] + choices[..<turn]), isShuffled: true),
      explanation: explanation(of: item, seed: seed))
  }

  /// How to see it for oneself.
  private func explanation(of item: Item, seed: UInt64) -> RichText {
    guard let script = item.script else { return RichText([]) }
    let given = item.parameters.values(seed: seed).map { "let \($0.name) = \($0.value)" }
    let lines = script.text.split(separator: "\n").map(String.init)
    return RichText([
      .paragraph([.text("To see it for yourself, type this into migsh, and then look around:")]), .code(given + lines),
    ])
  }
}
