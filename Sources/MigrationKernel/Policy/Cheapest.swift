/// The process whose move takes least time, as its kernel reckons it: what has to go, at the rate that the lines of the node
/// carried last, and three trips.
struct Cheapest: ProcessChooser {
  let name = "cheapest"
  let summary = "the one whose move takes least time"
  let source = "Powell and Miller, \"Process migration in DEMOS/MP\" (1983)"
  let weighsMoves = true

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.runnable > 0 ? -Double(process.cost) : nil
  }
}
