/// Placement on request: a process begins on the node where it is asked for, or that the operator named. No node needs to
/// know anything of another.
struct OnRequest: NodeChooser {
  let name = "on-request"
  let summary = "where it is asked for"
  let source = "what every system without load sharing does; Eager, Lazowska and Zahorjan (1986) compare with it"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? { nil }
  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep { .stay }
}
