import Chronicle
import MigrationKernel
import Simulator

/// Something to be said of a migration, declared once. From this come the field of `p1.migration`, the row of the
/// report, the member of the report as data, and the column where migrations are listed.
struct MigrationNumber: Sendable {
  /// Its name as a field and in data.
  let name: String
  let kind: Field.Kind
  /// What it is in data; nil when that follows from the kind.
  let shape: DataShape?
  /// The line that help shows for the field.
  let summary: String
  /// The beginning of its row in the report.
  let label: String
  /// The title of its column.
  let title: String
  let read: @Sendable (MigrationReport) -> Value
  /// Its content in data; nil when that is the value.
  let data: (@Sendable (MigrationReport) -> Report.Datum)?
  /// The text of its row; nil when that is the value. Gives nil when the row is left out.
  let row: (@Sendable (MigrationReport) -> String?)?

  init(
    _ name: String, _ kind: Field.Kind, as shape: DataShape? = nil, _ summary: String, label: String = "",
    title: String = "",
    _ read: @escaping @Sendable (MigrationReport) -> Value,
    row: (@Sendable (MigrationReport) -> String?)? = nil, data: (@Sendable (MigrationReport) -> Report.Datum)? = nil
  ) {
    self.name = name
    self.kind = kind
    self.shape = shape
    self.summary = summary
    self.label = label
    self.title = title
    self.row = row
    self.data = data
    self.read = read
  }

  var field: Field {
    Field(name: name, kind: kind, summary: summary) { thing, world in
      if case .migration(let record?, _) = thing { read(MigrationReport(record, world)) } else { .none }
    }
  }

  func item(_ report: MigrationReport) -> Report.Item {
    Report.Item(name, data?(report) ?? .value(read(report)))
  }

  /// Its row in the report; nil when it has no value, or nothing to say.
  func row(_ report: MigrationReport) -> Report.Item? {
    if let row { return row(report).map { Report.Item(label: "  \(label)", $0) } }
    let value = read(report)
    return value == .none ? nil : Report.Item(label: "  \(label)", value.text(in: report.world))
  }

  var column: Column<MigrationReport> { Column(title, name, read) }

  /// Its column, with a text for migrations that have no value.
  func column(whenNone: @escaping @Sendable (MigrationReport) -> String) -> Column<MigrationReport> {
    Column(
      title, name, read,
      shown: { report in
        let value = read(report)
        return value == .none ? whenNone(report) : value.text(in: report.world)
      })
  }
}

// MARK: - Which there are

extension MigrationNumber {
  static let number = MigrationNumber("migration", .count, "its number, from 1", title: "N>") {
    .count($0.record.number)
  }
  static let process = MigrationNumber("process", .text, as: .process, "who moved", title: "PROCESS") {
    .process($0.record.attempt.process)
  }
  static let epoch = MigrationNumber("epoch", .count, "the number of the attempt") {
    .count(Int64($0.record.attempt.epoch))
  }
  static let mechanism = MigrationNumber(
    "mechanism", .word, as: .word(Fields.mechanisms), Fields.mechanisms.joined(separator: ", "), title: "MECHANISM"
  ) { .word($0.record.mechanism.rawValue) }
  static let status = MigrationNumber(
    "status", .word, as: .word(Fields.statuses + ["lost"]), (Fields.statuses + ["lost"]).joined(separator: ", "),
    title: "STATUS"
  ) { .word($0.record.status.rawValue) }
  static let reason = MigrationNumber("reason", .text, as: .optional(.text), "why it did not complete") { report in
    report.record.reason.map { .text($0.text(in: report.world)) } ?? .none
  }
  static let source = MigrationNumber("source", .node, "the node it left", title: "FROM") { .node($0.record.source) }
  static let destination = MigrationNumber("destination", .node, "the node it was to go to", title: "TO") {
    .node($0.record.destination)
  }

  // Times.

