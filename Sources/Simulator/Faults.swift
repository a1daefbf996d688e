import Chronicle
import MigrationKernel

/// The faults of nodes and lines, and which kernels are told of them.
///
/// Two kernels that have ever exchanged a packet have a connection, as over TCP with keep-alives. It has two streams each way
/// (`WireHeader.Stream`). In each packets arrive in order until the connection breaks; one may overtake those of the other
/// stream. A kernel that is told of the break never knows which of its last packets arrived.
///
///     what happens              | packets between the two                     | told that the connection broke
///     --------------------------+---------------------------------------------+---------------------------------------
///     a node fails              | what had left it arrives, until the         | its peers, after their detection
///                               | receiver is told; what is sent to it is     | timeouts, or when it is back
///                               | lost                                        |
///     a line is cut and heals   | wait, those that were on their way too, and | nobody
///     before a detection        | are sent again in their order               |
///     timeout is over           |                                             |
///     a line is cut for longer  | wait, and are lost as soon as one end has   | each after its own detection timeout;
///                               | given up                                    | or when the line heals and the other
///                               |                                             | has given up
///     a connection is dropped   | those on their way are lost                 | both, a latency later
///     a packet is repeated      | it arrives twice, if the connection holds   | nobody
///     a driver loses one        | it never arrives; those behind it do        | nobody
///     a driver repeats one      | it arrives twice, one right behind the      | nobody
///                               | other; a migration's books have it once     |
///     a driver alters one       | it arrives, cannot be read, and is dropped; | nobody, but the log of the receiver
///                               | those behind it can be read                 | has it
///
/// A driver's fault (`DriverFault`, `Drivers.swift`) is in front of the connection, which keeps safe whatever it is given.
/// What a driver loses has left all the same, as far as its kernel and the books know.
///
/// Who was told of a break is told, too, when the other end answers again, and in which incarnation: its driver goes on
/// trying to open a connection, as every driver over TCP must. These attempts carry nothing, and are not counted.
///
/// What comes of lost segments is said in `Congestion.swift`. After a cut everything is sent again at once, whereas TCP
/// would wait for its timer.
extension World {
  // MARK: - Nodes

  /// Stops a node at once: it loses everything. Its peers are told when their detection timeouts are over.
  ///
  /// - Precondition: the node is up.
  mutating func failNode(_ node: NodeID) {
    precondition(self[node].isUp, "node \(self[node].name) is down already")
    nodes[Int(node.number)].fail(at: now)
    invariants?.observeFall(of: node)
    recordEvent(.nodeFailed, of: node)
    network.resetChannels(from: node, now: now)
    for peer in network.peers(of: node) where self[peer].isUp {
      breakConnection(network.channel(from: peer, to: node), from: peer, to: node)
    }
    checkInvariants()
  }

  /// Brings a node back, empty. Peers that have not noticed the failure yet notice it now.
  ///
  /// - Precondition: the node is down and not removed.
  mutating func recoverNode(_ node: NodeID) {
    precondition(!self[node].isUp && !self[node].isRemoved, "node \(self[node].name) is up, or removed")
    boot(node)
    recordEvent(.nodeRecovered, of: node)
    beginUpkeep(of: node)
  }

  /// Starts the next incarnation of a node that was down.
  mutating func boot(_ node: NodeID) {
    nodes[Int(node.number)].boot(membership, policies, seed: seed, at: now)
    network.forgetFormer(node, before: self[node].boots)
    for (channel, peer) in network.channels(to: node) where self[peer].isUp {
      guard network.channels[channel].isBroken, !network.isCut(peer, node) else {
        seekPeer(from: peer, to: node)
        continue
      }
      scheduleBreak(channel, from: peer, to: node, at: now + network.link(peer, node).latency)
    }
  }

  // MARK: - Lines

  /// Cuts the line between two nodes: from now on it carries nothing, in either direction.
  mutating func cutLine(_ a: NodeID, _ b: NodeID) {
    guard a != b, network.setCut(a, b, true) else { return }
    recordEvent(.lineFailed(b), of: a)
    guard network.areConnected(a, b) else { return }
    for (from, to) in [(a, b), (b, a)] {
      let channel = network.channel(from: from, to: to)
      let underway = takeUnderway(from: from, to: to)
      guard self[from].isUp else { continue }
      if !network.channels[channel].isBroken { network.stall(underway, on: channel, now: now) }
      awaitLink(channel, from: from, to: to)
    }
  }

