import Chronicle
import MigrationKernel

/// Asked now and then while a world runs: whether the user has typed Ctrl-C.
///
/// - Parameters:
///   - now: how far the world has come.
///   - events: how many events it has had.
public typealias RunPoll = (_ now: Nanoseconds, _ events: UInt64) -> Bool

/// How time passes.
extension World {
  /// Why a run stopped.
  public enum Stop: Sendable, Equatable {
    /// The time came.
    case limit
    /// Nothing more can happen.
    case quiet
    /// What it was to run for has come about.
    case satisfied
    case interrupted
    /// An invariant does not hold; `invariants` has the violation.
    case violation
  }

  /// Lets time pass: every event up to and including `limit`.
  ///
  /// While it runs, a process may be ahead of the clock by less than any message takes to reach it; when this returns,
  /// what can be seen is exactly the state of the instant `now`.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - waypoints: keep copies of the world on the way.
  ///   - isInterrupted: asked now and then.
  public mutating func run(
    to limit: Nanoseconds, waypoints: Waypoints? = nil, isInterrupted: RunPoll = { _, _ in false }
  ) -> Stop {
    beginRun()
    guard let waypoints else { return runAhead(to: limit, isInterrupted: isInterrupted) { _ in false } }
    while true {
      var events = 0
      let stop = runAhead(to: limit, isInterrupted: isInterrupted) { _ in
        events += 1
        return waypoints.isDue(after: events)
      }
      guard stop == .satisfied else { return stop }
      waypoints.keep(self)
    }
  }

  /// Lets time pass, unless the run is given up on the way. It then ends as one that is interrupted, and not exactly at the
  /// instant of an event; or at once, with threads ahead of the clock.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - waypoints: keep copies of the world on the way.
  ///   - isInterrupted: asked now and then.
  ///   - settles: whether a world that is given up goes on until no thread is ahead of its clock.
  ///   - isGivenUp: asked after every event.
  /// - Returns: `satisfied` when it was given up.
  public mutating func run(
    to limit: Nanoseconds, waypoints: Waypoints? = nil, isInterrupted: RunPoll = { _, _ in false },
    settles: Bool, unless isGivenUp: (borrowing World) -> Bool
  ) -> Stop {
    beginRun()
    while true {
      var (events, endsHere) = (0, false)
      let stop = runAhead(to: limit, isInterrupted: isInterrupted) { world in
        events += 1
        endsHere = isGivenUp(world)
        return endsHere || waypoints?.isDue(after: events) == true
      }
      guard stop == .satisfied else { return stop }
      guard !endsHere else { return settles && settle() == .violation ? .violation : .satisfied }
      waypoints?.keep(self)
    }
  }

  /// Lets time pass until something holds, but not beyond `limit`.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - stepByStep: whether `isSatisfied` is also asked after every step of every program. Otherwise it may ask only what
  ///     no step that a process does by itself can change.
  ///   - waypoints: keep copies of the world on the way.
  ///   - isInterrupted: asked now and then.
  ///   - isSatisfied: asked after every event; the run stops at the first at which it holds.
  public mutating func run(
    to limit: Nanoseconds, stepByStep: Bool = false, waypoints: Waypoints? = nil,
    isInterrupted: RunPoll = { _, _ in false }, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    beginRun()
    if stepByStep { return runStepByStep(to: limit, waypoints, isInterrupted: isInterrupted, until: isSatisfied) }
    // Between two anchors processes run ahead. The stretch in which the run stops is done again, and then no process runs
    // beyond that instant.
    var anchors = Anchors(self)
    while true {
      var events = 0
      var holds = false
      let stop = runAhead(to: limit, isInterrupted: isInterrupted) { world in
        events += 1
        holds = isSatisfied(world)
        return holds || events == Self.anchorDistance || waypoints?.isDue(after: events) == true
      }
      guard stop == .satisfied else { return stop }
      guard holds else {
        anchors.add(self)
        waypoints?.keep(self)
        continue
      }
      let found = now
      self = anchors.world(exactAt: found)
      let again = run(to: found, exactly: false, isInterrupted: isInterrupted, until: isSatisfied)
      // How many events there are depends on how far processes run ahead, and it may be this that was asked.
      guard again == .limit, found < limit else { return again }
      anchors = Anchors(self)
    }
  }

  private mutating func runStepByStep(
    to limit: Nanoseconds, _ waypoints: Waypoints?, isInterrupted: RunPoll,
    until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    while true {
      var events = 0
      var holds = false
      let stop = run(to: limit, exactly: true, isInterrupted: isInterrupted) { world in
        events += 1
        holds = isSatisfied(world)
        return holds || waypoints?.isDue(after: events) == true
      }
      guard stop == .satisfied, !holds else { return stop }
      waypoints?.keep(self)
    }
  }

