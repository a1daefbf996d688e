/// The first node, in the order of joining, that has room for the process in its memory, or is not known to have none.
struct FirstFit: NodeChooser {
  let name = "first-fit"
  let summary = "the first node that has room in its memory"
  let source = "Garey, Graham and Ullman, \"Worst-case analysis of memory allocation algorithms\" (1972)"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? { -Double(node.node.number) }
}
