import Chronicle
import MigrationKernel

/// One process over time: where it was, and in which state.
struct ProcessHistory: Sendable {
  let record: ProcessDirectory.Record
  /// In order, one after the other without a gap, from its creation to its end or until now.
  private(set) var spans: [Span] = []
  let deadlocks: [Nanoseconds]
  /// When it ended or was lost; nil while it lives.
  let end: Nanoseconds?

  struct Span: Sendable, Equatable {
    let start: Nanoseconds
    var end: Nanoseconds
    let node: NodeID
    let state: Ink
  }

  /// Whether it was lost, and did not end.
  var isLost: Bool { if case .lost = record.fate { true } else { false } }

  init(
    _ record: ProcessDirectory.Record, _ trace: ProcessTrace, _ traces: Traces, _ now: Nanoseconds,
    in world: any Cluster
  ) {
    self.record = record
    deadlocks = trace.deadlocks
    switch record.fate {
    case .alive: end = nil
    case .ended(_, let time, _), .lost(_, let time): end = time
    }
    let until = end ?? now
    let migrations = record.migrations.compactMap { world.migrations[$0] }
    var states = States(from: record.createdAt, to: until)
    states.add(.active, record.createdAt, until)
    let view = world.view(of: record)
    states.isHeld = view?.hasStarted == false
    if let startedAt = trace.startedAt {
      states.add(.held, record.createdAt, startedAt)
    } else if view?.hasStarted == false {
      states.add(.held, record.createdAt, until)
    }
    for stop in trace.stops { states.add(.stopped, stop.start ?? record.createdAt, stop.end ?? until) }
    if trace.stops.isEmpty, view?.state == .frozen, world.standing(of: record.id)?.isFrozenForMigration == false {
      // The operator stopped it before what is known.
      states.add(.stopped, record.createdAt, until)
    }
    for stall in trace.stalls { states.add(.stalled, stall.start, stall.end) }
    for case .faulting(_, let startedAt) in view?.threads ?? [] { states.add(.stalled, startedAt, until) }
    if let askedAt = trace.askedAt, end != nil { states.add(.stalled, askedAt, until) }
    for migration in migrations { states.add(migration, trace, traces) }
    let moves = migrations.compactMap { migration -> (time: Nanoseconds, node: NodeID)? in
      // In doubt is the copy at the destination.
      let times = [migration.activatedAt, trace.doubt(of: migration, traces)]
      return times.compactMap(\.self).min().map { ($0, migration.destination) }
    }
    spans = Self.merge(states.spans, moves, origin: record.id.origin)
    // A process that came this very instant has been there for no time, and is there all the same.
    if end == nil, let latest = migrations.last, latest.activatedAt == now, let last = spans.last,
      last.end == now, last.start < now, last.node != latest.destination
    {
      let state: Ink = latest.pagesLeft > 0 && latest.releasedAt == nil ? .pagesElsewhere : .active
      spans.append(Span(start: now, end: now, node: latest.destination, state: state))
    }
  }

  /// Adds where the process was to the states that it was in.
  private static func merge(
    _ states: [(start: Nanoseconds, end: Nanoseconds, state: Ink)], _ moves: [(time: Nanoseconds, node: NodeID)],
    origin: NodeID
  ) -> [Span] {
    var moves = moves[...]
    var node = origin
    var spans: [Span] = []
    for state in states {
      var start = state.start
      while let move = moves.first, move.time < state.end || (state.start == state.end && move.time <= state.end) {
        if move.time > start { spans.append(Span(start: start, end: move.time, node: node, state: state.state)) }
        start = max(start, move.time)
        node = move.node
        moves.removeFirst()
      }
      spans.append(Span(start: start, end: state.end, node: node, state: state.state))
    }
    return spans
  }
}

/// States that overlap, each for a time. At every instant the one counts that comes last in `Ink`.
private struct States {
  let start: Nanoseconds
  let end: Nanoseconds
  /// Whether it has not been started: that is its state, too, when no time has passed.
  var isHeld = false
  private var changes: [(time: Nanoseconds, state: Ink, step: Int)] = []

  init(from start: Nanoseconds, to end: Nanoseconds) { (self.start, self.end) = (start, end) }

  mutating func add(_ state: Ink, _ from: Nanoseconds, _ to: Nanoseconds) {
    let (from, to) = (max(start, from), min(end, to))
    guard from < to else { return }
    changes.append((from, state, 1))
    changes.append((to, state, -1))
  }

  /// Adds what one of its migrations did to the process.
  mutating func add(_ record: MigrationRecord, _ trace: ProcessTrace, _ traces: Traces) {
    if record.mechanism != .nonPreemptive {
      add(.moving, record.offeredAt, record.frozenAt ?? record.endedAt ?? end)
      let thawedAt = record.activatedAt ?? (record.status == .lost ? nil : record.endedAt) ?? end
      if let frozenAt = record.frozenAt { add(.frozen, frozenAt, thawedAt) }
    }
    if let activatedAt = record.activatedAt {
      if record.pagesLeft > 0 { add(.pagesElsewhere, activatedAt, record.releasedAt ?? end) }
      if let wait = record.coreWaitTime {
        add(.awaitsCore, activatedAt, activatedAt + wait)
      } else if record.awaitsCore {
        add(.awaitsCore, activatedAt, end)
      }
    }
    if let doubtedAt = trace.doubt(of: record, traces) { add(.inDoubt, doubtedAt, record.activatedAt ?? end) }
  }

  /// One after the other, without a gap.
  var spans: [(start: Nanoseconds, end: Nanoseconds, state: Ink)] {
    guard start < end else { return [(start, end, isHeld ? .held : .active)] }
    var counts = [Int](repeating: 0, count: Ink.allCases.count)
    var spans: [(start: Nanoseconds, end: Nanoseconds, state: Ink)] = []
    let ordered = changes.sorted { $0.time < $1.time }
    for place in ordered.indices {
      counts[ordered[place].state.rawValue] += ordered[place].step
      let next = place + 1 < ordered.count ? ordered[place + 1].time : end
      guard next > ordered[place].time, let top = counts.lastIndex(where: { $0 > 0 }),
        let state = Ink(rawValue: top)
      else { continue }
      if let last = spans.last, last.state == state {
        spans[spans.count - 1].end = next
      } else {
        spans.append((ordered[place].time, next, state))
      }
    }
    return spans
  }
}
