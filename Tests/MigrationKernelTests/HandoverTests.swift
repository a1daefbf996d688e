import Testing

@testable import MigrationKernel

/// The table of faults in `NodeKernel+MigrationSource.swift`, arrow by arrow, on kernels driven by hand: node 0 is the
/// source, node 1 the destination.
@Suite struct HandoverTests {
  /// Its pages go in three batches.
  static let pages = 40

  enum Stage: CaseIterable {
    case negotiating, sending, handedOver, committed, completed
  }

  /// A source whose process waits for a message, brought to `stage`; the epoch is 2, since a first attempt was refused.
  static func source(at stage: Stage) -> (Bench, MigrationAttempt) {
    var bench = Bench(0)
    let process = bench.spawn(waiter, pages: pages)
    bench.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    bench.receive(.refuse(MigrationAttempt(process: process, epoch: 1), .noRoom), from: 1)
    bench.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    let attempt = MigrationAttempt(process: process, epoch: 2)
    for reached in Stage.allCases {
      switch reached {
      case .negotiating: break
      case .sending: bench.receive(.accept(attempt), from: 1)
      case .handedOver:
        while !bench.sent.contains(where: { word($0.packet) == "handover" }) {
          bench.handle(.transmitted(.pages(attempt), peer: NodeID(1)))
        }
      case .committed: bench.receive(.installed(attempt), from: 1)
      case .completed: bench.receive(.activated(attempt), from: 1)
      }
      if reached == stage { break }
    }
    return (bench, attempt)
  }

  /// True when the process runs here, gets its messages, and nothing of the migration is left.
  static func goesOn(_ bench: inout Bench, _ process: ProcessID) -> Bool {
    guard bench.kernel.departures.isEmpty, bench.kernel.processes[process]?.state == .waiting else { return false }
    bench.request(.send(from: process, to: process, text: "", size: 0))
    bench.advance(to: bench.now + 1_000_000)
    return bench.kernel.processes[process]?.receivedCount == 1 && bench.kernel.freeFrames == frames - pages
  }

  static let frames = NodeSettings().frames

  // MARK: - The source

