import MigrationKernel

extension PacketTrace {
  /// The first of its own invariants that does not hold, in words: the latest packet left after it was sent, and arrived
  /// after it left.
  package func brokenInvariant() -> String? {
    if let what = ring.brokenInvariant() { return "has packets of which the array \(what)" }
    guard let last = ring.last else { return nil }
    return last.sentAt <= last.leftAt && last.leftAt <= last.arrivesAt
      ? nil : "has a packet that arrives before it leaves"
  }
}
