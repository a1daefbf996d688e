import Foundation
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
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-paired-runs-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      print("median of \(options.pairs) pairs; times are of the processor")
      print(row("SCENARIO", "BASE", "CHANGED", "RATIO", "95 % BETWEEN", "WALL CLOCK", "MEMORY", "OUTPUT"))
      var slow: [String] = []
      for subject in options.subjects {
        let comparison = try compare(subject, options, in: folder)
        print(comparison.row)
        fflush(nil)
        if comparison.ratio.median > options.limit { slow.append(subject.name) }
      }
      if !slow.isEmpty { fail("more than \(options.limit) times as long: \(slow.joined(separator: ", "))") }
    } catch {
      try? FileManager.default.removeItem(at: folder)
      fail("\(error)")
    }
  }

  private static func compare(_ subject: Subject, _ options: Options, in folder: URL) throws -> Comparison {
    let script = folder.appending(path: "\(subject.name).migsh")
    try subject.script.write(to: script, atomically: true, encoding: .utf8)
    let arguments = subject.isStartUp ? ["-c", ""] : ["run", script.path]
    let outputs = ["base", "changed"].map { folder.appending(path: "\(subject.name).\($0)").path }
    var comparison = Comparison(name: subject.name)
    for pair in 0..<options.pairs {
      var runs: [Measurement] = []
      // Who is first has what the other then finds in caches, or the other way round.
      let order = pair.isMultiple(of: 2) ? [0, 1] : [1, 0]
      for which in order {
        let one = try Measurement(
          of: options.programs[which], arguments, output: outputs[which], repeated: subject.isStartUp ? 20 : 1)
        runs.append(one)
      }
      comparison.add(base: runs[order[0]], changed: runs[order[1]])
    }
    comparison.saysTheSame = FileManager.default.contentsEqual(atPath: outputs[0], andPath: outputs[1])
    return comparison
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("paired-runs: \(message)\n".utf8))
    exit(message == usage ? 2 : 1)
  }

  static func row(_ cells: String...) -> String {
    let widths = [18, 10, 10, 7, 13, 11, 7, 0]
    return zip(cells, widths).map { cell, width in
      cell + String(repeating: " ", count: max(1, width - cell.count))
    }.joined()
  }
}

/// A scenario, or the start of a shell that does nothing.
private struct Subject {
  let name: String
  let script: String
  let isStartUp: Bool

  static let all =
    [Subject(name: "start-up", script: "", isStartUp: true)]
    + Scenario.all.map { Subject(name: $0.name, script: $0.script, isStartUp: false) }
}

private struct Options {
  var pairs = 9
  var limit = Double.infinity
  /// The base, then what was changed.
  var programs: [String] = []
  var subjects: [Subject] = []

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
    subjects = Subject.all.filter { names.isEmpty || names.contains($0.name) }
    guard programs.count == 2, names.allSatisfy({ name in subjects.contains { $0.name == name } }) else { return nil }
  }
}

/// What one run took.
private struct Measurement {
  /// Seconds.
  var processor: Double
  var wallClock: Double
  /// The most memory that it had, in KiB.
  var memory: Int

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program, some times one after another.
  init(of program: String, _ arguments: [String], output: String, repeated times: Int) throws {
    (processor, wallClock, memory) = (0, 0, 0)
    for _ in 0..<times { try runOnce(program, arguments, output: output) }
    processor /= Double(times)
    wallClock /= Double(times)
  }

  private mutating func runOnce(_ program: String, _ arguments: [String], output: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer {
      for word in words { free(word) }
      posix_spawn_file_actions_destroy(&actions)
    }
    var process = pid_t()
    var status: Int32 = 0
    var usage = rusage()
    let begun = ContinuousClock.now
    guard posix_spawn(&process, program, &actions, nil, &words, environ) == 0 else {
      throw Failure(description: "\(program) cannot be run")
    }
    guard wait4(process, &status, 0, &usage) == process, status == 0 else {
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")) failed")
    }
    let elapsed = (ContinuousClock.now - begun).components
    wallClock += Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    processor += Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    memory = max(memory, usage.ru_maxrss)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}

/// What the pairs of one scenario took.
private struct Comparison {
  let name: String
  var saysTheSame = true
  private var base: [Measurement] = []
  private var changed: [Measurement] = []

  init(name: String) { self.name = name }

  mutating func add(base: Measurement, changed: Measurement) {
    self.base.append(base)
    self.changed.append(changed)
  }

  var ratio: Sample { ratios(\.processor) }

  private func ratios(_ part: (Measurement) -> Double) -> Sample {
    Sample(zip(base, changed).map { part($1) / part($0) })
  }

  var row: String {
    let (low, high) = ratio.interval
    return PairedRuns.row(
      name, milliseconds(base), milliseconds(changed), String(format: "%.3f", ratio.median),
      String(format: "%.3f-%.3f", low, high), String(format: "%.3f", ratios(\.wallClock).median),
      String(format: "%.2f", ratios { Double($0.memory) }.median), saysTheSame ? "same" : "differs")
  }

  private func milliseconds(_ runs: [Measurement]) -> String {
    String(format: "%.1f ms", Sample(runs.map(\.processor)).median * 1000)
  }
}

private struct Sample {
  private let sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  var median: Double {
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Between these the true median is in at least 95 of 100 cases, whatever the distribution; all that there is when there
  /// are fewer than 6 values.
  var interval: (Double, Double) {
    var outside = 0
    // Of `count` tosses, how likely are no more than `outside` heads? Both ends count.
    var (term, sum) = (pow(0.5, Double(sorted.count)), 0.0)
    while outside < sorted.count / 2 {
      sum += 2 * term
      guard sum <= 0.05 else { break }
      term *= Double(sorted.count - outside) / Double(outside + 1)
      outside += 1
    }
    let cut = max(0, outside - 1)
    return (sorted[cut], sorted[sorted.count - 1 - cut])
  }
}
