import MigrationKernel

extension MessageLedger {
  /// The first of its own invariants that does not hold, in words: the records kept are the last of those accepted, and
  /// what has no end yet is found by its identifier, as far as it is kept.
  package func brokenInvariant() -> String? {
    if let what = records.brokenInvariant() { return "has records of which the array \(what)" }
    if accepted != UInt64(forgotten + records.count) { return "has accepted \(accepted), and numbered others" }
    if let last = records.last, last.number != forgotten + records.count {
      return "has number \(last.number) at its end"
    }
    for (id, number) in open where records.indices.contains(number - forgotten) {
      let record = records[number - forgotten]
      if record.id != id || record.number != number + 1 { return "takes another for message \(number + 1)" }
      switch record.status {
      case .waiting: break
      case .delivered, .returned, .lost:
        return "has message \(number + 1) on its way, which is \(record.status.rawValue)"
      }
    }
    for (id, number) in missing where self[number + 1]?.id != id { return "takes another for message \(number + 1)" }
    guard accepted == delivered + returned + lost + UInt64(open.count) else {
      return """
        has accepted \(accepted) messages, of which \(delivered) were delivered, \(returned) returned, \(lost) lost and \
        \(open.count) are on their way
        """
    }
    return nil
  }
}
