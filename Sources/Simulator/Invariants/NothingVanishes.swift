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
    let records = world.processes.all
    for index in records.indices
    where records[index].fate == .alive && !isHeld(records[index].id, records[index].owner, world) {
      return "process \(records[index].name) is nowhere, and nobody reported it lost"
    }
    return nil
  }

  private func isHeld(_ process: ProcessID, _ owner: ProcessDirectory.Owner, _ world: borrowing World) -> Bool {
    switch owner {
    case .node(let node): world[node].isUp && world[node].runningKernel.processes.contains(process)
    case .inTransit(let source, let destination):
      world[source].kernel?.departures[process] != nil
        || world[destination].kernel?.arrivals[process]?.process != nil
    }
  }
}
