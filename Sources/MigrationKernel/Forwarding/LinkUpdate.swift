import OrderedCollections

/// Link update (Charlotte): when two processes talk, the kernel of each knows the other one as its correspondent. When a
/// process stands still to be moved, its source tells the kernel of each correspondent the new address, while the last
/// pages and the process itself go to the destination. It commits when the destination has the process and all
/// correspondents have acknowledged the address, at the latest after two detection timeouts.
///
///     source                         destination                    kernel of a correspondent
///     newAddress                  ---------------------------------->
///     pages, handover             ->
///                                 <- installed
///                                 <---------------------------------- linkUpdated
///     commit                      ->
///
/// What that kernel sends from then on goes straight to the destination, and waits there until the process runs. What it
/// had sent before has come to the source by then, and waits there. So the source may forget the process as soon as it
/// runs at the destination. A stranger that knows the old place is told that the process is not there, and finds it by a
/// broadcast. When the attempt is off, the source tells the correspondents the old address, and nobody waits for that.
///
/// A correspondent's kernel may be unable to acknowledge: it is down or cut off. The source waits for it until it hears
/// that the connection broke, and not at all if it had heard so before; it tells it as soon as it answers again. When it has
/// committed without an answer that may still come, it keeps a forwarding address until then. It tells nothing to a
/// correspondent whose place it does not know: that one is a stranger. Two that talk to each other may be moved at
/// the same time. Neither waits for the other: the kernel that moves a correspondent says so at once, and its next kernel
/// acknowledges.
///
///     fault                     | newAddress                               | linkUpdated
///     --------------------------+------------------------------------------+------------------------------------------
///     source crashes            | before the commit the process is lost;   | nobody waits for it; the destination is in
///                               | after it who was not told hears          | doubt if it has the process, as after any
///                               | `unreachable`, or `notHere` once it is   | crash of the source
///                               | back, and searches                       |
///     destination crashes       | the source aborts, and tells the old     | as on the left
///                               | address; what waited there falls, and is |
///                               | sent again                               |
///     ... unheard of until all  | the source commits to a node that has    | as on the left
///     have acknowledged         | fallen: the process is lost with it      |
///     correspondent's node      | lost with the correspondent; the source  | as if it had not been told; its next
///     crashes                   | waits until it hears of the break        | incarnation is told when it answers
///     connection breaks         | lost: told again when that kernel        | lost: the same; it is told again, and
///                               | answers again                            | acknowledges again
///     broken further on         | lost: told again after 32 detection      | the same
///                               | timeouts                                 |
///     cut heals in time         | it waits, and the commit with it; after  | it waits, and the commit with it; after
///                               | two detection timeouts the source        | two detection timeouts it is welcome all
///                               | commits without it                       | the same
///     late or repeated          | only a newer epoch than the one known is | dropped: it names its attempt and the
///                               | learnt, and the old address of an        | address
///                               | attempt that is off; acknowledged again  |
///
/// A crash of a third node, one that has neither the process nor a correspondent, changes nothing.
enum LinkUpdate: Forwarding {
  static var name: String { "link-update" }
  static var leavesAddresses: Bool { true }
  static var searches: Bool { true }
  static var announcesAddress: Bool { true }

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

  static func processStopped(
    _ departure: Departure, _ correspondents: [ProcessID], _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.announce(departure, to: correspondents, &out)
  }

  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.locations.forwardingAddresses[departure.attempt.process] = Location(address: address, learnedAt: out.now)
  }

  /// Not sooner: the queued messages needed the forwarding address.
  static func queueWentOn(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.forgetIfAllKnow(departure.attempt, address, &out)
  }

  static func processStays(_ departure: Departure, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    kernel.takeBackAnnouncement(of: departure.attempt, &out)
  }

  /// Whoever does not know yet where it went from here finds it here again.
  static func processArrived(
    _ process: ProcessID, from source: NodeID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    kernel.addressNews[process] = nil
  }

  static func processEnded(_ process: ProcessID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    kernel.addressNews[process] = nil
  }
}

