import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What happened, and what it cost.
extension Commands {
  static let seeing: [Command] = [
    Command(
      "log",
      flags: [Entries.last, Entries.node, Entries.process, Entries.kind],
      summary: "the latest facts", group: "Seeing", effect: .nothing, run: log),
    Command(
      "stats", summary: "what the network has carried, by cause, and how messages fared", group: "Seeing",
      effect: .nothing, run: stats),
  ]

  private static func log(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let most = try call[Entries.last] ?? 20
    let node = try call[Entries.node]
    let process = try call[Entries.process]?.id
    let kind = try call[Entries.kind]
    var chosen: [Log.Entry] = []
    for entry in world.log.entries.reversed() where chosen.count < most {
      if let node, entry.node != node { continue }
      if let process, !entry.event.concerns(process) { continue }
      if let kind, entry.event.kind.rawValue != kind { continue }
      chosen.append(entry)
    }
    guard !chosen.isEmpty else { return Report(text: "nothing has happened", data: .array([])) }
    return logReport(chosen.reversed(), world)
  }

  static func logReport(_ entries: some Sequence<Log.Entry>, _ world: World) -> Report {
    var table = Table("TIME>", "NODE", "WHAT")
    var data: [JSON] = []
    for entry in entries {
      let what = entry.event.text(in: world)
      table.add(formatInstant(entry.time), world.name(of: entry.node), what)
      data.append(
        .object([
          ("number", .integer(Int64(entry.number))), ("time", .integer(Int64(clamping: entry.time))),
          ("node", .string(world[entry.node].name)), ("kind", .string(entry.event.kind.rawValue)),
          ("what", .string(what)),
        ]))
    }
    return Report(text: table.text, data: .array(data))
  }

  private static func stats(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    var table = Table("NETWORK", "PACKETS>", "BYTES>")
    var causes: [(String, JSON)] = []
    for cause in Cause.allCases {
      let carried = world.traffic(for: cause)
      table.add(causeName(cause), "\(carried.packets)", formatSize(carried.bytes))
      causes.append(
        (
          "\(cause)",
          .object([
            ("packets", .integer(Int64(clamping: carried.packets))),
            ("bytes", .integer(Int64(clamping: carried.bytes))),
          ])
        ))
    }
    let resent = world.resentTraffic
    if resent.packets > 0 { table.add("segments sent again", "\(resent.packets)", formatSize(resent.bytes)) }
    causes.append(
      (
        "resentSegments",
        .object([
          ("packets", .integer(Int64(clamping: resent.packets))), ("bytes", .integer(Int64(clamping: resent.bytes))),
        ])
      ))
    let messages = world.messages
    let counts: [(String, UInt64)] = [
      ("sent", messages.accepted), ("delivered", messages.delivered), ("received", messages.received),
      ("forwarded", messages.forwarded), ("resent", messages.resent), ("returned", messages.returned),
      ("dropped", messages.dropped), ("lost", messages.lost), ("hops", messages.hops),
    ]
    let line = counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    return Report(
      text: table.text + "messages: \(line)\nevents: \(world.eventCount)\n",
      data: .object([
        ("network", .object(causes)),
        ("messages", .object(counts.map { ($0.0, .integer(Int64(clamping: $0.1))) })),
        ("events", .integer(Int64(clamping: world.eventCount))),
      ]))
  }

  private static func causeName(_ cause: Cause) -> String {
    switch cause {
    case .message: "messages"
    case .page: "pages"
    case .processState: "process state"
    case .control: "control"
    case .systemCall: "remote system calls"
    case .location: "location upkeep"
    }
  }
}

/// Which entries `log` shows.
private enum Entries {
  static let last = Flag("last", .count(in: 1...10_000_000, "a number of entries"), "how many entries (20)")
  static let node = Flag("node", .node, "only what happened on a node")
  static let process = Flag("process", .process, "only what concerns a process")
  static let kind = Flag(
    "kind", .word(.word(LogKind.allCases.map(\.rawValue))), valueName: "K",
    "only one kind: \(LogKind.allCases.map(\.rawValue).joined(separator: ", "))")
}
