import MigrationKernel

extension Log {
  /// The first of its own invariants that does not hold, in words: the entries kept are the last, without a gap.
  package func brokenInvariant() -> String? {
    if let what = ring.brokenInvariant() { return "has entries of which the array \(what)" }
    guard let first = ring.first, let last = ring.last else { return total == 0 ? nil : "has lost all its entries" }
    if last.number != total { return "ends with entry \(last.number) of \(total)" }
    return first.number == total - ring.count + 1
      ? nil : "begins with entry \(first.number) of \(total), and keeps \(ring.count)"
  }
}
