import Chronicle
import MigrationKernel

/// What the world tells its chronicle.
extension World {
  mutating func recordFact(_ fact: consuming Fact, from node: NodeID) {
    // The chronicle takes the fact; a copy, which costs time, is kept only for those who look at it afterwards.
    let word = keepsDigest ? fact.digest &+ now : 0
    let reported = invariants == nil ? nil : copy fact
    guard chronicle.recordFact(fact, from: node, at: now) else { return }
    if keepsDigest { digest = Generator.fold(digest, word) }
    if let reported { invariants?.observe(reported, from: node, at: now) }
  }

  mutating func recordEvent(_ event: ClusterEvent, of node: NodeID) {
    for loss in chronicle.recordEvent(event, of: node, at: now) { invariants?.observe(loss, from: node, at: now) }
  }
}
