import Foundation
import Measuring
import Scenarios

/// Measures what a unit of each scenario costs, and compares that with what is stored.
@main
struct Suite {
  private static let usage = """
    usage: suite list
           suite table [--json] MIGSH KERNEL-STEP [SCENARIO...]
           suite check|renew BASELINE MIGSH KERNEL-STEP [SCENARIO...]
           suite curves [--json] MIGSH [CURVE...]
    """

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch let problem as Problem {
      fail(problem.description, status: problem.status)
    } catch {
      fail("\(error)", status: 1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    var words = arguments
    let isJSON = words.contains("--json")
    words.removeAll { $0 == "--json" }
    guard let verb = words.first else { throw Problem(description: usage, status: 2) }
    words.removeFirst()
    switch verb {
    case "list" where words.isEmpty:
      for scenario in Scenario.all { print(row([scenario.name, scenario.summary], widths: [18, 0])) }
    case "table" where words.count >= 2:
      let wanted = try scenarios(words.dropFirst(2))
      let figures = try measure(wanted, migsh: words[0], kernelStep: words[1], withTimes: true)
      print(isJSON ? try FiguresTable.json(figures) : FiguresTable.text(figures))
    case "check" where words.count >= 3, "renew" where words.count >= 3:
      let baseline = URL(filePath: words[0])
      let wanted = try scenarios(words.dropFirst(3))
      let figures = try measure(wanted, migsh: words[1], kernelStep: words[2], withTimes: false)
      if verb == "renew" { try Baseline.renew(baseline, with: figures) } else { try Baseline.check(baseline, figures) }
    case "curves" where words.count >= 1: try Curves.draw(Array(words.dropFirst()), migsh: words[0], isJSON: isJSON)
    default: throw Problem(description: usage, status: 2)
    }
  }

  /// Those with these names; all when there are none.
  private static func scenarios(_ names: some Sequence<String>) throws -> [Scenario] {
    let names = Array(names)
    for name in names where !Scenario.all.contains(where: { $0.name == name }) {
      throw Problem(description: "there is no scenario '\(name)'; `suite list` names them all", status: 2)
    }
    return Scenario.all.filter { names.isEmpty || names.contains($0.name) }
  }

  private static func measure(
    _ scenarios: [Scenario], migsh: String, kernelStep: String, withTimes: Bool
  ) throws -> [Figures] {
    let bench = try Bench(kernelStep: kernelStep)
    defer { bench.close() }
    var figures = scenarios.map { Figures(scenario: $0) }
    if withTimes { for place in figures.indices { try figures[place].takeTimes(on: bench, migsh: migsh) } }
    let counted = try Counting.count(scenarios, migsh: migsh, kernelStep: kernelStep)
    for place in figures.indices {
      figures[place].instructions = counted[place].instructions
      figures[place].allocations = counted[place].allocations
    }
    return figures
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("benchmark: \(message)\n".utf8))
    exit(status)
  }
}

/// Why the suite ends without having done what it was asked for.
struct Problem: Error, CustomStringConvertible {
  let description: String
  var status: Int32 = 1
}
