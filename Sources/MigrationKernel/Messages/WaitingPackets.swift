import DequeModule

/// What waits at a kernel for a process, in the order in which it came; each message once.
struct WaitingPackets: Sendable, Sequence {
  private(set) var packets: Deque<RoutedPacket> = []
  /// The messages among them.
  private(set) var messages: Set<MessageID> = []

  var count: Int { packets.count }
  var isEmpty: Bool { packets.isEmpty }

  /// - Returns: false when it is a message that waits already.
  mutating func append(_ routed: RoutedPacket) -> Bool {
    if let message = routed.messageID, !messages.insert(message).inserted { return false }
    packets.append(routed)
    return true
  }

  func makeIterator() -> some IteratorProtocol<RoutedPacket> { packets.makeIterator() }
}
