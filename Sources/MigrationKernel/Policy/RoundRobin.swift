/// One node after the other, in the order of joining. Each node that chooses takes its own turns.
struct RoundRobin: NodeChooser {
  let name = "round-robin"
  let summary = "one node after the other"
  let source = "Wang and Morris, \"Load sharing in distributed systems\" (1985): cyclic splitting"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? { nil }

  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    let nodes = view.allowed
    let following = nodes.first { node in chance.lastInTurn.map { node > $0 } ?? true }
    guard let node = following ?? nodes.first else { return .stay }
    chance.lastInTurn = node
    return node == view.here.node ? .stay : .take(node)
  }
}
