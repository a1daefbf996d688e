/// A node that has little to do looks for one that has too much. At high load it soon finds one; what it gets has begun
/// already, so its whole address space moves.
struct ReceiverInitiated: Initiator {
  let name = "receiver"
  let summary = "a node with little to do asks others for something"
  let source =
    "Eager, Lazowska and Zahorjan, \"A comparison of receiver-initiated and sender-initiated adaptive load sharing\" (1986)"

  func look(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.askForWork(&out) }
  func loadFell(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.askForWork(&out) }
}

/// Where a process goes that a receiver has asked for: to the receiver, if it is better off there.
struct Asker: NodeChooser {
  let name = ReceiverInitiated().name
  let summary = "the node that has asked for work"
  let source = ReceiverInitiated().source
  let asks = true

  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    view.relief(at: node)
  }

  func next(_ view: NodeSearchView, _ chance: inout PolicyChance) -> NodeStep {
    view.best(among: view.answered, self).map { .take($0.node) } ?? .stay
  }
}
