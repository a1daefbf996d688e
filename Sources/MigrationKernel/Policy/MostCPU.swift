/// The process that has used most core time. Where lifetimes have a 1/t tail, one that has used a second will use more than
/// another with a chance of one half, so what it has used is what it can be expected to use.
struct MostCPU: ProcessChooser {
  let name = "most-cpu"
  let summary = "the one that has used most core time"
  let source =
    "Harchol-Balter and Downey, \"Exploiting process lifetime distributions for dynamic load balancing\" (1997)"
  let weighsMoves = false

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.runnable > 0 ? Double(process.cpuTime) : nil
  }
}
