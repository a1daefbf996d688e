/// A packet for a process: it goes from node to node until it meets the process.
public struct RoutedPacket: Sendable {
  let to: ProcessID
  var hops: UInt16 = 0
  /// The process is to be looked for where it came by the migration of this epoch, or a later one: it was not found
  /// where an earlier one had led.
  var minimumEpoch: UInt32 = 0
  /// It was handed back by a node from which the process is being moved.
  var isMoving = false
  /// A message whose fate a thread waits to hear.
  var isAwaited = false
  /// What goes with it to the next node, and no farther.
  var riders: [Acknowledgement] = []
  /// Bytes of a message that have gone to the next node before it, in parts.
  var sentBefore: UInt32 = 0
  var body: Body

  init(to process: ProcessID, hops: UInt16 = 0, body: Body) {
    to = process
    self.hops = hops
    self.body = body
  }

  /// Goes one hop further.
  mutating func hop() {
    hops += 1
    if case .message(var message) = body {
      message.hops = hops
      body = .message(message)
    }
  }

  /// The sender of the message that it carries is at `node` now.
  mutating func changeSender(to node: NodeID) {
    guard case .message(var message) = body else { return }
    message.senderNode = node
    body = .message(message)
  }

  mutating func takeRiders() -> [Acknowledgement] {
    defer { riders = [] }
    return riders
  }

  /// The message that it carries.
  var messageID: MessageID? {
    if case .message(let message) = body { message.id } else { nil }
  }

  var isInquiry: Bool { if case .inquiry = body { true } else { false } }

  /// The message that it carries or asks after, and the node that wants to hear what becomes of it.
  var subject: (message: MessageID, sender: NodeID)? {
    switch body {
    case .message(let message): (message.id, message.senderNode)
    case .inquiry(let message, let node): (message, node)
    case .acknowledgement, .waiting, .missing, .undeliverable, .newAddress: nil
    }
  }

  enum Body: Sendable {
    case message(Message)
    /// The kernel that has `from` received all messages to it below `expected`, and tells where that is.
    case acknowledgement(from: ProcessID, expected: UInt32, at: Address)
    /// The kernel of the sender, at that node, has heard nothing of this message, the first that it still stands for. It goes
    /// the way that the message went, behind it, and so finds what became of it.
    indirect case inquiry(MessageID, from: NodeID)
    /// A message that was asked after, or repeated, is waiting at a kernel from which it will go on.
    indirect case waiting(MessageID)
    /// A message that was asked after has not come to where its receiver is.
    indirect case missing(MessageID)
    indirect case undeliverable(MessageID, Undeliverable)
    /// To a correspondent: the process that is moved goes to this address. `source` waits to hear that this is known.
    indirect case newAddress(MigrationAttempt, Address, source: NodeID)
  }
}

/// Why a message could not be delivered.
public enum Undeliverable: Sendable, Equatable {
  /// The process has ended, or never was, or nothing here tells where it is.
  case notFound(at: NodeID)
  /// The only way to it leads over a node that does not answer.
  case unreachable(NodeID)
  /// It is not there, or not there any more, and nothing was left behind to follow.
  case notHere(at: NodeID)
  /// It was for the terminal of an earlier incarnation of the node.
  case rebooted(NodeID, incarnation: UInt32)
}
