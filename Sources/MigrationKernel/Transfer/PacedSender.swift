/// Batches of pages on their way to a peer: the next one goes when there is room, and within the bandwidth that the
/// migration was given. Rounds before the freeze, what goes while the process stands still, and pushes after it are all
/// sent this way.
struct PacedSender: Sendable {
  /// How many batches are handed to the network at once: enough to keep the line busy, few enough that other traffic need
  /// not wait long.
  static let window = 2

  /// Bits a second that the pages may take of the line; nil for all of it.
  private(set) var bandwidth: UInt64?
  /// Batches that have been handed to the network and have not left yet.
  private(set) var outstanding = 0
  /// Before this time the bandwidth is used up, or the processors are busy with what went last.
  private var opensAt: Nanoseconds = 0
  /// The batch on its way, when it was sent while no other was.
  private var alone: Sent?
  /// What the line carried last, as far as it is known, and how long it took: a batch that went alone.
  private(set) var carried: (bytes: Int, time: Nanoseconds)?

  private struct Sent {
    let bytes: Int
    let at: Nanoseconds
  }

  enum Readiness: Equatable {
    case ready
    /// A batch has to leave first.
    case full
    /// The bandwidth is used up until then, and no batch will say that it has left.
    case notBefore(Nanoseconds)
  }

  init(bandwidth: UInt64?) { self.bandwidth = bandwidth }

  /// When the last batch that has left makes room for what follows it.
  func freeFrom(_ now: Nanoseconds) -> Nanoseconds { max(now, opensAt) }

  func readiness(at now: Nanoseconds) -> Readiness {
    if outstanding >= Self.window { return .full }
    if opensAt > now { return outstanding == 0 ? .notBefore(opensAt) : .full }
    return .ready
  }

  /// - Parameter workEnd: when the node's processors have done what it takes to send the batch.
  mutating func batchSent(bytes: Int, at now: Nanoseconds, workEnd: Nanoseconds) {
    alone = outstanding == 0 ? Sent(bytes: bytes, at: now) : nil
    outstanding += 1
    opensAt = workEnd
    guard let bandwidth else { return }
    opensAt = max(workEnd, now + UInt64(bytes).scaled(by: 8_000_000_000, over: max(1, bandwidth)))
  }

  /// From now on the pages may take all of the line.
  mutating func takeWholeLine() { (bandwidth, opensAt) = (nil, 0) }

  mutating func batchLeft(at now: Nanoseconds) {
    outstanding -= 1
    guard let sent = alone, outstanding == 0 else { return }
    carried = (sent.bytes, now - sent.at)
    alone = nil
  }
}
