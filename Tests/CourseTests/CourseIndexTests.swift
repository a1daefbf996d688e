import CommandLanguage
import Shell
import Testing

@testable import Course

/// What a course teaches, and in which steps.
@Suite struct CourseIndexTests {
  private static let statements = "statements:\n  1: Processes move.\n  2: \"It costs: time.\"\n"

  private func lesson(_ first: String, _ second: String) throws -> Lesson {
    let text = """
      @lesson moving "Moving"
      \(first)
      @step one
      @check at p.node == b
      @solution
      node add a b; spawn p --on b
      @step two
      @check there p.node == a
      \(second)
      @solution
      migrate p a
      """
    return try Lesson(parsing: SourceText(name: "moving.migsh", text: text), table: Session { _ in }.table)
  }

  private func index() throws -> CourseIndex {
    try CourseIndex(parsing: SourceText(name: "statements.yaml", text: Self.statements))
  }

  @Test func stepsAreEnteredInTheirOrder() throws {
    var index = try index()
    #expect(index.enter([try lesson("@covers 2", "@covers 1 2 2")]) == [])
    #expect(
      index.entries == [
        .init(number: 1, text: "Processes move.", steps: ["moving/two"]),
        .init(number: 2, text: "It costs: time.", steps: ["moving/one", "moving/two"]),
      ])
  }

  @Test func whatIsMissingOrUnknownIsSaid() throws {
    var index = try index()
    let mistakes = index.enter([try lesson("@covers 1", "@covers 1 3")])
    #expect(mistakes.count == 2)
    #expect(mistakes.first?.contains("moving.migsh:9:11: error: there is no statement 3") == true, "\(mistakes)")
    #expect(mistakes.last == "statements.yaml: no step teaches statement 2: It costs: time.")
  }

  @Test(arguments: [
    ("", "it has no `statements`, each with its number"), ("statements: [a]", "it has no `statements`"),
    ("statements:\n  x: A.", "`x` is not the number of a statement"), ("statements:\n  0: A.", "`0` is not the number"),
    ("statements:\n  1: [a]", "statement 1 has no text"), ("statements:\n  1: A\n  01: B", "two statements 1"),
    ("statements:\n  1: A\nmore: x", "it has no `statements`"), ("statements: [", "statements.yaml:2:1: "),
  ]) func mistakesInTheFile(_ text: String, _ mistake: String) {
    let error = #expect(throws: CourseOutline.Mistake.self) {
      try CourseIndex(parsing: SourceText(name: "statements.yaml", text: text))
    }
    #expect(error?.description.contains(mistake) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("@covers", "the number of a statement is missing"), ("@covers x", "`x` is not the number of a statement"),
    ("@covers 1 0", "`0` is not the number of a statement"), ("@covers 1,2", "`1,2` is not the number"),
  ]) func mistakesInALesson(_ line: String, _ mistake: String) {
    let error = #expect(throws: Diagnostic.self) { try lesson(line, "") }
    #expect(error?.message.contains(mistake) == true, "\(error?.message ?? "")")
  }
}
