extension ProcessTable {
  /// The first of its own invariants that does not hold, in words: every slot holds a process that is found by its
  /// identifier, or is free to be used again.
  func brokenInvariant() -> String? {
    if let what = slots.brokenInvariant() { return "has slots of which the array \(what)" }
    if index.count + free.count != slots.count {
      return "has \(slots.count) slots, \(index.count) processes and \(free.count) free slots"
    }
    for slot in free where !slots.indices.contains(slot) || slots[slot] != nil {
      return "has a process in free slot \(slot)"
    }
    for slot in occupiedSlots where index[self[slot].id] != slot { return "does not find the process in slot \(slot)" }
    return Set(free).count == free.count ? nil : "has a slot that is free twice"
  }
}
