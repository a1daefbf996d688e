/// Any node, each with the same chance, whatever it has to do. It takes no knowledge, and cannot herd.
struct RandomNode: NodeChooser {
  let name = "random"
  let summary = "any node, by chance"
  let source =
    "Eager, Lazowska and Zahorjan, \"Adaptive load sharing in homogeneous distributed systems\" (1986): Random"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? { nil }

  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    guard let node = chance.pick(from: view.allowed) else { return .stay }
    return node == view.here.node ? .stay : .take(node)
  }
}
