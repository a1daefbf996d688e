import Testing

@testable import MigrationKernel

/// The stages of a migration at each of its ends: every verb in every stage.
@Suite struct StageTests {
  static let process = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)
  static let attempt = MigrationAttempt(process: process, epoch: 3)

  /// A departure with a third node, brought to a stage.
  static func departure(at stage: Departure.Stage) -> Departure {
    var options = TransferOptions(.flushing)
    options.bandwidth = 8_000_000
    var departure = Departure(
      attempt, to: NodeID(1), options, backing: .third(NodeID(2)), family: nil, now: 10)
    let steps: [(Departure.Stage, (inout Departure) -> Void)] = [
      (.accepted, { _ = $0.accept(at: 14) }), (.transferring, { _ = $0.beginTransfer() }),
      (.reserving, { _ = $0.reserve() }), (.transferring, { _ = $0.reserved() }),
      (.freezing, { _ = $0.freeze(.active) }),
      (.sending, { _ = $0.frozen(backed: PageSet(all: 2), at: 30) }), (.sealing, { _ = $0.seal() }),
      (.sending, { _ = $0.sealed() }),
      (
        .handedOver,
        {
          let left = Departure.Left(pages: PageSet(all: 3), holders: [], trail: [NodeID(0)])
          _ = $0.handOver(left, at: 40)
        }
      ),
      (.installed, { _ = $0.installed() }), (.committed, { _ = $0.commit() }),
    ]
    for (reached, step) in steps where departure.stage != stage {
      step(&departure)
      #expect(departure.stage == reached)
    }
    #expect(departure.stage == stage)
    return departure
  }

  static let stages: [Departure.Stage] = [
    .negotiating, .accepted, .transferring, .reserving, .freezing, .sending, .sealing, .handedOver, .installed,
    .committed,
  ]

  /// Every verb changes nothing, except in the stages to which it belongs.
  @Test(arguments: stages) func verbsBelongToTheirStages(stage: Departure.Stage) {
    let left = Departure.Left(pages: PageSet(), holders: [], trail: [])
    let verbs: [(from: Departure.Stage, to: Departure.Stage, verb: (inout Departure) -> Bool)] = [
      (.negotiating, .accepted, { $0.accept(at: 20) }),
      (.accepted, .transferring, { $0.beginTransfer() }),
      (.transferring, .reserving, { $0.reserve() }),
      (.reserving, .transferring, { $0.reserved() }),
      (.transferring, .freezing, { $0.freeze(.held) }),
      (.freezing, .sending, { $0.frozen(backed: PageSet(), at: 30) }),
      (.sending, .sealing, { $0.seal() }),
      (.sealing, .sending, { $0.sealed() }),
      (.sending, .handedOver, { $0.handOver(left, at: 40) }),
      (.handedOver, .installed, { $0.installed() != nil }),
      (.installed, .committed, { $0.commit() }),
    ]
    for (from, to, verb) in verbs {
      var departure = Self.departure(at: stage)
      let isDone = verb(&departure)
      #expect(isDone == (stage == from), "\(from) to \(to)")
      #expect(departure.stage == (stage == from ? to : stage), "\(from) to \(to)")
    }
  }

  @Test(arguments: stages) func aStageHasItsOwnData(stage: Departure.Stage) throws {
    let departure = Self.departure(at: stage)
    let isEarly = [.negotiating, .accepted].contains(stage)
    let isRunning = isEarly || [.transferring, .reserving, .freezing].contains(stage)
    let isGone = [.handedOver, .installed, .committed].contains(stage)
    #expect(departure.participants == (isEarly ? [NodeID(1)] : [NodeID(1), NodeID(2)]))
    #expect(departure.isFrozen == !isRunning)
    #expect(departure.phaseBefore == (isRunning && stage != .freezing || stage == .committed ? nil : .active))
    #expect(departure.left?.trail == (isGone ? [NodeID(0)] : nil))
    let space = AddressSpace(pageCount: 4, pageSize: 64)
    let handover = departure.handover(space)
    #expect(
      handover?.acceptedAt == (stage == .sending ? 14 : nil) && handover?.roundTrip == (stage == .sending ? 4 : nil))
  }

  @Test(arguments: stages) func whatComesWaitsWhileItStandsStill(stage: Departure.Stage) {
    var departure = Self.departure(at: stage)
    let routed = RoutedPacket(to: Self.process, body: .message(EncodingTests.message("x", size: 1)))
    let isFrozen = departure.isFrozen
    let (first, second) = (departure.queue(routed), departure.queue(routed))
    #expect(first == (isFrozen ? .queued : .notFrozen) && second == (isFrozen ? .repeated : .notFrozen))
    departure.handedBack()
    #expect(departure.waiting.queue.count == (isFrozen ? 1 : 0) && departure.waiting.hasHandedBack == isFrozen)
    let isNew = [departure.awaits(NodeID(5)), departure.awaits(NodeID(5))]
    #expect(isNew == [true, false] && departure.seekers == [NodeID(5)])
    #expect(departure.stage == stage)
  }

  @Test func pagesGoOnlyWhileTheyAreSent() {
    for stage in Self.stages {
      var departure = Self.departure(at: stage)
      var space = AddressSpace(pageCount: 4, pageSize: 64)
      switch departure.nextStep(&space, now: 20, stateSize: 0) {
      case .act: #expect(stage == .transferring || stage == .sending)
      case .wait, .waitUntil: #expect(stage != .transferring && stage != .sending)
      }
    }
  }

  @Test func aPacedSenderKeepsToItsWindowAndItsBandwidth() throws {
    var free = PacedSender(bandwidth: nil)
    free.batchSent(bytes: 1_000, at: 5, workEnd: 5)
    #expect(free.readiness(at: 5) == .ready)
    free.batchSent(bytes: 1_000, at: 5, workEnd: 5)
    #expect(free.readiness(at: 5) == .full && free.outstanding == PacedSender.window)
    free.batchLeft(at: 6)
    #expect(free.readiness(at: 6) == .ready && free.carried == nil, "neither had the line for itself")
    // A thousand bytes at a megabyte a second.
    var slow = PacedSender(bandwidth: 8_000_000)
    slow.batchSent(bytes: 1_000, at: 5, workEnd: 5)
    #expect(slow.readiness(at: 5) == .full, "the batch says when it has left")
    slow.batchLeft(at: 6)
    #expect(try #require(slow.carried) == (1_000, 1))
    #expect(slow.readiness(at: 6) == .notBefore(1_000_005) && slow.readiness(at: 1_000_005) == .ready)
  }

  // MARK: - The other ends

  static func arrival() -> Arrival {
    let offer = MigrationOffer(mechanism: .flushing, name: "p", pages: 9, threads: 1, pageSize: 4096)
    return Arrival(attempt, offer, from: NodeID(0), incarnation: 1, pageSize: 4096, now: 50)
  }

  @Test func anArrivalIsInstalledOnce() {
    var arrival = Self.arrival()
    let batch = PageBatch(AddressSpace(pageCount: 9, pageSize: 4096), from: 0)
    var strange = PageBatch(pageSize: 4096)
    strange.append(0, .delta(PageDelta(bytes: [9])))
    var broken = arrival
    let fit = [broken.store(strange, now: 60), arrival.store(batch, now: 60)]
    #expect(fit == [.doesNotFit, .stored] && broken.lastHeard == 60)
    #expect(arrival.process == nil && !arrival.isInDoubt)
    var lost = arrival
    let isInDoubt = lost.sourceLost()
    #expect(!isInDoubt, "nothing is here that could be in doubt")
    let image = EncodingTests.richImage
    let isInstalled = [arrival.install(image, now: 70), arrival.install(image, now: 80)]
    #expect(isInstalled == [true, false] && arrival.process?.id == image.id && arrival.lastHeard == 70)
    let stored = arrival.store(batch, now: 90)
    #expect(stored == .ignored && arrival.lastHeard == 90)
    let doubts = [arrival.sourceLost(), arrival.isInDoubt, arrival.sourceLost(), arrival.install(image, now: 95)]
    #expect(doubts == [true, true, true, false] && arrival.isInDoubt && arrival.process?.id == image.id)
  }

  @Test func aFlushIsSealedOnce() {
    let request = FlushRequest(
      destination: NodeID(1), pages: 9, pageSize: 4096, base: nil, pushes: false, bandwidth: nil, marksZeros: false)
    var flush = Flush(Self.attempt, request, from: NodeID(0), to: Self.attempt, reserved: 2, now: 5)
    #expect(flush.reserved == 2 && !flush.isSealed)
    var early = flush
    let isInDoubt = early.sourceLost()
    #expect(!isInDoubt && !early.isInDoubt)
    let isTaken = flush.takeFrame()
    #expect(isTaken && flush.reserved == 1)
    let left = flush.seal(at: 9)
    #expect(left == 1 && flush.reserved == 0 && flush.isSealed && flush.lastHeard == 9)
    let again = (left: flush.seal(at: 10), isTaken: flush.takeFrame())
    #expect(again == (0, false) && !flush.isInDoubt)
    let doubt = (flush.sourceLost(), flush.seal(at: 11))
    #expect(doubt == (true, 0) && flush.isInDoubt && flush.isSealed)
  }
}
