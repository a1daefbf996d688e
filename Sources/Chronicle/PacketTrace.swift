import MigrationKernel

/// The latest packets on the network, for drawings. A ring of settable size.
public struct PacketTrace: Sendable {
  /// One packet on its way.
  public struct Record: Sendable {
    /// Who sent it.
    public let from: NodeID
    /// For whom it is.
    public let to: NodeID
    /// Handed to the network; the last bit left; arrived, or would have.
    public let sentAt: Nanoseconds
    /// When its last bit left.
    public let leftAt: Nanoseconds
    /// When it arrived, or would have.
    public internal(set) var arrivesAt: Nanoseconds
    /// What it is called.
    public let called: PacketName
    /// The same in a word or two.
    public var name: String { called.text.description }
    /// To what it is charged.
    public let cause: Cause
    /// Its size.
    public let bytes: Int
    /// The message that it carries, or a part of it.
    public let message: MessageID?
    /// It is a part of something long.
    public let isPart: Bool
    /// It is the rest of something long, after its parts.
    let isRest: Bool
    /// How many acknowledgements ride on it.
    public let riders: Int
    /// The process that it is about.
    public let process: ProcessID?
    /// The connection was broken, the line cut, or its driver has lost it: it never arrives, at least not this time.
    public internal(set) var isLost: Bool

    /// A packet that has just been handed to the network.
    public init(
      _ packet: borrowing Packet, bytes: Int, from: NodeID, to: NodeID, sentAt: Nanoseconds, leftAt: Nanoseconds,
      arrivesAt: Nanoseconds, isLost: Bool
    ) {
      self.from = from
      self.to = to
      self.sentAt = sentAt
      self.leftAt = leftAt
      self.arrivesAt = arrivesAt
      self.bytes = bytes
      self.isLost = isLost
      called = packet.called
      cause = packet.cause
      message = packet.messageOfWhole
      isPart = packet.isPart
      isRest = packet.rest != nil
      riders = packet.riders
      process = packet.process
    }
  }

  private(set) var ring = ChunkedArray<Record>()
  /// How many are not kept any more.
  private var forgotten = 0
  /// How many are kept, give or take a chunk.
  public internal(set) var capacity = 10_000

  init() {}

  /// Whether every packet that there ever was is kept.
  public var isWhole: Bool { forgotten == 0 }

  /// Those still kept, in the order in which they were handed to the network.
  public var all: some RandomAccessCollection<Record> { ring }

  /// - Returns: the number of the packet, by which `delay` finds it.
  mutating func append(_ record: Record) -> Int {
    let number = forgotten + ring.count
    ring.append(record)
    if ring.count > capacity { forgotten += ring.removeFirstChunk() }
    return number
  }

  /// A packet arrives later than was thought, or never.
  mutating func delay(_ number: Int, until time: Nanoseconds) {
    guard number >= forgotten else { return }
    ring[number - forgotten].arrivesAt = time
    if time == .max { ring[number - forgotten].isLost = true }
  }

  /// What one node has sent to another and has not arrived by `time` never does.
  mutating func lose(from: NodeID, to: NodeID, after time: Nanoseconds) {
    for place in ring.indices where ring[place].from == from && ring[place].to == to && ring[place].arrivesAt > time {
      ring[place].isLost = true
    }
  }
}
