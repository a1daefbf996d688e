/// Pre-transfer (the V system's pre-copy): the process runs on at the source while its whole address space is sent, then
/// the pages that were written meanwhile, round after round, until a round no longer reduces their number. Then it is
/// frozen, and what remains goes with its state.
///
/// The freeze time is that of the last few pages; the price is pages sent more than once, and a longer total time. A
/// round takes the set of dirty pages and clears it; it ends when its last packet has left. A process that writes as
/// fast as the link carries is frozen after the first round that gained nothing.
struct PreTransfer: Transfer {
  private var stream = PageStream(PageSet())
  /// Rounds begun, without the last, in which the process stands still.
  private var rounds = 0
  private var startedAt: Nanoseconds = 0
  private var pages = 0
  private var bytes = 0
  /// What the round came to, once its last packet has left.
  private var judged: TransferRound?
  private var isLast = false

  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    if view.isFrozen, !isLast {
      isLast = true
      begin(space.takeDirty(), view)
    } else if rounds == 0, !view.isFrozen {
      _ = space.takeDirty()
      rounds = 1
      begin(space.resident, view)
    }
    if let batch = stream.next(space, marksZeros: view.options.marksZeros) {
      pages += batch.pages.count
      bytes += batch.pages.count * (space.pageSize + Packet.pageOverhead) - batch.zeroCount * space.pageSize
      return .send(batch)
    }
    if isLast { return .handOver }
    guard view.outstanding == 0 else { return .wait }
    guard let round = judged else {
      let round = judge(space, view)
      judged = round
      return .endRound(round)
    }
    guard round.outcome == .goesOn else { return .freeze }
    rounds += 1
    begin(space.takeDirty(), view)
    return next(&space, view)
  }

  private mutating func begin(_ pages: PageSet, _ view: TransferView) {
    stream = PageStream(pages)
    startedAt = view.now
    self.pages = 0
    bytes = 0
    judged = nil
  }

  /// What the round that has just ended came to.
  private func judge(_ space: AddressSpace, _ view: TransferView) -> TransferRound {
    let dirtied = space.dirty.count
    let time = max(1, view.now - startedAt)
    let remaining = UInt64(dirtied) * UInt64(space.pageSize + Packet.pageOverhead)
    // What remains at the rate of this round, and three trips: the handover, the answer, the commit.
    let freezeTime = remaining.scaled(by: time, over: UInt64(max(1, bytes))) + view.roundTrip / 2 * 3
    let outcome: TransferRound.Outcome
    if dirtied == 0 {
      outcome = .clean
    } else if let downtime = view.options.downtime, freezeTime <= downtime {
      outcome = .downtimeMet
    } else if dirtied >= pages {
      outcome = .noReduction
    } else if let bound = view.options.maxRounds, rounds >= bound {
      outcome = .boundReached
    } else {
      outcome = .goesOn
    }
    return TransferRound(
      startedAt: startedAt, duration: time, pages: pages, bytes: bytes, dirtied: dirtied, outcome: outcome,
      expectedFreezeTime: freezeTime)
  }
}
