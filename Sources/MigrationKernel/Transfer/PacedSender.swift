/// Batches of pages on their way to a peer: the next one goes when there is room, and within the bandwidth that the
/// migration was given. Rounds before the freeze, what goes while the process stands still, and pushes after it are all
/// sent this way.
struct PacedSender: Sendable {
  /// How many batches are handed to the network at once: enough to keep the line busy, few enough that other traffic need
  /// not wait long.
  static let window = 2

  /// Bits a second that the pages may take of the line; nil for all of it.
  let bandwidth: UInt64?
  /// Batches that have been handed to the network and have not left yet.
  private(set) var outstanding = 0
  /// Before this time the bandwidth is used up.
  private var opensAt: Nanoseconds = 0

  enum Readiness: Equatable {
    case ready
    /// A batch has to leave first.
    case full
    /// The bandwidth is used up until then, and no batch will say that it has left.
    case notBefore(Nanoseconds)
  }

  init(bandwidth: UInt64?) { self.bandwidth = bandwidth }

  func readiness(at now: Nanoseconds) -> Readiness {
    if outstanding >= Self.window { return .full }
    if opensAt > now { return outstanding == 0 ? .notBefore(opensAt) : .full }
    return .ready
  }

  mutating func batchSent(bytes: Int, at now: Nanoseconds) {
    outstanding += 1
    guard let bandwidth else { return }
    opensAt = now + UInt64(bytes).scaled(by: 8_000_000_000, over: max(1, bandwidth))
  }

  mutating func batchLeft() { outstanding -= 1 }
}
