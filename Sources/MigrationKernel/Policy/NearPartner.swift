/// The node with whose processes the process has exchanged most messages: those need not cross a line then. A new process
/// goes to the process that its parameters name, or to its parent.
struct NearPartner: NodeChooser {
  let name = "near-partner"
  let summary = "the node of the processes that it talks to most"
  let source = "Stone, \"Multiprocessor scheduling with the aid of network flow algorithms\" (1977)"

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    // Whoever balances load would else move a process away from most of those that it talks to.
    let least = view.purpose == .balancing ? view.here.messages : 0
    return node.messages > least ? Double(node.messages) : nil
  }
}
