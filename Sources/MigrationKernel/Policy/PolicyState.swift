import OrderedCollections

/// All that a kernel keeps for its policies: what it has been told, what it looks for, and what it has measured.
struct PolicyState: Sendable {
  /// What it goes by when a process has to be placed, or load balanced.
  var policies: Policies
  /// What other nodes have told of their load.
  var beliefs: [NodeID: LoadBelief] = [:]
  /// How often the interval of its own reports has been set.
  var loadRounds: UInt32 = 0
  /// How often balancing has been switched, or its interval set.
  var balanceRounds: UInt32 = 0
  /// Processes here for which a node is looked for.
  var nodeSearches: OrderedDictionary<ProcessID, NodeSearch> = [:]
  /// By node, its last question for work that this one has answered.
  var answeredForWork: [NodeID: WorkQuestion] = [:]
  /// This node looks for work.
  var workSearch: WorkSearch?
  /// The number of the last question to other nodes.
  var lastProbe: UInt32
  /// What policies draw by lot. It is apart from what processes are given: those do not change with the policies.
  var chance: PolicyChance
  /// Processes that policies have sent to other nodes, which have not told their load since they took them.
  var sentByPolicy: OrderedDictionary<ProcessID, SentByPolicy> = [:]
  /// What moves from here have cost.
  var movingCost: MovingCost = MovingCost()

  init(_ policies: Policies, incarnation: UInt32, seed: UInt64) {
    self.policies = policies
    chance = PolicyChance(generator: Generator(seed: Self.chanceSeed(seed)))
    // An answer to an earlier incarnation names no question of this one.
    lastProbe = (incarnation - 1) &<< 20
  }

  mutating func reseed(_ seed: UInt64) { chance.generator = Generator(seed: Self.chanceSeed(seed)) }

  private static func chanceSeed(_ seed: UInt64) -> UInt64 { Generator.fold(seed, 0x706F_6C69_6379) }
}

// Read by value: in an optimised debug build, the compiler of Swift 6.3 uses what a `_read` has yielded after its end.
extension NodeKernel {
  /// What it goes by when a process has to be placed, or load balanced.
  public internal(set) var policies: Policies {
    get { policyState.policies }
    _modify { yield &policyState.policies }
  }
  var beliefs: [NodeID: LoadBelief] {
    get { policyState.beliefs }
    _modify { yield &policyState.beliefs }
  }
  var loadRounds: UInt32 {
    get { policyState.loadRounds }
    _modify { yield &policyState.loadRounds }
  }
  var balanceRounds: UInt32 {
    get { policyState.balanceRounds }
    _modify { yield &policyState.balanceRounds }
  }
  var nodeSearches: OrderedDictionary<ProcessID, NodeSearch> {
    get { policyState.nodeSearches }
    _modify { yield &policyState.nodeSearches }
  }
  var answeredForWork: [NodeID: WorkQuestion] {
    get { policyState.answeredForWork }
    _modify { yield &policyState.answeredForWork }
  }
  var workSearch: WorkSearch? {
    get { policyState.workSearch }
    _modify { yield &policyState.workSearch }
  }
  var lastProbe: UInt32 {
    get { policyState.lastProbe }
    _modify { yield &policyState.lastProbe }
  }
  var chance: PolicyChance {
    get { policyState.chance }
    _modify { yield &policyState.chance }
  }
  var sentByPolicy: OrderedDictionary<ProcessID, SentByPolicy> {
    get { policyState.sentByPolicy }
    _modify { yield &policyState.sentByPolicy }
  }
  var movingCost: MovingCost {
    get { policyState.movingCost }
    _modify { yield &policyState.movingCost }
  }
}
