/// The destination's part in the handover of a process; the table of faults is with the source's part.
extension NodeKernel {
  mutating func considerOffer(
    _ attempt: MigrationAttempt, _ offer: MigrationOffer, from source: NodeID, _ incarnation: UInt32,
    _ out: inout EffectBuffer
  ) {
    guard processes.slot(of: attempt.process) == nil else { return }
    if let departure = departures[attempt.process], departure.attempt.epoch < attempt.epoch {
      // The process has moved on from where it went, so it did run there, whenever the reply that says so may come.
      completeDeparture(departure.attempt, &out)
    }
    if let older = arrivals[attempt.process] {
      guard older.attempt.epoch < attempt.epoch else { return }
      // Only the owner offers, and epochs grow: the older attempt was aborted.
      giveBack(older, owner: source, &out)
      out.report(.migration(older.attempt, .discarded))
    }
    let frames = Int(offer.pages)
    guard offer.pageSize == UInt32(clamping: settings.pageSize) else {
      return out.send(.refuse(attempt, .otherPageSize), to: source)
    }
    guard freeFrames >= frames else { return out.send(.refuse(attempt, .noRoom), to: source) }
    freeFrames -= frames
    arrivals[attempt.process] = Arrival(
      attempt, offer, from: source, incarnation: incarnation, pageSize: settings.pageSize, now: out.now)
    out.setTimer(.migration(attempt), at: out.now + patience)
    out.send(.accept(attempt), to: source)
  }

  /// How long a destination, or a backing node, waits for a silent source before it asks.
  var patience: Nanoseconds { 2 * settings.detectionTimeout }

  mutating func storePages(
    _ attempt: MigrationAttempt, _ batch: PageBatch, from source: NodeID, _ out: inout EffectBuffer
  ) {
    guard let place = arrivals.index(forKey: attempt.process), arrivals.values[place].attempt == attempt,
      arrivals.values[place].store(batch, now: out.now) == .doesNotFit
    else { return }
    let arrival = arrivals.values[place]
    // Source and destination do not hold the same pages: what would arrive is not the process.
    giveBack(arrival, owner: source, &out)
    out.report(.migration(attempt, .discarded))
    out.send(.unknown(attempt), to: source)
  }

  mutating func install(
    _ attempt: MigrationAttempt, _ image: ProcessImage, from source: NodeID, _ out: inout EffectBuffer
  ) {
    guard let arrival = arrivals[attempt.process], arrival.attempt == attempt else {
      out.send(.unknown(attempt), to: source)
      return
    }
    guard arrivals[attempt.process]?.install(image, now: out.now) == true else { return }
    out.send(.installed(attempt), to: arrival.source)
  }

  mutating func activate(_ attempt: MigrationAttempt, from source: NodeID, _ out: inout EffectBuffer) {
    guard let arrival = arrivals[attempt.process], arrival.attempt == attempt, var process = arrival.process else {
      let isKnown = activatedEpochs[attempt.process].map { $0 >= attempt.epoch } ?? false
      out.send(isKnown ? .activated(attempt) : .unknown(attempt), to: source)
      return
    }
    arrivals[attempt.process] = nil
    activatedEpochs[attempt.process] = attempt.epoch
    process.migrations += 1
    process.arrivedAt = out.now
    let begins = process.phase == .placing
    if begins { process.phase = .active }
    let isActive = process.phase == .active
    let awaitsCore = isActive && process.couldExecute(at: out.now) && !hasFreeCore(at: out.now)
    process.awaitsCoreSince = awaitsCore ? out.now : nil
    let slot = processes.insert(process)
    locations.forwardingAddresses[attempt.process] = nil
    locations.cache[attempt.process] = nil
    movedOn[attempt.process] = nil
    out.report(.migration(attempt, .activated(awaitsCore: awaitsCore)))
    if begins { out.report(.started(attempt.process)) }
    out.send(.activated(attempt), to: source)
    watchMessages(of: slot, &out)
    meetHolders(of: slot, source: source, &out)
    defer { for routed in arrival.waiting { route(routed, &out) } }
    guard processes.slot(of: attempt.process) != nil else { return }
    forgetGivenUpPages(of: attempt.process)
    if isActive { resumeThreads(of: slot, &out) }
    resumeOutput(of: slot, &out)
    callFilesAgain(slot, &out)
    processArrived(slot, from: source, &out)
    loadGrew(&out)
  }

  /// Asks the source how the attempt stands, unless the source was heard from lately. One that has rebooted says `abort`.
  mutating func askSource(_ arrival: Arrival, _ out: inout EffectBuffer) {
    if out.now >= arrival.lastHeard + patience { out.send(.query(arrival.attempt), to: arrival.source) }
    out.setTimer(.migration(arrival.attempt), at: out.now + patience)
  }

  mutating func discardArrival(
    _ attempt: MigrationAttempt, sourceIncarnation: UInt32, _ out: inout EffectBuffer
  ) {
    guard let arrival = arrivals[attempt.process], arrival.attempt == attempt else { return }
    giveBack(arrival, owner: sourceIncarnation == arrival.sourceIncarnation ? arrival.source : nil, &out)
    out.report(.migration(attempt, .discarded))
    if arrival.isInDoubt { giveUpPages(awaiting: arrival, &out) }
    if arrival.process != nil, sourceIncarnation != arrival.sourceIncarnation {
      out.report(.lost(attempt.process, becauseOf: arrival.source))
    }
  }

  /// Frees what was reserved for an attempt that is off. What has come for the process goes to its owner, if that is known.
  mutating func giveBack(_ arrival: Arrival, owner: NodeID?, _ out: inout EffectBuffer) {
    arrivals[arrival.attempt.process] = nil
    freeFrames += arrival.frames
    for routed in arrival.waiting {
      if let owner, suspects[owner] == nil {
        forward(routed, to: owner, epoch: arrival.attempt.epoch, &out)
      } else {
        route(routed, &out)
      }
    }
  }
}