  static let offeredAt = MigrationNumber("offeredAt", .time, "the decision") { .time($0.record.offeredAt) }
  static let frozenAt = MigrationNumber("frozenAt", .time, as: .optional(.time), "when it was frozen; null before") {
    duration($0.record.frozenAt)
  }
  static let activatedAt = MigrationNumber(
    "activatedAt", .time, as: .optional(.time), "when the destination could run it; null before"
  ) { duration($0.record.activatedAt) }
  static let safePointTime = MigrationNumber(
    "safePointTime", .time, as: .optional(.time),
    "from the order to stop until its last thread stood still, before the freeze time",
    label: "safe point",
    { duration($0.record.safePointTime) },
    row: { report in report.record.safePointTime.flatMap { $0 > 0 ? formatTime($0) : nil } }
  )
  static let freezeTime = MigrationNumber(
    "freezeTime", .time, as: .optional(.time),
    "from its last instruction at the source to its first at the destination",
    label: "freeze time", title: "FREEZE>",
    { duration($0.record.freezeTime) },
    row: { report in
      if report.record.awaitsCore { return "until it has a core" }
      return report.record.freezeTime.map { formatTime($0) + report.partsOfFreezeTime }
    }
  )
  static let pagesTime = MigrationNumber(
    "pagesTime", .time, as: .optional(.time), "of the freeze time: until its last page had left"
  ) { duration($0.record.freezeTime == nil ? nil : $0.record.pagesTime) }
  static let stateTime = MigrationNumber(
    "stateTime", .time, as: .optional(.time), "of the freeze time: after that, until its state had left"
  ) { duration($0.record.freezeTime == nil ? nil : $0.record.stateTime) }
  static let tripsTime = MigrationNumber(
    "tripsTime", .time, as: .optional(.time), "of the freeze time: trips between the nodes, and waits for answers"
  ) { duration($0.record.tripsTime) }
  static let coreWaitTime = MigrationNumber(
    "coreWaitTime", .time, as: .optional(.time), "of the freeze time: waiting at the destination for a core"
  ) { duration($0.record.freezeTime == nil ? nil : $0.record.coreWaitTime) }
  static let totalTime = MigrationNumber(
    "totalTime", .time, as: .optional(.time),
    "from the decision until it executed at the destination and no page was left behind",
    label: "total time", title: "TOTAL>"
  ) { duration($0.record.totalTime) }
  static let timeStoodStill = MigrationNumber(
    "timeStoodStill", .time, as: .optional(.time), "how long it stood still for a move that failed; null otherwise",
    label: "stood still",
    { duration($0.record.timeStoodStill) },
    row: { report in report.record.timeStoodStill.map { "\(formatTime($0)), for nothing" } }
  )

  // Pages.

