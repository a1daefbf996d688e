import MigrationKernel
import Simulator

/// Keeps copies of a world that runs, now and then.
///
/// The machine's clock says when. What is kept decides nothing but how fast one can go back.
final class CopyKeeper {
  private(set) var copies: [WorldCopy] = []
  /// How long a world runs at least from one copy to the next.
  private let distance: Duration
  /// The virtual time at which the run begins, and that at which it ends at the latest.
  private let start: Nanoseconds
  private let end: Nanoseconds
  private let begun = ContinuousClock.now
  /// When the next copy is due.
  private var next: ContinuousClock.Instant
  /// With how many copies they are thinned next.
  private var mostCopies = 64

  /// - Parameters:
  ///   - distance: how long a world runs at least from one copy to the next, by the machine's clock.
  ///   - earlier: who kept copies in the run before, and knows when the next one is due; nil when there was none.
  init(distance: Duration, after earlier: CopyKeeper? = nil, from start: Nanoseconds, to end: Nanoseconds) {
    self.distance = distance
    self.start = start
    self.end = end
    next = earlier?.next ?? begun + distance
  }

  var waypoints: Waypoints {
    Waypoints(isDue: { self.isDue }, keep: { self.keep($0) })
  }

  private var isDue: Bool { ContinuousClock.now >= next }

  /// The world has run as far as it does for now, perhaps not for long enough to be asked about.
  ///
  /// - Returns: all copies, which others keep from now on.
  func endRun(of world: World) -> [WorldCopy] {
    if isDue { keep(world) }
    defer { copies = [] }
    return copies
  }

  private func keep(_ world: World) {
    copies.append(WorldCopy(world))
    if copies.count >= mostCopies {
      var part: UInt64 = 16
      repeat {
        var further: UInt64 = 0
        copies.thin(before: world.eventCount, further: &further, part: part)
        part /= 2
      } while part > 0 && copies.measure(beside: copies.first?.world ?? world) > Past.mostBytes
      mostCopies = copies.count + 32
    }
    // A copy costs time: many are wanted only near the end.
    let elapsed = ContinuousClock.now - begun
    let progress = max(1, Double(world.now - min(world.now, start)))
    let rest = elapsed * (Double(end - min(end, world.now)) / progress)
    next = .now + max(distance, min(elapsed / 32, rest / 4))
  }
}

/// A copy of the world that was kept while it ran.
struct WorldCopy {
  let world: World
  /// From when on its run can be done again so that no thread is ahead of the clock.
  let exactFrom: Nanoseconds
  /// About how many bytes it does not share with the world before it, and which that was, by its events.
  private var own: (bytes: Int, before: UInt64)?

  init(_ world: World) {
    self.world = world
    exactFrom = max(world.now, world.furthestPosition)
  }

  mutating func measure(beside earlier: World) -> Int {
    if let own, own.before == earlier.eventCount { return own.bytes }
    let bytes = world.ownBytes(beside: earlier)
    own = (bytes, earlier.eventCount)
    return bytes
  }
}

extension [WorldCopy] {
  /// Leaves out copies, the more the further back they are: what has to be done again from one to the next is at most a
  /// certain part of what has been done since.
  ///
  /// - Parameters:
  ///   - end: how many events there have been up to the end of the stretch in which they lie.
  ///   - further: events from there to the present. This stretch is added.
  ///   - part: how many parts of what has been done since.
  mutating func thin(before end: UInt64, further: inout UInt64, part: UInt64 = 16) {
    var kept: [WorldCopy] = []
    var next = end
    for index in indices.reversed() {
      let events = self[index].world.eventCount
      let earlier = index > 0 ? self[index - 1].world.eventCount : 0
      // Without this one, what lies between its neighbours would have to be done again.
      let gap = next - Swift.min(next, earlier)
      guard gap > (further + end - Swift.min(end, next)) / part else { continue }
      kept.append(self[index])
      next = events
    }
    if let first = first { further += end - Swift.min(end, first.world.eventCount) }
    self = kept.reversed()
  }

  /// The copies in order, those with fewer entries of the log.
  func inOrder(below total: Int) -> [WorldCopy] {
    var result = filter { $0.world.log.total < total }.sorted { $0.world.eventCount < $1.world.eventCount }
    var further: UInt64 = 0
    if let last = result.last { result.thin(before: last.world.eventCount, further: &further) }
    return result
  }

  /// About how many bytes they take beside a world that is kept anyway.
  mutating func measure(beside start: World) -> Int {
    var (sum, earlier) = (0, start)
    for index in indices {
      sum += self[index].measure(beside: earlier)
      earlier = self[index].world
    }
    return sum
  }
}

extension Past {
  /// What all copies together may take, about.
  static let mostBytes = 128 << 20

  /// Keeps copies that were made while the world ran up to the present.
  mutating func keep(_ new: [WorldCopy], upTo world: World) {
    guard !new.isEmpty else { return }
    copies += new.filter { $0.exactFrom <= world.now }
    var part: UInt64 = 16
    repeat {
      thin(upTo: world, part: part)
      part /= 2
    } while part > 0 && measuredBytes > Self.mostBytes
  }

  private mutating func thin(upTo world: World, part: UInt64) {
    var further: UInt64 = 0
    copies.thin(before: world.eventCount, further: &further, part: part)
    for index in done.indices.reversed() where !done[index].copies.isEmpty {
      let end = index + 1 < done.count ? done[index + 1].state.world : start?.world ?? world
      done[index].copies.thin(before: end.eventCount, further: &further, part: part)
    }
  }

  /// About how many bytes the copies take that lie before the present.
  private var measuredBytes: Int {
    mutating get {
      var sum = start.map { copies.measure(beside: $0.world) } ?? 0
      for index in done.indices { sum += done[index].copies.measure(beside: done[index].state.world) }
      return sum
    }
  }

  /// A sentence that says what is kept for going back by facts; nil when nothing is.
  var keptText: String? {
    var past = self
    let worlds = done.reduce(copies.count) { $0 + $1.copies.count }
    guard worlds > 0 else { return nil }
    return "for `step back`: \(counted(worlds, "copy", plural: "copies")) of the world, about "
      + "\(formatSize(UInt64(past.measuredBytes)))"
  }
}
