extension Flush {
  /// The first of its own invariants that does not hold, in words: it is written to what an attempt no younger than its
  /// own has left.
  func brokenInvariant() -> String? {
    if reserved < 0 { return "has taken more frames than were reserved" }
    if target.process != attempt.process { return "is written to pages of another process" }
    return target.epoch <= attempt.epoch ? nil : "is written to pages of a later attempt"
  }
}
