import Chronicle
import MigrationKernel

/// The lines between nodes: latency, bandwidth, and one packet after another in each direction.
///
/// Between two nodes packets arrive reliably and in order, as over TCP, as long as both run and the line between them
/// is not cut for too long: urgent and ordinary ones apart, over two connections. `Faults.swift` says what breaks a connection, and who is told. Lost segments and jitter
/// change only when packets arrive, never what arrives.
public struct Network: Sendable {
  /// One direction of a line.
  struct Channel: Sendable {
    /// Until when it is taken by ordinary packets, and when the last of them arrives.
    var busyUntil: Nanoseconds = 0
    var lastArrival: Nanoseconds = 0
    /// The same of urgent ones, which go between the segments of ordinary ones.
    var urgentBusyUntil: Nanoseconds = 0
    var lastUrgentArrival: Nanoseconds = 0
    /// The number of the connection that is open over this channel. A packet of an earlier one is dropped.
    var connection: UInt32 = 0
    /// Whether packets sent now are lost: the peer has failed or closed its end, and the sender has not been told yet.
    var isBroken = false
    /// Whether the sender was told that the connection broke, and has not been told that the peer answers again.
    var awaitsPeer = false
    /// The packets that the line could not carry since it was cut, oldest first.
    var stalled: [Stalled] = []
    /// The receiver drops packets that the sender sent in incarnations before this one.
    var oldestIncarnation: UInt32 = 0
    /// When the sender gives up waiting for a line that is cut.
    var givesUpAt: Nanoseconds?
    var carried = Traffic()
  }

  /// A packet that waits for its line to heal.
  struct Stalled: Sendable {
    let packet: Packet
    let size: Int
    /// Set when the sender wants to know when the packet has left.
    let notify: Notice?
    /// Whether it had already left when the line was cut, so that it counts as sent again.
    let wasSent: Bool
    /// What the driver of the sender has made of it.
    let treatment: Treatment

    var isUrgent: Bool { packet.stream(isPaced: notify != nil) == .urgent }
  }

  /// A packet that has come, but waits for a segment that was lost: of its own, or of an earlier one.
  struct HeldUp: Sendable {
    let packet: Packet
    let route: ScheduledEvent.Route
  }

  /// The bytes that a TCP segment carries over Ethernet. A segment is lost, and sent again, as a whole.
  static let segmentSize = 1460

  /// The line between every two nodes that have no line of their own.
  public internal(set) var defaults = Line()
  private(set) var links: [Pair: Line] = [:]
  /// Lines that carry nothing.
  public private(set) var cuts: Set<Pair> = []
  var generator = Generator(seed: 0)
  private(set) var index: [Pair: Int] = [:]
  var channels = ChunkedArray<Channel>()
  private(set) var ends: [Pair] = []

  /// What was carried for each cause, in the order of `Cause.allCases`.
  private var byCause = ContiguousArray(repeating: Traffic(), count: Cause.allCases.count)
  private var byMigration: [MigrationAttempt: MigrationTraffic] = [:]
  /// Segments that were sent again, because they were lost or because their line was cut and has healed.
  public internal(set) var resent = Traffic()

  /// What the sender knows of its losses, by the lane (a stream of a channel) that has lost something.
  var congestion: [Int: Congestion] = [:]
  /// What waits at the ends of lanes for lost segments, in order.
  var heldUp: [Int: [HeldUp]] = [:]
  /// A lost segment that no three follow is sent again after this time at the soonest.
  var retransmissionTimeout: Nanoseconds = 200_000_000

  /// What connects each node to its lines, by the node's number.
  var interfaces = ChunkedArray<Interface>()
  /// The fastest line of its own that each node has to a member, and how many there are.
  var ownLines: [NodeID: (count: Int, fastest: UInt64)] = [:]
  var members: Set<NodeID> = []

  /// The shortest latency of all lines: nothing that a node does can reach another node sooner.
  private(set) var minimumLatency: Nanoseconds = Line().latency

  /// Two nodes: something goes from the first to the second.
  public struct Pair: Hashable, Sendable {
    /// The node that sends.
    public let from: NodeID
    /// The node that receives.
    public let to: NodeID

    /// The same pair for both directions.
    var unordered: Pair { from < to ? self : Pair(from: to, to: from) }

    public func hash(into hasher: inout Hasher) { hasher.combine(word) }
    /// Hashes in one step, as identifiers do.
    public func _rawHashValue(seed: Int) -> Int { mixedHash(word, seed) }

    private var word: UInt64 { UInt64(from.number) << 32 | UInt64(to.number) }
  }

  init() {}

  /// Sets the seed from which losses and jitter follow.
  mutating func setSeed(_ seed: UInt64) { generator = Generator(seed: mixed(seed)) }

  /// The line between two nodes.
  public func link(_ a: NodeID, _ b: NodeID) -> Line {
    links.isEmpty ? defaults : links[Pair(from: a, to: b).unordered] ?? defaults
  }

  mutating func setDefaults(_ link: Line) {
    Self.checkLoss(of: link)
    defaults = link
    updateMinimum()
  }

  mutating func setLink(_ a: NodeID, _ b: NodeID, _ link: Line) {
    Self.checkLoss(of: link)
    links[Pair(from: a, to: b).unordered] = link
    updateMinimum()
    updateOwnLines(of: [a, b])
  }

  private static func checkLoss(of link: Line) {
    precondition(0..<1 ~= link.loss, "with a loss of \(link.loss) no packet would ever arrive")
  }

  private mutating func updateMinimum() {
    minimumLatency = links.values.reduce(defaults.latency) { min($0, $1.latency) }
  }

