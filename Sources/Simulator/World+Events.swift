import Chronicle
import MigrationKernel

/// Events on their way to kernels, and what kernels want done.
extension World {
  mutating func advance(limit: Nanoseconds, exactly: Bool) {
    if let core = coreQueue.next, core.time < queue.nextTime ?? .max {
      _ = coreQueue.pop()
      now = core.time
      guard runs(core.node, core.incarnation) else { return }
      deliverEvent(.core(core.core, horizon: horizon(limit: limit, exactly: exactly)), to: core.node)
    } else if let time = queue.nextTime, let event = queue.pop() {
      now = time
      carryOutEvent(event)
    }
  }

  /// Before this time nothing can reach the node whose core runs now: no event is due, and what other cores may do
  /// first has to cross a line.
  private func horizon(limit: Nanoseconds, exactly: Bool) -> Nanoseconds {
    if exactly { return now }
    var horizon = min(limit, queue.nextTime ?? .max)
    if let core = coreQueue.next?.time {
      let (reach, overflow) = core.addingReportingOverflow(network.minimumLatency)
      if !overflow { horizon = min(horizon, reach) }
    }
    return horizon
  }

  private mutating func carryOutEvent(_ event: consuming ScheduledEvent) {
    switch consume event {
    case .deliverPacket(let packet, let route): deliver(packet, route)
    case .completed(let lane): deliverHeldUp(lane)
    case .transmitted(let notice, let route):
      guard runs(route.from, route.fromIncarnation) else { return }
      deliverEvent(.transmitted(notice, peer: route.to), to: route.from)
    case .timer(let timer, let node, let incarnation):
      guard runs(node, incarnation) else { return }
      deliverEvent(.timer(timer), to: node)
    case .connectionBroken(let route):
      guard giveUp(route) else { return }
      if knownBreaks.insert(KnownBreak(node: route.from, incarnation: self[route.from].boots, peer: route.to)).inserted
      {
        recordEvent(.connectionBroken(route.to), of: route.from)
      }
      invariants?.observeSilence(of: route.to, at: now)
      lastEffect = now
      deliverEvent(.connectionBroken(peer: route.to), to: route.from)
      seekPeer(from: route.from, to: route.to)
    case .connected(let route):
      guard meet(route) else { return }
      deliverEvent(.connected(peer: route.to, incarnation: self[route.to].boots), to: route.from)
    case .request(let request, let process):
      if let node = location(of: process) { deliverEvent(.request(request), to: node) }
    case .job(let workload): jobComes(of: workload)
    }
  }

  private mutating func deliver(_ packet: consuming Packet, _ route: ScheduledEvent.Route) {
    guard let channel = arrives(route) else { return }
    let size = Int(route.size)
    if !route.isReceived {
      let received = network.receive(
        size: size, on: channel, isUrgent: route.isUrgent, begins: route.begunAt, now: now)
      if received > now {
        var route = route
        route.isReceived = true
        chronicle.recordDelay(ofPacket: route.traced, until: received)
        return queue.schedule(.deliverPacket(packet, route), at: received)
      }
    }
    if route.missing > 0 || !network.heldUp.isEmpty {
      let lane = Network.lane(of: channel, isUrgent: route.isUrgent)
      if isHeldUp(route, in: lane) { return network.holdUp(Network.HeldUp(packet: packet, route: route), in: lane) }
    }
    if !knownBreaks.isEmpty {
      knownBreaks.remove(KnownBreak(node: route.to, incarnation: route.toIncarnation, peer: route.from))
    }
    if route.treatment == .altered {
      guard let altered = readAltered(packet, route) else { return }
      packet = altered
    } else if invariants != nil, let decoded = invariants?.decodeAgain(packet, size: size, route, at: now) {
      packet = decoded
    }
    if route.isRepeated || route.treatment == .copied { invariants?.observeRepetition() }
    invariants?.observe(packet)
    deliverEvent(.packet(packet, from: route.from, incarnation: route.fromIncarnation), to: route.to)
  }

