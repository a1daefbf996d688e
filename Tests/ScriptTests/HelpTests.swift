import CommandLanguage
import Foundation
import Testing

@testable import Shell

/// Help says nothing that is not so: its examples are executed, and its pages fit a screen.
@Suite struct HelpTests {
  /// What the examples find in their folder.
  private static let files = [
    "cluster.migsh": "node add a b\nspawn p1\n", "jobs.csv": "arrival,service\n0,1\n0.5,2\n",
    "log.swf": "1 0 0 10 1 -1 -1 1 -1 -1 1 1 1 1 1 -1 -1 -1\n",
  ]

  /// Executes the examples of every command, each in a session of its own, in a folder with files that they read.
  ///
  /// - Parameter prepare: is told of each session and what is executed in it.
  static func execute(in folder: URL, prepare: (inout Session, String) -> Void) throws {
    for (name, text) in files {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    for spec in Commands.table.all {
      #expect(!spec.examples.isEmpty, "\(spec.name) has no example")
      for (number, example) in spec.examples.enumerated() {
        var session = Session { _ in }
        session.tutorLink = TutorLink()
        prepare(&session, example)
        for text in [spec.preparation, example, number == 0 ? spec.sequel : ""] where !text.isEmpty {
          let source = SourceText(name: "example", text: text, folder: folder.path() + "/")
          #expect(session.execute(source) == .success, "\(spec.name): \(text)")
        }
      }
    }
  }

  @Test func everyExampleWorks() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-help-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Self.execute(in: folder) { _, _ in }
  }

  /// What a page shows is what the shell prints, cut after some lines.
  @Test func pagesShowWhatCommandsPrint() throws {
    for spec in Commands.table.all where !Example(spec).usesFiles {
      let page = Commands.table.helpPage(of: spec)
      var output = ""
      var session = Session { output += $0 }
      session.tutorLink = TutorLink()
      session.addTutorCommands()
      _ = session.execute(SourceText(name: "example", text: spec.preparation))
      for (text, isLast) in [(spec.examples[0], spec.sequel.isEmpty), (spec.sequel, true)] where !text.isEmpty {
        output = ""
        #expect(session.execute(SourceText(name: "example", text: text)) == .success)
        #expect(page.contains("  > \(text)\n"))
        let lines = output.split(separator: "\n").map { "  \($0)\n" }
        for line in lines.prefix(11) { #expect(page.contains(line), "\(spec.name): \(line)") }
        if isLast, lines.count > 14 { #expect(page.contains("more lines\n"), "\(spec.name)") }
      }
    }
  }

  /// No page shows that its example fails, with a tutor or without.
  @Test func noExampleIsRefused() {
    var session = Session { _ in }
    session.addTutorCommands()
    for spec in session.table.all {
      let page = session.table.helpPage(of: spec)
      #expect(!page.contains(": error:"), "\(page)")
    }
  }

  private func shown(_ commands: String) -> String {
    var text = ""
    var session = Session { text += $0 }
    #expect(session.execute(SourceText(name: "test", text: commands)) == .success)
    return text
  }

  /// What help shows is what the command will say.
  @Test func examplesAreToldWherePicturesAre() {
    let drawn: [Character] = ["━", "│", "█", "●", "▁", "┌"]
    for command in ["timeline", "rounds", "map", "messages", "load", "compare transfer"] {
      #expect(shown("help \(command)").contains { drawn.contains($0) }, "\(command)")
      let told = shown("set plain on; help \(command)")
      #expect(!told.contains { drawn.contains($0) }, "\(told)")
    }
  }

  @Test(arguments: ["plain", "screen reader", "accessibility", "Screen Reader", "pictures"])
  func helpForScreenReadersIsFound(_ topic: String) { #expect(shown("help \(topic)").contains("MIGSH_PLAIN=1")) }

  @Test func helpFindsSettings() {
    #expect(shown("help pager").hasPrefix("`set pager VALUE`: whether what is longer"))
    #expect(shown("help set plain").contains("screen readers"))
  }

  @Test func examplesInHelpCountAsEvents() {
    var session = Session { _ in }
    session.options.limits.events = 10
    #expect(session.execute(SourceText(name: "test", text: "help migrate")) == .limit)
  }

  @Test func everyFlagIsInAnExampleOrAScript() throws {
    var texts = Commands.table.all.flatMap { [$0.preparation, $0.sequel] + $0.examples }
    for file in try ScriptTests.files {
      texts += ScriptTests.sections(try String(contentsOf: file, encoding: .utf8))
    }
    let commands = texts.flatMap { $0.split(whereSeparator: { ";{}\n".contains($0) }) }
      .map { $0.split(separator: " ").map(String.init) }
    var missing: [String] = []
    for spec in Commands.table.all {
      let used = commands.filter { $0.starts(with: spec.words) }.reduce(into: Set<String>()) { $0.formUnion($1) }
      missing += spec.flags.filter { !used.contains("--\($0.name)") }.map { "\(spec.name) --\($0.name)" }
    }
    #expect(missing == [])
  }

  @Test func everyConceptSaysWhereTheNotesHaveIt() {
    for concept in Concept.all {
      #expect(concept.page().contains("\nNotes:   "), "\(concept.name)")
      for command in concept.commands {
        let isKnown = Commands.table.all.contains {
          $0.words.starts(with: command.split(separator: " ").map(String.init))
        }
        #expect(isKnown, "\(concept.name): \(command)")
      }
    }
  }

  @Test(arguments: [60, 80]) func helpFitsTheScreen(columns: Int) {
    func shown(_ command: String) -> [Substring] {
      var text = ""
      var session = Session { text += $0 }
      session.options.columns = columns
      #expect(session.execute(SourceText(name: "test", text: command)) == .success)
      return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }
    let overview = shown("help")
    // The prompt has a line of its own.
    if columns == 80 { #expect(overview.count < 24) }
    for line in overview { #expect(line.count <= columns, "\(line)") }
    if columns == 80 { #expect(shown("help json").count < 24) }
    if columns == 80 { #expect(shown("help json").allSatisfy { $0.count <= 80 }) }
    var tooWide: [String] = []
    for spec in Commands.table.all {
      // Output of examples may be as wide as it is for anybody.
      let isExample: (Substring) -> Bool = { $0.hasPrefix("  ") && !$0.hasPrefix("  --") }
      for line in shown("help \(spec.name)") where !isExample(line) {
        if line.count > columns { tooWide.append("\(spec.name): \(line)") }
      }
    }
    #expect(tooWide == [])
  }
}
