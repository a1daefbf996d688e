import Testing

@testable import MigrationKernel

/// Searches and what waits at an origin, on kernels driven by hand.
@Suite struct LocatingTests {
  static let second: Nanoseconds = 1_000_000_000

  /// A kernel with a process whose message to one of node 0 has come back from there.
  static func searching() -> (bench: Bench, sender: ProcessID, receiver: ProcessID) {
    var bench = Bench(5)
    let sender = bench.spawn(waiter)
    let receiver = ForwardingRuleTests.process(.resendReturned)
    #expect(send(&bench, sender, receiver).last == "message>0")
    #expect(bounce(&bench, sender, receiver, 0, from: 0) == ["message cameBack", "locate>all"])
    return (bench, sender, receiver)
  }

  @discardableResult
  static func send(_ bench: inout Bench, _ sender: ProcessID, _ receiver: ProcessID) -> [String] {
    bench.request(.send(from: sender, to: receiver, text: "", size: 0))
  }

  @discardableResult
  static func bounce(
    _ bench: inout Bench, _ sender: ProcessID, _ receiver: ProcessID, _ sequence: UInt32, from node: UInt32
  ) -> [String] {
    let id = MessageID(from: sender, to: receiver, sequence: sequence)
    let body = RoutedPacket.Body.undeliverable(id, .notHere(at: NodeID(node)))
    return bench.receive(.routed(RoutedPacket(to: sender, body: body)), from: node)
  }

  @Test func silenceSaysThatAProcessIsNowhere() {
    var (bench, _, _) = Self.searching()
    var told: Nanoseconds?
    let start = bench.now
    let words = bench.advance(to: start + 100 * Self.second) { fact, time in
      if word(fact) == "message returned" { told = time - start }
    }
    #expect(words == ["locate>all", "locate>all", "message returned"])
    #expect(told == 3 * Self.second && bench.timers.isEmpty)
  }

  @Test func theTimerOfAnEarlierSearchEndsNoLaterOne() {
    var (bench, sender, receiver) = Self.searching()
    let location = Address(node: NodeID(3), epoch: 2)
    #expect(bench.receive(.located(receiver, location), from: 3) == ["message resent", "message>3"])
    bench.advance(to: bench.now + Self.second - 100_000_000)
    let start = bench.now
    #expect(Self.bounce(&bench, sender, receiver, 0, from: 3).last == "locate>all")
    var told: Nanoseconds?
    let words = bench.advance(to: start + 100 * Self.second) { fact, time in
      if word(fact) == "message returned" { told = time - start }
    }
    #expect(words == ["locate>all", "locate>all", "message returned"])
    #expect(told == 3 * Self.second)
  }

