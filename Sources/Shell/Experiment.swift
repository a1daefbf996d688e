import Chronicle
import MigrationKernel
import Simulator

/// Lets time pass on copies of the world, until Ctrl-C or until the session may execute no more events.
///
/// It is a class so that all copies of the world in one experiment draw on the same budget of events.
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
  /// How long an experiment lasts.
  static var watchingTime: Reader { time(in: 1_000_000...3_600_000_000_000, "a time to watch") }
}

extension Commands {
  /// How long an experiment lasts when the command does not say.
  static let usualWatchingTime: Nanoseconds = 10_000_000_000
}

extension Session {
  /// Makes an experiment on copies of the world. Its events count as if the world itself had gone on.
  ///
  /// - Parameter body: the experiment. Its result is thrown away when it was stopped.
  mutating func runExperiment<Result>(
    _ call: Invocation, _ body: (Experiment) throws(SessionError) -> Result?
  ) throws(SessionError) -> Result {
    let experiment = Experiment(eventsLeft: eventsLeft, isInterrupted: isInterrupted)
    let result = try body(experiment)
    experimentEvents += experiment.events
    if experiment.stop == .limit { throw eventLimitReached(call) }
    guard experiment.stop == nil, let result else {
      throw interruption(at: call.call.span, in: call.source)
    }
    return result
  }
}
