import MigrationKernel

/// Following the links that a process left behind never comes back: along a chain of links epochs only grow, and none is
/// left where the process is.
struct LinksLeadOn: Sendable {
  mutating func check(_ world: borrowing World) -> String? {
    var found: String?
    for node in world.nodes {
      guard let kernel = node.kernel, !kernel.locations.links.isEmpty else { continue }
      for (process, link) in kernel.locations.links {
        guard let what = fault(of: link, to: process, on: kernel, world) else { continue }
        let name = world.processes[process]?.name ?? "\(process.serial)"
        let words = "the link of node \(node.name) to process \(name) \(what)"
        // The same one in every run, though the links are in no order.
        found = min(found ?? words, words)
      }
    }
    return found
  }

  private func fault(
    of link: Location, to process: ProcessID, on kernel: NodeKernel, _ world: borrowing World
  ) -> String? {
    if kernel.processes[process] != nil { return "is left where the process is" }
    if link.node == kernel.id { return "leads to the node itself" }
    guard let next = world[link.node].kernel?.locations.links[process], next.epoch <= link.epoch else { return nil }
    return "of epoch \(link.epoch) leads to node \(world[link.node].name), whose own is of epoch \(next.epoch)"
  }
}
