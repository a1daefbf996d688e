import MigrationKernel

/// How much time a line `run TIME` lets pass, when the time is a whole number of some unit, as in the scripts of this
/// module. Nil for any other line.
func pause(_ line: String) -> Nanoseconds? {
  guard line.hasPrefix("run ") else { return nil }
  let text = line.dropFirst(4)
  let units: [(String, Nanoseconds)] = [("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000)]
  for (unit, factor) in units where text.hasSuffix(unit) {
    if let count = UInt64(text.dropLast(unit.count)) { return count * factor }
  }
  return nil
}
