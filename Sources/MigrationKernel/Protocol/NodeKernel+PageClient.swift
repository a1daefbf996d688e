/// The client's part: the kernel with a process whose pages are on other nodes, and the kernel that such a process has left.
/// The table of faults is in `KeptPages.swift`.
extension NodeKernel {
  // MARK: - The kernel with the process

  /// A thread touched a page that is not here.
  mutating func fault(_ slot: Int, _ thread: Int, page: Int, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].state = .faulting(page: page, startedAt: out.now)
    requestPage(slot, page: page, &out)
  }

  /// Asks the holder of a page for it, and for those behind it that are likely to be touched next, as far as they are not on
  /// their way.
  mutating func requestPage(_ slot: Int, page: Int, _ out: inout EffectBuffer) {
    guard let place = processes[slot].holders.firstIndex(where: { $0.pages.contains(page) }) else { return }
    let (most, pageCount) = (Int(processes[slot].prefetch), processes[slot].space.pageCount)
    let isNew = processes[slot].holders[place].touch(page, of: pageCount)
    let pages = processes[slot].holders[place].pagesToAskFor(at: page, most: most, of: pageCount)
    let (attempt, node) = (processes[slot].holders[place].attempt, processes[slot].holders[place].node)
    if isNew { out.report(.migration(attempt, .remoteFault(page: page))) }
    if !pages.isEmpty { out.send(.pageRequest(attempt, pages: pages), to: node) }
  }

  /// Pages have come that were asked for, or pushed.
  mutating func takeSupply(_ attempt: MigrationAttempt, _ batch: PageBatch, _ out: inout EffectBuffer) {
    let process = attempt.process
    guard !isFrozenForMigration(process) else { return departures[process]?.setAside(batch, of: attempt) ?? () }
    guard let slot = processes.slot(of: process),
      let place = processes[slot].holders.firstIndex(where: { $0.attempt == attempt })
    else { return }
    // A page that comes between rounds has to be sent on.
    let asDirty = departures[process]?.mechanism.hasRounds ?? false
    switch processes[slot].takeSupply(batch, fromHolderAt: place, asDirty: asDirty) {
    case .needsMore, .fetched(isNew: false): break
    case .fetched(isNew: true): out.report(.migration(attempt, .fetched))
    case .isDone: releaseHolder(processes[slot].holders.remove(at: place), epoch: processes[slot].epoch, &out)
    }
    for thread in processes[slot].threads.indices {
      guard case .faulting(let page, let startedAt) = processes[slot].threads[thread].state,
        !processes[slot].space.remote.contains(page)
      else { continue }
      out.report(.migration(attempt, .faultServed(stall: out.now - startedAt)))
      makeReady(slot, thread, &out)
    }
  }

  /// After an arrival: pages that lie here are at home, and other holders learn where the process is now, or that it
  /// needs nothing of them.
  mutating func meetHolders(of slot: Int, source: NodeID, _ out: inout EffectBuffer) {
    for holder in processes[slot].holders {
      if holder.node == id { flushHasSucceeded(holder.attempt, &out) }
      if holder.node == id, let kept = keptPages[holder.attempt] {
        for page in holder.pages { processes[slot].space.supply(page, kept.space[page], asDirty: false) }
        processes[slot].holders.removeAll { $0.attempt == holder.attempt }
        dropPages(of: holder.attempt, &out)
      } else if holder.node == id {
        // They were given up, or this node fell. What it may leave here later goes by another name.
        guard holder.pages.isEmpty else {
          return loseProcess(slot, becauseOf: reasonForWithdrawing(holder.attempt), &out)
        }
        processes[slot].holders.removeAll { $0.attempt == holder.attempt }
      } else {
        if holder.node != source {
          out.send(
            .client(holder.attempt, epoch: processes[slot].epoch, pages: holder.pages), to: holder.node)
        }
        if holder.pages.isEmpty, !holder.isBacking {
          processes[slot].holders.removeAll { $0.attempt == holder.attempt }
          releaseHolder(holder, epoch: processes[slot].epoch, &out)
        }
      }
    }
  }

  /// The process is no more: nobody needs to hold pages for it.
  mutating func releaseHolders(of process: Process, _ out: inout EffectBuffer) {
    for holder in process.holders where holder.node != id { releaseHolder(holder, epoch: process.epoch, &out) }
  }

  /// A holder has none of the pages: it has fallen since, and what it held fell with it; or it gave them up when a node
  /// fell that the process had left, which it had not heard yet.
  mutating func pagesWithdrawn(_ attempt: MigrationAttempt, becauseOf node: NodeID, _ out: inout EffectBuffer) {
    guard !isFrozenForMigration(attempt.process) else {
      return departures[attempt.process]?.setAside(withdrawalOf: attempt, becauseOf: node) ?? ()
    }
    guard let slot = processes.slot(of: attempt.process),
      let holder = processes[slot].holders.first(where: { $0.attempt == attempt })
    else { return }
    loseHolder(holder, slot, becauseOf: node, &out)
  }

  /// What a holder had is gone: the death of the process, unless it has all that it needs.
  private mutating func loseHolder(
    _ holder: RemoteHolding, _ slot: Int, becauseOf node: NodeID, _ out: inout EffectBuffer
  ) {
    guard holder.pages.isEmpty else { return loseProcess(slot, becauseOf: node, &out) }
    processes[slot].holders.removeAll { $0.attempt == holder.attempt }
  }

  /// The connection to `peer` broke: processes that need pages from there die.
  mutating func connectionBrokeWithHolder(_ peer: NodeID, _ out: inout EffectBuffer) {
    for process in processes.filter({ $0.holders.contains { $0.node == peer } }) {
      guard let slot = processes.slot(of: process.id) else { continue }
      for holder in process.holders where holder.node == peer && processes.holds(process.id, in: slot) {
        if holder.recovers {
          tellHolderAgain(holder.attempt, slot, &out)
          continue
        }
        loseHolder(holder, slot, becauseOf: peer, &out)
        // Should the holder live, it may be the only one not to know that the connection broke.
        if holder.pages.isEmpty { releaseHolder(holder, epoch: process.epoch, &out) }
      }
    }
  }

  /// The connection to a holder broke that keeps its pages all the same: it is told over a new one what is needed. Should that
  /// break too, this is done again.
  private mutating func tellHolderAgain(_ attempt: MigrationAttempt, _ slot: Int, _ out: inout EffectBuffer) {
    guard let place = processes[slot].holders.firstIndex(where: { $0.attempt == attempt }) else { return }
    processes[slot].holders[place].forgetRequests()
    let holder = processes[slot].holders[place]
    // It may be about to leave, by a migration that has a number already.
    let epoch = activatedEpochs[attempt.process] ?? 0
    out.send(.client(attempt, epoch: epoch, pages: holder.pages, afterBreak: true), to: holder.node)
    askAgain(for: holder.pages, slot, &out)
  }

  /// What threads wait for of these pages may have been asked for in vain.
  private mutating func askAgain(for pages: PageSet, _ slot: Int, _ out: inout EffectBuffer) {
    guard processes[slot].isRunnable else { return }
    for thread in processes[slot].threads.indices {
      if case .faulting(let page, _) = processes[slot].threads[thread].state, pages.contains(page) {
        requestPage(slot, page: page, &out)
      }
    }
  }

  // MARK: - The kernel that it left

  /// The process has been handed over for good: whoever holds pages of it may have to be told where it went.
  mutating func rememberMove(of departure: Departure) {
    guard let holders = departure.left?.holders, !holders.isEmpty else { return }
    movedOn[departure.attempt.process] = MovedOn(
      destination: departure.destination, epoch: departure.attempt.epoch, holders: holders)
  }

  /// The connection to `peer` broke: of a process that went there its destination may not have told anybody.
  func tellHolders(losing peer: NodeID, _ out: inout EffectBuffer) {
    for process in movedOn.values where process.destination == peer {
      for holder in process.holders {
        out.send(.movedOn(holder.attempt, to: peer, epoch: process.epoch), to: holder.node)
      }
    }
  }

  // MARK: - Either

  /// A node asks that holds pages.
  mutating func answerHolder(
    _ attempt: MigrationAttempt, epoch: UInt32, at node: NodeID, _ out: inout EffectBuffer
  ) {
    if let slot = processes.slot(of: attempt.process),
      let place = processes[slot].holders.firstIndex(where: { $0.attempt == attempt })
    {
      if processes[slot].holders[place].recovers { processes[slot].holders[place].forgetRequests() }
      let holder = processes[slot].holders[place]
      // It may be about to leave, by a migration that has a number already.
      let epoch = activatedEpochs[attempt.process] ?? 0
      out.send(.client(attempt, epoch: epoch, pages: holder.pages), to: node)
      if holder.recovers { askAgain(for: holder.pages, slot, &out) }
    } else if let next = movedOn[attempt.process] {
      out.send(.movedOn(attempt, to: next.destination, epoch: next.epoch), to: node)
    } else if departures[attempt.process] == nil, arrivals[attempt.process] == nil {
      out.send(.release(attempt, epoch: epoch), to: node)
    }
  }
}

extension NodeKernel {
  /// Pages that a migration had left behind, and that have come while the process stood still here to leave: it takes them if
  /// it stays.
  package func pagesSetAside(for attempt: MigrationAttempt) -> [Int] {
    let supplies = departures[attempt.process]?.waiting.supplies ?? []
    return supplies.filter { $0.0 == attempt }.flatMap { $0.1.pages.map { Int($0.index) } }
  }
}

/// Where a process went from here that had pages on other nodes, and what those know them by.
struct MovedOn: Sendable {
  let destination: NodeID
  /// Of the migration by which it went there.
  let epoch: UInt32
  let holders: [RemoteHolding]
}

extension Process {
  /// Pages have come from one of its holders.
  fileprivate mutating func takeSupply(
    _ batch: PageBatch, fromHolderAt place: Int, asDirty: Bool
  ) -> RemoteHolding.Supplied {
    holders[place].takeSupply(batch, into: &space, asDirty: asDirty)
  }
}
