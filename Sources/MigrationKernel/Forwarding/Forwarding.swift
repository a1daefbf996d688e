/// How messages find a process that has moved: what one kernel remembers of processes elsewhere, and where it sends
/// what is for them. A mechanism knows only what this kernel did itself or was told in packets.
protocol Forwarding: Sendable {
  /// The next node towards `process`, which is not here; nil when nothing here tells.
  func nextHop(to process: ProcessID) -> NodeID?

  /// `process` left this node for `destination`, in the migration numbered `epoch`, and has run there since `since`.
  mutating func departed(_ process: ProcessID, to destination: NodeID, epoch: UInt32, since: Nanoseconds)

  /// When `process` began to run where this node's link points; nil without a link.
  func runsElsewhere(_ process: ProcessID) -> Nanoseconds?

  /// `process` is on this node.
  mutating func arrived(_ process: ProcessID)

  /// A reply told that `process` is at `node`, where it came by the migration numbered `epoch`.
  mutating func learned(_ process: ProcessID, at node: NodeID, epoch: UInt32, now: Nanoseconds)

  /// A message for `process` did not reach it: what was learned of it is worth nothing.
  mutating func forget(_ process: ProcessID)

  /// `node` does not answer: what was learned of processes there is worth nothing.
  mutating func lostTouch(with node: NodeID)
}

/// Where a process was last known to be.
public struct Location: Sendable, Equatable {
  public let node: NodeID
  /// The epoch of its last migration at that time.
  public let epoch: UInt32
  /// Since when it has run there, or was known to.
  public let since: Nanoseconds
}
