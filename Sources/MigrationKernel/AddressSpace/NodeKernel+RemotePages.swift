/// Pages that stay behind: fetched when they are touched, pushed in the background, given up when one end is lost.
///
///     kernel with the process             kernel that holds pages
///     request(pages)                  ->
///                                     <-  supply(pages), or withdrawn: it has none (it fell meanwhile)
///     client(pages)                   ->  (after another migration: the process is here now, and still needs these)
///     release                         ->  all have come, or the process is no more
///
/// What a fault at each arrow does; how a holder asks after the process, with `stillNeeded`, is in `MovedOn.swift`:
///
///     at           | node of the process    | holder crashes        | connection breaks,     | late or repeated packet
///                  | crashes                |                       | both live              |
///     -------------+------------------------+-----------------------+------------------------+------------------------
///     request,     | the process is lost    | the process dies: it  | as when the other had  | a page that has come is
///     supply       | with it; the holder is | is told, or hears     | crashed, at both ends  | not taken again; what
///                  | told, and drops the    | `withdrawn` from the  |                        | is asked for once more
///                  | pages                  | next incarnation      |                        | is sent once more
///     withdrawn    | as above               | as above              | it dies of the break   | ignored by one that has
///                  |                        |                       |                        | all it needs, and while
///                  |                        |                       |                        | it stands still
///     client       | as above; a holder     | as above              | lost; the holder asks  | ignored unless its
///                  | that has not heard of  |                       | after the process      | epoch is newer than
///                  | that node yet asks     |                       | where it thinks that   | what is known
///                  | where it thought the   |                       | to be                  |
///                  | process                |                       |                        |
///     release      | nothing more is        | nothing is left to    | told again, ten times, | ignored if the process
///                  | needed, and the holder | release               | each twice as late;    | has come somewhere else
///                  | finds out as above     |                       | and the holder asks    | since, by a newer epoch
///
/// The crash of a node that has neither the process nor pages of it changes nothing, unless it is one by which a holder
/// has to be led to the process: then that hears of the break, and drops the pages. A partition that heals before a
/// detection timeout is over makes a stall longer; one that heals later is a connection that breaks.
///
/// A holder to which the process was flushed keeps what it has also when the last page has come, and the kernel with the
/// process remembers of which pages that is the present contents: a later flush need not send them.
///
/// A thread that touches a remote page stands still until it has come; other threads go on. When the connection to a
/// holder breaks the process dies, and a holder whose client cannot be reached drops what it held: each side gives up
/// by itself what the other can no longer use.
extension NodeKernel {
  // MARK: - The kernel with the process

  /// A thread touched a page that is not here.
  mutating func fault(_ slot: Int, _ thread: Int, page: Int, _ out: inout EffectBuffer) {
    let isAskedFor = processes[slot].threads.contains { other in
      if case .faulting(page, _) = other.state { true } else { false }
    }
    processes[slot].threads[thread].state = .faulting(page: page, startedAt: out.now)
    if !isAskedFor { request(slot, page: page, &out) }
  }

  /// Asks the holder of a page for it, and for those behind it that are likely to be touched next.
  mutating func request(_ slot: Int, page: Int, _ out: inout EffectBuffer) {
    guard let place = processes[slot].holders.firstIndex(where: { $0.pages.contains(page) }) else { return }
    let most = Int(processes[slot].prefetch)
    let pages = processes[slot].holders[place].pagesToAskFor(at: page, most: most)
    let holder = processes[slot].holders[place]
    out.report(.migration(holder.attempt, .remoteFault(page: page)))
    out.send(.pageRequest(holder.attempt, pages: pages), to: holder.node)
  }

