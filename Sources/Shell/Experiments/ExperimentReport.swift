/// The first line of an experiment's files, which says what they are.
///
///     # migsh experiment 1; fingerprint 00c5…; runs 60; rate=0.5,0.7; policy=none,mine; seeds 1 to 20; shard 2 of 4
///
/// It is one line, a comment for what reads such files (`comment='#'` in pandas, `comment.char="#"` in R, gnuplot as it
/// is). All but the shard is the same in all files of one experiment.
package struct ExperimentHeader: Sendable, Equatable {
  /// The number of this form of file.
  package static let version = 1

  package let fingerprint: String
  /// Of the whole experiment.
  package let runCount: Int
  /// The grid, for people.
  package let grid: String
  /// Nil for all runs.
  package let shard: Shard?

  package init(_ script: ExperimentScript, shard: Shard?) {
    fingerprint = script.fingerprint
    runCount = script.grid.runCount
    let grid = script.grid
    let variations = grid.variations.map { variation in
      "\(variation.name)=" + variation.choices.map { Self.escaped($0.text) }.joined(separator: ",")
    }
    let last = grid.firstSeed + UInt64(grid.seedCount - 1)
    self.grid = (variations + ["seeds \(grid.firstSeed) to \(last)"]).joined(separator: "; ")
    self.shard = shard
  }

  private init(fingerprint: String, runCount: Int, grid: String, shard: Shard?) {
    self.fingerprint = fingerprint
    self.runCount = runCount
    self.grid = grid
    self.shard = shard
  }

  /// Reads the line; nil when it is another one.
  package init?(line: some StringProtocol) {
    var fields = line.split(separator: "; ").map { String($0) }
    guard fields.count >= 4, fields[0] == Self.kind, fields[1].hasPrefix("fingerprint "),
      fields[2].hasPrefix("runs "), let runCount = Int(fields[2].dropFirst(5)),
      (1...ParameterGrid.mostRuns).contains(runCount)
    else { return nil }
    if fields.last?.hasPrefix("shard ") == true {
      let words = fields.removeLast().split(separator: " ")
      guard words.count == 4, let shard = Shard("\(words[1])/\(words[3])") else { return nil }
      self.shard = shard
    } else {
      shard = nil
    }
    self.runCount = runCount
    fingerprint = String(fields[1].dropFirst("fingerprint ".count))
    grid = fields[3...].joined(separator: "; ")
  }

  private static var kind: String { "# migsh experiment \(version)" }

  /// The line, without its end.
  package var line: String {
    let part = shard.map { "; shard \($0.number) of \($0.count)" } ?? ""
    return "\(Self.kind); fingerprint \(fingerprint); runs \(runCount); \(grid)\(part)"
  }

  /// The header of the file into which this one's shard is merged.
  var whole: ExperimentHeader {
    ExperimentHeader(fingerprint: fingerprint, runCount: runCount, grid: grid, shard: nil)
  }

  /// A text in which no semicolon ends a part of the line.
  private static func escaped(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing(";", with: "%3B")
  }
}

/// Every nth run, beginning with the one of its own number.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// Which one, from 1.
  public let number: Int
  /// Of how many.
  public let count: Int

  /// All there is.
  public static let whole = Shard(number: 1, count: 1)

  private init(number: Int, count: Int) { (self.number, self.count) = (number, count) }

  /// - Parameter text: `I/N`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]), number >= 1, number <= count,
      count <= ParameterGrid.mostRuns
    else { return nil }
    self.init(number: number, count: count)
  }

  public var description: String { "\(number)/\(count)" }

  /// Its runs, of so many, in order.
  package func runs(of total: Int) -> StrideTo<Int> { stride(from: number - 1, to: total, by: count) }
}

