import Chronicle
import CommandLanguage
import MigrationKernel

/// Reads a list of jobs from a file, as CSV or in the Standard Workload Format of the Parallel Workloads Archive.
struct TraceReader {
  /// How a trace is written.
  enum Format: String, CaseIterable {
    case swf, csv
  }

  /// Why a trace cannot be read, and where.
  struct Problem: Error {
    let line: Int
    let column: Int
    let message: String
    var remedy: String?
  }

  /// No file has more bytes.
  static let sizeLimit = 256 << 20
  /// No job is longer, or comes later than the clock can count.
  private static let latest: Nanoseconds = .max / 4

  /// How many jobs are read at most.
  let limit: Int
  /// Whether there may be more in the file, which are left out.
  let takesFirst: Bool
  /// Whether each processor that a job had is a thread of it.
  let takesThreads: Bool
  /// By how much all times are divided.
  let speed: Double
  let node: (String) -> NodeID?
  let nodeNames: [String]

  private(set) var jobs: ContiguousArray<JobTrace.Job> = []
  private(set) var nodes: [NodeID] = []
  /// Jobs that never ran, or whose arrival or run time the trace does not know.
  private(set) var leftOut = 0
  private var places: [String: Int32] = [:]
  private var columns: [Column] = []

  private enum Column: String, CaseIterable {
    case arrival, service, pages, threads, node
  }

  /// A field of a line.
  private struct Part {
    let bytes: ArraySlice<UInt8>
    let line: Int
    let column: Int

    var text: String { String(decoding: bytes.prefix(40), as: UTF8.self) }

    func problem(_ message: String, _ remedy: String? = nil) -> Problem {
      Problem(line: line, column: column, message: message, remedy: remedy)
    }
  }

  init(
    limit: Int, takesFirst: Bool, takesThreads: Bool = false, speed: Double = 1, nodeNames: [String] = [],
    node: @escaping (String) -> NodeID?
  ) {
    self.limit = limit
    self.takesFirst = takesFirst
    self.takesThreads = takesThreads
    self.speed = speed
    self.nodeNames = nodeNames
    self.node = node
  }

  /// Reads all of a file.
  mutating func read(_ bytes: [UInt8], as format: Format) throws(Problem) -> JobTrace {
    var number = 0
    var start = 0
    while start < bytes.count {
      number += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var line = bytes[start..<end]
      start = end + 1
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard line.contains(where: { !Self.isBlank($0) }) else { continue }
      if takesFirst, jobs.count == limit { break }
      switch format {
      case .swf: try readStandardLine(line, number)
      case .csv: try readCommaLine(line, number)
      }
      guard jobs.count <= limit else {
        throw Problem(
          line: number, column: 1, message: "more than \(limit) jobs", remedy: "`--jobs N` takes the first N")
      }
    }
    guard !jobs.isEmpty else {
      throw Problem(line: max(1, number), column: 1, message: "there is no job in it")
    }
    return JobTrace(jobs, nodes: nodes)
  }

  private mutating func add(_ job: JobTrace.Job, arrival: Part) throws(Problem) {
    var job = job
    if speed != 1 {
      job.arrival = Nanoseconds((Double(job.arrival) / speed).rounded())
      job.service = Nanoseconds((Double(job.service) / speed).rounded())
    }
    job.service = max(1, job.service)
    guard job.arrival <= Self.latest, job.service <= ServiceDistribution.longest else {
      throw arrival.problem("this job comes later, or takes longer, than the clock can count")
    }
    if let last = jobs.last, last.arrival > job.arrival {
      throw arrival.problem("this job comes before the one above it", "sort the lines by the times at which jobs come")
    }
    jobs.append(job)
  }

  // MARK: - Standard Workload Format

  /// How many fields a line has: job, submit time, wait time, run time, allocated processors, CPU time, memory; requested
  /// processors, time and memory; status, user, group, executable, queue, partition, preceding job, think time.
  private static let fieldCount = 18

