import MigrationKernel

/// As long as nothing fails, no message is sent again in silence: between a sender and a receiver none goes twice before one
/// of theirs came back, was dropped or was returned. A sender that has moved may ask after a message by a quicker way than
/// the message takes, and what asks after one whose receiver moves meanwhile may find the newer place before it.
struct NothingTwice: Sendable {
  private struct Pair: Hashable {
    let from: ProcessID
    let to: ProcessID
  }

  private var isCalm = true
  private var interrupted: Set<Pair> = []
  /// How often each process has come to another node.
  private var moves: [ProcessID: Int] = [:]
  /// How often its receiver had moved when each message was accepted that is on its way, or was while it moved.
  private var movesBefore: [MessageID: Int] = [:]

  mutating func observeFault() { isCalm = false }

  mutating func observe(_ fact: Fact) -> String? {
    guard isCalm else { return nil }
    if case .migration(let attempt, .activated) = fact { moves[attempt.process, default: 0] += 1 }
    guard case .message(let id, let fact) = fact, moves[id.from] == nil else { return nil }
    // Sending again after a time-out is what this mechanism does.
    if id.to.forwarding == .resendDropped { return nil }
    switch fact {
    case .accepted: movesBefore[id] = moves[id.to] ?? 0
    case .delivered where movesBefore[id] == moves[id.to] ?? 0: movesBefore[id] = nil
    case .bounced, .cameBack, .dropped, .returned: interrupted.insert(Pair(from: id.from, to: id.to))
    case .resent:
      guard !interrupted.contains(Pair(from: id.from, to: id.to)) else { return nil }
      if let before = movesBefore[id], before != moves[id.to] ?? 0 { return nil }
      return
        "message \(id.sequence) from \(id.from.serial) to \(id.to.serial) was sent again, though nothing of it was lost"
    case .sent, .queued, .forwarded, .handedBack, .held, .delivered, .received, .lost: break
    }
    return nil
  }
}