  /// Heals the line between two nodes: it carries packets again, beginning with those that have waited.
  mutating func healLine(_ a: NodeID, _ b: NodeID) {
    guard network.setCut(a, b, false) else { return }
    recordEvent(.lineHealed(b), of: a)
    guard network.areConnected(a, b) else { return }
    for (from, to) in [(a, b), (b, a)] where self[from].isUp {
      let channel = network.channel(from: from, to: to)
      network.setGivesUp(channel, at: nil)
      seekPeer(from: from, to: to)
      if network.channels[channel].isBroken {
        // A peer that has closed its end says so when the first packet reaches it.
        if self[to].isUp { scheduleBreak(channel, from: from, to: to, at: now + network.link(a, b).latency) }
        continue
      }
      for stalled in network.takeStalled(channel) {
        let passage = network.transmit(
          stalled, on: channel, now: now, longestTimeout: self[from].settings.detectionTimeout)
        let number = trace(
          stalled.packet, stalled.size, from: from, to: to, passage, isLost: stalled.treatment == .lost,
          stalled.treatment)
        schedule(
          stalled.packet, size: stalled.size, on: channel, from: from, to: to, passage, traced: number,
          notify: stalled.notify, stalled.treatment)
      }
    }
  }

  /// Heals every line that is cut.
  mutating func healAllLines() {
    for line in cutLines { healLine(line.a, line.b) }
  }

  /// Cuts every line between nodes of different groups. A node in no group keeps all its lines.
  mutating func partition(_ groups: [[NodeID]]) {
    for (place, group) in groups.enumerated() {
      for other in groups[(place + 1)...] {
        for a in group { for b in other { cutLine(a, b) } }
      }
    }
  }

  /// Breaks the connection between two nodes, though both run and the line is whole. Packets on their way are lost, and
  /// each node is told after one latency.
  ///
  /// - Returns: false when there is no connection to break.
  @discardableResult
  mutating func dropConnection(_ a: NodeID, _ b: NodeID) -> Bool {
    guard network.areConnected(a, b), !network.isCut(a, b) else { return false }
    for (from, to) in [(a, b), (b, a)] where self[from].isUp {
      let channel = network.channel(from: from, to: to)
      _ = takeUnderway(from: from, to: to)
      guard !network.channels[channel].isBroken else { continue }
      network.breakChannel(channel)
      scheduleBreak(channel, from: from, to: to, at: now + network.link(a, b).latency)
    }
    return true
  }

  /// Makes the last packet that is on its way from one node to another arrive a second time, if their connection holds
  /// until then. TCP would drop the second copy, but no kernel may depend on that.
  ///
  /// - Returns: when it arrives again; nil when nothing is on its way.
  mutating func repeatPacket(from: NodeID, to: NodeID, after delay: Nanoseconds) -> Nanoseconds? {
    let last = queue.last {
      guard case .deliverPacket(_, let route) = $0 else { return false }
      return route.from == from && route.to == to && !route.isRepeated
    }
    guard let last, case .deliverPacket(let packet, var route) = last.event else { return nil }
    // It goes through the interface behind the first: what has been sent before both may still wait there.
    route.isRepeated = true
    queue.schedule(.deliverPacket(packet, route), at: last.time + delay)
    return last.time + delay
  }

  /// Removes and returns the packets that are on their way from one node to another.
  private mutating func takeUnderway(from: NodeID, to: NodeID) -> [Network.Stalled] {
    let events = queue.remove { event in
      switch event {
      case .deliverPacket(_, let route): route.from == from && route.to == to
      // What a driver has lost is not sent again, so that its kernel would not be told.
      case .transmitted(_, let route): route.from == from && route.to == to && route.treatment != .lost
      case .timer, .connectionBroken, .connected, .completed, .request, .job: false
      }
    }
    freeInterface(of: from)
    var awaited: [Nanoseconds: Notice] = [:]
    for case .transmitted(let notice, let route) in events { awaited[route.begunAt] = notice }
    chronicle.recordLossOfPackets(from: from, to: to, at: now)
    let channel = network.channel(from: from, to: to)
    let heldUp = Network.lanes(of: channel).flatMap { network.takeHeldUp($0) }
      .map { ScheduledEvent.deliverPacket($0.packet, $0.route) }
    network.forgetHeldUp(channel)
    let connection = network.channels[channel].connection
    let packets = (heldUp + events).compactMap { event -> (begunAt: Nanoseconds, Network.Stalled)? in
      guard case .deliverPacket(let packet, let route) = event, route.connection == connection,
        route.fromIncarnation == self[from].boots, route.toIncarnation == self[to].boots
      else { return nil }
      let stalled = Network.Stalled(
        packet: packet, size: Int(route.size), notify: route.isUrgent ? nil : awaited[route.begunAt],
        wasSent: route.sentBy <= now, treatment: route.treatment)
      return (route.begunAt, stalled)
    }
    // One that waits at the interface of its receiver may be due later than one behind it.
    return packets.sorted { $0.begunAt < $1.begunAt }.map(\.1)
  }

