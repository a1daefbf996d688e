import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// All fields, in one table that expressions, help and completion read.
public enum Fields {
  /// The fields of each kind of thing, in the order in which help shows them.
  public static let all = [
    FieldGroup(title: "a process", prefix: "p1.", fields: ofProcess, kind: .process),
    FieldGroup(
      title: "the latest migration of a process; `$m for m in cluster.migrations` has the same of each",
      prefix: "p1.migration.", fields: MigrationNumber.fields.map(\.field) + ofMigrations,
      kind: .migration),
    FieldGroup(title: "a node", prefix: "a.", fields: ofNode, kind: .node),
    FieldGroup(title: "the messages of processes", prefix: "message.", fields: ofMessages, kind: .message),
    FieldGroup(
      title: "a message, as in `count($m for m in cluster.messages where $m.from == p1)`", prefix: "$m.",
      fields: ofOneMessage, kind: .oneMessage),
    FieldGroup(
      title: "the events of a kind, such as `event.node-failed.last`; the kinds are those of `@forbid`",
      prefix: "event.KIND.", fields: ofEvents, kind: .events),
    FieldGroup(
      title: "the jobs of all workloads; `jobs.of.NAME.` has the same of one", prefix: "jobs.", fields: ofJobs,
      kind: .jobs),
    FieldGroup(title: "the cluster", prefix: "cluster.", fields: ofCluster, kind: .cluster),
    FieldGroup(title: "the world", prefix: "", fields: ofWorld, kind: .world),
  ]

  /// The words that fields can have as values. In expressions they stand for themselves.
  public static let words = states + statuses + mechanisms + ForwardingMechanism.allCases.map(\.name)

  static let states =
    [Process.State.new, .ready, .running, .waiting, .frozen, .inDoubt, .ended, .lost].map(\.rawValue)
  static let statuses =
    [
      MigrationRecord.Status.negotiating, .transferring, .freezing, .handover, .completed, .refused, .aborted,
      .cancelled,
    ].map(\.rawValue)
  static let messageStatuses = MessageRecord.Status.allCases.map(\.rawValue)
  static let mechanisms = TransferMechanism.allCases.map(\.rawValue)

  static func of(_ kind: Thing.Kind) -> [Field] { all.first { $0.kind == kind }?.fields ?? [] }

  // MARK: - Processes

  private static let ofProcess: [Field] = [
    process("node", .node, "where it is; none once it has ended or was lost") { record, world in
      world.location(of: record.id).map(Value.node) ?? .none
    },
    process("origin", .node, "where it was created") { record, _ in .node(record.id.origin) },
    process("state", .word, states.joined(separator: ", ")) { record, world in
      .word(world.state(of: record).rawValue)
    },
    process("pages", .count, "the size of its address space in pages") { record, world in
      (world.view(of: record.id)?.pageCount ?? record.summary?.pages).map { .count($0) } ?? .none
    },
    live("resident", .count, "its pages in the memory of its node") { process in
      .count(process.pageCount - process.remoteCount)
    },
    live("remote", .count, "its pages that are still on nodes that it left") { .count($0.remoteCount) },
    process("dependsOn", .nodes, "nodes, other than its own, that it needs to go on, to be reached or to print") {
      record, world in
      .list(world.residualDependencies(of: record.id).map { .node($0) })
    },
    live("dirty", .count, "pages written since it came to its node, or since the last round took them") { process in
      .count(process.dirtyCount)
    },
    live("threads", .count, "its threads that have not ended") { process in
      .count(process.threads.count { $0 != .ended })
    },
    process("age", .time, "how long ago it was created, or how long it lived") { .time($0.age(at: $1.now)) },
    process("cpu", .time, "core time used by all its threads") { record, world in
      world.cpuTime(of: record.id).map { .time($0) } ?? .none
    },
    process("received", .count, "how many messages its program has received") { record, world in
      (world.view(of: record.id)?.receivedCount ?? record.summary?.receivedCount).map { .count($0) } ?? .none
    },
    live("inbox", .texts, "messages delivered and not yet received by its program") { process in
      .list(process.inbox.map { .text($0.text) })
    },
    process("output", .texts, "the lines that it printed") { record, _ in
      .list(record.output.map { .text($0.text) })
    },
    process("correspondents", .processes, "the processes that it talks to") { record, world in
      .list(world.correspondents(of: record.id).map { .process($0.process) })
    },
    process("coprocesses", .processes, "the other processes of its family") { record, world in
      .list(world.coprocesses(of: record.id).map { .process($0) })
    },
    process(
      "forwarding", .word, "how messages find it: " + ForwardingMechanism.allCases.map(\.name).joined(separator: ", ")
    ) { record, _ in .word(record.id.forwarding.name) },
    process("systemCalls", .count, "system calls that it made at its origin from elsewhere") { record, _ in
      .count(record.systemCalls.count)
    },
    process("systemCallTime", .time, "how long they took, all together") { record, _ in
      .time(record.systemCalls.delay)
    },
    process("hops", .count, "steps between kernels of the message last delivered to it") { record, world in
      world.messages.lastDelivered(to: record.id).map { .count($0.hops) } ?? .none
    },
    process("delay", .time, "how long that message was on its way") { record, world in
      world.messages.lastDelivered(to: record.id)?.delay.map { .time($0) } ?? .none
    },
    process(
      "kinds", .counts, "of messages to it that missed it at first, every one of the three kinds that each was"
    ) { record, world in .list(world.messages.kinds(of: record.id).map { .count($0.rawValue) }) },
    process("digest", .text, "a fingerprint of its memory: equal for equal contents") { record, world in
      (world.view(of: record.id)?.memoryDigest ?? record.summary?.memoryDigest).map { .text(hexadecimal($0)) } ?? .none
    },
    process("migrations", .count, "how often it has moved") { record, world in
      .count(record.migrations.count { world.migrations[$0]?.status == .completed })
    },
    process("migration", .migration, "its latest migration, by number; it has fields of its own") { record, _ in
      record.migrations.last.map { .count($0) } ?? .none
    },
  ]

