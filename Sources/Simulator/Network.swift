import Chronicle
import MigrationKernel

/// The lines between nodes: latency, bandwidth, and one packet after another in each direction.
///
/// Between two nodes packets arrive reliably and in order, as over TCP, while both run and the line between them is not
/// cut for too long; what breaks a connection, and who is told of it, is in `Faults.swift`. Lost segments and jitter
/// change when packets arrive, never what.
public struct Network: Sendable {
  /// One direction of a line.
  struct Channel: Sendable {
    var busyUntil: Nanoseconds = 0
    var lastArrival: Nanoseconds = 0
    /// Which connection over this channel is open; a packet of an earlier one is dropped.
    var connection: UInt32 = 0
    /// What is sent now is lost: the peer has fallen or closed its end, and the sender has not been told yet.
    var isBroken = false
    /// What the line could not carry because it is cut, oldest first.
    var stalled: [Stalled] = []
    /// The receiver has closed its end to what earlier incarnations of the sender sent.
    var oldestIncarnation: UInt32 = 0
    /// When the sender gives up waiting for a line that is cut.
    var givesUpAt: Nanoseconds?
    var carried = Traffic()
  }

  /// A packet that waits for its line to heal.
  struct Stalled: Sendable {
    let packet: Packet
    let size: Int
    /// The sender wants to know when it has left.
    let notify: MigrationAttempt?
    /// It had been sent when the line was cut, and has to be sent again.
    let wasSent: Bool
  }

  /// What a TCP segment carries over Ethernet, and what is lost and sent again as a whole.
  static let segmentSize = 1460

  /// For every pair without a line of its own.
  public internal(set) var defaults = Line()
  private(set) var links: [Pair: Line] = [:]
  /// Lines that carry nothing.
  public private(set) var cuts: Set<Pair> = []
  private var generator = Generator(seed: 0)
  private(set) var index: [Pair: Int] = [:]
  private(set) var channels = ChunkedArray<Channel>()
  private(set) var ends: [Pair] = []

  /// By cause, in the order of `Cause.allCases`.
  private var byCause = ContiguousArray(repeating: Traffic(), count: Cause.allCases.count)
  private var byMigration: [MigrationAttempt: MigrationTraffic] = [:]
  /// Segments sent once more, because they were lost or because a line was cut that has healed.
  public private(set) var resent = Traffic()

  /// The shortest latency of any line: nothing that a node does can reach another sooner.
  private(set) var minimumLatency: Nanoseconds = Line().latency

  /// Two nodes, in the order in which something goes from one to the other.
  public struct Pair: Hashable, Sendable {
    /// From where.
    public let from: NodeID
    /// To where.
    public let to: NodeID

    /// The same for both directions.
    var unordered: Pair { from < to ? self : Pair(from: to, to: from) }

    public func hash(into hasher: inout Hasher) { hasher.combine(word) }
    /// Hashing in one step, as for identifiers.
    public func _rawHashValue(seed: Int) -> Int { mixedHash(word, seed) }

    private var word: UInt64 { UInt64(from.number) << 32 | UInt64(to.number) }
  }

  init() {}

  /// What is lost, and the jitter, follow from the seed.
  mutating func setSeed(_ seed: UInt64) { generator = Generator(seed: mixed(seed)) }

