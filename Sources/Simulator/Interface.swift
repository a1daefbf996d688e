import Chronicle
import DequeModule
import MigrationKernel

/// What connects a node to all its lines, as at a switch.
///
/// What the node sends to all its peers together goes at most as fast as its interface, and so does what it receives. A
/// packet begins to leave when its line and the interface are both free. On a line that is slower than the interface it
/// takes no more of the interface than its bytes need, and while it waits for its line others leave. What is received
/// over several lines shares the interface from the first bit on; a sender whose packets wait there sends more slowly, as
/// with TCP. An interface that nothing else uses adds no time.
struct Interface: Sendable {
  /// Bits a second, when they were set; nil: as many as over the fastest of its node's lines.
  var rate: UInt64?
  var sending = Occupancy()
  private(set) var receiving = Occupancy()
  /// How far back `receiving` is needed.
  private var coming = Coming()

  init(rate: UInt64? = nil) { self.rate = rate }

  /// A packet is on its way: its first bit comes at `first`, its last at `last`, unless something delays it.
  mutating func expect(from first: Nanoseconds, to last: Nanoseconds) { coming.add(first, last) }

  /// Receives a packet whose last bit has come.
  ///
  /// - Parameters:
  ///   - share: how long it has the interface for itself.
  ///   - first: when its first bit came.
  /// - Returns: when it has been received.
  mutating func receive(_ share: Nanoseconds, from first: Nanoseconds, now: Nanoseconds) -> Nanoseconds {
    let taken = receiving.take(share, from: first, now: 0)
    receiving.forget(before: min(now, coming.first(at: now)))
    return max(now, taken.ends)
  }

  /// Nothing goes through it any more.
  mutating func empty() { self = Interface(rate: rate) }

  /// How long `bytes` take at a rate in bits a second, rounded up to whole nanoseconds.
  static func time(bytes: Int, rate: UInt64) -> Nanoseconds {
    var line = Line()
    line.bandwidth = rate
    return line.transmissionTime(bytes: bytes)
  }
}

/// When an interface is taken by packets that leave. A packet for a line that is busy takes it in advance; until then it
/// is free for others, which leave in between.
struct Occupancy: Sendable {
  /// Stretches that are taken, in order, with gaps between them.
  private(set) var taken = Deque<Range<Nanoseconds>>()

  /// Takes so much time of the gaps from `earliest` on.
  ///
  /// - Parameter now: no time before that will be asked for any more.
  /// - Returns: when the first gap that was taken begins, and when the last one taken ends.
  mutating func take(
    _ amount: Nanoseconds, from earliest: Nanoseconds, now: Nanoseconds
  ) -> (begins: Nanoseconds, ends: Nanoseconds) {
    guard amount > 0 else { return (earliest, earliest) }
    while let first = taken.first, first.upperBound < now { taken.removeFirst() }
    // Nearly always nothing is taken so late.
    if taken.isEmpty || taken[taken.count - 1].upperBound < earliest {
      taken.append(earliest..<Network.sum(earliest, amount))
      return (earliest, taken[taken.count - 1].upperBound)
    }
    let place = firstPlace(reaching: earliest)
    var next = place
    var begins: Nanoseconds?
    var (cursor, left) = (earliest, amount)
    while next < taken.count {
      let stretch = taken[next]
      if stretch.lowerBound > cursor {
        begins = begins ?? cursor
        let gap = stretch.lowerBound - cursor
        if gap > left { break }
        left -= gap
        if left == 0 {
          cursor = stretch.lowerBound
          break
        }
      }
      cursor = stretch.upperBound
      next += 1
    }
    let range = (begins ?? cursor)..<Network.sum(cursor, left)
    insert(range, at: place, passing: next)
    return (range.lowerBound, range.upperBound)
  }

  /// How many stretches of the past are remembered in any case.
  private static let limit = 64

  /// Forgets what was taken before an instant, but for the latest of it.
  mutating func forget(before time: Nanoseconds) {
    while taken.count > Self.limit, let first = taken.first, first.upperBound < time { taken.removeFirst() }
  }

  /// Joins a stretch with those that it touches: at least the ones from `place` up to `next`.
  private mutating func insert(_ range: Range<Nanoseconds>, at place: Int, passing next: Int) {
    var (next, lower, upper) = (next, range.lowerBound, range.upperBound)
    if next < taken.count, taken[next].lowerBound == upper { next += 1 }
    if place < next {
      lower = min(lower, taken[place].lowerBound)
      upper = max(upper, taken[next - 1].upperBound)
    }
    if next - place == 1 {
      taken[place] = lower..<upper
    } else {
      taken.replaceSubrange(place..<next, with: CollectionOfOne(lower..<upper))
    }
  }

  /// The place of the first stretch that ends at `time` or later.
  private func firstPlace(reaching time: Nanoseconds) -> Int {
    guard let last = taken.last, last.upperBound >= time else { return taken.count }
    var (low, high) = (0, taken.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if taken[middle].upperBound < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Since when something has been coming to an interface that has not come as a whole.
///
/// What is on its way is taken together in two groups: the older one takes in nothing more, and is forgotten when all of it
/// has come.
private struct Coming {
  private var older = Group()
  private var newer = Group()

  private struct Group {
    var first = Nanoseconds.max
    var last: Nanoseconds = 0
  }

  mutating func add(_ first: Nanoseconds, _ last: Nanoseconds) {
    newer.first = min(newer.first, first)
    newer.last = max(newer.last, last)
  }

  /// When the first bit came, or will, of all that is on its way.
  mutating func first(at now: Nanoseconds) -> Nanoseconds {
    if older.last < now {
      older = newer
      newer = Group()
    }
    return min(older.first, newer.first)
  }
}
