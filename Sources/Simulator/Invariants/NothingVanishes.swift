import Chronicle
import MigrationKernel

/// A process is lost only by the crash of a node that it was on or depended on, and the log names that node. A process
/// that needs pages from a silent node may be lost too, since nobody can tell whether that node has crashed or cannot
/// be reached. But silence says nothing of a process that has gone to another node. A process that was lost, or has
/// ended, does not come back.
struct NothingVanishes: Sendable {
  private struct Loss {
    let process: ProcessID
    let cause: NodeID
    let reporter: NodeID
  }

  /// Losses that were reported and are not judged yet.
  private var losses: [Loss] = []
  /// Processes that a kernel has activated and that are not judged yet.
  private var activated: [ProcessID] = []
  /// For each node, when another was last told that it does not answer.
  private var silences: [NodeID: Nanoseconds] = [:]

  mutating func observeSilence(of node: NodeID, at time: Nanoseconds) { silences[node] = time }

  mutating func observe(_ fact: Fact, from node: NodeID) {
    if case .lost(let process, let cause) = fact {
      losses.append(Loss(process: process, cause: cause, reporter: node))
    } else if case .migration(let attempt, .activated) = fact {
      activated.append(attempt.process)
    }
  }

  mutating func check(_ world: borrowing World) -> String? {
    for loss in losses where !isExplained(loss, world) {
      return """
        process \(loss.process.serial) of \(world[loss.process.origin].name) was lost because of node \
        \(world[loss.cause].name), which did not fail
        """
    }
    losses.removeAll()
    for process in activated {
      guard let record = world.processes[process], let end = record.fate.time, end < world.now else { continue }
      return "process \(record.name) may run again, though it had ended or was lost"
    }
    activated.removeAll()
    let records = world.processes.all
    for index in records.indices
    where records[index].fate == .alive && !isHeld(records[index].id, records[index].owner, world) {
      return "process \(records[index].name) is nowhere, and nobody reported it lost"
    }
    return nil
  }

  /// True when the node that is blamed failed while the process existed, or did not answer when the process's own
  /// kernel gave the process up.
  private func isExplained(_ loss: Loss, _ world: borrowing World) -> Bool {
    guard let record = world.processes[loss.process] else { return false }
    if let failure = world[loss.cause].failures.last, failure >= record.createdAt { return true }
    guard record.owner == .node(loss.reporter), let silence = silences[loss.cause] else { return false }
    return silence >= record.createdAt
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

extension ProcessDirectory.Fate {
  /// When it happened; nil for a process that is alive.
  fileprivate var time: Nanoseconds? {
    switch self {
    case .alive: nil
    case .ended(_, let time, _), .lost(_, let time): time
    }
  }
}
