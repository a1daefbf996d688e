import Chronicle
import MigrationKernel
import Simulator

/// Lets time pass in copies of the world, on which something is tried out: no longer than until Ctrl-C, and all together
/// no more events than the session may yet spend.
///
/// Copies that are watched side by side spend of the same, so it is shared.
final class Experiment {
  enum Stop { case interrupted, limit }

  private let isInterrupted: () -> Bool
  private let eventsLeft: UInt64
  /// Carried out so far.
  private(set) var events: UInt64 = 0
  /// Why what has been seen is worth nothing; nil while it is.
  private(set) var stop: Stop?

  fileprivate init(eventsLeft: UInt64, isInterrupted: @escaping () -> Bool) {
    self.eventsLeft = eventsLeft
    self.isInterrupted = isInterrupted
  }

  /// Every event up to and including `end`.
  ///
  /// - Returns: false when it was stopped, now or before.
  @discardableResult
  func run(_ world: inout World, to end: Nanoseconds) -> Bool {
    guard stop == nil else { return false }
    let before = world.eventCount
    let left = eventsLeft - min(eventsLeft, events)
    let how =
      eventsLeft == .max
      ? world.run(to: end, isInterrupted: isInterrupted)
      : world.run(to: end, isInterrupted: isInterrupted) { $0.eventCount - before >= left }
    events += world.eventCount - before
    switch how {
    case .interrupted: stop = .interrupted
    case .satisfied: stop = .limit
    case .limit, .quiet, .violation: break
    }
    return stop == nil
  }
}

extension Reader where Result == UInt64 {
  /// How long something is watched on a copy of the world.
  static var watchingTime: Reader { time(in: 1_000_000...3_600_000_000_000, "a time to watch") }
}

extension Commands {
  /// How long something is watched on a copy of the world when nothing is said.
  static let usualWatchingTime: Nanoseconds = 10_000_000_000
}

extension Session {
  /// Tries something out on copies of the world. What that takes counts as if the world itself had gone on.
  ///
  /// - Parameter body: its result does not matter when it was stopped.
  mutating func runExperiment<Result>(
    _ call: Invocation, _ body: (Experiment) throws(SessionError) -> Result?
  ) throws(SessionError) -> Result {
    let experiment = Experiment(eventsLeft: eventsLeft, isInterrupted: isInterrupted)
    let result = try body(experiment)
    triedEvents += experiment.events
    if experiment.stop == .limit { throw eventLimitReached(call) }
    guard experiment.stop == nil, let result else {
      throw interruption(at: call.call.span, in: call.source)
    }
    return result
  }
}
