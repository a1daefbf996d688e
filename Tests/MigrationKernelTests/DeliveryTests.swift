import Testing

@testable import MigrationKernel

/// Messages, on kernels driven by hand.
@Suite struct DeliveryTests {
  static func pid(_ node: UInt32, _ serial: UInt32 = 1) -> ProcessID {
    ProcessID(origin: NodeID(node), incarnation: 1, serial: serial)
  }

  /// A message from a process of node 1 to one of node 0.
  static func message(_ sequence: UInt32, to receiver: ProcessID) -> Packet {
    .routed(
      RoutedPacket(
        to: receiver, hops: 1,
        body: .message(
          Message(
            id: MessageID(from: pid(1), to: receiver, sequence: sequence), text: "m\(sequence)", size: 2,
            base: 0, senderNode: NodeID(1), hops: 1))))
  }

  static func acknowledgement(_ packets: [(packet: Packet, to: NodeID)]) -> (expected: UInt32, epoch: UInt32)? {
    for (packet, _) in packets {
      if case .routed(let routed) = packet, case .acknowledgement(_, let expected, let address) = routed.body {
        return (expected, address.epoch)
      }
    }
    return nil
  }

  @Test func deliversOnceInOrderAndAcknowledges() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    #expect(bench.receive(Self.message(1, to: process), from: 1) == ["acknowledgement>1"])
    #expect(
      bench.receive(Self.message(0, to: process), from: 1)
        == ["message delivered", "message delivered", "message received", "acknowledgement>1"])
    #expect(Self.acknowledgement([bench.take().last].compactMap(\.self))?.expected == 2)
    #expect(bench.receive(Self.message(1, to: process), from: 1) == ["acknowledgement>1"])
    #expect(bench.advance(to: bench.now + 1000) == ["message received"])
    #expect(bench.kernel.processes[process]?.receivedCount == 2)
  }

  @Test func aFrozenProcessGetsItsMessagesAfterTheMove() {
    var (source, destination) = (Bench(0), Bench(2))
    let process = source.spawn(waiter)
    let attempt = MigrationAttempt(process: process, epoch: 1)
    source.request(.migrate(process, to: NodeID(2), TransferOptions(.totalFreezing)))
    source.receive(.accept(attempt), from: 2)
    #expect(source.receive(Self.message(0, to: process), from: 1) == ["message queued"])
    // Sent again meanwhile: the sender hears that it waits.
    #expect(source.receive(Self.message(0, to: process), from: 1) == ["waiting>1"])
    source.handle(.transmitted(.pages(attempt), peer: NodeID(2)))
    source.receive(.installed(attempt), from: 2)
    #expect(source.receive(Self.message(1, to: process), from: 1) == ["message queued"])
    #expect(
      source.receive(.activated(attempt), from: 2)
        == ["message forwarded", "message>2", "message forwarded", "message>2", "completed"])
    for (packet, to) in source.take() where to == NodeID(2) { destination.receive(packet, from: 0) }
    #expect(source.receive(Self.message(2, to: process), from: 1) == ["message forwarded", "message>2"])
  }

  @Test func anAbortDeliversWhatWaited() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.migrate(process, to: NodeID(2), TransferOptions(.totalFreezing)))
    bench.receive(.accept(MigrationAttempt(process: process, epoch: 1)), from: 2)
    bench.receive(Self.message(0, to: process), from: 1)
    #expect(
      bench.handle(.connectionBroken(peer: NodeID(2)))
        == ["aborted", "message delivered", "message received", "acknowledgement>1"])
  }

  @Test func anAcknowledgementSaysByWhichMoveTheProcessCame() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.migrate(process, to: NodeID(2), TransferOptions(.totalFreezing)))
    _ = bench.take()
    bench.receive(Self.message(0, to: process), from: 1)
    // Were it the epoch of the open offer, the sender would not believe where the process goes by it.
    #expect(Self.acknowledgement(bench.take())?.epoch == 0)
  }

  @Test func whatIsForAProcessThatEndedComesBack() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.kill(process))
    #expect(bench.receive(Self.message(0, to: process), from: 1) == ["undeliverable>1"])
    // One that had come from elsewhere, too: its origin would send it back here.
    #expect(bench.receive(Self.message(0, to: Self.pid(5)), from: 1) == ["undeliverable>1"])
  }

  @Test func messagesToItselfAndToNeighboursNeedNoNetwork() {
    var bench = Bench(0)
    let text = [TextTemplate([.text("x")])]
    let sends: [Instruction] = [
      .send(to: .register(0), template: 0, otherwise: 2), .jump(3), .exit, .receive(into: nil, timeout: nil),
      .print(template: 0),
    ]
    let own = Self.pid(0, 2)
    let neighbour = bench.spawn(waiter)
    let process = bench.spawn(
      program(sends, templates: text, registers: ["to"]), environment: ["to": .process(own, name: "self")])
    #expect(process == own && bench.kernel.processes[own] == nil, "it received its own message and ended")
    bench.request(.send(from: neighbour, to: neighbour, text: "", size: 0))
    bench.advance(to: bench.now + 1000)
    #expect(bench.kernel.processes[neighbour]?.receivedCount == 1 && bench.sent.isEmpty)
    #expect(bench.kernel.processes[neighbour]?.outbox.streams[neighbour]?.unacknowledged.isEmpty == true)
  }

  @Test func silenceIsAnsweredByQuestionsAndInTheEndTheSenderIsTold() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.send(from: process, to: Self.pid(1), text: "hello", size: 0))
    let words = bench.advance(to: 1_000_000_000_000)
    #expect(words == Array(repeating: "inquiry>1", count: 5) + ["message returned"])
    #expect(bench.timers.isEmpty, "nothing is left to wait for")
  }

  @Test func aMessageIsAskedAfterWhenItHasGoneUnansweredForItsOwnTime() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    let start = bench.now
    bench.request(.send(from: process, to: Self.pid(1), text: "", size: 0))
    bench.advance(to: start + 1_500_000_000)
    let acknowledged = RoutedPacket.Body.acknowledgement(
      from: Self.pid(1), expected: 1, at: Address(node: NodeID(1), epoch: 0))
    bench.receive(.routed(RoutedPacket(to: process, body: acknowledged)), from: 1)
    bench.request(.send(from: process, to: Self.pid(1), text: "", size: 0))
    // The timer that the first message started finds nothing to do, and is set for the second: an answer is overdue after a
    // round trip and four times its deviation, which is half of it after the first.
    #expect(bench.advance(to: start + 5_999_999_999) == [])
    #expect(bench.advance(to: start + 6_000_000_000) == ["inquiry>1"])
  }

  @Test func aSenderThatIsToldItsMessageWaitsDoesNotGiveUp() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    let id = MessageID(from: process, to: Self.pid(1), sequence: 0)
    bench.request(.send(from: process, to: Self.pid(1), text: "hello", size: 0))
    for minute in 1...30 as ClosedRange<UInt64> {
      let words = bench.advance(to: minute * 60_000_000_000)
      #expect(!words.contains("message returned"))
      bench.receive(.routed(RoutedPacket(to: process, body: .waiting(id))), from: 1)
    }
  }

  @Test func aBrokenConnectionReturnsWhatHasNoOtherWay() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.send(from: process, to: Self.pid(1), text: "hello", size: 0))
    #expect(bench.handle(.connectionBroken(peer: NodeID(2))) == [])
    #expect(bench.handle(.connectionBroken(peer: NodeID(1))) == ["message returned"])
    #expect(
      bench.receive(
        .routed(
          RoutedPacket(
            to: process,
            body: .acknowledgement(
              from: Self.pid(1), expected: 1, at: Address(node: NodeID(1), epoch: 0)))), from: 1) == [])
  }

  @Test func aLocationThatProvedWrongIsForgotten() {
    var bench = Bench(0)
    let process = bench.spawn(waiter)
    bench.request(.send(from: process, to: Self.pid(1), text: "hello", size: 0))
    bench.receive(
      .routed(
        RoutedPacket(
          to: process, body: .acknowledgement(from: Self.pid(1), expected: 1, at: Address(node: NodeID(3), epoch: 2)))),
      from: 3)
    #expect(bench.request(.send(from: process, to: Self.pid(1), text: "", size: 0)).last == "message>3")
    let id = MessageID(from: process, to: Self.pid(1), sequence: 1)
    let undeliverable = RoutedPacket.Body.undeliverable(id, .notFound(at: NodeID(3)))
    #expect(bench.receive(.routed(RoutedPacket(to: process, body: undeliverable)), from: 3) == ["message returned"])
    #expect(bench.request(.send(from: process, to: Self.pid(1), text: "", size: 0)).last == "message>1")
  }

  @Test func aForwarderSaysThatItsNextNodeDoesNotAnswer() {
    var (bench, other) = (Bench(0), Bench(2))
    let process = bench.spawn(waiter)
    HandoverTests.move(process, &bench, &other)
    #expect(bench.receive(Self.message(0, to: process), from: 1).last == "message>2")
    bench.handle(.connectionBroken(peer: NodeID(2)))
    #expect(bench.receive(Self.message(0, to: process), from: 1) == ["undeliverable>1"])
  }

  @Test func printsGoHomeOnceAndInOrder() {
    var home = Bench(0)
    let sender = Self.pid(0, 9)
    func line(_ sequence: UInt32, base: UInt32 = 0) -> Packet {
      let id = MessageID(from: sender, to: .terminal(of: NodeID(0), incarnation: 1), sequence: sequence)
      let message = Message(id: id, text: "", size: 0, base: base, senderNode: NodeID(1))
      return .routed(RoutedPacket(to: id.to, hops: 1, body: .message(message)))
    }
    #expect(home.receive(line(0), from: 1) == ["output", "acknowledgement>1"])
    #expect(home.receive(line(0), from: 1) == ["acknowledgement>1"])
    #expect(home.receive(line(2), from: 1) == ["acknowledgement>1"])
    #expect(home.receive(line(1), from: 1) == ["output", "output", "acknowledgement>1"])
    var rebooted = Bench(0, incarnation: 2)
    #expect(rebooted.receive(line(3, base: 3), from: 1) == ["undeliverable>1"])
  }
}
