import MigrationKernel

/// As long as nothing fails, no message is sent again in silence: between a sender and a receiver none goes twice before one
/// of theirs came back, was dropped or was returned. A sender that has moved may ask after a message by a quicker way than
/// the message takes, and so may one whose message was handed back to its origin, which has heard of a newer place meanwhile.
struct NothingTwice: Sendable {
  private struct Pair: Hashable {
    let from: ProcessID
    let to: ProcessID
  }

  private var isCalm = true
  private var interrupted: Set<Pair> = []
  private var moved: Set<ProcessID> = []

  mutating func observeFault() { isCalm = false }

  mutating func observe(_ fact: Fact) -> String? {
    guard isCalm else { return nil }
    if case .migration(let attempt, .activated) = fact { moved.insert(attempt.process) }
    guard case .message(let id, let fact) = fact, !moved.contains(id.from) else { return nil }
    // Sending again after a time-out is what this mechanism does.
    if id.to.forwarding == .resendDropped { return nil }
    switch fact {
    case .bounced, .cameBack, .dropped, .returned, .handedBack:
      interrupted.insert(Pair(from: id.from, to: id.to))
    case .resent:
      guard !interrupted.contains(Pair(from: id.from, to: id.to)) else { return nil }
      return
        "message \(id.sequence) from \(id.from.serial) to \(id.to.serial) was sent again, though nothing of it was lost"
    case .accepted, .sent, .queued, .forwarded, .held, .delivered, .received, .lost: break
    }
    return nil
  }
}
