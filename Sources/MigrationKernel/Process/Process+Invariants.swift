extension Process {
  /// The first of its own invariants that does not hold, in words: its memory and its messages hold together.
  func brokenInvariant() -> String? {
    if !(0..<100 ~= throttle) { return "is slowed down by \(throttle) %" }
    if let what = synchronization.brokenInvariant(threads) { return what }
    if let what = space.brokenInvariant() { return "has memory that \(what)" }
    if let what = outbox.brokenInvariant(of: id) { return what }
    for (sender, stream) in incoming {
      if let what = stream.brokenInvariant() { return "takes messages from process \(sender.serial), and \(what)" }
    }
    return nil
  }
}
