import Foundation
import Measuring
import Scenarios
import Synchronization

/// Counts instructions and allocations of scenarios, as many runs at a time as there are processors: counts do not mind.
enum Counting {
  struct PerUnit: Sendable {
    var instructions = 0.0
    var allocations = 0.0
  }

  private struct Run: Sendable {
    let scenario: Int
    let kind: Counts.Kind
    /// What it adds to the count of a unit.
    let share: Double
    let place: Bench.Place
  }

  static func count(_ scenarios: [Scenario], migsh: String, kernelStep: String) throws -> [PerUnit] {
    let stripped = try Stripped(migsh: migsh, kernelStep: kernelStep)
    defer { stripped.bench.close() }
    let runs = try scenarios.enumerated().flatMap { number, scenario in
      try self.runs(of: scenario, number: number, on: stripped)
    }
    let results = Mutex<(values: [PerUnit], problem: (any Error)?)>(
      (Array(repeating: PerUnit(), count: scenarios.count), nil))
    DispatchQueue.concurrentPerform(iterations: runs.count) { number in
      let run = runs[number]
      guard results.withLock({ $0.problem == nil }) else { return }
      do {
        let count = Double(try Counts.count(run.kind, of: run.place.command, in: run.place.folder)) * run.share
        results.withLock { results in
          switch run.kind {
          case .instructions: results.values[run.scenario].instructions += count
          case .allocations: results.values[run.scenario].allocations += count
          }
        }
      } catch {
        results.withLock { $0.problem = error }
      }
    }
    return try results.withLock { results in
      if let problem = results.problem { throw problem }
      return results.values
    }
  }

  private static func runs(of scenario: Scenario, number: Int, on stripped: Stripped) throws -> [Run] {
    let sizes = scenario.counted
    return try [(sizes.less, -1.0), (sizes.more, 1.0)].flatMap { units, sign in
      try Counts.Kind.allCases.compactMap { kind in
        // Names of one length, so that every run finds its stack in the same place.
        let name = String(format: "%03d-%d-%@", number, sign > 0 ? 1 : 0, String(kind.rawValue.prefix(1)))
        guard
          let place = try stripped.bench.place(name, scenario, units: units, of: sizes, program: stripped.migsh)
        else { return nil }
        let command = ["../" + URL(filePath: place.command[0]).lastPathComponent] + place.command.dropFirst()
        return Run(
          scenario: number, kind: kind, share: sign / Double(sizes.difference),
          place: Bench.Place(folder: place.folder, command: command))
      }
    }
  }
}

/// The programs without debug information, which valgrind cannot read.
struct Stripped {
  let bench: Bench
  let migsh: String

  init(migsh: String, kernelStep: String?) throws {
    bench = try Bench()
    self.migsh = bench.folder.appending(path: "migsh").path
    for (from, to) in [(migsh, "migsh"), (kernelStep, "kernel-step")] {
      guard let from else { continue }
      let source = URL(filePath: from).standardizedFileURL.path
      _ = try MeasuredRun(of: ["strip", "--strip-debug", "-o", to, source], in: bench.folder)
    }
  }
}
