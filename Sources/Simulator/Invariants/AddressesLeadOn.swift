import Chronicle
import MigrationKernel

/// Who follows the forwarding addresses of a process never comes to a node twice: along their chain epochs only grow, and
/// none is left where the process is.
struct AddressesLeadOn: Sendable {
  func check(_ world: borrowing World) -> String? {
    var found: String?
    for node in world.runningNodes {
      for (process, address) in world[node].runningKernel.locations.forwardingAddresses {
        guard let what = fault(of: address, to: process, on: node, world) else { continue }
        let name = world.processes[process]?.name ?? "\(process.serial)"
        let words = "the forwarding address of process \(name) on node \(world[node].name) \(what)"
        // Chooses the same fault in every run, though a dictionary has no order.
        found = min(found ?? words, words)
      }
    }
    return found
  }

  private func fault(
    of address: Location, to process: ProcessID, on node: NodeID, _ world: borrowing World
  ) -> String? {
    if world[node].runningKernel.processes.contains(process) { return "is left where the process is" }
    if address.node == node { return "leads to the node itself" }
    guard world[address.node].isUp, let next = world[address.node].runningKernel.locations.forwardingAddresses[process],
      next.epoch <= address.epoch
    else { return nil }
    return "of epoch \(address.epoch) leads to node \(world[address.node].name), whose own is of epoch \(next.epoch)"
  }
}
