/// Both: whoever has too much looks for somebody, and so does whoever has little.
struct Symmetric: Initiator {
  let name = "symmetric"
  let summary = "both"
  let source = "Krueger and Livny, \"The diverse objectives of distributed scheduling policies\" (1987)"

  func look(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    kernel.shedLoad(&out)
    kernel.askForWork(&out)
  }
  func loadGrew(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.shedLoad(&out) }
  func loadFell(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.askForWork(&out) }
}
