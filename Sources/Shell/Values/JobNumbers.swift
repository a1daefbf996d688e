import Chronicle
import CommandLanguage
import MigrationKernel

/// Something to be said of jobs, declared once: its name as a field and in data, its help, and the title of its column.
struct JobNumber: Sendable {
  let name: String
  let kind: Field.Kind
  let summary: String
  /// Of its column in `stats`.
  let title: String
  let read: @Sendable (JobSelection, Nanoseconds) -> Value

  /// How many jobs came, and what became of them.
  static let fates: [JobNumber] = [
    count("arrived", "ARRIVED", "jobs that came, those included that no node could take") { $0.arrived },
    count("completed", "COMPLETED", "jobs that ran to their end") { $0.completed },
    JobNumber(
      name: "inSystem", kind: .count, summary: "jobs that are there and have not ended, whenever they came",
      title: "PRESENT"
    ) { jobs, _ in .count(jobs.inSystem) },
    count("refused", "REFUSED", "jobs that no node could take: the node had no room for them, or none was up") {
      $0.refused
    },
    count("lost", "LOST", "jobs that were lost with a node") { $0.lost },
    count("killed", "KILLED", "jobs that were killed") { $0.killed },
    count("placed", "PLACED", "jobs that began on another node than the one that was asked") { $0.placed },
    count("migrations", "MOVED", "how often jobs moved that had begun") { $0.migrations },
    JobNumber(
      name: "bytes", kind: .size, summary: "bytes of the packets that carried jobs which moved: pages and state",
      title: "BYTES"
    ) { jobs, _ in .size(jobs.tally.bytes) },
  ]

  /// How well they fared.
  static let times: [JobNumber] = [
    JobNumber(
      name: "meanResponse", kind: .time, summary: "from its arrival to its end, on average over completed jobs",
      title: "MEAN"
    ) { jobs, _ in .optional(jobs.tally.meanResponse, Value.time) },
    percentile(50), percentile(95), percentile(99),
    JobNumber(
      name: "maxResponse", kind: .time, summary: "the longest time that a completed job took", title: "MAX"
    ) { jobs, _ in jobs.tally.completed == 0 ? .none : .time(jobs.tally.maxResponse) },
    JobNumber(
      name: "meanSlowdown", kind: .number,
      summary: "how many times its service time a job took, on average over completed jobs", title: "SLOWDOWN"
    ) { jobs, _ in .optional(jobs.tally.meanSlowdown, Value.decimal) },
    JobNumber(
      name: "fairness", kind: .number,
      summary: "Jain's index of service time over response time of completed jobs: 1 when all fared alike",
      title: "FAIRNESS"
    ) { jobs, _ in .optional(jobs.tally.fairness, Value.decimal) },
    JobNumber(
      name: "meanQueue", kind: .number, summary: "jobs in the system on average over time, running or waiting",
      title: "QUEUE"
    ) { jobs, now in .optional(jobs.meanInSystem(at: now), Value.decimal) },
  ]

  static let all = fates + times

  private static func count(
    _ name: String, _ title: String, _ summary: String, _ read: @escaping @Sendable (JobTally) -> Int
  ) -> JobNumber {
    JobNumber(name: name, kind: .count, summary: summary, title: title) { jobs, _ in .count(read(jobs.tally)) }
  }

  private static func percentile(_ percentile: Int) -> JobNumber {
    JobNumber(
      name: "p\(percentile)Response", kind: .time,
      summary: "the least time that \(percentile)% of completed jobs did not exceed", title: "P\(percentile)"
    ) { jobs, _ in .optional(jobs.responses(atPercentiles: [percentile])[0], Value.time) }
  }

  var field: Field {
    Field(name: name, kind: kind, summary: summary) { thing, world in
      if case .jobs(let selection, _) = thing { read(selection, world.now) } else { .none }
    }
  }
}

extension Fields {
  static let ofJobs = JobNumber.all.map(\.field)
}

/// The part of `stats` that tells of jobs.
enum JobReport {
  private struct Row: Sendable {
    let name: String
    let jobs: JobSelection
    let now: Nanoseconds

    var datum: Report.Datum { .object(JobNumber.all.map { Report.Item($0.name, $0.read(jobs, now)) }) }
  }

  /// Nothing when there never was a workload.
  static func blocks(_ world: any Cluster) -> [Report.Block] {
    let ledger = world.chronicle.jobs
    guard !ledger.workloads.isEmpty else { return [] }
    var rows = ledger.workloads.indices.map { number in
      Row(name: ledger.workloads[number].workload.name, jobs: ledger.selection(ofWorkload: number), now: world.now)
    }
    let all = Row(name: "all jobs", jobs: ledger.all, now: world.now)
    let workloads = rows
    if rows.count > 1 { rows.append(all) }
    let used = world.coreUse.utilisation
    return [
      .table(listing(rows, "JOBS", JobNumber.fates)), .table(listing(rows, "RESPONSE", JobNumber.times)),
      .sentence(
        """
        \(ledger.warmUp == 0 ? "all jobs count" : "jobs that came before \(formatTime(ledger.warmUp)) are left out"); \
        percentiles by nearest rank; \(used.map(formatShare) ?? "nothing") of all core time is used
        """),
      .facts([
        .init(
          "jobs",
          .object([
            .init("warmUp", .time(ledger.warmUp)), .init("all", all.datum),
            .init("of", .object(workloads.map { .init($0.name, $0.datum) })),
          ])),
        .init("utilisation", .optional(used, Value.share)),
      ]),
    ]
  }

  private static func listing(_ rows: [Row], _ title: String, _ numbers: [JobNumber]) -> Listing {
    Listing(
      rows,
      [Column(shown: title) { $0.name }]
        + numbers.map { number in Column(number.title + ">") { number.read($0.jobs, $0.now) } })
  }
}
