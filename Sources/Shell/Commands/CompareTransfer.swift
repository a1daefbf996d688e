import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `compare transfer`: the same move under every mechanism, each on a copy of the world.
extension Commands {
  static func compare(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, source, destination) = try move(call)
    let time = try call[comparingTime] ?? usualWatchingTime
    let world = session.state.world
    let usual = session.state.backing ?? Move.backing(from: source, to: destination, world)
    let backing = try call[Move.backing] ?? usual
    let ways = try TransferMechanism.choices.map { (mechanism) throws(SessionError) in
      try Move.options(call, for: mechanism, backing: usual)
    }
    let end = min(world.now + time, session.options.limits.time)
    let outcomes = try session.runExperiment(call, copies: ways.count) { (experiment) throws(SessionError) in
      var outcomes: [(mechanism: TransferMechanism, record: MigrationRecord, world: World)] = []
      for options in ways {
        experiment.beginCopy()
        var copy = world
        copy.apply(.request(.migrate(record.id, to: destination, options), of: source))
        guard experiment.run(&copy, to: end) else { break }
        guard let outcome = copy.migrations[world.migrations.all.count + 1] else {
          throw call.refuse("process `\(record.name)` cannot be migrated now")
        }
        outcomes.append((options.mechanism, outcome, copy))
        // There is only one way to move a process that has not started.
        if outcome.mechanism == .nonPreemptive { break }
      }
      return outcomes
    }
    return report(outcomes, record, watched: time, backing: world.name(of: backing))
  }

  private static func report(
    _ outcomes: [(mechanism: TransferMechanism, record: MigrationRecord, world: World)],
    _ process: ProcessDirectory.Record, watched: Nanoseconds, backing: String
  ) -> Report {
    let longest = outcomes.compactMap { $0.record.freezeTime }.max() ?? 0
    let columns: [Column<MigrationReport>] = [
      MigrationNumber.mechanism.column, MigrationNumber.status.column, MigrationNumber.freezeTime.column,
      Column(shown: "") { bar($0.record.freezeTime ?? 0, of: longest) }.asDrawing,
      MigrationNumber.totalTime.column { report in report.record.endedAt == nil ? "not yet" : "-" },
      MigrationNumber.pagesSent.column, MigrationNumber.redundantPages.column, MigrationNumber.bytes.column,
      MigrationNumber.remoteFaults.column,
      Column(shown: MigrationNumber.stallTime.title) { report in
        report.record.remoteFaults > 0 ? formatTime(report.record.stallTime) : ""
      },
      Column(shown: "NEEDS") { report in
        let holders = report.world.view(of: process.id)?.holdings ?? []
        let needed = report.world.residualDependencies(of: process.id).filter { node in
          holders.contains { $0.node == node }
        }
        return needed.map { report.world.name(of: $0) }.joined(separator: " ")
      },
    ]
    let flush = outcomes.contains { $0.record.backing != nil } ? "flush: to backing node \(backing)\n" : ""
    return Report([
      .sentence("\(process.name), each way watched for \(formatTime(watched)):"),
      .table(Listing(outcomes.map { MigrationReport($0.record, $0.world) }, columns, element: \.datum)),
      .sentence("NEEDS: nodes that hold pages of it yet, and whose failure would be its death\n" + flush),
    ])
  }

  /// A bar of up to twenty signs, as long as `value` is large beside `most`.
  private static func bar(_ value: UInt64, of most: UInt64) -> String {
    guard most > 0 else { return "" }
    let length = Int((Double(value) / Double(most) * 20).rounded(.up))
    return String(repeating: "█", count: max(1, min(20, length)))
  }
}
