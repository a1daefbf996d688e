import Chronicle
import MigrationKernel

/// When packets leave and arrive, reckoned for each as it is handed to the network.
extension Network {
  /// What becomes of a packet.
  struct Passage {
    /// When its first bit leaves.
    var begins: Nanoseconds
    /// When its last bit has left.
    var left: Nanoseconds
    /// When it arrives, but for what is `missing`.
    var arrives: Nanoseconds
    /// As of `Congestion.Passage`.
    var sentBy: Nanoseconds
    var missing: UInt32 = 0
    var completes: Nanoseconds?
  }

  /// Occupies a channel and the interface of its sender with a packet, and charges its bytes.
  ///
  /// - Parameter longestTimeout: after so long at most what was lost is sent again.
  mutating func transmit(
    _ packet: Packet, size: Int, on number: Int, now: Nanoseconds, longestTimeout: Nanoseconds
  ) -> Passage {
    charge(packet, size: size, to: number)
    return occupy(number, size: size, now: now, longestTimeout)
  }

  /// The same for a packet that has waited for its line to heal.
  mutating func transmit(
    _ stalled: Stalled, on number: Int, now: Nanoseconds, longestTimeout: Nanoseconds
  ) -> Passage {
    if stalled.wasSent { resent.add(stalled.size, packets: Self.segments(stalled.size)) }
    return occupy(number, size: stalled.size, now: now, longestTimeout)
  }

  private mutating func occupy(
    _ number: Int, size: Int, now: Nanoseconds, _ longestTimeout: Nanoseconds
  ) -> Passage {
    let (from, to) = (ends[number].from, ends[number].to)
    let line = passableLine(from: from, to: to)
    let time = line.transmissionTime(bytes: size)
    let rate = interfaceRate(of: from)
    let taken = interfaces[Int(from.number)].sending.take(
      rate == line.bandwidth ? time : Interface.time(bytes: size, rate: rate),
      from: max(now, channels[number].busyUntil), now: now)
    let left = max(Self.sum(taken.begins, time), taken.ends)
    var passage = Passage(begins: taken.begins, left: left, arrives: Self.sum(left, line.latency), sentBy: left)
    if line.loss > 0 {
      let setting = Congestion.Setting(
        line: line, shortestTimeout: retransmissionTimeout, longestTimeout: longestTimeout)
      lose(from: taken.begins, size: size, on: number, setting, &passage)
    }
    if line.jitter > 0 { passage.arrives = Self.sum(passage.arrives, generator.next(below: line.jitter + 1)) }
    passage.arrives = max(passage.arrives, channels[number].lastArrival)
    channels[number].busyUntil = passage.left
    channels[number].lastArrival = passage.arrives
    if size > Self.segmentSize {
      interfaces[Int(to.number)].expect(from: Self.sum(taken.begins, line.latency), to: passage.arrives)
    }
    return passage
  }

  /// Draws which segments of a packet are lost, and what comes of it.
  private mutating func lose(
    from begins: Nanoseconds, size: Int, on number: Int, _ setting: Congestion.Setting, _ passage: inout Passage
  ) {
    let lossy = congestion[number, default: Congestion()].carry(size, from: begins, setting, &generator)
    if lossy.again.bytes > 0 {
      resent.add(lossy.again)
      let sender = ends[number].from
      let time = Interface.time(bytes: Int(lossy.again.bytes), rate: interfaceRate(of: sender))
      _ = interfaces[Int(sender.number)].sending.take(time, from: passage.left, now: 0)
    }
    passage.left = max(passage.left, lossy.left)
    passage.arrives = max(passage.arrives, lossy.arrives, passage.left)
    (passage.sentBy, passage.missing, passage.completes) = (lossy.sentBy, lossy.missing, lossy.completes)
  }

  /// A line as it is when the interface of the receiver is slower: the sender sends no faster, as TCP makes it.
  private func passableLine(from: NodeID, to: NodeID) -> Line {
    var line = link(from, to)
    line.bandwidth = min(line.bandwidth, interfaceRate(of: to))
    return line
  }

  /// Lets the interface of its receiver have a packet whose last bit has come over a channel.
  ///
  /// - Parameter begins: when its first bit left.
  /// - Returns: when it has been received.
  mutating func receive(size: Int, on number: Int, begins: Nanoseconds, now: Nanoseconds) -> Nanoseconds {
    let node = ends[number].to
    let rate = interfaceRate(of: node)
    let line = link(ends[number].from, node)
    let share = Interface.time(bytes: size, rate: rate)
    let first = min(Self.sum(begins, line.latency), now - min(now, share))
    let received = interfaces[Int(node.number)].receive(share, from: first, now: now)
    if received > now {
      // The receiver's window is full: what the sender sends next reaches the interface when this has gone through it.
      channels[number].busyUntil = max(channels[number].busyUntil, received - min(received, line.latency))
    }
    return received
  }

  // MARK: - What waits for lost segments

  /// True when an earlier packet lacks a segment, so that what comes waits.
  func isHeldUp(_ number: Int) -> Bool { heldUp[number] != nil }

  /// When a packet that lacks a segment will have come as a whole: `.max` when never; nil when it has.
  mutating func comesAt(_ missing: UInt32, on number: Int, now: Nanoseconds) -> Nanoseconds? {
    guard let time = congestion[number]?.comesAt(missing) else { return nil }
    if time > now { return time }
    congestion[number]?.complete(missing)
    return nil
  }

  mutating func holdUp(_ packet: HeldUp, on number: Int) { heldUp[number, default: []].append(packet) }

  /// Removes and returns what has come over a channel after a lost segment.
  mutating func takeHeldUp(_ number: Int) -> [HeldUp] { heldUp.removeValue(forKey: number) ?? [] }

  /// What was lost is not sent again, and what waits for it is lost, too.
  mutating func forgetHeldUp(_ number: Int) {
    heldUp[number] = nil
    congestion[number]?.forgetMissing()
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
  mutating func takeAgain(_ node: NodeID, _ others: [(size: Int, begunAt: Nanoseconds)]) {
    interfaces[Int(node.number)].sending = Occupancy()
    let rate = interfaceRate(of: node)
    for packet in others {
      let time = Interface.time(bytes: packet.size, rate: rate)
      _ = interfaces[Int(node.number)].sending.take(time, from: packet.begunAt, now: 0)
    }
  }
}
