extension World {
  /// About how many bytes it holds that another copy does not share: tables and logs, without all small things.
  public func ownBytes(beside other: World) -> Int {
    var sum = nodes.ownBytes(beside: other.nodes) + queue.slots.ownBytes(beside: other.queue.slots)
    sum += queue.count * MemoryLayout<EventQueue.Key>.stride
    sum += network.channels.ownBytes(beside: other.network.channels) + chronicle.ownBytes(beside: other.chronicle)
    for index in nodes.indices where nodes[index].isUp {
      guard other.nodes.indices.contains(index), other.nodes[index].isUp else { continue }
      sum += nodes[index].runningKernel.ownBytes(beside: other.nodes[index].runningKernel)
    }
    return sum
  }
}
