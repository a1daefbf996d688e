import CommandLanguage
import Foundation
import Shell
import Testing

/// Whole scripts with their expected output, as in cockroachdb's datadriven: commands, a line `----`, and what they
/// print, up to an empty line. With MIGSH_REWRITE=1 the test writes what they print in place of what was expected, for
/// people to read in review. It never does so when an expectation or the engine failed.
///
/// A script that is not about sizes says so in its first line, `leavesOutSizes`. Then an `x` stands for each size in
/// its output, and times are cut to whole units, so that a packet that grows by a byte changes hardly anything.
@Suite struct ScriptTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  static let rewrites = ProcessInfo.processInfo.environment["MIGSH_REWRITE"] == "1"

  static var files: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(
        at: folder.appending(path: "Scripts"), includingPropertiesForKeys: nil
      )
      .filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }
    }
  }

  @Test(arguments: try files) func printsWhatItSays(_ file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let (actual, isSound) = Self.play(text, name: file.lastPathComponent)
    #expect(isSound, "an expectation or the engine failed:\n\(actual)")
    if Self.rewrites, isSound, actual != text { try actual.write(to: file, atomically: true, encoding: .utf8) }
    if !Self.rewrites { #expect(actual == text, "\(file.lastPathComponent) prints something else") }
  }

  /// Runs every block of a file in one session.
  ///
  /// - Returns: the file with what was printed as its expected output, and whether this may be written.
  static func play(_ text: String, name: String) -> (text: String, isSound: Bool) {
    let showsSizes = !text.hasPrefix(leavesOutSizes)
    var printed = ""
    var session = Session { printed += $0 }
    session.checkInvariants()
    var result = ""
    var isSound = true
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let divider = lines.firstIndex(of: "----") {
      // Lines are counted from the start of the block, so that longer output does not move the places of errors below
      // it.
      let source = SourceText(
        name: name, text: lines[..<divider].joined(separator: "\n"), folder: folder.path() + "Scripts/")
      printed = ""
      let status = session.execute(source)
      if status == .failed || status == .fault { isSound = false }
      let all = printed.split(separator: "\n").filter { !$0.isEmpty }.map { $0 + "\n" }.joined()
      let shown = showsSizes ? all : withoutSizes(all)
      result += source.text + "\n----\n" + shown + "\n"
      let expected = lines[(divider + 1)...]
      lines = (expected.firstIndex(of: "").map { expected[($0 + 1)...] }) ?? []
    }
    return (result, isSound)
  }

  /// The commands of each block of a file.
  static func sections(_ text: String) -> [String] {
    var sections: [String] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let divider = lines.firstIndex(of: "----") {
      sections.append(lines[..<divider].joined(separator: "\n"))
      let expected = lines[(divider + 1)...]
      lines = (expected.firstIndex(of: "").map { expected[($0 + 1)...] }) ?? []
    }
    return sections
  }

  private static let leavesOutSizes = "# Without sizes.\n"

  /// Leaves out the sizes of packets. A size without bytes or a fraction stays: it is memory, in whole pages.
  ///
  /// Puts two spaces between columns of numbers, since numbers may be of any width.
  private static func withoutSizes(_ text: String) -> String {
    text.replacing(/( *)\b(?:\d+ |\d+\.\d+ [KM]i)B\b/) { "\($0.output.1.prefix(2))x B" }
      .replacing(/( *)\b(\d+)(?:\.\d+)? ([num]?s|[kM]bps)\b/) { match in
        "\(match.output.1.prefix(2))\(match.output.2) \(match.output.3)"
      }
      .replacing(/("\w*[bB]ytes"|"now"|"\w*(?:Time|At)"):\d+/) { "\($0.output.1):x" }
  }
}
