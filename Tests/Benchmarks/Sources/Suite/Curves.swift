import Foundation
import Measuring
import Scenarios

/// How the cost of an event grows with the cluster, and what memory the parts of a cluster take.
struct Curves {
  private static let sizes = [10, 100, 1000, 10_000, 100_000, 1_000_000]
  /// Up to here instructions are counted too.
  private static let mostCounted = 1000

  private let stripped: Stripped

  /// Draws those with these names, `memory` among them; all when there are none.
  static func draw(_ names: [String], migsh: String, isJSON: Bool) throws {
    let known = Series.all.map(\.name) + ["memory"]
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw Problem(
        description: "there is no curve '\(unknown)', but \(known.joined(separator: ", "))", status: 2)
    }
    let stripped = try Stripped(migsh: migsh, kernelStep: nil)
    defer { stripped.bench.close() }
    let curves = Curves(stripped: stripped)
    var points: [Point] = []
    for series in Series.all where names.isEmpty || names.contains(series.name) {
      if !isJSON {
        say("\n\(series.name): \(series.summary)")
        say(row(["SIZE", "SET-UP", "EVENTS", "AN EVENT", "INSTRUCTIONS", "TIMES", "MEMORY"], widths: Self.widths))
      }
      points += try curves.draw(series, isJSON: isJSON)
    }
    let wantsMemory = names.isEmpty || names.contains("memory")
    if wantsMemory, !isJSON { say("\nmemory: what a part takes, by the difference of two runs") }
    let parts = wantsMemory ? try Part.all.map { ($0, try curves.bytes(of: $0)) } : []
    if isJSON {
      print(try json(points, parts))
    } else {
      for (part, bytes) in parts { say(row([part.name, String(format: "%.1f bytes", bytes)], widths: [46, 0])) }
    }
  }

  private static let widths = [9, 10, 10, 10, 13, 7, 0]

  private struct Point: Encodable {
    let series: String
    let size: Int
    /// Nil when it took too much time or memory.
    var nanosecondsAnEvent: Double?
    var instructionsAnEvent: Double?
    var setUpSeconds: Double?
    var events: Int?
    var memoryKiB: Int?
    var problem: String?
  }

  private func draw(_ series: Series, isJSON: Bool) throws -> [Point] {
    var points: [Point] = []
    for size in Self.sizes where size <= series.most {
      var point = Point(series: series.name, size: size)
      do {
        try measure(&point, series)
      } catch let failure as MeasuredRun.Failure {
        point.problem = failure.description
      }
      points.append(point)
      if !isJSON { say(line(point, least: points.compactMap(\.nanosecondsAnEvent).min())) }
      // What is too much for this size is so for all greater ones.
      if point.problem != nil { break }
    }
    return points
  }

  private func line(_ point: Point, least: Double?) -> String {
    guard let cost = point.nanosecondsAnEvent, let least else {
      let reason = point.problem?.components(separatedBy: "failed: ").last?.split(separator: "\n").first ?? ""
      let problem = "not within \(Limits.seconds) s of the processor and \(Limits.gibibytes) GiB \(reason)"
      return row(["\(point.size)", problem], widths: Self.widths)
    }
    return row(
      [
        "\(point.size)", FiguresTable.seconds(point.setUpSeconds ?? 0), "\(point.events ?? 0)",
        String(format: "%.0f ns", cost), point.instructionsAnEvent.map { String(format: "%.0f", $0) } ?? "",
        String(format: "%.2f", cost / least), "\((point.memoryKiB ?? 0) / 1024) MiB",
      ], widths: Self.widths)
  }

  private func measure(_ point: inout Point, _ series: Series) throws {
    // Both runs have as many commands, since each costs something that grows with the cluster.
    let less = series.setup(point.size) + "\nrun 1ms\nrun 1ns\nstats"
    func more(_ events: Int) -> String {
      series.setup(point.size) + "\nrun 1ms\n\(series.work(point.size, events))\nstats"
    }
    var costs: [Double] = []
    for _ in 0..<3 {
      let less = try run(less)
      let more = try run(more(Series.events))
      let events = more.events - less.events
      guard events > 0 else { throw Problem(description: "\(series.name) has no events with \(point.size)") }
      costs.append((more.taken.processor - less.taken.processor) * 1e9 / Double(events))
      point.setUpSeconds = less.taken.processor
      point.events = events
      point.memoryKiB = more.taken.memory
      if more.taken.processor > 5 { break }
    }
    point.nanosecondsAnEvent = Sample(costs).median
    guard point.size <= Self.mostCounted else { return }
    let (start, end) = (try run(less, isCounted: true), try run(more(Series.events / 20), isCounted: true))
    point.instructionsAnEvent = Double(end.instructions - start.instructions) / Double(end.events - start.events)
  }

  private struct Outcome {
    let taken: MeasuredRun
    let instructions: Int
    let events: Int
  }

  /// Runs a script within limits.
  private func run(_ script: String, isCounted: Bool = false) throws -> Outcome {
    let invocation = Scenario.Invocation(["run", "script.migsh"], files: Self.files(of: script))
    let place = try stripped.bench.place("curve", invocation, program: stripped.migsh)
    let taken = try MeasuredRun(of: Limits.command + place.command, in: place.folder)
    let output = try String(contentsOf: place.folder.appending(path: "output"), encoding: .utf8)
    let events = output.split(separator: "\n").last { $0.hasPrefix("events: ") }.flatMap { Int($0.dropFirst(8)) }
    let instructions = isCounted ? try Counts.count(.instructions, of: place.command, in: place.folder) : 0
    return Outcome(taken: taken, instructions: instructions, events: events ?? 0)
  }

  /// A script in files that are no longer than one may be.
  private static func files(of script: String) -> [String: String] {
    guard script.utf8.count > 3 << 20 else { return ["script.migsh": script] }
    var parts: [String] = [""]
    for line in script.split(separator: "\n") {
      if parts[parts.count - 1].utf8.count + line.utf8.count > 3 << 20 { parts.append("") }
      parts[parts.count - 1] += line + "\n"
    }
    var files = ["script.migsh": parts.indices.map { "source \"part\($0).migsh\"\n" }.joined()]
    for (number, part) in parts.enumerated() { files["part\(number).migsh"] = part }
    return files
  }

  /// The bytes that a part of the cluster takes.
  private func bytes(of part: Part) throws -> Double {
    let less = try run(part.script(part.less)).taken.memory
    let more = try run(part.script(part.more)).taken.memory
    return Double(more - less) * 1024 / Double(part.more - part.less)
  }

  private static func json(_ points: [Point], _ parts: [(Part, Double)]) throws -> String {
    struct Memory: Encodable {
      let part: String
      let bytes: Double
    }
    struct Everything: Encodable {
      let events: [Point]
      let memory: [Memory]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let memory = parts.map { Memory(part: $0.name, bytes: $1) }
    return String(decoding: try encoder.encode(Everything(events: points, memory: memory)), as: UTF8.self)
  }
}

/// What one run of a curve may take, so that a point that is out of reach does not hold up the others.
private enum Limits {
  static let seconds = 60
  static let gibibytes = 10
  static let command = ["prlimit", "--cpu=\(seconds)", "--as=\(gibibytes << 30)"]
}

/// Prints a line at once, also into a pipe.
private func say(_ line: String) {
  print(line)
  fflush(nil)
}
