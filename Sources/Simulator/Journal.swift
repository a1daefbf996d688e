import Chronicle
import MigrationKernel

/// What was done to a cluster, and how far time passed in between: with the seed, all that its events follow from.
///
/// It is never cut short, so that a run can be repeated from its beginning.
public struct Journal: Sendable {
  /// One step of a run.
  public enum Entry: Sendable {
    /// Indirect, since every copy of a world copies the latest entries with the next command.
    indirect case input(Input)
    /// Time passed: so many events were carried out, in a run that was to go to `limit`, and the clock showed `end` then.
    /// `exactly`: no process did more than one step at a time.
    case advance(events: Int, limit: Nanoseconds, exactly: Bool, end: Nanoseconds)
    /// The clock was set, when nothing happened meanwhile.
    case clock(Nanoseconds)
  }

  /// From which the run began.
  public let seed: UInt64
  private var list = ChunkedArray<Entry>()

  init(seed: UInt64) { self.seed = seed }

  /// The steps, oldest first.
  public var entries: some RandomAccessCollection<Entry> { list }

  /// What comes after an earlier journal, which this one continues.
  func entries(after earlier: Journal) -> [Entry] {
    var rest = Array(list[min(earlier.list.count, list.count)...])
    guard let last = earlier.list.last, case .advance(let done, _, _, let reached) = last,
      case .advance(let events, let limit, let exactly, let end) = list[earlier.list.count - 1]
    else { return rest }
    if events > done || end != reached {
      rest.insert(.advance(events: max(0, events - done), limit: limit, exactly: exactly, end: end), at: 0)
    }
    return rest
  }

  mutating func record(_ input: Input) { list.append(.input(input)) }

  mutating func recordAdvance(
    events: Int, limit: Nanoseconds, exactly: Bool, from start: Nanoseconds, to end: Nanoseconds
  ) {
    guard events > 0 || end != start else { return }
    if case .advance(let earlier, limit, exactly, _)? = list.last {
      list[list.count - 1] = .advance(events: earlier + events, limit: limit, exactly: exactly, end: end)
    } else {
      list.append(.advance(events: events, limit: limit, exactly: exactly, end: end))
    }
  }

  mutating func recordClock(_ time: Nanoseconds) { list.append(.clock(time)) }
}

extension World {
  /// The cluster as it is after everything in a journal: equal runs have equal digests.
  ///
  /// - Parameters:
  ///   - journal: what was done, and how far time passed in between.
  ///   - invariants: checks to be made after every event.
  ///   - keepsDigest: whether the events and facts are folded into a digest.
  public init(replaying journal: Journal, invariants: Invariants? = nil, keepsDigest: Bool = true) {
    self.init(seed: journal.seed)
    self.invariants = invariants
    self.keepsDigest = keepsDigest
    for entry in journal.entries {
      switch entry {
      case .input(let input): apply(input)
      case .advance(let events, let limit, let exactly, let end):
        for _ in 0..<events { advance(limit: limit, exactly: exactly) }
        now = end
        self.journal.recordAdvance(events: events, limit: limit, exactly: exactly, from: 0, to: end)
      case .clock(let time):
        now = time
        self.journal.recordClock(time)
      }
    }
  }
}
