import MigrationKernel

/// What happened, in order: the facts that kernels reported, and what befell the nodes. A ring of settable size.
public struct Log: Sendable {
  /// One thing that happened.
  public struct Entry: Sendable {
    /// From 1, never reused.
    public let number: Int
    /// When.
    public let time: Nanoseconds
    /// At which node.
    public let node: NodeID
    /// What.
    public let event: Event
  }

  /// What can happen.
  public enum Event: Sendable {
    /// What a kernel reported.
    case fact(Fact)
    /// What befell the node.
    case cluster(ClusterEvent)
  }

  private(set) var ring = ChunkedArray<Entry>()
  private var counts: [EventKind: Int] = [:]
  /// How many entries there have ever been.
  public private(set) var total = 0
  /// How many are kept, give or take a chunk.
  public internal(set) var capacity = 100_000

  init() {}

  /// Those still kept, oldest first.
  public var entries: some RandomAccessCollection<Entry> { ring }

  /// How many events of a kind there have ever been, kept or not.
  public func count(of kind: EventKind) -> Int { counts[kind] ?? 0 }

  mutating func append(_ event: consuming Event, node: NodeID, time: Nanoseconds) {
    total += 1
    if let kind = event.eventKind { counts[kind, default: 0] += 1 }
    ring.append(Entry(number: total, time: time, node: node, event: event))
    if ring.count > capacity { _ = ring.removeFirstChunk() }
  }
}