  private mutating func readStandardLine(_ line: ArraySlice<UInt8>, _ number: Int) throws(Problem) {
    let parts = Self.words(line, number)
    guard parts.first?.bytes.first != UInt8(ascii: ";") else { return }
    guard parts.count == Self.fieldCount else {
      throw Problem(
        line: number, column: 1, message: "\(counted(parts.count, "field")) instead of \(Self.fieldCount)",
        remedy: "a line of the Standard Workload Format has 18 fields, with -1 for what is not known")
    }
    guard let submit = try Self.time(parts[1], orUnknown: true), let run = try Self.time(parts[3], orUnknown: true),
      run > 0
    else {
      leftOut += 1
      return
    }
    var threads: Int16 = 1
    if takesThreads {
      let allocated = try Self.count(parts[4], in: 1...1000, "a number of processors", orUnknown: true)
      let requested = try Self.count(parts[7], in: 1...1000, "a number of processors", orUnknown: true)
      threads = Int16(allocated ?? requested ?? 1)
    }
    try add(JobTrace.Job(arrival: submit, service: run, threads: threads), arrival: parts[1])
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private static func words(_ line: ArraySlice<UInt8>, _ number: Int) -> [Part] {
    line.split(whereSeparator: isBlank).map { word in
      Part(bytes: word, line: number, column: word.startIndex - line.startIndex + 1)
    }
  }

  // MARK: - Comma-separated values

  private mutating func readCommaLine(_ line: ArraySlice<UInt8>, _ number: Int) throws(Problem) {
    let parts = Self.cells(line, number)
    guard !columns.isEmpty else { return try readHeader(parts) }
    guard parts.count == columns.count else {
      throw Problem(
        line: number, column: 1,
        message: "\(counted(parts.count, "value")) in \(counted(columns.count, "column"))",
        remedy: "every line has a value for each column that the first line names")
    }
    var job = JobTrace.Job(arrival: 0, service: 0)
    var arrival = parts[0]
    for (column, part) in zip(columns, parts) {
      switch column {
      case .arrival:
        job.arrival = try Self.time(part, orUnknown: false) ?? 0
        arrival = part
      case .service: job.service = try Self.time(part, orUnknown: false) ?? 0
      case .pages:
        job.pages = Int32(
          try Self.count(part, in: 1...Int(Int32.max), "a number of pages", orUnknown: false) ?? 0)
      case .threads:
        job.threads = Int16(try Self.count(part, in: 1...1000, "a number of threads", orUnknown: false) ?? 1)
      case .node: job.node = try place(of: part)
      }
    }
    try add(job, arrival: arrival)
  }

  private mutating func readHeader(_ parts: [Part]) throws(Problem) {
    let names = Column.allCases.map(\.rawValue)
    for part in parts {
      guard let column = Column(rawValue: part.text) else {
        throw part.problem(
          "there is no column `\(part.text)`",
          "the first line names the columns: arrival, service, and if wanted \(names.dropFirst(2).joined(separator: ", "))"
        )
      }
      guard !columns.contains(column) else { throw part.problem("column `\(part.text)` is there twice") }
      columns.append(column)
    }
    for needed in [Column.arrival, .service] where !columns.contains(needed) {
      throw Problem(
        line: parts[0].line, column: 1, message: "the first line names no column `\(needed.rawValue)`",
        remedy: "begin the file with a line such as `arrival,service`")
    }
  }

  private mutating func place(of part: Part) throws(Problem) -> Int32 {
    let name = part.text
    if let place = places[name] { return place }
    guard let node = node(name) else {
      throw part.problem(
        "there is no node `\(name)`",
        closest(to: name, among: nodeNames).map { "did you mean `\($0)`?" } ?? "add it first, or leave the column out")
    }
    nodes.append(node)
    places[name] = Int32(nodes.count - 1)
    return Int32(nodes.count - 1)
  }

  private static func cells(_ line: ArraySlice<UInt8>, _ number: Int) -> [Part] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { cell in
      var cell = cell
      while let first = cell.first, isBlank(first) { cell.removeFirst() }
      while let last = cell.last, isBlank(last) { cell.removeLast() }
      return Part(bytes: cell, line: number, column: cell.startIndex - line.startIndex + 1)
    }
  }

  // MARK: - Numbers

  /// A time in seconds, or with a unit; nil for -1, which stands for one that is not known.
  private static func time(_ part: Part, orUnknown: Bool) throws(Problem) -> Nanoseconds? {
    if orUnknown, isUnknown(part) { return nil }
    guard !part.bytes.isEmpty else { throw part.problem("a time is missing", "write it in seconds, or with a unit") }
    guard part.bytes.first != UInt8(ascii: "-") else {
      throw part.problem("the time `\(part.text)` is below zero", "times are 0 or more")
    }
    let numeral = part.bytes.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    let unit = String(decoding: part.bytes[numeral.endIndex...].drop(while: isBlank), as: UTF8.self)
    guard let factor = units[unit], let time = scaled(numeral, by: factor) else {
      throw part.problem("`\(part.text)` is not a time", "write it in seconds, or with a unit: 1.5, 20ms, 3min")
    }
    return time
  }

  private static let units: [String: UInt64] = [
    "": 1_000_000_000, "s": 1_000_000_000, "ns": 1, "us": 1000, "ms": 1_000_000, "min": 60_000_000_000,
    "h": 3_600_000_000_000,
  ]

  /// Digits, with or without a point, times a factor: cut to a whole number. Nil when it is no number, or too large.
  private static func scaled(_ numeral: ArraySlice<UInt8>, by factor: UInt64) -> UInt64? {
    let parts = numeral.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), numeral.count > parts.count - 1, numeral.count <= 40 else { return nil }
    var amount: UInt128 = 0
    for digit in parts[0] {
      amount = amount * 10 + UInt128(digit - 48)
      guard amount <= UInt128(latest) else { return nil }
    }
    amount *= UInt128(factor)
    var share: UInt128 = 1
    var fraction: UInt128 = 0
    for digit in (parts.dropFirst().first ?? []).prefix(18) {
      fraction = fraction * 10 + UInt128(digit - 48)
      share *= 10
    }
    amount += fraction * UInt128(factor) / share
    return amount <= UInt128(latest) ? UInt64(amount) : nil
  }

  /// A count; nil for -1, which stands for one that is not known.
  private static func count(
    _ part: Part, in range: ClosedRange<Int>, _ what: String, orUnknown: Bool
  ) throws(Problem) -> Int? {
    if orUnknown, isUnknown(part) { return nil }
    guard let count = Int(part.text), range.contains(count) else {
      throw part.problem(
        "`\(part.text)` is not \(what)", "it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return count
  }

  private static func isUnknown(_ part: Part) -> Bool { part.text == "-1" || part.text == "-1.0" }
}
