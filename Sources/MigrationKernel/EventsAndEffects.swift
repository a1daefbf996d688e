/// What happens to a kernel.
public enum Event: Sendable {
  /// A packet came. `incarnation`: how often its sender had booted when it sent it.
  case packet(Packet, from: NodeID, incarnation: UInt32)
  /// A timer that this kernel set fired.
  case timer(Timer)
  /// The instant for which this kernel asked with `wakeCore`. Nothing else can reach the node before `horizon`.
  case core(Int, horizon: Nanoseconds)
  /// A packet sent with `notify` has left for `peer`: there is room again.
  case transmitted(Notice, peer: NodeID)
  /// The connection to `peer` broke. Which of the last packets arrived is not known.
  case connectionBroken(peer: NodeID)
  /// After that: the peer answers again. It has booted as often as that says; the kernel does not know how often it had when
  /// the connection broke.
  case connected(peer: NodeID, incarnation: UInt32)
  /// Nodes have joined or left the cluster: these are its members now, in ascending order.
  case membersChanged(ContiguousArray<NodeID>)
  /// The operator asked.
  case request(Request)
}

/// What a kernel wants to be told of when it has left.
public enum Notice: Sendable {
  /// A batch of pages of this migration.
  case pages(MigrationAttempt)
  /// A part of something long, which takes so many bytes of the window.
  case part(bytes: Int)
  /// A message; of a long one also how many bytes it takes of the window.
  indirect case message(MessageID, bytes: Int)
}

/// What a kernel set a timer for.
public enum Timer: Sendable {
  /// A sleep or a time-out of a thread, which still waits for it if it has waited `waits` times.
  case wait(ThreadReference, waits: UInt32)
  /// Ask what became of messages that have not been acknowledged.
  case retry(ProcessID)
  /// Acknowledgements for this peer have found nothing to ride on.
  case acknowledge(NodeID)
  /// Ask, or tell, the other end of a migration again.
  case migration(MigrationAttempt)
  /// Nobody has answered a broadcast.
  case search(ProcessID)
  /// What waits at the origin for the report of a move has waited for long.
  case held(ProcessID)
  /// The correspondents of a process that moves have had time to acknowledge its new address.
  case linkUpdate(MigrationAttempt)
  /// Ask the destination of a migration that is flushed to here.
  case flush(MigrationAttempt)
  /// The migration may send pages again, within the bandwidth that it was given.
  case pace(MigrationAttempt)
  /// A thread of a process that is slowed down has left its core to others for long enough.
  case pause(ProcessID, thread: Int, until: Nanoseconds)
  /// Tell the others how much this node has to do, if the interval has not changed since.
  case load(round: UInt32)
  /// Look how this node stands, and balance its load, if the interval has not changed since.
  case balance(round: UInt32)
  /// Nodes that were asked for a process have had time to answer.
  case probe(UInt32)
  /// A node that was asked for work has.
  case work(UInt32)
}

/// What the operator can ask of one kernel.
public enum Request: Sendable {
  indirect case spawn(SpawnRequest)
  case start(ProcessID)
  case kill(ProcessID)
  case freeze(ProcessID)
  case resume(ProcessID)
  case poke(ProcessID, page: Int, bytes: [UInt8])
  /// `from` sends a message as if its program had. `size`: bytes of the body.
  case send(from: ProcessID, to: ProcessID, text: String, size: UInt32)
  indirect case migrate(ProcessID, to: NodeID, TransferOptions)
  /// From now on the cores have this speed, in thousandths; see `NodeSettings`.
  case setSpeed(UInt64)
  /// From now on there are so many bytes of memory; without effect when more is in use.
  case setMemory(UInt64)
  /// Call the migration off, if it has not been committed.
  case cancelMigration(ProcessID)
  /// Forget which pages the process has written, so that only what it writes from now on is dirty. This is for a copy of the
  /// cluster in which the process is only watched: a pre-transfer under way would miss the pages that are forgotten.
  case forgetWritten(ProcessID)
  /// Slow the process down as a migration may, by hundredths of its speed from 0 to `Throttle.most`.
  case throttle(ProcessID, Int)
  /// From now on the node tells all others its load, after each such interval; 0: not any more.
  case tellLoad(every: Nanoseconds)
  /// From now on the node follows these policies.
  indirect case setPolicies(Policies)
  /// From now on the node balances its load after each interval, as its policies say.
  case beginBalancing
  /// Look once how the node stands, and balance its load.
  case balance
  /// Move a process to a node that the destination policy chooses; nil has the selection policy choose the process.
  indirect case moveByPolicy(ProcessID?, TransferOptions)
}

/// What a kernel wants done.
public enum Effect: Sendable {
  /// Send a packet, which takes `size` bytes; with `notify`, tell when it has left.
  case send(Packet, size: Int, to: NodeID, notify: Notice?)
  case setTimer(Timer, at: Nanoseconds)
  /// Call again at that instant, after everything else that happens then, to run the core's thread. A later request
  /// for the same core replaces the earlier.
  case wakeCore(Int, at: Nanoseconds)
  case report(Fact)
}

/// Where a kernel appends its effects. The caller owns it, says what time it is, and empties it.
public struct EffectBuffer: Sendable {
  /// What time it is: set by the caller before each event.
  public var now: Nanoseconds = 0
  /// What the kernel wants done, in order: taken out by the caller after each event.
  public var effects: ContiguousArray<Effect> = []
  /// Steps that guests have begun since the buffer was made.
  public internal(set) var steps: UInt64 = 0
  /// Bytes of texts that guests and requests have made since the buffer was made.
  public internal(set) var textBytes: UInt64 = 0

  public init() {}

  mutating func send(_ packet: consuming Packet, to node: NodeID) {
    let size = packet.encodedSize
    send(packet, size: size, to: node, notify: nil)
  }

  /// Sends a packet of which it is known how many bytes it takes.
  mutating func send(_ packet: consuming Packet, size: Int, to node: NodeID, notify: Notice?) {
    effects.append(.send(packet, size: size, to: node, notify: notify))
  }

  mutating func setTimer(_ timer: Timer, at time: Nanoseconds) { effects.append(.setTimer(timer, at: time)) }

  mutating func wakeCore(_ core: Int, at time: Nanoseconds) { effects.append(.wakeCore(core, at: time)) }

  mutating func report(_ fact: consuming Fact) { effects.append(.report(fact)) }
}
