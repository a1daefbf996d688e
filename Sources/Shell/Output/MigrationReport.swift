import Chronicle
import MigrationKernel
import Simulator

/// The report of one migration, for people and as data.
struct MigrationReport {
  let record: MigrationRecord
  let process: String
  let source: String
  let destination: String
  let traffic: MigrationTraffic
  private let world: World

  init(_ record: MigrationRecord, _ world: World) {
    self.record = record
    self.world = world
    process = world.name(of: record.attempt.process)
    source = world[record.source].name
    destination = world[record.destination].name
    traffic = world.traffic(of: record.attempt)
  }

  var reason: String? { record.reason?.text(in: world) }

  /// Nodes, other than its own, that the process needs now.
  private var residualDependencies: [String] {
    guard record.status == .completed else { return [] }
    return world.residualDependencies(of: record.attempt.process).map { world.name(of: $0) }
  }

  /// What the process left on its way and needs yet.
  private var leftBehind: String {
    let process = record.attempt.process
    var parts = (world.view(of: process)?.holdings ?? []).map { holder in
      "\(counted(holder.pageCount, "page")) on \(world.name(of: holder.node))"
    }
    let links = world.forwardingNodes(of: process).map { world.name(of: $0) }
    if !links.isEmpty { parts.append(process.forwarding.wordsForAddresses(on: links)) }
    return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
  }

  var text: String {
    var headline =
      "migration \(record.number): \(process) from \(source) to \(destination), \(record.mechanism.rawValue)"
    headline += ", \(record.status.rawValue)"
    if let reason { headline += ": \(reason)" }
    var rows: [(String, String)] = []
    if record.endedAt == nil, record.activatedAt == nil { rows += progress }
    if let time = record.safePointTime { rows.append(("  safe point", formatTime(time))) }
    if let time = record.freezeTime { rows.append(("  freeze time", formatTime(time))) }
    if let time = record.timeStoodStill { rows.append(("  stood still", "\(formatTime(time)), for nothing")) }
    if let time = record.totalTime { rows.append(("  total time", formatTime(time))) }
    rows.append(("  pages sent", "\(record.pagesSent), \(formatSize(UInt64(record.pageBytes)))"))
    if record.zeroPages > 0 { rows.append(("  zero pages", "\(record.zeroPages), sent as marks")) }
    if record.mechanism.hasRounds {
      rows.append(("  redundant", counted(record.redundantPages, "page")))
    }
    if record.deltaPages > 0 {
      rows.append(
        ("  differences", "\(counted(record.deltaPages, "page")), \(formatSize(UInt64(record.savedBytes))) saved"))
    }
    rows.append(("  process state", formatSize(UInt64(record.stateBytes))))
    rows.append(("  control", "\(counted(traffic.control.packets, "packet")), \(formatSize(traffic.control.bytes))"))
    if record.linksUpdated > 0 { rows.append(("  links updated", "\(record.linksUpdated)")) }
    if record.messagesQueued > 0 { rows.append(("  messages queued", "\(record.messagesQueued)")) }
    let astray = [
      ("forwarded", record.misrouted.forwarded), ("returned", record.misrouted.returned),
      ("dropped", record.misrouted.dropped), ("resent", record.misrouted.resent),
    ].filter { $0.1 > 0 }
    if !astray.isEmpty { rows.append(("  messages", astray.map { "\($0.1) \($0.0)" }.joined(separator: ", "))) }
    let calls = record.systemCalls
    if calls.count > 0 {
      rows.append(
        (
          "  system calls",
          "\(calls.count) at the origin, \(formatSize(UInt64(calls.bytes))), \(formatTime(calls.delay))"
        ))
    }
    if record.pagesLeft > 0 {
      let stall = record.remoteFaults > 0 ? ", and \(formatTime(record.stallTime)) of waiting for them" : ""
      rows.append(("  remote faults", "\(record.remoteFaults)\(stall)"))
    }
    if let backing = record.backing {
      let holds = pagesBacked.map { ", which has \(counted($0, "page")) of it as they are now" } ?? ""
      rows.append(("  backing node", world.name(of: backing) + holds))
    }
    if record.status == .completed { rows.append(("  left behind", leftBehind)) }
    return headline + "\n" + sheet(rows) + rounds
  }

