extension NodeKernel {
  /// The first invariant of the scheduler that does not hold, in words: a thread that runs has one core, one that may run
  /// waits for one, and no core is idle meanwhile.
  func brokenSchedule() -> String? {
    for core in cores.indices {
      guard let reference = cores[core].thread else {
        if let waiting = ready.first {
          return "lets process \(waiting.process.serial) wait for core \(core), which is idle"
        }
        if cores[core].wakeAt != .max { return "wants to be called for core \(core), which is idle" }
        continue
      }
      if state(of: reference) != .running(core: core) { return "has a thread on core \(core) that does not run there" }
      if cores[core].wakeAt == .max { return "is never called for core \(core)" }
    }
    for reference in ready where state(of: reference) != .ready || !processes[reference.slot].isRunnable {
      return "has a thread of process \(reference.process.serial) wait for a core that must not have one"
    }
    var (running, waiting) = (0, 0)
    for slot in processes.occupiedSlots {
      let isRunnable = processes[slot].isRunnable
      for thread in processes[slot].threads.indices {
        switch processes[slot].threads[thread].state {
        case .running: running += 1
        case .ready: waiting += isRunnable && processes[slot].threads[thread].pausedUntil == nil ? 1 : 0
        case .receiving, .sending, .sleeping, .faulting, .locking, .meeting, .joining, .calling, .ended: break
        }
      }
    }
    let busy = cores.count { $0.thread != nil }
    if running != busy { return "has \(running) threads that run on \(busy) cores" }
    return waiting == ready.count ? nil : "has \(waiting) threads that may run, and \(ready.count) wait for a core"
  }

  /// Nil when the process is not in its slot any more.
  private func state(of reference: ThreadReference) -> Thread.State? {
    guard processes.holds(reference.process, in: reference.slot),
      processes[reference.slot].threads.indices.contains(reference.thread)
    else { return nil }
    return processes[reference.slot].threads[reference.thread].state
  }
}
