/// The process that was created last: it has least to lose, and often little memory yet.
struct Newest: ProcessChooser {
  let name = "newest"
  let summary = "the one that was created last"
  let source = "Eager, Lazowska and Zahorjan (1986), who transfer what has just arrived"
  let weighsMoves = false

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.runnable > 0 ? -Double(process.age) : nil
  }
}
