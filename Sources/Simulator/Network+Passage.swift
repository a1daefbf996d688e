import Chronicle
import MigrationKernel

/// When packets leave and arrive, reckoned for each as it is handed to the network.
extension Network {
  /// Occupies a channel and the interface of its sender with a packet, and charges its bytes.
  ///
  /// - Returns: when the last bit has left, and when it arrives.
  mutating func transmit(
    _ packet: Packet, size: Int, on number: Int, now: Nanoseconds
  ) -> (left: Nanoseconds, arrives: Nanoseconds) {
    charge(packet, size: size, to: number)
    return occupy(number, size: size, now: now)
  }

  /// The same for a packet that has waited for its line to heal.
  mutating func transmit(_ stalled: Stalled, on number: Int, now: Nanoseconds) -> (
    left: Nanoseconds, arrives: Nanoseconds
  ) {
    if stalled.wasSent { resent.add(stalled.size, packets: Self.segments(stalled.size)) }
    return occupy(number, size: stalled.size, now: now)
  }

  private mutating func occupy(
    _ number: Int, size: Int, now: Nanoseconds
  ) -> (left: Nanoseconds, arrives: Nanoseconds) {
    let (from, to) = (ends[number].from, ends[number].to)
    let line = passableLine(from: from, to: to)
    let lost = line.loss > 0 ? loseSegments(size, line.loss) : (bytes: 0, rounds: 0)
    let time = line.transmissionTime(bytes: size) + (lost.bytes > 0 ? line.transmissionTime(bytes: lost.bytes) : 0)
    let rate = interfaceRate(of: from)
    let taken = interfaces[Int(from.number)].sending.take(
      rate == line.bandwidth ? time : Interface.time(bytes: size + lost.bytes, rate: rate),
      from: max(now, channels[number].busyUntil), now: now)
    let left = max(Self.sum(taken.begins, time), taken.ends)
    // The sender learns that a segment is missing when later ones are acknowledged: after a round trip.
    var arrives = Self.sum(Self.sum(left, line.latency), UInt64(lost.rounds) * 2 * line.latency)
    if line.jitter > 0 { arrives = Self.sum(arrives, generator.next(below: line.jitter + 1)) }
    arrives = max(arrives, channels[number].lastArrival)
    channels[number].busyUntil = left
    channels[number].lastArrival = arrives
    return (left, arrives)
  }

  /// A line as it is when the interface of the receiver is slower: the sender sends no faster, as TCP makes it.
  private func passableLine(from: NodeID, to: NodeID) -> Line {
    var line = link(from, to)
    line.bandwidth = min(line.bandwidth, interfaceRate(of: to))
    return line
  }

  /// Draws which segments of a packet are lost, then which of those sent again are lost, and so on.
  ///
  /// - Returns: how many bytes were sent again in all, and how often the last of them was.
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

  /// Lets the interface of its receiver have a packet whose last bit has come over a channel.
  ///
  /// - Returns: when it has been received.
  mutating func receive(size: Int, on number: Int, now: Nanoseconds) -> Nanoseconds {
    let node = ends[number].to
    let rate = interfaceRate(of: node)
    let received = interfaces[Int(node.number)].receive(over: number, now: now, size: size, rate: rate)
    if received > now {
      // The receiver's window is full: what the sender sends next reaches the interface when this has gone through it.
      let latency = link(ends[number].from, node).latency
      channels[number].busyUntil = max(channels[number].busyUntil, received - min(received, latency))
    }
    return received
  }

  static func segments(_ size: Int) -> Int { (size + segmentSize - 1) / segmentSize }

  /// An instant some time later. An instant that the clock cannot count never comes.
  static func sum(_ time: Nanoseconds, _ more: Nanoseconds) -> Nanoseconds {
    let (sum, overflow) = time.addingReportingOverflow(more)
    return overflow ? .max : sum
  }

  // MARK: - Interfaces

  /// Bits a second that a node sends at most, and receives at most: as was set, or as over the fastest of its lines.
  public func interfaceRate(of node: NodeID) -> UInt64 {
    if let rate = interfaces[Int(node.number)].rate { return rate }
    guard !ownLines.isEmpty, let own = ownLines[node] else { return defaults.bandwidth }
    return own.count + 1 < members.count ? max(own.fastest, defaults.bandwidth) : own.fastest
  }

  /// A node joins the cluster.
  ///
  /// - Parameter rate: of its interface, when it was set.
  mutating func addMember(_ node: NodeID, interface rate: UInt64?) {
    while interfaces.count <= Int(node.number) { interfaces.append(Interface()) }
    interfaces[Int(node.number)] = Interface(rate: rate)
    members.insert(node)
    updateOwnLines(around: node)
  }

  mutating func removeMember(_ node: NodeID) {
    members.remove(node)
    updateOwnLines(around: node)
  }

  mutating func setInterface(of node: NodeID, rate: UInt64) { interfaces[Int(node.number)].rate = rate }

  private mutating func updateOwnLines(around node: NodeID) {
    guard !links.isEmpty else { return }
    updateOwnLines(of: links.keys.filter { $0.from == node || $0.to == node }.flatMap { [$0.from, $0.to] } + [node])
  }

  /// Looks for the lines of their own that some nodes have to members.
  mutating func updateOwnLines(of nodes: [NodeID]) {
    for node in Set(nodes) {
      var (count, fastest) = (0, 0 as UInt64)
      for (pair, line) in links where pair.from == node || pair.to == node {
        guard members.contains(pair.from == node ? pair.to : pair.from) else { continue }
        count += 1
        fastest = max(fastest, line.bandwidth)
      }
      ownLines[node] = count > 0 ? (count, fastest) : nil
    }
  }

  /// Frees what packets had taken of a node's interface that will not leave; `others` still do.
  mutating func takeAgain(_ node: NodeID, _ others: [(size: Int, channel: Int, left: Nanoseconds)], now: Nanoseconds) {
    interfaces[Int(node.number)].sending = Occupancy()
    let rate = interfaceRate(of: node)
    for packet in others where packet.left > now {
      let line = passableLine(from: node, to: ends[packet.channel].to)
      let time = Interface.time(bytes: packet.size, rate: rate)
      let begun = packet.left - min(packet.left, max(time, line.transmissionTime(bytes: packet.size)))
      _ = interfaces[Int(node.number)].sending.take(time, from: begun, now: 0)
    }
  }
}
