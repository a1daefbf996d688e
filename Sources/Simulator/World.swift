import Chronicle
import MigrationKernel

/// The whole simulated cluster: virtual time, nodes, network, and what has happened. A value: a copy is a checkpoint.
///
/// It drives the kernels in one thread and carries out their effects. Events happen in order of time; at one instant, in
/// the order in which they were scheduled, and last the cores run. One seed and one sequence of calls give the same
/// events on every machine.
public struct World: Sendable {
  /// One machine, up or failed.
  public struct Node: Sendable {
    /// Its number.
    public let id: NodeID
    /// What people call it.
    public let name: String
    /// What it is made of, now or when it comes back.
    public internal(set) var settings: NodeSettings
    /// Nil while it is down.
    package internal(set) var kernel: NodeKernel?
    /// Whether it runs.
    public private(set) var isUp = false
    /// How often it has booted.
    public private(set) var boots: UInt32 = 0
    /// When each of its incarnations failed, from the first.
    public private(set) var failures: [Nanoseconds] = []
    /// How many new drivers it has been given.
    public internal(set) var newDrivers = 0
    /// Taken out of the cluster for good.
    public internal(set) var isRemoved = false
    /// The version of the membership that its kernel was told last; negative: the one at which it booted, and it has been told
    /// none. It is told at its first event, so that nodes which do nothing hold no list of all others.
    private(set) var toldMembership = 0
    private var bootedAt: Nanoseconds = 0
    /// What its cores did before it last failed.
    private var formerUse = CoreUse()

    /// A node that is down.
    init(id: NodeID, name: String, settings: NodeSettings) {
      self.id = id
      self.name = name
      self.settings = settings
    }

    /// Starts the next incarnation, which is told the members of the cluster, the policies that all follow, and the seed of its
    /// own random choices.
    mutating func boot(_ membership: Membership, _ policies: Policies, seed: UInt64, at time: Nanoseconds) {
      isUp = true
      bootedAt = time
      boots += 1
      toldMembership = -membership.version
      kernel = NodeKernel(
        id: id, incarnation: boots, settings: settings, members: [],
        seed: Generator.fold(seed, UInt64(id.number) << 32 | UInt64(boots)), policies: policies)
    }

    /// Notes that its kernel is about to be told the members.
    ///
    /// - Returns: whether that is news which comes to it as an event; otherwise it knows them since it booted.
    mutating func learn(_ membership: Membership) -> Bool {
      defer { toldMembership = membership.version }
      guard toldMembership == -membership.version else { return true }
      kernel?.setMembers(membership.members)
      return false
    }

    /// The kernel of a node that is up, not copied.
    var runningKernel: NodeKernel {
      @inline(__always) _read { yield kernel! }
    }

    /// What its cores have done, in all its incarnations.
    public func coreUse(now: Nanoseconds) -> CoreUse {
      guard isUp else { return formerUse }
      let (offered, overflow) = (now - bootedAt).multipliedReportingOverflow(by: UInt64(settings.cores))
      return formerUse
        + CoreUse(used: runningKernel.usedCoreTime(now: now), offered: overflow ? .max : offered)
    }

    mutating func handle(_ event: consuming Event, _ out: inout EffectBuffer) {
      kernel?.handle(event, &out)
    }

    mutating func fail(at time: Nanoseconds) {
      formerUse = coreUse(now: time)
      isUp = false
      kernel = nil
      failures.append(time)
    }
  }

  /// Which nodes are in the cluster, up or failed. A kernel is told before anything else happens to it: to tell all at
  /// once would take as many events as there are pairs of nodes.
  struct Membership {
    private(set) var members: ContiguousArray<NodeID> = []
    /// Grows with every change.
    private(set) var version = 0

    mutating func add(_ node: NodeID) {
      version += 1
      members.insert(node, at: members.last.map { $0 < node } ?? true ? members.endIndex : members.count { $0 < node })
    }

    mutating func remove(_ node: NodeID) {
      version += 1
      members.removeAll { $0 == node }
    }
  }

