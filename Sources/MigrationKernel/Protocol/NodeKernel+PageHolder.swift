/// The holder's part: a kernel that keeps pages of processes that are elsewhere. The table of faults is in
/// `KeptPages.swift`; what a backing node does until the process runs at its destination is in
/// `NodeKernel+MigrationBacking.swift`.
extension NodeKernel {
  // MARK: - Supplying

  mutating func supplyPages(
    _ attempt: MigrationAttempt, _ pages: [UInt32], to node: NodeID, _ out: inout EffectBuffer
  ) {
    // It comes late, from where the process is no more.
    if let kept = keptPages[attempt], !kept.mayAsk(node) { return }
    guard let batch = keptPages[attempt]?.supply(pages, to: node) else {
      out.send(.withdrawn(attempt, becauseOf: reasonForWithdrawing(attempt)), to: node)
      return
    }
    if !batch.pages.isEmpty { sendSupply(batch, of: attempt, to: node, notify: nil, &out) }
  }

  /// Pushes pages in the background, as far as the line has room and within the bandwidth that was given. Pages that are
  /// asked for do not wait for that.
  mutating func continuePush(_ attempt: MigrationAttempt, batchLeft: Bool, _ out: inout EffectBuffer) {
    if batchLeft { keptPages[attempt]?.batchLeft(at: out.now) }
    while true {
      switch keptPages[attempt]?.nextPush(at: out.now) {
      case .wait, nil: return
      case .waitUntil(let time): return out.setTimer(.pace(attempt), at: time)
      case .send(let batch):
        guard let node = keptPages[attempt]?.client else { return }
        let bytes = sendSupply(batch, of: attempt, to: node, notify: .pages(attempt), &out)
        let work = settings.costs.packet + settings.costs.page * UInt64(batch.pages.count)
        let end = workEnd(at: out.now, with: work)
        keptPages[attempt]?.batchPushed(bytes: bytes, at: out.now, workEnd: end)
      }
    }
  }

  /// - Returns: bytes on the network.
  @discardableResult
  private mutating func sendSupply(
    _ batch: PageBatch, of attempt: MigrationAttempt, to node: NodeID, notify: Notice?,
    _ out: inout EffectBuffer
  ) -> Int {
    let packet = Packet.pageSupply(attempt, batch)
    let bytes = packet.encodedSize
    let again = keptPages[attempt]?.batchSupplied(batch, to: node) ?? 0
    out.report(.migration(attempt, .sent(batch, again: again, bytes: bytes)))
    send(packet, size: bytes, to: node, telling: notify, &out)
    return bytes
  }

  /// The node because of which this one has no pages of that migration: the one on which the process was thought to be when
  /// they were given up, or itself, since it fell.
  func reasonForWithdrawing(_ attempt: MigrationAttempt) -> NodeID { givenUp[attempt]?.client ?? id }

  // MARK: - Where the process is

  /// The process is at `node`, which says so itself, and needs these pages.
  mutating func clientCame(
    _ attempt: MigrationAttempt, to node: NodeID, epoch: UInt32, needing pages: PageSet, afterBreak: Bool,
    _ out: inout EffectBuffer
  ) {
    settleFlush(attempt, &out)
    switch keptPages[attempt]?.processCame(to: node, epoch: epoch) {
    case nil: out.send(.withdrawn(attempt, becauseOf: reasonForWithdrawing(attempt)), to: node)
    case false? where !isNews(attempt, from: node, epoch: epoch, afterBreak: afterBreak): break
    case false?, true?:
      let asked = keptPages[attempt]?.needs(pages, at: node)
      if let asked, !asked.pages.isEmpty { sendSupply(asked, of: attempt, to: node, notify: nil, &out) }
      continuePush(attempt, batchLeft: false, &out)
    }
  }

