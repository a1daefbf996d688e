import Chronicle
import MigrationKernel

/// What processes did and where, and which nodes were down: put together from the log and the ledgers.
///
/// The log does not say when a process that may run waits for a message or for a core: both are `active`.
struct ClusterHistory: Sendable {
  /// From when on the log tells everything.
  let knownSince: Nanoseconds
  /// Until when this goes.
  let now: Nanoseconds
  private(set) var processes: [ProcessHistory] = []
  private(set) var outages: [Outage] = []

  /// A time in which a node was down.
  struct Outage: Sendable, Equatable {
    let node: NodeID
    let start: Nanoseconds
    /// The node came back then; nil when it has not.
    var end: Nanoseconds?
  }

  /// - Parameter chosen: the processes that matter.
  init(_ chosen: [ProcessDirectory.Record], in world: any Cluster) {
    now = world.now
    let isWhole = world.log.entries.first.map { $0.number == 1 } ?? (world.log.total == 0)
    knownSince = isWhole ? 0 : world.log.entries.first?.time ?? world.now
    var traces = Traces(knownSince: knownSince, processes: chosen.map(\.id))
    for entry in world.log.entries { traces.add(entry) }
    outages = traces.outages
    // A node may have fallen before what is known.
    for node in world.members where !world[node].isUp {
      guard !outages.contains(where: { $0.node == node && $0.end == nil }), let failedAt = world[node].failures.last
      else {
        continue
      }
      outages.append(Outage(node: node, start: failedAt))
    }
    processes = chosen.map { record in
      ProcessHistory(record, traces.byProcess[record.id] ?? ProcessTrace(), traces, now, in: world)
    }
  }
}

/// What the log says of one process that the ledgers do not.
struct ProcessTrace: Sendable {
  var startedAt: Nanoseconds?
  /// When the operator stopped it and let it go on; nil when that is before what is known.
  var stops: [(start: Nanoseconds?, end: Nanoseconds?)] = []
  var stalls: [(start: Nanoseconds, end: Nanoseconds)] = []
  /// When a page was asked for that has not come since.
  var askedAt: Nanoseconds?
  var deadlocks: [Nanoseconds] = []
  var commits: [MigrationAttempt: Nanoseconds] = [:]

  /// From when on it was in doubt in the middle of a migration; nil when it was not.
  func doubt(of record: MigrationRecord, _ traces: Traces) -> Nanoseconds? {
    commits[record.attempt].flatMap { traces.doubtBegins(for: record, committedAt: $0) }
  }
}

/// What the log says, sorted by whom it is about.
struct Traces: Sendable {
  let knownSince: Nanoseconds
  private(set) var byProcess: [ProcessID: ProcessTrace] = [:]
  private(set) var outages: [ClusterHistory.Outage] = []
  /// When a node was told that its connection to a peer broke, or fell.
  private(set) var breaks: [(time: Nanoseconds, node: NodeID, peer: NodeID?)] = []

  init(knownSince: Nanoseconds, processes: [ProcessID]) {
    self.knownSince = knownSince
    for process in processes { byProcess[process] = ProcessTrace() }
  }

  mutating func add(_ entry: Log.Entry) {
    switch entry.event {
    case .cluster(let event): add(event, of: entry.node, at: entry.time)
    case .fact(let fact): add(fact, at: entry.time)
    }
  }

  private mutating func add(_ event: ClusterEvent, of node: NodeID, at time: Nanoseconds) {
    switch event {
    case .nodeFailed:
      breaks.append((time, node, nil))
      outages.append(.init(node: node, start: time))
    case .nodeRecovered:
      if let place = outages.lastIndex(where: { $0.node == node }) {
        outages[place].end = time
      } else {
        outages.append(.init(node: node, start: knownSince, end: time))
      }
    case .nodeRemoved:
      if let place = outages.lastIndex(where: { $0.node == node && $0.end == nil }) { outages[place].end = time }
    case .connectionBroken(let peer): breaks.append((time, node, peer))
    case .nodeAdded, .nodeChanged, .lineFailed, .lineHealed, .lineChanged, .networkChanged, .driverReplaced,
      .packetUnreadable:
      break
    }
  }

  private mutating func add(_ fact: Fact, at time: Nanoseconds) {
    switch fact {
    case .started(let process): byProcess[process]?.startedAt = time
    case .frozen(let process): byProcess[process]?.stops.append((time, nil))
    case .resumed(let process):
      guard let count = byProcess[process]?.stops.count else { return }
      if count == 0 {
        byProcess[process]?.stops.append((nil, time))
      } else {
        byProcess[process]?.stops[count - 1].end = time
      }
    case .deadlocked(let process, _): byProcess[process]?.deadlocks.append(time)
    case .migration(let attempt, let step): add(step, of: attempt, at: time)
    case .created, .ended, .lost, .printed, .output, .outputLost, .message, .systemCall, .processChosen, .nodeChosen,
      .refused:
      break
    }
  }

  private mutating func add(_ step: MigrationFact, of attempt: MigrationAttempt, at time: Nanoseconds) {
    switch step {
    case .committed: byProcess[attempt.process]?.commits[attempt] = time
    case .remoteFault: byProcess[attempt.process]?.askedAt = time
    case .faultServed(let stall):
      byProcess[attempt.process]?.askedAt = nil
      byProcess[attempt.process]?.stalls.append((time - min(time, stall), time))
    case .offered, .accepted, .reserved, .refused, .freezing, .frozen, .sentPages, .roundEnded, .flushed, .throttled,
      .sentState, .handedOver, .fetched, .released, .installed, .updatingLinks, .linksUpdated, .linksUnanswered,
      .activated, .coreAwaited, .completed, .aborted, .discarded, .lost:
      break
    }
  }

  /// From when on a process that is committed to a node is in doubt: that node falls, or cannot reach its source.
  func doubtBegins(for record: MigrationRecord, committedAt: Nanoseconds) -> Nanoseconds? {
    let since = record.frozenAt ?? committedAt
    return breaks.first { fall in
      fall.time >= since && fall.node == record.destination && (fall.peer == nil || fall.peer == record.source)
    }
    .map { max($0.time, committedAt) }
  }
}
