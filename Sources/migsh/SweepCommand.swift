import ArgumentParser
import LineEditor
import MigrationKernel
import Shell
import Synchronization
import Torture

/// `migsh sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Put faults at every packet of every mechanism, with every invariant checked.",
    discussion: """
      In each scene a process is migrated. At each packet of it, one point after another: the connection breaks, a node \
      crashes, a line or all lines of a node fail for less or more than the detection timeout, the packet arrives twice, \
      soon or as late as any later one. \
      Then everything must settle, and nothing may be lost that need not be. A point that goes wrong is written to a file \
      as a script.
      LOST: at so many points the process was lost, as the fault demands; WRONG: so many did not end as they must.
      Exit status: 0 all well; 1 something went wrong; 130 interrupted.
      """)

  @Argument(help: "Scenes, by their names, in quotes where there are blanks (all of them).")
  var scenes: [String] = []

  @Flag(help: "Print the names of the scenes.")
  var list = false

  @Option(help: "So many pairs of faults for each scene as well, at packets drawn from the seed.")
  var pairs = 0

  @Option(help: "Of what is drawn.")
  var seed: UInt64 = 1

  @Option(help: "How many scenes at a time.")
  var jobs = 1

  @Option(help: "The folder for scripts that fail.", completion: .directory)
  var save = "."

  func validate() throws {
    let known = SweepScene.all.map(\.name)
    if let unknown = scenes.first(where: { !known.contains($0) }) {
      throw ValidationError("There is no scene `\(unknown)`; `migsh sweep --list` tells which there are.")
    }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024.") }
    try checkFolder(save)
    guard (0...1_000_000_000).contains(pairs) else {
      throw ValidationError("--pairs takes a number from 0 to 1000000000.")
    }
  }

  func run() throws {
    Interrupt.install()
    if list { return Terminal.write(SweepScene.all.map { $0.name + "\n" }.joined()) }
    let wanted = SweepScene.all.filter { scenes.isEmpty || scenes.contains($0.name) }
    let results = Mutex<(points: Int, failures: [(scene: String, point: FaultSweep.Point)])>((0, []))
    let table = Mutex(RowsInOrder())
    Terminal.write("SCENE                   PACKETS  POINTS   PAIRS    LOST  WRONG\n")
    shareWork(on: wanted, jobs: jobs) { place, scene in
      let result = sweep(scene)
      results.withLock { results in
        results.points += result.points + result.pairs
        if let point = result.wrong.first { results.failures.append((scene.name, point)) }
      }
      table.withLock { $0.add(row(scene, result), at: place) }
    }
    table.withLock { $0.writeRest() }
    let (points, failures) = results.withLock { $0 }
    Terminal.write("\(points) points in \(counted(table.withLock(\.count), "scene"))\n")
    for (scene, point) in failures.sorted(by: { $0.scene < $1.scene }) {
      let path = "\(save)/sweep-\(scene.replacing(" ", with: "-").replacing(",", with: "")).migsh"
      let text =
        "# \(point.failure ?? "")\n# migsh run --keep-going --check-invariants\n"
        + point.lines.map { $0 + "\n" }.joined()
      Terminal.write("\(scene): \(text)in \(path)\n")
      try writeFile(text, to: path)
    }
    if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
    if !failures.isEmpty { throw ExitCode(1) }
  }

  /// Writes the rows of a table, each as soon as those before it are there: the order does not depend on the number of jobs.
  private struct RowsInOrder {
    private(set) var count = 0
    private var waiting: [Int: String] = [:]
    private var next = 0

    mutating func add(_ row: String, at place: Int) {
      count += 1
      waiting[place] = row
      while let row = waiting.removeValue(forKey: next) {
        Terminal.write(row)
        next += 1
      }
    }

    /// Writes what still waits for a row that never comes.
    mutating func writeRest() {
      for (_, row) in waiting.sorted(by: { $0.key < $1.key }) { Terminal.write(row) }
      waiting = [:]
    }
  }

  private struct Result {
    var packets = 0
    var points = 0
    var pairs = 0
    /// The number of points at which the process that was to move was lost.
    var losses = 0
    var wrong: [FaultSweep.Point] = []

    mutating func add(_ point: FaultSweep.Point) {
      if point.isLost { losses += 1 }
      if point.failure != nil { wrong.append(point) }
    }
  }

  private func row(_ scene: SweepScene, _ result: Result) -> String {
    let numbers = [
      (result.packets, 8), (result.points, 8), (result.pairs, 8), (result.losses, 8), (result.wrong.count, 7),
    ]
    let name = scene.name.prefix(23)
    return name + String(repeating: " ", count: 23 - name.count)
      + numbers.map { number, width in
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.count)) + text
      }.joined() + "\n"
  }

  private func sweep(_ scene: SweepScene) -> Result {
    let sweep = FaultSweep(scene)
    var result = Result()
    result.packets = sweep.packetCount
    for number in 0..<sweep.packetCount {
      for fault in sweep.faults(at: number) where !Interrupt.isRequested {
        result.points += 1
        result.add(sweep.run(fault, at: number))
      }
    }
    var random = Generator(seed: seed)
    for _ in 0..<pairs where !Interrupt.isRequested && sweep.packetCount > 0 {
      result.pairs += 1
      result.add(sweep.runPair(&random))
    }
    return result
  }
}