  /// Pages have come that were asked for, or pushed.
  mutating func takeSupply(_ attempt: MigrationAttempt, _ batch: PageBatch, _ out: inout EffectBuffer) {
    let process = attempt.process
    // While it stands still to be moved, what it has is settled; its next kernel will ask again.
    guard let slot = processes.slot(of: process), !isFrozenForMigration(process),
      let place = processes[slot].holders.firstIndex(where: { $0.attempt == attempt })
    else { return }
    let wasNeeded = !processes[slot].holders[place].pages.isEmpty
    for (index, form) in batch.pages where processes[slot].holders[place].pages.contains(Int(index)) {
      // Nothing that was sent earlier can be held here, so a difference would be one from zeros.
      guard let page = form.page(over: .zero, pageSize: batch.pageSize) else { continue }
      // A page that comes between rounds has to be sent on.
      processes[slot].space.supply(Int(index), page, asDirty: departures[process]?.mechanism.hasRounds ?? false)
      processes[slot].holders[place].pages.remove(Int(index))
      processes[slot].holders[place].copies.insert(Int(index), of: processes[slot].space.pageCount)
    }
    if processes[slot].holders[place].pages.isEmpty {
      if processes[slot].holders[place].isBacking {
        if wasNeeded { out.report(.migration(attempt, .fetched)) }
      } else {
        release(processes[slot].holders.remove(at: place), epoch: processes[slot].epoch, &out)
      }
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
      if holder.node == id, let residue = residues[holder.attempt] {
        for page in holder.pages { processes[slot].space.supply(page, residue.space[page], asDirty: false) }
        processes[slot].holders.removeAll { $0.attempt == holder.attempt }
        drop(residue, &out)
      } else if holder.node == id, !holder.pages.isEmpty {
        loseProcess(slot, becauseOf: givenUp[holder.attempt] ?? id, &out)
        return
      } else if holder.node != id {
        if holder.node != source {
          out.send(
            .client(holder.attempt, epoch: processes[slot].epoch, pages: holder.pages), to: holder.node)
        }
        if holder.pages.isEmpty, !holder.isBacking {
          processes[slot].holders.removeAll { $0.attempt == holder.attempt }
          release(holder, epoch: processes[slot].epoch, &out)
        }
      }
    }
  }

  /// After a migration that came to nothing: what was pushed while the process stood still was not taken.
  func askHoldersAgain(for slot: Int, _ out: inout EffectBuffer) {
    for holder in processes[slot].holders {
      out.send(.client(holder.attempt, epoch: processes[slot].epoch, pages: holder.pages), to: holder.node)
    }
  }

  /// The process is no more: nobody needs to hold pages for it.
  mutating func releaseHolders(of process: Process, _ out: inout EffectBuffer) {
    for holder in process.holders where holder.node != id { release(holder, epoch: process.epoch, &out) }
  }

  /// A holder has none of the pages: it has fallen since, and what it held fell with it; or it gave them up when a node
  /// fell that the process had left, which it had not heard yet.
  mutating func pagesWithdrawn(_ attempt: MigrationAttempt, becauseOf node: NodeID, _ out: inout EffectBuffer) {
    guard let slot = processes.slot(of: attempt.process), !isFrozenForMigration(attempt.process),
      let holder = processes[slot].holders.first(where: { $0.attempt == attempt })
    else { return }
    dispense(with: holder, slot, becauseOf: node, &out)
  }

  /// What a holder had is gone: the death of the process, unless it has all that it needs.
  private mutating func dispense(
    with holder: PageHolder, _ slot: Int, becauseOf node: NodeID, _ out: inout EffectBuffer
  ) {
    guard holder.pages.isEmpty else { return loseProcess(slot, becauseOf: node, &out) }
    processes[slot].holders.removeAll { $0.attempt == holder.attempt }
  }

  /// The connection to `peer` broke: processes that need pages from there die, and pages kept for processes there go.
  mutating func connectionBrokeWithPages(_ peer: NodeID, _ out: inout EffectBuffer) {
    for process in processes.filter({ $0.holders.contains { $0.node == peer } }) {
      guard let slot = processes.slot(of: process.id) else { continue }
      for holder in process.holders where holder.node == peer && processes.holds(process.id, in: slot) {
        dispense(with: holder, slot, becauseOf: peer, &out)
        // Should the holder live, it may be the only one not to know that the connection broke.
        if holder.pages.isEmpty { release(holder, epoch: process.epoch, &out) }
      }
    }
    // Those of a process that may be about to run here will be at home then.
    for residue in residues.values where residue.client == peer {
      if arrivals[residue.attempt.process]?.isInDoubt != true { giveUp(residue, &out) }
    }
  }

  /// The process, where it was last heard of, cannot have its pages from here any more.
  private mutating func giveUp(_ residue: Residue, _ out: inout EffectBuffer) {
    guard !isUnderway(residue) else { return }
    givenUp[residue.attempt] = residue.client
    drop(residue, &out)
  }

  /// True while a flush is writing to it, or the handover that leaves it here is not over: it is looked after with that.
  func isUnderway(_ residue: Residue) -> Bool {
    isWritten(residue) || departures[residue.attempt.process]?.attempt == residue.attempt
  }

  /// A process whose connection to its pages here broke while it was about to come does not come.
  mutating func giveUpPages(awaiting arrival: Arrival, _ out: inout EffectBuffer) {
    for residue in residues.values
    where residue.attempt.process == arrival.attempt.process && residue.client == arrival.source {
      giveUp(residue, &out)
    }
  }

  // MARK: - The kernel that holds pages

