/// When that has left for which a process stands still, by the clock of its source: first its pages, then its state.
struct FreezeClock: Sendable {
  /// When the last thread stood still.
  let frozenAt: Nanoseconds
  private var pagesLeftAt: Nanoseconds?
  private var handedOverAt: Nanoseconds?
  private var stateLeftAt: Nanoseconds?
  /// Batches that had not left when the process was handed over.
  private var batches = 0

  init(frozenAt: Nanoseconds) { self.frozenAt = frozenAt }

  /// From the freeze until the last page had left and its part of the line was over; none when there were no pages.
  var pagesTime: Nanoseconds { (pagesLeftAt ?? frozenAt) - frozenAt }

  /// From then, or from the handover if that was later, until the state had left.
  var stateTime: Nanoseconds {
    guard let stateLeftAt, let handedOverAt else { return 0 }
    return stateLeftAt - min(stateLeftAt, max(handedOverAt, pagesLeftAt ?? 0))
  }

  /// All pages that were handed to the network have left; what they may take of the line is over at `now`.
  mutating func pagesLeft(at now: Nanoseconds) { pagesLeftAt = now }

  /// The state is handed to the network, behind so many batches of pages.
  mutating func handedOver(at now: Nanoseconds, batchesLeft: Int) { (handedOverAt, batches) = (now, batchesLeft) }

  /// Handed over: a packet has left; the state is the last.
  mutating func packetLeft(at now: Nanoseconds) {
    guard batches > 0 else {
      stateLeftAt = now
      return
    }
    batches -= 1
    if batches == 0 { pagesLeftAt = now }
  }
}
