/// Link update (Charlotte): when two processes talk, the kernel of each knows the other one as its correspondent. When a
/// process has moved, its source tells the kernel of each correspondent the new address, and waits until all have
/// acknowledged it.
///
/// Until then the source forwards what still reaches it. Afterwards it forgets the process, and every message goes
/// straight. A correspondent's kernel may be unable to acknowledge: it is down or cut off, or the correspondent cannot be
/// found. After a while the source gives it up. If that kernel still sends to the old place, it is told that the process
/// is not there, as any stranger is, and finds it by a broadcast.
///
///     fault                     | newAddress                               | linkUpdated
///     --------------------------+------------------------------------------+------------------------------------------
///     source crashes            | who was not told hears `unreachable`, or | nobody waits for it
///                               | `notHere` once it is back, and searches  |
///     correspondent's node      | lost with the correspondent; the source  | as if it had not been told
///     crashes                   | gives up after two detection timeouts    |
///     connection breaks         | lost: as if it had not been told         | given up after two detection timeouts
///     cut heals in time         | it waits; if the source has given up by  | it waits, or is dropped
///                               | then it is welcome all the same          |
///     late or repeated          | only a newer epoch than the one known is | dropped: it names its attempt
///                               | learnt; acknowledged again               |
enum LinkUpdate: Forwarding {
  static var name: String { "link-update" }
  static var leavesAddresses: Bool { true }
  static var searches: Bool { true }

  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    if locations.searches[process] != nil { return .search }
    if let known = locations.newest(process) { return .node(known.node) }
    return process.origin == locations.node ? .search : .node(process.origin)
  }

  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition { .queue }

  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition {
    guard let address = locations.forwardingAddresses[process] else {
      return .sendBack(.notHere(at: locations.node))
    }
    return .forward(to: address.node, epoch: address.epoch)
  }

  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.locations.forwardingAddresses[departure.attempt.process] = Location(address: address, learnedAt: out.now)
  }

  /// Not sooner: when there is no correspondent, the forwarding address goes at once, and the queued messages needed
  /// it.
  static func queueWentOn(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.tellCorrespondents(departure, address, &out)
  }
}

extension NodeKernel {
  /// At the source: tells the correspondents of a process its new address.
  fileprivate mutating func tellCorrespondents(_ departure: Departure, _ address: Address, _ out: inout EffectBuffer) {
    let attempt = departure.attempt
    var updates: [(packet: RoutedPacket, hop: FirstHop)] = []
    for correspondent in departure.left?.correspondents ?? [] {
      let isHere = processes.slot(of: correspondent) != nil || departures[correspondent] != nil
      let hop =
        isHere ? .asIfFromElsewhere : correspondent.forwarding.rules.firstHop(to: correspondent, locations)
      guard hop != .search, hop != .nowhere else { continue }
      let body = RoutedPacket.Body.newAddress(attempt, address, source: id)
      updates.append((RoutedPacket(to: correspondent, body: body), hop))
    }
    linkUpdates[attempt] = updates.map(\.packet.to)
    out.report(.migration(attempt, .updatingLinks(updates.count)))
    if updates.isEmpty { return endLinkUpdate(attempt, &out) }
    out.setTimer(.linkUpdate(attempt), at: out.now + 2 * settings.detectionTimeout)
    for (packet, hop) in updates {
      if case .node(let node) = hop { out.send(.routed(packet.next), to: node) } else { route(packet, &out) }
    }
  }

  /// At the kernel of a correspondent, or where the way to it ends: learns the new address, and tells the source so.
  mutating func newAddress(
    _ attempt: MigrationAttempt, _ address: Address, of correspondent: ProcessID, source: NodeID,
    _ out: inout EffectBuffer
  ) {
    learnAddress(attempt.process, address, now: out.now)
    if source == id {
      correspondentAcknowledged(attempt, by: correspondent, &out)
    } else {
      out.send(.linkUpdated(attempt, by: correspondent), to: source)
    }
  }

  mutating func correspondentAcknowledged(
    _ attempt: MigrationAttempt, by correspondent: ProcessID, _ out: inout EffectBuffer
  ) {
    guard linkUpdates[attempt] != nil else { return }
    linkUpdates[attempt]?.removeAll { $0 == correspondent }
    if linkUpdates[attempt]?.isEmpty == true { endLinkUpdate(attempt, &out) }
  }

  /// Removes the forwarding address, which nobody needs any more, unless the process has been here again since.
  private mutating func endLinkUpdate(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    linkUpdates[attempt] = nil
    if locations.forwardingAddresses[attempt.process]?.epoch == attempt.epoch {
      locations.forwardingAddresses[attempt.process] = nil
    }
    out.report(.migration(attempt, .linksUpdated))
  }

  mutating func linkUpdateExpired(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard linkUpdates[attempt] != nil else { return }
    endLinkUpdate(attempt, &out)
  }
}
