import CommandLanguage
import Foundation
import Shell
import Testing

/// A reader who types the session at the beginning of the README sees what the README shows.
@Suite struct ReadmeTests {
  @Test func theSessionIsReal() throws {
    let file = ScriptTests.folder.deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let parts = text.components(separatedBy: "```console\n")
    let pasted = try #require(parts.count > 1 ? parts[1].components(separatedBy: "```").first : nil)
    let typed = pasted.split(separator: "\n").compactMap { line in
      line.hasPrefix("migsh ") ? line.split(separator: "> ", maxSplits: 1).last.map(String.init) : nil
    }
    #expect(typed.count >= 7)
    var shown = ""
    var session = Session { shown += $0 }
    for command in typed {
      shown += session.prompt + command + "\n"
      #expect(session.execute(SourceText(name: "prompt", text: command)) == .success)
    }
    if ScriptTests.rewrites {
      try text.replacingOccurrences(of: pasted, with: shown).write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(shown == pasted)
    }
  }
}