  /// Whether a packet that has come waits for a lost segment: of its own, or of one that it must not overtake.
  private mutating func isHeldUp(_ route: ScheduledEvent.Route, in lane: Int) -> Bool {
    if route.isRepeated { return false }
    if network.isHeldUp(lane) { return true }
    guard route.missing > 0, let time = network.comesAt(route.missing, in: lane, now: now) else { return false }
    chronicle.recordDelay(ofPacket: route.traced, until: time)
    if time < .max { queue.schedule(.completed(lane: lane), at: time) }
    return true
  }

  /// Delivers what has waited in a lane for a lost segment, up to the next that still lacks one.
  private mutating func deliverHeldUp(_ lane: Int) {
    guard let first = network.heldUp[lane]?.first else { return }
    if let time = network.comesAt(first.route.missing, in: lane, now: now) {
      if time < .max { queue.schedule(.completed(lane: lane), at: time) }
      return
    }
    for waiting in network.takeHeldUp(lane) {
      chronicle.recordDelay(ofPacket: waiting.route.traced, until: now)
      var route = waiting.route
      route.isReceived = true
      deliver(waiting.packet, route)
    }
  }

  /// True when a node is up, and has not booted since: what it asked for is for itself.
  @inline(__always)
  private func runs(_ node: NodeID, _ incarnation: UInt32) -> Bool {
    self[node].isUp && self[node].boots == incarnation
  }

  /// The channel of a packet that gets through: both ends are as they were when it left, or its sender fell only after that, and
  /// the connection is still the same.
  private mutating func arrives(_ route: ScheduledEvent.Route) -> Int? {
    guard self[route.to].isUp, self[route.to].boots == route.toIncarnation else { return nil }
    let channel = network.channel(from: route.from, to: route.to)
    guard network.channels[channel].connection == route.connection,
      route.fromIncarnation >= network.channels[channel].oldestIncarnation
    else { return nil }
    if self[route.from].isUp, self[route.from].boots == route.fromIncarnation { return channel }
    let place = Int(route.fromIncarnation) - 1
    let failures = self[route.from].failures
    return failures.indices.contains(place) && route.sentBy <= failures[place] ? channel : nil
  }

  mutating func deliverEvent(_ event: consuming Event, to node: NodeID) {
    if self[node].isUp, self[node].toldMembership != membership.version, nodes[Int(node.number)].learn(membership) {
      deliverEvent(.membersChanged(membership.members), to: node)
    }
    eventCount += 1
    if keepsDigest { fold(event, node) }
    // A core on which a program does nothing but compute changes nothing that is checked.
    var mayHaveChanged = if case .core = event { false } else { true }
    buffer.now = now
    nodes[Int(node.number)].handle(event, &buffer)
    if !buffer.effects.isEmpty { lastEffect = now }
    // The buffer leaves the world while its effects change it, and comes back empty for the next event. Each effect is
    // taken out of it: a copy would cost more. So would emptying the buffer at one blow.
    var effects = ContiguousArray<Effect>()
    swap(&effects, &buffer.effects)
    for index in effects.indices {
      var effect = Effect.wakeCore(0, at: 0)
      swap(&effect, &effects[index])
      if case .wakeCore = effect {} else { mayHaveChanged = true }
      interpretEffect(effect, of: node)
    }
    while !effects.isEmpty { effects.removeLast() }
    swap(&effects, &buffer.effects)
    if invariants != nil, mayHaveChanged { checkInvariants() }
  }

  private mutating func interpretEffect(_ effect: consuming Effect, of node: NodeID) {
    switch consume effect {
    case .wakeCore(let core, let time):
      coreQueue.add(CoreQueue.Entry(time: time, node: node, incarnation: self[node].boots, core: core))
    case .send(let packet, let size, let peer, let notify):
      send(packet, size: size, from: node, to: peer, notify: notify)
    case .setTimer(let timer, let time):
      queue.schedule(.timer(timer, node: node, incarnation: self[node].boots), at: max(time, now))
    case .report(let fact): recordFact(fact, from: node)
    }
  }

