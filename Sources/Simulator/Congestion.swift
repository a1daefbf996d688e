import Chronicle
import MigrationKernel

/// How a sender treats a line that loses segments, as TCP does.
///
/// So many segments may be on their way at a time as its window says. The window grows by one segment in each round trip,
/// and is halved when one is lost, at most once in a round trip, in which it does not grow (RFC 5681 and 6675). One long
/// transfer so goes as fast as Mathis et al. have found ("The macroscopic behavior of the TCP congestion avoidance
/// algorithm", 1997), or as the line. A lost segment is sent again when its sender learns that three later ones have
/// arrived (fast retransmit); if no three follow, after a retransmission time-out, which doubles each time up to the
/// detection timeout. Loss alone breaks no connection, and a line that loses nothing has no window.
///
/// All this is reckoned for each packet as it is handed to the network, without an event for a segment.
struct Congestion: Sendable {
  /// Segments that may be on their way at a time.
  private var window = Self.firstWindow
  /// Below this the window grows by one with every segment.
  private var threshold = Double.infinity
  /// When the next segment would leave if the window were spread evenly over a round trip. It may leave up to a round
  /// trip before.
  private var pace: Double = 0
  /// Losses before this time belong to the one that halved the window last.
  private var recoversUntil: Double = 0
  /// Segments that have been handed to the line so far.
  private var segments: UInt64 = 0
  /// How many packets have lacked a segment at their end.
  private var losses: UInt32 = 0
  /// When all segments of the packets so far have left, those sent again too, but for what is `missing`.
  private var sentBy: Nanoseconds = 0
  /// Packets that lack a segment after which no three have been sent yet, or had not when it was lost.
  private var missing: ContiguousArray<Missing> = []

  private struct Missing {
    /// Which it is of all that have lacked one, from 1.
    let number: UInt32
    /// The number of the segment by which its sender learns of the loss.
    let needed: UInt64
    /// How much longer it takes because what was sent again was lost, too.
    let longer: Double
    /// When what is missing has come.
    var comesAt: Nanoseconds
  }

  /// As of RFC 6928.
  private static let firstWindow = 10.0
  /// The segments that must have arrived after a lost one before it is sent again.
  private static let laterSegments = 3

  /// A line, and how long its sender waits at least and at most before it sends again what no others follow.
  struct Setting {
    let line: Line
    let shortestTimeout: Nanoseconds
    let longestTimeout: Nanoseconds

    fileprivate var nanosecondsPerByte: Double { 8_000_000_000 / Double(line.bandwidth) }
    fileprivate var segmentTime: Double { Double(Network.segmentSize) * nanosecondsPerByte }
    fileprivate var latency: Double { Double(line.latency) }
    fileprivate var roundTrip: Double { 2 * latency + segmentTime }
    fileprivate var timeout: Double { max(Double(shortestTimeout), roundTrip + 4 * Double(line.jitter)) }

    /// How long it takes until a segment has been sent again so many times, each after a time-out.
    fileprivate func wait(_ times: Int) -> Double {
      let longest = max(timeout, Double(longestTimeout))
      return (0..<times).reduce(into: (sum: 0, next: timeout)) { wait, _ in
        wait.sum += wait.next
        wait.next = min(2 * wait.next, longest)
      }.sum
    }
  }

  /// What becomes of one packet.
  struct Passage {
    /// When its last bit has left.
    var left: Nanoseconds
    /// When it arrives, but for what `missing` says.
    var arrives: Nanoseconds
    /// When it has left as a whole, and all before it, but for what is `missing`: until then its sender must stand.
    var sentBy: Nanoseconds
    /// By what `comesAt` finds what it lacks; 0 when it lacks nothing.
    var missing: UInt32 = 0
    /// What was sent again.
    var again = Traffic()
    /// When something comes that an earlier packet lacks, since this one follows.
    var completes: Nanoseconds?
  }

