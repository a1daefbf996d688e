import Testing

@testable import MigrationKernel

/// Pages that stay behind, at both ends: every verb in every stage.
@Suite struct KeptPagesTests {
  static let attempt = StageTests.attempt
  static let source = NodeID(7)
  static let stages: [KeptPages.Stage] = [.leaving, .written, .kept]

  /// Pages 0 to 2 of four, in a stage; left behind on node 0 by a migration to node 1, by which they are pushed.
  static func pages(at stage: KeptPages.Stage, pushes: Bool = true) -> KeptPages {
    var options = TransferOptions(.onReference)
    options.pushes = pushes
    let departure = Departure(attempt, to: NodeID(1), options, backing: .source, family: nil, now: 0)
    var space = AddressSpace(pageCount: 4, pageSize: 64)
    for page in 0..<3 { space.increment(page) }
    var kept = KeptPages(PageSet(all: 3), of: space, leftBy: departure)
    #expect(kept.stage == .leaving && kept.client == NodeID(1) && kept.clientEpoch == 3)
    if stage != .leaving {
      kept.processHasLeft()
      #expect(kept.stage == .kept)
    }
    if stage == .written { kept.beginWriting() }
    #expect(kept.stage == stage)
    return kept
  }

  static func flush(pushes: Bool = false) -> Flush {
    let later = MigrationAttempt(process: attempt.process, epoch: 4)
    return Flush(later, request(pushes: pushes), from: source, to: attempt, reserved: 2, now: 5)
  }

  static func request(pushes: Bool) -> FlushRequest {
    FlushRequest(
      destination: NodeID(2), pages: 9, pageSize: 64, base: nil, pushes: pushes, bandwidth: nil, marksZeros: false)
  }

  static func batch(_ pages: [Int]) -> PageBatch {
    var batch = PageBatch(pageSize: 64)
    for page in pages { batch.append(UInt32(page), .zeros) }
    return batch
  }

  static func sent(_ push: KeptPages.Push) -> [UInt32]? {
    if case .send(let batch) = push { batch.pages.map(\.index) } else { nil }
  }

  // MARK: - The holder

  @Test(arguments: stages) func verbsBelongToTheirStages(stage: KeptPages.Stage) {
    var left = Self.pages(at: stage)
    left.processHasLeft()
    #expect(left.stage == (stage == .leaving ? .kept : stage))
    var off = Self.pages(at: stage)
    off.writingIsOff()
    #expect(off.stage == (stage == .written ? .kept : stage) && off.pages.count == 3)
    var begun = Self.pages(at: stage)
    begun.beginWriting()
    #expect(begun.stage == .written)
    var settled = Self.pages(at: stage)
    let isSettled = settled.settle(Self.flush())
    #expect(isSettled == (stage == .written) && settled.stage == (isSettled ? .kept : stage))
    #expect(settled.attempt.epoch == (isSettled ? 4 : 3))
    let given = Self.pages(at: stage).giveUp()
    #expect(given == (stage == .kept ? GivenUpPages(client: NodeID(1), clientEpoch: 3) : nil))
  }