  static let rounds = MigrationNumber(
    "rounds", .count, as: .rows(SharedShape.round),
    "rounds of a pre-transfer, without the last, in which it stood still",
    { .count($0.record.rounds.count) },
    data: { $0.rounds }
  )
  static let backing = MigrationNumber(
    "backing", .node, as: .optional(.node), "the node to which it was flushed; none for other mechanisms",
    label: "backing node",
    { report in report.record.backing.map(Value.node) ?? .none },
    row: { report in
      report.record.backing.map { backing in
        report.world.name(of: backing)
          + (report.pagesBacked.map { ", which has \(counted($0, "page")) of it as they are now" } ?? "")
      }
    }
  )
  static let pagesBacked = MigrationNumber(
    "pagesBacked", .count, as: .optional(.count),
    "pages that the backing node has as they are now; null without such a node"
  ) { report in
    report.pagesBacked.map { .count($0) } ?? .none
  }
  static let pagesLeft = MigrationNumber(
    "pagesLeft", .count, "pages that stayed behind, at the source or at the backing node"
  ) { .count($0.record.pagesLeft) }
  static let remoteFaults = MigrationNumber(
    "remoteFaults", .count, "touches of pages that were not there", label: "remote faults", title: "FAULTS>",
    { .count($0.record.remoteFaults) },
    row: { report in
      guard report.record.pagesLeft > 0 else { return nil }
      let faults = report.record.remoteFaults
      return "\(faults)" + (faults > 0 ? ", and \(formatTime(report.record.stallTime)) of waiting for them" : "")
    }
  )
  static let stallTime = MigrationNumber(
    "stallTime", .time, "how long threads stood still for such pages, all together", title: "STALL>"
  ) { .time($0.record.stallTime) }
  static let pagesRemote = MigrationNumber("pagesRemote", .count, "its pages that are on other nodes now") { report in
    .count(report.world.view(of: report.record.attempt.process)?.remoteCount ?? 0)
  }
  static let redundantPages = MigrationNumber(
    "redundantPages", .count, "pages that were sent more than once", label: "redundant", title: "AGAIN>",
    { .count($0.record.redundantPages) },
    row: { report in
      let isOfInterest = report.record.mechanism.hasRounds || report.record.redundantPages > 0
      return isOfInterest ? counted(report.record.redundantPages, "page") : nil
    }
  )
  static let zeroPages = MigrationNumber(
    "zeroPages", .count, "pages that went as marks of zeros", label: "zero pages",
    { .count($0.record.zeroPages) },
    row: { $0.record.zeroPages > 0 ? "\($0.record.zeroPages), sent as marks" : nil }
  )
  static let deltaPages = MigrationNumber(
    "deltaPages", .count, "pages sent again that went as differences", label: "differences",
    { .count($0.record.deltaPages) },
    row: { report in
      guard report.record.deltaPages > 0 else { return nil }
      return "\(counted(report.record.deltaPages, "page")), \(formatSize(UInt64(report.record.savedBytes))) saved"
    }
  )
  static let savedBytes = MigrationNumber(
    "savedBytes", .size, "bytes that those differences were shorter than their pages"
  ) { size(UInt64($0.record.savedBytes)) }
  static let throttle = MigrationNumber(
    "throttle", .share, as: .count, "by what part of its speed it is slowed down at the source, or was when it left",
    { .share(Double($0.record.throttle) / 100) },
    data: { .value(.count($0.record.throttle)) }
  )
  static let convergence = MigrationNumber(
    "convergence", .text, as: .optional(.text), "whether rounds gained something; null when it wrote little"
  ) { report in
    report.convergence.map { .text($0) } ?? .none
  }
  static let pagesSentFrozen = MigrationNumber("pagesSentFrozen", .count, "pages that went while it stood still") {
    .count($0.record.pagesSentFrozen)
  }
  static let pagesSent = MigrationNumber(
    "pagesSent", .count, "pages that were sent", label: "pages sent", title: "PAGES>",
    { .count($0.record.pagesSent) },
    row: { "\($0.record.pagesSent), \(formatSize(UInt64($0.record.pageBytes)))" }
  )
  static let pageBytes = MigrationNumber("pageBytes", .size, "what pages took on the line") {
    size(UInt64($0.record.pageBytes))
  }

  // What the network carried.

  static let stateBytes = MigrationNumber(
    "stateBytes", .size, "what process state took on the line", label: "process state"
  ) {
    size(UInt64($0.record.stateBytes))
  }
  static let controlPackets = MigrationNumber(
    "controlPackets", .count, "packets that carried neither pages nor process state", label: "control",
    { .count($0.traffic.control.packets) },
    row: { report in
      let control = report.traffic.control
      return "\(counted(control.packets, "packet")), \(formatSize(control.bytes))"
    }
  )
  static let controlBytes = MigrationNumber("controlBytes", .size, "what control packets took on the line") {
    size($0.traffic.control.bytes)
  }
  static let bytes = MigrationNumber(
    "bytes", .size, "everything that the network carried for it", title: "BYTES>"
  ) { size($0.traffic.bytes) }

  // Messages, and what came of them.

