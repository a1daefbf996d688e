import CommandLanguage
import Course
import Shell
import TestSupport
import Testing

@testable import QuestionBank

/// Questions that lessons ask, for somebody without a shell.
@Suite struct PredictionTests {
  static let lesson = """
    @lesson moving "Moving"
    @param pages 32..96
    | Here is `p1`.
    @setup
    node add a b
    spawn p1 --on a --pages $pages
    run 20ms
    ps
    | It has $(p1.pages) pages.
    @ask words choice "Which part of the stop is longer?" "pages" "trips" "neither"
    @answer "pages"
    @if $words == "trips" | There are three trips, and $(p1.pages) pages.
    @ask long "How long will it stand still?" within 20%
    @answer p1.migration.freezeTime
    @ask count "How many pages will go?"
    @answer p1.migration.pagesSent
    @step move
    | Move it.
    @check at p1.node == b
    @solution
    ps
    migrate p1 b
    timeline
    @explain It took $(about(p1.migration.freezeTime)).
    @ask again choice "And back?" "as long" "longer"
    @answer "as long"
    @step back
    @check at p1.node == a
    @solution
    migrate p1 a
    @explain There and back: the number of its moves is
    | $(p1.migrations). That is no item of a list.
    |
    | 1. This is one.
    """

  private func predictions(_ seed: UInt64) throws -> [Prediction] {
    let source = SourceText(name: "moving.migsh", text: Self.lesson)
    return try Lesson(parsing: source, table: Session { _ in }.table).predictions(seed: seed)
  }

  @Test func theyHaveWhatOneNeeds() throws {
    let predictions = try predictions(1)
    #expect(predictions.map(\.name) == ["words", "long", "count", "again"])
    let pages = try #require(predictions[0].earlier.first?.split(separator: " ").last)
    #expect(predictions[0].prose == "Here is `p1`.\n\nIt has \(pages) pages.")
    #expect(predictions.map(\.before.count) == [0, 1, 2, 0])
    // What only looks is left out.
    #expect(
      predictions[0].earlier == [
        "let pages = \(pages)", "node add a b", "spawn p1 --on a --pages $pages", "run 20ms",
      ])
    #expect(predictions[0].commands == ["migrate p1 b"])
    #expect(predictions[0].replies == ["trips": "There are three trips, and \(pages) pages."])
    #expect(predictions[3].earlier.last == "migrate p1 b")
    #expect(predictions[3].commands == ["migrate p1 a"])
    #expect(predictions[3].prose.isEmpty && predictions[3].before.isEmpty)
    #expect(
      predictions[3].explanation
        == "There and back: the number of its moves is 2. That is no item of a list.\n\n1. This is one.")
  }

  @Test func questionsAreMadeOfThem() throws {
    let predictions = try predictions(3)
    let words = try #require(BankQuestion(predictions[0], category: ["T"]))
    #expect(words.identifier == "moving.move.words.seed-3")
    #expect(words.category == ["T", "move, words"])
    #expect(
      words.text.html.contains("<pre>migrate p1 b</pre><p><strong>Which part of the stop is longer?</strong></p>"))
    guard case .choices(let choices, let isShuffled) = words.answer else {
      Issue.record("it has no choices")
      return
    }
    #expect(choices.map(\.isRight) == [true, false, false] && !isShuffled)
    #expect(choices.map { $0.feedback.blocks.isEmpty } == [true, false, true])
    let long = try #require(BankQuestion(predictions[1], category: []))
    guard case .number(let number) = long.answer else {
      Issue.record("it has no number")
      return
    }
    #expect(number.unit == "ms" && long.text.html.hasSuffix("<p>Answer with a number, in ms.</p>"))
    let count = try #require(BankQuestion(predictions[2], category: []))
    guard case .number(let exact) = count.answer else {
      Issue.record("it has no number")
      return
    }
    #expect(exact.unit.isEmpty && exact.tolerance == "0")
  }

  /// Whoever types the commands that a question shows, and nothing else, finds the number that is the answer.
  ///
  /// - Returns: how many numbers were compared.
  private func compare(_ predictions: [Prediction], seed: UInt64) -> Int {
    var compared = 0
    for prediction in predictions {
      guard case .number(let value, _) = prediction.answer, let expression = prediction.expression else { continue }
      var session = Session(seed: seed) { _ in }
      let script = (prediction.earlier + prediction.commands + ["let found = \(expression)"]).joined(separator: "\n")
      #expect(
        session.execute(SourceText(name: prediction.name, text: script)) == .success,
        "\(session.failure?.diagnostic.rendered() ?? "")")
      #expect(session.scope.variables["found"] == value, "\(prediction.lesson), \(prediction.name)")
      compared += 1
    }
    return compared
  }

  @Test func whoTypesTheCommandsFindsTheAnswer() throws {
    #expect(compare(try predictions(5), seed: 5) == 2)
  }

  @Test(.whenThorough) func whoTypesTheCommandsOfTheCourseFindsTheAnswers() throws {
    let folder = ReadBackTests.folder
    var compared = 0
    for file in try CourseOutline(folder: folder).lessons {
      let lesson = try Lesson(parsing: try readSource("\(folder)/\(file)"), table: Session { _ in }.table)
      if lesson.asks { compared += compare(try lesson.predictions(seed: 2), seed: 2) }
    }
    #expect(compared > 50)
  }

  @Test(arguments: [
    (Value.time(24_043_210), 0.2, "24.04 ms within 4.812"), (.time(999), 0.0, "999 ns within 0"),
    (.time(6_300_000_000), 0.1, "6.3 s within 0.63"), (.integer(-3), 0.5, "-3  within 1.5"),
    (.integer(12_345_678), 0.0, "12345678  within 0"), (.size(65_536), 0.0, "64 KiB within 0"),
    (.share(0.25), 0.1, "25 % within 2.5"), (.rate(328_080_000), 0.1, "328.1 Mbps within 32.83"),
    (.decimal(2.0), 0.25, "2  within 0.5"),
  ]) func numbersHaveUnitsThatSuitThem(_ value: Value, _ share: Double, _ text: String) {
    let number = BankQuestion.Number(value, within: share)
    #expect(number.map { "\($0.value) \($0.unit) within \($0.tolerance)" } == text)
  }

  @Test func whatIsNoNumberIsNone() {
    for value in [Value.none, .text("x"), .boolean(true), .list([]), .decimal(1e300)] {
      #expect(BankQuestion.Number(value, within: 0) == nil)
    }
  }

  @Test func seedsMakeVariants() throws {
    let source = SourceText(name: "moving.migsh", text: Self.lesson)
    let lesson = try Lesson(parsing: source, table: Session { _ in }.table)
    let bank = try Bank(title: "T", lessons: [lesson], inventory: nil, seeds: 1...3)
    #expect(bank.questions.count == 12)
    #expect(Set(bank.questions.map(\.identifier)).count == 12)
    // The variants of one question stand together.
    #expect(bank.questions.prefix(3).map(\.identifier) == (1...3).map { "moving.move.words.seed-\($0)" })
    let fixed = try Lesson(
      parsing: SourceText(name: "moving.migsh", text: Self.lesson.replacing("32..96", with: "64..64")),
      table: Session { _ in }.table)
    #expect(try Bank(title: "T", lessons: [fixed], inventory: nil, seeds: 1...3).questions.count == 4)
  }
}