  /// The same, for a condition that only events and writes of some processes can change: steps are looked at only where one
  /// of these has written a page that it had not.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - writers: these processes.
  ///   - waypoints: keep copies of the world on the way.
  ///   - isInterrupted: asked now and then.
  ///   - isSatisfied: asked after every event; the run stops at the first at which it holds.
  public mutating func run(
    to limit: Nanoseconds, watchingWritesOf writers: [ProcessID], waypoints: Waypoints? = nil,
    isInterrupted: RunPoll = { _, _ in false }, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    beginRun()
    func written(in world: borrowing World) -> Int { writers.reduce(0) { $0 + world.dirtyCount(of: $1) } }
    while true {
      let (anchor, before) = (self, written(in: self))
      var (events, isFound) = (0, false)
      let stop = runAhead(to: limit, isInterrupted: isInterrupted) { world in
        events += 1
        isFound = written(in: world) != before || isSatisfied(world)
        return isFound || events == Self.anchorDistance
      }
      guard stop == .satisfied else { return stop }
      guard isFound else {
        waypoints?.keep(self)
        continue
      }
      // Within the stretch of time that began with this event more becomes dirty, and never less.
      let (found, end) = (now, min(limit, furthestPosition))
      self = anchor
      if found > now {
        let again = run(to: found - 1, exactly: false, isInterrupted: isInterrupted, until: { _ in false })
        guard again == .limit else { return again }
      }
      let exact = run(to: end, exactly: true, isInterrupted: isInterrupted, until: isSatisfied)
      guard exact == .limit, end < limit else { return exact }
    }
  }

  /// The same world at a later time, as it is when nothing happens until then.
  ///
  /// - Precondition: nothing is due before that time.
  public func later(at time: Nanoseconds) -> World {
    var world = self
    world.now = time
    return world
  }

  /// Events after which a run asks whether it is interrupted; one may be a stretch of a process's run.
  private static let pollDistance = 16
  /// Events after which a run that may have to be done again starts from a new copy of the world.
  static let anchorDistance = 65_536

  /// From here on the clock does not go back.
  private mutating func beginRun() { lastEffect = max(lastEffect, now) }

  /// Up to when the thread has run that is furthest ahead; now, when none is.
  public var furthestPosition: Nanoseconds { nodes.reduce(now) { max($0, $1.kernel?.furthestPosition ?? 0) } }

  private mutating func runAhead(
    to limit: Nanoseconds, isInterrupted: RunPoll, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    let stop = run(to: limit, exactly: false, isInterrupted: isInterrupted, until: isSatisfied)
    guard stop == .interrupted else { return stop }
    return settle() == .violation ? .violation : .interrupted
  }

  /// Lets the clock follow the thread that is furthest ahead, and everything else up to there.
  private mutating func settle() -> Stop {
    let end = furthestPosition
    let stop = run(to: end, exactly: false, isInterrupted: { _, _ in false }, until: { _ in false })
    setClock(end)
    return stop
  }

  /// As the public function; `exactly`: no process does more than one step at a time, so `isSatisfied` sees each instant as
  /// it is.
  mutating func run(
    to limit: Nanoseconds, exactly: Bool, isInterrupted: RunPoll, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    let start = now
    var events = 0
    let stop = carryOutEvents(&events, to: limit, exactly: exactly, isInterrupted, isSatisfied)
    journal.recordAdvance(events: events, limit: limit, exactly: exactly, from: start, to: now)
    return stop
  }

  /// - Parameter count: how many events were carried out.
  private mutating func carryOutEvents(
    _ count: inout Int, to limit: Nanoseconds, exactly: Bool, _ isInterrupted: RunPoll,
    _ isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    while let time = nextEventTime {
      guard time <= limit else {
        now = max(now, limit)
        return .limit
      }
      if count % Self.pollDistance == Self.pollDistance - 1, isInterrupted(now, eventCount) { return .interrupted }
      advance(limit: limit, exactly: exactly)
      count += 1
      if invariants?.violation != nil { return .violation }
      if isSatisfied(self) { return .satisfied }
    }
    return .quiet
  }

  /// Lets time pass to the next entry of the log.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`; if nothing is logged by then the run ends there.
  ///   - isInterrupted: asked now and then.
  public mutating func runToNextFact(limit: Nanoseconds, isInterrupted: RunPoll = { _, _ in false }) -> Stop {
    let before = log.total
    return run(to: limit, isInterrupted: isInterrupted) { $0.log.total > before }
  }

  /// Moves the clock on when nothing happens meanwhile. After an unbounded run, sets it back to the last event that had an
  /// effect, since a timer that found nothing to do is no reason for time to pass.
  public mutating func settleClock(at limit: Nanoseconds?) { setClock(limit.map { max(now, $0) } ?? lastEffect) }

  private mutating func setClock(_ time: Nanoseconds) {
    guard time != now else { return }
    now = time
    journal.recordClock(time)
  }

  /// True when nothing more can happen, but that nodes tell each other their load.
  public var isAtRest: Bool { !isComputing && queue.count == queue.upkeep }

  /// True while a thread has a core.
  public var isComputing: Bool { coreQueue.next != nil }

  /// When the next event is due; nil when nothing more can happen.
  public var nextEventTime: Nanoseconds? {
    switch (queue.nextTime, coreQueue.next?.time) {
    case (let event?, let core?): min(event, core)
    case (let event, let core): event ?? core
    }
  }
}