/// Files with the results of experiments.
package enum ExperimentReport {
  /// The file of an experiment, or of one shard.
  ///
  /// - Parameter rows: all of them, in the order of the grid.
  package static func csv(_ script: ExperimentScript, shard: Shard?, rows: [ExperimentRow]) -> String {
    var text = ExperimentHeader(script, shard: shard).line + "\n"
    text += CSV.record(script.columns)
    let points = (0..<script.grid.pointCount).map { point in
      script.grid.choices(atPoint: point).map { Cell($0.value).csv }
    }
    for row in rows {
      let fixed = [
        "\(script.grid.seed(ofRun: row.run))", "\(row.status.rawValue)", row.failed.map(String.init) ?? "",
        row.now.map { String($0) } ?? "",
      ]
      let fields = points[script.grid.point(ofRun: row.run)] + fixed + row.cells.map(\.csv)
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  /// Joins the files of all shards into the one that an experiment without shards would have written.
  ///
  /// - Parameter files: what each is called, and what is in it.
  package static func merge(_ files: [(name: String, text: String)]) throws(ExperimentError) -> String {
    var titles: Substring?
    var first: (name: String, header: ExperimentHeader)?
    var shards: [Int: (name: String, rows: [Substring])] = [:]
    var count = 0
    for (name, text) in files {
      let (header, shard, records) = try parts(of: text, called: name)
      if let first, first.header.whole != header.whole || count != shard.count || titles != records.first {
        throw ExperimentError(
          "\(name) is not of the same experiment as \(first.name)", remedy: difference(first.header, header))
      }
      if let other = shards[shard.number] {
        throw ExperimentError(
          "\(other.name) and \(name) are both shard \(shard.number)", remedy: "give each shard once")
      }
      if first == nil { (first, count, titles) = ((name, header), shard.count, records.first) }
      shards[shard.number] = (name, Array(records.dropFirst()))
    }
    guard let first, let titles else { throw ExperimentError("there is nothing to merge", remedy: nil) }
    let missing = (1...count).filter { shards[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.prefix(10).map(String.init).joined(separator: ", ") + (missing.count > 10 ? ", …" : "")
      throw ExperimentError(
        "\(missing.count == 1 ? "shard" : "shards") \(names) of \(count) \(missing.count == 1 ? "is" : "are") missing",
        remedy: "run \(missing.count == 1 ? "it" : "them") with --shard \(missing[0])/\(count), and give all files")
    }
    var text = first.header.whole.line + "\n" + titles
    for run in 0..<first.header.runCount {
      text += shards[run % count + 1]?.rows[run / count] ?? ""
    }
    return text
  }

  /// The header, the shard and the records of a file, which is checked to be whole.
  private static func parts(
    of text: String, called name: String
  ) throws(ExperimentError) -> (ExperimentHeader, Shard, [Substring]) {
    let end = text.firstIndex(of: "\n") ?? text.endIndex
    guard let header = ExperimentHeader(line: text[..<end]) else {
      throw ExperimentError(
        "the first line of \(name) is not that of an experiment of this version", remedy: "run the shard again")
    }
    guard let shard = header.shard else {
      throw ExperimentError("\(name) is not a shard: it holds all runs", remedy: "it needs no merging")
    }
    let wanted = Array(shard.runs(of: header.runCount)).count
    let records = CSV.records(text[end...].dropFirst())
    guard let records, records.count == wanted + 1 else {
      let found = records.map { "\(max(0, $0.count - 1))" } ?? "a part"
      throw ExperimentError(
        "\(name) is not whole: it has \(found) of the \(counted(wanted, "run")) of shard \(shard.number)",
        remedy: "run the shard again")
    }
    return (header, shard, records)
  }

  private static func difference(_ first: ExperimentHeader, _ second: ExperimentHeader) -> String {
    if first.grid != second.grid { return "the grids differ: \(first.grid), and \(second.grid)" }
    if first.fingerprint != second.fingerprint { return "the script was another one, or the version of migsh" }
    return "they are of different numbers of shards"
  }

  /// The worst status in a file that is whole; nil when the file is not.
  package static func worstStatus(in text: String) -> ScriptStatus? {
    let end = text.firstIndex(of: "\n") ?? text.endIndex
    guard let records = CSV.records(text[end...].dropFirst()), let titles = records.first,
      let column = CSV.fields(titles).firstIndex(of: "status")
    else { return nil }
    var worst = ScriptStatus.success
    for record in records.dropFirst() {
      let fields = CSV.fields(record)
      guard column < fields.count, let code = Int32(fields[column]), let status = ScriptStatus(rawValue: code) else {
        return nil
      }
      worst = worse(worst, status)
    }
    return worst
  }

  /// The status of an experiment is that of its worst run. A fault of ours comes first, then what the script's author has
  /// to mend, then limits, then expectations that failed.
  package static func worse(_ left: ScriptStatus, _ right: ScriptStatus) -> ScriptStatus {
    let order: [ScriptStatus] = [.fault, .interrupted, .usage, .refused, .limit, .failed]
    return order.first { $0 == left || $0 == right } ?? .success
  }
}