  /// The same lines, before anything was sent over them.
  var withoutTraffic: Network {
    var network = Network()
    network.defaults = defaults
    network.links = links
    network.cuts = cuts
    network.generator = generator
    network.retransmissionTimeout = retransmissionTimeout
    network.members = members
    network.ownLines = ownLines
    for interface in interfaces { network.interfaces.append(Interface(rate: interface.rate)) }
    network.updateMinimum()
    return network
  }

  // MARK: - Channels

  /// The number of the channel from one node to another. Makes the channel when it is first used.
  mutating func channel(from: NodeID, to: NodeID) -> Int {
    let pair = Pair(from: from, to: to)
    if let known = index[pair] { return known }
    channels.append(Channel())
    ends.append(pair)
    index[pair] = channels.count - 1
    return channels.count - 1
  }

  /// Breaks a channel: what is sent on it is lost until the sender is told.
  mutating func breakChannel(_ number: Int) {
    channels[number].isBroken = true
    channels[number].stalled = []
    forgetHeldUp(number)
  }

  /// Opens a new connection over a channel, once the sender has been told of the break.
  mutating func reopenChannel(_ number: Int) {
    channels[number].isBroken = false
    channels[number].connection += 1
    channels[number].stalled = []
    forgetHeldUp(number)
    channels[number].givesUpAt = nil
  }

  /// Makes the channels from a failed node idle. What it sends after it is back belongs to new connections.
  mutating func resetChannels(from node: NodeID, now: Nanoseconds) {
    interfaces[Int(node.number)].empty()
    for number in channels.indices where ends[number].from == node {
      (channels[number].busyUntil, channels[number].urgentBusyUntil) = (now, now)
      channels[number].isBroken = false
      channels[number].awaitsPeer = false
      channels[number].stalled = []
      channels[number].givesUpAt = nil
      let latency = link(node, ends[number].to).latency
      for lane in Self.lanes(of: number) { congestion[lane]?.stop(at: now, latency: latency) }
    }
  }

  /// A node is back. Where something never comes that its former incarnation had sent, all that follows it is forgotten.
  mutating func forgetFormer(_ node: NodeID, before incarnation: UInt32) {
    for (lane, congestion) in congestion where congestion.isMissingSomething {
      let number = Self.channel(of: lane)
      guard ends[number].from == node else { continue }
      refuse(number, before: incarnation)
      forgetHeldUp(number)
    }
  }

  mutating func setAwaitsPeer(_ number: Int, _ awaits: Bool) { channels[number].awaitsPeer = awaits }

  /// True when the line between two nodes carries nothing.
  @inline(__always)
  public func isCut(_ a: NodeID, _ b: NodeID) -> Bool {
    !cuts.isEmpty && cuts.contains(Pair(from: a, to: b).unordered)
  }

  /// - Returns: false when that changed nothing.
  mutating func setCut(_ a: NodeID, _ b: NodeID, _ isCut: Bool) -> Bool {
    let pair = Pair(from: a, to: b).unordered
    return isCut ? cuts.insert(pair).inserted : cuts.remove(pair) != nil
  }

  /// True when one of the two has ever sent something to the other.
  func areConnected(_ a: NodeID, _ b: NodeID) -> Bool {
    index[Pair(from: a, to: b)] != nil || index[Pair(from: b, to: a)] != nil
  }

  /// Keeps the packets that were on their way when the line was cut. The channel is idle now.
  mutating func stall(_ packets: [Stalled], on number: Int, now: Nanoseconds) {
    channels[number].stalled += packets
    (channels[number].busyUntil, channels[number].urgentBusyUntil) = (now, now)
    (channels[number].lastArrival, channels[number].lastUrgentArrival) = (now, now)
  }

  mutating func refuse(_ number: Int, before incarnation: UInt32) { channels[number].oldestIncarnation = incarnation }

  mutating func setGivesUp(_ number: Int, at time: Nanoseconds?) { channels[number].givesUpAt = time }

  /// Removes and returns the packets that the line could not carry while it was cut.
  mutating func takeStalled(_ number: Int) -> [Stalled] {
    defer { channels[number].stalled = [] }
    return channels[number].stalled
  }

  /// The nodes that have a connection to `node`: one of the two has sent something to the other.
  func peers(of node: NodeID) -> [NodeID] {
    Set(ends.compactMap { $0.from == node ? $0.to : $0.to == node ? $0.from : nil }).sorted()
  }

  /// The channels that lead to `node`, with their senders.
  func channels(to node: NodeID) -> [(number: Int, from: NodeID)] {
    channels.indices.compactMap { ends[$0].to == node ? ($0, ends[$0].from) : nil }
  }

  // MARK: - Books

  /// Books a packet of `size` bytes.
  ///
  /// - Parameter isCopy: no kernel has sent it, so that it is not on the bill of a migration.
  mutating func charge(_ packet: Packet, size: Int, to number: Int, isCopy: Bool) {
    let cause = packet.cause
    channels[number].carried.add(size)
    byCause[Int(cause.rawValue)].add(size)
    if !isCopy, let attempt = packet.attempt {
      byMigration[attempt, default: MigrationTraffic()].add(packet, size: size)
    }
  }

  /// What was carried for `cause`.
  public func carried(for cause: Cause) -> Traffic { byCause[Int(cause.rawValue)] }

  /// What was carried for one migration.
  public func traffic(of attempt: MigrationAttempt) -> MigrationTraffic { byMigration[attempt] ?? MigrationTraffic() }

  /// What has been carried from one node to another.
  public func carried(from: NodeID, to: NodeID) -> Traffic {
    index[Pair(from: from, to: to)].map { channels[$0].carried } ?? Traffic()
  }
}
