import CommandLanguage
import Foundation
import Shell
import Testing

/// `COMMAND --to FILE`.
@Suite final class OutputFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-output-\(UUID().uuidString)")
  private var output = ""

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func execute(_ script: String, _ options: Session.Options = Session.Options()) -> ScriptStatus {
    output = ""
    var session = Session(options: options) { [unowned self] in output += $0 }
    // Files are named from the folder of the script.
    return session.execute(SourceText(name: "test", text: script, folder: folder.path + "/"))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test func theFileHasWhatTheScreenWouldHaveHad() throws {
    #expect(execute("node add a b\nnode list --to nodes.txt\nspawn p --to \"new p.txt\"\nsay 'done'") == .success)
    #expect(output == "added a, b: 1 core of speed 1, 4 GiB each\ndone\n")
    #expect(try text("nodes.txt").hasPrefix("NODE "))
    #expect(try text("new p.txt") == "created p on a: program counter, 64 pages\n")
  }

  /// At a prompt something is said of what went into a file.
  @Test func atAPromptTheFileIsNamed() throws {
    var options = Session.Options()
    options.isInteractive = true
    #expect(execute("say 'one' --to f\nsay 'two' --append --to f", options) == .success)
    #expect(output == "wrote \(folder.path)/f\nadded to \(folder.path)/f\n")
  }

  @Test func aFileIsReplacedOrAddedTo() throws {
    #expect(execute("say 'one' --to f\nsay 'two' --append --to f\nsay 'three' --to=g\nsay 'four' --to g") == .success)
    #expect(try text("f") == "one\ntwo\n")
    #expect(try text("g") == "four\n")
    #expect(execute("let name = \"h\"\nsay 'x' --to \"$name.txt\"\nsay 'y' --to $name") == .success)
    #expect(try text("h.txt") == "x\n" && text("h") == "y\n")
  }

  @Test func dataGoesThereToo() throws {
    #expect(execute("set format json\nprint 3 --to f.json\nset format csv\nprint 4 --to f.csv") == .success)
    #expect(try text("f.json").contains("\"data\":{\"value\":3}"))
    #expect(try text("f.csv") == "value\n4\n")
    #expect(output.contains("\"data\":{\"file\":\"\(folder.path)/f.json\"}"))
  }

  /// A command whose output cannot be written has done nothing.
  @Test(arguments: ["/dev/full", "missing/f", ".", "\"\""])
  func whatCannotBeWrittenChangesNothing(_ file: String) throws {
    #expect(execute("node add a --to \(file)\nnode add b") == .refused)
    #expect(output.contains("test:1:"))
    var options = Session.Options()
    options.keepsGoing = true
    #expect(execute("node add a --to \(file)\nprint cluster.nodes", options) == .refused)
    #expect(output.hasSuffix("[]\n"))
  }

  @Test func filesCanBeShutOut() {
    for files in [Session.FileAccess.none, .readBelow(folder.path)] {
      var options = Session.Options()
      options.files = files
      #expect(execute("say 'x' --to f", options) == .refused)
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/f"))
    }
  }

  @Test func commandsOfOnesOwnHaveOutputsOfTheirOwn() {
    #expect(execute("define two { now; now }\ntwo --to f") == .usage)
    #expect(execute("source x --to f") == .usage)
    #expect(execute("now --append") == .usage)
    #expect(execute("now --to f --to g") == .usage)
    #expect(execute("now | cat") == .usage)
  }
}
