import OrderedCollections

/// The source's part in the handover of a process.
///
///     source                              destination
///     offer                           ->
///                                     <-  accept, or refuse
///     pages                           ->  (before freezing, as the mechanism says)
///     [every thread at a safe point]
///     pages, handover                 ->
///                                     <-  installed
///     commit                          ->
///                                     <-  activated
///
/// What a fault at each arrow does ("told": a side hears that the connection broke; it never knows which of its last
/// packets arrived):
///
///     at                | source crashes            | destination crashes        | connection breaks, both live    | late or repeated packet
///     ------------------+---------------------------+----------------------------+---------------------------------+------------------------
///     offer, accept,    | the process is lost with  | source told: aborts, the   | source told: aborts, the        | of an older epoch:
///     refuse            | it; destination told:     | process goes on there      | process goes on; destination    | dropped; an offer of a
///                       | gives the frames back     |                            | told: gives the frames back,    | newer one replaces it, and
///                       |                           |                            | and says `unknown`, at which    | ends one committed from
///                       |                           |                            | a source not told aborts        | here, which it proves done
///     pages             | as above                  | as above                   | as above                        | dropped
///     handover          | lost with it; destination | as above: aborts, thaws    | source aborts, thaws; a         | answered `unknown`: a
///                       | gives the frames back, or |                            | destination that has the copy   | source that waits for
///                       | is in doubt: see below    |                            | is in doubt: it asks            | `installed` aborts
///     installed         | destination in doubt: it  | as above: aborts, thaws    | source aborts, thaws, and       | dropped by a source
///                       | asks until the source is  |                            | answers `abort` when asked      | that has aborted
///                       | back, is told `abort` by  |                            |                                 |
///                       | a new incarnation, and    |                            |                                 |
///                       | reports the process lost  |                            |                                 |
///     commit            | if it had arrived: runs   | the process is lost; the   | source sends it again until it  | answered `activated`
///                       | there; if not: as above   | source learns it from      | is answered; a destination in   | again
///                       |                           | `unknown` and reports it   | doubt asks, and gets it         |
///     activated         | runs at the destination;  | the process is lost, as    | source sends the commit again,  | dropped
///                       | the address at the source | any process on that node   | and is answered again           |
///                       | is gone with it           |                            |                                 |
///
/// And what does the same at every one of them:
///
///     what                        | what becomes of the handover
///     ----------------------------+-----------------------------------------------------------------------------------
///     a third node crashes        | nothing: no part of it depends on one. A process that needs pages from there dies,
///                                 | at the source until the commit and at the destination from the activation on
///     a partition heals before a  | it goes on where it was: every packet has waited, and arrives once and in its
///     detection timeout is over   | order. The process stands still for so much longer
///     a partition heals later     | as "connection breaks": what was on its way is lost, so nothing of before arrives
///                                 | after. A commit and the questions of one in doubt are sent anew, and answered
///     a partition does not heal   | as that; one in doubt asks for ever, and a source that has committed tells for
///                                 | ever: the process runs at one end, or at neither as long as nobody knows at which
///
/// With flushing a third node may take part: its arrows are in `NodeKernel+MigrationBacking.swift`. Under link update the
/// commit waits for acknowledgements too: see `LinkUpdate.swift`.
/// A process that goes on at the source, for whatever reason, does so at its full speed.
///
/// So there is never more than one copy that may run, and while neither holder has crashed always at least one copy.
extension NodeKernel {
  mutating func startDeparture(
    _ process: ProcessID, to destination: NodeID, _ options: TransferOptions, family: MigrationAttempt? = nil,
    _ out: inout EffectBuffer
  ) {
    guard let slot = processes.slot(of: process) else { return refuse(process, "it is not here", &out) }
    guard departures[process] == nil else { return refuse(process, "it is being migrated already", &out) }
    guard destination != id else { return refuse(process, "it is there already", &out) }
    processes[slot].epoch += 1
    let attempt = MigrationAttempt(process: process, epoch: processes[slot].epoch)
    let options = complete(options, for: slot, to: destination)
    let backing: Flushing.Backing =
      switch options.backing {
      case id, nil: .source
      case destination: .destination
      case let node?: .third(node)
      }
    departures[process] = Departure(
      attempt, to: destination, options, backing: backing, family: family, now: out.now)
    let pages = processes[slot].space.pageCount
    out.report(
      .migration(
        attempt, .offered(to: destination, mechanism: options.mechanism, backing: options.backing, pages: pages)))
    let offer = MigrationOffer(
      mechanism: options.mechanism, name: processes[slot].name, pages: UInt32(clamping: pages),
      threads: UInt32(clamping: processes[slot].threads.count), pageSize: UInt32(clamping: settings.pageSize))
    out.send(.offer(attempt, offer), to: destination)
  }

