/// Both: whoever has too much looks for somebody, and so does whoever has little.
enum Symmetric: Initiator {
  static let name = "symmetric"
  static let summary = "both"
  static let source = "Krueger and Livny, \"The diverse objectives of distributed scheduling policies\" (1987)"

  static func look(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    kernel.shedLoad(&out)
    kernel.askForWork(&out)
  }
  static func loadGrew(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.shedLoad(&out) }
  static func loadFell(_ kernel: inout NodeKernel, _ out: inout EffectBuffer) { kernel.askForWork(&out) }
}
