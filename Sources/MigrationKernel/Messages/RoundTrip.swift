/// How long a peer takes to acknowledge what is handed to it, as this kernel has measured it: a smoothed value and its
/// deviation (Jacobson, "Congestion avoidance and control", 1988). Nothing is measured by what was sent a second time, since
/// nobody knows which of the two was answered (Karn and Partridge, "Improving round-trip time estimates in reliable
/// transport protocols", 1987). What was only asked after is measured from when it left: at most that makes it too long.
struct RoundTrip: Sendable, Equatable {
  private(set) var smoothed: Nanoseconds
  private(set) var deviation: Nanoseconds

  /// What the first measurement tells.
  init(_ first: Nanoseconds) {
    smoothed = first
    deviation = first / 2
  }

  mutating func add(_ sample: Nanoseconds) {
    let error = sample > smoothed ? sample - smoothed : smoothed - sample
    deviation = deviation - deviation / 4 + error / 4
    smoothed = smoothed - smoothed / 8 + sample / 8
  }

  /// An answer that takes longer than this is overdue.
  var timeout: Nanoseconds {
    let (margin, overflow) = deviation.multipliedReportingOverflow(by: 4)
    let (sum, isTooLong) = smoothed.addingReportingOverflow(margin)
    return overflow || isTooLong ? .max / 64 : min(sum, .max / 64)
  }
}
