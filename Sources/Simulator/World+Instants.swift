import MigrationKernel

/// A run that is done again on a copy, to see how the world was at some instants.
extension World {
  /// Does again what a journal has, and shows the world as it was at each instant: with every event up to and including it,
  /// and with no thread beyond it.
  ///
  /// - Precondition: the journal leads through this world, and no thread of it is ahead of the first instant.
  ///
  /// - Parameters:
  ///   - journal: that of a later world.
  ///   - instants: from the earliest to the latest; none is before this world or after the later one.
  ///   - isInterrupted: asked now and then.
  ///   - show: what is done with the world at each instant.
  /// - Returns: false when it was interrupted.
  public mutating func repeatRun(
    of journal: Journal, showingAt instants: [Nanoseconds], isInterrupted: RunPoll = { _, _ in false },
    show: (Nanoseconds, borrowing World) -> Void
  ) -> Bool {
    // Nothing is judged again, and no digest is asked for.
    (invariants, keepsDigest) = (nil, false)
    var rest = Instants(list: instants[...], anchors: Anchors(self))
    var mode: Bool?
    for entry in journal.entries(after: self.journal) {
      guard !rest.list.isEmpty else { return true }
      switch entry {
      case .input(let input):
        apply(input)
        rest.anchors = Anchors(self)
      case .clock(let time):
        guard rest.show(before: time, exactly: mode ?? false, isInterrupted, show) else { return false }
        now = time
        self.journal.recordClock(time)
        rest.anchors = Anchors(self)
      case .advance(let events, let limit, let exactly, let end):
        // Where steps begin or cease to be done one by one, no thread is ahead.
        if let mode, mode != exactly { rest.anchors = Anchors(self) }
        mode = exactly
        for done in 0..<events {
          if done % Waypoints.pollDistance == Waypoints.pollDistance - 1, isInterrupted(now, eventCount) {
            return false
          }
          let next = nextEventTime ?? limit
          if rest.isDue(before: next) {
            guard rest.show(before: next, exactly: exactly, isInterrupted, show) else { return false }
            rest.anchors.add(self)
          } else if done % Self.anchorDistance == Self.anchorDistance - 1 {
            rest.anchors.add(self)
          }
          advance(limit: limit, exactly: exactly)
        }
        guard rest.show(before: end, exactly: exactly, isInterrupted, show) else { return false }
        now = end
      }
    }
    for instant in rest.list { show(instant, self) }
    return true
  }

  /// The instants at which a run is still to be shown, and from where each can be come to.
  private struct Instants {
    var list: ArraySlice<Nanoseconds>
    var anchors: Anchors

    func isDue(before time: Nanoseconds) -> Bool { list.first.map { $0 < time } ?? false }

    /// Shows the world at all instants before a time up to which nothing more happens.
    ///
    /// - Returns: false when it was interrupted.
    mutating func show(
      before time: Nanoseconds, exactly: Bool, _ isInterrupted: RunPoll,
      _ show: (Nanoseconds, borrowing World) -> Void
    ) -> Bool {
      while let instant = list.first, instant < time {
        list.removeFirst()
        var world = anchors.world(exactAt: instant)
        let stop = world.run(to: instant, exactly: exactly, isInterrupted: isInterrupted) { _ in false }
        guard stop != .interrupted else { return false }
        world.now = max(world.now, instant)
        show(instant, world)
      }
      return true
    }
  }
}
