/// A flush to a backing node that is neither the source nor the destination.
///
///     source                              backing node                        destination
///     [offer, accept]
///     reserve                         ->
///                                     <-  reserved, or refuse
///     [every thread at a safe point]
///     pages, pagesEnd                 ->
///                                     <-  pagesKept
///     [handover, installed, commit]
///                                         [it belongs to the destination] <-  client
///
/// Pages are written straight over those that an earlier migration left here, if there are any: the source sends
/// only pages of which this node lacks the present contents, so nothing is overwritten that the process could still
/// need, whether the attempt succeeds or not. Until the process is activated at its destination the pages keep their
/// old name and serve the source.
///
/// What a fault at each arrow does, beyond what it does to the handover (see `NodeKernel+MigrationSource.swift`):
///
///     at                | source crashes            | backing node crashes       | its connection to the source    | late or repeated packet
///                       |                           |                            | breaks, both live               |
///     ------------------+---------------------------+----------------------------+---------------------------------+------------------------
///     reserve, reserved,| the process is lost with  | source told: aborts, and   | source told: aborts; backing    | of an older epoch:
///     refuse            | it; backing node told:    | tells the destination; the | node told: gives the frames     | dropped; a request of a
///                       | gives the frames back     | process goes on, unless it | back, and says `unknown`, at    | newer one replaces it; one
///                       |                           | needs pages from there     | which a source not told aborts  | that comes again later is
///                       |                           |                            |                                 | given up when the
///                       |                           |                            |                                 | destination has answered
///     pages, pagesEnd   | as above                  | as above; thaws            | as above; an end mark that      | dropped; an end mark is
///                       |                           |                            | still comes is answered         | answered `unknown`, which
///                       |                           |                            | `unknown`                       | another epoch ignores
///     pagesKept         | backing node in doubt, as | before the commit: as      | source told: aborts; backing    | dropped by a source that
///                       | it cannot know of a       | above; after it: the       | node told: asks the             | has aborted
///                       | commit: it asks the       | process dies as soon as    | destination, which is silent    |
///                       | destination, which is     | the destination knows that | as long as the attempt may yet  |
///                       | silent while it is in     | pages it needs are gone    | succeed                         |
///                       | doubt itself, and says    |                            |                                 |
///                       | `activated` if it has run |                            |                                 |
///                       | there, else `abort`       |                            |                                 |
///     client            | it is not needed          | as above: a node that has  | it is not needed                | ignored, as is a release
///                       |                           | rebooted says `withdrawn`  |                                 | from where it is no more
///
/// When the destination crashes the source says what becomes of the attempt: it aborts, or it learns that the process
/// was lost after the commit and releases what is here. Is the source out of reach as well, nobody can use it. A backing
/// node that has heard nothing for long asks the destination in any case, so that no lost packet leaves frames
/// reserved for ever.
extension NodeKernel {
  // MARK: - The source

  mutating func askForRoom(_ slot: Int, _ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let departure = departures[attempt.process], let node = departure.thirdNode,
      departures[attempt.process]?.reserve() == true
    else { return }
    let options = departure.options
    let place = processes[slot].holders.firstIndex { $0.node == node }
    // From here on that node is not told that the last page has come: it may be about to write to what it has.
    if let place { processes[slot].holders[place].becomeBacking() }
    let request = FlushRequest(
      destination: departure.destination, pages: UInt32(clamping: processes[slot].space.pageCount),
      pageSize: UInt32(clamping: settings.pageSize),
      base: place.map { processes[slot].holders[$0].attempt.epoch }, pushes: options.pushes,
      bandwidth: options.bandwidth, marksZeros: options.marksZeros, recovers: options.recovers)
    out.send(.reserve(attempt, request), to: node)
  }

