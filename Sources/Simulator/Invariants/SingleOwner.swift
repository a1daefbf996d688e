import MigrationKernel

/// At most one runnable copy of a process, ever, and a copy that is frozen or in doubt never executes.
struct SingleOwner: Sendable {
  mutating func check(_ world: borrowing World) -> String? {
    var runnable: Set<ProcessID> = []
    for node in world.nodes {
      guard let kernel = node.kernel else { continue }
      for process in kernel.processes {
        switch process.phase {
        case .active:
          guard runnable.insert(process.id).inserted else {
            return "two copies of process \(process.name) may run, one of them on node \(node.name)"
          }
        case .migrating where kernel.departures[process.id]?.stage != .freezing,
          .new where process.cpuTime > 0:
          guard process.threads.allSatisfy({ if case .running = $0.state { false } else { true } }) else {
            return "process \(process.name) executes on node \(node.name), though it is frozen"
          }
        case .migrating, .new, .held: break
        }
      }
      for arrival in kernel.arrivals.values {
        guard let copy = arrival.process else { continue }
        guard copy.threads.allSatisfy({ if case .running = $0.state { false } else { true } }) else {
          return "the copy of process \(copy.name) on node \(node.name) executes, though it is in doubt"
        }
      }
    }
    return nil
  }
}
