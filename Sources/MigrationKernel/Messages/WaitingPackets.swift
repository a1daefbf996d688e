import DequeModule

/// What waits at a kernel for a process, in the order in which it came; each message once.
struct WaitingPackets: Sendable, Sequence {
  private(set) var packets: Deque<RoutedPacket> = []
  /// The messages among them.
  private(set) var messages: Set<MessageID> = []

  var count: Int { packets.count }
  var isEmpty: Bool { packets.isEmpty }

  /// - Returns: false when it is a message that waits already, or asks after one. Answers to all messages of that sender go
  ///   from now on to where this packet comes from: the sender may have moved.
  mutating func append(_ routed: RoutedPacket) -> Bool {
    if let (message, sender) = routed.subject, messages.contains(message) {
      if packets.first(where: { $0.messageID == message })?.subject?.sender != sender {
        for place in packets.indices where packets[place].messageID?.from == message.from {
          packets[place].changeSender(to: sender)
        }
      }
      return false
    }
    if let message = routed.messageID { messages.insert(message) }
    packets.append(routed)
    return true
  }

  func makeIterator() -> some IteratorProtocol<RoutedPacket> { packets.makeIterator() }
}
