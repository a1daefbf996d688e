import Foundation
import Scenarios

/// What a unit of each scenario cost when somebody last looked at it and found it right.
struct Baseline: Codable {
  struct Entry: Codable {
    var instructions: Double
    var allocations: Double
  }

  /// Counts of programs that another compiler made, or for another processor, are other counts.
  var compiler: String
  var architecture: String
  /// By the names of the scenarios.
  var units: [String: Entry]

  /// By how much a count may grow.
  private static let allowance = 1.03
  /// So little is allowed in any case: a tenth of an instruction, a thousandth of an allocation.
  private static let slack = Entry(instructions: 0.1, allocations: 0.001)

  /// Writes the counts of these scenarios, and leaves those of others as they are.
  static func renew(_ file: URL, with figures: [Figures]) throws {
    var baseline = (try? read(file)) ?? Baseline(compiler: "", architecture: "", units: [:])
    baseline.compiler = compiler
    baseline.architecture = architecture
    let names = Set(Scenario.all.map(\.name))
    baseline.units = baseline.units.filter { names.contains($0.key) }
    for figures in figures {
      baseline.units[figures.scenario.name] = Entry(
        instructions: (figures.instructions * 10).rounded() / 10,
        allocations: (figures.allocations * 1000).rounded() / 1000)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try (encoder.encode(baseline) + Data("\n".utf8)).write(to: file)
    print("wrote \(figures.count) scenarios to \(file.lastPathComponent)")
  }

  static func check(_ file: URL, _ figures: [Figures]) throws {
    let baseline = try read(file)
    let names = Set(Scenario.all.map(\.name))
    guard Set(baseline.units.keys) == names else {
      let odd = names.symmetricDifference(baseline.units.keys).sorted()
      throw Problem(
        description: """
          of the baseline and the list of scenarios, only one has \(odd.joined(separator: ", ")); write that anew:
            Scripts/benchmark --renew \(odd.filter(names.contains).joined(separator: " "))
          """)
    }
    guard baseline.compiler == compiler, baseline.architecture == architecture else {
      print(
        """
        not compared: the baseline was counted with \(baseline.compiler) on \(baseline.architecture), and this is \
        \(compiler) on \(architecture)
        """)
      return
    }
    var grown: [String] = []
    for figures in figures {
      guard let entry = baseline.units[figures.scenario.name] else { continue }
      let parts = [
        ("instructions", entry.instructions, figures.instructions, slack.instructions),
        ("allocations", entry.allocations, figures.allocations, slack.allocations),
      ]
      for (what, old, new, slack) in parts {
        let scenario = figures.scenario
        let line = "\(scenario.name): \(what) for one \(scenario.unit) from \(text(old)) to \(text(new))"
        if new > old * allowance + slack { grown.append(line + change(old, new)) }
        if new < old / allowance - slack { print("less than in the baseline: \(line)\(change(old, new))") }
      }
    }
    guard grown.isEmpty else {
      throw Problem(
        description: """
          a unit costs over 3 % more than in the baseline:
            \(grown.joined(separator: "\n  "))
          Where that is the price of something that is worth it, say so in the commit, and write the baseline anew:
            Scripts/benchmark --renew \(nameScenarios(of: grown))
          """)
    }
    print("\(figures.count) scenarios cost no more than in the baseline")
  }

  /// The scenarios that these lines begin with, each once.
  private static func nameScenarios(of lines: [String]) -> String {
    Set(lines.compactMap { $0.split(separator: ":").first }).sorted().joined(separator: " ")
  }

  private static func read(_ file: URL) throws -> Baseline {
    do {
      return try JSONDecoder().decode(Baseline.self, from: Data(contentsOf: file))
    } catch {
      throw Problem(description: "\(file.path) cannot be read; write it anew: Scripts/benchmark --renew")
    }
  }

  private static func text(_ value: Double) -> String { String(format: value < 100 ? "%.3f" : "%.1f", value) }

  private static func change(_ old: Double, _ new: Double) -> String {
    old > 0 ? String(format: " (%+.1f %%)", (new / old - 1) * 100) : ""
  }

  /// As in `Swift version 6.3.1`: said by the script that has built everything.
  private static var compiler: String { ProcessInfo.processInfo.environment["MIGSH_COMPILER"] ?? "an unknown compiler" }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "another processor"
    #endif
  }
}
