import MigrationKernel

extension MigrationLedger {
  /// The first of its own invariants that does not hold, in words: records are numbered in order, and each is found by its
  /// attempt.
  package func brokenInvariant() -> String? {
    if let what = records.brokenInvariant() { return "has records of which the array \(what)" }
    for place in records.indices {
      if records[place].number != place + 1 { return "has number \(records[place].number) at place \(place + 1)" }
      if index[records[place].attempt] != place { return "does not find migration \(place + 1)" }
      if let what = records[place].fault { return "has migration \(place + 1), which \(what)" }
    }
    return nil
  }
}

extension MigrationRecord {
  /// Counts of parts are no larger than the whole, and what has ended did so after it began.
  fileprivate var fault: String? {
    if pagesSent < zeroPages + deltaPages || pagesSent < redundantPages || pagesSent < pagesSentFrozen {
      return "sent \(pagesSent) pages in all"
    }
    if let endedAt, endedAt < offeredAt { return "ended before it began" }
    if awaitsCore, activatedAt == nil || coreWaitTime != nil { return "waits for a core that it has had" }
    if let freezeTime, let pagesTime, let stateTime, let coreWaitTime,
      pagesTime + stateTime + coreWaitTime > freezeTime
    {
      return "stood still for less than the parts of that time"
    }
    if let totalTime, let freezeTime, totalTime < freezeTime { return "was over before it stood still no more" }
    switch status {
    case .none: return "has no status"
    case .negotiating, .transferring, .freezing, .handover: return endedAt == nil ? nil : "is under way and has ended"
    case .refused, .aborted, .cancelled, .lost: return endedAt == nil ? "has not ended, and is \(status.rawValue)" : nil
    case .completed: return activatedAt == nil ? "is completed, and has not run at its destination" : nil
    }
  }
}
