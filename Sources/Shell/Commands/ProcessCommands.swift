import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that stop processes, let them go on, and show them.
extension Commands {
  static let processes: [Command] = programs + [spawn] + control + listing + memory + [output]

  private static let control: [Command] = [
    Command(
      "start", [askedProcesses], summary: "start processes created with --hold",
      examples: ["start p1"], preparation: "node add a b; spawn p1 --hold", sequel: "ps",
      data: .only("processes", .list(.process), "those that were named"), group: "Processes", run: start),
    Command(
      "kill", [askedProcesses], summary: "end processes at once",
      examples: ["kill p1"], preparation: "node add a b; spawn p1; run 20ms", sequel: "ps",
      data: .only("processes", .list(.process), "those that were named"), group: "Processes", run: kill),
    Command(
      "freeze", [askedProcesses], summary: "stop processes where they are",
      details: "Messages for them go on arriving.", examples: ["freeze p1"],
      preparation: "node add a b; spawn p1; run 20ms", sequel: "ps",
      data: .only("processes", .list(.process), "those that were named"),
      group: "Processes", run: freeze),
    Command(
      "resume", [askedProcesses], summary: "let frozen processes go on",
      examples: ["resume p1"], preparation: "node add a b; spawn p1; run 20ms; freeze p1", sequel: "ps",
      data: .only("processes", .list(.process), "those that were named"), group: "Processes", run: resume),
    Command(
      "wait", [awaitedProcesses], summary: "let time pass until processes have ended or are lost",
      examples: ["wait p1"], preparation: "node add a\nprogram brief { compute 5ms }\nspawn p1 --program brief",
      data: .unlessStopped(.list(.shared(.process))), group: "Processes",
      run: wait),
  ]

  private static let listing: [Command] = [
    Command(
      "ps", flags: [listedNode], summary: "all processes, those that have ended too", examples: ["ps", "ps --on b"],
      preparation: "node add a b; spawn p1; spawn p2 --on b; run 20ms", data: .list(.shared(.process)),
      group: "Processes",
      effect: .nothing, run: list),
    Command(
      "process show", [shownProcess], summary: "all there is to say of a process", examples: ["process show p1"],
      preparation: "node add a b; spawn p1; migrate p1 b", data: .shared(.process),
      group: "Processes",
      effect: .nothing, run: show),
  ]

  private static let output = Command(
    "output", [shownProcess], summary: "what a process has printed",
    examples: ["output p1"],
    preparation: "node add a\nprogram greet { print \"hello\"  sleep 1s }\nspawn p1 --program greet; run 10ms",
    data: .rows([
      .init("time", .time, "when it was printed"), .init("node", .node, "where the process was"),
      .init("text", .text, "the line"),
    ]), group: "Processes", effect: .nothing,
    run: output)

  private static let askedProcesses = RepeatedParameter("P", .liveProcess)
  private static let awaitedProcesses = RepeatedParameter("P", .process)
  private static let shownProcess = Parameter("P", .process)
  private static let listedNode = Flag("on", .node, "only those on a node")

  // MARK: - Stopping and going on

