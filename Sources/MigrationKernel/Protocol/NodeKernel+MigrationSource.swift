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
///                       | the link at the source is | any process on that node   | and is answered again           |
///                       | gone with it              |                            |                                 |
///
/// A process that goes on at the source, for whatever reason, does so at its full speed.
///
/// So there is never more than one copy that may run, and while neither holder has crashed always at least one copy.
extension NodeKernel {
  /// How many batches of pages are handed to the network at once: enough to keep the link busy, few enough that other
  /// traffic need not wait long.
  static var window: Int { 2 }

  mutating func startDeparture(
    _ process: ProcessID, to destination: NodeID, _ options: TransferOptions, _ out: inout EffectBuffer
  ) {
    guard let slot = processes.slot(of: process), departures[process] == nil, destination != id else {
      out.report(.refused(process, why: "it is not here, is being migrated already, or would stay where it is"))
      return
    }
    processes[slot].epoch += 1
    let attempt = MigrationAttempt(process: process, epoch: processes[slot].epoch)
    // A process that has not started has no memory contents to move, unless the operator put some there.
    let isBlank = processes[slot].phase == .new && processes[slot].space.touchedCount == 0
    var options = options
    if isBlank { options.mechanism = .nonPreemptive }
    if options.mechanism == .hybrid {
      options.maxRounds = options.maxRounds ?? 1
      options.pushes = true
    }
    let mechanism = options.mechanism
    departures[process] = Departure(
      attempt: attempt, destination: destination, options: options, offeredAt: out.now,
      transfer: mechanism.makeTransfer(), phase: processes[slot].phase)
    out.report(
      .migration(attempt, .offered(to: destination, mechanism: mechanism, pages: processes[slot].space.pageCount)))
    let offer = MigrationOffer(
      mechanism: mechanism, name: processes[slot].name, pages: UInt32(clamping: processes[slot].space.pageCount),
      threads: UInt32(clamping: processes[slot].threads.count), pageSize: UInt32(clamping: settings.pageSize))
    out.send(.offer(attempt, offer), to: destination)
  }

  /// How far `attempt` is; nil when it is not the one under way.
  private func stage(of attempt: MigrationAttempt) -> Departure.Stage? {
    departures[attempt.process]?.attempt == attempt ? departures[attempt.process]?.stage : nil
  }

