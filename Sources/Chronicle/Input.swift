import MigrationKernel

/// Whatever an operator or the world does to the cluster: the one way in. What each does is with `World.apply`.
public enum Input: Sendable {
  /// A node joins. One of a name that was removed is the same machine again.
  case addNode(name: String, NodeSettings)
  /// A node leaves for good, as a planned failure.
  case removeNode(NodeID)
  /// A node stops at once and loses all that it held.
  case failNode(NodeID)
  /// A failed node comes back, empty.
  case recoverNode(NodeID)
  /// The speed of a node's cores, in thousandths, from now on and from its next boot.
  case setSpeed(NodeID, UInt64)
  /// The memory of a node in bytes, from now on and from its next boot.
  case setMemory(NodeID, UInt64)
  /// From now on the interface of a node carries so many bits a second, in each direction.
  case setInterface(NodeID, UInt64)
  /// All nodes tell each other their load from now on, after each such interval; 0: not any more.
  case setLoadInterval(Nanoseconds)
  /// All nodes follow these policies from now on, and from their next boot.
  indirect case setPolicies(Policies)
  /// What nodes are made of that are added from now on, but for what is said of each.
  case setNodeDefaults(NodeSettings)
  /// What every pair of nodes without a line of its own is like.
  case setNetwork(Line)
  /// What the line between two nodes is like, both ways.
  case setLine(NodeID, NodeID, Line)
  /// A lost segment that no others follow is sent again after this time at the soonest.
  case setRetransmissionTimeout(Nanoseconds)
  /// A line carries nothing any more, either way.
  case cutLine(NodeID, NodeID)
  /// A line carries packets again, first those that have waited for it.
  case healLine(NodeID, NodeID)
  case healAllLines
  /// Every line between nodes of different groups is cut. A node in no group keeps all its lines.
  case partition([[NodeID]])
  /// The connection between two nodes breaks, though both live and the line is whole.
  case dropConnection(NodeID, NodeID)
  /// What one node has sent to another last, and is still on its way, arrives once more after a while.
  case repeatPacket(from: NodeID, to: NodeID, after: Nanoseconds)
  /// From now on the driver of a node does this. For each kind of packet what was said last counts.
  case spoilDriver(NodeID, DriverFault)
  /// A node gets a new driver, which has no fault.
  case replaceDriver(NodeID)
  /// A process is created. Without a seed in the request one is drawn.
  indirect case spawn(SpawnRequest, on: NodeID)
  /// The kernel of a node is asked for something.
  indirect case request(Request, of: NodeID)
  /// The kernel that has a process at a time to come is asked for something then.
  indirect case requestLater(Request, about: ProcessID, at: Nanoseconds)
  /// Jobs come from now on. The name is one that no workload has had.
  indirect case startWorkload(Workload)
  /// No more jobs of the workload of that name come; those that are there go on.
  case stopWorkload(String)
  /// What is told of jobs leaves out those that came before this time.
  case setWarmUp(Nanoseconds)
  /// Everything random follows from this number.
  case setSeed(UInt64)
  /// The seed cannot be changed from now on.
  case fixSeed
  /// How many entries of the log, how many messages and how many packets are kept; nil leaves it as it is.
  case keepHistory(log: Int?, messages: Int?, packets: Int?)
  /// `messages.isDelivered` can tell of this message from now on, whatever else is sent.
  case watch(MessageID)
}

/// What came of an input at once.
public enum InputResult: Sendable, Equatable {
  case done
  /// It could not be done, and nothing has changed.
  case refused
  /// The node that joined.
  case node(NodeID)
  /// The process that was created.
  case process(ProcessID)
  /// A packet will arrive again then.
  case arrivesAgain(at: Nanoseconds)

  /// The process that was created; nil when none was.
  public var process: ProcessID? { if case .process(let process) = self { process } else { nil } }
}
