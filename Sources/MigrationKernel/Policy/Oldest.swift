/// The process that was created first: it has lived longest, and so can be expected to live on for longest.
struct Oldest: ProcessChooser {
  let name = "oldest"
  let summary = "the one that was created first"
  let source = "Leland and Ott, \"Load-balancing heuristics and process behavior\" (1986)"
  let weighsMoves = false

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.runnable > 0 ? Double(process.age) : nil
  }
}
