import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// How commands let time pass: until what they wait for has come, a limit of the session is reached, or the user types
/// Ctrl-C.
extension Session {
  /// Lets `duration` pass.
  mutating func run(_ call: Invocation, for duration: Nanoseconds, at span: SourceSpan) throws(SessionError) {
    let (end, overflow) = state.world.now.addingReportingOverflow(duration)
    guard !overflow, end <= options.limits.time else {
      throw call.refuse(
        "that is beyond the end of the clock", at: span,
        expected: "at most \(formatTime(options.limits.time - min(options.limits.time, state.world.now)))")
    }
    meter?.beginStretch(of: state.world, to: end)
    if try pass(to: end, call) == .quiet {
      try stopWhereTimeAlone(bringsBreakpointsAbout: end, call)
      state.world.settleClock(at: end)
    }
  }

  /// Lets time pass until nothing more can happen, but no longer than the session's patience.
  mutating func run(_ call: Invocation, waitingFor what: String, to limit: Nanoseconds?) throws(SessionError) {
    switch try passToRest(limit ?? patience, call, until: { _ in false }) {
    case .quiet: state.world.settleClock(at: nil)
    default: throw limitReached(what, call)
    }
  }

  /// How much time `run` without a duration lets pass at a terminal.
  static let oneGo: Nanoseconds = 10_000_000_000

  /// Lets time pass until nothing more can happen, but only for as long as a person waits for at a terminal.
  ///
  /// - Returns: whether more can happen.
  mutating func runInPart(_ call: Invocation) throws(SessionError) -> Bool {
    let end = min(patience, state.world.now.addingReportingOverflow(Self.oneGo).partialValue)
    meter?.beginStretch(of: state.world, to: end)
    guard try passToRest(end, call, until: { _ in false }) == .quiet else { return true }
    state.world.settleClock(at: nil)
    return false
  }

  /// Lets time pass until a condition holds, or nothing more can happen but what comes again and again.
  private mutating func passToRest(
    _ end: Nanoseconds, _ call: Invocation, until isSatisfied: (borrowing World) -> Bool
  ) throws(SessionError) -> World.Stop {
    guard isKeptUp else { return try pass(to: end, call, until: isSatisfied) }
    if state.world.isAtRest { return .quiet }
    let stop = try pass(to: end, call) { $0.isAtRest || isSatisfied($0) }
    return stop == .satisfied && !isSatisfied(state.world) ? .quiet : stop
  }

  /// Lets time pass until a condition holds, but no longer than the session's patience.
  mutating func run(
    _ call: Invocation, waitingFor what: String, until isSatisfied: (borrowing World) -> Bool
  ) throws(SessionError) {
    switch try passToRest(patience, call, until: isSatisfied) {
    case .satisfied: break
    case .quiet:
      state.world.settleClock(at: nil)
      throw nothingMoreCanHappen(what, call)
    default: throw limitReached(what, call)
    }
  }

  private func nothingMoreCanHappen(_ what: String, _ call: Invocation) -> SessionError {
    .limit(
      call.source.diagnostic(
        at: call.call.span, "nothing more can happen, and it waited for \(what)",
        remedy: "`ps` and `log` show how things stand"))
  }

  /// Lets time pass to the first instant at which a condition holds, but no longer than the session's patience.
  mutating func run(_ call: Invocation, waitingFor what: String, until watch: inout Watch) throws(SessionError) {
    let limit = patience
    var rest = isKeptUp ? Rest(in: state.world, countsPackets: watch.countsPackets) : nil
    while try !watch.holds(in: state.world, call) {
      // Before this instant no comparison of times comes out differently, whatever happens.
      let next = try watch.nextInstant(in: state.world, before: limit, call)
      let end = min(limit, next ?? limit)
      let stop =
        watch.asksOnlyForTimes && rest == nil
        ? try pass(to: end, call)
        : try pass(to: end, call, steps: watch.steps) { watch.mayHold(in: $0) || rest?.endsIt(in: $0) == true }
      switch stop {
      case .quiet:
        if next != nil { try stopWhereTimeAlone(bringsBreakpointsAbout: end, call) }
        state.world.settleClock(at: next.map { min($0, limit) })
        guard next != nil else {
          if try watch.holds(in: state.world, call) { return }
          throw nothingMoreCanHappen(what, call)
        }
      case .limit:
        guard end < limit else {
          if try watch.holds(in: state.world, call) { return }
          throw limitReached(what, call)
        }
      case .satisfied, .interrupted, .violation:
        guard rest?.isOver == true, try !watch.holds(in: state.world, call) else { continue }
        guard try watch.changesByItself(in: state.world, before: limit) else {
          throw nothingMoreCanHappen(what, call)
        }
        rest = nil
      }
    }
  }

