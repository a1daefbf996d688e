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
    // By their places: an iterator would copy each of them.
    let processes = world[node].runningKernel.processes
    let used = processes.occupiedSlots.reduce(0) { $0 + processes[$1].frames }
    let arrivals = world[node].runningKernel.arrivals.values
    let reserved = arrivals.indices.reduce(0) { $0 + arrivals[$1].frames }
    let flushes = world[node].runningKernel.flushes.values
    let promised = flushes.indices.reduce(0) { $0 + flushes[$1].reserved }
    let pages = world[node].runningKernel.keptPages.values
    let kept = pages.indices.reduce(promised) { $0 + pages[$1].pages.count }
    let free = world[node].runningKernel.freeFrames
    let all = world[node].runningKernel.settings.frames
    guard free + used + reserved + kept != all else { return nil }
    return "has \(all) frames, and \(free) are free, \(used) used, \(reserved) reserved and \(kept) kept"
  }
}
