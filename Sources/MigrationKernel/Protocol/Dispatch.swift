/// Which role each packet is for. A kernel has all roles at once, for different processes:
///
///     role            | what it does                                    | where it is
///     ----------------+-------------------------------------------------+-------------------------------------------
///     source          | has a process that is being moved               | NodeKernel+MigrationSource
///     destination     | is to get it                                    | NodeKernel+MigrationDestination
///     backing node    | is written to by a flush                        | NodeKernel+MigrationBacking
///     holder          | keeps pages of a process that is elsewhere      | NodeKernel+PageHolder, KeptPages
///     client          | has a process whose pages are elsewhere         | NodeKernel+PageClient, RemoteHolding
///     origin          | created a process that is elsewhere             | Forwarding/AskOriginSite
///     correspondent   | has a process that talks to one that moved      | Forwarding/LinkUpdate, Locating
///     on the way      | gets what is for a process                      | Messages/NodeKernel+Delivery, +Sending
extension NodeKernel {
  /// There is room for more pages: those that go before the process runs elsewhere, or those pushed after it.
  mutating func sendMore(of attempt: MigrationAttempt, batchLeft: Bool, _ out: inout EffectBuffer) {
    if keptPages[attempt] == nil {
      pumpPages(attempt, batchLeft: batchLeft, &out)
    } else {
      continuePush(attempt, batchLeft: batchLeft, &out)
    }
  }

  mutating func receive(_ packet: consuming Packet, from node: NodeID, incarnation: UInt32, _ out: inout EffectBuffer) {
    switch consume packet {
    case .routed(var routed):
      if !routed.riders.isEmpty { takeOff(routed.takeRiders(), &out) }
      routed.sentBefore = 0
      route(routed, &out)
    case .offer(let attempt, let offer): considerOffer(attempt, offer, from: node, incarnation, &out)
    case .pages(let attempt, let batch):
      storePages(attempt, batch, from: node, &out)
      storeFlushed(attempt, batch, now: out.now)
    case .handover(let attempt, let process): install(attempt, process, from: node, &out)
    case .commit(let attempt): activate(attempt, from: node, &out)
    case .abort(let attempt):
      discardArrival(attempt, sourceIncarnation: incarnation, &out)
      discardFlush(attempt, from: node, &out)
    case .accept(let attempt): offerAccepted(attempt, &out)
    case .refuse(let attempt, let refusal): offerRefused(attempt, refusal, &out)
    case .installed(let attempt): departureInstalled(attempt, &out)
    case .activated(let attempt):
      completeDeparture(attempt, &out)
      flushActivated(attempt, at: node, &out)
    case .query(let attempt): answerQuery(attempt, from: node, &out)
    case .unknown(let attempt): departureUnknown(attempt, from: node, &out)
    case .reserve(let attempt, let request): considerFlush(attempt, request, from: node, &out)
    case .reserved(let attempt): flushAccepted(attempt, &out)
    case .pagesEnd(let attempt): sealFlush(attempt, from: node, &out)
    case .pagesKept(let attempt): flushSealed(attempt, &out)
    case .pageRequest(let attempt, let pages): supplyPages(attempt, pages, to: node, &out)
    case .pageSupply(let attempt, let batch): takeSupply(attempt, batch, &out)
    case .withdrawn(let attempt, let fallen): pagesWithdrawn(attempt, becauseOf: fallen, &out)
    case .client(let attempt, let epoch, let pages, let afterBreak):
      clientCame(attempt, to: node, epoch: epoch, needing: pages, afterBreak: afterBreak, &out)
    case .movedOn(let attempt, let node, let epoch): clientMovedOn(attempt, to: node, epoch: epoch, &out)
    case .stillNeeded(let attempt, let epoch): answerHolder(attempt, epoch: epoch, at: node, &out)
    case .locate(let process): answerLocate(process, by: node, &out)
    case .located(let process, let address): processFound(process, address, &out)
    case .moving(let process): processIsMoving(process, from: node)
    case .moved(let process, let address): moveReported(process, address, &out)
    case .forget(let process): forgetProcess(process, &out)
    case .linkUpdated(let attempt, let place, let correspondent, let isMoving):
      correspondentAcknowledged(attempt, at: place, by: correspondent, isMoving: isMoving, &out)
    case .release(let attempt, let epoch): releasePages(attempt, epoch: epoch, from: node, &out)
    case .fileCall(let call): answerFileCall(call, from: node, &out)
    case .fileAnswer(let answer): takeFileAnswer(answer, &out)
    case .load(let report): loadTold(report, by: node, now: out.now)
    case .probe(let probe): answerProbe(probe, from: node, incarnation: incarnation, &out)
    case .probeAnswer(let answer): probeAnswered(answer, by: node, &out)
    // It says nothing by itself, and the rest comes on the same connection or not at all.
    case .part: break
    }
  }
}