  /// Checks that all processes allow a request, then makes it to the kernel of each.
  ///
  /// - Parameters:
  ///   - states: the process must be in one of these.
  ///   - duringMigration: whether a process may be asked while it is being migrated.
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
    return Report("\(done) \(names.joined(separator: ", "))", .init("processes", .texts(names)))
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
      Listing(ends, []) { .object(items(of: $0, world)) },
      ends.map { "\($0.name) \(fate($0, world))" }.joined(separator: "\n"))
  }

  // MARK: - Looking

  static func fate(_ record: ProcessDirectory.Record, _ world: any Cluster) -> String {
    switch record.fate {
    case .alive: "is \(world.state(of: record).rawValue)"
    case .ended(.exited, let time, let node): "ended at \(formatTime(time)) on \(world[node].name)"
    case .ended(.killed, let time, let node): "was killed at \(formatTime(time)) on \(world[node].name)"
    case .ended(.fault(let why), let time, let node): "died at \(formatTime(time)) on \(world[node].name): \(why)"
    case .lost(let node, let time):
      "was lost at \(formatTime(time)) \(lossText(of: record.id, becauseOf: node, world))"
    }
  }

  private static func list(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let only = try call[listedNode]
    let shown = world.processes.all.filter { only == nil || $0.location == only }
    let columns = ProcessColumns(world: world)
    return Report(
      Listing(shown, columns.shown, data: { columns.data(coprocesses: coprocesses(in: world)) }),
      whenEmpty: "no processes")
  }

  /// How a process ended; empty when it ended by its own exit, or is alive.
  fileprivate static func end(_ record: ProcessDirectory.Record, _ world: any Cluster) -> String {
    switch record.fate {
    case .ended(.fault(let why), _, _): "died: \(why)"
    case .ended(.killed, _, _): "killed"
    case .lost(let node, _):
      record.wasGivenUp ? "connection to \(world.name(of: node)) broke" : "with node \(world.name(of: node))"
    case .ended(.exited, _, _), .alive: ""
    }
  }

  /// A process as data.
  private static func items(of record: ProcessDirectory.Record, _ world: any Cluster) -> [Report.Item] {
    ProcessColumns(world: world).data(coprocesses: world.coprocesses(of:)).compactMap { $0.item(record) }
  }

  private static func show(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[shownProcess]
    var rows = [
      ("process", "\(record.name), identifier \(world.identifier(of: record.id))"),
      ("origin", world[record.id.origin].name), ("state", fate(record, world)),
      ("age", formatTime(record.age(at: world.now))),
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
      for (number, thread) in world.threads(of: record.id).enumerated() {
        rows.append(
          ("thread \(number + 1)", "\(threadText(number, thread, world)), \(formatTime(thread.cpuTime)) of core time"))
      }
      let family = world.coprocesses(of: record.id)
      if !family.isEmpty {
        let names = family.map { world.name(of: $0) }.joined(separator: " ")
        rows.append(("coprocesses", "\(names)\(process.isInseparable ? ", inseparable" : "")"))
      }
      if process.communication == .home { rows.append(("talks", "by way of its origin")) }
      for correspondent in world.correspondents(of: record.id) {
        let age = correspondent.location.map { ", known for \(formatTime(world.now - min(world.now, $0.learnedAt)))" }
        let place = correspondent.location.map { " at \(world[$0.node].name)" } ?? ", by way of its origin"
        rows.append(("talks to", "\(world.name(of: correspondent.process))\(place)\(age ?? "")"))
      }
      for stream in process.outgoing {
        let waiting = stream.unacknowledgedCount
        let open = waiting > 0 ? ", \(waiting) not acknowledged" : ""
        rows.append(("sends to", "\(world.name(of: stream.receiver)): \(stream.sentCount)\(open)"))
      }
    }
    let threads = Report.Item("threads", .list(world.threads(of: record.id).map { threadData($0) }))
    return Report([.facts(rows.map { Report.Item(label: $0, $1) } + items(of: record, world) + [threads])])
  }

  private static func threadData(_ thread: ThreadView) -> Report.Datum {
    let (state, core): (String, Int?) =
      switch thread.state {
      case .ready: ("ready", nil)
      case .running(let core): ("running", core + 1)
      case .receiving: ("receiving", nil)
      case .sending: ("sending", nil)
      case .sleeping: ("sleeping", nil)
      case .faulting: ("faulting", nil)
      case .locking: ("locking", nil)
      case .meeting: ("at-barrier", nil)
      case .joining: ("joining", nil)
      case .calling: ("calling", nil)
      case .ended: ("ended", nil)
      }
    var (other, name): (Int?, String?) = (nil, nil)
    switch thread.wait {
    case .lock(let lock, let holder): (name, other) = (lock, holder)
    case .barrier(let barrier, _): name = barrier
    case .end(let thread): other = thread
    case nil: break
    }
    return .object([
      .init("state", .word(state)), .init("core", .optional(core) { .count($0) }), .init("cpu", .time(thread.cpuTime)),
      .init("startedBy", .optional(thread.starter) { .count($0 + 1) }),
      .init("waitsAt", .optional(name) { .text($0) }), .init("waitsFor", .optional(other) { .count($0 + 1) }),
    ])
  }

  private static func threadText(_ number: Int, _ thread: ThreadView, _ world: any Cluster) -> String {
    if let wait = thread.wait { return waitText(wait, of: number) }
    return switch thread.state {
    case .ready: "ready"
    case .running(let core): "running on core \(core + 1)"
    case .receiving(nil): "waits for a message"
    case .receiving(let deadline?): "waits for a message until \(formatTime(deadline))"
    case .sending(let message): "waits to hear from \(world.name(of: message.to))"
    case .sleeping(let until): "sleeps until \(formatTime(until))"
    case .faulting(let page, let since): "waits for page \(page) since \(formatTime(since))"
    case .calling(let since): "waits for its origin since \(formatTime(since))"
    case .locking, .meeting, .joining: "waits"
    case .ended: "ended"
    }
  }

  private static func output(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[shownProcess]
    let lines = record.output.map { "\(world[$0.node].name) \(formatTime($0.time)): \($0.text)" }
    let listing = Listing(record.output, []) {
      .object([.init("time", .time($0.time)), .init("node", .node($0.node)), .init("text", .text($0.text))])
    }
    let (lost, waiting) = (record.lines.lost, record.lines.waiting)
    var missing: [String] = []
    if lost > 0, let node = record.lines.lostWith {
      missing.append("\(counted(lost, "line")) lost, since node \(world[node].name) had failed")
    }
    if waiting > 0 {
      missing.append("\(counted(waiting, "line")) not there yet: node \(world[record.id.origin].name) has not answered")
    }
    let text = (lines + missing).joined(separator: "\n")
    return Report(listing, text.isEmpty ? "\(record.name) has printed nothing" : text)
  }
}

