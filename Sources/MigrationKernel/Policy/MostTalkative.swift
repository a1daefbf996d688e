/// The process that has exchanged most messages with processes on other nodes, whether it runs or waits for one.
struct MostTalkative: ProcessChooser {
  let name = "most-talkative"
  let summary = "the one that talks most to processes on other nodes"
  let source = "Artsy and Finkel, \"Designing a process migration facility: the Charlotte experience\" (1989)"
  let weighsMoves = true

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    process.remoteMessages > 0 ? Double(process.remoteMessages) : nil
  }
}
