import DequeModule

/// One migration at its source, from the decision until the source owes nothing more.
public struct Departure: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  /// Where the process goes.
  public let destination: NodeID
  /// What the operator chose.
  public let options: TransferOptions
  /// Where pages are that do not go to the destination with it: at the source, but for flushing.
  let backing: Flushing.Backing
  let offeredAt: Nanoseconds
  /// From the offer to the answer.
  var roundTrip: Nanoseconds = 0
  /// How far it is.
  public internal(set) var stage: Stage = .negotiating
  var transfer: any Transfer
  /// What the process was before it was stopped, and will be again.
  var phase: Process.Phase
  /// Before this time no more pages may go, for the sake of the bandwidth that was given.
  var mayGoOnAt: Nanoseconds = 0
  /// Pages that are here and that the backing node has too, when it is frozen.
  var backed = PageSet()
  /// Pages that do not go to the destination with it.
  var leaving = PageSet()
  /// Those that hold pages of it, to be told should it be lost with the destination.
  var holders: [PageHolder] = []
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

  /// How the address space moves.
  public var mechanism: TransferMechanism { options.mechanism }

  /// The backing node, when it is neither end and so takes part by packets of its own.
  var thirdNode: NodeID? {
    if case .third(let node) = backing { node } else { nil }
  }

  /// The nodes that have been told of it.
  var participants: [NodeID] {
    [destination] + (stage == .negotiating ? [] : [thirdNode].compactMap { $0 })
  }

  /// The destination has said yes.
  mutating func accept(at time: Nanoseconds) {
    isAccepted = true
    roundTrip = time - offeredAt
  }

  /// How far a migration is, seen from its source.
  public enum Stage: Sendable, Equatable {
    /// The offer is out.
    case negotiating
    /// The backing node has been asked for room.
    case reserving
    /// Pages go while the process may run.
    case transferring
    /// The threads are on their way to a safe point.
    case freezing
    /// It stands still; pages that the mechanism wants to have gone first are going.
    case sending
    /// The backing node has been sent all, and has not said that it has it.
    case sealing
    /// The process itself has been sent: it may be run here again only if this attempt is aborted.
    case handedOver
    /// It will never be run here again.
    case committed
  }
}

/// One migration at its destination, until it is activated or discarded.
public struct Arrival: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  let mechanism: TransferMechanism
  /// From where the process comes.
  public let source: NodeID
  /// How often the source had booted when it offered.
  let sourceIncarnation: UInt32
  /// Frames reserved for it.
  public let frames: Int
  /// When that was.
  let acceptedAt: Nanoseconds
  var space: AddressSpace
  /// The process, once it has been handed over: from then on this node cannot tell by itself who may run it.
  public internal(set) var process: Process?
  /// The source could not be reached after that.
  var isInDoubt = false
  var lastHeard: Nanoseconds
}

/// One migration at its backing node, from the request for room until the process runs at its destination or the attempt
/// is off. What is written is in the residue from the start.
public struct Flush: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  let source: NodeID
  let destination: NodeID
  /// The residue that it writes to, by the migration that left it: an earlier one if this node had pages of the process.
  let residue: MigrationAttempt
  /// Frames for pages that may yet come.
  public internal(set) var reserved: Int
  let pushes: Bool
  let bandwidth: UInt64?
  let marksZeros: Bool
  /// All pages have come.
  var isSealed = false
  /// The source cannot be reached: whether the process went on, its destination knows.
  var isInDoubt = false
  var lastHeard: Nanoseconds
}