/// The columns of `ps`, and the members of a process in data.
private struct ProcessColumns {
  typealias Record = ProcessDirectory.Record

  let world: any Cluster

  private var name: Column<Record> { Column("PROCESS", "name") { .text($0.name) } }
  private var identifier: Column<Record> {
    Column("ID", "id") { [world] in .text(world.identifier(of: $0.id)) }
  }
  private var node: Column<Record> {
    Column("NODE", "node") { .optional($0.location, Value.node) }
  }
  private var state: Column<Record> {
    Column("STATE", "state") { [world] in .word(world.state(of: $0).rawValue) }
  }
  private var pages: Column<Record> {
    Column("PAGES>", "pages") { [world] record in
      .optional(world.view(of: record)?.pageCount ?? record.summary?.pages) { .count($0) }
    }
  }
  private var cpu: Column<Record> {
    Column("CPU>", "cpu") { [world] in .optional(world.cpuTime(of: $0), Value.time) }
  }

  /// The columns that people are shown, in order.
  var shown: [Column<Record>] {
    [
      name, identifier, node, state,
      Column(shown: "PROGRAM") { [world] in world.view(of: $0)?.programName ?? "" }, pages, cpu,
      Column("MOVES>") { [world] record in
        .optional(world.view(of: record)?.migrations ?? record.summary?.migrations) { .count($0) }
      }, Column(shown: "") { [world] in Commands.end($0, world) },
    ]
  }

  /// The members in data, in order.
  func data(coprocesses: @escaping @Sendable (ProcessID) -> [ProcessID]) -> [Column<Record>] {
    [
      name, identifier, node, Column(nil, "origin") { .node($0.id.origin) }, state, pages, cpu,
      Column(nil, "forwarding") { .word($0.id.forwarding.name) },
      Column(nil, "coprocesses") { .list(coprocesses($0.id).map { .process($0) }) },
      Column(data: "correspondents") { [world] in correspondents(of: $0, world) },
      Column(nil, "systemCalls") { .count($0.systemCalls.count) },
      Column(nil, "systemCallBytes") { .size($0.systemCalls.bytes) },
      Column(nil, "systemCallTime") { .time($0.systemCalls.delay) },
      Column(nil, "migrations") { .list($0.migrations.map { .count($0) }) },
      Column(nil, "fate") { [world] in .text(Commands.fate($0, world)) },
    ]
  }
}

/// The living coprocesses of each process, all found at once: to find them for each alone would take time for every pair.
private func coprocesses(in world: World) -> @Sendable (ProcessID) -> [ProcessID] {
  var members: [ProcessID: [ProcessID]] = [:]
  var families: [ProcessID: ProcessID] = [:]
  for record in world.processes.all where record.fate == .alive {
    guard let family = world.view(of: record)?.family else { continue }
    families[record.id] = family
    members[family, default: []].append(record.id)
  }
  return { [members, families] process in
    (families[process].flatMap { members[$0] } ?? []).filter { $0 != process }
  }
}

private func correspondents(of record: ProcessDirectory.Record, _ world: any Cluster) -> Report.Datum {
  .list(
    world.correspondents(of: record.id).map { correspondent in
      .object([
        .init("process", .process(correspondent.process)),
        .init("node", .optional(correspondent.location) { .node($0.node) }),
        .init("since", .optional(correspondent.location) { .time($0.learnedAt) }),
      ])
    })
}
