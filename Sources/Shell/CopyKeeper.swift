import MigrationKernel
import Simulator

/// Keeps copies of a world that runs, now and then.
///
/// The machine's clock says when. What is kept decides nothing but how fast one can go back.
final class CopyKeeper {
  private(set) var copies: [WorldCopy] = []
  private var last = ContinuousClock.now
  /// With how many copies they are thinned next.
  private var mostCopies = 64

  /// How long a world runs from one copy to the next.
  private static let distance = Duration.milliseconds(5)

  var waypoints: Waypoints {
    Waypoints(
      isDue: { ContinuousClock.now - self.last >= Self.distance },
      keep: { world in
        self.copies.append(WorldCopy(world))
        if self.copies.count >= self.mostCopies {
          var further: UInt64 = 0
          self.copies.thin(before: world.eventCount, further: &further)
          self.mostCopies = self.copies.count + 32
        }
        self.last = .now
      })
  }
}

extension [WorldCopy] {
  /// Leaves out copies, the more the further back they are: what has to be done again from one to the next is at most a
  /// certain part of what has been done since.
  ///
  /// - Parameters:
  ///   - end: how many events there have been up to the end of the stretch in which they lie.
  ///   - further: events from there to the present. This stretch is added.
  mutating func thin(before end: UInt64, further: inout UInt64) {
    var kept: [WorldCopy] = []
    var next = end
    for index in indices.reversed() {
      let events = self[index].world.eventCount
      let earlier = index > 0 ? self[index - 1].world.eventCount : 0
      // Without this one, what lies between its neighbours would have to be done again.
      let gap = next - Swift.min(next, earlier)
      guard gap > (further + end - Swift.min(end, next)) / 16 || index == 0 && further == 0 else { continue }
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
}
