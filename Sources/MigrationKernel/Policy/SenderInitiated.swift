/// A node that has too much to do looks for one that takes something. At low load there are many who could; at high load it
/// asks in vain, and its questions are themselves a load.
struct SenderInitiated: Initiator {
  let name = "sender"
  let summary = "a node with too much to do looks for one that takes something"
  let source =
    "Eager, Lazowska and Zahorjan, \"A comparison of receiver-initiated and sender-initiated adaptive load sharing\" (1986)"

  func look(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.shedLoad(&out) }
  func loadGrew(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.shedLoad(&out) }
}
