import Course
import Foundation
import Shell
import Testing

@testable import CommandLanguage

/// The grammar for editors knows what the language knows.
@Suite struct GrammarTests {
  private let grammar: [String: Any]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "Editors/migsh.tmLanguage.json"))
    grammar = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// The words that a rule chooses from: those between `opening` and the parenthesis that closes it.
  private func words(_ pattern: String?, after opening: String) throws -> Set<String> {
    let pattern = try #require(pattern)
    let start = try #require(pattern.range(of: opening)).upperBound
    let end = try #require(pattern[start...].range(of: ")")).lowerBound
    return Set(pattern[start..<end].replacing(#"\s+"#, with: " ").split(separator: "|").map(String.init))
  }

  private func rule(_ name: String) -> [String: Any] {
    (grammar["repository"] as? [String: Any])?[name] as? [String: Any] ?? [:]
  }

  private func pattern(_ name: String, _ index: Int) -> String? {
    ((rule(name)["patterns"] as? [[String: Any]])?[index])?["match"] as? String
  }

  @Test func commandsAndStatementsAreThoseOfTheTable() throws {
    let table = Session { _ in }.table
    let statements = Set(CommandTable.grammar.map(\.name))
    let commands = Set(table.all.map(\.name)).subtracting(statements)
    #expect(try words(rule("command")["match"] as? String, after: #"\s*("#) == commands)
    #expect(try words(pattern("control", 0), after: #"\s*("#) == statements)
  }

  @Test func stepsUnitsFunctionsAndDirectivesAreThoseOfTheLanguage() throws {
    #expect(try words(pattern("steps", 1), after: "])(?:") == Set(Step.Word.allCases.map(\.rawValue)))
    #expect(try words(rule("number")["match"] as? String, after: "| ?(") == Set(Unit.all.map(\.name)))
    #expect(try words(rule("function")["match"] as? String, after: "])(?:") == Set(Expression.functions))
    #expect(try words(rule("directive")["begin"] as? String, after: "(@(?:") == Set(Lesson.directives.map(\.name)))
  }

  /// Of several words that begin alike the longest must come first.
  @Test func longerCommandsComeFirst() throws {
    let pattern = try #require(rule("command")["match"] as? String)
    let start = try #require(pattern.range(of: #"\s*("#)).upperBound
    let names = pattern[start...].replacing(#"\s+"#, with: " ").prefix { $0 != ")" }.split(separator: "|").map(
      String.init)
    for (index, name) in names.enumerated() {
      for shorter in names[..<index] { #expect(!name.hasPrefix(shorter + " "), "\(shorter) hides \(name)") }
    }
  }
}
