import Chronicle
import MigrationKernel

/// Under link update a source commits when the kernels of all correspondents that it has told the new address have
/// acknowledged it, or two detection timeouts later.
///
/// A node that was said to be silent, or has fallen, need not be awaited: what goes there is not looked at from then on.
struct CommitsWait: Sendable {
  private struct Told {
    let node: NodeID
    let time: Nanoseconds
  }

  /// By migration, the correspondents whose kernels have been told and have not answered.
  private var told: [MigrationAttempt: [ProcessID: Told]] = [:]
  private var silent: Set<NodeID> = []
  /// Those whose process has come to stand still in the event that is not over yet. Only what is sent then is
  /// awaited: what correspondents here that are moving away are told goes on with them later.
  private var frozen: Set<MigrationAttempt> = []
  /// A commit in the event that is not over yet, and those that have not answered by then.
  private var hasty: (commit: MigrationAttempt, source: NodeID, awaited: [Told])?

  /// Notes that a node has fallen, or that one is told that it does not answer.
  mutating func observeSilence(of node: NodeID) { silent.insert(node) }

  /// Notes a fact that a kernel reports.
  mutating func observe(_ fact: Fact) {
    if case .migration(let attempt, .frozen) = fact { frozen.insert(attempt) }
  }

  /// Notes a packet that a kernel sends.
  mutating func observeSending(_ packet: borrowing Packet, from node: NodeID, to other: NodeID, at time: Nanoseconds) {
    switch packet.linkStep {
    case .told(let attempt, let correspondent, let source):
      // It has come back to where it began when the correspondent has moved there.
      if other == source {
        told[attempt]?[correspondent] = nil
      } else if node == source, frozen.contains(attempt) {
        told[attempt, default: [:]][correspondent] = Told(node: other, time: time)
      }
    case .answered(let attempt, let correspondent): told[attempt]?[correspondent] = nil
    case .committed(let attempt):
      guard let awaited = told.removeValue(forKey: attempt), !awaited.isEmpty else { return }
      hasty = (attempt, node, Array(awaited.values))
    case nil: break
    }
  }

  mutating func check(_ world: borrowing World) -> String? {
    if !frozen.isEmpty { frozen = [] }
    guard let (commit, source, awaited) = hasty else { return nil }
    hasty = nil
    let (node, patience) = (world[source], 2 * world[source].settings.detectionTimeout)
    guard awaited.contains(where: { !silent.contains($0.node) && world.now < $0.time + patience }) else { return nil }
    return """
      node \(node.name) commits process \(world.processes[commit.process]?.name ?? "") though a correspondent's kernel \
      has not acknowledged its new address
      """
  }
}
