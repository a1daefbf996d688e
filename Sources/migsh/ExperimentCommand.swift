import ArgumentParser
import CommandLanguage
import Course
import Glibc
import LineEditor
import Shell

/// `migsh experiment`.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment", abstract: "Run a script over a grid of values and seeds, one row a run.",
    discussion: """
      The script uses each varied name as a variable: --vary rate=0.5,0.7 gives it $rate. A `let rate = …` of its own \
      counts only when it runs by itself, and so does a `set seed`. A value is read as a number, a quantity with its \
      unit, true or false, or else as a text. Many values: --vary rate=$(seq -s, 0.1 0.1 0.9).

      A row has the varied values, the seed, `status` (as `migsh run` exits), `failed` (expectations that failed), `now` \
      (virtual time at the end), and every variable that the script sets with `let`: so `let pause = \
      p.migration.freezeTime` is how it says what is measured. Times are in nanoseconds, sizes in bytes, rates in bits a \
      second, shares as fractions. What holds no number, truth or text at the end is empty.

      With --csv a table of means follows on standard output; without it the rows do. The file is the same for any \
      number of jobs. Its first line, a comment, says which experiment it is of (pandas: comment='#'). An experiment that \
      was interrupted goes on with the same command; its finished runs are in FILE.part until then. \
      To spread it over machines, give each a --shard, and join the files with `migsh merge`:
        parallel migsh experiment x.migsh … --shard {}/4 --csv x.{}.csv ::: 1 2 3 4
        sbatch --array=1-4 --wrap 'migsh experiment x.migsh … --shard $SLURM_ARRAY_TASK_ID/4 --csv \
      x.$SLURM_ARRAY_TASK_ID.csv'

      Exit status: that of the worst run: 0 all well; 1 an expectation failed; 124 a limit was reached; 3 a command was \
      refused, or this whole experiment; 2 usage, or text that could not be understood; 4 a crash, a file that \
      cannot be written, or another fault of migsh; 130 interrupted.
      """)

  @Option(help: ArgumentHelp("A variable and its values; more than once for a grid.", valueName: "name=a,b,c"))
  var vary: [String] = []

  @Option(help: "How many seeds each combination of values is run with.")
  var seeds = 1

  @Option(help: "The first seed.")
  var first: UInt64 = 1

  @Option(help: "How many runs at a time, each in a process of its own.")
  var jobs = 1

  @Option(help: ArgumentHelp("Write the rows to a file.", valueName: "file"), completion: .file())
  var csv: String?

  @Option(help: ArgumentHelp("Only every Nth run, beginning with the Ith.", valueName: "i/n"))
  var shard: String?

  @Flag(help: "Begin anew, and replace what is in the file.")
  var restart = false

  @Flag(help: "Let runs go on after an error.")
  var keepGoing = false

  /// Runs what it is told on standard input, for the process that started this one. The value is the fingerprint of what
  /// that process has read.
  @Option(help: .hidden)
  var worker: String?

  @ArgumentParser.Argument(help: "A script.", completion: .scripts)
  var script: String

  func validate() throws {
    guard (1...ParameterGrid.mostRuns).contains(seeds), first <= UInt64(Int64.max) - UInt64(ParameterGrid.mostRuns)
    else {
      throw ValidationError(
        "--seeds takes a number from 1 to \(ParameterGrid.mostRuns), --first one that is not too near 2^63.")
    }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024.") }
    guard shard.map({ Shard($0) != nil }) ?? true else {
      throw ValidationError("--shard takes I/N, such as 1/4: I from 1 to N.")
    }
  }

  func run() throws {
    Interrupt.install()
    let script: ExperimentScript
    do {
      let source = try readSource(self.script)
      guard !Lesson.isLesson(source) else {
        throw ExperimentError("\(self.script) is a lesson, and an experiment runs a script", remedy: nil)
      }
      let grid = try ParameterGrid(vary, firstSeed: first, seedCount: seeds)
      script = try ExperimentScript(source, grid: grid, keepsGoing: keepGoing)
    } catch {
      Terminal.writeError(describe(error, of: self.script) + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    if let worker { return try work(script, for: worker) }
    do {
      throw ExitCode(try supervise(script).rawValue)
    } catch let error as ExperimentError {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.refused.rawValue)
    } catch let error as FileError {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    }
  }

  // MARK: - Worker

  /// Ends with the status of usage errors when it does not find the script as it was.
  private func work(_ script: ExperimentScript, for fingerprint: String) throws {
    guard script.fingerprint == fingerprint else { throw ExitCode(ScriptStatus.usage.rawValue) }
    let supervisor = getppid()
    var asked = 0
    // A run may take long, and nobody waits for it once the supervisor has been killed.
    func isInterrupted() -> Bool {
      asked += 1
      return Interrupt.isRequested || asked % 16 == 0 && getppid() != supervisor
    }
    while let line = readLine(), let run = Int(line) {
      guard let row = script.run(run, isInterrupted: isInterrupted) else { return }
      Terminal.write(row.line + "\n")
    }
  }

  private func makeWorker(_ script: ExperimentScript) throws -> WorkerProcess {
    var arguments = ["experiment", "--worker", script.fingerprint, "--seeds", "\(seeds)", "--first", "\(first)"]
    for text in vary { arguments += ["--vary=\(text)"] }
    if keepGoing { arguments.append("--keep-going") }
    return try WorkerProcess(arguments + ["--", self.script], takesLines: true)
  }

  // MARK: - Supervisor

  private func supervise(_ script: ExperimentScript) throws -> ScriptStatus {
    let shard = shard.flatMap { Shard($0) }
    let runs = shard.map { Array($0.runs(of: script.grid.runCount)) } ?? Array(0..<script.grid.runCount)
    let header = ExperimentHeader(script, shard: shard)
    if let csv, isFolder(csv) { throw ExperimentError("\(csv) is a folder", remedy: "give the name of a file in it") }
    if let csv, let status = try finishedStatus(csv, header) {
      Terminal.writeError("\(csv) has all \(counted(runs.count, "run")) already; --restart runs them again\n")
      return status
    }
    let file = try csv.flatMap { csv in
      isDevice(csv)
        ? nil
        : try UnfinishedExperiment(
          for: csv, header, columnCount: script.measured.count, beginsAnew: restart)
    }
    var rows: [Int: ExperimentRow] = [:]
    for row in file?.rows ?? [] { rows[row.run] = row }
    let wanted = runs.filter { rows[$0] == nil }
    try carryOut(wanted, of: script, alreadyDone: runs.count - wanted.count) { row in
      rows[row.run] = row
      try file?.append(row)
    }
    let finished = runs.compactMap { rows[$0] }
    guard finished.count == runs.count else {
      let advice =
        file.map { "they are in \($0.path), and the same command goes on from there" }
        ?? "without --csv nothing is kept"
      Terminal.writeError("interrupted: \(finished.count) of \(counted(runs.count, "run")) are done; \(advice)\n")
      return .interrupted
    }
    try write(finished, of: script, shard)
    file?.remove()
    tellFailures(finished, of: script)
    return finished.reduce(.success) { ExperimentReport.worse($0, $1.status) }
  }

  /// The status of an experiment whose file is there and whole; nil when there is none.
  private func finishedStatus(_ path: String, _ header: ExperimentHeader) throws -> ScriptStatus? {
    guard !restart, !isDevice(path), access(path, F_OK) == 0 else { return nil }
    let text = String(decoding: try readFile(path, limit: .max), as: UTF8.self)
    guard text.hasPrefix(header.line + "\n"), let status = ExperimentReport.worstStatus(in: text) else {
      throw ExperimentError(
        "there is a file \(path) already, and it is not of this experiment, or the script has changed since",
        remedy: "--restart replaces it")
    }
    return status
  }

  private func isDevice(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT)
  }

  /// Has workers execute runs, until all are done or Ctrl-C comes.
  private func carryOut(
    _ runs: [Int], of script: ExperimentScript, alreadyDone: Int, receive: (ExperimentRow) throws -> Void
  ) throws {
    var waiting = runs[...]
    var workers: [(process: WorkerProcess, run: Int)] = []
    var progress = ExperimentProgress(total: alreadyDone + runs.count, doneBefore: alreadyDone)
    defer {
      for worker in workers { worker.process.stop() }
      progress.clear()
    }
    while !Interrupt.isRequested {
      while workers.count < jobs, let run = waiting.popFirst() {
        let process = try makeWorker(script)
        process.send("\(run)")
        workers.append((process, run))
      }
      guard !workers.isEmpty else { return }
      WorkerProcess.wait(for: workers.map(\.process), atMost: 200)
      for index in workers.indices.reversed() {
        let worker = workers[index]
        let lines = worker.process.readLines()
        guard !worker.process.hasEnded || worker.process.exitStatus != ScriptStatus.usage.rawValue else {
          throw ExperimentError("the script has changed while the experiment ran", remedy: "--restart begins anew")
        }
        var row = lines.lazy.compactMap { ExperimentRow(line: $0, columnCount: script.measured.count) }.first
        // A worker ends by itself only after Ctrl-C, which has reached it sooner than this process.
        if row == nil, worker.process.hasEnded, worker.process.exitStatus != 0 {
          row = .crashed(run: worker.run, columnCount: script.measured.count)
        }
        if let row {
          try receive(row)
          progress.done += 1
        }
        if worker.process.hasEnded {
          workers.remove(at: index)
          if row == nil { waiting.insert(worker.run, at: waiting.startIndex) }
        } else if row != nil, let run = waiting.popFirst() {
          worker.process.send("\(run)")
          workers[index].run = run
        } else if row != nil {
          worker.process.finish()
          workers.remove(at: index)
        }
      }
      progress.show()
    }
  }

  private func write(_ rows: [ExperimentRow], of script: ExperimentScript, _ shard: Shard?) throws {
    let text = ExperimentReport.csv(script, shard: shard, rows: rows)
    guard let csv else { return Terminal.write(text) }
    try writeFile(text, to: csv)
    if let shard {
      Terminal.write(
        "shard \(shard.number) of \(shard.count): \(counted(rows.count, "run")) in \(csv); "
          + "`migsh merge` joins the shards\n")
    } else {
      Terminal.write(ExperimentSummary(script, rows: rows).text)
    }
  }

  /// Shows the first few errors.
  private func tellFailures(_ rows: [ExperimentRow], of script: ExperimentScript) {
    let failures = rows.filter { $0.status != .success }
    for row in failures.prefix(3) {
      Terminal.writeError("\(script.grid.text(ofRun: row.run)): \(row.message)\n")
    }
    if failures.count > 3 { Terminal.writeError("… and \(counted(failures.count - 3, "more run")) like these\n") }
  }
}

/// How far an experiment is.
private struct ExperimentProgress {
  let total: Int
  let doneBefore: Int
  var done: Int
  private let begun = ContinuousClock.now
  private var line = ProgressLine()

  init(total: Int, doneBefore: Int) {
    self.total = total
    self.doneBefore = doneBefore
    done = doneBefore
  }

  mutating func show() {
    let elapsed = begun.secondsUntilNow
    var text = "\(done) of \(counted(total, "run")), \(Self.text(elapsed))"
    if done > doneBefore {
      text += ", about \(Self.text(elapsed / Double(done - doneBefore) * Double(total - done))) left"
    }
    line.show(text)
  }

  func clear() { line.clear() }

  /// A duration in the two largest of hours, minutes and seconds.
  private static func text(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }
}
