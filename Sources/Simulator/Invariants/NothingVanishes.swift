import MigrationKernel

/// A process is lost only by the crash of a node that it was on or depended on, and the log names that node. To one that
/// needs pages from a node that does not answer it is the same whether that node has crashed or cannot be reached.
struct NothingVanishes: Sendable {
  /// Losses reported and not yet judged.
  private var losses: [(process: ProcessID, cause: NodeID)] = []
  /// Nodes of which another has been told that they do not answer.
  private var unreachable: Set<NodeID> = []

  mutating func observeSilence(of node: NodeID) { unreachable.insert(node) }

  mutating func observe(_ fact: Fact) {
    if case .lost(let process, let cause) = fact { losses.append((process, cause)) }
  }

  mutating func check(_ world: borrowing World) -> String? {
    for (process, cause) in losses where world[cause].failures.isEmpty && !unreachable.contains(cause) {
      return """
        process \(process.serial) of \(world[process.origin].name) was lost because of node \(world[cause].name), which \
        never failed
        """
    }
    losses.removeAll()
    for record in world.processes.all where record.fate == .alive {
      let isHeld: Bool
      switch record.owner {
      case .node(let node): isHeld = world[node].kernel?.processes[record.id] != nil
      case .inTransit(let source, let destination):
        isHeld =
          world[source].kernel?.departures[record.id] != nil
          || world[destination].kernel?.arrivals[record.id]?.process != nil
      }
      if !isHeld { return "process \(record.name) is nowhere, and nobody reported it lost" }
    }
    return nil
  }
}
