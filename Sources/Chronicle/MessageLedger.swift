import MigrationKernel
import OrderedCollections

/// One message as the operator can look it up.
public struct MessageRecord: Sendable {
  /// What became of a message. One that was returned or lost and is delivered all the same has been delivered.
  public enum Status: String, Sendable, CaseIterable {
    /// It is on its way; somewhere it may wait for a process that moves.
    case waiting
    case delivered
    /// Its sender was told that it may not have been delivered.
    case returned
    /// Its sender was lost, and nobody else sends it again; or had ended, and what its kernel kept fell with the node.
    case lost
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
  public internal(set) var status: Status = .waiting
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
    /// Of the packets that followed from it, with what surrounds the message; none when it stayed.
    public internal(set) var bytes: Int?

    fileprivate mutating func charge(_ size: Int, more: Bool) { bytes = more ? (bytes ?? 0) + size : size }
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
  /// Times that one came back to the kernel of its sender, which looks for the receiver and sends it again.
  public private(set) var cameBack: UInt64 = 0
  /// Messages that nobody sends again and that have not been delivered.
  public private(set) var lost: UInt64 = 0
  /// Messages that are on their way.
  public var waiting: Int { open.count }
  /// Kernel-to-kernel steps of all messages delivered.
  public private(set) var hops: UInt64 = 0

  private(set) var records = ChunkedArray<MessageRecord>()
  /// How many records are not kept any more.
  private(set) var forgotten = 0
  /// Where those not yet delivered stand.
  private(set) var open: [MessageID: Int] = [:]
  /// Where those stand that were returned or lost, as far as they are kept: they may be delivered all the same.
  private(set) var missing: [MessageID: Int] = [:]
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
    if let number = open[id] ?? missing[id] { return self[number + 1] }
    return records.last { $0.id == id }
  }

  /// Finds messages as `subscript` does, for those who look up many: each in constant time, after one that grows with all.
  public var finder: @Sendable (MessageID) -> MessageRecord? {
    let records = records
    let places = Dictionary(zip(records.lazy.map(\.id), records.indices)) { $1 }
    return { id in places[id].map { records[$0] } }
  }

  /// The message, if it has not been delivered, as far as it is kept.
  func undelivered(_ id: MessageID) -> MessageRecord? { (open[id] ?? missing[id]).flatMap { self[$0 + 1] } }

  /// What some senders have sent that is on its way, oldest first.
  func onTheirWay(from isSender: (ProcessID) -> Bool) -> [MessageID] {
    open.filter { isSender($0.key.from) }.sorted { $0.value < $1.value }.map(\.key)
  }

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
      if records.count > capacity {
        forgotten += records.removeFirstChunk()
        missing = missing.filter { $0.value >= forgotten }
      }
      return
    case .received:
      received += 1
      return
    case .delivered(let hops):
      self.hops += UInt64(hops)
      if !watched.isEmpty, watched[id] != nil { watched[id] = true }
    case .resent: resent += 1
    case .forwarded, .handedBack: forwarded += 1
    case .cameBack: cameBack += 1
    case .dropped: dropped += 1
    case .sent, .queued, .held, .bounced, .returned, .lost: break
    }
    guard let number = place(of: id, settledBy: fact) else { return }
    let place = number - forgotten
    if records.indices.contains(place) { records[place].recordStep(fact, from: node, at: time) }
  }

  /// The place of a message, after this counts what became of it by `fact`; nil when there is nothing to note.
  private mutating func place(of id: MessageID, settledBy fact: MessageFact) -> Int? {
    switch fact {
    case .delivered:
      if let number = open.removeValue(forKey: id) {
        delivered += 1
        return number
      }
      // Of one that is not kept any more it is not known that it was returned or lost before.
      guard let number = missing.removeValue(forKey: id) else { return nil }
      delivered += 1
      switch self[number + 1]?.status {
      case .returned: returned -= 1
      case .lost: lost -= 1
      case .waiting, .delivered, nil: break
      }
      return number
    case .returned:
      guard let number = open.removeValue(forKey: id) else {
        // Its sender does not know that it was delivered, and hears that it may not have been.
        return self[id].map { $0.number - 1 }
      }
      returned += 1
      if number >= forgotten { missing[id] = number }
      return number
    case .lost:
      guard let number = open.removeValue(forKey: id) else { return nil }
      lost += 1
      if number >= forgotten { missing[id] = number }
      return number
    case .accepted, .sent, .queued, .forwarded, .handedBack, .held, .bounced, .dropped, .cameBack, .received, .resent:
      return open[id] ?? missing[id]
    }
  }

  /// The packet that carries a message on has so many bytes; `more`: it is one of several.
  mutating func charge(_ bytes: Int, more: Bool, of id: MessageID) {
    guard let number = open[id] else { return }
    let place = number - forgotten
    if records.indices.contains(place) { records[place].charge(bytes, more: more) }
  }
}

extension MessageRecord {
  fileprivate mutating func charge(_ bytes: Int, more: Bool) {
    if !further.isEmpty {
      further[further.count - 1].charge(bytes, more: more)
    } else if second != nil {
      second?.charge(bytes, more: more)
    } else {
      first?.charge(bytes, more: more)
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
    case .delivered(let hops):
      status = .delivered
      deliveredAt = time
      self.hops = hops
    case .returned: if status == .waiting { status = .returned }
    case .lost: if status == .waiting { status = .lost }
    case .accepted, .sent, .queued, .forwarded, .handedBack, .held, .received, .resent, .bounced, .dropped, .cameBack:
      break
    }
  }
}
