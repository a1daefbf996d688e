/// Asks one node after the other, by chance, until one would not have more to do than the threshold allows; after so many
/// probes the process stays. Nobody tells anybody anything unless it is asked, so what is known is never old.
struct Threshold: NodeChooser {
  let name = "threshold"
  let summary = "the first of a few nodes, asked by chance, that stays below a threshold with it"
  let source =
    "Eager, Lazowska and Zahorjan, \"Adaptive load sharing in homogeneous distributed systems\" (1986): Threshold"
  let asks = true

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    view.load(of: node).flatMap { $0 <= view.rule.threshold ? -$0 : nil }
  }

  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    if view.mayStay, value(of: view.here, view) != nil { return .stay }
    if let last = view.answered.last, value(of: last, view) != nil { return .take(last.node) }
    guard view.probesLeft > 0, let node = chance.pick(from: view.unasked) else { return .stay }
    return .probe([node])
  }
}
