import DequeModule

/// One migration at its source, from the decision until the source owes nothing more.
public struct Departure: Sendable {
  public let attempt: MigrationAttempt
  public let destination: NodeID
  public let options: TransferOptions
  let offeredAt: Nanoseconds
  /// From the offer to the answer.
  var roundTrip: Nanoseconds = 0
  public internal(set) var stage: Stage = .negotiating
  var transfer: any Transfer
  /// What the process was before it was stopped, and will be again.
  var phase: Process.Phase
  /// Before this time no more pages may go, for the sake of the bandwidth that was given.
  var mayGoOnAt: Nanoseconds = 0
  /// Pages that stay here when it has gone.
  var leaving = PageSet()
  /// Batches of pages handed to the network that have not left yet.
  var outstanding = 0
  /// Coprocesses that go with it.
  var companions: [ProcessID] = []
  /// The destination has room for it, or has it: when that holds for all companions they go on together.
  var isAccepted = false
  var isInstalled = false
  /// What came for the process while it stood still: it goes on after the handover.
  var queue: Deque<RoutedPacket> = []
  /// The messages among them.
  var queued: Set<MessageID> = []
  /// Something that came for it has gone back to its origin, which waits to hear how the migration ends.
  var hasHandedBack = false
  /// Nodes that look for the process: they are answered when it is settled where it is.
  var seekers: [NodeID] = []
  /// Nodes that hold links to it.
  var trail: [NodeID] = []
  /// The other ends of its links.
  var correspondents: [ProcessID] = []

  public var mechanism: TransferMechanism { options.mechanism }

  /// The destination has said yes.
  mutating func accept(at time: Nanoseconds) {
    isAccepted = true
    roundTrip = time - offeredAt
  }

  public enum Stage: Sendable, Equatable {
    /// The offer is out.
    case negotiating
    /// Pages go while the process may run.
    case transferring
    /// The threads are on their way to a safe point.
    case freezing
    /// It stands still; pages that the mechanism wants to have gone first are going.
    case sending
    /// The process itself has been sent: it may be run here again only if this attempt is aborted.
    case handedOver
    /// It will never be run here again.
    case committed
  }
}

/// One migration at its destination, until it is activated or discarded.
public struct Arrival: Sendable {
  public let attempt: MigrationAttempt
  public let source: NodeID
  /// How often the source had booted when it offered.
  let sourceIncarnation: UInt32
  /// Frames reserved for it.
  public let frames: Int
  var space: AddressSpace
  /// The process, once it has been handed over: from then on this node cannot tell by itself who may run it.
  public internal(set) var process: Process?
  var lastHeard: Nanoseconds
}
