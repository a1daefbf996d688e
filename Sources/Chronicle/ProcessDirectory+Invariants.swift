import MigrationKernel

extension ProcessDirectory {
  /// The first of its own invariants that does not hold, in words: every process that ever was is found by its identifier
  /// and by its name.
  package func brokenInvariant() -> String? {
    if let what = records.brokenInvariant() { return "has records of which the array \(what)" }
    if byID.count != records.count || byName.count != records.count {
      return "finds \(byID.count) of \(records.count) processes, and \(byName.count) by name"
    }
    for place in records.indices where byID[records[place].id] != place || byName[records[place].name] != place {
      return "does not find process \(records[place].name)"
    }
    return nil
  }
}
