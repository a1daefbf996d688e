import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Processes: created, stopped, looked at.
extension Commands {
  static let processes: [Command] = programs + [spawn] + control + listing + memory + [output]

  private static let control: [Command] = [
    Command(
      "start", [askedProcesses], summary: "start processes created with --hold", group: "Processes", run: start),
    Command("kill", [askedProcesses], summary: "end processes at once", group: "Processes", run: kill),
    Command(
      "freeze", [askedProcesses], summary: "stop processes where they are",
      details: "Messages for them go on arriving.", group: "Processes", run: freeze),
    Command("resume", [askedProcesses], summary: "let frozen processes go on", group: "Processes", run: resume),
    Command(
      "wait", [awaitedProcesses], summary: "let time pass until processes have ended or are lost", group: "Processes",
      run: wait),
  ]

  private static let listing: [Command] = [
    Command(
      "ps", flags: [listedNode], summary: "all processes, those that have ended too", group: "Processes",
      effect: .nothing, run: list),
    Command(
      "process show", [shownProcess], summary: "all there is to say of a process", group: "Processes",
      effect: .nothing, run: show),
  ]

  private static let output = Command(
    "output", [shownProcess], summary: "what a process has printed", group: "Processes", effect: .nothing,
    run: output)

  private static let askedProcesses = RepeatedParameter("P", .liveProcess)
  private static let awaitedProcesses = RepeatedParameter("P", .process)
  private static let shownProcess = Parameter("P", .process)
  private static let listedNode = Flag("on", .node, "only those on a node")

  // MARK: - Stopping and going on

  /// Asks the kernel of each process for something, once all have been found to allow it.
  ///
  /// - Parameters:
  ///   - states: in which the process must be.
  ///   - duringMigration: whether it may be asked while it is being migrated.
  private static func ask(
    _ session: inout Session, _ call: Invocation, _ done: String, in states: [Process.State], otherwise: String,
    duringMigration: Bool = false, _ request: (ProcessID) -> Request
  ) throws(SessionError) -> Report {
    var chosen: [(record: ProcessDirectory.Record, node: NodeID)] = []
    let world = session.state.world
    for given in call[askedProcesses] {
      let record = try given.value
      guard let node = world.location(of: record.id), let standing = world.standing(of: record.id), standing.isHere,
        duringMigration || standing.isSettled
      else {
        throw call.refuseMoving(record, at: given.span)
      }
      let state = world.state(of: record)
      guard states.contains(state) else {
        throw call.refuse("process `\(record.name)` \(otherwise): it is \(state.rawValue)", at: given.span)
      }
      if !chosen.contains(where: { $0.record.id == record.id }) { chosen.append((record, node)) }
    }
    for (record, node) in chosen { session.state.world.apply(.request(request(record.id), of: node)) }
    let names = chosen.map(\.record.name)
    return Report(
      text: "\(done) \(names.joined(separator: ", "))",
      data: .object([("processes", .array(names.map { .string($0) }))]))
  }