  private static func process(
    _ name: String, _ kind: Field.Kind, _ summary: String,
    _ read: @escaping @Sendable (ProcessDirectory.Record, any Cluster) -> Value
  ) -> Field {
    Field(name: name, kind: kind, summary: summary) { thing, world in
      if case .process(let record) = thing { read(record, world) } else { .none }
    }
  }

  /// A field of processes that still exist; none for others.
  private static func live(
    _ name: String, _ kind: Field.Kind, _ summary: String, _ read: @escaping @Sendable (ProcessView) -> Value
  ) -> Field {
    process(name, kind, summary) { record, world in world.view(of: record.id).map(read) ?? .none }
  }

  // MARK: - Nodes

  private static let ofNode: [Field] = [
    node("up", .boolean, "whether it is running") { node, _ in .boolean(node.isUp) },
    node("cores", .count, "its processors") { node, _ in .count(node.settings.cores) },
    node("speed", .number, "how fast they are: at 2 a step takes half its time") { node, _ in
      .decimal(Double(node.settings.speed) / 1000)
    },
    node("memory", .size, "its memory, in use or not") { node, _ in
      .quantity(Int64(clamping: node.settings.memory), .size)
    },
    node("load", .number, "runnable threads for each core") { node, _ in load(of: node) },
    node("processes", .processes, "the processes on it") { node, world in
      .list(world.processes.all.filter { world.location(of: $0.id) == node.id }.map { .process($0.id) })
    },
    node("freeMemory", .size, "memory, in whole pages, that no process has and no migration has reserved") { node, _ in
      guard let frames = node.freeFrames else { return .none }
      let (bytes, overflow) = frames.multipliedReportingOverflow(by: node.settings.pageSize)
      return .quantity(overflow ? .max : Int64(clamping: bytes), .size)
    },
    node("utilisation", .share, "the part of its core time that threads have had, while it was up") { node, world in
      .optional(node.coreUse(now: world.now).utilisation, Value.share)
    },
    node("forwards", .processes, "the processes that left a forwarding address on it") { node, _ in
      .list(node.forwardedProcesses.map { .process($0) })
    },
    node("newDrivers", .count, "how many new drivers it has been given") { node, _ in .count(node.newDrivers) },
  ]

  private static func node(
    _ name: String, _ kind: Field.Kind, _ summary: String,
    _ read: @escaping @Sendable (any ClusterNode, any Cluster) -> Value
  ) -> Field {
    Field(name: name, kind: kind, summary: summary) { thing, world in
      if case .node(let node) = thing { read(node, world) } else { .none }
    }
  }

