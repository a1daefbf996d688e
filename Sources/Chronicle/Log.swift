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
  private var tallies: [EventKind: Tally] = [:]

  /// Of a kind of event.
  private struct Tally: Sendable {
    var count: Int
    let firstTime: Nanoseconds
    var lastTime: Nanoseconds

    mutating func note(_ time: Nanoseconds) {
      count += 1
      lastTime = time
    }
  }

  /// How many entries there have ever been.
  public private(set) var total = 0
  /// How many are kept, give or take a chunk.
  public internal(set) var capacity = 100_000

  init() {}

  /// Those still kept, oldest first.
  public var entries: some RandomAccessCollection<Entry> { ring }

  /// How many events of a kind there have ever been, kept or not.
  public func count(of kind: EventKind) -> Int { tallies[kind]?.count ?? 0 }

  /// When the first event of a kind happened; nil when there has been none.
  public func firstTime(of kind: EventKind) -> Nanoseconds? { tallies[kind]?.firstTime }

  /// When the last event of a kind happened; nil when there has been none.
  public func lastTime(of kind: EventKind) -> Nanoseconds? { tallies[kind]?.lastTime }

  mutating func append(_ event: consuming Event, node: NodeID, time: Nanoseconds) {
    total += 1
    if let kind = event.eventKind {
      tallies[kind, default: Tally(count: 0, firstTime: time, lastTime: time)].note(time)
    }
    ring.append(Entry(number: total, time: time, node: node, event: event))
    if ring.count > capacity { _ = ring.removeFirstChunk() }
  }
}
