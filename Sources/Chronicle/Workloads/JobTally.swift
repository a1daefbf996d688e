import MigrationKernel

/// What became of some jobs, counted as it happened.
public struct JobTally: Sendable, Equatable {
  /// Jobs that came, those included that no node could take.
  public internal(set) var arrived = 0
  /// Jobs that no node could take.
  public internal(set) var refused = 0
  /// Jobs that ran to their end.
  public internal(set) var completed = 0
  /// Jobs that were lost with a node.
  public internal(set) var lost = 0
  /// Jobs that the operator killed, or a fault of their program.
  public internal(set) var killed = 0
  /// Jobs that began on another node than the one that was asked.
  public internal(set) var placed = 0
  /// How often jobs moved that had begun.
  public internal(set) var migrations = 0
  /// Bytes of the packets that carried their pages and their state.
  public internal(set) var bytes = 0
  /// The longest time that a completed job took.
  public internal(set) var maxResponse: Nanoseconds = 0
  /// Sums over completed jobs: of the time that each took, of that over its service time, of its service time over that, and
  /// of the square of this.
  private var responses: UInt128 = 0
  var slowdowns = 0.0
  var shares = 0.0
  var shareSquares = 0.0

  /// No jobs.
  public init() {}

  /// A job has come to its end.
  mutating func add(_ job: JobLedger.Job) {
    switch job.fate {
    case .inSystem: return
    case .refused: refused += 1
    case .lost: lost += 1
    case .killed: killed += 1
    case .completed:
      completed += 1
      let response = job.endedAt - job.arrivedAt
      maxResponse = max(maxResponse, response)
      responses += UInt128(response)
      guard response > 0 else { return }
      slowdowns += Double(response) / Double(job.service)
      let share = Double(job.service) / Double(response)
      shares += share
      shareSquares += share * share
    }
  }

  /// Both together.
  static func + (left: JobTally, right: JobTally) -> JobTally {
    var sum = left
    sum.arrived += right.arrived
    sum.refused += right.refused
    sum.completed += right.completed
    sum.lost += right.lost
    sum.killed += right.killed
    sum.placed += right.placed
    sum.migrations += right.migrations
    sum.bytes += right.bytes
    sum.maxResponse = max(left.maxResponse, right.maxResponse)
    sum.responses += right.responses
    sum.slowdowns += right.slowdowns
    sum.shares += right.shares
    sum.shareSquares += right.shareSquares
    return sum
  }

  /// From arrival to end, on average over completed jobs; nil when none is.
  public var meanResponse: Nanoseconds? {
    completed == 0 ? nil : Nanoseconds((responses + UInt128(completed) / 2) / UInt128(completed))
  }

  /// How many times its service time a job took, on average over completed jobs; nil when none is.
  public var meanSlowdown: Double? { completed == 0 ? nil : slowdowns / Double(completed) }

  /// Jain's index of the parts of a core of speed 1 that completed jobs had: 1 when all had the same, and one over their
  /// number when one had everything (Jain, Chiu, Hawe: DEC-TR-301, 1984). Nil when none is.
  public var fairness: Double? {
    shareSquares == 0 ? nil : shares * shares / (Double(completed) * shareSquares)
  }
}

/// Some jobs, about which more can be asked: those of one workload, or all.
public struct JobSelection: Sendable {
  private let ledger: JobLedger
  /// Nil for all.
  private let workload: Int?

  init(_ ledger: JobLedger, _ workload: Int?) {
    self.ledger = ledger
    self.workload = workload
  }

  private var records: ArraySlice<JobLedger.WorkloadRecord> {
    workload.map { ledger.workloads[$0...$0] } ?? ledger.workloads[...]
  }

  /// What became of those that came after the warm-up.
  public var tally: JobTally { records.reduce(JobTally()) { $0 + $1.tally } }

  /// How many are in the system.
  public var inSystem: Int { records.reduce(0) { $0 + $1.inSystem } }

  /// Response times of completed jobs at percentiles, by the method of the nearest rank: the least time that so many
  /// hundredths of the jobs did not exceed. Each is nil when no job is completed.
  public func responses(atPercentiles percentiles: [Int]) -> [Nanoseconds?] {
    var times: [Nanoseconds] = []
    for job in ledger.jobs where job.fate == .completed && job.arrivedAt >= ledger.warmUp && includes(job) {
      times.append(job.endedAt - job.arrivedAt)
    }
    times.sort()
    return percentiles.map { percentile in
      times.isEmpty ? nil : times[max(0, (times.count * percentile + 99) / 100 - 1)]
    }
  }

  /// How many jobs were in the system on average over time: from the end of the warm-up, or the start of the first workload
  /// if that came later, to `now`. Nil when no time has passed since.
  public func meanInSystem(at now: Nanoseconds) -> Double? {
    guard let start = records.first?.startedAt else { return nil }
    let from = max(start, ledger.warmUp)
    guard now > from else { return nil }
    var sum: UInt128 = 0
    for job in ledger.jobs where includes(job) {
      let end = job.fate == .inSystem ? now : job.endedAt
      if end > from { sum += UInt128(end - max(from, job.arrivedAt)) }
    }
    return Double(sum) / Double(now - from)
  }

  private func includes(_ job: JobLedger.Job) -> Bool { workload.map { job.workload == UInt32($0) } ?? true }
}

extension JobLedger {
  /// The jobs of the workload with that number.
  public func selection(ofWorkload number: Int) -> JobSelection { JobSelection(self, number) }

  /// All jobs.
  public var all: JobSelection { JobSelection(self, nil) }

  /// The jobs of a workload; nil when there never was one of that name.
  public func of(_ name: String) -> JobSelection? { number(ofWorkload: name).map { JobSelection(self, $0) } }
}