  mutating func send(
    _ packet: consuming Packet, size: Int, from: NodeID, to: NodeID, notify: Notice?
  ) {
    invariants?.observeSending(packet, from: from, to: to, at: now)
    if !drivers.areSound, let manner = drivers.mistake(with: packet, of: from) {
      return sendWrongly(manner, packet, size: size, from: from, to: to, notify: notify)
    }
    put(consume packet, size: size, from: from, to: to, notify: notify, .none)
  }

  /// Puts a packet on the connection to another node.
  @inline(__always)
  mutating func put(
    _ packet: consuming Packet, size: Int, from: NodeID, to: NodeID, notify: Notice?, _ treatment: Treatment
  ) {
    let channel = network.channel(from: from, to: to)
    if network.isCut(from, to) {
      return stall(packet, size: size, on: channel, from: from, to: to, notify: notify, treatment)
    }
    let passage = network.transmit(
      packet, size: size, on: channel, isUrgent: packet.stream(isPaced: notify != nil) == .urgent,
      isCopy: treatment == .copied, now: now, longestTimeout: self[from].settings.detectionTimeout)
    if !self[to].isUp { breakConnection(channel, from: from, to: to) }
    let isBroken = network.channels[channel].isBroken
    let number = trace(
      packet, size, from: from, to: to, passage, isLost: isBroken || treatment == .lost, treatment)
    guard !isBroken else { return }
    schedule(
      consume packet, size: size, on: channel, from: from, to: to, passage, traced: number, notify: notify, treatment)
  }

  /// A packet is on its way; `notify`: its sender wants to know when it has left.
  @inline(__always)
  mutating func schedule(
    _ packet: consuming Packet, size: Int, on channel: Int, from: NodeID, to: NodeID, _ passage: Network.Passage,
    traced: Int, notify: Notice?, _ treatment: Treatment
  ) {
    var route = route(from: from, to: to, channel: channel)
    (route.size, route.missing) = (UInt32(clamping: size), passage.missing)
    (route.isUrgent, route.treatment) = (passage.isUrgent, treatment)
    (route.begunAt, route.sentBy, route.traced) = (passage.begins, passage.sentBy, traced)
    if treatment == .lost {
      network.forgetLoss(passage.missing, in: Network.lane(of: channel, isUrgent: route.isUrgent))
    } else {
      queue.schedule(.deliverPacket(consume packet, route), at: passage.arrives)
    }
    if let time = passage.completes {
      let lane = Network.lane(of: channel, isUrgent: route.isUrgent)
      queue.schedule(.completed(lane: lane), at: max(time, now))
    }
    if let notify { queue.schedule(.transmitted(notify, route), at: passage.left) }
  }

  /// - Returns: the number of the packet in the trace.
  @discardableResult
  mutating func trace(
    _ packet: Packet, _ size: Int, from: NodeID, to: NodeID, _ passage: Network.Passage, isLost: Bool,
    _ treatment: Treatment
  ) -> Int {
    chronicle.recordPacket(
      PacketTrace.Record(
        packet, bytes: size, from: from, to: to, sentAt: now, leftAt: passage.left, arrivesAt: passage.arrives,
        isLost: isLost), isCopy: treatment == .copied)
  }

  private mutating func fold(_ event: Event, _ node: NodeID) {
    var word = now &+ UInt64(node.number) &* 0x9E37_79B9
    switch event {
    case .packet(let packet, let from, _): word ^= packet.digest &+ UInt64(from.number)
    case .core: return
    case .timer: word ^= 1
    case .transmitted: word ^= 2
    case .connectionBroken: word ^= 3
    case .request: word ^= 4
    case .membersChanged: word ^= 5
    case .connected: word ^= 6
    }
    digest = Generator.fold(digest, word)
  }

  mutating func checkInvariants() {
    // They leave the world while they look at it: a copy of what they remember would cost more than the look.
    guard var checks = invariants.take() else { return }
    checks.check(self)
    if !checks.isWorn { invariants = checks }
  }
}
