import Foundation
import TestSupport
import Testing

/// What editors and shells have the program do.
@Suite struct ToolTests {
  private let directory = TemporaryDirectory()

  private func check(_ text: String, _ options: String...) throws -> Outcome {
    directory.write(Array(text.utf8), to: "s.migsh")
    return try run(ProgramTests.program, ["check", directory.path + "/s.migsh"] + options)
  }

  @Test func checkingHasItsOwnStatuses() throws {
    #expect(try check("node add a").status == 0)
    let warned = try check("node add a\nlet x = 3")
    #expect(warned.status == 0)
    #expect(warned.output == "")
    #expect(
      warned.error == "\(directory.path)/s.migsh:2:5: warning: `$x` is never used\n  let x = 3\n      ^\n")
    #expect(try check("node add a\nlet x = 3", "--strict").status == 1)
    #expect(try check("nde add a\nspwn").error.split(separator: "\n").count { $0.contains(": error: ") } == 2)
    #expect(try check("nde add a").status == 1)
    #expect(try check("now", "--nonsense").status == 2)
    #expect(try run(ProgramTests.program, ["check", directory.path + "/none.migsh"]).status == 2)
    directory.write([0xFF], to: "junk.migsh")
    #expect(try run(ProgramTests.program, ["check", directory.path + "/junk.migsh"]).status == 1)
  }

  @Test func findingsAreLinesOfJSON() throws {
    let outcome = try check("nde add a\nlet x = 3\nspwn", "--format", "json")
    #expect(outcome.status == 1 && outcome.error == "")
    let objects = try outcome.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["line"] as? Int } == [1, 3])
    #expect(objects.allSatisfy { $0["severity"] as? String == "error" && $0["code"] as? String == "syntax" })
  }

  @Test func lessonsThatComeWithMigshHaveNames() throws {
    for name in ["total-freezing", "survive", "survive.migsh"] {
      #expect(try run(ProgramTests.program, ["check", name]).status == 0)
    }
    #expect(try run(ProgramTests.program, ["run", "move-it"]).status == 0)
    #expect(try run(ProgramTests.program, ["move-it.migsh"]).status == 0)
    #expect(try run(ProgramTests.program, ["check", "no-such-lesson"]).status == 2)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreMadeForEachShell(_ shell: String) throws {
    for arguments in [["--generate-completion-script", shell], ["--generate-completion-script=\(shell)"]] {
      let outcome = try run(ProgramTests.program, arguments)
      #expect(outcome.status == 0)
      for word in ["torture", "check-invariants", "lsp", "strict"] { #expect(outcome.output.contains(word)) }
      #expect(outcome.output.contains("_files -g '*.migsh'") == (shell == "zsh"))
    }
    #expect(try run(ProgramTests.program, ["--generate-completion-script", "nonsense"]).status == 2)
  }

  @Test func theLanguageServerTalksOverPipes() throws {
    func frame(_ content: String) -> String { "Content-Length: \(content.utf8.count)\r\n\r\n\(content)" }
    let open =
      #"{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///x.migsh","version":1,"text":"nope"}}}"#
    let talk = [#"{"id":1,"method":"initialize"}"#, open, #"{"id":2,"method":"shutdown"}"#, #"{"method":"exit"}"#]
    let outcome = try run(ProgramTests.program, ["lsp", "--stdio"], input: talk.map(frame).joined())
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(outcome.output.contains("\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"capabilities\""))
    #expect(outcome.output.contains("there is no command `nope`"))
    // Without `exit` the client has gone away.
    #expect(try run(ProgramTests.program, ["lsp"], input: frame(talk[0])).status == 1)
  }

  /// The second scene is done first when both are begun at once.
  @Test(.whenThorough) func aSweepSaysTheSameWhateverTheNumberOfJobs() throws {
    let scenes = ["not started", "placed by threshold"]
    let (one, two) = (
      try run(ProgramTests.program, ["sweep"] + scenes),
      try run(ProgramTests.program, ["sweep"] + scenes + ["--jobs", "2"])
    )
    #expect(one.status == 0 && one.output.split(separator: "\n").count == 4)
    #expect(two.output == one.output)
  }
}
