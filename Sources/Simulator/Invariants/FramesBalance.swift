import MigrationKernel

/// Every frame of a node's memory is free, or used by a process, reserved for one that arrives or for what is flushed to
/// the node, or kept for one that has left pages there; and none is two of these.
struct FramesBalance: Sendable {
  func check(_ world: borrowing World) -> String? {
    for node in world.nodes {
      if let found = fault(of: node) { return found }
    }
    return nil
  }

  /// What is wrong with the frames of one node; nothing is with those of one that is down.
  func fault(of node: World.Node) -> String? {
    guard let kernel = node.kernel else { return nil }
    let used = kernel.processes.reduce(0) { $0 + $1.space.pageCount }
    let reserved = kernel.arrivals.values.reduce(0) { $0 + $1.frames }
    let promised = kernel.flushes.values.reduce(0) { $0 + $1.reserved }
    let kept = kernel.residues.values.reduce(promised) { $0 + $1.pages.count }
    guard kernel.freeFrames + used + reserved + kept != node.settings.frames else { return nil }
    return """
      node \(node.name) has \(node.settings.frames) frames, and \(kernel.freeFrames) are free, \(used) used, \
      \(reserved) reserved and \(kept) kept
      """
  }
}