/// What the source of a migration tells correspondents, until the migration is over and all have acknowledged it.
struct AddressNews: Sendable {
  let attempt: MigrationAttempt
  /// Where the process goes; this node when the attempt is off.
  let node: NodeID
  /// All that are told.
  let correspondents: [ProcessID]
  /// Those that have not acknowledged it.
  var pending: [Pending] = []
  /// When the process stood still, or the attempt was off.
  let startedAt: Nanoseconds
  /// When the commit waits no longer, or those whose answers may be lost are told again.
  var expiresAt: Nanoseconds

  struct Pending: Sendable {
    let correspondent: ProcessID
    /// The node to which the news goes: this one for a correspondent that is here.
    let node: NodeID
    /// It has been sent there, perhaps in vain.
    var wasTold = false
    /// It has been sent there, and the connection has not been said to be broken since: an answer may come.
    var isUnderway = false
    /// The commit waits for the answer.
    var isAwaited = false

    mutating func tell(isAwaited: Bool = false) {
      (wasTold, isUnderway, self.isAwaited) = (true, true, isAwaited)
    }
  }

  var address: Address { Address(node: node, epoch: attempt.epoch) }
}

extension NodeKernel {
  /// After so many detection timeouts the source commits without those that have not answered.
  private static var announcementPatience: Nanoseconds { 2 }
  /// After so many detection timeouts those are told again that have not answered, though no connection is said to be broken.
  private static var repetitionInterval: Nanoseconds { 32 }

  // MARK: - The source

  /// Tells the correspondents of a process that stands still where it goes.
  fileprivate mutating func announce(
    _ departure: Departure, to correspondents: [ProcessID], _ out: inout EffectBuffer
  ) {
    let attempt = departure.attempt
    let places = correspondents.compactMap { correspondent in
      nodeOf(correspondent: correspondent).map { AddressNews.Pending(correspondent: correspondent, node: $0) }
    }
    addressNews[attempt.process] = nil
    guard !places.isEmpty else { return }
    tell(
      AddressNews(
        attempt: attempt, node: departure.destination, correspondents: places.map(\.correspondent), pending: places,
        startedAt: out.now, expiresAt: out.now + Self.announcementPatience * settings.detectionTimeout),
      isAwaited: true, &out)
  }

  /// Where the way to a correspondent begins; nil when that is not known.
  private func nodeOf(correspondent: ProcessID) -> NodeID? {
    let isHere = processes.slot(of: correspondent) != nil || departures[correspondent] != nil
    return isHere ? id : correspondent.forwarding.rules.firstHop(to: correspondent, locations).node(from: id)
  }

  private mutating func tell(_ news: AddressNews, isAwaited: Bool, _ out: inout EffectBuffer) {
    let attempt = news.attempt
    addressNews[attempt.process] = news
    let silent = news.pending.filter { suspects[$0.node] != nil }.count
    for place in news.pending.indices where suspects[news.pending[place].node] == nil {
      addressNews[attempt.process]?.pending[place].tell(isAwaited: isAwaited)
    }
    if isAwaited {
      if silent < news.pending.count {
        out.report(.migration(attempt, .updatingLinks(news.pending.count - silent)))
      }
      if silent > 0 { out.report(.migration(attempt, .linksUnanswered(silent))) }
    }
    for pending in news.pending where suspects[pending.node] == nil { sendNews(to: pending, news, &out) }
    if addressNews[attempt.process]?.pending.contains(where: \.isUnderway) == true {
      out.setTimer(.linkUpdate(attempt), at: news.expiresAt)
    }
  }

  private mutating func sendNews(to pending: AddressNews.Pending, _ news: AddressNews, _ out: inout EffectBuffer) {
    var packet = RoutedPacket(
      to: pending.correspondent, body: .newAddress(news.attempt, news.address, source: id))
    guard pending.node != id else { return route(packet, &out) }
    packet.minimumEpoch = announcedEpoch(of: pending.correspondent)
    packet.hop()
    sendRouted(packet, to: pending.node, &out)
  }

  /// Whether the commit has to wait for correspondents.
  func awaitsCorrespondents(_ attempt: MigrationAttempt) -> Bool {
    addressNews[attempt.process]?.pending.contains(where: \.isAwaited) ?? false
  }

