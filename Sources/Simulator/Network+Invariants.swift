import Chronicle
import MigrationKernel

extension Network {
  /// The first of its own invariants that does not hold, in words: every channel is found by its ends, nothing waits on one
  /// that is broken, no interface is taken twice at a time, and what all carried is what was carried for all causes.
  func brokenInvariant() -> String? {
    if channels.count != ends.count || channels.count != index.count {
      return "has \(channels.count) channels with \(ends.count) ends, of which \(index.count) are found"
    }
    var carried = Traffic()
    for number in channels.indices {
      if index[ends[number]] != number { return "does not find channel \(number)" }
      let isBroken = channels[number].isBroken
      if isBroken, !channels[number].stalled.isEmpty { return "has packets wait on channel \(number), which is broken" }
      if !isBroken, !channels[number].stalled.isEmpty, channels[number].givesUpAt == nil {
        return "has packets wait on channel \(number) for ever"
      }
      carried.add(channels[number].carried)
    }
    var charged = Traffic()
    for cause in Cause.allCases { charged.add(self.carried(for: cause)) }
    if charged != carried {
      return "has carried \(carried.packets) packets of \(carried.bytes) bytes, and charged others"
    }
    for node in members {
      for taken in [interfaces[Int(node.number)].sending.taken, interfaces[Int(node.number)].receiving.taken] {
        if let place = taken.indices.dropFirst().first(where: { taken[$0].lowerBound <= taken[$0 - 1].upperBound }) {
          return "has taken the interface of node \(node.number) twice at \(taken[place].lowerBound) ns"
        }
      }
    }
    let shortest = links.values.reduce(defaults.latency) { min($0, $1.latency) }
    return minimumLatency == shortest ? nil : "takes \(minimumLatency) ns for its shortest latency, not \(shortest)"
  }
}
