import Chronicle
import MigrationKernel
import Simulator

/// What happened, in the Chrome Trace Event Format, which Perfetto opens: nodes are its processes, and their processes its
/// threads. Each migration has a thread of its own on its source, and the messages of a node share one.
///
/// Times are in microseconds with three decimals. Slices are complete events (`X`) that nest within each thread. The steps of
/// one message are joined by a flow (`s`, `t`, `f`) with the message's number.
struct ChromeTrace {
  private let world: any Cluster
  private let history: ClusterHistory
  private var events: [JSON] = []
  /// Threads that have been named.
  private var named: Set<Track> = []
  private var namedNodes: Set<NodeID> = []

  private struct Track: Hashable {
    let node: NodeID
    let thread: Int64
  }

  private static let messageThread: Int64 = 0
  private static let outageThread: Int64 = 1
  private static let firstProcessThread: Int64 = 2
  private static let firstMigrationThread: Int64 = 1_000_000_000

  init(_ world: any Cluster) {
    self.world = world
    history = ClusterHistory(Array(world.processes.all), in: world)
    for node in world.members { name(node) }
    for outage in history.outages {
      addSlice(
        "down", "node", Track(node: outage.node, thread: Self.outageThread), "node", outage.start,
        outage.end ?? world.now)
    }
    for (number, process) in history.processes.enumerated() {
      for span in process.spans where span.end > span.start {
        let track = Track(node: span.node, thread: Self.firstProcessThread + Int64(number))
        addSlice(
          span.state.look.meaning, "process", track, process.record.name, span.start, span.end,
          [("state", .string(Timeline.word(span.state)))])
      }
    }
    for record in world.migrations.all { add(record) }
    for record in world.messages.all { add(record) }
  }

  var text: String {
    let members: [(String, JSON)] = [
      ("displayTimeUnit", .string("ns")), ("otherData", .object([("program", .string("migsh"))])),
    ]
    let head = JSON.object(members).encoded.dropLast()
    return head + ",\"traceEvents\":[\n" + events.map(\.encoded).joined(separator: ",\n") + "\n]}\n"
  }

  // MARK: - Events

  private mutating func add(_ members: [(String, JSON)]) { events.append(.object(members)) }

  private func pid(_ node: NodeID) -> JSON { .integer(Int64(node.number) + 1) }

  private func microseconds(_ time: Nanoseconds) -> JSON { .number(Double(time) / 1000) }

  private mutating func name(_ node: NodeID) {
    guard namedNodes.insert(node).inserted else { return }
    add([
      ("name", .string("process_name")), ("ph", .string("M")), ("pid", pid(node)), ("tid", .integer(0)),
      ("args", .object([("name", .string("node \(world.name(of: node))"))])),
    ])
  }

  private mutating func name(_ track: Track, _ name: String) {
    self.name(track.node)
    guard named.insert(track).inserted else { return }
    add([
      ("name", .string("thread_name")), ("ph", .string("M")), ("pid", pid(track.node)), ("tid", .integer(track.thread)),
      ("args", .object([("name", .string(name))])),
    ])
  }

  /// - Parameter title: of the track.
  private mutating func addSlice(
    _ name: String, _ category: String, _ track: Track, _ title: String, _ start: Nanoseconds, _ end: Nanoseconds,
    _ arguments: [(String, JSON)] = []
  ) {
    self.name(track, title)
    var members: [(String, JSON)] = [
      ("name", .string(name)), ("cat", .string(category)), ("ph", .string("X")), ("ts", microseconds(start)),
      ("dur", microseconds(end - min(start, end))), ("pid", pid(track.node)), ("tid", .integer(track.thread)),
    ]
    if !arguments.isEmpty { members.append(("args", .object(arguments))) }
    add(members)
  }

  // MARK: - Migrations

  /// A part of a migration.
  private typealias Phase = (name: String, start: Nanoseconds, end: Nanoseconds, arguments: [(String, JSON)])

  private mutating func add(_ record: MigrationRecord) {
    let phases = phases(of: record)
    let end = max(phases.map(\.end).max() ?? record.offeredAt, record.endedAt ?? world.now)
    let name = world.name(of: record.attempt.process)
    let track = Track(node: record.source, thread: Self.firstMigrationThread + Int64(record.number))
    let title = "migration \(record.number) of \(name)"
    addSlice(
      "\(name) to \(world.name(of: record.destination))", "migration", track, title, record.offeredAt, end,
      [
        ("mechanism", .string(record.mechanism.rawValue)), ("status", .string(record.status.rawValue)),
        ("pagesSent", .integer(Int64(record.pagesSent))),
      ])
    for phase in phases { addSlice(phase.name, "migration", track, title, phase.start, phase.end, phase.arguments) }
  }

  /// The parts of a migration, one after the other.
  private func phases(of record: MigrationRecord) -> [Phase] {
    var phases: [Phase] = []
    func add(_ name: String, _ start: Nanoseconds?, _ end: Nanoseconds?, _ arguments: [(String, JSON)] = []) {
      guard let start else { return }
      let from = max(start, phases.last?.end ?? record.offeredAt)
      let to = end ?? record.endedAt ?? world.now
      if to > from { phases.append((name, from, to, arguments)) }
    }
    add("negotiating", record.offeredAt, record.acceptedAt)
    for (number, round) in record.rounds.enumerated() {
      add(
        "round \(number + 1)", round.startedAt, min(round.startedAt + round.duration, record.freezingAt ?? .max),
        [("pages", .integer(Int64(round.pages))), ("written", .integer(Int64(round.dirtied)))])
    }
    add("to the safe point", record.freezingAt, record.frozenAt)
    if let frozenAt = record.frozenAt, let pages = record.pagesTime, let state = record.stateTime {
      add("frozen: pages", frozenAt, frozenAt + pages)
      add("frozen: state", frozenAt + pages, frozenAt + pages + state)
      add("frozen: trips", frozenAt + pages + state, record.activatedAt)
    } else {
      add("frozen", record.frozenAt, record.activatedAt)
    }
    if let activatedAt = record.activatedAt {
      if record.coreWaitTime != 0 { add("waiting for a core", activatedAt, record.executedAt) }
      if record.pagesLeft > 0 { add("pages left behind", record.executedAt, record.releasedAt ?? world.now) }
    }
    return phases
  }

  // MARK: - Messages

  private mutating func add(_ record: MessageRecord) {
    let steps = record.steps
    for (place, step) in steps.enumerated() {
      let track = Track(node: step.node, thread: Self.messageThread)
      // One nanosecond: flows need slices that they begin and end in.
      addSlice(
        "message \(record.number)", "message", track, "messages", step.time, step.time + 1,
        [("what", .string(messageText(step.fact, record, world)))])
      guard steps.count > 1 else { continue }
      let kind = place == 0 ? "s" : place == steps.count - 1 ? "f" : "t"
      var members: [(String, JSON)] = [
        ("name", .string("message")), ("cat", .string("message")), ("ph", .string(kind)),
        ("id", .integer(Int64(record.number))), ("ts", microseconds(step.time)), ("pid", pid(step.node)),
        ("tid", .integer(Self.messageThread)),
      ]
      if kind == "f" { members.append(("bp", .string("e"))) }
      add(members)
    }
  }
}
