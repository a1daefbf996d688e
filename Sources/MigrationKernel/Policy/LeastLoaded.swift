/// The node that has least to do for each core and its speed, as far as is known. What is known is as old as the last
/// report: nodes that go by the same old report all choose the same node, and herd there, unless what is under way counts.
struct LeastLoaded: NodeChooser {
  let name = "least-loaded"
  let summary = "the node with the least load, by the reports of all"
  let source = "Zhou, \"A trace-driven simulation study of dynamic load balancing\" (1988): Global; MOSIX"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    view.relief(at: node)
  }

  var needsReports: Bool { true }
}