  /// Whether a kernel that is known to have the process says what it needs since pages on their way to it are lost: one of
  /// the two has seen the connection break.
  private func isNews(_ attempt: MigrationAttempt, from node: NodeID, epoch: UInt32, afterBreak: Bool) -> Bool {
    guard let kept = keptPages[attempt], kept.client == node, kept.clientEpoch == epoch else { return false }
    return kept.recovers && (afterBreak || kept.hasLostReceiver)
  }

  /// A kernel that the process has left says that it went on to `node`: that is asked.
  mutating func clientMovedOn(
    _ attempt: MigrationAttempt, to node: NodeID, epoch: UInt32, _ out: inout EffectBuffer
  ) {
    guard node != id, keptPages[attempt]?.processReported(at: node, epoch: epoch) == true else { return }
    out.send(.stillNeeded(attempt, epoch: epoch), to: node)
  }

  /// The connection to `peer` broke. A process whose pages are here may have gone there without this node's having heard of
  /// it: where it is thought to be, that is asked.
  func askAfterClients(losing peer: NodeID, _ out: inout EffectBuffer) {
    for kept in keptPages.values where kept.client != peer { askAfterClient(of: kept, &out) }
  }

  func askAfterClient(of kept: KeptPages, _ out: inout EffectBuffer) {
    guard kept.stage == .kept, kept.client != id else { return }
    out.send(.stillNeeded(kept.attempt, epoch: kept.clientEpoch), to: kept.client)
  }

  // MARK: - When they are needed no more

  /// A kernel says that the process needs nothing more; one from which the process has moved on since says it in vain.
  mutating func releasePages(
    _ attempt: MigrationAttempt, epoch: UInt32, from node: NodeID, _ out: inout EffectBuffer
  ) {
    // From where it went on to, after a flush to here of which its destination could not tell.
    if epoch > attempt.epoch { settleFlush(attempt, &out) }
    releaseFlush(attempt, from: node, &out)
    if keptPages[attempt]?.isReleased(by: epoch) == true { dropPages(of: attempt, &out) }
    if givenUp[attempt]?.isReleased(by: epoch) == true { givenUp[attempt] = nil }
  }

  /// The connection to `peer` broke: pages kept for processes there go, but for those that are kept in any case.
  mutating func connectionBrokeWithClient(_ peer: NodeID, _ out: inout EffectBuffer) {
    // Those of a process that may be about to run here will be at home then.
    for kept in keptPages.values where kept.client == peer {
      if kept.recovers {
        keptPages[kept.attempt]?.connectionBroke()
        askAfterClient(of: kept, &out)
      } else if arrivals[kept.attempt.process]?.isInDoubt != true {
        giveUpPages(of: kept.attempt, &out)
      }
    }
  }

  /// A process whose connection to its pages here broke while it was about to come does not come.
  mutating func giveUpPages(awaiting arrival: Arrival, _ out: inout EffectBuffer) {
    for kept in keptPages.values
    where kept.attempt.process == arrival.attempt.process && kept.client == arrival.source && !kept.recovers {
      giveUpPages(of: kept.attempt, &out)
    }
  }

  /// The process, where it was last heard of, cannot have its pages from here any more.
  private mutating func giveUpPages(of attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let pages = keptPages[attempt]?.giveUp() else { return }
    givenUp[attempt] = pages
    dropPages(of: attempt, &out)
  }

  /// The process is here, or has died here: it does not ask for pages that were given up here any more.
  mutating func forgetGivenUpPages(of process: ProcessID) {
    if !givenUp.isEmpty { givenUp = givenUp.filter { $0.key.process != process } }
  }

  /// Gives back the frames of pages that nobody needs, and with them a flush that writes to them.
  mutating func dropPages(of attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let kept = keptPages.removeValue(forKey: attempt) else { return }
    if kept.stage == .written { freeFrames += flushes.removeValue(forKey: attempt.process)?.reserved ?? 0 }
    freeFrames += kept.pages.count
    out.report(.migration(attempt, .released))
  }
}
