import Chronicle
import CommandLanguage
import Foundation
import Shell
import Simulator
import Testing

@testable import Torture

/// A journal gives the same events again.
@Suite struct JournalTests {
  @Test func aJournalGivesTheSameEventsAgain() {
    for seed in 1...12 as ClosedRange<UInt64> {
      let script = TortureScript(seed: seed)
      let world = Self.world(after: script.lines, seed: seed)
      let again = World(replaying: world.journal)
      #expect(again.digest == world.digest && again.digest != 0, "seed \(seed)")
      #expect(again.eventCount == world.eventCount && again.now == world.now, "seed \(seed)")
      #expect(again.journal.entries.count == world.journal.entries.count, "seed \(seed)")
    }
  }

  /// Every script of the script tests, up to its first error.
  @Test func scriptsAreRepeatedFromTheirJournals() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../ScriptTests/Scripts")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".txt") }
    #expect(files.count > 10)
    for file in files.sorted() {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let world = Self.world(after: Self.commands(of: text), seed: 1)
      #expect(World(replaying: world.journal).digest == world.digest, "\(file)")
    }
  }

  /// A journal with another seed, or without one of its inputs, gives other events.
  @Test func everyEntryCounts() {
    let lines = ["node add a b", "spawn p --program zipf", "run 10ms", "migrate p b", "run 1s"]
    let one = Self.world(after: lines, seed: 1)
    let other = Self.world(after: lines + ["kill p"], seed: 1)
    #expect(World(replaying: one.journal).digest != World(replaying: other.journal).digest)
    #expect(one.journal.entries.count > 5)
  }

  private static func world(after lines: [String], seed: UInt64) -> World {
    var session = Session.silent(seed: seed)
    session.keepDigest()
    session.checkInvariants()
    for line in lines { _ = session.execute(SourceText(name: "journal", text: line)) }
    return session.state.world
  }

  /// The blocks of commands of a script test, each as one text.
  private static func commands(of test: String) -> [String] {
    var blocks: [[Substring]] = [[]]
    var isOutput = false
    for line in test.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "----" {
        isOutput = true
      } else if isOutput {
        guard line.isEmpty else { continue }
        isOutput = false
        blocks.append([])
      } else {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks.map { $0.joined(separator: "\n") }
  }
}
