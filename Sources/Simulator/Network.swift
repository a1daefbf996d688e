import MigrationKernel

/// The links between nodes: latency, bandwidth, and one packet after another in each direction.
///
/// Between two nodes packets arrive reliably and in order, as over TCP, until one of them fails: then what had not
/// arrived is lost, and the other is told once the detection timeout is over, or as soon as the peer answers again.
public struct Network: Sendable {
  /// What a link is like, in both directions.
  public struct Link: Sendable, Equatable {
    /// One way.
    public var latency: Nanoseconds = 1_000_000
    /// Bits a second.
    public var bandwidth: UInt64 = 100_000_000

    public init() {}

    /// How long `bytes` occupy the link, rounded up to whole nanoseconds.
    public func transmissionTime(bytes: Int) -> Nanoseconds {
      let product = UInt64(bytes).multipliedFullWidth(by: 8 * 1_000_000_000)
      guard product.high < bandwidth else { return .max / 4 }
      let (quotient, remainder) = bandwidth.dividingFullWidth(product)
      return quotient + (remainder > 0 ? 1 : 0)
    }
  }

  /// One direction of a link.
  struct Channel: Sendable {
    var busyUntil: Nanoseconds = 0
    var lastArrival: Nanoseconds = 0
    /// Which connection over this channel is open; a packet of an earlier one is dropped.
    var connection: UInt32 = 0
    /// What is sent now is lost: the peer has fallen, and the sender has not been told yet.
    var isBroken = false
    var carried = Carried()
  }

  /// Packets and bytes handed to the network.
  public struct Carried: Sendable, Equatable {
    public internal(set) var packets: UInt64 = 0
    public internal(set) var bytes: UInt64 = 0

    mutating func add(_ size: Int) {
      packets += 1
      bytes += UInt64(size)
    }
  }

  /// What the network carried for one migration.
  public struct MigrationTraffic: Sendable, Equatable {
    public internal(set) var pages: UInt64 = 0
    public internal(set) var pageBytes: UInt64 = 0
    public internal(set) var stateBytes: UInt64 = 0
    public internal(set) var control = Carried()

    public var bytes: UInt64 { pageBytes + stateBytes + control.bytes }
  }

  /// For every pair without a link of its own.
  public internal(set) var defaults = Link()
  private var links: [Pair: Link] = [:]
  private var index: [Pair: Int] = [:]
  private var channels = ChunkedArray<Channel>()
  private var ends: [Pair] = []

  /// By cause, in the order of `Cause.allCases`.
  private var byCause = ContiguousArray(repeating: Carried(), count: Cause.allCases.count)
  private var byMigration: [MigrationAttempt: MigrationTraffic] = [:]

  /// The shortest latency of any link: nothing that a node does can reach another sooner.
  private(set) var minimumLatency: Nanoseconds = Link().latency

  struct Pair: Hashable, Sendable {
    let from: NodeID
    let to: NodeID

    /// The same for both directions.
    var unordered: Pair { from < to ? self : Pair(from: to, to: from) }

    func hash(into hasher: inout Hasher) { hasher.combine(UInt64(from.number) << 32 | UInt64(to.number)) }
  }

  init() {}

  public func link(_ a: NodeID, _ b: NodeID) -> Link {
    links.isEmpty ? defaults : links[Pair(from: a, to: b).unordered] ?? defaults
  }

  mutating func setDefaults(_ link: Link) {
    defaults = link
    updateMinimum()
  }

  mutating func setLink(_ a: NodeID, _ b: NodeID, _ link: Link) {
    links[Pair(from: a, to: b).unordered] = link
    updateMinimum()
  }

  private mutating func updateMinimum() {
    minimumLatency = links.values.reduce(defaults.latency) { min($0, $1.latency) }
  }

  /// The same links, on which nothing has been sent.
  var withoutTraffic: Network {
    var network = Network()
    network.defaults = defaults
    network.links = links
    network.updateMinimum()
    return network
  }

  // MARK: - Channels

  func channel(_ number: Int) -> Channel { channels[number] }

  /// The number of the channel from one node to another, made when first used.
  mutating func channel(from: NodeID, to: NodeID) -> Int {
    let pair = Pair(from: from, to: to)
    if let known = index[pair] { return known }
    channels.append(Channel())
    ends.append(pair)
    index[pair] = channels.count - 1
    return channels.count - 1
  }

  /// Occupies a channel with a packet, and charges its bytes.
  ///
  /// - Returns: when the last bit has left, when it arrives, and how many bytes it is.
  mutating func transmit(_ packet: Packet, on number: Int, now: Nanoseconds) -> (
    left: Nanoseconds, arrives: Nanoseconds, size: Int
  ) {
    let size = packet.encodedSize
    charge(packet, size)
    let link = link(ends[number].from, ends[number].to)
    let left = Self.sum(max(now, channels[number].busyUntil), link.transmissionTime(bytes: size))
    let arrives = max(Self.sum(left, link.latency), channels[number].lastArrival)
    channels[number].busyUntil = left
    channels[number].lastArrival = arrives
    channels[number].carried.add(size)
    return (left, arrives, size)
  }

  /// An instant some time later; one that the clock cannot count never comes.
  private static func sum(_ time: Nanoseconds, _ more: Nanoseconds) -> Nanoseconds {
    let (sum, overflow) = time.addingReportingOverflow(more)
    return overflow ? .max : sum
  }

  /// What is sent on this channel is lost until its sender is told.
  mutating func breakChannel(_ number: Int) { channels[number].isBroken = true }

  /// The sender has been told: what it sends from now on belongs to a new connection.
  mutating func reopenChannel(_ number: Int) {
    channels[number].isBroken = false
    channels[number].connection += 1
  }

  /// A failed node sends nothing more: its channels are idle, and belong to new connections.
  mutating func resetChannels(from node: NodeID, now: Nanoseconds) {
    for number in channels.indices where ends[number].from == node {
      channels[number].busyUntil = now
      channels[number].isBroken = false
    }
  }

  /// The nodes that have sent something to `node`, or to which it has: those with a connection to it.
  func peers(of node: NodeID) -> [NodeID] {
    Set(ends.compactMap { $0.from == node ? $0.to : $0.to == node ? $0.from : nil }).sorted()
  }

  /// The channels that lead to `node`, with their senders.
  func channels(to node: NodeID) -> [(number: Int, from: NodeID)] {
    channels.indices.compactMap { ends[$0].to == node ? ($0, ends[$0].from) : nil }
  }

  // MARK: - Books

  private mutating func charge(_ packet: Packet, _ size: Int) {
    let cause = packet.cause
    byCause[Int(cause.rawValue)].add(size)
    guard let attempt = packet.attempt else { return }
    switch cause {
    case .page:
      byMigration[attempt, default: MigrationTraffic()].pages += UInt64(packet.pageCount)
      byMigration[attempt, default: MigrationTraffic()].pageBytes += UInt64(size)
    case .processState: byMigration[attempt, default: MigrationTraffic()].stateBytes += UInt64(size)
    default: byMigration[attempt, default: MigrationTraffic()].control.add(size)
    }
  }

  /// What was carried for `cause`.
  public func carried(for cause: Cause) -> Carried { byCause[Int(cause.rawValue)] }

  /// What was carried for one migration.
  public func traffic(of attempt: MigrationAttempt) -> MigrationTraffic { byMigration[attempt] ?? MigrationTraffic() }

  /// What has been carried from one node to another.
  public func carried(from: NodeID, to: NodeID) -> Carried {
    index[Pair(from: from, to: to)].map { channels[$0].carried } ?? Carried()
  }
}
