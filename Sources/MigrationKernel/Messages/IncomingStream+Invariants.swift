extension IncomingStream {
  /// The first of its own invariants that does not hold, in words: those that came early are in order, and the one that is
  /// to be delivered next is not among them.
  func brokenInvariant() -> String? {
    var last = expected
    for message in early {
      let sequence = message.id.sequence
      if sequence <= last { return "keeps message \(sequence) behind \(last)" }
      last = sequence
    }
    return nil
  }
}