  mutating func offerAccepted(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) == .negotiating else { return }
    out.report(.migration(attempt, .accepted))
    departures[attempt.process]?.accept(at: out.now)
    companionsAccepted(attempt.process, &out)
  }

  mutating func offerRefused(_ attempt: MigrationAttempt, _ refusal: MigrationRefusal, _ out: inout EffectBuffer) {
    guard stage(of: attempt) == .negotiating else { return }
    let departure = departures.removeValue(forKey: attempt.process)
    out.report(.migration(attempt, .refused(refusal)))
    if let departure { abandonCompanions(of: departure, .coprocessStays, &out) }
  }

  /// Does what the mechanism says, as far as the link has room.
  mutating func continueDeparture(_ attempt: MigrationAttempt, transmitted: Bool, _ out: inout EffectBuffer) {
    let process = attempt.process
    guard let destination = departures[process]?.destination, let options = departures[process]?.options,
      stage(of: attempt) != nil
    else { return }
    if transmitted { departures[process]?.outstanding -= 1 }
    while let stage = stage(of: attempt), stage == .transferring || stage == .sending,
      let outstanding = departures[process]?.outstanding, outstanding < Self.window,
      let slot = processes.slot(of: process)
    {
      if let time = departures[process]?.mayGoOnAt, time > out.now {
        if outstanding == 0 { out.setTimer(.pace(attempt), at: time) }
        return
      }
      let view = TransferView(
        now: out.now, isFrozen: stage == .sending, outstanding: outstanding,
        roundTrip: departures[process]?.roundTrip ?? 0, options: options)
      switch departures[process]?.transfer.next(&processes[slot].space, view) {
      case .freeze:
        departures[process]?.stage = .freezing
        departures[process]?.phase = processes[slot].phase
        processes[slot].phase = .migrating
        out.report(.migration(attempt, .freezing))
        stopThreads(of: slot, &out)
        threadStopped(slot, &out)
      case .send(let batch):
        departures[process]?.outstanding += 1
        let packet = Packet.pages(attempt, batch)
        let bytes = packet.encodedSize
        out.report(.migration(attempt, .sent(batch, bytes: bytes)))
        out.send(packet, to: destination, notify: attempt)
        if let bandwidth = options.bandwidth {
          departures[process]?.mayGoOnAt = out.now + UInt64(bytes) * 8_000_000_000 / max(1, bandwidth)
        }
      case .wait: return
      case .endRound(let round): out.report(.migration(attempt, .roundEnded(round)))
      case .throttle(let throttle):
        self.throttle(slot, to: throttle, &out)
        out.report(.migration(attempt, .throttled(throttle)))
      case .handOver:
        departures[process]?.stage = .handedOver
        var copy = processes[slot]
        copy.phase = departures[process]?.phase ?? .active
        copy.throttle = 0
        let leaving = departures[process]?.transfer.leaving(processes[slot].space) ?? PageSet()
        departures[process]?.leaving = leaving
        copy.space = copy.space.outline(leaving: leaving)
        copy.prefetch = UInt16(clamping: max(Int(copy.prefetch), options.prefetch))
        if !leaving.isEmpty { copy.holders.append(PageHolder(node: id, attempt: attempt, pages: leaving)) }
        departures[process]?.correspondents = copy.correspondents
        departures[process]?.trail = copy.trail
        takeLinks(&copy, now: out.now)
        let packet = Packet.handover(attempt, copy)
        out.report(
          .migration(attempt, .handedOver(stateBytes: packet.encodedSize, pagesLeft: leaving.count)))
        out.send(packet, to: destination)
      case nil: return
      }
    }
  }

  /// A thread of a process that is being stopped has reached a safe point; when the last has, the process is frozen.
  mutating func threadStopped(_ slot: Int, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    guard departures[process]?.stage == .freezing, processes[slot].threads.allSatisfy({ !$0.isRunning }),
      let attempt = departures[process]?.attempt
    else { return }
    departures[process]?.stage = .sending
    out.report(.migration(attempt, .frozen))
    continueDeparture(attempt, transmitted: false, &out)
  }

  /// True from the moment the process stands still until it runs again, here or at the destination.
  public func isFrozenForMigration(_ process: ProcessID) -> Bool {
    switch departures[process]?.stage {
    case .sending, .handedOver, .committed: true
    case .negotiating, .transferring, .freezing, nil: false
    }
  }

  mutating func commitDeparture(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) == .handedOver else { return }
    departures[attempt.process]?.isInstalled = true
    out.report(.migration(attempt, .installed))
    companionsInstalled(attempt.process, &out)
  }

  mutating func commit(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let destination = departures[attempt.process]?.destination,
      let process = processes.remove(attempt.process)
    else { return }
    departures[attempt.process]?.stage = .committed
    freeFrames += process.space.pageCount
    if let departure = departures[attempt.process], !departure.leaving.isEmpty {
      keep(
        Residue(
          attempt: attempt, space: process.space, pages: departure.leaving, client: destination,
          unsent: departure.options.pushes ? PageStream(departure.leaving) : nil,
          marksZeros: departure.options.marksZeros))
    }
    out.report(.migration(attempt, .committed))
    out.send(.commit(attempt), to: destination)
  }

  mutating func completeDeparture(
    _ attempt: MigrationAttempt, activatedAt time: Nanoseconds, _ out: inout EffectBuffer
  ) {
    guard stage(of: attempt) == .committed, let departure = departures.removeValue(forKey: attempt.process) else {
      return
    }
    departed(departure, since: time, &out)
    for routed in departure.queue { route(routed, &out) }
    out.report(.migration(attempt, .completed(messagesQueued: departure.queue.count)))
    continuePush(attempt, transmitted: false, &out)
  }

  /// The attempt is off before its commit: the process goes on here as if nothing had happened.
  mutating func abortDeparture(_ attempt: MigrationAttempt, _ why: AbortReason, _ out: inout EffectBuffer) {
    guard let departure = departures.removeValue(forKey: attempt.process),
      let slot = processes.slot(of: attempt.process)
    else { return }
    out.report(.migration(attempt, .aborted(why)))
    if processes[slot].throttle > 0 {
      throttle(slot, to: 0, &out)
      out.report(.migration(attempt, .throttled(0)))
    }
    switch departure.stage {
    case .freezing, .sending, .handedOver:
      processes[slot].phase = departure.phase
      if departure.phase == .active { resumeThreads(of: slot, &out) }
    case .negotiating, .transferring, .committed: break
    }
    stayed(departure, &out)
    for routed in departure.queue { route(routed, &out) }
    abandonCompanions(of: departure, .coprocessStays, &out)
  }

  /// The operator calls a migration off: possible until it is committed.
  mutating func cancelDeparture(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let departure = departures[process], departure.stage != .committed else {
      out.report(.refused(process, why: "it is not being migrated from here, or has been committed"))
      return
    }
    out.send(.abort(departure.attempt), to: departure.destination)
    abortDeparture(departure.attempt, .cancelled, &out)
  }

  mutating func connectionBrokeDuringMigration(_ peer: NodeID, _ out: inout EffectBuffer) {
    for departure in departures.values where departure.destination == peer {
      if departure.stage == .committed {
        out.setTimer(.migration(departure.attempt), at: out.now + settings.detectionTimeout)
      } else {
        abortDeparture(departure.attempt, .connectionBroken(peer), &out)
      }
    }
    for arrival in arrivals.values where arrival.source == peer && arrival.process == nil {
      giveBack(arrival, &out)
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

  /// A destination asks. Silence says that the attempt goes on.
  mutating func answerQuery(_ attempt: MigrationAttempt, from node: NodeID, _ out: inout EffectBuffer) {
    switch stage(of: attempt) {
    case .committed: out.send(.commit(attempt), to: node)
    case nil: out.send(.abort(attempt), to: node)
    default: break
    }
  }

  /// The destination knows nothing of the attempt. Once it had been committed that means that the destination fell, and
  /// the process with it; before, that the connection broke and the destination has given up.
  mutating func departureUnknown(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let departure = departures[attempt.process], departure.attempt == attempt else { return }
    guard departure.stage == .committed else {
      return abortDeparture(attempt, .connectionBroken(departure.destination), &out)
    }
    departures[attempt.process] = nil
    release(attempt, &out)
    out.report(.migration(attempt, .lost))
    out.report(.lost(attempt.process, becauseOf: departure.destination))
    forgotten(attempt.process, trail: departure.trail, &out)
    for routed in departure.queue { route(routed, &out) }
  }
}
