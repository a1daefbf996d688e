import CommandLanguage
import Course
import Shell
import TestSupport
import Testing

@testable import QuestionBank

/// Concept inventories, and that of the course.
@Suite struct InventoryTests {
  static let text = """
    questions:
      - id: stop
        concept: It stops
        statements: [35]
        parameters: {pages: 32..96}
        script: |
          node add a b
          spawn p --on a --pages $pages
          migrate p b
        text: |
          A process has $pages pages.
          It moves.

          What happens?
        right:
          choice: It arrives after $(about(p.migration.totalTime))
          feedback: Yes.
        verify: p.node == b
        wrong:
          - choice: It stays
            not: p.node == a
            misconception: Nothing moves.
            feedback: It moved.
          - choice: It is lost
            not: p.state == lost
            misconception: Moving is dangerous.
            feedback: No node failed.
    """

  private static func inventory(_ text: String) throws -> Inventory {
    try Inventory(parsing: SourceText(name: "inventory.yaml", text: text), table: Session { _ in }.table)
  }

  private static func shipped() throws -> Inventory {
    try Inventory(
      parsing: try readSource(Inventory.path(inCourse: ReadBackTests.folder), name: "inventory.yaml"),
      table: Session { _ in }.table)
  }

  @Test func aGoodOneIsProved() throws {
    let inventory = try Self.inventory(Self.text)
    #expect(inventory.problems(seeds: 1...5) == [])
    #expect(inventory.items.map(\.isProven) == [true])
    let questions = try inventory.questions(seed: 2, category: ["T"])
    #expect(questions[0].category == ["T", "It stops"])
    guard case .choices(let choices, let isShuffled) = questions[0].answer else {
      Issue.record("it has no choices")
      return
    }
    #expect(isShuffled && choices.count(where: \.isRight) == 1)
    #expect(questions[0].text.html.contains("pages. It moves.</p><p>What happens?</p>"))
    // Which choice is the right one differs from seed to seed.
    let places = try (1...3).map { (seed: UInt64) -> Int? in
      guard case .choices(let choices, _) = try inventory.questions(seed: seed, category: [])[0].answer else {
        return nil
      }
      return choices.firstIndex(where: \.isRight)
    }
    #expect(Set(places) == [0, 1, 2])
  }

  /// Something wrong in an inventory that can be read, and what is said of it.
  @Test(arguments: [
    (
      "verify: p.node == b", "verify: p.node == a",
      "inventory.yaml:18:1: error: what the right choice says does not hold"
    ),
    ("not: p.state == lost", "not: p.state != lost", "inventory.yaml:25:1: error: what a wrong choice says holds"),
    ("not: p.node == a", "not: p.node", "`p.node` is a node"),
    ("migrate p b\n", "migrate q b\n", "inventory.yaml:9:9: error"),
    ("$pages pages.", "$page pages.", "there is no variable `$page`"),
    ("choice: It stays", "choice: It is lost", "two choices are alike"),
    ("verify: p.node == b", "verify: p.pages < 60", "what the right choice says does not hold"),
  ]) func aWrongOneIsRefused(_ part: String, _ other: String, _ complaint: String) throws {
    #expect(Self.text.contains(part))
    let problems = try Self.inventory(Self.text.replacing(part, with: other)).problems(seeds: 1...20)
    #expect(problems.count == 1 && problems.first?.contains(complaint) == true, "\(problems)")
    #expect(problems.first?.contains("in the question `stop`") == true)
  }

  /// Something that keeps an inventory from being read, and what is said of it.
  @Test(arguments: [
    ("questions:", "question:", "it has no `questions`"), ("id: stop", "id: 3", "`3` is not a name"),
    (
      "concept: It stops", "concepts: It stops",
      "inventory.yaml:3: question 1: `concepts` has no meaning here; did you mean `concept`?"
    ),
    ("statements: [35]", "statements: [x]", "`statements` is not a list of numbers"),
    ("{pages: 32..96}", "{pages: 96..32}", "`pages` has no range"),
    ("verify: p.node == b", "verify: p.node ==", "error"),
    ("feedback: Yes.", "not: x", "`feedback` is missing"),
    ("misconception: Nothing moves.", "misconception: ''", "`misconception` is no text"),
    ("        misconception: Nothing moves.\n", "", "has no `misconception`"),
    ("verify: p.node == b", "verify: p.node == b b", "does not belong to the expression"),
    ("text: |\n      A process", "text: |\n      A $( process", "error"), ("text: |", "text: [|", "inventory.yaml:"),
  ]) func anUnreadableOneIsRefused(_ part: String, _ other: String, _ complaint: String) throws {
    #expect(Self.text.contains(part))
    let text = Self.text.replacing(part, with: other)
    let error = #expect(throws: CourseOutline.Mistake.self) { try Self.inventory(text) }
    #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
  }

  @Test func twoOfOneNameAreRefused() {
    let second = Self.text.split(separator: "\n").dropFirst().joined(separator: "\n")
    let error = #expect(throws: CourseOutline.Mistake.self) { try Self.inventory(Self.text + "\n" + second) }
    #expect(error?.description.contains("there are two questions `stop`") == true)
  }

  /// The example that authors read is proved.
  @Test func theExampleForAuthorsIsProved() throws {
    let page = ReadBackTests.root.appending(path: "Sources/Course/Course.docc/Writing-lessons.md").path
    let lines = try readSource(page).text.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0 != "    questions:" }.prefix { $0.hasPrefix("    ") }
    let inventory = try Self.inventory(lines.map { String($0.dropFirst(4)) }.joined(separator: "\n"))
    #expect(inventory.items.map(\.isProven) == [true])
    #expect(inventory.problems(seeds: 1...5) == [])
  }

  @Test func thatOfTheCourseIsProved() throws {
    let inventory = try Self.shipped()
    #expect(inventory.items.count == 20)
    #expect(inventory.items.count(where: \.isProven) >= 14)
    #expect(inventory.items.allSatisfy { $0.wrong.count == 3 })
    let misconceptions = inventory.items.flatMap(\.misconceptions)
    #expect(Set(misconceptions).count == misconceptions.count)
    // `Scripts/test --all` proves it with 20 seeds.
    #expect(inventory.problems(seeds: 1...3) == [])
  }

  @Test(.whenThorough) func thatOfTheCourseIsProvedWithManySeeds() throws {
    #expect(try Self.shipped().problems(seeds: 1...20) == [])
  }
}