  /// Keeps what a process leaves here.
  mutating func keep(_ residue: Residue) {
    residues[residue.attempt] = residue
    freeFrames -= residue.pages.count
  }

  mutating func supply(_ attempt: MigrationAttempt, _ pages: [UInt32], to node: NodeID, _ out: inout EffectBuffer) {
    guard let residue = residues[attempt] else {
      out.send(.withdrawn(attempt, becauseOf: givenUp[attempt] ?? id), to: node)
      return
    }
    var batch = PageBatch(pageSize: residue.space.pageSize)
    for page in pages where residue.pages.contains(Int(page)) {
      batch.append(
        page,
        PageForm(
          residue.space[Int(page)], marksZeros: residue.marksZeros, since: nil, pageSize: residue.space.pageSize))
      residues[attempt]?.unsent?.skip(Int(page))
    }
    send(batch, of: attempt, to: node, notify: nil, &out)
  }

  /// Pushes pages in the background, as far as the link has room and within the bandwidth that was given. Pages that are
  /// asked for do not wait for that.
  mutating func continuePush(_ attempt: MigrationAttempt, batchLeft: Bool, _ out: inout EffectBuffer) {
    if batchLeft { residues[attempt]?.pushes.batchLeft() }
    while let residue = residues[attempt] {
      switch residue.pushes.readiness(at: out.now) {
      case .full: return
      case .notBefore(let time): return out.setTimer(.pace(attempt), at: time)
      case .ready:
        guard let batch = residues[attempt]?.unsent?.next(residue.space, marksZeros: residue.marksZeros) else { return }
        let bytes = send(batch, of: attempt, to: residue.client, notify: attempt, &out)
        residues[attempt]?.pushes.batchSent(bytes: bytes, at: out.now)
      }
    }
  }

  /// - Returns: bytes on the network.
  @discardableResult
  private func send(
    _ batch: PageBatch, of attempt: MigrationAttempt, to node: NodeID, notify: MigrationAttempt?,
    _ out: inout EffectBuffer
  ) -> Int {
    let packet = Packet.pageSupply(attempt, batch)
    let bytes = packet.encodedSize
    out.report(.migration(attempt, .sent(batch, bytes: bytes)))
    out.send(packet, size: bytes, to: node, notify: notify)
    return bytes
  }

  /// The process is at `node`, unless it has been heard of from further on already: nodes are not heard in the order in
  /// which it came to them. What had been pushed to where it was may not have been taken there.
  mutating func clientMoved(
    _ attempt: MigrationAttempt, to node: NodeID, epoch: UInt32, needing pages: PageSet, _ out: inout EffectBuffer
  ) {
    settleFlush(attempt, &out)
    guard let residue = residues[attempt] else {
      out.send(.withdrawn(attempt, becauseOf: givenUp[attempt] ?? id), to: node)
      return
    }
    guard epoch > residue.clientEpoch else { return }
    residues[attempt]?.client = node
    residues[attempt]?.clientEpoch = epoch
    if residue.unsent != nil { residues[attempt]?.unsent = PageStream(residue.pages.intersection(pages)) }
    continuePush(attempt, batchLeft: false, &out)
  }

  /// A kernel says that the process needs nothing more; one from which the process has moved on since says it in vain.
  mutating func release(
    _ attempt: MigrationAttempt, epoch: UInt32, from node: NodeID, _ out: inout EffectBuffer
  ) {
    // From where it went on to, after a flush to here of which its destination could not tell.
    if epoch > attempt.epoch { settleFlush(attempt, &out) }
    releaseFlush(attempt, from: node, &out)
    if let residue = residues[attempt], epoch >= residue.clientEpoch { drop(residue, &out) }
  }

  mutating func drop(_ residue: Residue, _ out: inout EffectBuffer) {
    if isWritten(residue) { freeFrames += flushes.removeValue(forKey: residue.attempt.process)?.reserved ?? 0 }
    residues[residue.attempt] = nil
    freeFrames += residue.pages.count
    out.report(.migration(residue.attempt, .released))
  }
}

extension PageHolder {
  /// The page touched and those behind it, as many as the window holds: it doubles while faults go on where the last
  /// request ended, and starts again from one page at any other.
  fileprivate mutating func pagesToAskFor(at page: Int, most: Int) -> [UInt32] {
    window = page == expected ? min(window * 2, max(1, most)) : 1
    var asked: [UInt32] = []
    var next = pages.first(from: page)
    while let page = next, asked.count < window {
      asked.append(UInt32(page))
      next = pages.first(from: page + 1)
    }
    expected = next ?? -1
    return asked
  }
}
