import Foundation
import Testing

/// The scenarios that are measured, and the counts that are stored of them, belong together.
@Suite struct BenchmarkTests {
  private struct Baseline: Decodable {
    struct Entry: Decodable {
      let instructions: Double
      let allocations: Double
    }
    let compiler: String
    let architecture: String
    let units: [String: Entry]
  }

  private static let baseline = try? JSONDecoder().decode(
    Baseline.self, from: Data(Repository.text(of: "Tests/Benchmarks/baseline.json").utf8))

  /// What has to stay fast, and the scenario that shows whether it does.
  private static let subjects = [
    "the event queue": "event-queue", "a step of a kernel": "kernel-step", "ping-pong": "ping-pong",
    "a storm over 1,000 nodes": "storm-1000", "page writes by a program": "page-writes",
    "dirty tracking": "dirty-tracking", "pre-transfer of 1 GiB of words": "pretransfer-1GiB",
    "pre-transfer of 1 GiB of full pages": "pretransfer-full", "transfer on reference with prefetch": "on-reference",
    "jobs that are placed": "jobs-100000", "balancing of 100,000 processes on 1,000 nodes": "balancing-100000",
    "a copy of the world": "world-copy", "undo": "step-back", "parsing of a large script": "parsing",
    "a start": "start-up", "grading": "grading", "orders of events": "torture",
  ]

  @Test(arguments: subjects.keys.sorted()) func isMeasured(_ subject: String) throws {
    let name = try #require(Self.subjects[subject])
    #expect(Self.names.contains(name))
  }

  @Test func everyScenarioHasItsCounts() throws {
    let baseline = try #require(Self.baseline)
    #expect(baseline.units.keys.sorted() == Self.names.sorted())
    for (name, entry) in baseline.units {
      #expect(entry.instructions > 0, "\(name) executes nothing")
      #expect(entry.allocations >= 0, "\(name) gives back what it never had")
    }
    #expect(baseline.compiler.hasPrefix("Swift version ") && !baseline.architecture.isEmpty)
  }

  @Test func everyScenarioIsInTheList() throws {
    let text = Repository.text(of: "Tests/Benchmarks/Sources/Scenarios/Scenario.swift")
    let list = try #require(text.firstMatch(of: /static let all = \[([^\]]*)\]/)).1
    #expect(list.split(separator: ",").filter { $0.contains { $0.isLetter } }.count == Self.names.count)
  }

  /// The names of all scenarios that are declared.
  private static let names: [String] = Repository.files(under: ["Tests/Benchmarks/Sources/Scenarios"]) {
    $0.hasSuffix(".swift")
  }.flatMap { path in
    Repository.text(of: path).matches(of: /Scenario\(\s*name: "([^"]+)"/).flatMap { match -> [String] in
      match.1.contains("\\(nodes)") ? ["messages-2", "messages-1000"] : [String(match.1)]
    }
  }
}
