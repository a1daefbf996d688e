import Foundation
import TestSupport
import Testing

/// `migsh course`, and what `migsh test` says of an inventory.
@Suite struct CourseCommandTests {
  private let directory = TemporaryDirectory()
  private let program = builtProgram("migsh")

  init() {
    directory.write(Array("title: T\nlessons: [moving.migsh]\n".utf8), to: "course.yaml")
    directory.write(Array((PredictionTests.lesson + "\n").utf8), to: "moving.migsh")
    directory.write(Array(InventoryTests.text.utf8), to: "inventory.yaml")
    directory.write(Array("statements:\n  35: It stops.\n".utf8), to: "statements.yaml")
  }

  private func course(_ arguments: String...) throws -> Outcome {
    try run(program, ["course"] + arguments + ["--lessons", directory.path])
  }

  @Test func banksAreWritten() throws {
    let shown = try course("questions", "--format", "gift", "--seed", "4")
    #expect(shown.status == 0 && shown.error == "")
    #expect(shown.output.matches(of: #/(?m)^::/#).count == 5)
    #expect(shown.output.contains("let pages"))
    for (format, start) in [("gift", "$CATEGORY"), ("moodle", "<?xml"), ("qti", "PK")] {
      let file = directory.path + "/bank"
      let outcome = try course("questions", "--format", format, "--seeds", "3", "--output", file)
      #expect(outcome.status == 0 && outcome.output == "\(file): 15 questions\n", "\(outcome.error)")
      let first = contents(of: file)
      #expect(first.starts(with: Array(start.utf8)))
      // The same command gives the same bytes.
      _ = try course("questions", "--format", format, "--seeds", "3", "--output", file)
      #expect(contents(of: file) == first)
    }
  }

  @Test func whatCannotBeIsRefused() throws {
    for (arguments, complaint) in [
      (["--format", "qti"], "--output says where it goes"), (["--format", "word"], "moodle"),
      (["--format", "gift", "--seeds", "0"], "from 1 to 1000"),
      (["--format", "gift", "--seeds", "2", "--seed", "1"], "exclude each other"),
    ] {
      let outcome = try run(program, ["course", "questions", "--lessons", directory.path] + arguments)
      #expect(outcome.status == 2 && outcome.error.contains(complaint), "\(outcome.error)")
    }
    let nowhere = try run(program, ["course", "table", "--lessons", directory.path + "/none"])
    #expect(nowhere.status == 2 && nowhere.error.contains("no such file"))
    let full = try course("questions", "--format", "gift", "--output", directory.path + "/none/bank")
    #expect(full.status == 4)
    directory.write(Array("questions: []\nmore: []\n".utf8), to: "inventory.yaml")
    let unreadable = try course("questions", "--format", "gift")
    #expect(unreadable.status == 2 && unreadable.error.contains("it has no `questions`"))
  }

  @Test func tablesAreWritten() throws {
    let outcome = try course("table", "--format", "csv")
    #expect(outcome.status == 0)
    #expect(outcome.output == "kind,key,text,taught_in\nstatement,35,It stops.,\"\"\n")
    #expect(outcome.error.contains("no step teaches statement 35"))
  }

  /// A course is refused when its inventory says what is not so.
  @Test func aWrongInventoryIsRefused() throws {
    func proof(_ text: String) throws -> Outcome {
      directory.write(Array(text.utf8), to: "inventory.yaml")
      return try run(program, ["test", "--seeds", "2", directory.path])
    }
    let good = try proof(InventoryTests.text)
    #expect(good.output.contains("inventory.yaml: 1 question, 1 of them answered by the engine, 2 seeds: proved"))
    let wrong = try proof(InventoryTests.text.replacing("verify: p.node == b", with: "verify: p.node == a"))
    #expect(wrong.status == 1 && wrong.output.contains("what the right choice says does not hold"))
    let unknown = try proof(InventoryTests.text.replacing("[35]", with: "[36]"))
    #expect(unknown.status == 1 && unknown.output.contains("names statement 36, which there is not"))
  }
}