  /// The number of threads that run or could run, divided by the number of cores; none for a node that is down.
  private static func load(of node: any ClusterNode) -> Value {
    guard let runnable = node.runnableThreads else { return .none }
    let cores = max(1, node.settings.cores)
    return runnable % cores == 0 ? .count(runnable / cores) : .decimal(Double(runnable) / Double(cores))
  }

  // MARK: - Messages, cluster, world

  private static let ofMessages: [Field] = [
    messages("sent", "messages that kernels accepted from processes") { $0.accepted },
    messages("delivered", "messages that reached their receivers") { $0.delivered },
    messages("waiting", "messages that are on their way") { UInt64($0.waiting) },
    messages("lost", "messages lost with their sender, before they were delivered") { $0.lost },
    messages("returned", "messages whose senders were told that they may not have arrived") { $0.returned },
    messages("cameBack", "times that a message came back to its sender's kernel, to be sent again") { $0.cameBack },
    messages("resent", "messages sent again for want of an answer") { $0.resent },
    messages("forwarded", "times that a node sent a message on to where a process had gone") { $0.forwarded },
    messages("dropped", "times that a node dropped a message for a process that had left") { $0.dropped },
    messages("hops", "steps between kernels of all messages delivered") { $0.hops },
  ]

  private static func messages(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (MessageLedger) -> UInt64
  ) -> Field {
    Field(name: name, kind: .count, summary: summary) { thing, world in
      if case .message = thing { .count(read(world.messages)) } else { .none }
    }
  }

  private static let ofOneMessage: [Field] = [
    message("number", .count, "from 1, in the order in which kernels accepted them") { .count($0.number) },
    message("from", .process, "who sent it") { .process($0.id.from) },
    message("to", .process, "to whom") { .process($0.id.to) },
    message("text", .text, "what it says") { .text($0.text) },
    message("size", .size, "how long it is") { .size($0.size) },
    message("sentAt", .time, "when the kernel of its sender took it") { .time($0.acceptedAt) },
    message("deliveredAt", .time, "when it reached its receiver; none before") {
      .optional($0.deliveredAt, Value.time)
    },
    message("delay", .time, "how long it was on its way; none before it was delivered") {
      .optional($0.delay, Value.time)
    },
    message("hops", .count, "steps between kernels until it was delivered") { .count($0.hops) },
    message("status", .text, messageStatuses.map { "\"\($0)\"" }.joined(separator: ", ")) {
      .text($0.status.rawValue)
    },
    message("kinds", .counts, "which of the three kinds it was, of those that missed their receiver at first") {
      .list($0.kinds.map { .count($0.rawValue) })
    },
  ]

  private static func message(
    _ name: String, _ kind: Field.Kind, _ summary: String, _ read: @escaping @Sendable (MessageRecord) -> Value
  ) -> Field {
    Field(name: name, kind: kind, summary: summary) { thing, _ in
      if case .oneMessage(let record) = thing { read(record) } else { .none }
    }
  }

  private static let ofEvents: [Field] = [
    events("count", .count, "how many there have been") { log, kind in .count(log.count(of: kind)) },
    events("first", .time, "when the first happened") { log, kind in .optional(log.firstTime(of: kind), Value.time) },
    events("last", .time, "when the last happened") { log, kind in .optional(log.lastTime(of: kind), Value.time) },
  ]

  private static func events(
    _ name: String, _ kind: Field.Kind, _ summary: String, _ read: @escaping @Sendable (Log, EventKind) -> Value
  ) -> Field {
    Field(name: name, kind: kind, summary: summary) { thing, world in
      if case .events(let kind?) = thing { read(world.log, kind) } else { .none }
    }
  }

  /// Beside what `MigrationNumber` declares.
  private static let ofMigrations: [Field] = [
    migration("number", .count, "its number, from 1") { .count($0.number) },
    migration("process", .process, "who moved") { .process($0.attempt.process) },
    migration("offeredAt", .time, "when it began") { .time($0.offeredAt) },
    migration("activatedAt", .time, "when its destination could run the process") {
      .optional($0.activatedAt, Value.time)
    },
  ]

