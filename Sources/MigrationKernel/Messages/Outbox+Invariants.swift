extension Outbox {
  /// The first of its own invariants that does not hold, in words: what is kept for each receiver was sent by `sender` to
  /// it, and is in order.
  func brokenInvariant(of sender: ProcessID) -> String? {
    for (receiver, stream) in streams {
      if let what = stream.brokenInvariant(from: sender, to: receiver) {
        return "keeps messages to process \(receiver.serial), of which it \(what)"
      }
    }
    return nil
  }
}

extension OutgoingStream {
  func brokenInvariant(from sender: ProcessID, to receiver: ProcessID) -> String? {
    var lowest: UInt32 = 0
    for kept in unacknowledged {
      let sequence = kept.id.sequence
      if kept.id.from != sender || kept.id.to != receiver { return "keeps one that is another's" }
      if sequence < lowest { return "keeps \(sequence) out of order" }
      lowest = sequence + 1
    }
    if lowest > nextSequence { return "keeps \(lowest - 1), and \(nextSequence) is the next" }
    return handedOnBelow > nextSequence ? "has handed on those below \(handedOnBelow) of \(nextSequence)" : nil
  }
}
