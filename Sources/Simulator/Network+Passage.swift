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
    /// In which of the two streams it goes.
    var isUrgent = false
    var completes: Nanoseconds?
  }

  /// Occupies a channel and the interface of its sender with a packet, and charges its bytes.
  ///
  /// - Parameters:
  ///   - isCopy: as of `charge`.
  ///   - longestTimeout: after so long at most what was lost is sent again.
  mutating func transmit(
    _ packet: Packet, size: Int, on number: Int, isUrgent: Bool = false, isCopy: Bool = false, now: Nanoseconds,
    longestTimeout: Nanoseconds
  ) -> Passage {
    charge(packet, size: size, to: number, isCopy: isCopy)
    return occupy(number, isUrgent: isUrgent, size: size, now: now, longestTimeout)
  }

  /// The same for a packet that has waited for its line to heal.
  mutating func transmit(
    _ stalled: Stalled, on number: Int, now: Nanoseconds, longestTimeout: Nanoseconds
  ) -> Passage {
    if stalled.wasSent { resent.add(stalled.size, packets: Self.segments(stalled.size)) }
    return occupy(number, isUrgent: stalled.isUrgent, size: stalled.size, now: now, longestTimeout)
  }

  private mutating func occupy(
    _ number: Int, isUrgent: Bool, size: Int, now: Nanoseconds, _ longestTimeout: Nanoseconds
  ) -> Passage {
    let (from, to) = (ends[number].from, ends[number].to)
    let line = passableLine(from: from, to: to)
    let time = line.transmissionTime(bytes: size)
    var passage =
      isUrgent
      ? passBetween(number, size: size, time: time, line, now: now)
      : pass(number, size: size, time: time, line, now: now)
    passage.isUrgent = isUrgent
    if line.loss > 0 {
      let setting = Congestion.Setting(
        line: line, shortestTimeout: retransmissionTimeout, longestTimeout: longestTimeout)
      lose(size: size, in: Self.lane(of: number, isUrgent: isUrgent), setting, &passage)
    }
    if line.jitter > 0 { passage.arrives = Self.sum(passage.arrives, generator.next(below: line.jitter + 1)) }
    if isUrgent {
      passage.arrives = max(passage.arrives, channels[number].lastUrgentArrival)
      (channels[number].urgentBusyUntil, channels[number].lastUrgentArrival) = (passage.left, passage.arrives)
      channels[number].busyUntil = max(channels[number].busyUntil, passage.left)
    } else {
      passage.arrives = max(passage.arrives, channels[number].lastArrival)
      (channels[number].busyUntil, channels[number].lastArrival) = (passage.left, passage.arrives)
    }
    if size > Self.segmentSize {
      interfaces[Int(to.number)].expect(from: Self.sum(passage.begins, line.latency), to: passage.arrives)
    }
    return passage
  }

  /// An ordinary packet goes when the line and the interface of its sender are free.
  private mutating func pass(
    _ number: Int, size: Int, time: Nanoseconds, _ line: Line, now: Nanoseconds
  ) -> Passage {
    let sender = ends[number].from
    let rate = interfaceRate(of: sender)
    let taken = interfaces[Int(sender.number)].sending.take(
      rate == line.bandwidth ? time : Interface.time(bytes: size, rate: rate),
      from: max(now, channels[number].busyUntil), now: now)
    let left = max(Self.sum(taken.begins, time), taken.ends)
    return Passage(begins: taken.begins, left: left, arrives: Self.sum(left, line.latency), sentBy: left)
  }

  /// An urgent packet goes after the other urgent ones and the segment that is leaving. What else has been handed to the
  /// network goes as if it were not there: only what follows is later by as much.
  private mutating func passBetween(
    _ number: Int, size: Int, time: Nanoseconds, _ line: Line, now: Nanoseconds
  ) -> Passage {
    let sender = ends[number].from
    let busyUntil = channels[number].busyUntil
    let segment = busyUntil > now ? min(busyUntil - now, line.transmissionTime(bytes: Self.segmentSize)) : 0
    let begins = max(Self.sum(now, segment), channels[number].urgentBusyUntil)
    let left = Self.sum(begins, time)
    if busyUntil > begins { channels[number].busyUntil = Self.sum(busyUntil, time) }
    let share = Interface.time(bytes: size, rate: interfaceRate(of: sender))
    _ = interfaces[Int(sender.number)].sending.take(share, from: begins, now: now)
    return Passage(begins: begins, left: left, arrives: Self.sum(left, line.latency), sentBy: left)
  }

  /// Draws which segments of a packet are lost, and what comes of it.
  private mutating func lose(
    size: Int, in lane: Int, _ setting: Congestion.Setting, _ passage: inout Passage
  ) {
    let lossy = congestion[lane, default: Congestion()].carry(size, from: passage.begins, setting, &generator)
    if lossy.again.bytes > 0 {
      resent.add(lossy.again)
      let sender = ends[Self.channel(of: lane)].from
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

  /// Lets the interface of its receiver have a packet whose last bit has come over a channel. An urgent one does not wait.
  ///
  /// - Parameter begins: when its first bit left.
  /// - Returns: when it has been received.
  mutating func receive(
    size: Int, on number: Int, isUrgent: Bool, begins: Nanoseconds, now: Nanoseconds
  ) -> Nanoseconds {
    let node = ends[number].to
    let rate = interfaceRate(of: node)
    let line = link(ends[number].from, node)
    let share = Interface.time(bytes: size, rate: rate)
    let first = min(Self.sum(begins, line.latency), now - min(now, share))
    let received = interfaces[Int(node.number)].receive(share, from: first, now: now)
    if isUrgent { return now }
    if received > now {
      // The receiver's window is full: what the sender sends next reaches the interface when this has gone through it.
      channels[number].busyUntil = max(channels[number].busyUntil, received - min(received, line.latency))
    }
    return received
  }

  // MARK: - What waits for lost segments

  /// Each channel has two lanes, one for each stream: in each the packets stay in order.
  static func lane(of channel: Int, isUrgent: Bool) -> Int { 2 * channel + (isUrgent ? 1 : 0) }
  static func channel(of lane: Int) -> Int { lane / 2 }
  static func lanes(of channel: Int) -> Range<Int> { 2 * channel..<2 * channel + 2 }

  /// True when an earlier packet lacks a segment, so that what comes waits.
  func isHeldUp(_ lane: Int) -> Bool { heldUp[lane] != nil }

  /// When a packet that lacks a segment will have come as a whole: `.max` when never; nil when it has.
  mutating func comesAt(_ missing: UInt32, in lane: Int, now: Nanoseconds) -> Nanoseconds? {
    guard let time = congestion[lane]?.comesAt(missing) else { return nil }
    if time > now { return time }
    congestion[lane]?.complete(missing)
    return nil
  }

  /// Nobody waits for what a packet lacks.
  mutating func forgetLoss(_ missing: UInt32, in lane: Int) {
    if missing > 0 { congestion[lane]?.forget(missing) }
  }

  mutating func holdUp(_ packet: HeldUp, in lane: Int) { heldUp[lane, default: []].append(packet) }

  /// Removes and returns what has come after a lost segment.
  mutating func takeHeldUp(_ lane: Int) -> [HeldUp] { heldUp.removeValue(forKey: lane) ?? [] }

  /// What was lost is not sent again, and what waits for it is lost, too.
  mutating func forgetHeldUp(_ number: Int) {
    for lane in Self.lanes(of: number) {
      heldUp[lane] = nil
      congestion[lane]?.forgetMissing()
    }
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