  private static func migration(
    _ name: String, _ kind: Field.Kind, _ summary: String, _ read: @escaping @Sendable (MigrationRecord) -> Value
  ) -> Field {
    Field(name: name, kind: kind, summary: summary) { thing, _ in
      if case .migration(let record?, _) = thing { read(record) } else { .none }
    }
  }

  private static let ofCluster: [Field] = [
    Field(name: "migrations", kind: .migrations, summary: "all migrations, in the order in which they began") {
      _, world in .list(world.migrations.all.map { .record(.migration($0.number)) })
    },
    Field(
      name: "messages", kind: .messages,
      summary: "all messages, in the order in which they were sent; none once there are too many to keep"
    ) { _, world in
      let kept = world.messages.all
      guard UInt64(kept.count) == world.messages.accepted else { return .none }
      return .list(kept.map { .record(.message($0.number)) })
    },
    Field(name: "nodes", kind: .nodes, summary: "the nodes, up or failed") { _, world in
      .list(world.members.map { .node($0) })
    },
    Field(name: "processes", kind: .processes, summary: "the processes that have neither ended nor been lost") {
      _, world in .list(world.processes.all.filter { $0.fate == .alive }.map { .process($0.id) })
    },
    Field(
      name: "utilisation", kind: .share,
      summary: "the part of the core time of all nodes, while they were up, that threads have had"
    ) { _, world in .optional(world.coreUse.utilisation, Value.share) },
    Field(name: "packets", kind: .count, summary: "the packets that the network has carried so far") { _, world in
      .count(world.packetsCarried)
    },
  ]

  private static let ofWorld: [Field] = [
    Field(name: "now", kind: .time, summary: "virtual time since the beginning") { _, world in .time(world.now) }
  ]
}

/// Sixteen hexadecimal digits.
func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

extension MessageLedger {
  /// The last message delivered to a process, among those that the ledger keeps.
  func lastDelivered(to process: ProcessID) -> MessageRecord? {
    var last: MessageRecord?
    for record in all where record.id.to == process {
      guard let time = record.deliveredAt, time >= last?.deliveredAt ?? 0 else { continue }
      last = record
    }
    return last
  }
}

extension MessageLedger {
  /// The kinds of the messages to a process that missed it at first, as senders sent them; a message that was of several
  /// kinds gives each once. Knows only messages that the ledger keeps.
  func kinds(of process: ProcessID) -> [MessageKind] {
    all.lazy.filter { $0.id.to == process }.flatMap(\.kinds)
  }
}

extension MessageRecord {
  /// Which of the three kinds it was, each once.
  fileprivate var kinds: [MessageKind] {
    steps.compactMap(\.fact.kind).reduce(into: []) { kinds, kind in
      if !kinds.contains(kind) { kinds.append(kind) }
    }
  }
}

extension MigrationRecord.Reason {
  /// A clause that says why a migration did not complete.
  func text(in world: any Cluster) -> String {
    switch self {
    case .refused(let refusal): refusal.text
    case .aborted(let why): why.text(in: world)
    case .nodeFailed(let node): "\(world.name(of: node)) failed"
    }
  }
}

extension MigrationRefusal {
  /// A clause that says what the node lacks.
  var text: String {
    switch self {
    case .noRoom: "the destination has no room for its pages"
    case .otherPageSize: "the destination has pages of another size"
    case .backingHasNoRoom: "the backing node has no room for its pages"
    case .backingHasOtherPageSize: "the backing node has pages of another size"
    }
  }
}

extension AbortReason {
  /// A clause that says why the process stays.
  func text(in world: any Cluster) -> String {
    switch self {
    case .connectionBroken(let node): "the connection to \(world.name(of: node)) broke"
    case .processEnded: "the process ended"
    case .cancelled: "it was cancelled"
    case .forked: "it forked a process that was not to go with it"
    case .refused(let refusal): refusal.text
    case .coprocessStays(let process, let why):
      "its coprocess \(world.name(of: process)) stays, since \(why.text(in: world))"
    }
  }
}

extension ProcessDirectory.Record {
  /// How long ago it was created, or how long it lived.
  func age(at now: Nanoseconds) -> Nanoseconds {
    let end =
      switch fate {
      case .alive: now
      case .ended(_, let time, _), .lost(_, let time): time
      }
    return end - min(end, createdAt)
  }
}
