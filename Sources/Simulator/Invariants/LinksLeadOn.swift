import Chronicle
import MigrationKernel

/// Following the links that a process left behind never comes back: along a chain of links epochs only grow, and none is
/// left where the process is.
struct LinksLeadOn: Sendable {
  func check(_ world: borrowing World) -> String? {
    var found: String?
    for node in world.runningNodes {
      for (process, link) in world[node].runningKernel.locations.forwardingAddresses {
        guard let what = fault(of: link, to: process, on: node, world) else { continue }
        let name = world.processes[process]?.name ?? "\(process.serial)"
        let words = "the link of node \(world[node].name) to process \(name) \(what)"
        // The same one in every run, though the links are in no order.
        found = min(found ?? words, words)
      }
    }
    return found
  }

  private func fault(
    of link: Location, to process: ProcessID, on node: NodeID, _ world: borrowing World
  ) -> String? {
    if world[node].runningKernel.processes.contains(process) { return "is left where the process is" }
    if link.node == node { return "leads to the node itself" }
    guard world[link.node].isUp, let next = world[link.node].runningKernel.locations.forwardingAddresses[process],
      next.epoch <= link.epoch
    else { return nil }
    return "of epoch \(link.epoch) leads to node \(world[link.node].name), whose own is of epoch \(next.epoch)"
  }
}
