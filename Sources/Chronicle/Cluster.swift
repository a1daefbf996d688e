import MigrationKernel

/// A cluster as everything above its driver sees it, simulated or live: one way in (`apply`), one way out (`chronicle`),
/// and one way to look (what kernels publish, each asked alone).
public protocol Cluster: Sendable {
  /// What the driver and the kernel say of a node.
  associatedtype Node: ClusterNode

  /// Does something to the cluster, now.
  ///
  /// - Returns: what came of it at once; what it leads to happens as time passes.
  @discardableResult
  mutating func apply(_ input: Input) -> InputResult

  /// What has happened.
  var chronicle: Chronicle { get }

  /// Time since the cluster began.
  var now: Nanoseconds { get }
  /// The nodes of the cluster, up or failed, in the order of their numbers.
  var members: [NodeID] { get }
  /// The node with that number; there must have been one.
  subscript(node: NodeID) -> Node { get }
  /// Whether there ever was a node with that number.
  func contains(_ node: NodeID) -> Bool

  // What nodes and lines are like.

  /// What nodes added from now on are made of, but for what is said of each.
  var nodeDefaults: NodeSettings { get }
  /// The policies that all nodes follow.
  var policies: Policies { get }
  /// What every pair of nodes without a line of its own is like.
  var lineDefaults: Line { get }
  /// What the line between two nodes is like.
  func line(_ a: NodeID, _ b: NodeID) -> Line
  /// How long a lost segment that no others follow waits at least until it is sent again.
  var retransmissionTimeout: Nanoseconds { get }
  /// Bits a second that a node sends at most to all others together, and receives at most.
  func interfaceRate(of node: NodeID) -> UInt64
  /// True when the line between two nodes carries nothing.
  func isCut(_ a: NodeID, _ b: NodeID) -> Bool
  /// The lines that carry nothing, in order.
  var cutLines: [LineEnds] { get }

  // What lines carried.

  /// What was carried for `cause`.
  func traffic(for cause: Cause) -> Traffic
  /// What was carried from one node to another.
  func traffic(from: NodeID, to: NodeID) -> Traffic
  /// What was carried for one migration.
  func traffic(of attempt: MigrationAttempt) -> MigrationTraffic
  /// Segments sent once more, because they were lost or because a line was cut that has healed.
  var resentTraffic: Traffic { get }
}

/// A node as its driver knows it and as its kernel shows it.
public protocol ClusterNode: Sendable {
  /// Its number.
  var id: NodeID { get }
  /// What people call it.
  var name: String { get }
  /// What it is made of, now or when it comes back.
  var settings: NodeSettings { get }
  /// Whether it runs.
  var isUp: Bool { get }
  /// How often it has booted.
  var boots: UInt32 { get }
  /// When each of its incarnations failed, from the first.
  var failures: [Nanoseconds] { get }
  /// How many new drivers it has been given. Nothing tells whether one has a fault.
  var newDrivers: Int { get }

  // What its kernel shows: nothing while it is down.

  /// All that its kernel shows of the node.
  var view: NodeView? { get }
  /// Frames of its memory that are free.
  var freeFrames: Int? { get }
  /// How many of its threads run or could.
  var runnableThreads: Int? { get }
  /// What it would tell others of its load.
  var loadReport: LoadReport? { get }
  /// It looks for nodes that take processes, or for one that gives it some.
  var seeksNodes: Bool { get }
  /// What it has been told of the load of another node since it booted.
  func belief(about node: NodeID) -> LoadBelief?
  /// Processes that left a forwarding address on it, in order.
  var forwardedProcesses: [ProcessID] { get }
  /// True when a message for a process can find it by way of this node.
  func forwards(_ process: ProcessID) -> Bool
  /// Where it would look for a process; nil when it does not know.
  func knownLocation(of process: ProcessID) -> Location?
  /// How many pages one migration left on it; nil when it keeps none.
  func keptPages(of attempt: MigrationAttempt) -> Int?

  /// What its cores have done up to an instant that is not past, since it first booted.
  func coreUse(now: Nanoseconds) -> CoreUse

  /// A process that it has, or prepares to have.
  func view(of process: ProcessID) -> ProcessView?
  /// How a process stands on it.
  func standing(of process: ProcessID) -> ProcessStanding?
  /// Core time that a process has used, over all its threads, at an instant that is not past.
  func cpuTime(of process: ProcessID, now: Nanoseconds) -> Nanoseconds?
  /// The threads of a process that it has, at an instant that is not past, in the order in which they began.
  func threads(of process: ProcessID, now: Nanoseconds) -> [ThreadView]
  /// The other processes on it of the family of one that it has.
  func relatives(of process: ProcessID) -> [ProcessID]
  /// True when others of the family of a process that it has are on their way to it.
  func awaitsRelatives(of process: ProcessID) -> Bool
}

/// What the cores of one node or several have done.
public struct CoreUse: Sendable, Equatable {
  /// Core time that threads have had.
  public private(set) var used: Nanoseconds
  /// Core time that there was: the cores, each for as long as its node was up.
  public private(set) var offered: Nanoseconds

  /// So much has been used of so much.
  public init(used: Nanoseconds = 0, offered: Nanoseconds = 0) {
    self.used = used
    self.offered = offered
  }

  /// The part that has been used; nil when there was nothing to use.
  public var utilisation: Double? { offered == 0 ? nil : Double(used) / Double(offered) }

  /// What there was and was used since `earlier`.
  public func since(_ earlier: CoreUse) -> CoreUse {
    CoreUse(used: used - min(used, earlier.used), offered: offered - min(offered, earlier.offered))
  }

  /// Both together, or as much as can be counted.
  public static func + (left: CoreUse, right: CoreUse) -> CoreUse {
    let (used, tooMuch) = left.used.addingReportingOverflow(right.used)
    let (offered, tooMany) = left.offered.addingReportingOverflow(right.offered)
    return CoreUse(used: tooMuch ? .max : used, offered: tooMany ? .max : offered)
  }
}

/// What follows from what a cluster says.
extension Cluster {
  /// What the cores of its nodes have done.
  public var coreUse: CoreUse { members.reduce(CoreUse()) { $0 + self[$1].coreUse(now: now) } }

  /// What happened, in order.
  @inlinable public var log: Log { _read { yield chronicle.log } }
  /// Every process that ever was.
  @inlinable public var processes: ProcessDirectory { _read { yield chronicle.processes } }
  /// Every migration that ever was.
  @inlinable public var migrations: MigrationLedger { _read { yield chronicle.migrations } }
  /// The messages of late.
  @inlinable public var messages: MessageLedger { _read { yield chronicle.messages } }
  /// The packets of late.
  @inlinable public var packets: PacketTrace { _read { yield chronicle.packets } }
  /// Every job that ever was.
  @inlinable public var jobs: JobLedger { _read { yield chronicle.jobs } }
  /// The number of the node of that name, if there is one.
  public func node(named name: String) -> NodeID? { chronicle.node(named: name) }

  /// How many packets lines have carried, whatever for.
  public var packetsCarried: UInt64 { Cause.allCases.reduce(0) { $0 + traffic(for: $1).packets } }
}
