extension Arrival {
  /// The first of its own invariants that does not hold, in words: what has come is the process that was offered, and fits
  /// in the frames that are reserved for it.
  func brokenInvariant() -> String? {
    if lastHeard < acceptedAt { return "was heard of last before it was accepted" }
    switch state {
    case .changing: return "was left while it changes"
    case .awaited(let space):
      if space.pageCount != frames { return "has \(frames) frames for \(space.pageCount) pages" }
      if !space.remote.isEmpty { return "awaits pages that are to stay away" }
      return space.brokenInvariant().map { "has pages of which the space \($0)" }
    case .installed(let process), .inDoubt(let process):
      if process.id != attempt.process || process.epoch != attempt.epoch { return "has a process that was not offered" }
      if process.space.pageCount != frames { return "has \(frames) frames for \(process.space.pageCount) pages" }
      if process.threads.contains(where: \.isRunning) { return "has a process that runs" }
      return process.brokenInvariant().map { "has a process that \($0)" }
    }
  }
}
