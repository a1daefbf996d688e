import MigrationKernel
import Simulator

/// The report of one migration, for people and as data.
struct MigrationReport {
  let record: MigrationRecord
  let process: String
  let source: String
  let destination: String
  let traffic: Network.MigrationTraffic
  private let world: World

  init(_ record: MigrationRecord, _ world: World) {
    self.record = record
    self.world = world
    process = world.name(of: record.attempt.process)
    source = world[record.source].name
    destination = world[record.destination].name
    traffic = world.network.traffic(of: record.attempt)
  }

  var reason: String? { record.reason?.text(in: world) }

  /// Nodes, other than its own, that the process needs now to be reached: links left behind on its way.
  private var residualDependencies: [String] {
    guard record.status == .completed else { return [] }
    let process = record.attempt.process
    // A source that has committed serves as the link until it hears that the process runs.
    return world.members.filter { node in
      node.kernel?.forwarding.links[process] != nil || node.kernel?.departures[process]?.stage == .committed
    }
    .map(\.name)
  }

  var text: String {
    var headline =
      "migration \(record.number): \(process) from \(source) to \(destination), \(record.mechanism.rawValue)"
    headline += ", \(record.status.rawValue)"
    if let reason { headline += ": \(reason)" }
    var rows: [(String, String)] = []
    if let time = record.safePointTime { rows.append(("  safe point", formatTime(time))) }
    if let time = record.freezeTime { rows.append(("  freeze time", formatTime(time))) }
    if let time = record.totalTime { rows.append(("  total time", formatTime(time))) }
    rows.append(("  pages sent", "\(record.pagesSent), \(formatSize(UInt64(record.pageBytes)))"))
    rows.append(("  process state", formatSize(UInt64(record.stateBytes))))
    rows.append(("  control", "\(counted(traffic.control.packets, "packet")), \(formatSize(traffic.control.bytes))"))
    if record.messagesQueued > 0 { rows.append(("  messages queued", "\(record.messagesQueued)")) }
    let needed = residualDependencies
    if record.status == .completed {
      rows.append(("  left behind", needed.isEmpty ? "nothing" : "a link on \(needed.joined(separator: ", "))"))
    }
    return headline + "\n" + sheet(rows)
  }

  var data: JSON {
    func time(_ value: Nanoseconds?) -> JSON { value.map { .integer(Int64(clamping: $0)) } ?? .null }
    return .object([
      ("migration", .integer(Int64(record.number))), ("process", .string(process)),
      ("epoch", .integer(Int64(record.attempt.epoch))), ("mechanism", .string(record.mechanism.rawValue)),
      ("source", .string(source)), ("destination", .string(destination)),
      ("status", .string(record.status.rawValue)), ("reason", reason.map { .string($0) } ?? .null),
      ("offeredAt", time(record.offeredAt)), ("frozenAt", time(record.frozenAt)),
      ("activatedAt", time(record.activatedAt)), ("safePointTime", time(record.safePointTime)),
      ("freezeTime", time(record.freezeTime)), ("totalTime", time(record.totalTime)),
      ("pagesSent", .integer(Int64(record.pagesSent))), ("pageBytes", .integer(Int64(record.pageBytes))),
      ("stateBytes", .integer(Int64(record.stateBytes))),
      ("controlPackets", .integer(Int64(clamping: traffic.control.packets))),
      ("controlBytes", .integer(Int64(clamping: traffic.control.bytes))),
      ("bytes", .integer(Int64(clamping: traffic.bytes))),
      ("messagesQueued", .integer(Int64(record.messagesQueued))),
      ("residualDependencies", .array(residualDependencies.map { .string($0) })),
    ])
  }
}