  /// A node has been told that its connection to a peer broke, and has not heard of the peer since.
  struct KnownBreak: Hashable {
    let node: NodeID
    let incarnation: UInt32
    let peer: NodeID
  }

  /// Virtual time since the beginning.
  public internal(set) var now: Nanoseconds = 0
  /// What nodes added from now on are made of, but for what is said of each.
  public internal(set) var nodeDefaults = NodeSettings()
  /// The policies that all nodes follow, in an array of one: every command may keep a copy of the world.
  private var commonPolicies = [Policies()]
  /// The policies that all nodes follow.
  public internal(set) var policies: Policies {
    get { commonPolicies[0] }
    set { commonPolicies[0] = newValue }
  }
  /// Every node that ever was, by its number.
  public internal(set) var nodes = ChunkedArray<Node>()
  var membership = Membership()
  /// The lines between nodes, and what they carried.
  public internal(set) var network = Network()
  var drivers = Drivers()
  /// What has happened.
  public internal(set) var chronicle = Chronicle()
  /// What was done to the cluster since its beginning, and how far time passed in between.
  public internal(set) var journal: Journal
  /// Checks made after every event, when they are switched on.
  public var invariants: Invariants?
  /// Events carried out so far.
  public internal(set) var eventCount: UInt64 = 0
  /// Steps of programs begun so far.
  public var stepCount: UInt64 { buffer.steps }
  /// Bytes of texts that programs and commands have made so far: messages, lines on terminals, contents of files.
  public var textBytes: UInt64 { buffer.textBytes }
  /// Folds every event and fact so far when `keepsDigest`: equal runs have equal digests.
  public internal(set) var digest: UInt64 = 0
  /// Whether the digest is kept; off by default, since it takes time.
  public var keepsDigest = false
  /// From which everything random is drawn.
  public internal(set) var seed: UInt64
  /// True once something random has been decided, or the seed was fixed: it cannot be changed any more.
  public internal(set) var hasDrawn = false

  var generator: Generator
  var queue = EventQueue()
  var coreQueue = CoreQueue()
  var buffer = EffectBuffer()
  /// The workloads that ever were, as far as they draw.
  var workloads: [WorkloadSource] = []
  /// Nodes that were removed, by name: they are the same machines when they come again.
  var formerNodes: [String: NodeID] = [:]
  /// Broken connections that are in the log: a peer that stays silent does not break another.
  var knownBreaks: Set<KnownBreak> = []
  /// When something last came of an event.
  var lastEffect: Nanoseconds = 0

  /// An empty cluster at time 0.
  public init(seed: UInt64 = 1) {
    self.seed = seed
    journal = Journal(seed: seed)
    generator = Generator(seed: seed)
    network.setSeed(seed)
  }

  // MARK: - Nodes

  /// The node with that number, which there must be.
  public subscript(node: NodeID) -> Node {
    @inline(__always) _read { yield nodes[Int(node.number)] }
  }

  /// The nodes that are up. What is asked after every event reads their kernels in place, with `runningKernel`: a copy of
  /// each would cost more than the question.
  var runningNodes: some Sequence<NodeID> {
    let nodes = nodes
    return nodes.indices.lazy.filter { nodes[$0].isUp }.map { NodeID(UInt32($0)) }
  }

  /// The same nodes, those that are up, and lines, at the beginning of time and without any process.
  public var withoutProcesses: World {
    var world = World(seed: seed)
    world.nodeDefaults = nodeDefaults
    world.policies = policies
    world.network = network.withoutTraffic
    world.drivers = drivers.anew
    world.membership = membership
    for node in nodes {
      var copy = Node(id: node.id, name: node.name, settings: node.settings)
      if node.isUp { copy.boot(membership, policies, seed: seed, at: 0) }
      copy.isRemoved = node.isRemoved
      world.nodes.append(copy)
      if !node.isRemoved { world.chronicle.recordEvent(.nodeAdded(name: node.name), of: node.id, at: 0) }
    }
    world.formerNodes = formerNodes
    return world
  }
}
