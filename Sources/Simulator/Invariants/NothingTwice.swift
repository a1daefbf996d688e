import MigrationKernel

/// As long as nothing fails, no message is sent again: but for one that came back or was dropped where its receiver was not,
/// and those behind one that was returned.
struct NothingTwice: Sendable {
  private struct Pair: Hashable {
    let from: ProcessID
    let to: ProcessID
  }

  private var isCalm = true
  private var goAgain: Set<MessageID> = []
  private var interrupted: Set<Pair> = []

  mutating func observeFault() { isCalm = false }

  mutating func observe(_ fact: Fact) -> String? {
    guard isCalm, case .message(let id, let fact) = fact else { return nil }
    switch fact {
    case .bounced, .cameBack, .dropped: goAgain.insert(id)
    case .returned: interrupted.insert(Pair(from: id.from, to: id.to))
    case .resent:
      guard goAgain.remove(id) == nil, !interrupted.contains(Pair(from: id.from, to: id.to)) else { return nil }
      return "message \(id.sequence) from \(id.from.serial) to \(id.to.serial) was sent again, though nothing of it was lost"
    case .accepted, .sent, .queued, .forwarded, .handedBack, .held, .delivered, .received, .lost: break
    }
    return nil
  }
}