  /// What the operator chose, with what follows from it for this process.
  private func complete(_ chosen: TransferOptions, for slot: Int, to destination: NodeID) -> TransferOptions {
    var options = chosen
    // A process that has not started has no memory contents to move, unless the operator put some there.
    let isUnborn = processes[slot].phase == .new || processes[slot].phase == .placing
    if isUnborn, processes[slot].space.touchedCount == 0 { options.mechanism = .nonPreemptive }
    options.backing = options.mechanism == .flushing ? options.backing ?? destination : nil
    return options.completed
  }

  /// How far `attempt` is; nil when it is not the one under way.
  func stage(of attempt: MigrationAttempt) -> Departure.Stage? {
    departures[attempt.process]?.attempt == attempt ? departures[attempt.process]?.stage : nil
  }

  mutating func offerAccepted(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) != nil, departures[attempt.process]?.accept(at: out.now) == true else { return }
    out.report(.migration(attempt, .accepted))
    memberAccepted(attempt.process, &out)
  }

  mutating func offerRefused(_ attempt: MigrationAttempt, _ refusal: MigrationRefusal, _ out: inout EffectBuffer) {
    guard let stage = stage(of: attempt), stage == .negotiating || stage == .reserving,
      let departure = departures.removeValue(forKey: attempt.process)
    else { return }
    out.report(.migration(attempt, .refused(refusal)))
    // The backing node refuses what the destination has accepted.
    if stage == .reserving { out.send(.abort(attempt), to: departure.destination) }
    abandonFamily(of: departure, .refused(refusal), &out)
    moveFailed(departure, because: .refused(refusal), &out)
  }

  /// Does what the mechanism says, as far as the line has room. `batchLeft`: a batch of pages has just left.
  mutating func pumpPages(_ attempt: MigrationAttempt, batchLeft: Bool, _ out: inout EffectBuffer) {
    guard let place = departures.place(of: attempt) else { return }
    if batchLeft { departures.values[place].packetLeft(at: out.now) }
    while let place = departures.place(of: attempt), let slot = processes.slot(of: attempt.process) {
      let stateSize = departures.values[place].mayEndRound ? handoverSize(of: attempt, slot, out.now) : 0
      let step = departures.values[place].nextStep(&processes[slot].space, now: out.now, stateSize: stateSize)
      scannedPages += processes[slot].space.takeScans()
      switch step {
      case .act(.wait), .wait: return
      case .act(.freeze) where departures.values[place].awaitsFamily: return
      case .act(.waitUntil(let time)), .waitUntil(let time): return out.setTimer(.pace(attempt), at: time)
      case .act(let action): perform(action, slot, attempt, &out)
      }
    }
  }

  private mutating func perform(
    _ action: TransferAction, _ slot: Int, _ attempt: MigrationAttempt, _ out: inout EffectBuffer
  ) {
    let process = attempt.process
    switch action {
    case .reserve: askForRoom(slot, attempt, &out)
    case .freeze: memberMayFreeze(process, &out)
    case .send(let batch):
      guard let place = departures.place(of: attempt) else { return }
      let node = departures.values[place].backing.thirdNode ?? departures.values[place].destination
      let packet = Packet.pages(attempt, batch)
      let bytes = packet.encodedSize
      let (pageCount, end) = (
        processes[slot].space.pageCount, workEnd(at: out.now, with: settings.costs.time(for: packet))
      )
      let again = departures.values[place].batchSent(batch, of: pageCount, bytes: bytes, at: out.now, workEnd: end)
      out.report(.migration(attempt, .sent(batch, again: again, bytes: bytes)))
      send(packet, size: bytes, to: node, telling: .pages(attempt), &out)
    case .wait, .waitUntil: break
    case .endRound(let round): out.report(.migration(attempt, .roundEnded(round)))
    case .throttle(let throttle):
      self.throttle(slot, to: throttle, &out)
      out.report(.migration(attempt, .throttled(throttle)))
    case .seal:
      guard departures[process]?.seal() == true, let node = departures[process]?.thirdNode else { return }
      out.send(.pagesEnd(attempt), to: node)
    case .handOver: handOver(slot, attempt, &out)
    }
  }

  private mutating func handOver(_ slot: Int, _ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    var copy = processes[slot]
    guard let departure = departures[attempt.process], let phase = departure.phaseBefore,
      let (leaving, acceptedAt, roundTrip) = departure.handover(copy.space)
    else { return }
    movingCost.answered(after: roundTrip)
    copy.phase = phase
    copy.throttle = 0
    copy.prefetch = UInt16(clamping: max(Int(copy.prefetch), departure.options.prefetch))
    copy.leave(leaving, to: departure, source: id)
    let trail = copy.trail
    packAddresses(into: &copy)
    // A backing node may call what it has by the earlier migration or by this one.
    let isNew = { (holder: RemoteHolding) in holder.attempt == attempt }
    let holders = (processes[slot].holders + copy.holders.filter(isNew))
      .filter { $0.node != id && $0.node != departure.destination }
    let left = Departure.Left(pages: leaving, holders: holders, trail: trail)
    guard departures[attempt.process]?.handOver(left, at: out.now) == true else { return }
    let image = ProcessImage(
      copy, leaving: leaving, acceptedAt: acceptedAt, roundTrip: roundTrip, now: out.now)
    sendHandover(attempt, image, to: departure.destination, &out)
  }

  /// Bytes on the network of a handover of the process as it is now, all its pages with it.
  private func handoverSize(of attempt: MigrationAttempt, _ slot: Int, _ now: Nanoseconds) -> Int {
    let image = ProcessImage(processes[slot], leaving: PageSet(), acceptedAt: now, roundTrip: 0, now: now)
    return LongPacket(.handover(attempt, image)).sizeWithParts
  }

  /// A thread of a process that is being stopped has reached a safe point; when the last has, the process is frozen.
  mutating func threadStopped(_ slot: Int, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    guard let departure = departures[process], departure.stage == .freezing,
      processes[slot].threads.allSatisfy({ !$0.isRunning })
    else { return }
    let backed = departure.options.backing.map { processes[slot].backed(by: $0) } ?? PageSet()
    guard departures[process]?.frozen(backed: backed, at: out.now) == true else { return }
    out.report(.migration(departure.attempt, .frozen))
    process.forwarding.rules.processStopped(departure, processes[slot].correspondents, &self, &out)
    pumpPages(departure.attempt, batchLeft: false, &out)
  }

  /// True from the moment the process stands still until it runs again, here or at the destination.
  @inline(__always)
  public func isFrozenForMigration(_ process: ProcessID) -> Bool {
    !departures.isEmpty && departures[process]?.isFrozen == true
  }

  mutating func departureInstalled(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) != nil, let leaving = departures[attempt.process]?.installed() else { return }
    if let bytes = departures[attempt.process]?.frozenBytes { movingCost.carried(bytes, in: leaving.pagesTime) }
    out.report(.migration(attempt, .installed(pagesTime: leaving.pagesTime, stateTime: leaving.stateTime)))
    if !awaitsCorrespondents(attempt) { memberInstalled(attempt.process, &out) }
  }

  mutating func commit(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard departures[attempt.process]?.commit() == true, let departure = departures[attempt.process],
      let process = processes.remove(attempt.process)
    else { return }
    freeFrames += process.frames
    nodeSearches[attempt.process] = nil
    if departure.backing == .source, let pages = departure.left?.pages, !pages.isEmpty {
      keptPages[attempt] = KeptPages(pages, of: process.space, leftBy: departure)
      freeFrames -= pages.count
    }
    out.report(.migration(attempt, .committed))
    out.send(.commit(attempt), to: departure.destination)
    loadFell(&out)
  }

  mutating func completeDeparture(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) == .committed, let departure = departures.removeValue(forKey: attempt.process) else {
      return
    }
    keptPages[attempt]?.processHasLeft()
    processLeft(departure, &out)
    rememberMove(of: departure)
    out.report(.migration(attempt, .completed(messagesQueued: departure.waiting.queue.messages.count)))
    continuePush(attempt, batchLeft: false, &out)
  }

  /// The attempt is off before its commit: the process goes on here as if nothing had happened.
  ///
  /// - Parameter informed: a node that knows it, or cannot be told.
  mutating func abortDeparture(
    _ attempt: MigrationAttempt, _ why: AbortReason, informed: NodeID? = nil, _ out: inout EffectBuffer
  ) {
    guard let departure = departures.removeValue(forKey: attempt.process),
      let slot = processes.slot(of: attempt.process)
    else { return }
    callOff(departure, informed: informed, &out)
    out.report(.migration(attempt, .aborted(why)))
    if processes[slot].throttle > 0 {
      throttle(slot, to: 0, &out)
      out.report(.migration(attempt, .throttled(0)))
    }
    for (holding, batch) in departure.waiting.supplies { takeSupply(holding, batch, &out) }
    if let phase = departure.phaseBefore {
      processes[slot].phase = phase
      if phase == .active { resumeThreads(of: slot, &out) }
      resumeOutput(of: slot, &out)
    }
    processStays(departure, &out)
    for routed in departure.waiting.queue { route(routed, &out) }
    for (holding, node) in departure.waiting.withdrawals { pagesWithdrawn(holding, becauseOf: node, &out) }
    abandonFamily(of: departure, why, &out)
    moveFailed(departure, because: why, &out)
  }

  /// Tells the nodes that take part in a migration that it is off.
  mutating func callOff(_ departure: Departure, informed: NodeID? = nil, _ out: inout EffectBuffer) {
    withdrawHandover(departure.attempt, to: departure.destination)
    for node in departure.participants where node != informed { out.send(.abort(departure.attempt), to: node) }
  }

  /// The operator calls a migration off: possible until it is committed.
  mutating func cancelDeparture(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let departure = departures[process], departure.stage != .committed else {
      out.report(.refused(process, why: "it is not being migrated from here, or has been committed"))
      return
    }
    abortDeparture(departure.attempt, .cancelled, &out)
  }

  mutating func connectionBrokeDuringMigration(_ peer: NodeID, _ out: inout EffectBuffer) {
    for departure in departures.values where departure.participants.contains(peer) {
      if departure.stage != .committed {
        abortDeparture(departure.attempt, .connectionBroken(peer), informed: peer, &out)
      } else if departure.destination == peer {
        out.setTimer(.migration(departure.attempt), at: out.now + settings.detectionTimeout)
      }
    }
    for arrival in arrivals.values where arrival.source == peer {
      guard arrivals[arrival.attempt.process]?.sourceLost() == false else { continue }
      giveBack(arrival, owner: nil, &out)
      out.report(.migration(arrival.attempt, .discarded))
      // Should the source live, it may be the only one not to know that the connection broke.
      out.send(.unknown(arrival.attempt), to: peer)
    }
  }

  mutating func retryMigration(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    if stage(of: attempt) == .committed, let destination = departures[attempt.process]?.destination {
      out.send(.commit(attempt), to: destination)
    } else if let arrival = arrivals[attempt.process], arrival.attempt == attempt {
      askSource(arrival, &out)
    }
  }

  /// A destination asks, or a backing node asks a destination. Silence says that the attempt goes on.
  mutating func answerQuery(_ attempt: MigrationAttempt, from node: NodeID, _ out: inout EffectBuffer) {
    switch stage(of: attempt) {
    case .committed: out.send(.commit(attempt), to: node)
    case nil where activatedEpochs[attempt.process] == attempt.epoch:
      out.send(.activated(attempt), to: node)
    case nil where arrivals[attempt.process]?.attempt != attempt: out.send(.abort(attempt), to: node)
    default: break
    }
  }

  /// A node that takes part says that it knows nothing of the attempt. Before the commit that means that the connection
  /// broke, and the node has given up. After it the destination has fallen, and the process with it.
  mutating func departureUnknown(_ attempt: MigrationAttempt, from node: NodeID, _ out: inout EffectBuffer) {
    guard let departure = departures[attempt.process], departure.attempt == attempt,
      departure.participants.contains(node)
    else { return }
    guard departure.stage == .committed else {
      return abortDeparture(attempt, .connectionBroken(node), informed: node, &out)
    }
    guard node == departure.destination else { return }
    departures[attempt.process] = nil
    dropPages(of: attempt, &out)
    for holder in departure.left?.holders ?? [] { releaseHolder(holder, epoch: attempt.epoch, &out) }
    out.report(.migration(attempt, .lost))
    out.report(.lost(attempt.process, becauseOf: departure.destination))
    processEnded(attempt.process, trail: departure.left?.trail ?? [], &out)
    for routed in departure.waiting.queue { route(routed, &out) }
  }
}

