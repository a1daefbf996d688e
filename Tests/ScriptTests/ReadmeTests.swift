import CommandLanguage
import Foundation
import Shell
import Testing

/// A reader who types the sessions of the README sees what the README shows.
@Suite struct ReadmeTests {
  private static let file = ScriptTests.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "README.md")

  @Test func theSessionsAreReal() throws {
    var text = try String(contentsOf: Self.file, encoding: .utf8)
    let sessions = try Self.sessions
    #expect(sessions.count == 2)
    for pasted in sessions {
      let shown = Self.typing(pasted)
      if ScriptTests.rewrites {
        text = text.replacingOccurrences(of: pasted, with: shown)
      } else {
        #expect(shown == pasted)
      }
    }
    if ScriptTests.rewrites { try text.write(to: Self.file, atomically: true, encoding: .utf8) }
  }

  /// What is on the screen after the commands of a session have been typed.
  private static func typing(_ pasted: String) -> String {
    let typed = typed(pasted)
    #expect(typed.count >= 3)
    var shown = ""
    var session = Session { shown += $0 }
    for command in typed {
      shown += session.prompt + command + "\n"
      #expect(session.execute(SourceText(name: "prompt", text: command)) == .success)
    }
    return shown
  }

  static var sessions: [String] {
    get throws {
      try String(contentsOf: file, encoding: .utf8).components(separatedBy: "```console\n").dropFirst()
        .compactMap { $0.components(separatedBy: "```").first }
    }
  }

  /// The commands of a session.
  static func typed(_ pasted: String) -> [String] {
    pasted.split(separator: "\n").compactMap { line in
      line.hasPrefix("migsh ") ? line.split(separator: "> ", maxSplits: 1).last.map(String.init) : nil
    }
  }
}
