import Chronicle
import MigrationKernel

/// What the world tells its chronicle.
extension World {
  mutating func recordFact(_ fact: consuming Fact, from node: NodeID) {
    guard let fact = chronicle.recordFact(fact, from: node, at: now) else { return }
    if keepsDigest { digest = Generator.fold(digest, fact.digest &+ now) }
    invariants?.observe(fact, from: node, at: now)
  }

  mutating func recordEvent(_ event: ClusterEvent, of node: NodeID) {
    for loss in chronicle.recordEvent(event, of: node, at: now) { invariants?.observe(loss, from: node, at: now) }
  }
}