  /// Whether nodes tell each other their load, or balance it, again and again.
  private var isKeptUp: Bool { state.world.nodeDefaults.loadInterval > 0 || state.world.policies.isBalancing }

  /// For how long nothing has happened but what comes again and again, while a condition is waited for.
  private struct Rest {
    /// After so long nobody expects anything any more.
    private let reach: Nanoseconds
    /// Whether each packet may be what is waited for.
    private let countsPackets: Bool
    private var since: Nanoseconds
    private var seen: (facts: Int, packets: UInt64)
    private(set) var isOver = false

    init(in world: borrowing World, countsPackets: Bool) {
      let rounds = 3 * max(world.nodeDefaults.loadInterval, world.policies.initiation.interval)
      reach = max(Session.stepReach, rounds)
      self.countsPackets = countsPackets
      since = world.now
      seen = (world.log.total, world.packetsCarried)
    }

    /// Takes note of what an event has brought; true when there has been nothing for long enough.
    mutating func endsIt(in world: borrowing World) -> Bool {
      let facts = world.log.total
      let packets = countsPackets ? world.packetsCarried : seen.packets
      if facts != seen.facts || packets != seen.packets || world.isComputing {
        seen = (facts, packets)
        since = world.now
      }
      isOver = world.isAtRest && world.now - since >= reach
      return isOver
    }
  }

  /// How far ahead `step` looks for a fact.
  static let stepReach: Nanoseconds = 60_000_000_000

  /// Lets time pass to the next fact of the log. When none comes soon it returns false, and no time has passed.
  mutating func step(_ call: Invocation) throws(SessionError) -> Bool {
    let (before, copies) = (state.world, past.copies)
    let end = min(patience, before.now.addingReportingOverflow(Self.stepReach).partialValue)
    if try pass(to: end, call, until: { $0.log.total > before.log.total }) == .satisfied { return true }
    state.world = before
    past.copies = copies
    return false
  }

  private var patience: Nanoseconds {
    let (end, overflow) = state.world.now.addingReportingOverflow(options.limits.patience)
    return overflow ? options.limits.time : min(end, options.limits.time)
  }

  private func limitReached(_ what: String, _ call: Invocation) -> SessionError {
    let endless = state.world.jobs.workloads.first { $0.stoppedAt == nil && $0.workload.total == nil }
    let stop = endless.map { "; `workload stop \($0.workload.name)` lets no more of its jobs come" } ?? ""
    return .limit(
      call.source.diagnostic(
        at: call.call.span, "gave up waiting for \(what) at \(formatTime(state.world.now))",
        remedy: "`run DURATION` lets a given time pass\(stop)"))
  }

  /// Lets time pass, and stops at breakpoints.
  private mutating func pass(
    to end: Nanoseconds, _ call: Invocation, steps: Watch.Steps = .none,
    until isSatisfied: (borrowing World) -> Bool
  ) throws(SessionError) -> World.Stop {
    guard !state.lookouts.breaks.isEmpty else {
      return try passBreakpoints(to: end, call, steps: steps, until: isSatisfied)
    }
    var watcher = BreakWatcher(state.lookouts, state.world, effort)
    while true {
      let stopAt = min(end, watcher.nextInstant(in: state.world, before: end) ?? end)
      var isDone = false
      let stop = try passBreakpoints(to: stopAt, call, steps: steps.joined(with: watcher.steps)) { world in
        isDone = isSatisfied(world)
        return isDone || watcher.mayStop(in: world)
      }
      try stopIfAny(watcher.reached(in: state.world, call))
      switch stop {
      case .satisfied where !isDone: continue
      case .limit where stopAt < end: continue
      case .satisfied, .limit, .quiet, .interrupted, .violation: return stop
      }
    }
  }

  private func stopIfAny(_ hits: [BreakHit]) throws(SessionError) {
    guard hits.isEmpty else { throw .stopped(hits) }
  }

