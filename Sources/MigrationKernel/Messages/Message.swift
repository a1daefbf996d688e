import DequeModule
import OrderedCollections

/// A message between two processes.
public struct Message: Sendable {
  private let content: Content
  /// The lowest sequence number that the sender still stands for: the receiver waits for nothing below.
  var base: UInt32
  /// The node to which the acknowledgement goes.
  var senderNode: NodeID
  /// How many kernel-to-kernel steps it has made.
  public var hops: UInt16

  /// What never changes on its way: kept once, so that a message is cheap to hand on.
  private final class Content: Sendable {
    let id: MessageID
    let text: String
    let size: UInt32

    init(id: MessageID, text: String, size: UInt32) {
      self.id = id
      self.text = text
      self.size = size
    }
  }

  init(
    id: MessageID, text: String, size: UInt32, base: UInt32, senderNode: NodeID, hops: UInt16 = 0
  ) {
    content = Content(id: id, text: text, size: size)
    self.base = base
    self.senderNode = senderNode
    self.hops = hops
  }

  /// Which message it is.
  public var id: MessageID { content.id }
  /// What it says.
  public var text: String { content.text }
  /// Bytes of the body on the network, at least those of the text.
  public var size: UInt32 { content.size }
}

/// A message that its sender's kernel keeps until it is acknowledged.
public struct UnacknowledgedMessage: Sendable {
  /// What was sent.
  public let message: Message
  /// When the program sent it, by the clock of the node that its sender is on; 0 when it is older than that clock.
  let sentAt: Nanoseconds
  /// The node to which it was handed; nil when it has not been, or has come back from there or may be lost.
  var handedTo: NodeID?
  /// It was handed on where its sender was before, and has not come back.
  var isElsewhere = false
  /// When it was handed to the network; of one that took long to leave, when it had.
  var handedAt: Nanoseconds = 0
  /// It was handed on more than once, waited on its way or is asked after elsewhere: its answer tells nothing of the round
  /// trip.
  var isRepeated = false

  var id: MessageID { message.id }

  init(message: Message, sentAt: Nanoseconds) {
    self.message = message
    self.sentAt = sentAt
  }

  /// How long it took to a node and back; nil when that is not known.
  fileprivate func roundTrip(to node: NodeID, now: Nanoseconds) -> Nanoseconds? {
    handedTo == node && !isRepeated ? now - min(now, handedAt) : nil
  }

  fileprivate mutating func handOn(to node: NodeID?, at time: Nanoseconds, isRepeated: Bool) {
    (handedTo, handedAt) = (node, time)
    (isElsewhere, self.isRepeated) = (false, isRepeated)
  }
}

/// What one process has sent, by receiver.
public struct Outbox: Sendable {
  /// By receiver, in the order in which it first wrote to them.
  public internal(set) var streams: OrderedDictionary<ProcessID, OutgoingStream> = [:]
  /// A retry timer is running on this node.
  var retryArmed = false

  /// Makes the next message to `receiver`, and keeps it.
  mutating func append(
    from sender: ProcessID, to receiver: ProcessID, text: String, size: UInt32, sentAt: Nanoseconds, at node: NodeID
  ) -> Message {
    // By its place: an entry that is changed by its key is changed through memory of its own.
    let place =
      streams.index(forKey: receiver)
      ?? streams.updateValue(OutgoingStream(), forKey: receiver, insertingAt: streams.count).index
    return streams.values[place].append(from: sender, to: receiver, text: text, size: size, sentAt: sentAt, at: node)
  }

  /// Changes what has been sent to `receiver`, in place; nil when nothing ever was.
  mutating func change<Result>(_ receiver: ProcessID, _ change: (inout OutgoingStream) -> Result) -> Result? {
    guard let place = streams.index(forKey: receiver) else { return nil }
    return change(&streams.values[place])
  }

  /// Everything has been acknowledged or given up.
  var isSettled: Bool { streams.values.allSatisfy(\.unacknowledged.isEmpty) }

  /// It is on another node now: from there nothing has been sent yet.
  mutating func hasMoved(at time: Nanoseconds) {
    for receiver in streams.keys {
      streams[receiver]?.hasMoved(at: time)
    }
  }
}