  /// As long as a kernel says that it is moving the process, only that kernel is asked. When it falls silent, all are
  /// asked again.
  @Test func whoMovesAProcessIsAskedUntilItIsSettled() {
    var (bench, sender, receiver) = Self.searching()
    for _ in 0..<200 {
      #expect(bench.receive(.moving(receiver), from: 7) == [])
      #expect(bench.advance(to: bench.now + Self.second) == ["locate>7"])
    }
    #expect(Self.send(&bench, sender, receiver) == ["message accepted"])
    var found = bench
    let location = Address(node: NodeID(3), epoch: 2)
    #expect(
      found.receive(.located(receiver, location), from: 7)
        == ["message resent", "message>3", "message sent", "message>3"])
    #expect(
      bench.advance(to: bench.now + 100 * Self.second)
        == ["locate>all", "locate>all", "message returned", "message returned"])
  }

  @Test func aKernelThatMovesAProcessSaysSoAndTellsOnceWhereItWent() {
    let (start, attempt) = HandoverTests.source(at: .sending)
    var source = start
    #expect(source.receive(.locate(attempt.process), from: 4) == ["moving>4"])
    #expect(source.receive(.locate(attempt.process), from: 4) == ["moving>4"])
    var aborted = source
    #expect(
      aborted.handle(.connectionBroken(peer: NodeID(1))).filter { $0.hasPrefix("located") } == ["located>4"])
    while !source.sent.contains(where: { word($0.packet) == "handover" }) {
      source.handle(.transmitted(.pages(attempt), peer: NodeID(1)))
    }
    source.receive(.installed(attempt), from: 1)
    let words = source.receive(.activated(attempt), from: 1)
    #expect(words.filter { $0.hasPrefix("located") } == ["located>4"])
    // Once it has gone, this kernel is as silent as any other.
    #expect(source.receive(.locate(attempt.process), from: 4) == [])
  }

  // MARK: - The origin

  /// The origin of a process that is always asked for it: the process is at node 1.
  static func origin() -> (bench: Bench, process: ProcessID) {
    var (origin, other) = (Bench(0), Bench(1))
    let process = spawn(&origin)
    HandoverTests.move(process, &origin, &other)
    _ = origin.take()
    return (origin, process)
  }

  private static func spawn(_ origin: inout Bench) -> ProcessID {
    var request = SpawnRequest(name: "p", program: waiter, pages: 4, seed: 1)
    request.forwarding = .originSite
    origin.request(.spawn(request))
    origin.advance(to: 1_000_000)
    return ProcessID(origin: NodeID(0), incarnation: 1, serial: 1, forwarding: .originSite)
  }

  static func message(_ sequence: UInt32, to process: ProcessID, since: UInt32) -> Packet {
    guard case .routed(var routed) = DeliveryTests.message(sequence, to: process) else { return .forget(process) }
    routed.minimumEpoch = since
    return .routed(routed)
  }

  @Test func aReportThatIsOvertakenIsNotBelieved() {
    var (bench, process) = Self.origin()
    let at = { (node: UInt32, epoch: UInt32) in Address(node: NodeID(node), epoch: epoch) }
    bench.receive(.moved(process, at(3, 3)), from: 3)
    for overtaken in [at(2, 2), at(0, 2)] {
      bench.receive(.moved(process, overtaken), from: 2)
      #expect(bench.kernel.locations.moves[process]?.address == at(3, 3))
    }
    bench.receive(.forget(process), from: 3)
    bench.receive(.moved(process, at(2, 2)), from: 2)
    #expect(bench.kernel.locations.moves.isEmpty)
    #expect(bench.receive(DeliveryTests.message(0, to: process), from: 1) == ["undeliverable>1"])
  }

  /// An origin that does not answer is told when it does, however long that takes, by the node at which the process is.
  @Test func anOriginIsToldAgainFromEachNode() {
    var (origin, first, second) = (Bench(0), Bench(1), Bench(2))
    let process = Self.spawn(&origin)
    HandoverTests.move(process, &origin, &first)
    for _ in 0..<20 {
      first.handle(.connectionBroken(peer: NodeID(0)))
      #expect(first.advance(to: first.now + 1000 * Self.second) == [])
      #expect(first.handle(.connected(peer: NodeID(0), incarnation: 1)) == ["moved>0"])
    }
    HandoverTests.move(process, &first, &second)
    second.handle(.connectionBroken(peer: NodeID(0)))
    #expect(second.handle(.connected(peer: NodeID(0), incarnation: 1)) == ["moved>0"])
    #expect(first.handle(.connected(peer: NodeID(0), incarnation: 1)) == [])
  }

  @Test func whatIsHeldWaitsItsWholeTime() {
    var (bench, process) = Self.origin()
    let at = { (node: UInt32, epoch: UInt32) in Address(node: NodeID(node), epoch: epoch) }
    #expect(bench.receive(Self.message(0, to: process, since: 2), from: 1) == ["message held"])
    #expect(bench.receive(.moved(process, at(2, 2)), from: 2) == ["message forwarded", "message>2"])
    bench.advance(to: bench.now + 60 * Self.second)
    #expect(bench.receive(Self.message(1, to: process, since: 3), from: 2) == ["message held"])
    #expect(bench.advance(to: bench.now + 63 * Self.second) == [])
    #expect(bench.advance(to: bench.now + 2 * Self.second) == ["undeliverable>1"])
    #expect(bench.timers.isEmpty)
  }
}
