import Chronicle
import MigrationKernel

/// There is never more than one runnable copy of a process, and a copy that is frozen or in doubt never executes.
struct SingleOwner: Sendable {
  func check(_ world: borrowing World) -> String? {
    var runnable: Set<ProcessID> = []
    for node in world.runningNodes {
      let processes = world[node].runningKernel.processes
      for slot in processes.occupiedSlots {
        switch processes[slot].phase {
        case .active:
          guard runnable.insert(processes[slot].id).inserted else {
            return """
              two copies of process \(processes[slot].name) may run, one of them on node \(world[node].name)
              """
          }
        case .migrating where world[node].runningKernel.departures[processes[slot].id]?.stage != .freezing,
          .placing,
          .new where processes[slot].cpuTime > 0:
          if Self.executes(processes[slot].threads) {
            return "process \(processes[slot].name) executes on node \(world[node].name), though it is frozen"
          }
        case .migrating, .new, .held: break
        }
      }
      // By their places: an iterator would copy each of them.
      let arrivals = world[node].runningKernel.arrivals.values
      for place in arrivals.indices where arrivals[place].process != nil {
        if let copy = arrivals[place].process, let violation = Self.violation(byCopy: copy, on: world[node].name) {
          return violation
        }
      }
    }
    return nil
  }

  /// What is wrong with a copy that has been installed but not committed.
  static func violation(byCopy copy: Process, on node: String) -> String? {
    Self.executes(copy.threads)
      ? "the copy of process \(copy.name) on node \(node) executes, though it is in doubt" : nil
  }

  private static func executes(_ threads: ContiguousArray<Thread>) -> Bool {
    threads.contains { if case .running = $0.state { true } else { false } }
  }
}
