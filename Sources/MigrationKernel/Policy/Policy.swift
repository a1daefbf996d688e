/// What all policies say of themselves. One file each, with all that a policy does; adding one means adding its file, and
/// its line in `Policies.swift`.
protocol Policy: Sendable {
  /// As it is typed.
  var name: String { get }
  /// What help says of it.
  var summary: String { get }
  /// Where it comes from: a paper, or a system that works in this way.
  var source: String { get }
}

/// Chooses a node: for a new process, or for one that moves.
protocol NodeChooser: Policy {
  /// How much a node is worth to it; nil when it would not choose that node. The highest is chosen.
  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double?

  /// What to do next: asked when the search begins, and again when all nodes that it has asked have answered, or are known
  /// not to.
  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep

  /// It goes by what nodes tell each other of their load, and can do nothing where they do not.
  var needsReports: Bool { get }

  /// It goes by what nodes answer that it has asked, and looks at no others.
  var asks: Bool { get }
}

extension NodeChooser {
  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    view.best(among: view.choices, self).map { $0.isHere ? .stay : .take($0.node) } ?? .stay
  }

  var needsReports: Bool { false }
  var asks: Bool { false }
}

/// What a policy that chooses a node does next.
enum NodeStep {
  case take(NodeID)
  /// Ask these nodes how much they have to do.
  case probe([NodeID])
  /// No other node: the process stays where it is, or begins where it was asked for.
  case stay
}

/// Chooses a process to move.
protocol ProcessChooser: Policy {
  /// How much it is for moving a process; nil when it would not move that one. The highest is chosen.
  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double?

  /// It goes by what a move costs, or by with whom a process talks. That takes long to find out, and where it is false, that of
  /// those candidates is left out which nobody is told of.
  var weighsMoves: Bool { get }
}

/// Says who begins to balance.
protocol Initiator: Policy {
  /// A node looks at how it stands: after each interval, or because the operator asked.
  func look(_ kernel: inout NodeKernel, _ out: inout EffectBuffer)
  /// A process has begun on the node, or has come there.
  func loadGrew(_ kernel: inout NodeKernel, _ out: inout EffectBuffer)
  /// A process has ended on the node, or has left it.
  func loadFell(_ kernel: inout NodeKernel, _ out: inout EffectBuffer)
}

extension Initiator {
  func loadGrew(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) {}
  func loadFell(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) {}
}

/// What a kernel remembers for policies that draw lots or take turns.
struct PolicyChance: Sendable {
  /// The kernel's own.
  var generator: Generator
  /// The node that had its turn last.
  var lastInTurn: NodeID?

  /// One of `nodes` by chance.
  mutating func pick(from nodes: some RandomAccessCollection<NodeID>) -> NodeID? {
    guard !nodes.isEmpty else { return nil }
    let place = Int(generator.next(below: UInt64(nodes.count)))
    return nodes[nodes.index(nodes.startIndex, offsetBy: place)]
  }
}
