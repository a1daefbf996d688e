/// The policies of a cluster: where a new process begins (placement), and, when nodes balance their load, who begins that
/// (initiation), which process moves (selection) and where to (destination).
///
/// A policy is apart from the mechanism that moves a process: it is shown what its own node knows, by load reports and
/// probes, and returns a choice. All kernels are told the same policies, and each follows them by itself.
public struct Policies: Sendable, Equatable {
  /// Which node a new process begins on.
  public var placement = NodeRule(.onRequest)
  /// Which process moves.
  public var selection = SelectionPolicy.oldest
  /// Where it goes.
  public var destination = NodeRule(.threshold)
  /// Who begins to balance, and when.
  public var initiation = Initiation()
  /// How processes move that policies have chosen.
  public var transfer = TransferOptions(.totalFreezing)
  /// Nodes balance their load by themselves.
  public var isBalancing = false
  /// Bits a second that a line carries as far as is known before any has been measured.
  public var nominalRate: UInt64 = 100_000_000

  /// What holds until somebody chooses: processes begin where they are asked for, and nothing moves by itself.
  public init() {}

  /// Who begins to balance, and when.
  public struct Initiation: Sendable, Equatable {
    /// Who begins.
    public var policy = InitiationPolicy.sender
    /// A node has too much to do when its load is above this.
    public var threshold = 1.0
    /// How many nodes a receiver asks at most.
    public var probes = 3
    /// After how long each node looks again at how it stands.
    public var interval: Nanoseconds = 1_000_000_000
    /// A process that has come to a node stays there at least for so long.
    public var residence: Nanoseconds = 0
    /// A process moves only when it can be expected to gain more than its move costs.
    public var weighsCost = false

    /// A sender begins, above one thread for each core.
    public init() {}
  }
}

/// Which node, by what rule.
public struct NodeRule: Sendable, Equatable {
  /// The rule.
  public var policy: NodePolicy
  /// A node has room for more work as long as its load is not above this with it.
  public var threshold = 1.0
  /// How many nodes are asked at most; and how many refusals are taken.
  public var probes = 3
  /// Processes that are on their way to a node count as its load.
  public var inflates = false

  /// A rule with its usual bounds.
  public init(_ policy: NodePolicy) { self.policy = policy }
}

/// The policies that choose a node, for a new process or for one that moves.
public enum NodePolicy: Sendable, Equatable {
  case onRequest, random, threshold, shortest, leastLoaded, roundRobin, nearPartner, firstFit
  case own(OwnPolicy)

  /// Those that the project brings with it, in the order in which help shows them. One file each.
  public static let all: [NodePolicy] = [
    .onRequest, .random, .roundRobin, .leastLoaded, .firstFit, .threshold, .shortest, .nearPartner,
  ]

  /// What it does.
  var rules: any NodeChooser {
    switch self {
    case .onRequest: OnRequest()
    case .random: RandomNode()
    case .threshold: Threshold()
    case .shortest: Shortest()
    case .leastLoaded: LeastLoaded()
    case .roundRobin: RoundRobin()
    case .nearPartner: NearPartner()
    case .firstFit: FirstFit()
    case .own(let policy): policy
    }
  }

  /// As it is typed.
  public var name: String { rules.name }
  /// What help says of it.
  public var summary: String { rules.summary }
  /// Where it comes from.
  public var source: String { rules.source }
  /// It goes by what nodes tell each other of their load.
  public var needsReports: Bool { rules.needsReports }
}

/// The policies that choose a process to move.
public enum SelectionPolicy: Sendable, Equatable {
  case oldest, mostCPU, leastMemory, cheapest, newest, mostTalkative
  case own(OwnPolicy)

  /// Those that the project brings with it, in the order in which help shows them. One file each.
  public static let all: [SelectionPolicy] = [.oldest, .mostCPU, .leastMemory, .cheapest, .newest, .mostTalkative]

  /// What it does.
  var rules: any ProcessChooser {
    switch self {
    case .oldest: Oldest()
    case .mostCPU: MostCPU()
    case .leastMemory: LeastMemory()
    case .cheapest: Cheapest()
    case .newest: Newest()
    case .mostTalkative: MostTalkative()
    case .own(let policy): policy
    }
  }

  /// As it is typed.
  public var name: String { rules.name }
  /// What help says of it.
  public var summary: String { rules.summary }
  /// Where it comes from.
  public var source: String { rules.source }
}

/// The policies that say who begins to balance.
public enum InitiationPolicy: Sendable, CaseIterable {
  case sender, receiver, symmetric

  /// What it does.
  var rules: any Initiator {
    switch self {
    case .sender: SenderInitiated()
    case .receiver: ReceiverInitiated()
    case .symmetric: Symmetric()
    }
  }

  /// As it is typed.
  public var name: String { rules.name }
  /// What help says of it.
  public var summary: String { rules.summary }
  /// Where it comes from.
  public var source: String { rules.source }
}
