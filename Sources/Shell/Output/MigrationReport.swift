import Chronicle
import MigrationKernel
import Simulator

/// The report of one migration, for people and as data.
struct MigrationReport {
  let record: MigrationRecord
  let world: any Cluster

  init(_ record: MigrationRecord, _ world: any Cluster) {
    self.record = record
    self.world = world
  }

  var traffic: MigrationTraffic { world.traffic(of: record.attempt) }

  /// The nodes, other than its own, that the process needs now.
  var residualDependencies: [NodeID] {
    record.status == .completed ? world.residualDependencies(of: record.attempt.process) : []
  }

  /// A clause that says what the process has left on other nodes and still needs.
  var leftBehind: String {
    let process = record.attempt.process
    var parts = (world.view(of: process)?.holdings ?? []).map { holder in
      "\(counted(holder.pageCount, "page")) on \(world.name(of: holder.node))"
    }
    let nodes = world.forwardingNodes(of: process).map { world.name(of: $0) }
    if !nodes.isEmpty { parts.append(process.forwarding.wordsForAddresses(on: nodes)) }
    return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
  }

  var report: Report {
    let isUnderWay = record.endedAt == nil && record.activatedAt == nil
    return Report(
      [.sentence(headline)] + (choice.map { ChoiceReport($0).blocks(in: world) } ?? []) + [
        .facts((isUnderWay ? progress : []) + MigrationNumber.rows.compactMap { $0.row(self) })
      ] + roundBlocks + [.facts(MigrationNumber.members.map { $0.item(self) } + choiceItems)])
  }

  private var choice: PolicyChoice? { world.migrations.choice(beforeMigration: record.number) }

  /// What policies chose, as data.
  private var choiceItems: [Report.Item] { choice.map { [.init("choice", ChoiceReport($0).datum)] } ?? [] }

  /// The migration as an element of a list in data.
  var datum: Report.Datum { .object(MigrationNumber.members.map { $0.item(self) }) }

  private var headline: String {
    """
    migration \(record.number): \(world.name(of: record.attempt.process)) from \(world.name(of: record.source)) to \
    \(world.name(of: record.destination)), \(record.mechanism.rawValue), \(record.status.rawValue)
    """ + (record.reason.map { ": \($0.text(in: world))" } ?? "")
  }

  /// How many of the pages on its backing node are as the process would find them.
  var pagesBacked: Int? {
    record.backing.flatMap { world.view(of: record.attempt.process)?.pagesBacked(by: $0, of: record.attempt) }
  }

  /// What the freeze time is made of, in brackets; nothing for one that is not known.
  var partsOfFreezeTime: String {
    let parts = [
      ("pages", record.pagesTime), ("state", record.stateTime), ("trips", record.tripsTime),
      ("waiting for a core", record.coreWaitTime),
    ].compactMap { name, time in time.flatMap { $0 > 0 ? "\(name) \(formatTime($0))" : nil } }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  /// Rows that say how far the migration is, while it lasts.
  private var progress: [Report.Item] {
    let process = world.view(of: record.attempt.process)
    let since = formatTime(world.now - record.offeredAt)
    var rows = [Report.Item(label: "  phase", "\(record.status.rawValue), \(since) since the decision")]
    if record.mechanism.hasRounds, record.frozenAt == nil, record.acceptedAt != nil {
      rows.append(
        Report.Item(
          label: "  round",
          "\(record.rounds.count + 1), \(counted(process?.dirtyCount ?? 0, "page")) written since it began"))
    }
    if record.throttle > 0 { rows.append(Report.Item(label: "  slowed down", "by \(record.throttle)%")) }
    if let last = record.rounds.last {
      rows.append(
        Report.Item(label: "  expected freeze", "\(formatTime(last.expectedFreezeTime)) by the rate of the last round"))
    }
    return rows
  }

  /// A row of the table of rounds: one round, or the pages that went while the process stood still.
  private struct RoundRow {
    let label: String
    let pages: Int
    let duration: Nanoseconds?
    let round: TransferRound?
  }

  private var roundRows: [RoundRow] {
    record.rounds.enumerated().map { number, round in
      RoundRow(label: "  \(number + 1)", pages: round.pages, duration: round.duration, round: round)
    }
  }

  private var roundColumns: [Column<RoundRow>] {
    let isThrottled = record.rounds.contains { $0.throttle > 0 || $0.outcome == .slowsDown }
    func ofRound(_ read: @escaping @Sendable (TransferRound) -> Value) -> @Sendable (RoundRow) -> Value {
      { .optional($0.round, read) }
    }
    return [
      Column(shown: "  ROUND>") { $0.label }, Column("PAGES>", "pages") { .count($0.pages) },
      Column(nil, "bytes", ofRound { .size($0.bytes) }), Column("WRITTEN>", "dirtied", ofRound { .count($0.dirtied) }),
      Column(
        isThrottled ? "SLOWED>" : nil, "throttle", ofRound { .count($0.throttle) },
        shown: { $0.round.map { "\($0.throttle)%" } ?? "" }),
      Column(nil, "writeRate", ofRound { .count($0.writeRate) }),
      Column("DURATION>", "duration") { .optional($0.duration, Value.time) },
      Column("RATE>", "rate", ofRound { .rate($0.rate) }),
      Column(nil, "expectedFreezeTime", ofRound { .time($0.expectedFreezeTime) }),
      Column("THEN", "outcome", ofRound { .word("\($0.outcome)") }, shown: { $0.round?.outcome.text ?? "" }),
    ]
  }

  /// The rounds as data.
  var rounds: Report.Datum { Listing(roundRows, roundColumns).datum }

  /// A row for each round, a row for the pages that went while the process stood still, and a verdict.
  private var roundBlocks: [Report.Block] {
    guard !record.rounds.isEmpty else { return [] }
    // A round that had nothing to send took no time.
    var rows = roundRows.filter { $0.pages > 0 }
    if record.frozenAt != nil {
      rows.append(
        RoundRow(label: "  frozen", pages: record.pagesSentFrozen, duration: record.freezeTime, round: nil))
    }
    let verdict = convergence?.wrapped(at: 100).split(separator: "\n").map { "  \($0)\n" }.joined()
    return [.table(Listing(rows, roundColumns)), .sentence(verdict ?? "")]
  }

  /// The verdict on a process that wrote as fast as its pages were sent; nil when it wrote less than a tenth of its
  /// pages meanwhile.
  var convergence: String? {
    guard let slow = record.rounds.first(where: { $0.outcome == .noReduction || $0.outcome == .slowsDown }),
      let last = record.rounds.last(where: { $0.outcome != .familyReady }), slow.dirtied * 10 >= record.pageCount
    else { return nil }
    let rates = """
      \(counted(slow.dirtied, "page")) \(slow.dirtied == 1 ? "was" : "were") written while \
      \(counted(slow.pages, "page")) \(slow.pages == 1 ? "was" : "were") sent in \(formatTime(slow.duration))
      """
    let verdict =
      last.throttle == 0
      ? "it does not converge: \(rates)"
      : "it does not converge, not even when slowed down by \(last.throttle)%: at full speed \(rates)"
    switch last.outcome {
    case .clean, .downtimeMet:
      return last.throttle == 0 ? nil : "it converged when slowed down by \(last.throttle)%: at full speed \(rates)"
    case .noReduction: return "\(verdict); frozen after round \(record.rounds.count), since another would gain nothing"
    case .boundReached: return "\(verdict); frozen after round \(record.rounds.count), the last that was allowed"
    case .goesOn, .slowsDown, .familyReady: return "it does not converge at full speed: \(rates)"
    }
  }
}