  /// A correspondent's kernel knows where the process of `attempt` goes. `isMoving`: it is moving the correspondent away, and
  /// its next kernel will acknowledge.
  mutating func correspondentAcknowledged(
    _ attempt: MigrationAttempt, at node: NodeID, by correspondent: ProcessID, isMoving: Bool, _ out: inout EffectBuffer
  ) {
    guard let news = addressNews[attempt.process], news.attempt == attempt, news.node == node,
      let place = news.pending.firstIndex(where: { $0.correspondent == correspondent })
    else { return }
    let wasAwaited = news.pending[place].isAwaited
    if isMoving {
      addressNews[attempt.process]?.pending[place].isAwaited = false
    } else {
      addressNews[attempt.process]?.pending.remove(at: place)
      if news.pending.count == 1, news.node != id { out.report(.migration(attempt, .linksUpdated)) }
    }
    if wasAwaited { correspondentsSettled(attempt, &out) }
    if stage(of: attempt) == nil { forgetIfAllKnow(attempt, news.address, &out) }
  }

  /// Nobody is awaited any more, perhaps: then the migration goes on.
  private mutating func correspondentsSettled(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    if stage(of: attempt) == .installed, !awaitsCorrespondents(attempt) { memberInstalled(attempt.process, &out) }
  }

  /// The commit waits no longer for some that have not acknowledged.
  private mutating func stopWaiting(
    _ process: ProcessID, for isSilent: (AddressNews.Pending) -> Bool, _ out: inout EffectBuffer
  ) {
    guard let news = addressNews[process] else { return }
    var silent = 0
    for place in news.pending.indices where news.pending[place].isAwaited && isSilent(news.pending[place]) {
      addressNews[process]?.pending[place].isAwaited = false
      silent += 1
    }
    guard silent > 0 else { return }
    out.report(.migration(news.attempt, .linksUnanswered(silent)))
    correspondentsSettled(news.attempt, &out)
  }

  /// The commit has waited for long; or answers are long overdue, which may have been lost further on.
  mutating func linkUpdateExpired(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let news = addressNews[attempt.process], news.attempt == attempt, out.now >= news.expiresAt else { return }
    let overdue = news.pending.filter(\.isUnderway)
    if !overdue.isEmpty {
      let time = out.now + Self.repetitionInterval * settings.detectionTimeout
      addressNews[attempt.process]?.expiresAt = time
      out.setTimer(.linkUpdate(attempt), at: time)
    }
    if awaitsCorrespondents(attempt) { return stopWaiting(attempt.process, for: { _ in true }, &out) }
    for pending in overdue where pending.node != id || !isFrozenForMigration(pending.correspondent) {
      sendNews(to: pending, news, &out)
    }
  }

  /// The migration is over. Forgets where the process went, unless somebody may yet learn that from an answer that is
  /// underway, or it has been here again since.
  fileprivate mutating func forgetIfAllKnow(
    _ attempt: MigrationAttempt, _ address: Address, _ out: inout EffectBuffer
  ) {
    let news = addressNews[attempt.process]
    if news?.correspondents.contains(where: { processes.slot(of: $0) != nil || departures[$0] != nil }) == true {
      learnAddress(attempt.process, address, now: out.now)
    }
    if news?.pending.isEmpty == true { addressNews[attempt.process] = nil }
    guard news?.pending.contains(where: \.isUnderway) != true else { return }
    if locations.forwardingAddresses[attempt.process]?.epoch == attempt.epoch {
      locations.forwardingAddresses[attempt.process] = nil
    }
  }

  /// The attempt is off: who was told the new address is told the old one.
  fileprivate mutating func takeBackAnnouncement(of attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let news = addressNews[attempt.process], news.attempt == attempt else { return }
    addressNews[attempt.process] = nil
    let told = news.correspondents.compactMap { correspondent -> AddressNews.Pending? in
      // A correspondent here finds the process here. What one that is being moved away was told goes with it.
      guard let node = nodeOf(correspondent: correspondent), node != id || isFrozenForMigration(correspondent) else {
        return nil
      }
      let isUntold = news.pending.contains { $0.correspondent == correspondent && !$0.wasTold }
      return isUntold ? nil : AddressNews.Pending(correspondent: correspondent, node: node)
    }
    guard !told.isEmpty else { return }
    tell(
      AddressNews(
        attempt: attempt, node: id, correspondents: told.map(\.correspondent), pending: told,
        startedAt: out.now, expiresAt: out.now + Self.repetitionInterval * settings.detectionTimeout),
      isAwaited: false, &out)
  }

