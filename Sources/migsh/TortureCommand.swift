import ArgumentParser
import Glibc
import LineEditor
import Shell
import Torture

/// `migsh torture`.
struct TortureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "torture", abstract: "Run random clusters under faults, with every invariant checked.",
    discussion: """
      Each seed stands for a cluster, programs, traffic, migrations and faults; then all faults end, and everything must \
      settle. Every seed is run twice and must give the same events. A seed that fails is made as short as it gets, and \
      written to a file as a script.
      Exit status: 0 all well; 1 an invariant did not hold; 4 a crash, or the same seed gave different events; \
      5 no progress; 130 interrupted.
      """)

  @Option(help: "How many seeds.")
  var seeds: UInt64 = 100

  @Option(help: "The first seed.")
  var first: UInt64 = 1

  @Option(help: "How many processes run seeds at a time.")
  var jobs = 1

  @Option(help: "Stop beginning new seeds after so many minutes.")
  var minutes: Double?

  @Option(help: "The folder for scripts that fail.", completion: .directory)
  var save = "."

  @Flag(inversion: .prefixedNo, help: "Make the script of a seed that fails short.")
  var shrink = true

  @Flag(help: "Print the script of the first seed, for `migsh run --keep-going`, and do not run it.")
  var show = false

  /// Runs seeds as a worker: reports how each ended to the process that started this one.
  @Flag(help: .hidden)
  var worker = false

  func validate() throws {
    guard (1...1_000_000_000).contains(seeds), first <= UInt64.max / 2 else {
      throw ValidationError("--seeds takes a number from 1 to 1000000000, --first one below 2^63.")
    }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024.") }
    try checkFolder(save)
    guard minutes ?? 1 > 0 else { throw ValidationError("--minutes takes a positive number.") }
  }

  func run() throws {
    Interrupt.install()
    if show {
      let script = TortureScript(seed: first)
      Terminal.write("# seed \(first): \(script.summary)\n" + script.lines.map { $0 + "\n" }.joined())
    } else if worker {
      work()
    } else {
      throw ExitCode(try supervise())
    }
  }

  private var deadline: ContinuousClock.Instant? { minutes.map { .now + .seconds($0 * 60) } }

  // MARK: - Worker

  /// Runs every `jobs`th seed.
  private func work() {
    let deadline = deadline
    func isLate() -> Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
    for seed in stride(from: first, to: first + seeds, by: jobs) where !isLate() && !Interrupt.isRequested {
      Terminal.write("\(TortureLine.begin(seed))\n")
      let run = TortureRun.twice(TortureScript(seed: seed).lines, seed: seed, isInterrupted: { Interrupt.isRequested })
      guard !Interrupt.isRequested else { return }
      Terminal.write("\(TortureLine.end(seed, run))\n")
      if run.failure != nil { return }
    }
  }

  // MARK: - Supervisor

  private func supervise() throws -> Int32 {
    var total = TortureTotal(seeds: seeds)
    let begun = ContinuousClock.now
    var workers = try (0..<min(UInt64(jobs), seeds)).map { try TortureWorker(self, offset: $0) }
    var failure: (seed: UInt64, status: Int32, text: String)?
    while !workers.isEmpty, failure == nil {
      for worker in workers {
        for line in worker.readLines() {
          total.add(line)
          if case .failed(let seed, let status, let text) = line { failure = failure ?? (seed, status, text) }
        }
      }
      for worker in workers where worker.process.hasEnded {
        if let seed = worker.current, worker.process.exitStatus != 0 { failure = failure ?? (seed, 4, "migsh crashed") }
      }
      workers.removeAll { $0.process.hasEnded }
      if Interrupt.isRequested { break }
      total.showProgress(since: begun)
      WorkerProcess.wait(for: workers.map(\.process), atMost: 200)
    }
    for worker in workers { worker.process.stop() }
    total.clearProgress()
    Terminal.write(total.text(since: begun))
    guard let failure else { return Interrupt.isRequested ? ScriptStatus.interrupted.rawValue : 0 }
    Terminal.write("seed \(failure.seed) failed: \(failure.text)\n")
    if shrink { try saveShortened(failure.seed, failure.status) }
    return failure.status
  }

  /// Shortens the script of a seed that failed, prints it, and writes it to a file.
  private func saveShortened(_ seed: UInt64, _ status: Int32) throws {
    let script = TortureScript(seed: seed)
    let failure = status == 4 ? nil : TortureRun(script.lines, seed: seed).failure
    // Nothing needs to come to its end unless the script ends all faults: so these lines stay.
    let end = if case .noProgress = failure { script.liveness } else { [String]() }
    let fails: ([String]) -> Bool =
      if let kind = failure?.kind {
        { TortureRun($0 + end, seed: seed).failure?.kind == kind }
      } else {
        { Self.crashes($0, seed: seed) }
      }
    var shrinker = Shrinker(limit: failure == nil ? 500 : 5000) { !Interrupt.isRequested && fails($0) }
    var lines = shrinker.shrink(end.isEmpty ? script.lines : script.setup + script.safety)
    if !end.isEmpty {
      // Lines of the end about things that the shorter script no longer creates can go.
      let words = Set(lines.flatMap { $0.split(separator: " ") })
      let short = end.filter { line in
        let word = line.split(separator: " ").last ?? ""
        return words.contains(word) || !["recover ", "resume ", "start "].contains { line.hasPrefix($0) }
      }
      lines += TortureRun(lines + short, seed: seed).failure?.kind == failure?.kind ? short : end
    }
    let text = "# migsh run --keep-going --check-invariants --seed \(seed)\n" + lines.map { $0 + "\n" }.joined()
    let path = "\(save)/torture-\(seed).migsh"
    Terminal.write("\(text)\(lines.count) of \(script.lines.count) lines, in \(path)\n")
    try writeFile(text, to: path)
  }

  /// Executes a script in a process of its own.
  private static func crashes(_ lines: [String], seed: UInt64) -> Bool {
    let arguments = ["run", "--keep-going", "--check-invariants", "--seed", "\(seed)", "/dev/stdin"]
    guard let process = try? ChildProcess(arguments, input: .pipe, output: .none, error: .none) else { return false }
    process.write(lines.joined(separator: "\n"))
    process.closeInput()
    process.wait()
    return process.exitStatus.map { $0 == ScriptStatus.fault.rawValue } ?? true
  }
}

