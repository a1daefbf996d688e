/// Pre-transfer (the V system's pre-copy): the process runs on at the source while its whole address space is sent, then
/// the pages that were written meanwhile, round after round, until a round no longer reduces their number. Then it is
/// frozen, and what remains goes with its state.
///
/// The freeze time is that of the last few pages; the price is pages sent more than once, and a longer total time. A
/// round takes the set of dirty pages and clears it; it ends when its last packet has left. A process that writes as
/// fast as the line carries is frozen after the first round that gained nothing.
///
/// When others go with it that may not be frozen yet, the process runs on, and what it writes meanwhile goes as soon as
/// the line has taken what went before: one more round, which ends when all may be frozen.
///
/// With a throttle such a process is slowed down instead, and more so after each further round that gains too little;
/// see `Throttle`. With differences, a page sent again takes what it differs in from what was sent; see `PageDelta`. As
/// the first round sends whole pages, it is not the last then for having gained nothing.
struct PreTransfer: Transfer {
  private var stream = PageStream(PageSet())
  /// Rounds begun, without the last, in which the process stands still.
  private var rounds = 0
  private var startedAt: Nanoseconds = 0
  /// When the dirty pages were last taken.
  private var takenAt: Nanoseconds = 0
  private var pages = 0
  private var bytes = 0
  /// The highest rate at which different pages were found written, since the round began, whenever a batch had left.
  private var writeRate: UInt64 = 0
  private var throttle = 0
  /// What the destination holds, when pages go as differences from it.
  private var sent: SentPages?
  /// What the round came to, once its last packet has left.
  private var judged: TransferRound?
  /// This round lasts until others may be frozen too.
  private var isKeepingUp = false
  private var isLast = false

  /// Pages of this round that have not gone yet.
  var unsent: PageSet { stream.left }

  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    if view.isFrozen, !isLast {
      if let round = endKeepingUp(space, view) { return .endRound(round) }
      isLast = true
      var rest = space.takeDirty()
      rest.formUnion(unsent)
      begin(rest, view)
    } else if rounds == 0, !view.isFrozen {
      _ = space.takeDirty()
      rounds = 1
      if view.options.sendsDeltas { sent = SentPages(of: space) }
      begin(space.resident, view)
    }
    if view.now > takenAt {
      writeRate = max(writeRate, UInt64(space.dirty.count).scaled(by: 1_000_000_000, over: view.now - takenAt))
    }
    if let batch = stream.next(space, marksZeros: view.options.marksZeros, over: sent) {
      sent?.note(batch, of: space)
      pages += batch.pages.count
      bytes += batch.size
      return .send(batch)
    }
    if isLast { return .handOver }
    guard view.outstanding == 0 else { return .wait }
    if view.awaitsFamily { return keepUp(&space, view) }
    guard let round = judged else {
      let round = judge(space, view)
      judged = round
      return .endRound(round)
    }
    switch round.outcome {
    case .slowsDown where throttle == round.throttle:
      throttle = Throttle.next(after: throttle)
      return .throttle(throttle)
    case .goesOn, .slowsDown:
      rounds += 1
      begin(space.takeDirty(), view)
      return next(&space, view)
    case .clean, .noReduction, .boundReached, .downtimeMet, .familyReady: return .freeze
    }
  }

  /// All pages have gone that the process had written. It runs on, for others that go with it may not be frozen yet.
  private mutating func keepUp(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    let written = space.takeDirty()
    if isKeepingUp {
      stream = PageStream(written)
      takenAt = view.now
    } else {
      isKeepingUp = true
      rounds += 1
      begin(written, view)
    }
    return written.isEmpty ? .waitUntil(view.now + max(view.roundTrip, Self.shortestPause)) : next(&space, view)
  }

  /// How long a process that writes nothing is left alone at least before it is looked at again.
  private static let shortestPause: Nanoseconds = 1_000_000

  /// Frozen: what the round came to in which the process waited for others; nil when there was none, or it has been told.
  mutating func endKeepingUp(_ space: AddressSpace, _ view: TransferView) -> TransferRound? {
    guard isKeepingUp else { return nil }
    isKeepingUp = false
    return judge(space, view, .familyReady)
  }

  private mutating func begin(_ pages: PageSet, _ view: TransferView) {
    stream = PageStream(pages)
    startedAt = view.now
    takenAt = view.now
    self.pages = 0
    bytes = 0
    writeRate = 0
    judged = nil
  }

  /// What the round that has just ended came to.
  ///
  /// - Parameter known: what follows from it, when that is no matter of its pages.
  private func judge(
    _ space: AddressSpace, _ view: TransferView, _ known: TransferRound.Outcome? = nil
  ) -> TransferRound {
    var written = space.dirty
    if !unsent.isEmpty { written.formUnion(unsent) }
    let dirtied = written.count
    let time = max(1, view.now - startedAt)
    // What remains, and the state, and three trips: the handover, the answer, the commit. They go at the rate of this
    // round; if that was capped and the cap ends with the freeze, at that of a batch which had the line for itself.
    let isUncapped = view.options.bandwidth != nil && !view.options.capsStop
    let round = (bytes: bytes, time: time)
    let measured = isUncapped ? view.carriedAlone ?? round : round
    // Differences are taken to be as long as those of this round; the first had none yet.
    let isOfDeltas = sent != nil && rounds > 1
    let rest = isOfDeltas ? dirtied * bytes / max(1, pages) : dirtied * (space.pageSize + Packet.pageOverhead)
    let sending = UInt64(rest + view.stateSize).scaled(by: measured.time, over: UInt64(max(1, measured.bytes)))
    let freezeTime = sending + view.roundTrip / 2 * 3
    let outcome =
      known
      ?? TransferRound.Outcome(
        round: rounds, pages: pages, dirtied: dirtied, throttle: throttle, freezeTime: freezeTime, view.options)
    return TransferRound(
      startedAt: startedAt, duration: time, pages: pages, bytes: bytes, dirtied: dirtied, writeRate: writeRate,
      throttle: throttle, outcome: outcome, expectedFreezeTime: freezeTime)
  }
}

