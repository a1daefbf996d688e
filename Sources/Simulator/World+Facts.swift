import Chronicle
import MigrationKernel

/// What the world tells its chronicle, and what it reads of it.
extension World {
  /// What happened, in order.
  public var log: Log { _read { yield chronicle.log } }
  /// Every process that ever was.
  public var processes: ProcessDirectory { _read { yield chronicle.processes } }
  /// Every migration that ever was.
  public var migrations: MigrationLedger { _read { yield chronicle.migrations } }
  /// The messages of late.
  public var messages: MessageLedger { _read { yield chronicle.messages } }
  /// The packets of late.
  public var packets: PacketTrace { _read { yield chronicle.packets } }
  /// The number of the node of that name, if there is one.
  public func node(named name: String) -> NodeID? { chronicle.node(named: name) }

  mutating func recordFact(_ fact: consuming Fact, from node: NodeID) {
    guard let fact = chronicle.recordFact(fact, from: node, at: now) else { return }
    if keepsDigest { digest = Generator.fold(digest, fact.digest &+ now) }
    invariants?.observe(fact, from: node, at: now)
  }

  mutating func recordEvent(_ event: ClusterEvent, of node: NodeID) {
    for loss in chronicle.recordEvent(event, of: node, at: now) { invariants?.observe(loss, from: node, at: now) }
  }
}
