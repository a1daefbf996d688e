/// Link traversal: a process that leaves a node leaves a link there, its identifier and its last known location.
///
/// A message for it follows the chain of links until it meets the process; the reply tells the sender's kernel where
/// that was, so the next message goes there straight. Nothing corrects the links in between. When a node of the chain
/// is down, the process cannot be found over it. When a process comes back to a node, its link there goes: a chain has
/// no cycle, since along it epochs only grow.
public struct LinkTraversal: Forwarding {
  /// The links left behind by processes that moved on from here.
  public private(set) var links: [ProcessID: Location] = [:]
  /// The location cache: what replies have told of processes elsewhere.
  public private(set) var cache: [ProcessID: Location] = [:]

  init() {}

  func nextHop(to process: ProcessID) -> NodeID? {
    let link = links[process]
    let learned = cache[process]
    if let link, let learned { return learned.epoch > link.epoch ? learned.node : link.node }
    return (link ?? learned)?.node
  }

  mutating func departed(_ process: ProcessID, to destination: NodeID, epoch: UInt32, since: Nanoseconds) {
    links[process] = Location(node: destination, epoch: epoch, since: since)
    cache[process] = nil
  }

  func runsElsewhere(_ process: ProcessID) -> Nanoseconds? { links[process]?.since }

  mutating func arrived(_ process: ProcessID) {
    links[process] = nil
    cache[process] = nil
  }

  mutating func learned(_ process: ProcessID, at node: NodeID, epoch: UInt32, now: Nanoseconds) {
    if let known = cache[process], known.epoch >= epoch { return }
    cache[process] = Location(node: node, epoch: epoch, since: now)
  }

  mutating func forget(_ process: ProcessID) { cache[process] = nil }

  mutating func lostTouch(with node: NodeID) {
    cache = cache.filter { $0.value.node != node }
  }
}
