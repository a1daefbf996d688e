import MigrationKernel

/// Where copies of the world go that are kept while it runs, so that going back need not begin from far away.
///
/// They change nothing of the run. In such a copy threads may be ahead of the clock.
public struct Waypoints {
  /// Whether it is time for a copy; asked now and then.
  private let isDue: () -> Bool
  /// Takes a copy.
  let keep: (World) -> Void

  /// Events after which it is asked whether a copy is due.
  static let pollDistance = 16

  /// - Parameters:
  ///   - isDue: whether it is time for a copy; asked now and then.
  ///   - keep: takes a copy.
  public init(isDue: @escaping () -> Bool, keep: @escaping (World) -> Void) {
    self.isDue = isDue
    self.keep = keep
  }

  func isDue(after events: Int) -> Bool { events % Self.pollDistance == 0 && isDue() }
}

/// The latest copies of a running world from which a stretch can be done again.
struct Anchors {
  private var latest: World
  /// An earlier one, in which no thread was further than the clock of the latest.
  private var earlier: World

  /// - Parameter world: one in which no thread is ahead of the clock.
  init(_ world: World) {
    latest = world
    earlier = world
  }

  mutating func add(_ world: World) {
    if latest.furthestPosition <= world.now { earlier = latest }
    latest = world
  }

  /// A world from which a run can come to this instant, which is not before the latest copy, with no thread beyond it.
  func world(exactAt time: Nanoseconds) -> World { latest.furthestPosition <= time ? latest : earlier }
}

extension World {
  /// What came of doing a stretch of a run again.
  public enum Return: Sendable, Equatable {
    /// The world is as it was right after that entry of the log.
    case arrived
    /// What brought the entry brought later ones too: before it the log had so many.
    case together(before: Int)
    case interrupted
  }

  /// Does again what a journal has, from here to the moment right after an entry of the log.
  ///
  /// - Precondition: the journal leads through this world and to that entry; when that happened, no thread of this world
  ///   had run further.
  ///
  /// - Parameters:
  ///   - journal: that of a later world.
  ///   - number: the entry, which this world's log does not have yet.
  ///   - waypoints: keep copies of the world on the way.
  ///   - isInterrupted: asked now and then.
  public mutating func repeatRun(
    of journal: Journal, toEntry number: Int, waypoints: Waypoints? = nil, isInterrupted: RunPoll = { _, _ in false }
  ) -> Return {
    var anchors = Anchors(self)
    var mode: Bool?
    for entry in journal.entries(after: self.journal) {
      let before = log.total
      switch entry {
      case .input(let input):
        apply(input)
        guard log.total < number else { return log.total == number ? .arrived : .together(before: before) }
        anchors = Anchors(self)
      case .clock(let time):
        now = time
        self.journal.recordClock(time)
        anchors = Anchors(self)
      case .advance(let events, let limit, let exactly, let end):
        // Where steps begin or cease to be done one by one, no thread is ahead.
        if let mode, mode != exactly { anchors = Anchors(self) }
        mode = exactly
        let stretch = Stretch(number: number, limit: limit, exactly: exactly, end: end)
        if let found = repeatEvents(events, of: stretch, &anchors, waypoints, isInterrupted) { return found }
      }
    }
    return .arrived
  }

  /// A part of a run, and the entry of the log at which it ends when it comes to that.
  private struct Stretch {
    let number: Int
    let limit: Nanoseconds
    let exactly: Bool
    let end: Nanoseconds
  }

  /// - Returns: what came of it; nil when the entry is not in this stretch.
  private mutating func repeatEvents(
    _ count: Int, of stretch: Stretch, _ anchors: inout Anchors, _ waypoints: Waypoints?, _ isInterrupted: RunPoll
  ) -> Return? {
    let number = stretch.number
    var (start, recorded) = (now, 0)
    func record(_ events: Int, in world: inout World, to end: Nanoseconds) {
      world.journal.recordAdvance(
        events: events - recorded, limit: stretch.limit, exactly: stretch.exactly, from: start, to: end)
      (start, recorded) = (end, events)
    }
    for done in 0..<count {
      if done % Waypoints.pollDistance == Waypoints.pollDistance - 1 {
        if isInterrupted(now, eventCount) { return .interrupted }
        if waypoints?.isDue(after: done + 1) == true {
          record(done, in: &self, to: now)
          anchors.add(self)
          waypoints?.keep(self)
        }
      }
      let before = log.total
      advance(limit: stretch.limit, exactly: stretch.exactly)
      guard log.total >= number else { continue }
      guard log.total == number else { return .together(before: before) }
      let found = now
      self = anchors.world(exactAt: found)
      let stop = run(to: found, exactly: stretch.exactly, isInterrupted: isInterrupted) { $0.log.total >= number }
      return stop == .interrupted ? .interrupted : .arrived
    }
    now = stretch.end
    record(count, in: &self, to: now)
    return nil
  }
}
