import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that show what happened, and what it cost.
extension Commands {
  static let seeing: [Command] = [
    Command(
      "log",
      flags: [Entries.last, Entries.node, Entries.process, Entries.kind],
      summary: "the latest facts", examples: ["log", "log --last 2", "log --kind migration --process p1 --node a"],
      preparation: "node add a b; spawn p1; migrate p1 b", data: .list(.shared(.fact)), group: "Seeing",
      effect: .nothing, run: log),
    Command(
      "stats", summary: "what the network has carried, by cause, how messages fared, and jobs",
      examples: ["stats"], preparation: "node add a b; spawn p1; migrate p1 b", data: .object(statistics),
      group: "Seeing",
      effect: .nothing, run: stats),
  ]

  private static let statistics: [DataShape.Member] = [
    .init(
      "network",
      .object(
        (SharedShape.causes + ["resentSegments"]).map { .init($0, .object(SharedShape.carried), causeSummary($0)) }),
      "what the network has carried"),
    .init(
      "messages",
      .object([
        .init("sent", .count, "messages sent"), .init("delivered", .count, "delivered"),
        .init("received", .count, "received by their processes"), .init("forwarded", .count, "times one was sent on"),
        .init("resent", .count, "times one was sent again"),
        .init("returned", .count, "their senders were told of"),
        .init("cameBack", .count, "times one came back"), .init("dropped", .count, "times one was dropped"),
        .init("lost", .count, "lost"), .init("waiting", .count, "on their way"),
        .init("hops", .count, "steps from one kernel to another, of all"),
      ]), "how messages fared"), .init("events", .count, "events so far"),
    .init(
      "jobs",
      .object([
        .init("warmUp", .time, "jobs that came before are left out"),
        .init("all", .shared(JobNumber.shape), "all jobs"),
        .init("of", .named(.shared(JobNumber.shape), count: 0...Int(Int32.max)), "those of each workload, by name"),
      ]), "how jobs fared; only when there was a workload", isAlwaysThere: false),
    .init(
      "utilisation", .optional(.share), "the part of core time that is used; only when there was a workload",
      isAlwaysThere: false),
  ]

  private static func causeSummary(_ name: String) -> String {
    Cause.allCases.first { "\($0)" == name }.map(causeName) ?? "segments sent again"
  }

  private static func log(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let most = try call[Entries.last] ?? 20
    let node = try call[Entries.node]
    let process = try call[Entries.process]?.id
    let kind = try call[Entries.kind]
    var chosen: [Log.Entry] = []
    for entry in world.log.entries.reversed() where chosen.count < most {
      if let node, entry.node != node || !entry.event.hasNode { continue }
      if let process, !entry.event.concerns(process) { continue }
      if let kind, entry.event.kind.rawValue != kind { continue }
      chosen.append(entry)
    }
    guard !chosen.isEmpty else { return Report(listing([], world), whenEmpty: "nothing has happened") }
    return Report([.table(listing(chosen.reversed(), world))])
  }

  /// Entries of the log, one row for each.
  static func listing(_ entries: some Sequence<Log.Entry>, _ world: any Cluster) -> Listing {
    let find = world.messages.finder
    let columns: [Column<Log.Entry>] = [
      Column(nil, "number") { .count($0.number) },
      Column(
        "TIME>", "time", { .time($0.time) },
        shown: { formatInstant($0.time) }
      ),
      Column("NODE", "node") { $0.event.hasNode ? .node($0.node) : .none },
      Column(nil, "kind") { .word($0.event.kind.rawValue) },
      Column("WHAT", "what") { .text($0.event.text(in: world, find: find)) },
    ]
    return Listing(entries, columns)
  }

  private static func stats(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let carried = Cause.allCases.map { cause in
      Carried(title: causeName(cause), name: "\(cause)", traffic: world.traffic(for: cause))
    }
    let resent = Carried(title: "segments sent again", name: "resentSegments", traffic: world.resentTraffic)
    let columns: [Column<Carried>] = [
      Column(shown: "NETWORK") { $0.title }, Column("PACKETS>", "packets") { .count($0.traffic.packets) },
      Column("BYTES>", "bytes") { .size($0.traffic.bytes) },
    ]
    let messages = world.messages
    let counts: [(String, UInt64)] = [
      ("sent", messages.accepted), ("delivered", messages.delivered), ("received", messages.received),
      ("forwarded", messages.forwarded), ("resent", messages.resent), ("returned", messages.returned),
      ("cameBack", messages.cameBack), ("dropped", messages.dropped), ("lost", messages.lost),
      ("waiting", UInt64(messages.waiting)), ("hops", messages.hops),
    ]
    let line = counts.map { "\($0.1) \($0.0 == "cameBack" ? "came back" : $0.0)" }.joined(separator: ", ")
    let network = (carried + [resent]).map { row in
      Report.Item(row.name, .object(columns.compactMap { $0.item(row) }))
    }
    let blocks: [Report.Block] = [
      .table(
        Listing(
          carried.filter { $0.name != "load" || $0.traffic.packets > 0 } + (resent.traffic.packets > 0 ? [resent] : []),
          columns)),
      .sentence("messages: \(line)\nevents: \(world.eventCount)"),
      .facts([
        .init("network", .object(network)),
        .init("messages", .object(counts.map { .init($0.0, .count($0.1)) })), .init("events", .count(world.eventCount)),
      ]),
    ]
    return Report(blocks + JobReport.blocks(world))
  }

  /// How much of one kind the network carried.
  private struct Carried {
    let title: String
    let name: String
    let traffic: Traffic
  }

  private static func causeName(_ cause: Cause) -> String {
    switch cause {
    case .message: "messages"
    case .page: "pages"
    case .processState: "process state"
    case .control: "control"
    case .systemCall: "remote system calls"
    case .location: "location upkeep"
    case .load: "load reports and probes"
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
