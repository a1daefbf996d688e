import Chronicle
import MigrationKernel

/// Every frame of a node's memory is exactly one of these: free, used by a process, reserved for a process that arrives
/// or for pages that are flushed to the node, or kept for a process that has left pages there.
struct FramesBalance: Sendable {
  func check(_ world: borrowing World) -> String? {
    for node in world.runningNodes {
      if let fault = fault(of: node, world) { return "node \(world[node].name) \(fault)" }
    }
    return nil
  }

  /// What is wrong with the frames of a node that is up.
  func fault(of node: NodeID, _ world: borrowing World) -> String? {
    let processes = world[node].runningKernel.processes
    let used = processes.occupiedSlots.reduce(0) { $0 + processes[$1].frames }
    let reserved = world[node].runningKernel.arrivals.values.reduce(0) { $0 + $1.frames }
    let promised = world[node].runningKernel.flushes.values.reduce(0) { $0 + $1.reserved }
    let kept = world[node].runningKernel.keptPages.values.reduce(promised) { $0 + $1.pages.count }
    let free = world[node].runningKernel.freeFrames
    let all = world[node].runningKernel.settings.frames
    guard free + used + reserved + kept != all else { return nil }
    return "has \(all) frames, and \(free) are free, \(used) used, \(reserved) reserved and \(kept) kept"
  }
}
