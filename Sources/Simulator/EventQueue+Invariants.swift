import MigrationKernel

extension EventQueue {
  /// The first of its own invariants that does not hold, in words: each slot has one event and one key that leads to it, or
  /// is free; and nothing is due before `now`.
  func brokenInvariant(at now: Nanoseconds) -> String? {
    if heap.count + free.count != slots.count {
      return "has \(slots.count) slots, \(heap.count) keys and \(free.count) free slots"
    }
    if let time = nextTime, time < now { return "has an event that was due at \(time)" }
    if slots.count(where: { $0 != nil }) != heap.count { return "has \(heap.count) keys for another number of events" }
    if slots.count(where: { $0?.isUpkeep == true }) != upkeep {
      return "counts \(upkeep) events that come again and again"
    }
    for key in heap.unordered {
      guard slots.indices.contains(key.slot), slots[key.slot] != nil else { return "has no event in slot \(key.slot)" }
      if key.sequence >= sequence { return "has an event that has not been scheduled" }
    }
    return nil
  }
}
