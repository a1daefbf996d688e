import Foundation
import TestSupport
import Testing

/// The manual page, as `migsh manual` prints it.
@Suite struct ManualTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private let page: String

  init() throws {
    let outcome = try run(ProgramTests.program, ["manual"])
    #expect(outcome.status == 0)
    page = outcome.output.replacing(#"\-"#, with: "-")
  }

  /// What stands below a title.
  private func section(_ title: String) throws -> Substring {
    let start = try #require(page.range(of: "\n\(title)\n"), "no \(title)").upperBound
    let end = page[start...].firstMatch(of: #/\n\.S[hs] /#)?.range.lowerBound ?? page.endIndex
    return page[start..<end]
  }

  @Test func everySubcommandAndOptionIsTold() throws {
    let help = try JSONSerialization.jsonObject(
      with: Data(try run(ProgramTests.program, ["--experimental-dump-help"]).output.utf8))
    let command = try #require((help as? [String: Any])?["command"] as? [String: Any])
    let subcommands = Self.subcommands(of: command, after: "")
    #expect(subcommands.count > 9 && subcommands.contains { $0.name == "course export" })
    for (name, subcommand) in subcommands {
      let text = try section(".Ss migsh \(name)")
      for argument in subcommand["arguments"] as? [[String: Any]] ?? [] where argument["shouldDisplay"] as? Bool == true
      {
        let preferred = (argument["preferredName"] as? [String: Any])?["name"] as? String
        guard preferred != "help", preferred != "version" else { continue }
        if let preferred, preferred.count > 1 { #expect(text.contains("Fl -\(preferred)"), "\(name) --\(preferred)") }
        let value = try #require(argument["valueName"] as? String)
        if preferred == nil { #expect(text.contains(".It Ar \\&\(value)"), "\(name) \(value)") }
      }
    }
  }

  /// A subcommand of a subcommand has a section of its own, with its options.
  @Test func whatHasPartsTellsOfThem() throws {
    for option in ["seeds", "format", "output", "lessons"] {
      #expect(try section(".Ss migsh course questions").contains("Fl -\(option)"), "\(option)")
    }
  }

  /// The commands that have no others below them, by all words of their names.
  private static func subcommands(
    of command: [String: Any], after words: String
  ) -> [(name: String, help: [String: Any])] {
    (command["subcommands"] as? [[String: Any]] ?? []).flatMap { command -> [(name: String, help: [String: Any])] in
      let word = command["commandName"] as? String ?? ""
      guard command["shouldDisplay"] as? Bool == true, word != "help" else { return [] }
      let below = subcommands(of: command, after: words + word + " ")
      return below.isEmpty ? [(words + word, command)] : below
    }
  }

  /// Whatever the program reads from the environment is told, and nothing else.
  @Test func theEnvironmentIsTold() throws {
    let told = Set(try section(".Sh ENVIRONMENT").matches(of: /\n?\.It Ev ([A-Z_]+)/).map { String($0.1) })
    var read: Set<String> = []
    for folder in ["migsh", "LineEditor", "Shell", "Course", "CourseSite", "Torture", "LanguageServer", "ScriptCheck"] {
      let path = Self.root.appending(path: "Sources/\(folder)").path
      for file in FileManager.default.enumerator(atPath: path)?.compactMap({ $0 as? String }) ?? []
      where file.hasSuffix(".swift") && !file.hasSuffix("EnvironmentVariable.swift") {
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains(/getenv|variable\(|isSet|LESS=/) {
          read.formUnion(line.matches(of: /"([A-Z][A-Z_]{2,})"/).map { String($0.1) })
          read.formUnion(line.matches(of: /\$\{([A-Z]+)-/).map { String($0.1) })
        }
      }
    }
    #expect(told == read)
    #expect(read.count > 10)
  }

  @Test func exitStatusesAreTold() throws {
    let told = try section(".Sh EXIT STATUS").matches(of: /\.It (\d+)/).map { String($0.1) }
    #expect(told == ["0", "1", "2", "3", "4", "5", "124", "130"])
  }

  /// The example is what happens.
  @Test func theExampleIsTrue() throws {
    let lines = try section(".Sh EXAMPLES").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let commands = lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
    let output = try run(ProgramTests.program, ["-c", commands.joined(separator: "\n")]).output
    #expect(commands.count == 4)
    #expect(lines.joined(separator: "\n").contains("\n\n" + output + ".Ed"))
  }
}
