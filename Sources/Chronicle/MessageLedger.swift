import MigrationKernel
import OrderedCollections

/// One message as the operator can look it up.
public struct MessageRecord: Sendable {
  /// Where a message stands: on its way, waiting at a source (queued) or at an origin (held), delivered, given back to its
  /// sender, or lost.
  public enum Status: String, Sendable {
    case sent, queued, held, delivered, returned, lost
  }

  /// From 1, in the order in which kernels accepted them.
  public let number: Int
  /// Which message it is.
  public let id: MessageID
  /// What it says, as much of it as is kept.
  public let text: String
  /// Bytes of its body.
  public let size: UInt32
  /// When the kernel of its sender took it.
  public let acceptedAt: Nanoseconds
  /// Where it stands now.
  public internal(set) var status: Status = .sent
  /// When it reached its receiver; nil until then.
  public internal(set) var deliveredAt: Nanoseconds?
  /// How long it was on its way; nil until it has been delivered.
  public var delay: Nanoseconds? { deliveredAt.map { $0 - acceptedAt } }
  /// Steps from kernel to kernel until it was delivered.
  public internal(set) var hops: UInt16 = 0
  // Most messages take two steps, which need no room of their own: they are handed to the network once, and delivered.
  fileprivate var first: Step?
  fileprivate var second: Step?
  fileprivate var further: [Step] = []
  /// Every step, with the node that took it.
  public var steps: [Step] { [first, second].compactMap { $0 } + further }

  /// Something that a kernel did with a message.
  public struct Step: Sendable {
    /// When.
    public let time: Nanoseconds
    /// At which node.
    public let node: NodeID
    /// What it did.
    public let fact: MessageFact
    /// Of the packet that followed from it, with what surrounds the message; none when it stayed.
    public internal(set) var bytes: Int?
  }
}

/// The messages of late, and counts of all there have been.
public struct MessageLedger: Sendable {
  /// How many characters of a message's text are kept.
  public static let textLimit = 1000
  /// How many messages are kept, give or take a chunk.
  public internal(set) var capacity = 10_000

  /// Messages that kernels took from senders.
  public private(set) var accepted: UInt64 = 0
  /// Messages that reached their receivers.
  public private(set) var delivered: UInt64 = 0
  /// Messages that programs have read.
  public private(set) var received: UInt64 = 0
  /// Times that a kernel sent one again.
  public private(set) var resent: UInt64 = 0
  /// Times that a node sent one on, or handed it back to the origin.
  public private(set) var forwarded: UInt64 = 0
  /// Times that a node dropped one for a process that had left.
  public private(set) var dropped: UInt64 = 0
  /// Senders told that a message may not have been delivered.
  public private(set) var returned: UInt64 = 0
  /// Messages whose sender or receiver was lost before they were delivered.
  public internal(set) var lost: UInt64 = 0
  /// Kernel-to-kernel steps of all messages delivered.
  public private(set) var hops: UInt64 = 0

  private(set) var records = ChunkedArray<MessageRecord>()
  /// How many records are not kept any more.
  private(set) var forgotten = 0
  /// Where those not yet delivered stand.
  private(set) var open: [MessageID: Int] = [:]
  /// Those of which is remembered, whatever else is sent, that they were delivered; and whether they have been.
  private var watched: [MessageID: Bool] = [:]

  init() {}

  private static func kept(_ text: String) -> String {
    // To count characters takes long; there are never more than bytes.
    text.utf8.count <= textLimit ? text : String(text.prefix(textLimit))
  }

  /// From now on `isDelivered` can tell of this message, which is still kept, for good.
  mutating func watch(_ id: MessageID) { watched[id] = self[id]?.status == .delivered }

  /// Whether a message that is watched has been delivered.
  public func isDelivered(_ id: MessageID) -> Bool { watched[id] == true }

  /// Those still kept, oldest first.
  public var all: some RandomAccessCollection<MessageRecord> { records }

  /// The message, if it is still kept.
  public subscript(id: MessageID) -> MessageRecord? {
    if let number = open[id] { return self[number + 1] }
    return records.last { $0.id == id }
  }

  /// The message, if it is on its way.
  func onItsWay(_ id: MessageID) -> MessageRecord? { open[id].flatMap { self[$0 + 1] } }

  /// Those of which neither end has heard the end, oldest first, as far as they are kept.
  package var onTheirWay: some Sequence<MessageRecord> { open.values.sorted().lazy.compactMap { self[$0 + 1] } }

  /// The message with that number, if it is still kept.
  public subscript(number: Int) -> MessageRecord? {
    let place = number - 1 - forgotten
    return records.indices.contains(place) ? records[place] : nil
  }

  mutating func recordStep(_ fact: MessageFact, of id: MessageID, from node: NodeID, at time: Nanoseconds) {
    switch fact {
    case .accepted(let text, let size):
      accepted += 1
      open[id] = forgotten + records.count
      records.append(
        MessageRecord(
          number: forgotten + records.count + 1, id: id, text: Self.kept(text), size: size,
          acceptedAt: time))
      if records.count > capacity { forgotten += records.removeFirstChunk() }
      return
    case .received:
      received += 1
      return
    case .delivered(let hops):
      delivered += 1
      self.hops += UInt64(hops)
      if !watched.isEmpty, watched[id] != nil { watched[id] = true }
    case .resent: resent += 1
    case .forwarded, .handedBack: forwarded += 1
    case .returned: if open[id] != nil { returned += 1 }
    case .cameBack: returned += 1
    case .dropped: dropped += 1
    case .sent, .queued, .held, .bounced: break
    }
    let number =
      switch fact {
      case .delivered, .returned: open.removeValue(forKey: id)
      case .accepted, .sent, .queued, .forwarded, .handedBack, .held, .bounced, .dropped, .cameBack, .received, .resent:
        open[id]
      }
    guard let number else { return }
    let place = number - forgotten
    if records.indices.contains(place) { records[place].recordStep(fact, from: node, at: time) }
  }

  /// The packet that carries a message on has so many bytes.
  mutating func charge(_ bytes: Int, of id: MessageID) {
    guard let number = open[id] else { return }
    let place = number - forgotten
    if records.indices.contains(place) { records[place].charge(bytes) }
  }

  /// `process` is gone without having ended: what was on its way to it or from it is lost with it.
  mutating func lostProcess(_ process: ProcessID) {
    let gone = open.keys.filter { $0.from == process || $0.to == process }
    for id in gone {
      let place = (open.removeValue(forKey: id) ?? 0) - forgotten
      if records.indices.contains(place) { records[place].status = .lost }
    }
    lost += UInt64(gone.count)
  }
}

extension MessageRecord {
  fileprivate mutating func charge(_ bytes: Int) {
    if !further.isEmpty {
      further[further.count - 1].bytes = bytes
    } else if second != nil {
      second?.bytes = bytes
    } else {
      first?.bytes = bytes
    }
  }

  private mutating func append(_ step: Step) {
    if first == nil {
      first = step
    } else if second == nil {
      second = step
    } else {
      further.append(step)
    }
  }

  fileprivate mutating func recordStep(_ fact: MessageFact, from node: NodeID, at time: Nanoseconds) {
    append(Step(time: time, node: node, fact: fact))
    switch fact {
    case .queued: status = .queued
    case .held: status = .held
    case .forwarded, .handedBack, .resent: status = .sent
    case .delivered(let hops):
      status = .delivered
      deliveredAt = time
      self.hops = hops
    case .returned: status = .returned
    case .accepted, .sent, .received, .bounced, .dropped, .cameBack: break
    }
  }
}
