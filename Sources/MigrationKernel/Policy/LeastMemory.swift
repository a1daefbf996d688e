/// The process with the fewest pages in the memory of its node.
struct LeastMemory: ProcessChooser {
  let name = "least-memory"
  let summary = "the one with the fewest pages here"
  let source = "Zayas, \"Attacking the process migration bottleneck\" (1987): the address space is what a move costs"
  let weighsMoves = false

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.runnable > 0 ? -Double(process.residentPages) : nil
  }
}