  /// How many pages its backing node has as the process would find them.
  private var pagesBacked: Int? {
    guard let backing = record.backing, let process = world.view(of: record.attempt.process),
      process.holdings.contains(where: { $0.attempt == record.attempt && $0.node == backing })
    else { return nil }
    return process.pagesHeld(by: backing)
  }

  /// How far it is, while it lasts.
  private var progress: [(String, String)] {
    let process = world.view(of: record.attempt.process)
    var rows = [
      ("  phase", "\(record.status.rawValue), \(formatTime(world.now - record.offeredAt)) since the decision")
    ]
    if record.mechanism.hasRounds, record.frozenAt == nil, record.acceptedAt != nil {
      rows.append(
        ("  round", "\(record.rounds.count + 1), \(process?.dirtyCount ?? 0) pages written since it began"))
    }
    if record.throttle > 0 { rows.append(("  slowed down", "by \(record.throttle)%")) }
    if let last = record.rounds.last {
      rows.append(("  expected freeze", "\(formatTime(last.expectedFreezeTime)) by the rate of the last round"))
    }
    return rows
  }

  /// A row a round, and one for what went while the process stood still.
  private var rounds: String {
    guard !record.rounds.isEmpty else { return "" }
    let isThrottled = record.rounds.contains { $0.throttle > 0 || $0.outcome == .slowsDown }
    var table = Table(
      titles: ["  ROUND>", "PAGES>", "WRITTEN>"] + (isThrottled ? ["SLOWED>"] : []) + ["DURATION>", "RATE>", "THEN"])
    for (number, round) in record.rounds.enumerated() {
      table.add(
        cells: ["  \(number + 1)", "\(round.pages)", "\(round.dirtied)"] + (isThrottled ? ["\(round.throttle)%"] : [])
          + [formatTime(round.duration), formatRate(round.rate), round.outcome.text])
    }
    if record.frozenAt != nil {
      table.add(
        cells: ["  frozen", "\(record.pagesSentFrozen)", ""] + (isThrottled ? [""] : [])
          + [record.freezeTime.map(formatTime) ?? "", "", ""])
    }
    let verdict = convergence?.wrapped(at: 100).split(separator: "\n").map { "  \($0)\n" }.joined()
    return table.text + (verdict ?? "")
  }

  /// What became of a process that wrote so fast that a round reduced nothing, where that was much: at least a tenth of
  /// all pages.
  private var convergence: String? {
    guard let slow = record.rounds.first(where: { $0.outcome == .noReduction || $0.outcome == .slowsDown }),
      let last = record.rounds.last, slow.dirtied * 10 >= record.pageCount
    else { return nil }
    let sends = UInt64(slow.pages).scaled(by: 1_000_000_000, over: max(1, slow.duration))
    let rates = "it writes \(slow.writeRate) pages a second, the link carries \(sends)"
    let verdict =
      last.throttle == 0
      ? "it does not converge: \(rates)"
      : "it does not converge, not even when slowed down by \(last.throttle)%: at full speed \(rates)"
    switch last.outcome {
    case .clean, .downtimeMet:
      return last.throttle == 0 ? nil : "it converged when slowed down by \(last.throttle)%: at full speed \(rates)"
    case .noReduction: return "\(verdict); frozen after round \(record.rounds.count), since another would gain nothing"
    case .boundReached: return "\(verdict); frozen after round \(record.rounds.count), the last that was allowed"
    case .goesOn, .slowsDown: return "it does not converge at full speed: \(rates)"
    }
  }

  var data: JSON { .object(identityData + roundData + pageData + messageData) }