  /// Sends a packet.
  ///
  /// - Parameter start: when the line is free for it.
  mutating func carry(
    _ size: Int, from start: Nanoseconds, _ setting: Setting, _ generator: inout Generator
  ) -> Passage {
    let (latency, roundTrip) = (setting.latency, setting.roundTrip)
    let mayBeUnderway = 2 * roundTrip / setting.segmentTime + Self.firstWindow
    let lost = UInt64(setting.line.loss * Double(1 << 53 as UInt64))
    var passage = Passage(left: start, arrives: start, sentBy: start)
    var (cursor, arrives) = (Double(start), 0.0)
    var tail: (needed: Int, longer: Double, comesAt: Double)?
    // After a pause nobody knows what the line bears now.
    if cursor > pace + setting.timeout { window = min(window, Self.firstWindow) }
    let count = Network.segments(size)
    for index in 0..<count {
      let bytes = index < count - 1 ? Network.segmentSize : size - (count - 1) * Network.segmentSize
      let time = Double(bytes) * setting.nanosecondsPerByte
      let begins = max(cursor, pace - roundTrip)
      pace = max(pace, begins) + roundTrip / window * time / setting.segmentTime
      if begins >= recoversUntil { window = min(mayBeUnderway, window + (window < threshold ? 1 : 1 / window)) }
      cursor = begins + time
      arrives = max(arrives, cursor + latency)
      var times = 0
      while generator.next() >> 11 < lost { times += 1 }
      guard times > 0 else { continue }
      passage.again.add(times * bytes, packets: times)
      halve(at: cursor, roundTrip)
      let left = cursor
      if count - 1 - index >= Self.laterSegments {
        cursor += Double(times) * time
        let noticed = left + Double(Self.laterSegments) * setting.segmentTime + 2 * latency
        arrives = max(arrives, noticed + Double(times - 1) * roundTrip + time + latency)
      } else {
        tail = (
          Self.laterSegments - (count - 1 - index), max(tail?.longer ?? 0, Double(times - 1) * roundTrip),
          max(tail?.comesAt ?? 0, left + setting.wait(times) + time + latency)
        )
      }
    }
    passage.left = Self.instant(cursor)
    passage.arrives = Self.instant(arrives)
    sentBy = max(sentBy, passage.left, Self.instant(arrives - latency))
    passage.sentBy = sentBy
    passage.completes = follow(by: count, left: cursor, setting)
    if let tail {
      losses += 1
      missing.append(
        Missing(
          number: losses, needed: segments + UInt64(tail.needed), longer: tail.longer,
          comesAt: Self.instant(tail.comesAt)))
      passage.missing = losses
    }
    return passage
  }

  /// A segment is lost: the window is halved, if it has not been in the last round trip.
  private mutating func halve(at time: Double, _ roundTrip: Double) {
    guard time >= recoversUntil else { return }
    threshold = max(2, window / 2)
    window = threshold
    recoversUntil = time + roundTrip
  }

  /// Some segments follow earlier ones. Their acknowledgements tell the sender what is missing, and it sends that again.
  private mutating func follow(by count: Int, left: Double, _ setting: Setting) -> Nanoseconds? {
    segments += UInt64(count)
    guard !missing.isEmpty else { return nil }
    var completes: Nanoseconds?
    for place in missing.indices where missing[place].needed <= segments {
      let noticed = left + 3 * setting.latency + setting.segmentTime + missing[place].longer
      let comesAt = Self.instant(noticed)
      guard comesAt < missing[place].comesAt else { continue }
      missing[place].comesAt = comesAt
      completes = comesAt
    }
    return completes
  }

  /// An instant that the clock cannot count never comes.
  private static func instant(_ time: Double) -> Nanoseconds {
    time < 18_000_000_000_000_000_000 ? Nanoseconds(time.rounded(.up)) : .max
  }

  /// When a packet will have come as a whole; nil when it lacks nothing any more.
  func comesAt(_ number: UInt32) -> Nanoseconds? { missing.first { $0.number == number }?.comesAt }

  /// A packet has come as a whole.
  mutating func complete(_ number: UInt32) {
    guard let place = missing.firstIndex(where: { $0.number == number }) else { return }
    // Nobody has told the sender of the loss: it begins with one segment again.
    if missing[place].needed > segments {
      threshold = max(2, window / 2)
      window = 1
    }
    missing.remove(at: place)
  }

  /// It does not matter any more what a packet lacks.
  mutating func forget(_ number: UInt32) { missing.removeAll { $0.number == number } }

  /// Whether packets lack something.
  var isMissingSomething: Bool { !missing.isEmpty }

  /// The sender falls: what it has not sent again by now never comes.
  mutating func stop(at now: Nanoseconds, latency: Nanoseconds) {
    for place in missing.indices where missing[place].comesAt - min(missing[place].comesAt, latency) > now {
      missing[place].comesAt = .max
    }
  }

  /// Nothing is on its way any more.
  mutating func forgetMissing() {
    missing.removeAll()
    sentBy = 0
  }
}