  /// What the line between two nodes is like.
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
  }

  private static func checkLoss(of link: Line) {
    precondition(0..<1 ~= link.loss, "with a loss of \(link.loss) no packet would ever arrive")
  }

  private mutating func updateMinimum() {
    minimumLatency = links.values.reduce(defaults.latency) { min($0, $1.latency) }
  }

  /// The same lines, on which nothing has been sent.
  var withoutTraffic: Network {
    var network = Network()
    network.defaults = defaults
    network.links = links
    network.cuts = cuts
    network.generator = generator
    network.updateMinimum()
    return network
  }

  // MARK: - Channels

  @inline(__always)
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
  /// - Returns: when the last bit has left, and when it arrives.
  mutating func transmit(
    _ packet: Packet, size: Int, on number: Int, now: Nanoseconds
  ) -> (left: Nanoseconds, arrives: Nanoseconds) {
    charge(packet, size: size, to: number)
    return occupy(number, size: size, now: now)
  }

  /// Occupies a channel with what had to wait until its line was healed.
  mutating func transmit(_ stalled: Stalled, on number: Int, now: Nanoseconds) -> (
    left: Nanoseconds, arrives: Nanoseconds
  ) {
    if stalled.wasSent { resent.add(stalled.size, packets: Self.segments(stalled.size)) }
    return occupy(number, size: stalled.size, now: now)
  }

  private mutating func occupy(
    _ number: Int, size: Int, now: Nanoseconds
  ) -> (left: Nanoseconds, arrives: Nanoseconds) {
    let link = link(ends[number].from, ends[number].to)
    var left = Self.sum(max(now, channels[number].busyUntil), link.transmissionTime(bytes: size))
    var arrives = Self.sum(left, link.latency)
    if link.loss > 0 {
      let (bytes, rounds) = loseSegments(size, link.loss)
      if rounds > 0 {
        left = Self.sum(left, link.transmissionTime(bytes: bytes))
        // That a segment is missing shows when what followed it is acknowledged: after a round trip.
        arrives = Self.sum(Self.sum(left, link.latency), UInt64(rounds) * 2 * link.latency)
      }
    }
    if link.jitter > 0 { arrives = Self.sum(arrives, generator.next(below: link.jitter + 1)) }
    arrives = max(arrives, channels[number].lastArrival)
    channels[number].busyUntil = left
    channels[number].lastArrival = arrives
    return (left, arrives)
  }

  /// Draws which segments of so many bytes are lost, and again which of those sent anew.
  ///
  /// - Returns: bytes sent again in all, and how often the last of them had to be.
  private mutating func loseSegments(_ size: Int, _ loss: Double) -> (bytes: Int, rounds: Int) {
    let threshold = UInt64(loss * Double(1 << 53 as UInt64))
    var missing = Self.segments(size)
    var (bytes, rounds) = (0, 0)
    while true {
      missing = (0..<missing).count { _ in generator.next() >> 11 < threshold }
      guard missing > 0 else { return (bytes, rounds) }
      let again = min(size, missing * Self.segmentSize)
      resent.add(again, packets: missing)
      bytes += again
      rounds += 1
    }
  }

  private static func segments(_ size: Int) -> Int { (size + segmentSize - 1) / segmentSize }

  /// An instant some time later; one that the clock cannot count never comes.
  private static func sum(_ time: Nanoseconds, _ more: Nanoseconds) -> Nanoseconds {
    let (sum, overflow) = time.addingReportingOverflow(more)
    return overflow ? .max : sum
  }

  /// What is sent on this channel is lost until its sender is told.
  mutating func breakChannel(_ number: Int) {
    channels[number].isBroken = true
    channels[number].stalled = []
  }

  /// The sender has been told: what it sends from now on belongs to a new connection.
  mutating func reopenChannel(_ number: Int) {
    channels[number].isBroken = false
    channels[number].connection += 1
    channels[number].stalled = []
    channels[number].givesUpAt = nil
  }

  /// A failed node sends nothing more: its channels are idle, and belong to new connections.
  mutating func resetChannels(from node: NodeID, now: Nanoseconds) {
    for number in channels.indices where ends[number].from == node {
      channels[number].busyUntil = now
      channels[number].isBroken = false
      channels[number].stalled = []
      channels[number].givesUpAt = nil
    }
  }

  /// True when the line between two nodes carries nothing.
  public func isCut(_ a: NodeID, _ b: NodeID) -> Bool {
    !cuts.isEmpty && cuts.contains(Pair(from: a, to: b).unordered)
  }

  /// - Returns: false when it was so already.
  mutating func setCut(_ a: NodeID, _ b: NodeID, _ isCut: Bool) -> Bool {
    let pair = Pair(from: a, to: b).unordered
    return isCut ? cuts.insert(pair).inserted : cuts.remove(pair) != nil
  }

  /// True when either has ever sent something to the other.
  func areConnected(_ a: NodeID, _ b: NodeID) -> Bool {
    index[Pair(from: a, to: b)] != nil || index[Pair(from: b, to: a)] != nil
  }

  /// What is on its way will not arrive over a line that is cut; the channel is idle.
  mutating func stall(_ packets: [Stalled], on number: Int, now: Nanoseconds) {
    channels[number].stalled += packets
    channels[number].busyUntil = now
    channels[number].lastArrival = now
  }

  mutating func refuse(_ number: Int, before incarnation: UInt32) { channels[number].oldestIncarnation = incarnation }

  mutating func setGivesUp(_ number: Int, at time: Nanoseconds?) { channels[number].givesUpAt = time }

  /// Hands out what the line could not carry while it was cut.
  mutating func takeStalled(_ number: Int) -> [Stalled] {
    defer { channels[number].stalled = [] }
    return channels[number].stalled
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

  /// Books a packet of `size` bytes.
  mutating func charge(_ packet: Packet, size: Int, to number: Int) {
    let cause = packet.cause
    channels[number].carried.add(size)
    byCause[Int(cause.rawValue)].add(size)
    if let attempt = packet.attempt { byMigration[attempt, default: MigrationTraffic()].add(packet, size: size) }
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
