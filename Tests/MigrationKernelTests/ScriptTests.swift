import Foundation
import Testing

@testable import MigrationKernel

/// Runs the scripts in `Scripts`: one for each mechanism and each part that a kernel can have in it. They document the
/// protocols. `ScriptEnvironment.swift` says how to read and write them.
///
/// With `MIGSH_REWRITE=1` the test replaces the expected output by what is printed, but never in a script that cannot
/// be executed.
@Suite struct KernelScriptTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  @Test func scriptsAreThere() { #expect(Self.names.count >= 14) }

  @Test(arguments: names) func prints(_ name: String) throws {
    let file = Self.folder.appending(path: name)
    var script = try ScriptText(String(contentsOf: file, encoding: .utf8))
    let isRewritten = ProcessInfo.processInfo.environment["MIGSH_REWRITE"] == "1"
    var environment = ScriptEnvironment()
    for place in script.steps.indices {
      let step = script.steps[place]
      do {
        let printed = try environment.run(step.command)
        if isRewritten {
          script.steps[place].expected = printed
        } else {
          let difference = "\(name):\(step.line): \(step.command)\n" + printed.joined(separator: "\n")
          #expect(printed == step.expected, Comment(rawValue: difference))
        }
      } catch {
        Issue.record("\(name):\(step.line): \(step.command): \(error)")
        return
      }
    }
    if isRewritten { try script.text.write(to: file, atomically: true, encoding: .utf8) }
  }

  @Test func aScriptIsWrittenAsItWasRead() throws {
    let text = "# why\nboot a\n----\n(nothing)\n\nstate a\n----\nfree 1\n\n# end\n"
    #expect(try ScriptText(text).text == text)
    #expect(throws: ScriptError.self) { try ScriptText("boot a\nstate a\n") }
  }

  @Test(arguments: ["bot a", "deliver a b", "state z", "late nothing", "spawn p on=a program=none", "run soon"])
  func aCommandThatCannotBeCarriedOutFails(_ command: String) throws {
    var environment = ScriptEnvironment()
    _ = try environment.run("boot a b")
    #expect(throws: ScriptError.self) { try environment.run(command) }
  }
}