  static let messagesQueued = MigrationNumber(
    "messagesQueued", .count, "messages that waited at the source and went on after the handover",
    label: "messages queued", { .count($0.record.messagesQueued) },
    row: { $0.record.messagesQueued > 0 ? "\($0.record.messagesQueued)" : nil }
  )
  static let messagesForwarded = MigrationNumber(
    "messagesForwarded", .count, "times that a message was sent on, from the decision until it moved again",
    label: "messages",
    { .count($0.record.misrouted.forwarded) },
    row: { report in
      let astray = report.record.misrouted
      let counts = [
        ("forwarded", astray.forwarded), ("returned", astray.returned), ("dropped", astray.dropped),
        ("resent", astray.resent),
      ].filter { $0.1 > 0 }
      return counts.isEmpty ? nil : counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
  )
  static let messagesReturned = MigrationNumber(
    "messagesReturned", .count, "in that time, messages sent back by a node that it was not on"
  ) { .count($0.record.misrouted.returned) }
  static let messagesDropped = MigrationNumber(
    "messagesDropped", .count, "in that time, messages dropped by such a node"
  ) { .count($0.record.misrouted.dropped) }
  static let messagesResent = MigrationNumber(
    "messagesResent", .count, "in that time, messages sent again"
  ) { .count($0.record.misrouted.resent) }
  static let linksUpdated = MigrationNumber(
    "linksUpdated", .count, "correspondents that were told the new address", label: "correspondents told",
    { .count($0.record.linksUpdated) },
    row: { $0.record.linksUpdated > 0 ? "\($0.record.linksUpdated)" : nil }
  )
  static let systemCalls = MigrationNumber(
    "systemCalls", .count, "remote system calls from the destination, until it moved again", label: "system calls",
    { .count($0.record.systemCalls.count) },
    row: { report in
      let calls = report.record.systemCalls
      guard calls.count > 0 else { return nil }
      return "\(calls.count) at the origin, \(formatSize(UInt64(calls.bytes))), \(formatTime(calls.delay))"
    }
  )
  static let systemCallBytes = MigrationNumber("systemCallBytes", .size, "what these carried") {
    size(UInt64($0.record.systemCalls.bytes))
  }
  static let systemCallTime = MigrationNumber("systemCallTime", .time, "how long these took") {
    .time($0.record.systemCalls.delay)
  }
  static let residualDependencies = MigrationNumber(
    "residualDependencies", .nodes, "nodes, other than its own, that it needs now"
  ) {
    .list($0.residualDependencies.map { .node($0) })
  }
  static let leftBehind = MigrationNumber(
    "leftBehind", .text, "what it has left on other nodes, in words", label: "left behind"
  ) { report in
    report.record.status == .completed ? .text(report.leftBehind) : .none
  }

  private static func duration(_ time: Nanoseconds?) -> Value { time.map { .time($0) } ?? .none }
  private static func size(_ bytes: UInt64) -> Value { .size(bytes) }
}

// MARK: - In which order

extension MigrationNumber {
  /// The fields, as help lists them.
  static let fields = [
    mechanism, status, reason, source, destination, freezeTime, pagesTime, stateTime, tripsTime, coreWaitTime,
    totalTime, safePointTime, rounds, pagesSent, backing, pagesLeft, remoteFaults, stallTime, redundantPages, zeroPages,
    deltaPages, savedBytes, throttle, messagesQueued,
    messagesForwarded, messagesReturned, messagesDropped, messagesResent, linksUpdated, bytes, controlPackets,
  ]

  /// The rows of the report for people.
  static let rows = [
    safePointTime, freezeTime, timeStoodStill, totalTime, pagesSent, zeroPages, redundantPages, deltaPages, stateBytes,
    controlPackets, linksUpdated, messagesQueued, messagesForwarded, systemCalls, remoteFaults, backing, leftBehind,
  ]

  /// The members in data.
  static let members = [
    number, process, epoch, mechanism, source, destination, status, reason, offeredAt, frozenAt, activatedAt,
    safePointTime, freezeTime, pagesTime, stateTime, tripsTime, coreWaitTime, totalTime, timeStoodStill, rounds,
    backing, pagesBacked, pagesLeft, remoteFaults,
    stallTime, pagesRemote, redundantPages, zeroPages, deltaPages, savedBytes, throttle, convergence, pagesSentFrozen,
    pagesSent, pageBytes, stateBytes, controlPackets,
    controlBytes, bytes, messagesQueued, messagesForwarded, messagesReturned, messagesDropped, messagesResent,
    linksUpdated, systemCalls, systemCallBytes, systemCallTime, residualDependencies,
  ]
}
