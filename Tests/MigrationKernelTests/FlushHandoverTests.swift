import Testing

@testable import MigrationKernel

/// The table of faults in `NodeKernel+MigrationBacking.swift`, arrow by arrow, on kernels driven by hand: node 0 is the
/// source, node 1 the destination, node 2 the backing node.
@Suite struct FlushHandoverTests {
  static let frames = NodeSettings().frames
  static let process = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)

  static func attempt(_ epoch: UInt32) -> MigrationAttempt { MigrationAttempt(process: process, epoch: epoch) }

  // MARK: - The source

  static let stages: [Departure.Stage] = [.negotiating, .reserving, .sealing, .handedOver, .committed]

  /// A source whose process waits for a message, having written one of its four pages, brought to `stage`.
  static func source(at stage: Departure.Stage) -> Bench {
    var bench = Bench(0)
    _ = bench.spawn(waiter)
    var options = TransferOptions(.flushing)
    options.backing = NodeID(2)
    bench.request(.migrate(process, to: NodeID(1), options))
    let answers: [(Packet, UInt32)] = [
      (.accept(attempt(1)), 1), (.reserved(attempt(1)), 2), (.pagesKept(attempt(1)), 2), (.installed(attempt(1)), 1),
    ]
    for (answer, node) in answers {
      if bench.kernel.departures[process]?.stage == stage { break }
      bench.receive(answer, from: node)
    }
    return bench
  }

  static func goesOn(_ bench: inout Bench) -> Bool {
    guard bench.kernel.departures.isEmpty, bench.kernel.processes[process]?.state == .waiting else { return false }
    bench.request(.send(from: process, to: process, text: "", size: 0))
    bench.advance(to: bench.now + 1_000_000)
    return bench.kernel.processes[process]?.receivedCount == 1 && bench.kernel.freeFrames == frames - 4
  }

  @Test func theWholeWay() {
    var bench = Self.source(at: .negotiating)
    #expect(bench.receive(.accept(Self.attempt(1)), from: 1) == ["accepted", "reserve>2"])
    #expect(
      bench.receive(.reserved(Self.attempt(1)), from: 2)
        == ["reserved", "freezing", "frozen", "sentPages", "pages>2", "pagesEnd>2"])
    #expect(bench.receive(.pagesKept(Self.attempt(1)), from: 2) == ["flushed", "handedOver", "handover>1"])
    #expect(bench.receive(.installed(Self.attempt(1)), from: 1) == ["installed", "committed", "commit>1"])
    #expect(bench.kernel.freeFrames == Self.frames && bench.kernel.keptPages.isEmpty)
    #expect(bench.receive(.activated(Self.attempt(1)), from: 1) == ["completed"])
  }

  @Test(arguments: stages) func packetsOutOfTurnChangeNothing(stage: Departure.Stage) {
    var bench = Self.source(at: stage)
    let next: Packet? =
      switch stage {
      case .reserving: .reserved(Self.attempt(1))
      case .sealing: .pagesKept(Self.attempt(1))
      default: nil
      }
    for packet in [Packet.reserved(Self.attempt(1)), .pagesKept(Self.attempt(1))] where word(packet) != next.map(word) {
      #expect(bench.receive(packet, from: 2) == [], "\(word(packet))")
    }
    for packet in [Packet.reserved(Self.attempt(7)), .pagesKept(Self.attempt(7)), .unknown(Self.attempt(7))] {
      #expect(bench.receive(packet, from: 2) == [], "\(word(packet))")
    }
    #expect(bench.receive(.unknown(Self.attempt(1)), from: 3) == [])
    #expect(bench.kernel.departures[Self.process]?.stage == stage)
  }

  @Test func aRefusalIsToldToTheDestination() {
    var bench = Self.source(at: .reserving)
    #expect(bench.receive(.refuse(Self.attempt(1), .backingHasNoRoom), from: 2) == ["refused", "abort>1"])
    #expect(bench.receive(.reserved(Self.attempt(1)), from: 2) == [] && Self.goesOn(&bench))
    var early = Self.source(at: .negotiating)
    #expect(early.receive(.refuse(Self.attempt(1), .noRoom), from: 1) == ["refused"])
    #expect(Self.goesOn(&early))
  }

  @Test(arguments: stages) func aBackingNodeOutOfReach(stage: Departure.Stage) {
    for event in [
      Event.connectionBroken(peer: NodeID(2)), .packet(.unknown(Self.attempt(1)), from: NodeID(2), incarnation: 1),
    ] {
      var bench = Self.source(at: stage)
      switch stage {
      case .negotiating, .committed:
        #expect(bench.handle(event) == [] && bench.kernel.departures[Self.process]?.stage == stage)
      default: #expect(bench.handle(event) == ["abort>1", "aborted"] && Self.goesOn(&bench))
      }
    }
  }

  @Test(arguments: stages) func aDestinationOutOfReach(stage: Departure.Stage) {
    var bench = Self.source(at: stage)
    let words = bench.handle(.connectionBroken(peer: NodeID(1)))
    switch stage {
    case .negotiating: #expect(words == ["aborted"] && Self.goesOn(&bench))
    case .committed:
      #expect(bench.receive(.unknown(Self.attempt(1)), from: 1, incarnation: 2) == ["release>2", "lost", "lost"])
      #expect(bench.kernel.freeFrames == Self.frames && bench.kernel.departures.isEmpty)
    default: #expect(words == ["abort>2", "aborted"] && Self.goesOn(&bench))
    }
  }

  @Test(arguments: stages.dropLast()) func calledOffOrKilledAllAreTold(stage: Departure.Stage) {
    var (bench, killed) = (Self.source(at: stage), Self.source(at: stage))
    let aborts = stage == .negotiating ? ["abort>1"] : ["abort>1", "abort>2"]
    #expect(bench.request(.cancelMigration(Self.process)) == aborts + ["aborted"] && Self.goesOn(&bench))
    #expect(killed.request(.kill(Self.process)) == ["aborted"] + aborts + ["ended"])
    #expect(killed.kernel.freeFrames == Self.frames)
  }

  // MARK: - The backing node

  enum Reached: CaseIterable {
    case reserved, written, sealed, settled
  }

  static func request(_ pages: UInt32, pageSize: UInt32 = 4096, base: UInt32? = nil, pushes: Bool = false) -> Packet {
    .reserve(
      attempt(base == nil ? 1 : 2),
      FlushRequest(
        destination: NodeID(1), pages: pages, pageSize: pageSize, base: base, pushes: pushes, bandwidth: nil,
        marksZeros: false))
  }

  static func batch(_ range: Range<Int>, word: UInt64 = 7) -> PageBatch {
    var batch = PageBatch(pageSize: 4096)
    for page in range { batch.append(UInt32(page), .whole(.word(word))) }
    return batch
  }

  /// A backing node to which pages 0 to 9 of 40 are written, brought to `point`.
  static func backing(at point: Reached) -> Bench {
    var bench = Bench(2)
    for reached in Reached.allCases {
      switch reached {
      case .reserved: bench.receive(request(40), from: 0)
      case .written: bench.receive(.pages(attempt(1), batch(0..<10)), from: 0)
      case .sealed: bench.receive(.pagesEnd(attempt(1)), from: 0)
      case .settled: bench.receive(.client(attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1)
      }
      if reached == point { break }
    }
    _ = bench.take()
    return bench
  }

  static func isEmpty(_ bench: Bench) -> Bool {
    bench.kernel.freeFrames == frames && bench.kernel.flushes.isEmpty && bench.kernel.keptPages.isEmpty
  }

  @Test func itKeepsRoomForAllAndGivesBackWhatIsNotWritten() {
    var bench = Bench(2)
    #expect(bench.receive(Self.request(40), from: 0) == ["reserved>0"])
    #expect(bench.kernel.freeFrames == Self.frames - 40)
    #expect(bench.receive(.pages(Self.attempt(1), Self.batch(0..<10)), from: 0) == [])
    #expect(bench.receive(.pages(Self.attempt(1), Self.batch(38..<45)), from: 0) == [], "two of them are none of its")
    #expect(bench.kernel.freeFrames == Self.frames - 40)
    #expect(bench.receive(.pagesEnd(Self.attempt(1)), from: 0) == ["pagesKept>0"])
    #expect(bench.kernel.freeFrames == Self.frames - 12)
    #expect(
      bench.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1) == []
        && bench.kernel.flushes.isEmpty)
    #expect(
      bench.receive(.pageRequest(Self.attempt(1), pages: [3, 20, 39]), from: 1) == ["sentPages", "pageSupply>1"])
    guard case .pageSupply(_, let supplied)? = bench.sent.last?.packet else {
      Issue.record("nothing supplied")
      return
    }
    #expect(supplied.pages.map(\.index) == [3, 39])
    #expect(bench.receive(.release(Self.attempt(1), epoch: 1), from: 1) == ["released"] && Self.isEmpty(bench))
  }

  @Test func itRefusesWhatItHasNoRoomFor() {
    var bench = Bench(2) { $0.memory = 40 * 4096 }
    #expect(bench.receive(Self.request(41), from: 0) == ["refuse>0"])
    #expect(bench.receive(Self.request(4, pageSize: 512), from: 0) == ["refuse>0"])
    #expect(bench.kernel.freeFrames == 40 && bench.kernel.flushes.isEmpty && bench.kernel.keptPages.isEmpty)
    #expect(bench.receive(Self.request(40), from: 0) == ["reserved>0"])
    #expect(bench.receive(Self.request(40), from: 0) == [], "repeated")
  }

  /// A later flush writes over the pages that are there. Pages that need no flush cost nothing.
  @Test func aLaterFlushTakesOverWhatIsThere() {
    var bench = Self.backing(at: .settled)
    #expect(bench.receive(Self.request(40, base: 1), from: 1) == ["reserved>1"])
    bench.receive(.pages(Self.attempt(2), Self.batch(8..<12, word: 9)), from: 1)
    // Until the flush is settled, the source asks for pages by the old name.
    #expect(bench.receive(.pageRequest(Self.attempt(1), pages: [3]), from: 1) == ["sentPages", "pageSupply>1"])
    #expect(bench.receive(.pagesEnd(Self.attempt(2)), from: 1) == ["pagesKept>1"])
    #expect(bench.kernel.freeFrames == Self.frames - 12)
    var (other, off) = (bench, bench)
    #expect(bench.receive(.client(Self.attempt(2), epoch: 2, pages: PageSet(all: 40)), from: 3) == ["released"])
    #expect(bench.kernel.keptPages.keys.map(\.epoch) == [2])
    bench.receive(.pageRequest(Self.attempt(2), pages: [7, 8]), from: 3)
    guard case .pageSupply(_, let supplied)? = bench.sent.last?.packet else {
      Issue.record("nothing supplied")
      return
    }
    #expect(supplied.pages.map { $0.form.page(over: .zero, pageSize: 4096)?.contents(pageSize: 8)[0] } == [7, 9])
    // A node that is no longer the source has no say.
    #expect(bench.receive(.release(Self.attempt(1), epoch: 1), from: 1) == [])
    #expect(bench.receive(.release(Self.attempt(2), epoch: 1), from: 1) == [])
    #expect(bench.receive(.abort(Self.attempt(2)), from: 1) == [] && bench.kernel.keptPages.count == 1)
    // Called off, what was there stays.
    #expect(off.receive(.abort(Self.attempt(2)), from: 1) == ["discarded"])
    #expect(off.kernel.keptPages.keys.map(\.epoch) == [1] && off.kernel.freeFrames == Self.frames - 12)
    // Lost with the destination, or ended at the source: by either name.
    var ended = other
    #expect(
      other.receive(.release(Self.attempt(2), epoch: 2), from: 1) == ["discarded", "released"] && Self.isEmpty(other))
    #expect(ended.receive(.release(Self.attempt(1), epoch: 2), from: 1) == ["released"] && Self.isEmpty(ended))
  }

  @Test func aBaseThatIsGoneIsWithdrawn() {
    var bench = Bench(2, incarnation: 2)
    #expect(bench.receive(Self.request(40, base: 1), from: 0) == ["withdrawn>0", "reserved>0"])
    #expect(bench.kernel.keptPages.keys.map(\.epoch) == [2] && bench.kernel.freeFrames == Self.frames - 40)
  }

  @Test func requestsOlderAndNewer() {
    var bench = Self.backing(at: .written)
    let newer = FlushRequest(
      destination: NodeID(3), pages: 20, pageSize: 4096, base: nil, pushes: false, bandwidth: nil, marksZeros: false)
    #expect(bench.receive(.reserve(Self.attempt(5), newer), from: 0) == ["discarded", "reserved>0"])
    #expect(bench.kernel.freeFrames == Self.frames - 20)
    #expect(bench.receive(Self.request(40), from: 0) == [])
    #expect(bench.receive(.pagesEnd(Self.attempt(1)), from: 0) == ["unknown>0"])
    for packet in [
      Packet.pages(Self.attempt(1), Self.batch(0..<3)), .abort(Self.attempt(1)), .release(Self.attempt(1), epoch: 1),
    ] {
      #expect(bench.receive(packet, from: 0) == [])
    }
    #expect(bench.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1) == ["withdrawn>1"])
    #expect(bench.kernel.flushes.count == 1 && bench.kernel.freeFrames == Self.frames - 20)
  }

  @Test(arguments: [Reached.reserved, .written]) func aSourceOutOfReachBeforeTheEnd(point: Reached) {
    var bench = Self.backing(at: point)
    #expect(bench.handle(.connectionBroken(peer: NodeID(1))) == [])
    #expect(bench.handle(.connectionBroken(peer: NodeID(0))) == ["discarded", "unknown>0"] && Self.isEmpty(bench))
    #expect(bench.receive(.pagesEnd(Self.attempt(1)), from: 0) == ["unknown>0"])
    #expect(bench.advance(to: 10_000_000_000) == [])
  }

  @Test func aSourceOutOfReachAfterTheEnd() {
    var bench = Self.backing(at: .sealed)
    #expect(bench.handle(.connectionBroken(peer: NodeID(0))) == ["query>1"])
    // It asks until it is answered.
    #expect(bench.advance(to: 9_000_000_000) == ["query>1", "query>1", "query>1", "query>1"])
    var (moved, off, alive, alone) = (bench, bench, bench, bench)
    #expect(moved.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1) == [])
    #expect(moved.kernel.flushes.isEmpty && moved.kernel.freeFrames == Self.frames - 10)
    #expect(moved.receive(.abort(Self.attempt(1)), from: 1) == [] && moved.kernel.keptPages.count == 1)
    #expect(off.receive(.abort(Self.attempt(1)), from: 1) == ["discarded"] && Self.isEmpty(off))
    #expect(alive.receive(.abort(Self.attempt(1)), from: 0) == ["discarded"] && Self.isEmpty(alive))
    #expect(alone.handle(.connectionBroken(peer: NodeID(1))) == ["discarded"] && Self.isEmpty(alone))
    #expect(moved.handle(.connectionBroken(peer: NodeID(1))) == ["released"] && Self.isEmpty(moved))
  }

  /// The backing node is in doubt about a later flush. If that was called off, only the source, which cannot be
  /// reached, could use the first one.
  @Test func inDoubtAboutALaterFlush() {
    var bench = Self.backing(at: .settled)
    bench.receive(Self.request(40, base: 1), from: 1)
    bench.receive(.pagesEnd(Self.attempt(2)), from: 1)
    bench.handle(.connectionBroken(peer: NodeID(1)))
    var alive = bench
    #expect(bench.receive(.abort(Self.attempt(2)), from: 3) == ["discarded", "released"] && Self.isEmpty(bench))
    #expect(alive.receive(.abort(Self.attempt(2)), from: 1) == ["discarded"])
    #expect(alive.kernel.keptPages.keys.map(\.epoch) == [1] && alive.kernel.freeFrames == Self.frames - 10)
  }

  @Test func silenceIsAskedAbout() {
    var bench = Self.backing(at: .reserved)
    #expect(bench.advance(to: 1_900_000_000) == [])
    bench.receive(.pages(Self.attempt(1), Self.batch(0..<1)), from: 0)
    #expect(bench.advance(to: 3_800_000_000) == [], "heard of lately")
    #expect(bench.advance(to: 4_100_000_000) == ["query>1"])
    #expect(bench.receive(.abort(Self.attempt(1)), from: 1) == ["discarded"] && Self.isEmpty(bench))
    #expect(bench.advance(to: 60_000_000_000) == [])
  }

  /// The news from the nodes to which a process went may arrive in another order.
  @Test func aClientHeardOfLateIsNotTheClient() {
    var bench = Self.backing(at: .sealed)
    #expect(
      bench.receive(.client(Self.attempt(1), epoch: 2, pages: PageSet(all: 40)), from: 3) == []
        && bench.kernel.flushes.isEmpty)
    #expect(bench.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1) == [])
    let late = FlushRequest(
      destination: NodeID(4), pages: 40, pageSize: 4096, base: 1, pushes: false, bandwidth: nil, marksZeros: false)
    #expect(bench.receive(.reserve(Self.attempt(2), late), from: 1) == ["unknown>1"] && bench.kernel.flushes.isEmpty)
    #expect(bench.handle(.connectionBroken(peer: NodeID(1))) == ["stillNeeded>3"])
    #expect(bench.receive(.release(Self.attempt(1), epoch: 1), from: 1) == [])
    #expect(bench.receive(.release(Self.attempt(1), epoch: 2), from: 3) == ["released"] && Self.isEmpty(bench))
  }

  /// A node that has lost touch with another asks after the process, and goes on asking where it went.
  @Test func aHolderFindsItsClientAgain() {
    var bench = Self.backing(at: .settled)
    #expect(bench.handle(.connectionBroken(peer: NodeID(5))) == ["stillNeeded>1"])
    var (here, gone) = (bench, bench)
    #expect(here.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1) == [])
    #expect(here.kernel.keptPages.values.map(\.client) == [NodeID(1)])
    #expect(gone.receive(.release(Self.attempt(1), epoch: 1), from: 1) == ["released"] && Self.isEmpty(gone))
    #expect(bench.receive(.movedOn(Self.attempt(1), to: NodeID(3), epoch: 2), from: 1) == ["stillNeeded>3"])
    // Said once more, or late by a node where it was before, it is no news.
    #expect(bench.receive(.movedOn(Self.attempt(1), to: NodeID(3), epoch: 2), from: 1) == [])
    #expect(bench.receive(.movedOn(Self.attempt(1), to: NodeID(1), epoch: 1), from: 0) == [])
    var came = bench
    #expect(came.receive(.client(Self.attempt(1), epoch: 2, pages: PageSet(all: 40)), from: 3) == [])
    #expect(came.receive(.release(Self.attempt(1), epoch: 1), from: 1) == [] && came.kernel.keptPages.count == 1)
    #expect(bench.handle(.connectionBroken(peer: NodeID(3))) == ["released"] && Self.isEmpty(bench))
  }

  @Test func whatIsPushedGoesToTheDestination() {
    var bench = Bench(2)
    bench.receive(Self.request(40, pushes: true), from: 0)
    bench.receive(.pages(Self.attempt(1), Self.batch(0..<20)), from: 0)
    bench.receive(.pagesEnd(Self.attempt(1)), from: 0)
    let words = bench.receive(.client(Self.attempt(1), epoch: 1, pages: PageSet(all: 40)), from: 1)
    #expect(words == ["sentPages", "pageSupply>1", "sentPages", "pageSupply>1"])
  }

  /// The destination says that the process ran there, in case its news was lost. Then it says that the process is over.
  @Test func aDestinationTellsThatItHasHadTheProcess() {
    var bench = Self.backing(at: .sealed)
    #expect(bench.receive(.activated(Self.attempt(1)), from: 3) == [] && !bench.kernel.flushes.isEmpty)
    #expect(bench.receive(.activated(Self.attempt(1)), from: 1) == [] && bench.kernel.flushes.isEmpty)
    #expect(bench.receive(.release(Self.attempt(1), epoch: 1), from: 1) == ["released"] && Self.isEmpty(bench))
    var other = Self.backing(at: .sealed)
    #expect(other.receive(.release(Self.attempt(1), epoch: 1), from: 1) == ["discarded"] && Self.isEmpty(other))
  }

  // MARK: - The destination

  @Test func aDestinationIsSilentWhileItMaySucceed() throws {
    var source = Self.source(at: .handedOver)
    var bench = Bench(1)
    #expect(bench.receive(.query(Self.attempt(1)), from: 2) == ["abort>2"])
    for (packet, to) in source.take() where to == NodeID(1) { bench.receive(packet, from: 0) }
    #expect(bench.receive(.query(Self.attempt(1)), from: 2) == [])
    #expect(bench.receive(.query(Self.attempt(9)), from: 2) == ["abort>2"])
    // The news is on its way to the backing node before any answer.
    #expect(bench.receive(.commit(Self.attempt(1)), from: 0) == ["activated", "activated>0", "client>2"])
    #expect(bench.receive(.query(Self.attempt(1)), from: 2) == ["activated>2"])
    let holder = try #require(bench.kernel.processes[Self.process]?.holders.first)
    #expect(holder.isBacking && holder.node == NodeID(2) && holder.pages.count == 1)
    // A backing node that has rebooted meanwhile has none of it.
    #expect(
      bench.receive(.withdrawn(Self.attempt(1), becauseOf: NodeID(2)), from: 2, incarnation: 2) == [
        "lost", "release>2", "forget>0",
      ])
    #expect(bench.kernel.freeFrames == Self.frames)
  }
}