/// The sender's side of the messages from one process to another: it keeps each until it is acknowledged.
public struct OutgoingStream: Sendable {
  /// The place of the next message in the stream.
  public internal(set) var nextSequence: UInt32 = 0
  /// What the receiver has not acknowledged, in order.
  public internal(set) var unacknowledged: Deque<UnacknowledgedMessage> = []
  /// Those below have been handed on.
  var handedOnBelow: UInt32 = 0
  /// The node to which the last one was handed.
  var nextHop: NodeID?
  /// When a message was last acknowledged, or the first of those that wait was sent, has left or was asked after.
  var waitingSince: Nanoseconds = 0
  /// How often the first of those that wait has been asked after without an answer.
  var retries: UInt32 = 0
  /// How many messages have been handed on that may take long to leave, and have not left.
  var leaving: UInt32 = 0
  /// Some that are kept follow one that was returned, and wait until those before that have been acknowledged.
  var holdsBack = false
  /// To a terminal that does not answer: bytes of the lines that are kept; nil while it does.
  var keptBytes: Int?
  /// Lines to a terminal below this one may have been printed by an incarnation of its node that has fallen since.
  var doubtfulBelow: UInt32 = 0

  /// The lowest sequence number that the sender still stands for.
  var base: UInt32 { unacknowledged.isEmpty ? nextSequence : unacknowledged[0].id.sequence }

  /// Makes the next message, and keeps it.
  mutating func append(
    from sender: ProcessID, to receiver: ProcessID, text: String, size: UInt32, sentAt: Nanoseconds, at node: NodeID
  ) -> Message {
    let message = Message(
      id: MessageID(from: sender, to: receiver, sequence: nextSequence), text: text, size: size, base: base,
      senderNode: node)
    if unacknowledged.isEmpty { (waitingSince, retries) = (sentAt, 0) }
    nextSequence &+= 1
    unacknowledged.append(UnacknowledgedMessage(message: message, sentAt: sentAt))
    return message
  }

  /// Where a message stands among those not acknowledged, which are in order.
  ///
  /// - Parameter first: it does not stand before that.
  func place(of message: MessageID, from first: Int = 0) -> Int? {
    let place = unacknowledged.firstPlace(from: max(0, first)) { $0.id.sequence >= message.sequence }
    return place < unacknowledged.count && unacknowledged[place].id == message ? place : nil
  }

  /// Notes that a message is handed to `node`; nil: to none yet.
  ///
  /// - Returns: true when it had been handed on before.
  mutating func handOn(_ message: Message, to node: NodeID?, at time: Nanoseconds) -> Bool {
    nextHop = node
    let sequence = message.id.sequence
    // Nearly always it is the last.
    if let place = place(of: message.id, from: sequence == nextSequence &- 1 ? unacknowledged.count - 1 : 0) {
      let isRepeated = sequence < handedOnBelow
      unacknowledged[place].handOn(to: node, at: time, isRepeated: isRepeated)
    }
    guard node != nil, sequence >= handedOnBelow else { return sequence < handedOnBelow }
    handedOnBelow = sequence + 1
    return false
  }

  /// Its sender is on another node, which knows only what has moved along.
  fileprivate mutating func hasMoved(at time: Nanoseconds) {
    handedOnBelow = nextSequence
    nextHop = nil
    for place in unacknowledged.indices {
      unacknowledged[place].handedTo = nil
      unacknowledged[place].isElsewhere = true
    }
    holdsBack = hasHole
    waitingSince = time
    retries = 0
    leaving = 0
    keptBytes = nil
    doubtfulBelow = nextSequence
  }

  /// One was returned between two that are kept. What is behind it would wait at the receiver for what never comes.
  private var hasHole: Bool {
    let count = unacknowledged.count
    return count > 1 && Int(unacknowledged[count - 1].id.sequence - unacknowledged[0].id.sequence) >= count
  }

  /// Holds a message back if it is behind one that was returned.
  ///
  /// - Returns: whether it is.
  mutating func holdBack(_ message: MessageID) -> Bool {
    guard hasHole, let place = place(of: message), Int(message.sequence - base) > place else { return false }
    unacknowledged[place].handedTo = nil
    holdsBack = true
    return true
  }