  /// Stops at the first instant up to `end` at which a breakpoint is reached, though nothing happens any more.
  private mutating func stopWhereTimeAlone(
    bringsBreakpointsAbout end: Nanoseconds, _ call: Invocation
  ) throws(SessionError) {
    guard !state.lookouts.breaks.isEmpty else { return }
    var watcher = BreakWatcher(state.lookouts, state.world, effort)
    while let next = watcher.nextInstant(in: state.world, before: end), next <= end, next > state.world.now {
      state.world.settleClock(at: next)
      try stopIfAny(watcher.reached(in: state.world, call))
    }
  }

  private mutating func pass(to end: Nanoseconds, _ call: Invocation) throws(SessionError) -> World.Stop {
    guard state.lookouts.breaks.isEmpty else { return try pass(to: end, call) { _ in false } }
    let keeper = copyKeeper(to: end)
    let (before, spent, limits) = (Work(of: state.world), work, options.limits)
    // Nobody bounds how many processes there are but who creates them, unless jobs come by themselves.
    let isBound = !limits.boundNoWork || state.world.awaitsJobs
    // To settle may take much more work. Where that is limited, nothing more happens to a world that has reached its limit.
    let stop =
      isBound
      ? state.world.run(
        to: end, waypoints: keeper?.waypoints, isInterrupted: whileRunning, settles: limits.boundNoWork
      ) { limits.areReached(by: $0, since: before, after: spent) }
      : state.world.run(to: end, waypoints: keeper?.waypoints, isInterrupted: whileRunning)
    return try endRun(stop, since: before, keeper, call)
  }

  private mutating func passBreakpoints(
    to end: Nanoseconds, _ call: Invocation, steps: Watch.Steps, until isSatisfied: (borrowing World) -> Bool
  ) throws(SessionError) -> World.Stop {
    let (before, spent, limits, effort) = (Work(of: state.world), work, options.limits, effort)
    func isEnough(_ world: borrowing World) -> Bool {
      limits.areReached(by: world, since: before, after: spent) || isSatisfied(world) || effort?.isUsedUp == true
    }
    let keeper = copyKeeper(to: end)
    let waypoints = keeper?.waypoints
    let stop =
      switch steps {
      case .none: state.world.run(to: end, waypoints: waypoints, isInterrupted: whileRunning, until: isEnough)
      case .all:
        state.world.run(
          to: end, stepByStep: true, waypoints: waypoints, isInterrupted: whileRunning, until: isEnough)
      case .writes(let writers):
        state.world.run(
          to: end, watchingWritesOf: writers, waypoints: waypoints, isInterrupted: whileRunning, until: isEnough)
      }
    return try endRun(stop, since: before, keeper, call)
  }

  private mutating func endRun(
    _ stop: World.Stop, since before: Work, _ keeper: CopyKeeper?, _ call: Invocation
  ) throws(SessionError) -> World.Stop {
    work.add(state.world, since: before)
    keepCopies(of: keeper)
    guard stop == .satisfied else { return try judge(stop, call) }
    try requireWorkLeft(call)
    let most = options.limits.processes
    guard max(state.world.processes.all.count, state.world.jobs.count) <= most else {
      throw .limit(call.source.diagnostic(at: call.call.span, "more than \(most) processes"))
    }
    return stop
  }

  /// Keeps copies of the world for `step back`, where a person is who may want to go back, and can.
  private func copyKeeper(to end: Nanoseconds) -> CopyKeeper? {
    guard options.isInteractive, options.undoDepth > 0 else { return nil }
    return CopyKeeper(distance: copyDistance, after: past.keeper, from: state.world.now, to: end)
  }

  private mutating func keepCopies(of keeper: CopyKeeper?) {
    guard let keeper else { return }
    past.keeper = keeper
    past.keep(keeper.endRun(of: state.world), upTo: state.world)
  }

  func interruption(at span: SourceSpan, in source: SourceText) -> SessionError {
    .interrupted(source.diagnostic(at: span, "stopped at \(formatTime(state.world.now))"))
  }

  private func judge(_ stop: World.Stop, _ call: Invocation) throws(SessionError) -> World.Stop {
    switch stop {
    case .interrupted:
      throw interruption(at: call.call.span, in: call.source)
    case .violation:
      let found = state.world.invariants?.violation
      let (what, checker) = (found?.what ?? "unknown", found?.checker.rawValue ?? "unknown")
      throw .fault(
        call.source.diagnostic(
          at: call.call.span, "an invariant does not hold (\(checker)): \(what)",
          remedy: "this is a fault of migsh, not of the script; please report it with the script"))
    case .limit, .quiet, .satisfied: return stop
    }
  }
}