extension Process {
  /// Makes of a copy what is handed over: the migration leaves `pages` where it leaves them, and the next kernel knows
  /// nothing else of what other nodes have.
  fileprivate mutating func leave(_ pages: PageSet, to departure: Departure, source: NodeID) {
    for place in holders.indices { holders[place].handOver() }
    let node: NodeID =
      switch departure.backing {
      case .source: source
      case .destination: departure.destination
      case .third(let node): node
      }
    guard let place = holders.firstIndex(where: { $0.node == node }) else {
      if !pages.isEmpty || departure.thirdNode != nil {
        holders.append(
          RemoteHolding(node: node, attempt: departure.attempt, pages: pages, recovers: departure.options.recovers))
      }
      return
    }
    // What the destination has is at home there, whatever its name. A third node calls what it has by this migration.
    if departure.thirdNode != nil {
      holders[place] = holders[place].renamed(departure.attempt, recovers: departure.options.recovers)
    }
    holders[place].add(pages)
  }
}

extension OrderedDictionary<ProcessID, Departure> {
  /// Where an attempt is, if it is the one under way. What is read or changed at that place is not copied, as it is by way of
  /// its process.
  fileprivate func place(of attempt: MigrationAttempt) -> Int? {
    guard let place = index(forKey: attempt.process), values[place].attempt == attempt else { return nil }
    return place
  }
}