extension TransferRound.Outcome {
  /// What follows from a round.
  ///
  /// - Parameters:
  ///   - round: its number, from 1.
  ///   - pages: how many it sent.
  ///   - dirtied: how many were written meanwhile.
  ///   - throttle: by how many hundredths of its speed the process was slowed down.
  ///   - freezeTime: how long it would stand still if it were frozen now.
  ///   - options: what the operator chose.
  public init(
    round: Int, pages: Int, dirtied: Int, throttle: Int, freezeTime: Nanoseconds, _ options: TransferOptions
  ) {
    // From the second round on pages go as differences, if at all: how fast that is has yet to be seen.
    let isVain = dirtied >= pages && (!options.sendsDeltas || round > 1)
    if dirtied == 0 {
      self = .clean
    } else if let downtime = options.downtime, freezeTime <= downtime {
      self = .downtimeMet
    } else if isVain, !options.throttles || throttle == Throttle.most {
      self = .noReduction
    } else if let bound = options.maxRounds, round >= bound {
      self = .boundReached
    } else if isVain || (1..<Throttle.most).contains(throttle) && dirtied > pages / 2 {
      self = .slowsDown
    } else {
      self = .goesOn
    }
  }
}

/// By how much a process that does not converge is slowed down, in hundredths of its speed: QEMU's auto-converge, with
/// its defaults (`cpu-throttle-initial` 20, `cpu-throttle-increment` 10, `max-cpu-throttle` 99).
///
/// It begins with the first round that reduces nothing, where pre-transfer would give up. From then on it grows with
/// each round in which more than half as much was written as was sent: QEMU's `throttle-trigger-threshold` of 50 %, by
/// which it also begins (`migration_trigger_throttle` in migration/ram.c). QEMU counts bytes, and waits for a second
/// such round each time; here pages are counted, so that marks and differences do not make a writer look faster, and
/// one round is enough. So there are few: each makes the process slower, or halves what is left, until it is as slow as
/// can be; then each leaves less, or is the last.
public enum Throttle {
  /// The process keeps a hundredth of its speed.
  public static let most = 99

  /// The next step: 20, 30, 40 and so on to 90, and 99.
  public static func next(after throttle: Int) -> Int { throttle == 0 ? 20 : min(throttle + 10, most) }
}