/// Checks at the start that findings can be written to a folder.
func checkFolder(_ path: String) throws(ValidationError) {
  guard isFolder(path) else {
    throw ValidationError("--save takes a folder that is there; `\(path)` is not.")
  }
}

/// The line with which a worker reports a seed.
enum TortureLine {
  case began(UInt64)
  case passed(events: UInt64, virtualTime: UInt64, probes: [String: Int])
  case failed(UInt64, status: Int32, text: String)

  static func begin(_ seed: UInt64) -> String { "begin\t\(seed)" }

  static func end(_ seed: UInt64, _ run: TortureRun) -> String {
    if let failure = run.failure {
      let status =
        switch failure {
        case .violation, .changed: 1
        case .difference, .notUnderstood: 4
        case .noProgress: 5
        }
      return "failed\t\(seed)\t\(status)\t\(failure.text.split(whereSeparator: \.isNewline).joined(separator: " "))"
    }
    let probes = run.probes.map { "\t\($0.key)=\($0.value)" }.joined()
    return "passed\t\(run.events)\t\(run.virtualTime)\(probes)"
  }

  init?(_ line: Substring) {
    let words = line.split(separator: "\t" as Character).map(String.init)
    switch words.first {
    case "begin" where words.count == 2:
      guard let seed = UInt64(words[1]) else { return nil }
      self = .began(seed)
    case "failed" where words.count == 4:
      guard let seed = UInt64(words[1]), let status = Int32(words[2]) else { return nil }
      self = .failed(seed, status: status, text: words[3])
    case "passed" where words.count >= 3:
      guard let events = UInt64(words[1]), let time = UInt64(words[2]) else { return nil }
      var probes: [String: Int] = [:]
      for word in words[3...] {
        let parts = word.split(separator: "=" as Character)
        if parts.count == 2, let count = Int(parts[1]) { probes[String(parts[0])] = count }
      }
      self = .passed(events: events, virtualTime: time, probes: probes)
    default: return nil
    }
  }
}

/// A process that runs seeds.
private final class TortureWorker {
  let process: WorkerProcess
  /// The seed that it runs now.
  private(set) var current: UInt64?

  init(_ command: TortureCommand, offset: UInt64) throws {
    var arguments = [
      "torture", "--worker", "--first", "\(command.first + offset)", "--seeds", "\(command.seeds - offset)", "--jobs",
      "\(command.jobs)",
    ]
    if let minutes = command.minutes { arguments += ["--minutes", "\(minutes)"] }
    process = try WorkerProcess(arguments)
  }

  func readLines() -> [TortureLine] {
    let lines = process.readLines().compactMap { TortureLine($0[...]) }
    for line in lines {
      if case .began(let seed) = line { current = seed } else { current = nil }
    }
    return lines
  }
}

/// The results of all seeds together.
private struct TortureTotal {
  let seeds: UInt64
  private var passed: UInt64 = 0
  private var events: UInt64 = 0
  /// In seconds.
  private var virtualTime = 0.0
  private var probes: [String: Int] = [:]
  private var progress = ProgressLine()

  init(seeds: UInt64) { self.seeds = seeds }

  mutating func add(_ line: TortureLine) {
    guard case .passed(let events, let time, let probes) = line else { return }
    passed += 1
    self.events += events
    virtualTime += Double(time) / 1e9
    self.probes.merge(probes) { $0 + $1 }
  }

  mutating func showProgress(since begun: ContinuousClock.Instant) {
    progress.show("\(passed) of \(seeds) seeds, \(rate(since: begun))")
  }

  func clearProgress() { progress.clear() }

  private func rate(since begun: ContinuousClock.Instant) -> String {
    // Each seed runs twice.
    let real = max(0.001, begun.secondsUntilNow)
    return "\(formatNumber((2 * virtualTime / real).rounded())) s of virtual time a second"
  }

  func text(since begun: ContinuousClock.Instant) -> String {
    let real = formatNumber((begun.secondsUntilNow * 10).rounded() / 10)
    var text = "\(counted(passed, "seed")) passed, each run twice: \(counted(events, "event")) in \(real) s, "
    text += "\(rate(since: begun))\n"
    let missing = TortureRun.allProbes.filter { probes[$0] == nil }
    text += "never reached: \(missing.isEmpty ? "nothing" : missing.joined(separator: ", "))\n"
    return text
  }
}
