import Chronicle
import Foundation
import Simulator
import Testing

@testable import Torture

/// Random clusters under faults, and the shortening of failures.
@Suite struct TortureTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func nothingGoesWrong(seed: UInt64) {
    let run = TortureRun.twice(TortureScript(seed: seed).lines, seed: seed)
    #expect(run.failure == nil, "\(run.failure?.text ?? "")")
    #expect(run.events > 0 && run.virtualTime > 200_000_000_000)
  }

  /// Shortened scripts of earlier failures.
  static let mended: [URL] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Mended")
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.sorted { $0.path < $1.path }
  }()

  @Test(arguments: mended) func whatWasMendedStaysSo(_ file: URL) throws {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    let seed = try #require(lines.first?.split(separator: " ").last.flatMap { UInt64($0) })
    #expect(TortureRun(lines, seed: seed).failure == nil)
  }

  @Test func mendedScriptsAreThere() { #expect(!Self.mended.isEmpty) }

  @Test func aSeedGivesTheSameScript() {
    #expect(TortureScript(seed: 7).lines == TortureScript(seed: 7).lines)
    #expect(TortureScript(seed: 7).lines != TortureScript(seed: 8).lines)
  }

  /// Many seeds together do everything that is counted, except the rare things listed below.
  @Test func rareThingsHappen() {
    var probes: [String: Int] = [:]
    for seed in 21...60 as ClosedRange<UInt64> {
      probes.merge(TortureRun(TortureScript(seed: seed).lines, seed: seed).probes) { $0 + $1 }
    }
    let missing = TortureRun.allProbes.filter { probes[$0] == nil }
    #expect(missing.filter { !Self.rarest.contains($0) } == [])
    #expect(Self.rarest.isSubset(of: TortureRun.allProbes))
  }

  /// Things so rare that forty seeds need not meet them. Thousands do.
  private static let rarest: Set = [
    "process-died", "process-deadlocked", "total-freezing refused", "non-preemptive refused", "pretransfer refused",
    "hybrid refused", "flush refused",
    "non-preemptive cancelled", "total-freezing cancelled", "pretransfer cancelled", "on-reference cancelled",
    "flush cancelled", "on-reference lost", "hybrid lost", "hybrid cancelled",
  ]

  @Test func whatDoesNotMatterIsLeftOut() {
    let lines = (1...64).map { "line \($0)" } + ["run 2ms", "run 30us", "spawn p --on a --pages 3", "last"]
    var shrinker = Shrinker { lines in
      lines.contains("line 17") && lines.contains("line 40") && lines.contains { $0.hasPrefix("run") }
        && lines.contains { $0.hasPrefix("spawn p") && $0.contains("--pages 3") }
    }
    #expect(shrinker.shrink(lines) == ["line 17", "line 40", "run 30us", "spawn p --pages 3"])
    #expect(shrinker.tries < 400)
  }

  @Test func pausesAreJoined() {
    var shrinker = Shrinker { lines in
      lines.filter { $0.hasPrefix("run") }.reduce(0) { $0 + (Int($1.filter(\.isNumber)) ?? 0) } >= 32
        && lines.count <= 5
    }
    #expect(shrinker.shrink(["run 30us", "run 2us"]) == ["run 32us"])
  }

  @Test func aScriptThatIsNoneIsSaid() {
    #expect(TortureRun(["nod add a"], seed: 1).failure?.kind == "notUnderstood")
    // A refused command is no failure.
    #expect(TortureRun(["node add a", "fail b", "migrate p a"], seed: 1).failure == nil)
  }

  /// Compares only a process that moved, that nobody touched, and whose program has the right name.
  @Test(
    arguments: [
      ("work1", [], 1), ("work1", ["poke p 0 \"x\""], nil), ("work1", ["fail a"], nil), ("other", [], nil),
    ] as [(String, [String], Int?)])
  func theMemoryLeftIsCompared(program: String, disturbance: [String], count: Int?) {
    let setup = [
      "node add a b", "program \(program) { repeat 40 { write random 0..$last sleep 3ms } }",
      "spawn p --on a --pages 20 --program \(program)",
    ]
    let run = TortureRun(
      setup + ["run 10ms"] + disturbance + ["migrate p b --async", "recover a", "run 100s"], seed: 3)
    #expect(run.failure == nil && run.probes["memory compared"] == count)
  }

  @Test func whatDoesNotEndIsSaid() {
    let lines = ["node add a b", "spawn p --on a", "migrate p b --async"]
    #expect(TortureRun(lines, seed: 1).failure?.kind == "noProgress")
    #expect(TortureRun(lines + ["run 1s"], seed: 1).failure == nil)
  }

  /// A checker that has never found anything may be unable to find anything. So there is a broken engine for each
  /// checker, which it must find. `Scripts/mutants` tries them.
  @Test func everyCheckerHasMutants() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Mutants")
    let patches = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".patch") }
    let checkers =
      Violation.Checker.allCases.map(\.rawValue) + ["transparency", "sweep", "noProgress", "difference", "crash"]
    for checker in checkers {
      #expect(patches.contains { $0.hasPrefix("\(checker)-") }, "\(checker)")
    }
    for patch in patches {
      let text = try String(contentsOf: folder.appending(path: patch), encoding: .utf8)
      #expect(checkers.contains { patch.hasPrefix("\($0)-") && text.contains("\nCaught by: \($0)\n") }, "\(patch)")
    }
  }
}
