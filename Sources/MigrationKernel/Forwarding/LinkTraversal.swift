/// Link traversal: a process that leaves a node leaves a forwarding address there, its identifier and where it went.
///
/// What comes for it while it is moved waits in a queue at its source. Later a message follows the chain of addresses until
/// it meets the process; the reply tells the sender's kernel where that was, so the next message goes there straight.
/// Nothing corrects the addresses in between. When a node of the chain is down, the process cannot be found over it. When
/// a process comes back to a node, the kernel removes its address there: a chain has no cycle, since along it epochs only
/// grow. A process takes along the names of the nodes that have its addresses, and its last kernel has them removed when
/// it ends.
///
///     fault              | a message along the chain                    | forget
///     -------------------+----------------------------------------------+---------------------------------------------
///     node with an       | it is answered `unreachable`; after the node | it has nothing to forget
///     address crashes    | is back `notFound`: the chain stays broken   |
///     connection breaks  | answered `unreachable` for two detection     | lost: the address stays, and leads to a node
///                        | timeouts, then tried again                   | that answers `notFound`
///     cut heals in time  | it waits                                     | it waits
///     late or repeated   | it goes the same way again, or a shorter     | the process is no more, and its identifier
///                        | one: epochs only grow                        | is never used again
enum LinkTraversal: Forwarding {
  static var name: String { "link-traversal" }
  static var leavesAddresses: Bool { true }

  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    if let known = locations.newest(process) { return .node(known.node) }
    return process.origin == locations.node ? .nowhere : .node(process.origin)
  }

  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition { .queue }

  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition {
    guard let known = locations.newest(process) else { return .sendBack(.notFound(at: locations.node)) }
    return .forward(to: known.node, epoch: known.epoch)
  }

  static func processLeaves(_ process: inout Process, _ node: NodeID) { process.trail.append(node) }

  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.locations.forwardingAddresses[departure.attempt.process] = Location(address: address, learnedAt: out.now)
  }
}
