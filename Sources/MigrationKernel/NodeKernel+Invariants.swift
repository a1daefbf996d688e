extension NodeKernel {
  /// Processes that have moved from here, or were about to, while some correspondents have not acknowledged where they are;
  /// and since when those are told.
  package var untoldMoves: [(process: ProcessID, since: Nanoseconds)] {
    addressNews.values.map { ($0.attempt.process, $0.startedAt) }
  }

  /// The first invariant of a container or a state machine of this kernel that does not hold between two events, in
  /// words; each is in the file of its type.
  package func brokenInvariant() -> String? {
    if let what = processes.brokenInvariant() { return "has a table of processes that \(what)" }
    if let what = brokenSchedule() { return what }
    for slot in processes.occupiedSlots {
      if let what = fault(inSlot: slot) { return "has process \(processes[slot].id.serial), which \(what)" }
    }
    for (process, departure) in departures {
      if let what = departure.brokenInvariant() ?? fault(of: departure, process) {
        return "moves process \(process.serial) away, which \(what)"
      }
    }
    for move in familyMoves.values {
      if let what = move.brokenInvariant() { return "moves a family that \(what)" }
    }
    for (process, arrival) in arrivals {
      if let what = arrival.brokenInvariant() ?? fault(of: arrival, process) {
        return "awaits process \(process.serial), which \(what)"
      }
    }
    for (process, flush) in flushes {
      if let what = flush.attempt.process == process ? flush.brokenInvariant() : "is another" {
        return "is written pages of process \(process.serial) by a flush that \(what)"
      }
    }
    for (process, outbox) in outboxes {
      if let what = outbox.isSettled ? "has nothing left to send" : outbox.brokenInvariant(of: process) {
        return "keeps what process \(process.serial) has sent, which \(what)"
      }
    }
    return freeFrames < 0 ? "has fewer frames than are in use" : nil
  }

  private func fault(inSlot slot: Int) -> String? {
    if processes[slot].phase == .migrating, departures[processes[slot].id] == nil {
      return "stands still for no migration"
    }
    if processes[slot].phase == .placing, nodeSearches[processes[slot].id]?.purpose != .placement {
      return "is being placed, and nobody looks for a node"
    }
    if arrivals[processes[slot].id] != nil { return "is here and awaited too" }
    return processes[slot].brokenInvariant()
  }

  private func fault(of departure: Departure, _ process: ProcessID) -> String? {
    if departure.attempt.process != process { return "is another" }
    if departure.destination == id { return "goes nowhere" }
    guard let slot = processes.slot(of: process) else {
      return departure.stage == .committed ? nil : "is not here"
    }
    if departure.stage == .committed { return "is still here" }
    if processes[slot].epoch != departure.attempt.epoch { return "is moved by an attempt that is not its last" }
    let isStopped = departure.isFrozen || departure.stage == .freezing
    return isStopped == (processes[slot].phase == .migrating)
      ? nil : "is at `\(departure.stage)`, and not stopped for that"
  }

  private func fault(of arrival: Arrival, _ process: ProcessID) -> String? {
    if arrival.attempt.process != process { return "is another" }
    return arrival.source == id ? "comes from here" : nil
  }
}