  private static func start(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "started", in: [.new], otherwise: "cannot be started") { .start($0) }
  }

  private static func kill(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(
      &session, call, "killed", in: [.new, .ready, .running, .waiting, .frozen], otherwise: "is no more",
      duringMigration: true
    ) { .kill($0) }
  }

  private static func freeze(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "froze", in: [.ready, .running, .waiting], otherwise: "cannot be frozen") { .freeze($0) }
  }

  private static func resume(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "resumed", in: [.frozen], otherwise: "cannot be resumed") { .resume($0) }
  }

  private static func wait(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var chosen: [ProcessDirectory.Record] = []
    for given in call[awaitedProcesses] { chosen.append(try given.value) }
    let ids = chosen.map(\.id)
    if ids.contains(where: { session.state.world.processes[$0]?.fate == .alive }) {
      let names = chosen.map(\.name).joined(separator: ", ")
      try session.run(call, waitingFor: "\(names) to end") { world in
        ids.allSatisfy { world.processes[$0]?.fate != .alive }
      }
    }
    let world = session.state.world
    let ends = ids.compactMap { world.processes[$0] }
    return Report(
      text: ends.map { "\($0.name) \(fate($0, world))" }.joined(separator: "\n"),
      data: .array(ends.map { processData($0, world) }))
  }

  // MARK: - Looking

  static func fate(_ record: ProcessDirectory.Record, _ world: World) -> String {
    switch record.fate {
    case .alive: "is \(world.state(of: record).rawValue)"
    case .ended(.exited, let time, let node): "ended at \(formatTime(time)) on \(world[node].name)"
    case .ended(.killed, let time, let node): "was killed at \(formatTime(time)) on \(world[node].name)"
    case .ended(.fault(let why), let time, let node): "died at \(formatTime(time)) on \(world[node].name): \(why)"
    case .lost(let node, let time): "was lost at \(formatTime(time)) because node \(world[node].name) failed"
    }
  }

  private static func list(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let only = try call[listedNode]
    var table = Table("PROCESS", "ID", "NODE", "STATE", "PROGRAM", "PAGES>", "CPU>", "MOVES>", "")
    var data: [JSON] = []
    for record in world.processes.all {
      let node = world.location(of: record.id)
      if let only, node != only { continue }
      let process = world.view(of: record.id)
      table.add(
        record.name, world.identifier(of: record.id), node.map { world[$0].name } ?? "",
        world.state(of: record).rawValue, process?.programName ?? "",
        process.map { "\($0.pageCount)" } ?? record.summary.map { "\($0.pages)" } ?? "",
        world.cpuTime(of: record.id).map(formatTime) ?? "",
        (process?.migrations ?? record.summary?.migrations).map { "\($0)" } ?? "", end(record, world))
      data.append(processData(record, world))
    }
    return Report(text: table.rows.isEmpty ? "no processes" : table.text, data: .array(data))
  }

  /// What is worth saying of an end: nothing of one that was to come.
  private static func end(_ record: ProcessDirectory.Record, _ world: World) -> String {
    switch record.fate {
    case .ended(.fault(let why), _, _): "died: \(why)"
    case .ended(.killed, _, _): "killed"
    case .lost(let node, _): "with node \(world.name(of: node))"
    case .ended(.exited, _, _), .alive: ""
    }
  }

  private static func processData(_ record: ProcessDirectory.Record, _ world: World) -> JSON {
    let process = world.view(of: record.id)
    let cpu = world.cpuTime(of: record.id)
    let pages = process?.pageCount ?? record.summary?.pages
    return .object([
      ("name", .string(record.name)), ("id", .string(world.identifier(of: record.id))),
      ("node", world.location(of: record.id).map { .string(world[$0].name) } ?? .null),
      ("origin", .string(world[record.id.origin].name)), ("state", .string(world.state(of: record).rawValue)),
      ("pages", pages.map { .integer(Int64($0)) } ?? .null),
      ("cpu", cpu.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("forwarding", .string(record.id.forwarding.name)),
      ("coprocesses", .array(world.coprocesses(of: record.id).map { .string(world.name(of: $0)) })),
      (
        "links",
        .array(
          world.correspondents(of: record.id).map { link in
            .object([
              ("process", .string(world.name(of: link.process))),
              ("node", link.location.map { .string(world[$0.node].name) } ?? .null),
              ("since", link.location.map { .integer(Int64(clamping: $0.learnedAt)) } ?? .null),
            ])
          })
      ), ("systemCalls", .integer(Int64(record.systemCalls.count))),
      ("systemCallBytes", .integer(Int64(record.systemCalls.bytes))),
      ("systemCallTime", .integer(Int64(clamping: record.systemCalls.delay))),
      ("migrations", .array(record.migrations.map { .integer(Int64($0)) })),
      ("fate", .string(fate(record, world))),
    ])
  }

  private static func show(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[shownProcess]
    var rows = [
      ("process", "\(record.name), identifier \(world.identifier(of: record.id))"),
      ("origin", world[record.id.origin].name), ("state", fate(record, world)),
      ("age", formatTime(world.now - record.createdAt)),
    ]
    if let parent = record.parent { rows.append(("parent", world.name(of: parent))) }
    rows.append(("found by", record.id.forwarding.name))
    if record.systemCalls.count > 0 {
      let calls = record.systemCalls
      rows.append(
        (
          "system calls",
          "\(calls.count) at its origin from elsewhere, \(formatSize(UInt64(calls.bytes))), \(formatTime(calls.delay))"
        ))
    }
    if let process = world.view(of: record.id) {
      if let node = world.location(of: record.id) { rows.insert(("node", world[node].name), at: 2) }
      rows += [
        ("program", process.programName),
        (
          "pages",
          "\(process.pageCount), \(process.touchedCount) of them not empty"
            + process.holdings.map { holder in
              ", \(holder.pageCount) on \(world.name(of: holder.node))"
            }.joined()
        ),
        ("cpu", formatTime(world.cpuTime(of: record.id) ?? 0)),
        (
          "moved in",
          record.migrations.isEmpty
            ? "no migration" : "migration \(record.migrations.map { "\($0)" }.joined(separator: ", "))"
        ),
        ("received", "\(process.receivedCount), and \(process.inbox.count) waiting"),
      ]
      for (number, thread) in process.threads.enumerated() {
        rows.append(("thread \(number + 1)", threadText(thread, world)))
      }
      let family = world.coprocesses(of: record.id)
      if !family.isEmpty {
        let names = family.map { world.name(of: $0) }.joined(separator: " ")
        rows.append(("coprocesses", "\(names)\(process.isInseparable ? ", inseparable" : "")"))
      }
      if process.communication == .home { rows.append(("talks", "by way of its origin")) }
      for link in world.correspondents(of: record.id) {
        let age = link.location.map { ", known for \(formatTime(world.now - min(world.now, $0.learnedAt)))" }
        let place = link.location.map { " at \(world[$0.node].name)" } ?? ", by way of its origin"
        rows.append(("link", "\(world.name(of: link.process))\(place)\(age ?? "")"))
      }
      for stream in process.outgoing {
        let waiting = stream.unacknowledgedCount
        let open = waiting > 0 ? ", \(waiting) not acknowledged" : ""
        rows.append(("sends to", "\(world.name(of: stream.receiver)): \(stream.sentCount)\(open)"))
      }
    }
    return Report(text: sheet(rows), data: processData(record, world))
  }

  private static func threadText(_ state: Thread.State, _ world: World) -> String {
    switch state {
    case .ready: "ready"
    case .running(let core): "running on core \(core + 1)"
    case .receiving(nil): "waits for a message"
    case .receiving(let deadline?): "waits for a message until \(formatTime(deadline))"
    case .sending(let message): "waits to hear from \(world.name(of: message.to))"
    case .sleeping(let until): "sleeps until \(formatTime(until))"
    case .faulting(let page, let since): "waits for page \(page) since \(formatTime(since))"
    case .ended: "ended"
    }
  }

  private static func output(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[shownProcess]
    let lines = record.output.map { "\(world[$0.node].name) \(formatTime($0.time)): \($0.text)" }
    return Report(
      text: lines.isEmpty ? "\(record.name) has printed nothing" : lines.joined(separator: "\n"),
      data: .array(
        record.output.map {
          .object([
            ("time", .integer(Int64(clamping: $0.time))), ("node", .string(world[$0.node].name)),
            ("text", .string($0.text)),
          ])
        }))
  }
}