  /// The connection to `peer` broke: what it was told may be lost, and nobody waits for its answer.
  mutating func connectionBrokeWithCorrespondents(_ peer: NodeID, _ out: inout EffectBuffer) {
    for process in addressNews.keys {
      guard let news = addressNews[process], news.pending.contains(where: { $0.node == peer && $0.isUnderway }) else {
        continue
      }
      for place in news.pending.indices where news.pending[place].node == peer {
        addressNews[process]?.pending[place].isUnderway = false
      }
      stopWaiting(process, for: { $0.node == peer }, &out)
      if stage(of: news.attempt) == nil { forgetIfAllKnow(news.attempt, news.address, &out) }
    }
  }

  /// `peer` answers again: those there that have not acknowledged are told, or told again.
  mutating func tellCorrespondentsAgain(at peer: NodeID, _ out: inout EffectBuffer) {
    for process in addressNews.keys {
      guard let news = addressNews[process] else { continue }
      let there = news.pending.indices.filter { news.pending[$0].node == peer }
      guard !there.isEmpty else { continue }
      let first = there.count { !news.pending[$0].wasTold }
      for place in there where !news.pending[place].isAwaited { addressNews[process]?.pending[place].tell() }
      if first > 0, news.node != id { out.report(.migration(news.attempt, .updatingLinks(first))) }
      for place in there { sendNews(to: news.pending[place], news, &out) }
      let time = out.now + Self.repetitionInterval * settings.detectionTimeout
      if !awaitsCorrespondents(news.attempt) { addressNews[process]?.expiresAt = time }
      out.setTimer(.linkUpdate(news.attempt), at: time)
    }
  }

  /// Nodes are no members any more: what they have not acknowledged they never will.
  mutating func forgetCorrespondentsOfFormerMembers(_ out: inout EffectBuffer) {
    for process in addressNews.keys {
      addressNews[process]?.pending.removeAll { pending in !members.contains(pending.node) }
      guard let news = addressNews[process] else { continue }
      correspondentsSettled(news.attempt, &out)
      if stage(of: news.attempt) == nil { forgetIfAllKnow(news.attempt, news.address, &out) }
    }
  }

  // MARK: - The kernel of a correspondent

  /// Learns the new address of a process that `correspondent` talks to, and tells the source so.
  ///
  /// - Parameter isMoving: this kernel is moving the correspondent, or it is on its way here.
  mutating func newAddress(
    _ attempt: MigrationAttempt, _ address: Address, of correspondent: ProcessID, source: NodeID,
    isMoving: Bool = false, _ out: inout EffectBuffer
  ) {
    let process = attempt.process
    if address.node == source {
      // The attempt is off, and the process is not where its news said.
      if locations.cache[process]?.epoch == address.epoch { locations.cache[process] = nil }
      if arrivals[process]?.attempt == attempt { arrivals[process]?.isAnnounced = false }
    }
    learnAddress(process, address, now: out.now)
    if source == id {
      correspondentAcknowledged(attempt, at: address.node, by: correspondent, isMoving: isMoving, &out)
    } else {
      out.send(.linkUpdated(attempt, at: address.node, by: correspondent, isMoving: isMoving), to: source)
    }
  }

  /// The migration by which a process came, or comes, to where this kernel sends what is for it.
  @inline(__always)
  func announcedEpoch(of process: ProcessID) -> UInt32 {
    guard process.forwarding.rules.announcesAddress else { return 0 }
    if !arrivals.isEmpty, let arrival = arrivals[process], arrival.isAnnounced { return arrival.attempt.epoch }
    return locations.newest(process)?.epoch ?? 0
  }

  /// Where the correspondents of a process here will find it, as far as they are told: elsewhere while it is moved.
  func announcedAddress(of process: ProcessID) -> Address {
    guard let news = addressNews[process], news.attempt == departures[process]?.attempt else {
      return addressHere(of: process)
    }
    return news.address
  }
}