  mutating func flushAccepted(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) != nil, departures[attempt.process]?.reserved() == true else { return }
    out.report(.migration(attempt, .reserved))
    pumpPages(attempt, batchLeft: false, &out)
  }

  mutating func flushSealed(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard stage(of: attempt) != nil, departures[attempt.process]?.sealed() == true else { return }
    out.report(.migration(attempt, .flushed))
    pumpPages(attempt, batchLeft: false, &out)
  }

  // MARK: - The backing node

  mutating func considerFlush(
    _ attempt: MigrationAttempt, _ request: FlushRequest, from source: NodeID, _ out: inout EffectBuffer
  ) {
    let process = attempt.process
    let known = keptPages.keys.filter { $0.process == process }
    guard known.allSatisfy({ $0.epoch < attempt.epoch }) else { return }
    if let older = flushes[process] {
      guard older.attempt.epoch < attempt.epoch else { return }
      // Only the owner asks, and epochs grow. If it calls what is here by the name of the older attempt, the process has run
      // at its destination, and word of that is still on its way; else that attempt was aborted.
      if request.base == older.attempt.epoch {
        flushHasSucceeded(older.attempt, &out)
      } else {
        giveBack(older, &out)
      }
    }
    guard request.pageSize == UInt32(clamping: settings.pageSize) else {
      return out.send(.refuse(attempt, .backingHasOtherPageSize), to: source)
    }
    var base = request.base.map { MigrationAttempt(process: process, epoch: $0) }
    if let missing = base, keptPages[missing] == nil {
      out.send(.withdrawn(missing, becauseOf: reasonForWithdrawing(missing)), to: source)
      base = nil
    }
    // The process has moved on since.
    if let base, keptPages[base]?.client != source { return out.send(.unknown(attempt), to: source) }
    // Nobody knows yet which pages will have been written when the process is frozen: there must be room for all.
    let pages = Int(request.pages)
    let frames = max(0, pages - (base.flatMap { keptPages[$0]?.pages.count } ?? 0))
    guard freeFrames >= frames else { return out.send(.refuse(attempt, .backingHasNoRoom), to: source) }
    freeFrames -= frames
    if let base {
      keptPages[base]?.beginWriting()
    } else {
      keptPages[attempt] = KeptPages(writtenBy: attempt, request, from: source)
    }
    flushes[process] = Flush(
      attempt, request, from: source, to: base ?? attempt, reserved: frames, now: out.now)
    out.setTimer(.flush(attempt), at: out.now + patience)
    out.send(.reserved(attempt), to: source)
  }

  mutating func storeFlushed(_ attempt: MigrationAttempt, _ batch: PageBatch, now: Nanoseconds) {
    guard var flush = flush(attempt), let pageCount = keptPages[flush.target]?.space.pageCount else { return }
    flush.heard(at: now)
    for (index, form) in batch.pages where Int(index) < pageCount {
      // Nothing is sent to a backing node twice, so a difference would be one from zeros.
      guard let page = form.page(over: .zero, pageSize: batch.pageSize) else { continue }
      // More than there is room for is more than was asked for.
      keptPages[flush.target]?.store(page, at: Int(index), isNew: batch.makesBytes(of: form)) { flush.takeFrame() }
    }
    flushes[attempt.process] = flush
  }

  /// All pages have come; what was reserved for others is free.
  mutating func sealFlush(_ attempt: MigrationAttempt, from source: NodeID, _ out: inout EffectBuffer) {
    guard flush(attempt) != nil else { return out.send(.unknown(attempt), to: source) }
    freeFrames += flushes[attempt.process]?.seal(at: out.now) ?? 0
    out.send(.pagesKept(attempt), to: source)
  }

  /// The process runs at its destination: from now on what it wrote here has the name of its latest migration.
  mutating func settleFlush(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let flush = flush(attempt), keptPages[flush.target]?.settle(flush) == true,
      let kept = keptPages.removeValue(forKey: flush.target)
    else { return }
    flushes[attempt.process] = nil
    freeFrames += flush.reserved
    if flush.target != attempt { out.report(.migration(flush.target, .released)) }
    keptPages[attempt] = kept
  }

  /// The destination says, when it is asked, that the process did run there. It may be there still, or have left, or have
  /// ended: whichever it is, the news of it is sent again if it was lost.
  mutating func flushActivated(_ attempt: MigrationAttempt, at node: NodeID, _ out: inout EffectBuffer) {
    guard let flush = flush(attempt), flush.destination == node else { return }
    // The process went there only after this node had all pages: an old request that came again began this flush.
    guard flush.isSealed else { return giveBack(flush, &out) }
    settleFlush(attempt, &out)
    keptPages[attempt]?.processCame(to: node, epoch: attempt.epoch)
  }

  /// Whoever has the process now calls what is here by the name of that attempt: the process has run at its destination, and
  /// word of that is still on its way.
  mutating func flushHasSucceeded(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    if let flush = flush(attempt) { flushActivated(attempt, at: flush.destination, &out) }
  }

  /// The attempt is off, as its source says, or its destination when the source cannot be reached: then the process is
  /// out of reach as well.
  mutating func discardFlush(_ attempt: MigrationAttempt, from node: NodeID, _ out: inout EffectBuffer) {
    guard let flush = flush(attempt) else { return }
    if flush.isInDoubt, node != flush.source { return abandon(flush, &out) }
    giveBack(flush, &out)
    // A destination that has rebooted says so of what was completed, too.
    if node != flush.source, let kept = keptPages[flush.target] { askAfterClient(of: kept, &out) }
  }

  /// The process is no more: it has ended at the source, or was lost with the destination; or it has ended at the
  /// destination, which did not get through with the news that it was there.
  mutating func releaseFlush(_ attempt: MigrationAttempt, from node: NodeID, _ out: inout EffectBuffer) {
    if let flush = flush(attempt), flush.source == node || flush.destination == node { abandon(flush, &out) }
  }

  mutating func connectionBrokeDuringFlush(_ peer: NodeID, _ out: inout EffectBuffer) {
    for flush in flushes.values {
      if flush.source == peer, flushes[flush.attempt.process]?.sourceLost() == true {
        // It may have been committed.
        out.send(.query(flush.attempt), to: flush.destination)
      } else if flush.source == peer {
        abandon(flush, &out)
        // Should the source live, it may be the only one not to know that the connection broke.
        out.send(.unknown(flush.attempt), to: peer)
      } else if flush.destination == peer, flush.isInDoubt {
        abandon(flush, &out)
      }
    }
  }

  /// Asks the destination how the attempt stands, unless it was heard of lately.
  mutating func retryFlush(_ attempt: MigrationAttempt, _ out: inout EffectBuffer) {
    guard let flush = flush(attempt) else { return }
    if out.now >= flush.lastHeard + patience { out.send(.query(attempt), to: flush.destination) }
    out.setTimer(.flush(attempt), at: out.now + patience)
  }

  private func flush(_ attempt: MigrationAttempt) -> Flush? {
    flushes[attempt.process].flatMap { $0.attempt == attempt ? $0 : nil }
  }

  /// Frees what was reserved for an attempt that is off. What was here before it stays.
  private mutating func giveBack(_ flush: Flush, _ out: inout EffectBuffer) {
    flushes[flush.attempt.process] = nil
    freeFrames += flush.reserved
    if flush.target != flush.attempt {
      keptPages[flush.target]?.writingIsOff()
    } else if let kept = keptPages.removeValue(forKey: flush.attempt) {
      freeFrames += kept.pages.count
    }
    out.report(.migration(flush.attempt, .discarded))
  }

  /// Ends a flush whose source cannot use any more what is here.
  private mutating func abandon(_ flush: Flush, _ out: inout EffectBuffer) {
    giveBack(flush, &out)
    if keptPages[flush.target]?.client == flush.source { dropPages(of: flush.target, &out) }
  }
}
