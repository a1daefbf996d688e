import Chronicle
import MigrationKernel

/// When a node fails or gives up pages that a process needs from it, these pages are gone: nobody else has them, so the
/// process can never have one of them again. It dies at the latest when it touches one. `World.unsettled` checks that
/// it does not live on for ever without them.
struct LostPages: Sendable {
  private struct Loss {
    let process: ProcessID
    /// The migration that left the pages there.
    let attempt: MigrationAttempt
    let holder: NodeID
    var pages: Set<Int>
  }

  private enum End {
    case fall(NodeID)
    case released(MigrationAttempt, by: NodeID)
  }

  /// The losses of processes that are alive.
  private var losses: [Loss] = []
  /// Nodes that have failed, and pages that were given up, since the last check.
  private var ends: [End] = []

  mutating func observeFall(of node: NodeID) { ends.append(.fall(node)) }

  mutating func observe(_ fact: Fact, from node: NodeID) {
    if case .migration(let attempt, .released) = fact { ends.append(.released(attempt, by: node)) }
  }

  /// Says what is wrong with a packet whose sender has not got the pages in it any more.
  func observeSending(_ packet: borrowing Packet, from node: NodeID) -> String? {
    guard !losses.isEmpty, let (attempt, pages) = packet.supply else { return nil }
    for loss in losses where loss.attempt == attempt && loss.holder == node {
      guard let page = pages.first(where: { loss.pages.contains($0) }) else { continue }
      return "page \(page) of process \(loss.process.serial) is sent by a node that has it no more"
    }
    return nil
  }

  /// Notes pages that arrive: they left the holder before the loss.
  mutating func observe(_ packet: borrowing Packet) {
    guard !losses.isEmpty, let (attempt, pages) = packet.supply else { return }
    for place in losses.indices where losses[place].attempt == attempt { losses[place].pages.subtract(pages) }
  }

  mutating func check(_ world: borrowing World) -> String? {
    if !ends.isEmpty {
      note(world)
      ends.removeAll()
    }
    guard !losses.isEmpty else { return nil }
    losses.removeAll { world.processes[$0.process]?.fate != .alive || $0.pages.isEmpty }
    for loss in losses {
      guard let page = Self.firstThatIsBack(loss, world) else { continue }
      return """
        process \(world.processes[loss.process]?.name ?? "") has page \(page), which only node \
        \(world[loss.holder].name) had and has no more
        """
    }
    return nil
  }

  /// Notes which pages processes have lost by the latest failures.
  private mutating func note(_ world: borrowing World) {
    for end in ends {
      switch end {
      case .released(let attempt, let node):
        note(attempt.process, world) { $0.node == node && $0.attempt == attempt }
      case .fall(let node):
        let records = world.processes.all
        for index in records.indices where records[index].fate == .alive {
          note(records[index].id, world) { $0.node == node }
        }
      }
    }
  }

  private mutating func note(_ process: ProcessID, _ world: borrowing World, where isGone: (RemoteHolding) -> Bool) {
    for holder in world.process(process)?.holders ?? [] where isGone(holder) && !holder.pages.isEmpty {
      var pages = Set(holder.pages)
      // What has come while it stands still is there for it if it stays.
      if let node = world.location(of: process) {
        pages.subtract(world[node].kernel?.pagesSetAside(for: holder.attempt) ?? [])
      }
      losses.append(Loss(process: process, attempt: holder.attempt, holder: holder.node, pages: pages))
    }
  }

  /// The lowest page that was lost and that the process has all the same.
  private static func firstThatIsBack(_ loss: Loss, _ world: borrowing World) -> Int? {
    guard let remote = world.process(loss.process)?.space.remote else { return nil }
    return loss.pages.filter { !remote.contains($0) }.min()
  }
}
