import Foundation
import Measuring
import Scenarios

/// Runs scenarios with two builds of migsh, in turn, and says what each took and by how much they differ.
///
/// Both runs of a pair meet the same conditions, so that the median of the ratios holds still where each time does not. Time is
/// what the process had of a processor: migsh runs in one thread, and other programs disturb that least.
@main
struct PairedRuns {
  private static let usage = """
    usage: paired-runs [--pairs N] [--limit RATIO] BASE CHANGED [SCENARIO...]
      BASE and CHANGED are executables. Exit status: 1 when CHANGED took more than RATIO times as long as BASE.
    """

  static func main() {
    guard let options = Options(CommandLine.arguments.dropFirst()) else { fail(usage) }
    do {
      let slow = try compareAll(options)
      if !slow.isEmpty { fail("more than \(options.limit) times as long: \(slow.joined(separator: ", "))") }
    } catch {
      fail("\(error)")
    }
  }

  /// - Returns: the scenarios that take longer by more than they may.
  private static func compareAll(_ options: Options) throws -> [String] {
    let bench = try Bench()
    defer { bench.close() }
    print("median of \(options.pairs) pairs; times are of the processor")
    print(line("SCENARIO", "BASE", "CHANGED", "RATIO", "95 % BETWEEN", "WALL CLOCK", "MEMORY", "OUTPUT"))
    var slow: [String] = []
    for subject in options.subjects {
      let comparison = try compare(subject, options, on: bench)
      print(comparison.row)
      fflush(nil)
      if comparison.ratio.median > options.limit { slow.append(subject.name) }
    }
    return slow
  }

  private static func compare(_ subject: Scenario, _ options: Options, on bench: Bench) throws -> Comparison {
    let places = try ["base", "changed"].enumerated().compactMap { which, name in
      try bench.place(
        "\(subject.name).\(name)", subject, units: subject.timed.more, of: subject.timed,
        program: options.programs[which])
    }
    var comparison = Comparison(name: subject.name)
    for pair in 0..<options.pairs {
      var runs: [MeasuredRun] = []
      // Who is first has what the other then finds in caches, or the other way round.
      let order = pair.isMultiple(of: 2) ? [0, 1] : [1, 0]
      for which in order {
        runs.append(
          try MeasuredRun(
            of: places[which].command, in: places[which].folder, repeated: subject.name == "start-up" ? 20 : 1))
      }
      comparison.add(base: runs[order[0]], changed: runs[order[1]])
    }
    let outputs = places.map { $0.folder.appending(path: "output").path }
    comparison.saysTheSame = FileManager.default.contentsEqual(atPath: outputs[0], andPath: outputs[1])
    return comparison
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("paired-runs: \(message)\n".utf8))
    exit(message == usage ? 2 : 1)
  }

  static func line(_ cells: String...) -> String { row(cells, widths: [18, 10, 10, 7, 13, 11, 7, 0]) }
}

private struct Options {
  var pairs = 9
  var limit = Double.infinity
  /// The base, then what was changed.
  var programs: [String] = []
  var subjects: [Scenario] = []

  /// Nil when they make no sense.
  init?(_ arguments: some Sequence<String>) {
    var names: [String] = []
    var remaining = Array(arguments)
    while !remaining.isEmpty {
      let word = remaining.removeFirst()
      switch word {
      case "--pairs":
        guard let next = remaining.first, let number = Int(next), number > 0 else { return nil }
        pairs = number
        remaining.removeFirst()
      case "--limit":
        guard let next = remaining.first, let number = Double(next), number > 0 else { return nil }
        limit = number
        remaining.removeFirst()
      default: if programs.count < 2 { programs.append(word) } else { names.append(word) }
      }
    }
    // Which kernels are measured alone is settled when the benchmarks are built, not by which migsh runs.
    subjects = Scenario.all.filter { $0.isOfMigsh }.filter { names.isEmpty || names.contains($0.name) }
    guard programs.count == 2, names.allSatisfy({ name in subjects.contains { $0.name == name } }) else { return nil }
  }
}

/// What the pairs of one scenario took.
private struct Comparison {
  let name: String
  var saysTheSame = true
  private var base: [MeasuredRun] = []
  private var changed: [MeasuredRun] = []

  init(name: String) { self.name = name }

  mutating func add(base: MeasuredRun, changed: MeasuredRun) {
    self.base.append(base)
    self.changed.append(changed)
  }

  var ratio: Sample { ratios(\.processor) }

  private func ratios(_ part: (MeasuredRun) -> Double) -> Sample {
    Sample(zip(base, changed).map { part($1) / part($0) })
  }

  var row: String {
    let (low, high) = ratio.interval
    return PairedRuns.line(
      name, milliseconds(base), milliseconds(changed), String(format: "%.3f", ratio.median),
      String(format: "%.3f-%.3f", low, high), String(format: "%.3f", ratios(\.wallClock).median),
      String(format: "%.2f", ratios { Double($0.memory) }.median), saysTheSame ? "same" : "differs")
  }

  private func milliseconds(_ runs: [MeasuredRun]) -> String {
    String(format: "%.1f ms", Sample(runs.map(\.processor)).median * 1000)
  }
}