  @Test(arguments: stages) func pagesAreWrittenWhereThereAreFrames(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage)
    var asked = 0
    func store(_ page: Int, frame: Bool) -> Bool {
      kept.store(.zero, at: page, isNew: true) {
        asked += 1
        return frame
      }
    }
    let isWritten = stage == .written
    let (replaced, refused, added) = (store(1, frame: false), store(3, frame: false), store(3, frame: true))
    #expect(replaced == isWritten && !refused && added == isWritten)
    #expect(asked == (isWritten ? 2 : 0), "one that replaces another needs no frame of its own")
    #expect(kept.pages.count == (isWritten ? 4 : 3) && kept.space[1].isZero == isWritten)
  }

  @Test func aFlushToANodeWithoutPagesBeginsWithNone() {
    let kept = KeptPages(writtenBy: Self.attempt, Self.request(pushes: true), from: Self.source)
    #expect(kept.stage == .written && kept.pages.isEmpty && kept.client == Self.source && kept.clientEpoch == 0)
    #expect(kept.space.pageCount == 9 && kept.giveUp() == nil)
  }

  @Test(arguments: stages) func theProcessSaysWhereItIs(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage)
    let older = kept.processCame(to: NodeID(5), epoch: 3)
    #expect(!older && kept.client == NodeID(1))
    let newer = kept.processCame(to: NodeID(5), epoch: 6)
    #expect(newer && kept.client == NodeID(5) && kept.clientEpoch == 6 && kept.stage == stage)
    #expect(!kept.isReleased(by: 5) && kept.isReleased(by: 6))
  }

  @Test(arguments: stages) func othersSayWhereItIs(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage)
    let isBelieved = stage != .written
    let news = [(4, 3), (5, 5), (4, 5), (6, 6)].map { kept.processReported(at: NodeID($0), epoch: $1) }
    #expect(news == [false, isBelieved, false, isBelieved])
    #expect(kept.client == NodeID(isBelieved ? 6 : 1) && kept.clientEpoch == 3 && kept.isReleased(by: 3))
    // Only news from the process itself says which releases are late.
    let said = kept.processCame(to: NodeID(6), epoch: 6)
    #expect(said && kept.clientEpoch == 6 && !kept.isReleased(by: 5))
    let again = kept.processReported(at: NodeID(6), epoch: 6)
    #expect(!again)
  }

  @Test(arguments: stages) func pagesArePushedOnceAndAgainAfterAMove(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage)
    let asked = kept.supply([1, 3], to: NodeID(1))
    #expect(asked.pages.map(\.index) == [1], "page 3 is not kept")
    #expect(Self.sent(kept.nextPush(at: 0)) == [0, 2])
    #expect(Self.sent(kept.nextPush(at: 0)) == nil, "all have gone")
    _ = kept.needs(PageSet(all: 2), at: NodeID(1))
    kept.batchPushed(bytes: 100, at: 0, workEnd: 0)
    kept.batchPushed(bytes: 100, at: 0, workEnd: 0)
    #expect(Self.sent(kept.nextPush(at: 0)) == nil, "the window is full")
    kept.batchLeft(at: 0)
    #expect(Self.sent(kept.nextPush(at: 0)) == [0, 1])
    #expect(kept.stage == stage)
  }

  @Test(arguments: stages) func pagesThatAreOnlyAskedForAreNotPushed(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage, pushes: false)
    _ = kept.needs(PageSet(all: 3), at: NodeID(1))
    #expect(Self.sent(kept.nextPush(at: 0)) == nil)
    let asked = kept.supply([0, 1], to: NodeID(1))
    #expect(asked.pages.count == 2 && kept.stage == stage)
  }

  @Test(arguments: stages) func aPageOnItsWayIsSentOnceMoreOnlyWhenItWasNotTaken(stage: KeptPages.Stage) {
    var kept = Self.pages(at: stage)
    func supply(_ pages: [UInt32], to node: UInt32 = 1) -> [UInt32] {
      let batch = kept.supply(pages, to: NodeID(node))
      _ = kept.batchSupplied(batch, to: NodeID(node))
      return batch.pages.map(\.index)
    }
    let sent = [supply([0, 1]), supply([1, 2]), supply([0])]
    #expect(sent == [[0, 1], [2], []])
    // The process needs pages 1 and 2 still, and has asked for 1 after it had been sent.
    let again = kept.needs(PageSet([1..<3], of: 3), at: NodeID(1))
    #expect(again.pages.map(\.index) == [1] && kept.batchSupplied(again, to: NodeID(1)) == 1)
    let elsewhere = [supply([1]), supply([1], to: 2), supply([1], to: 2)]
    #expect(elsewhere == [[], [1], []])
  }

  @Test func aFlushSaysWhetherPagesArePushed() {
    for pushes in [false, true] {
      var kept = Self.pages(at: .written, pushes: !pushes)
      let isSettled = kept.settle(Self.flush(pushes: pushes))
      #expect(isSettled && Self.sent(kept.nextPush(at: 0)) == (pushes ? [0, 1, 2] : nil))
    }
  }

  @Test func whatWasGivenUpIsForgottenWhenNobodyCanAskForIt() {
    let given = GivenUpPages(client: NodeID(1), clientEpoch: 3)
    #expect(given.isReleased(by: 3) && !given.isReleased(by: 2))
    // The node to which the pages were left cannot be reached.
    var bench = Bench(0)
    bench.kernel.keptPages[Self.attempt] = Self.pages(at: .kept)
    bench.kernel.freeFrames -= 3
    bench.handle(.connectionBroken(peer: NodeID(1)))
    #expect(bench.kernel.keptPages.isEmpty && bench.kernel.givenUp == [Self.attempt: given])
    #expect(bench.receive(.client(Self.attempt, epoch: 4, pages: PageSet(all: 2)), from: 2) == ["withdrawn>2"])
    #expect(bench.receive(.release(Self.attempt, epoch: 2), from: 4) == [] && bench.kernel.givenUp.count == 1)
    #expect(bench.receive(.release(Self.attempt, epoch: 4), from: 2) == [] && bench.kernel.givenUp.isEmpty)
    #expect(bench.kernel.freeFrames == bench.kernel.settings.frames)
  }

  /// The backing node gave its pages up, since the connection broke, and the node of the process has not heard of that.
  @Test func aProcessThatComesToAHolderWithoutPagesForgetsIt() {
    for (pages, isLost) in [(PageSet(), false), (PageSet(all: 2), true)] {
      var process = EncodingTests.richProcess
      let given = MigrationAttempt(process: process.id, epoch: 1)
      process.holders = [RemoteHolding(node: NodeID(0), attempt: given, pages: pages)]
      process.epoch = 2
      process.incoming = [:]
      let attempt = MigrationAttempt(process: process.id, epoch: process.epoch)
      var bench = Bench(0)
      bench.kernel.givenUp[given] = GivenUpPages(client: NodeID(1), clientEpoch: 1)
      let offer = MigrationOffer(
        mechanism: .totalFreezing, name: "p", pages: UInt32(process.space.pageCount), threads: 1, pageSize: 4096)
      bench.receive(.offer(attempt, offer), from: 1)
      let image = ProcessImage(process, leaving: PageSet(), acceptedAt: 10, roundTrip: 0, now: 10)
      bench.receive(.handover(attempt, image), from: 1)
      let words = bench.receive(.commit(attempt), from: 1)
      #expect(words.contains("lost") == isLost && bench.kernel.givenUp.isEmpty)
      #expect(bench.kernel.processes[process.id]?.holders.isEmpty == (isLost ? nil : true))
    }
  }

  // MARK: - The kernel with the process

  static func holding(isBacking: Bool = false) -> RemoteHolding {
    var holding = RemoteHolding(node: NodeID(1), attempt: attempt, pages: PageSet(all: 3))
    if isBacking { holding.becomeBacking() }
    return holding
  }

  /// The address space of a process whose pages 0 to 2 are elsewhere.
  static func space() -> AddressSpace {
    var space = AddressSpace(pageCount: 4, pageSize: 64)
    space.adopt(remote: PageSet(all: 3), digest: 0)
    return space
  }

  @Test func aHoldingEndsWithItsLastPage() {
    for isBacking in [false, true] {
      var (holding, space) = (Self.holding(isBacking: isBacking), Self.space())
      let steps = [[0], [0, 3], [1, 2], [1]].map { holding.takeSupply(Self.batch($0), into: &space, asDirty: false) }
      let last: [RemoteHolding.Supplied] =
        isBacking ? [.fetched(isNew: true), .fetched(isNew: false)] : [.isDone, .isDone]
      #expect(steps == [.needsMore, .needsMore] + last)
      #expect(space.remote.isEmpty && holding.copies == PageSet(all: 3) && holding.isBacking == isBacking)
    }
  }

  @Test func whatIsNotNeededIsLeftAlone() {
    var (holding, space) = (Self.holding(), Self.space())
    space.increment(3)
    var batch = PageBatch(pageSize: 64)
    batch.append(0, .delta(PageDelta(bytes: [9])))
    batch.append(3, .zeros)
    let supplied = holding.takeSupply(batch, into: &space, asDirty: true)
    #expect(supplied == .needsMore && holding.pages.count == 3 && !space[3].isZero)
  }

  @Test func theNextKernelKnowsOnlyWhatIsNeeded() {
    var (holding, space) = (Self.holding(isBacking: true), Self.space())
    _ = holding.takeSupply(Self.batch([0]), into: &space, asDirty: false)
    _ = holding.pagesToAskFor(at: 1, most: 8, of: 3)
    holding.handOver()
    #expect(holding.copies.isEmpty && !holding.isBacking && holding.pages.count == 2 && holding.expected == 2)
    holding.add(PageSet(all: 1))
    let later = MigrationAttempt(process: Self.attempt.process, epoch: 4)
    let renamed = holding.renamed(later, recovers: false)
    #expect(renamed.attempt == later && renamed.pages == PageSet(all: 3) && renamed.node == NodeID(1))
    #expect(renamed.window == 1 && renamed.expected == nil)
  }

  @Test func theWindowGrowsWhileFaultsGoOnWhereTheLastRequestEnded() {
    var holding = RemoteHolding(node: NodeID(1), attempt: Self.attempt, pages: PageSet(all: 20))
    let asked = [0, 1, 3, 7, 2, 18].map { holding.pagesToAskFor(at: $0, most: 4, of: 20) }
    #expect(asked == [[0], [1, 2], [3, 4, 5, 6], [7, 8, 9, 10], [], [18]], "page 2 is on its way")
    let last = holding.pagesToAskFor(at: 19, most: 4, of: 20)
    #expect(last == [19] && holding.expected == nil)
  }
}
