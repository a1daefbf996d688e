import Chronicle
import MigrationKernel
import Simulator

/// Lets time pass on copies of the world, until Ctrl-C or until a limit of the session is reached.
///
/// It is a class so that all copies of the world in one experiment draw on the same budget.
final class Experiment {
  enum Stop { case interrupted, limit }

  private let isInterrupted: RunPoll
  private let meter: ProgressMeter?
  /// How many copies of the world there will be; nil when nobody knows.
  private let copyCount: Int?
  private let limits: Session.Limits
  /// What the session and all copies have done so far.
  private(set) var work: Work
  /// Why the experiment was stopped, so that its results do not count; nil while they do.
  private(set) var stop: Stop?

  fileprivate init(in session: borrowing Session, copyCount: Int?) {
    limits = session.options.limits
    work = session.work
    isInterrupted = session.whileRunning
    meter = session.meter
    self.copyCount = copyCount
  }

  /// The next copy of the world comes, for those who wait.
  func beginCopy() { meter?.beginTrial(of: copyCount) }

  /// Executes every event up to and including `end`.
  ///
  /// - Returns: false when the experiment was stopped, by this call or before it.
  @discardableResult
  func run(_ world: inout World, to end: Nanoseconds) -> Bool {
    guard stop == nil else { return false }
    let (before, spent, limits) = (Work(of: world), work, limits)
    meter?.beginStretch(of: world, to: end)
    let how =
      limits.boundNoWork
      ? world.run(to: end, isInterrupted: isInterrupted)
      : world.run(to: end, isInterrupted: isInterrupted) { limits.isUsedUp(by: $0, since: before, after: spent) }
    meter?.endStretch(of: world)
    work.add(world, since: before)
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
  /// - Parameters:
  ///   - copyCount: how many copies there will be; nil when nobody knows.
  ///   - body: the experiment. Its result is thrown away when it was stopped.
  mutating func runExperiment<Result>(
    _ call: Invocation, copies copyCount: Int? = nil, _ body: (Experiment) throws(SessionError) -> Result?
  ) throws(SessionError) -> Result {
    let experiment = Experiment(in: self, copyCount: copyCount)
    let result = try body(experiment)
    work = experiment.work
    if experiment.stop == .limit { try requireWorkLeft(call) }
    guard experiment.stop == nil, let result else {
      throw interruption(at: call.call.span, in: call.source)
    }
    return result
  }
}
