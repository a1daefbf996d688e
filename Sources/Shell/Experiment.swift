import Chronicle
import MigrationKernel
import Simulator

/// Lets time pass in copies of the world, until Ctrl-C or until the events are used up that the session may still spend.
///
/// All copies of one experiment spend from the same events: that is why it is a class.
final class Experiment {
  enum Stop { case interrupted, limit }

  private let isInterrupted: () -> Bool
  private let eventsLeft: UInt64
  /// Events executed so far, on all copies.
  private(set) var events: UInt64 = 0
  /// Why the experiment was stopped, so that its results do not count; nil while they do.
  private(set) var stop: Stop?

  fileprivate init(eventsLeft: UInt64, isInterrupted: @escaping () -> Bool) {
    self.eventsLeft = eventsLeft
    self.isInterrupted = isInterrupted
  }

  /// Executes every event up to and including `end`.
  ///
  /// - Returns: false when the experiment was stopped, by this call or before it.
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