  private typealias Members = [(String, JSON)]

  private func time(_ value: Nanoseconds?) -> JSON { value.map { .integer(Int64(clamping: $0)) } ?? .null }

  private var identityData: Members {
    [
      ("migration", .integer(Int64(record.number))), ("process", .string(process)),
      ("epoch", .integer(Int64(record.attempt.epoch))), ("mechanism", .string(record.mechanism.rawValue)),
      ("source", .string(source)), ("destination", .string(destination)),
      ("status", .string(record.status.rawValue)), ("reason", reason.map { .string($0) } ?? .null),
      ("offeredAt", time(record.offeredAt)), ("frozenAt", time(record.frozenAt)),
      ("activatedAt", time(record.activatedAt)), ("safePointTime", time(record.safePointTime)),
      ("freezeTime", time(record.freezeTime)), ("totalTime", time(record.totalTime)),
      ("timeStoodStill", time(record.timeStoodStill)),
    ]
  }

  private var roundData: Members {
    let rounds = record.rounds.map { round -> JSON in
      .object([
        ("pages", .integer(Int64(round.pages))), ("bytes", .integer(Int64(round.bytes))),
        ("dirtied", .integer(Int64(round.dirtied))), ("throttle", .integer(Int64(round.throttle))),
        ("writeRate", .integer(Int64(clamping: round.writeRate))),
        ("duration", time(round.duration)),
        ("rate", .integer(Int64(clamping: round.rate))), ("expectedFreezeTime", time(round.expectedFreezeTime)),
        ("outcome", .string("\(round.outcome)")),
      ])
    }
    return [("rounds", .array(rounds))]
  }

  private var pageData: Members {
    [
      ("backing", record.backing.map { .string(world.name(of: $0)) } ?? .null),
      ("pagesBacked", pagesBacked.map { .integer(Int64($0)) } ?? .null),
      ("pagesLeft", .integer(Int64(record.pagesLeft))),
      ("remoteFaults", .integer(Int64(record.remoteFaults))), ("stallTime", time(record.stallTime)),
      ("pagesRemote", .integer(Int64(world.view(of: record.attempt.process)?.remoteCount ?? 0))),
      ("redundantPages", .integer(Int64(record.redundantPages))), ("zeroPages", .integer(Int64(record.zeroPages))),
      ("deltaPages", .integer(Int64(record.deltaPages))), ("savedBytes", .integer(Int64(record.savedBytes))),
      ("throttle", .integer(Int64(record.throttle))), ("convergence", convergence.map { .string($0) } ?? .null),
      ("pagesSentFrozen", .integer(Int64(record.pagesSentFrozen))),
      ("pagesSent", .integer(Int64(record.pagesSent))), ("pageBytes", .integer(Int64(record.pageBytes))),
      ("stateBytes", .integer(Int64(record.stateBytes))),
      ("controlPackets", .integer(Int64(clamping: traffic.control.packets))),
      ("controlBytes", .integer(Int64(clamping: traffic.control.bytes))),
      ("bytes", .integer(Int64(clamping: traffic.bytes))),
    ]
  }

  private var messageData: Members {
    [
      ("messagesQueued", .integer(Int64(record.messagesQueued))),
      ("messagesForwarded", .integer(Int64(record.misrouted.forwarded))),
      ("messagesReturned", .integer(Int64(record.misrouted.returned))),
      ("messagesDropped", .integer(Int64(record.misrouted.dropped))),
      ("messagesResent", .integer(Int64(record.misrouted.resent))),
      ("linksUpdated", .integer(Int64(record.linksUpdated))),
      ("systemCalls", .integer(Int64(record.systemCalls.count))),
      ("systemCallBytes", .integer(Int64(record.systemCalls.bytes))),
      ("systemCallTime", time(record.systemCalls.delay)),
      ("residualDependencies", .array(residualDependencies.map { .string($0) })),
    ]
  }
}