  /// Lets a node's interface go on with what still leaves it, after other packets were taken back.
  private mutating func freeInterface(of node: NodeID) {
    let leaving = queue.all.compactMap { event -> (size: Int, begunAt: Nanoseconds)? in
      guard case .deliverPacket(_, let route) = event, route.from == node, !route.isRepeated,
        route.fromIncarnation == self[node].boots, route.sentBy > now
      else { return nil }
      return (Int(route.size), route.begunAt)
    }
    network.takeAgain(node, leaving)
  }

  /// Lets a packet wait for a cut line to heal, as long as its sender waits.
  mutating func stall(
    _ packet: Packet, size: Int, on channel: Int, from: NodeID, to: NodeID, notify: Notice?, _ treatment: Treatment
  ) {
    network.charge(packet, size: size, to: channel, isCopy: treatment == .copied)
    trace(
      packet, size, from: from, to: to, Network.Passage(begins: now, left: now, arrives: now, sentBy: now),
      isLost: true,
      treatment)
    if !self[to].isUp { breakConnection(channel, from: from, to: to) }
    if !network.channels[channel].isBroken {
      let stalled = Network.Stalled(packet: packet, size: size, notify: notify, wasSent: false, treatment: treatment)
      network.stall([stalled], on: channel, now: now)
    }
    awaitLink(channel, from: from, to: to)
  }

  /// Has the sender told after its detection timeout that the connection broke, unless the line heals first.
  private mutating func awaitLink(_ channel: Int, from: NodeID, to: NodeID) {
    guard network.channels[channel].givesUpAt == nil else { return }
    let end = now + self[from].settings.detectionTimeout
    network.setGivesUp(channel, at: end)
    scheduleBreak(channel, from: from, to: to, at: end)
  }

  // MARK: - Connections

  mutating func breakConnection(_ channel: Int, from: NodeID, to: NodeID) {
    guard !network.channels[channel].isBroken else { return }
    network.breakChannel(channel)
    scheduleBreak(channel, from: from, to: to, at: now + self[from].settings.detectionTimeout)
  }

  /// Makes a node give a connection up, if there is still a reason. It will send over a new one.
  ///
  /// - Returns: whether its kernel is to be told.
  mutating func giveUp(_ route: ScheduledEvent.Route) -> Bool {
    guard self[route.from].isUp, self[route.from].boots == route.fromIncarnation else { return false }
    let number = network.channel(from: route.from, to: route.to)
    let channel = network.channels[number]
    guard channel.connection == route.connection, channel.isBroken || channel.givesUpAt == now else { return false }
    network.reopenChannel(number)
    network.setAwaitsPeer(number, true)
    // The node closes its end: what the peer sends over the old connection is lost until the peer is told.
    let back = network.channel(from: route.to, to: route.from)
    network.refuse(back, before: self[route.to].boots + (self[route.to].isUp ? 0 : 1))
    if !channel.isBroken, self[route.to].isUp {
      network.breakChannel(back)
      awaitLink(back, from: route.to, to: route.from)
    }
    return true
  }

  /// A node that was told of a break goes on trying to reach its peer. As soon as a packet can get through, it has an
  /// answer a round trip later.
  mutating func seekPeer(from: NodeID, to: NodeID) {
    let channel = network.channel(from: from, to: to)
    guard network.channels[channel].awaitsPeer, canMeet(from, to) else { return }
    queue.schedule(
      .connected(route(from: from, to: to, channel: channel)), at: now + 2 * network.link(from, to).latency
    )
  }

  /// - Returns: whether to tell the kernel of a node that its peer answers again.
  mutating func meet(_ route: ScheduledEvent.Route) -> Bool {
    let channel = network.channel(from: route.from, to: route.to)
    guard self[route.from].boots == route.fromIncarnation, self[route.to].boots == route.toIncarnation,
      canMeet(route.from, route.to), network.channels[channel].awaitsPeer, !network.channels[channel].isBroken
    else { return false }
    network.setAwaitsPeer(channel, false)
    return true
  }

  private func canMeet(_ a: NodeID, _ b: NodeID) -> Bool { self[a].isUp && self[b].isUp && !network.isCut(a, b) }

  private mutating func scheduleBreak(_ channel: Int, from: NodeID, to: NodeID, at time: Nanoseconds) {
    queue.schedule(.connectionBroken(route(from: from, to: to, channel: channel)), at: time)
  }

  @inline(__always)
  func route(from: NodeID, to: NodeID, channel: Int) -> ScheduledEvent.Route {
    ScheduledEvent.Route(
      from: from, to: to, fromIncarnation: self[from].boots, toIncarnation: self[to].boots,
      connection: network.channels[channel].connection)
  }
}
