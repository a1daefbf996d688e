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
    let end = min(world.now + time, session.options.limits.time)
    let trials = try session.tryOut(call) { (tryout) throws(SessionError) in
      var trials: [(mechanism: TransferMechanism, record: MigrationRecord, world: World)] = []
      for mechanism in TransferMechanism.choices {
        var copy = world
        copy.apply(.request(.migrate(record.id, to: destination, TransferOptions(mechanism)), of: source))
        guard tryout.run(&copy, to: end) else { break }
        guard let trial = copy.migrations[world.migrations.all.count + 1] else {
          throw call.refuse("process `\(record.name)` cannot be migrated now")
        }
        trials.append((mechanism, trial, copy))
        // A process that has not started has only one way to be moved.
        if trial.mechanism == .nonPreemptive { break }
      }
      return trials
    }
    return report(trials, record, watched: time, backing: world.name(of: record.id.origin))
  }

  private static func report(
    _ trials: [(mechanism: TransferMechanism, record: MigrationRecord, world: World)],
    _ process: ProcessDirectory.Record, watched: Nanoseconds, backing: String
  ) -> Report {
    let longest = trials.compactMap { $0.record.freezeTime }.max() ?? 0
    var table = Table(
      "MECHANISM", "STATUS", "FREEZE>", "", "TOTAL>", "PAGES>", "AGAIN>", "BYTES>", "FAULTS>", "STALL>", "NEEDS")
    var data: [JSON] = []
    for (_, record, world) in trials {
      let report = MigrationReport(record, world)
      let needed = world.residualDependencies(of: process.id).filter { node in
        world.view(of: process.id)?.holdings.contains { $0.node == node } ?? false
      }
      table.add(
        record.mechanism.rawValue, record.status.rawValue, record.freezeTime.map(formatTime) ?? "",
        bar(record.freezeTime ?? 0, of: longest),
        record.totalTime.map(formatTime) ?? (record.endedAt == nil ? "not yet" : "-"), "\(record.pagesSent)",
        "\(record.redundantPages)", formatSize(report.traffic.bytes), "\(record.remoteFaults)",
        record.remoteFaults > 0 ? formatTime(record.stallTime) : "",
        needed.map { world.name(of: $0) }.joined(separator: " "))
      data.append(report.data)
    }
    return Report(
      text: "\(process.name), each way watched for \(formatTime(watched)):\n" + table.text
        + "NEEDS: nodes that hold pages of it yet, and whose failure would be its death\n"
        + (trials.contains { $0.record.backing != nil } ? "flush: to its origin, \(backing)\n" : ""),
      data: .array(data))
  }

  /// A bar whose length is a part of twenty.
  private static func bar(_ value: UInt64, of most: UInt64) -> String {
    guard most > 0 else { return "" }
    let length = Int((Double(value) / Double(most) * 20).rounded(.up))
    return String(repeating: "█", count: max(1, min(20, length)))
  }
}
