/// Asks a few nodes at once, by chance, and takes the one with the least load, unless the process stands no worse where it is.
/// With one node asked, and the one where it is asked for, a process has the choice of two: far better than one by chance,
/// and nearly as good as the best of all.
struct Shortest: NodeChooser {
  let name = "shortest"
  let summary = "of a few nodes, asked by chance, the one with the least load"
  let source =
    "Eager, Lazowska and Zahorjan (1986): Shortest; Mitzenmacher, \"The power of two choices in randomized load balancing\" (2001)"
  let asks = true

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    view.relief(at: node)
  }

  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    if view.mayStay, let load = view.load(of: view.here), load <= view.rule.threshold { return .stay }
    guard view.asked.isEmpty else {
      let choices = (view.mayStay ? [view.here] : []) + view.answered
      return view.best(among: choices, self).map { $0.isHere ? .stay : .take($0.node) } ?? .stay
    }
    var nodes: [NodeID] = []
    var left = view.unasked
    while nodes.count < view.probesLeft, let node = chance.pick(from: left) {
      nodes.append(node)
      left.removeAll { $0 == node }
    }
    return nodes.isEmpty ? .stay : .probe(nodes)
  }
}