  /// - Returns: whether some were held back, which may be sent now.
  mutating func endHoldingBack() -> Bool {
    defer { holdsBack = false }
    return holdsBack && !unacknowledged.isEmpty
  }

  /// Keeps a message no longer that was returned. What was sent after it may wait for it at the receiver.
  mutating func remove(at place: Int) {
    unacknowledged.remove(at: place)
    guard place > 0, place < unacknowledged.count else { return }
    holdsBack = true
    for later in place..<unacknowledged.count { unacknowledged[later].handedTo = nil }
  }

  /// Something has been handed to `node` of which nobody has heard.
  func isWaiting(for node: NodeID) -> Bool {
    !unacknowledged.isEmpty && (nextHop == node || unacknowledged.contains { $0.handedTo == node })
  }

  /// What was handed to `node` may be lost.
  mutating func takeBack(from node: NodeID) {
    if nextHop == node { nextHop = nil }
    leaving = 0
    for place in unacknowledged.indices where unacknowledged[place].handedTo == node {
      unacknowledged[place].handedTo = nil
    }
  }

  /// The message at a place among those not acknowledged has come back from `node`.
  mutating func takeBack(at place: Int, from node: NodeID) {
    if nextHop == node { nextHop = nil }
    unacknowledged[place].handedTo = nil
    unacknowledged[place].isElsewhere = false
  }

  /// A message that took long to leave has left: from now on its answer is awaited.
  mutating func messageLeft(_ message: MessageID, at time: Nanoseconds) {
    guard leaving > 0 else { return }
    leaving -= 1
    waitingSince = time
    if let place = place(of: message) { unacknowledged[place].handedAt = time }
  }

  /// A message waits on its way, and what is behind it too: how long they take tells nothing of the line.
  mutating func isWaitingOnItsWay() {
    retries = 0
    for place in unacknowledged.indices { unacknowledged[place].isRepeated = true }
  }

  /// - Returns: how long a message took to `node` and back, if that was measured: it had been handed to that node itself, and
  ///   was not sent again.
  mutating func acknowledge(below expected: UInt32, at node: NodeID, now: Nanoseconds) -> Nanoseconds? {
    var roundTrip: Nanoseconds?
    while !unacknowledged.isEmpty, unacknowledged[0].id.sequence < expected {
      roundTrip = leaving == 0 ? unacknowledged[0].roundTrip(to: node, now: now) : nil
      unacknowledged.removeFirst()
      waitingSince = now
    }
    retries = 0
    return roundTrip
  }
}

/// The receiver's side of the messages from one process to another: it puts them in order and drops repetitions.
public struct IncomingStream: Sendable {
  /// The sequence number to be delivered next.
  public internal(set) var expected: UInt32 = 0
  /// Those that came early, by sequence number.
  var early: Deque<Message> = []

  /// Takes a message that has come when it is the one to be delivered next, and nothing waits for it; else false.
  mutating func takeIfNext(_ message: Message) -> Bool {
    guard message.id.sequence == expected, early.isEmpty else { return false }
    expected += 1
    return true
  }

  /// Takes a message that has come.
  ///
  /// - Returns: those that can be delivered now, in order: none when it was a repetition or came early.
  mutating func putInOrder(_ message: Message) -> [Message] {
    if takeIfNext(message) { return [message] }
    if message.id.sequence >= expected {
      let place = early.firstPlace { $0.id.sequence >= message.id.sequence }
      if place == early.count || early[place].id.sequence != message.id.sequence {
        early.insert(message, at: place)
      }
    }
    return begin(from: message.base)
  }

  /// The sender stands for nothing before `base`.
  ///
  /// - Returns: those that had waited for it and can be delivered now, in order.
  mutating func begin(from base: UInt32) -> [Message] {
    var ready: [Message] = []
    while let first = early.first, first.id.sequence <= max(expected, base) {
      ready.append(first)
      expected = first.id.sequence + 1
      early.removeFirst()
    }
    expected = max(expected, base)
    return ready
  }
}

extension Deque {
  /// The first place, from `first` on, at which something holds that holds at all later ones too; the end when it holds
  /// nowhere.
  fileprivate func firstPlace(from first: Int = 0, where holds: (Element) -> Bool) -> Int {
    var (low, high) = (first, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
