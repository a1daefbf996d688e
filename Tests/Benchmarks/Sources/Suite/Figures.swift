import Foundation
import Measuring
import Scenarios

/// What one unit of a scenario costs.
struct Figures: Sendable {
  let scenario: Scenario
  /// Seconds of a processor; nil when no time was taken.
  var time: Sample?
  var instructions = 0.0
  var allocations = 0.0
  /// The most memory that the longer run had, in KiB.
  var memory = 0

  init(scenario: Scenario) { self.scenario = scenario }

  /// Runs the scenario until the median holds still, or it has taken long enough.
  mutating func takeTimes(on bench: Bench, migsh: String) throws {
    let sizes = scenario.timed
    let places = try [sizes.less, sizes.more].map { units in
      try bench.place("\(scenario.name)-\(units)", scenario, units: units, of: sizes, program: migsh)
    }
    let begun = ContinuousClock.now
    var times: [Double] = []
    while times.count < 3 || (times.count < 15 && ContinuousClock.now - begun < .seconds(6)) {
      let runs = try places.map { place in
        try place.map {
          try MeasuredRun(of: $0.command, in: $0.folder, repeated: scenario.name == "start-up" ? 20 : 1)
        }
      }
      times.append(((runs[1]?.processor ?? 0) - (runs[0]?.processor ?? 0)) / Double(sizes.difference))
      memory = max(memory, runs[1]?.memory ?? 0)
    }
    time = Sample(times)
  }
}

/// The figures of all scenarios, to be read by people or by programs.
enum FiguresTable {
  static func text(_ figures: [Figures]) -> String {
    let widths = [18, 10, 11, 20, 14, 13, 0]
    let title = row(
      ["SCENARIO", "UNIT", "TIME", "FROM, TO", "INSTRUCTIONS", "ALLOCATIONS", "PEAK MEMORY"], widths: widths)
    let lines = figures.map { figures in
      let range = figures.time?.range
      return row(
        [
          figures.scenario.name, figures.scenario.unit, figures.time.map { seconds($0.median) } ?? "",
          range.map { "\(seconds($0.least)), \(seconds($0.most))" } ?? "", number(figures.instructions),
          String(format: "%.4g", figures.allocations), String(format: "%.1f MiB", Double(figures.memory) / 1024),
        ], widths: widths)
    }
    return (["what a unit costs: the difference of two runs; time is of the processor", title] + lines)
      .joined(separator: "\n")
  }

  static func json(_ figures: [Figures]) throws -> String {
    struct Entry: Encodable {
      let scenario: String
      let unit: String
      let nanoseconds: Double?
      let instructions: Double
      let allocations: Double
      let peakMemoryKiB: Int
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let entries = figures.map {
      Entry(
        scenario: $0.scenario.name, unit: $0.scenario.unit, nanoseconds: $0.time.map { $0.median * 1e9 },
        instructions: $0.instructions, allocations: $0.allocations, peakMemoryKiB: $0.memory)
    }
    return String(decoding: try encoder.encode(entries), as: UTF8.self)
  }

  static func seconds(_ time: Double) -> String {
    let (value, unit) =
      switch abs(time) {
      case 1...: (time, "s")
      case 1e-3...: (time * 1e3, "ms")
      case 1e-6...: (time * 1e6, "us")
      default: (time * 1e9, "ns")
      }
    return String(format: "%.4g %@", value, unit)
  }

  static func number(_ value: Double) -> String {
    switch abs(value) {
    case 1e9...: String(format: "%.4g G", value / 1e9)
    case 1e6...: String(format: "%.4g M", value / 1e6)
    default: String(format: "%.0f", value)
    }
  }
}