  @Test func theWholeWay() {
    var (bench, attempt) = Self.source(at: .negotiating)
    #expect(bench.take().map { word($0.packet) } == ["offer", "offer"])
    #expect(
      bench.receive(.accept(attempt), from: 1)
        == ["accepted", "freezing", "frozen", "sentPages", "pages>1", "sentPages", "pages>1"])
    #expect(bench.handle(.transmitted(.pages(attempt), peer: NodeID(1))) == ["sentPages", "pages>1"])
    #expect(bench.handle(.transmitted(.pages(attempt), peer: NodeID(1))) == ["handedOver", "handover>1"])
    #expect(bench.handle(.transmitted(.pages(attempt), peer: NodeID(1))) == [])
    #expect(bench.kernel.freeFrames == Self.frames - Self.pages)
    #expect(bench.receive(.installed(attempt), from: 1) == ["installed", "committed", "commit>1"])
    #expect(bench.kernel.freeFrames == Self.frames && bench.kernel.processes.count == 0)
    #expect(bench.receive(.activated(attempt), from: 1) == ["completed"])
    #expect(bench.kernel.departures.isEmpty && bench.kernel.locations.forwardingAddresses.count == 1)
  }

  @Test(arguments: Stage.allCases)
  func packetsOfAnOlderEpochChangeNothing(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    let old = MigrationAttempt(process: attempt.process, epoch: 1)
    for packet in [
      Packet.accept(old), .refuse(old, .noRoom), .installed(old), .activated(old), .unknown(old), .abort(old),
      .commit(old), .handover(old, bench.anyProcess),
    ] {
      let words = bench.receive(packet, from: 1)
      #expect(words == [] || words == ["unknown>1"], "\(word(packet))")
    }
    #expect(bench.handle(.transmitted(.pages(old), peer: NodeID(1))) == [])
    #expect(bench.receive(.query(old), from: 1) == ["abort>1"])
    #expect(bench.kernel.departures[attempt.process]?.attempt == (stage == .completed ? nil : attempt))
    #expect(bench.kernel.freeFrames == Self.frames - (stage == .committed || stage == .completed ? 0 : Self.pages))
  }

  @Test(arguments: [
    (Stage.negotiating, ["refuse"]), (.sending, ["refuse", "accept"]), (.handedOver, ["accept"]),
    (.committed, ["accept", "installed"]),
    (.completed, ["accept", "installed", "activated"]),
  ])
  func repeatedPacketsChangeNothing(stage: Stage, seen: [String]) {
    var (bench, attempt) = Self.source(at: stage)
    let packets: [String: Packet] = [
      // That of the first attempt, which was answered so.
      "refuse": .refuse(MigrationAttempt(process: attempt.process, epoch: 1), .noRoom), "accept": .accept(attempt),
      "installed": .installed(attempt), "activated": .activated(attempt),
    ]
    #expect(!seen.isEmpty)
    let before = bench.kernel.departures[attempt.process]?.stage
    for name in seen {
      #expect(packets[name].map { bench.receive($0, from: 1) } == [], "\(name)")
      #expect(bench.kernel.departures[attempt.process]?.stage == before, "\(name)")
    }
  }

  @Test(arguments: [Stage.negotiating, .sending, .handedOver])
  func packetsBeforeTheirTimeChangeNothing(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    if stage != .handedOver { #expect(bench.receive(.installed(attempt), from: 1) == []) }
    #expect(bench.receive(.activated(attempt), from: 1) == [])
    #expect(bench.receive(.query(attempt), from: 1) == [])
    #expect(bench.kernel.departures[attempt.process]?.attempt == attempt)
  }

  @Test(arguments: [Stage.negotiating, .sending, .handedOver])
  func aBrokenConnectionBeforeTheCommitAborts(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    #expect(bench.handle(.connectionBroken(peer: NodeID(2))) == [])
    #expect(bench.handle(.connectionBroken(peer: NodeID(1))) == ["aborted"])
    #expect(bench.receive(.installed(attempt), from: 1) == [])
    #expect(bench.receive(.accept(attempt), from: 1) == [])
    #expect(bench.receive(.query(attempt), from: 1) == ["abort>1"])
    #expect(Self.goesOn(&bench, attempt.process))
  }

  @Test(arguments: [Stage.negotiating, .sending, .handedOver])
  func aDestinationThatKnowsNothingBeforeTheCommitAborts(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    #expect(bench.receive(.unknown(attempt), from: 1) == ["aborted"])
    #expect(Self.goesOn(&bench, attempt.process))
  }

  @Test func aRefusalLeavesTheProcessAlone() {
    var (bench, attempt) = Self.source(at: .negotiating)
    #expect(bench.receive(.refuse(attempt, .noRoom), from: 1) == ["refused"])
    #expect(bench.receive(.accept(attempt), from: 1) == [])
    #expect(Self.goesOn(&bench, attempt.process))
  }

  @Test func aCommitIsRepeatedUntilItIsAnswered() {
    var (bench, attempt) = Self.source(at: .committed)
    for _ in 0..<3 {
      #expect(bench.handle(.connectionBroken(peer: NodeID(1))) == [])
      #expect(bench.advance(to: bench.now + NodeSettings().detectionTimeout) == ["commit>1"])
    }
    #expect(bench.receive(.query(attempt), from: 1) == ["commit>1"])
    #expect(bench.receive(.activated(attempt), from: 1) == ["completed"])
    #expect(bench.receive(.activated(attempt), from: 1) == [])
    #expect(bench.kernel.processes.count == 0)
  }

  @Test func aDestinationThatFellAfterTheCommitLostTheProcess() {
    var (bench, attempt) = Self.source(at: .committed)
    #expect(bench.receive(.unknown(attempt), from: 1, incarnation: 2) == ["lost", "lost"])
    #expect(bench.receive(.unknown(attempt), from: 1, incarnation: 2) == [])
    #expect(bench.kernel.departures.isEmpty && bench.kernel.locations.forwardingAddresses.isEmpty)
    #expect(bench.kernel.freeFrames == Self.frames)
  }

  @Test(arguments: [Stage.negotiating, .sending, .handedOver])
  func aProcessKilledTakesItsMigrationWithIt(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    #expect(bench.request(.kill(attempt.process)) == ["aborted", "abort>1", "ended"])
    for packet in [Packet.accept(attempt), .installed(attempt)] { #expect(bench.receive(packet, from: 1) == []) }
    #expect(bench.kernel.departures.isEmpty && bench.kernel.freeFrames == Self.frames)
  }

  @Test func aProcessGoneCannotBeKilled() {
    var (bench, attempt) = Self.source(at: .committed)
    #expect(bench.request(.kill(attempt.process)) == ["refused"])
  }

  @Test func aProgramThatExitsWhileItIsNegotiated() {
    var bench = Bench(0)
    let process = bench.spawn(program([.compute(.literal(2_000_000))]))
    let attempt = MigrationAttempt(process: process, epoch: 1)
    bench.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    #expect(bench.advance(to: 3_000_000) == ["aborted", "abort>1", "ended"])
    #expect(bench.receive(.accept(attempt), from: 1) == [])
    #expect(bench.kernel.freeFrames == Self.frames)
  }

  @Test func aProcessMidStepStopsAtTheEndOfIt() {
    var bench = Bench(0)
    let process = bench.spawn(
      program([.loop(times: nil, counter: 0, end: 3), .pause, .next(counter: 0, start: 0)], counters: 1))
    bench.advance(to: bench.now + 50)
    bench.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    let words = bench.receive(.accept(MigrationAttempt(process: process, epoch: 1)), from: 1)
    #expect(words == ["accepted", "freezing"])
    #expect(bench.advance(to: bench.now + 49) == [])
    #expect(bench.advance(to: bench.now + 1).first == "frozen")
  }

  @Test(arguments: [Stage.negotiating, .sending, .handedOver])
  func whatTheOperatorMayNotDoMeanwhile(stage: Stage) {
    var (bench, attempt) = Self.source(at: stage)
    let process = attempt.process
    #expect(bench.request(.migrate(process, to: NodeID(2), TransferOptions(.totalFreezing))) == ["refused"])
    #expect(bench.request(.poke(process, page: 0, bytes: [1])) == ["refused"])
    #expect(bench.request(.start(process)) == ["refused"])
    if stage != .negotiating {
      #expect(bench.request(.freeze(process)) == ["refused"] && bench.request(.resume(process)) == ["refused"])
    }
  }

  @Test func aHeldProcessArrivesHeldAndStaysHeldAfterAnAbort() {
    var (bench, attempt) = Self.source(at: .negotiating)
    bench.request(.freeze(attempt.process))
    bench.receive(.accept(attempt), from: 1)
    var other = bench
    bench.handle(.connectionBroken(peer: NodeID(1)))
    #expect(bench.kernel.processes[attempt.process]?.phase == .held)
    while !other.sent.contains(where: { word($0.packet) == "handover" }) {
      other.handle(.transmitted(.pages(attempt), peer: NodeID(1)))
    }
    guard case .handover(_, let copy)? = other.sent.last?.packet else {
      Issue.record("no handover")
      return
    }
    #expect(copy.phase == .held)
  }

  @Test func aProcessDoesNotMoveToWhereItIs() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    #expect(bench.request(.migrate(process, to: NodeID(0), TransferOptions(.totalFreezing))) == ["refused"])
    #expect(bench.kernel.departures.isEmpty)
  }

  // MARK: - Processes not yet started

  @Test func aNewProcessIsOnlyDescribed() throws {
    var (source, destination) = (Bench(0), Bench(1))
    let process = source.spawn(waiter, pages: Self.pages, held: true)
    source.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    #expect(source.request(.start(process)) == ["refused"])
    #expect(source.request(.poke(process, page: 0, bytes: [1])) == ["refused"])
    var carried: [String] = []
    while let next = source.sent.first?.packet {
      carried.append(word(next))
      destination.receive(from: &source)
      source.receive(from: &destination)
    }
    #expect(carried == ["offer", "handover", "commit"])
    #expect(destination.kernel.processes[process]?.state == .new)
    #expect(destination.request(.start(process)) == ["started"])
    destination.advance(to: 1_000_000)
    #expect(destination.kernel.processes[process]?.state == .waiting)
  }

  @Test func aNewProcessWithMemoryTakesItAlong() {
    var bench = Bench(0)
    let process = bench.spawn(waiter, held: true)
    bench.request(.poke(process, page: 1, bytes: [1]))
    bench.request(.migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    #expect(bench.kernel.departures[process]?.mechanism == .totalFreezing)
  }

  // MARK: - The destination

  enum Reached: CaseIterable {
    case offered, pages, installed, activated
  }

  /// A destination brought to a point of attempt 2, with what its source looks like then.
  static func destination(at point: Reached) -> (Bench, MigrationAttempt, ProcessImage) {
    var (source, attempt) = Self.source(at: .handedOver)
    var bench = Bench(1)
    var process: ProcessImage?
    for (packet, _) in source.take() {
      switch packet {
      case .offer(let offered, _) where offered == attempt: bench.receive(packet, from: 0)
      case .pages where point != .offered: bench.receive(packet, from: 0)
      case .handover(_, let copy):
        process = copy
        if point == .installed || point == .activated { bench.receive(packet, from: 0) }
      default: break
      }
    }
    if point == .activated { bench.receive(.commit(attempt), from: 0) }
    return (bench, attempt, process ?? bench.anyProcess)
  }

  static func offer(_ pages: Int, pageSize: UInt32 = 4096) -> MigrationOffer {
    MigrationOffer(
      mechanism: .totalFreezing, name: "p", pages: UInt32(pages), threads: 1, pageSize: pageSize)
  }

  static func free(_ bench: Bench) -> Bool {
    bench.kernel.freeFrames == frames && bench.kernel.arrivals.isEmpty && bench.kernel.processes.count == 0
  }

  @Test func takesWhatItHasRoomForAndGivesNothingAwayWhenItRefuses() {
    var bench = Bench(1) { $0.memory = 100 * 4096 }
    let attempt = MigrationAttempt(process: ProcessID(origin: NodeID(0), incarnation: 1, serial: 1), epoch: 1)
    #expect(bench.receive(.offer(attempt, Self.offer(101)), from: 0) == ["refuse>0"])
    #expect(bench.receive(.offer(attempt, Self.offer(1, pageSize: 8192)), from: 0) == ["refuse>0"])
    #expect(bench.kernel.freeFrames == 100 && bench.kernel.arrivals.isEmpty)
    #expect(bench.receive(.offer(attempt, Self.offer(60)), from: 0) == ["accept>0"])
    #expect(bench.kernel.freeFrames == 40)
    let other = MigrationAttempt(process: ProcessID(origin: NodeID(0), incarnation: 1, serial: 2), epoch: 1)
    #expect(bench.receive(.offer(other, Self.offer(41)), from: 0) == ["refuse>0"])
    #expect(bench.kernel.freeFrames == 40)
    #expect(bench.receive(.abort(attempt), from: 0) == ["discarded"])
    #expect(bench.kernel.freeFrames == 100)
  }

  @Test(arguments: Reached.allCases)
  func offersRepeatedOlderAndNewer(point: Reached) {
    var (bench, attempt, _) = Self.destination(at: point)
    let process = attempt.process
    #expect(bench.receive(.offer(attempt, Self.offer(Self.pages)), from: 0) == [])
    let old = MigrationAttempt(process: process, epoch: 1)
    #expect(bench.receive(.offer(old, Self.offer(Self.pages)), from: 0) == [])
    let newer = MigrationAttempt(process: process, epoch: 3)
    let words = bench.receive(.offer(newer, Self.offer(Self.pages)), from: 0)
    #expect(words == (point == .activated ? [] : ["discarded", "accept>0"]))
    #expect(bench.kernel.freeFrames == Self.frames - Self.pages)
  }

  @Test(arguments: Reached.allCases)
  func latePackets(point: Reached) {
    var (bench, attempt, process) = Self.destination(at: point)
    let old = MigrationAttempt(process: attempt.process, epoch: 1)
    let digest = bench.kernel.processes[attempt.process]?.space.digest
    let batch = PageBatch(Self.written(Self.pages), from: 0)
    #expect(bench.receive(.pages(old, batch), from: 0) == [] && bench.receive(.abort(old), from: 0) == [])
    #expect(bench.receive(.handover(old, process), from: 0) == ["unknown>0"])
    #expect(bench.receive(.commit(old), from: 0) == [point == .activated ? "activated>0" : "unknown>0"])
    switch point {
    case .offered, .pages: #expect(bench.receive(.commit(attempt), from: 0) == ["unknown>0"])
    case .installed: #expect(bench.receive(.handover(attempt, process), from: 0) == [])
    case .activated:
      #expect(bench.receive(.commit(attempt), from: 0) == ["activated>0"])
      #expect(bench.receive(.abort(attempt), from: 0) == [])
      #expect(bench.receive(.pages(attempt, batch), from: 0) == [])
      #expect(bench.kernel.processes[attempt.process]?.space.digest == digest)
    }
    #expect(bench.kernel.freeFrames == Self.frames - Self.pages)
    #expect((bench.kernel.processes[attempt.process] != nil) == (point == .activated))
  }

  static func written(_ pages: Int) -> AddressSpace {
    var space = AddressSpace(pageCount: pages, pageSize: 4096)
    for index in 0..<pages { space[index] = .word(99) }
    return space
  }

  @Test func pagesBeyondTheAddressSpaceAreDropped() {
    var (bench, attempt, process) = Self.destination(at: .offered)
    bench.receive(.pages(attempt, PageBatch(Self.written(45), from: 38)), from: 0)
    bench.receive(.handover(attempt, process), from: 0)
    bench.receive(.commit(attempt), from: 0)
    #expect(bench.kernel.processes[attempt.process]?.space.touchedCount == 2)
  }

  /// A difference is from the version that is held, and the attempt is off when it cannot be.
  @Test func aDifferenceIsFromWhatIsHeld() {
    var (bench, attempt, process) = Self.destination(at: .offered)
    func send(_ form: PageForm, to bench: inout Bench) -> [String] {
      var batch = PageBatch(pageSize: 4096)
      batch.append(2, form)
      return bench.receive(.pages(attempt, batch), from: 0)
    }
    #expect(send(.whole(.word(0x0305)), to: &bench) == [])
    #expect(send(.delta(PageDelta(bytes: [1, 1, 9])), to: &bench) == [])
    var other = bench
    bench.receive(.handover(attempt, process), from: 0)
    #expect(send(.delta(PageDelta(bytes: [1])), to: &bench) == [], "it comes too late to matter")
    bench.receive(.commit(attempt), from: 0)
    #expect(bench.kernel.processes[attempt.process]?.space[2].word == 0x0905)

    #expect(send(.delta(PageDelta(bytes: [1])), to: &other) == ["discarded", "unknown>0"])
    #expect(Self.free(other) && other.kernel.arrivals.isEmpty)
    #expect(other.receive(.handover(attempt, process), from: 0) == ["unknown>0"])
  }

  @Test(arguments: [Reached.offered, .pages])
  func aSourceThatFellBeforeTheHandoverGivesTheFramesBack(point: Reached) {
    var (bench, attempt, _) = Self.destination(at: point)
    #expect(bench.handle(.connectionBroken(peer: NodeID(2))) == [])
    #expect(bench.handle(.connectionBroken(peer: NodeID(0))) == ["discarded", "unknown>0"])
    #expect(Self.free(bench))
    #expect(bench.receive(.commit(attempt), from: 0) == ["unknown>0"])
    #expect(bench.advance(to: 10_000_000_000) == [])
  }

  @Test func aCopyInDoubtNeverRunsAndAsks() {
    var (bench, attempt, _) = Self.destination(at: .installed)
    #expect(bench.handle(.connectionBroken(peer: NodeID(0))) == [])
    let asked = bench.advance(to: 60_000_000_000)
    #expect(asked.count >= 20 && asked.allSatisfy { $0 == "query>0" })
    #expect(bench.kernel.processes.count == 0 && bench.kernel.freeFrames == Self.frames - Self.pages)
    #expect(bench.receive(.commit(attempt), from: 0) == ["activated", "activated>0"])
    #expect(bench.kernel.processes[attempt.process]?.state == .waiting)
  }

  @Test(arguments: Reached.allCases)
  func anAbortGivesTheFramesBack(point: Reached) {
    var (bench, attempt, _) = Self.destination(at: point)
    #expect(bench.receive(.abort(attempt), from: 0) == (point == .activated ? [] : ["discarded"]))
    #expect(Self.free(bench) == (point != .activated))
  }

  @Test func anAbortFromANewIncarnationMeansThatTheProcessIsLost() {
    var (bench, attempt, _) = Self.destination(at: .installed)
    #expect(bench.receive(.abort(attempt), from: 0, incarnation: 2) == ["discarded", "lost"])
    #expect(Self.free(bench))
    var (early, other, _) = Self.destination(at: .pages)
    #expect(early.receive(.abort(other), from: 0, incarnation: 2) == ["discarded"])
  }

  @Test func aNodeThatRebootedKnowsNothing() {
    let (_, attempt, process) = Self.destination(at: .installed)
    var rebooted = Bench(1, incarnation: 2)
    #expect(rebooted.receive(.commit(attempt), from: 0) == ["unknown>0"])
    #expect(rebooted.receive(.handover(attempt, process), from: 0) == ["unknown>0"])
    #expect(rebooted.receive(.query(attempt), from: 0) == ["abort>0"])
    #expect(Self.free(rebooted))
  }

  // MARK: - There and back

  /// Moves a process from one bench to another, with nothing lost.
  static func move(_ process: ProcessID, _ source: inout Bench, _ destination: inout Bench) {
    source.request(.migrate(process, to: destination.kernel.id, TransferOptions(.totalFreezing)))
    while !source.sent.isEmpty {
      destination.receive(from: &source)
      source.receive(from: &destination)
    }
  }

  @Test func aProcessThatComesBackBeforeTheReplyToTheCommitLeavesNoForwardingAddress() {
    var (a, attempt) = Self.source(at: .committed)
    var b = Bench(1)
    b.receive(from: &a)
    // The reply is on its way over a slow line while the process goes on to a third node, and from there back.
    b.receive(.commit(attempt), from: 0)
    let late = b.take()
    var c = Bench(2)
    Self.move(attempt.process, &b, &c)
    Self.move(attempt.process, &c, &a)
    #expect(a.kernel.processes[attempt.process]?.state == .waiting)
    for (packet, _) in late { #expect(a.receive(packet, from: 1) == []) }
    #expect(a.kernel.locations.forwardingAddresses.isEmpty && a.kernel.departures.isEmpty)
    #expect(Self.goesOn(&a, attempt.process))
  }

  @Test func framesAddUpHoweverOftenItMoves() {
    var (a, b) = (Bench(0), Bench(1))
    let process = a.spawn(waiter, pages: Self.pages)
    let digest = a.kernel.processes[process]?.space.digest
    for _ in 0..<5 {
      Self.move(process, &a, &b)
      #expect(a.kernel.freeFrames == Self.frames && b.kernel.freeFrames == Self.frames - Self.pages)
      Self.move(process, &b, &a)
      #expect(b.kernel.freeFrames == Self.frames && a.kernel.freeFrames == Self.frames - Self.pages)
    }
    #expect(a.kernel.processes[process]?.migrations == 10 && a.kernel.processes[process]?.space.digest == digest)
    #expect(a.kernel.locations.forwardingAddresses.isEmpty && b.kernel.locations.forwardingAddresses.count == 1)
    #expect(Self.goesOn(&a, process))
  }
}

extension Bench {
  /// A process as a handover carries one.
  fileprivate var anyProcess: ProcessImage {
    let process = Process(
      SpawnRequest(name: "p", program: waiter, pages: 1),
      id: ProcessID(origin: NodeID(0), incarnation: 1, serial: 1), pageSize: 4096, seed: 1, now: 0)
    return ProcessImage(process, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 0)
  }
}
