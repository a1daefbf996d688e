/// Where a process is, as one kernel tells another. Of two that differ the one with the higher epoch is newer.
public struct Address: Sendable, Equatable {
  /// The node that has the process.
  public let node: NodeID
  /// The epoch of the migration by which it came there; 0 where it was created.
  public let epoch: UInt32
}

/// Where a process was last known to be, as a kernel remembers it.
public struct Location: Sendable, Equatable {
  /// What this kernel was told, or did itself.
  public let address: Address
  /// When it learned that, by its own clock, in nanoseconds.
  public let learnedAt: Nanoseconds

  /// The node that had the process.
  public var node: NodeID { address.node }
  /// The epoch of the migration by which the process came there.
  public var epoch: UInt32 { address.epoch }
}

/// A process that the migrant talks to, on its way to another node: who it is, and where it was last known to be.
struct Correspondent: Sendable, Equatable {
  let process: ProcessID
  let address: Address
}

/// What one kernel remembers of processes that are elsewhere.
public struct Locations: Sendable {
  let node: NodeID
  /// The forwarding addresses left behind by processes that moved on from here.
  public internal(set) var forwardingAddresses: [ProcessID: Location] = [:]
  /// The location cache: what packets have told of processes elsewhere.
  public internal(set) var cache: [ProcessID: Location] = [:]
  /// At the origin, under ask origin site: where processes created here have been moved.
  public internal(set) var moves: [ProcessID: Location] = [:]
  /// At the origin, too: what waits for the report of a move.
  var held: [ProcessID: Held] = [:]
  /// Processes looked for by a broadcast.
  var searches: [ProcessID: Search] = [:]

  init(node: NodeID) { self.node = node }

  /// Messages at the origin of a process, which has left the node that the origin knows of.
  struct Held: Sendable {
    var waiting = WaitingPackets()
    /// The report must be of this epoch or a later one.
    var minimumEpoch: UInt32
    /// A node that has the process says that it is being moved from there.
    var movingFrom: NodeID?
    /// When it has waited for long.
    var expiresAt: Nanoseconds = .max
  }

  struct Search: Sendable {
    var broadcasts = 1
    /// A node has answered that it is moving the process.
    var movingFrom: NodeID?
    /// When the answer is overdue.
    var expiresAt: Nanoseconds = .max
  }

  /// Takes over what is newer than what is known.
  mutating func learn(_ process: ProcessID, _ location: Location) {
    if let known = cache[process], known.epoch >= location.epoch { return }
    cache[process] = location
  }

  /// The forwarding address or, when it is newer, what has been learned since.
  func newest(_ process: ProcessID) -> Location? {
    guard let address = forwardingAddresses[process] else { return cache[process] }
    guard let learned = cache[process], learned.epoch > address.epoch else { return address }
    return learned
  }

  /// `node` does not answer: forgets which processes are said to be there.
  mutating func lostTouch(with node: NodeID) {
    cache = cache.filter { $0.value.node != node }
  }
}
