import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Every checker finds a world that was broken on purpose.
@Suite struct InvariantTests {
  static func world() throws -> (World, ProcessID) {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", Programs.echo, on: 0, pages: 30)
    _ = world.run(to: 5_000_000)
    return (world, process)
  }

  /// What the checks say after something has happened.
  static func verdict(_ world: World) -> String? {
    var world = world
    world.ask(NodeID(1), .start(ProcessID(origin: NodeID(1), incarnation: 1, serial: 99)))
    return world.invariants?.violation?.what
  }

  @Test func aWholeWorldIsRight() throws {
    #expect(Self.verdict(try Self.world().0) == nil)
  }

  @Test func aSecondRunnableCopyIsFound() throws {
    var (world, process) = try Self.world()
    let copy = try #require(world.process(process))
    world.nodes[1].kernel?.processes.insert(copy)
    #expect(Self.verdict(world)?.contains("two copies") == true)
  }

  @Test(arguments: [Process.Phase.migrating, .new, .held])
  func aFrozenProcessThatExecutesIsFound(phase: Process.Phase) throws {
    var (world, process) = try Self.world()
    let slot = try #require(world.nodes[0].kernel?.processes.slot(of: process))
    world.nodes[0].kernel?.processes[slot].phase = phase
    world.nodes[0].kernel?.processes[slot].cpuTime = 100
    #expect(Self.verdict(world) == nil)
    world.nodes[0].kernel?.processes[slot].threads[0].state = .running(core: 0)
    // A process that the operator holds may finish its step.
    #expect((Self.verdict(world)?.contains("though it is frozen") == true) == (phase != .held))
  }

  @Test func aCopyInDoubtThatExecutesIsFound() throws {
    var (world, process) = try Self.world()
    world.migrate(process, to: 1)
    let stop = world.run(to: 100_000_000, until: { $0.nodes[1].kernel?.arrivals.values.first?.process != nil })
    #expect(stop == .satisfied && Self.verdict(world) == nil)
    // Nothing that a kernel can do makes an arrival execute.
    var copy = try #require(world.nodes[1].kernel?.arrivals[process]?.process)
    #expect(SingleOwner.violation(byCopy: copy, on: "b") == nil)
    copy.threads[0].state = .running(core: 0)
    #expect(SingleOwner.violation(byCopy: copy, on: "b")?.contains("though it is in doubt") == true)
  }

  @Test func aProcessThatVanishedIsFound() throws {
    var (world, process) = try Self.world()
    world.nodes[0].kernel?.processes.remove(process)
    #expect(Self.verdict(world)?.contains("is nowhere") == true)
  }

  @Test func aProcessThatVanishedOnItsWayIsFound() throws {
    var (world, process) = try Self.world()
    world.migrate(process, to: 1)
    let stop = world.run(to: 100_000_000, until: { $0.nodes[0].kernel?.departures[process]?.stage == .committed })
    #expect(stop == .satisfied && Self.verdict(world) == nil)
    world.nodes[0].kernel?.departures[process] = nil
    #expect(Self.verdict(world) == nil, "the destination still has it")
    world.nodes[1].kernel?.arrivals[process] = nil
    #expect(Self.verdict(world)?.contains("is nowhere") == true)
  }

  @Test func aLossBlamedOnAHealthyNodeIsFound() throws {
    var (world, process) = try Self.world()
    world.invariants?.observe(.lost(process, becauseOf: NodeID(1)), from: NodeID(0), at: 0)
    #expect(Self.verdict(world)?.contains("which did not fail") == true)
  }

  /// A failure before the process existed explains nothing.
  @Test func aLossBlamedOnAnEarlierFailureIsFound() throws {
    var world = MigrationTests.cluster(2)
    world.fail(NodeID(1))
    world.recover(NodeID(1))
    world.settleClock(at: MigrationTests.second)
    let process = try world.start("p", Programs.echo, on: 0)
    let loss = Fact.lost(process, becauseOf: NodeID(1))
    world.invariants?.observe(loss, from: NodeID(0), at: world.now)
    #expect(Self.verdict(world)?.contains("which did not fail") == true)
  }

  /// A kernel may give up a process that it has and that needs something of a silent node. It may not give up a process
  /// that it has sent there.
  @Test(arguments: [0, 1] as [UInt32]) func aLossForWhichSilenceIsNoReasonIsFound(reporter: UInt32) throws {
    var (world, process) = try Self.world()
    world.migrate(process, to: 1)
    let stop = world.run(to: 100_000_000, until: { $0.migrations[1]?.status == .completed })
    #expect(stop == .satisfied)
    world.invariants?.observeSilence(of: NodeID(1 - reporter), at: world.now)
    world.invariants?.observe(
      .lost(process, becauseOf: NodeID(1 - reporter)), from: NodeID(reporter), at: world.now)
    #expect((Self.verdict(world) == nil) == (reporter == 1))
  }

  @Test func aProcessThatComesBackIsFound() throws {
    var (world, process) = try Self.world()
    let activated = Fact.migration(MigrationAttempt(process: process, epoch: 1), .activated(awaitsCore: false))
    var alive = world
    alive.invariants?.observe(activated, from: NodeID(1), at: world.now)
    #expect(Self.verdict(alive) == nil)
    world.fail(NodeID(0))
    _ = world.run(to: 6_000_000_000)
    world.settleClock(at: 6_000_000_000)
    world.invariants?.observe(activated, from: NodeID(1), at: world.now)
    #expect(Self.verdict(world)?.contains("may run again") == true)
  }

  // MARK: - Pages that only one node had

  /// A process whose pages stay on the node that it left, when some of them have come.
  static func dependent(pushes: Bool = false) throws -> (World, ProcessID) {
    var (world, process) = try OnReferenceTests.walker(pages: 100, { $0.pushes = pushes })
    let stop = world.run(
      to: MigrationTests.second, until: { (20...80).contains($0.process(process)?.space.remote.count ?? 0) })
    #expect(stop == .satisfied && verdict(world) == nil)
    return (world, process)
  }

  /// Gives the process a page of zeros in place of one that it needs. Returns the page.
  static func fabricate(_ world: inout World, _ process: ProcessID) throws -> Int {
    let slot = try #require(world.nodes[1].kernel?.processes.slot(of: process))
    let page = try #require(world.process(process)?.space.remote.first(from: 0))
    world.nodes[1].kernel?.processes[slot].space.supply(page, .zero, asDirty: true)
    return page
  }

  @Test(arguments: [false, true]) func aPageFromNowhereIsFound(holderFalls: Bool) throws {
    var (world, process) = try Self.dependent()
    let holder = try #require(world.process(process)?.holders.first)
    if holderFalls {
      world.fail(NodeID(0))
    } else {
      world.invariants?.observe(.migration(holder.attempt, .released), from: NodeID(0), at: world.now)
    }
    // The check notes the loss with the next event.
    world.ask(NodeID(1), .start(ProcessID(origin: NodeID(1), incarnation: 1, serial: 99)))
    #expect(Self.verdict(world) == nil)
    let page = try Self.fabricate(&world, process)
    #expect(Self.verdict(world) == "process walker has page \(page), which only node n0 had and has no more")
  }

  /// A holder that is back answers with zeros what it is asked for.
  @Test func aPageThatIsSentFromNowhereIsFound() throws {
    var (world, process) = try Self.dependent()
    let holder = try #require(world.process(process)?.holders.first)
    world.fail(NodeID(0))
    world.recover(NodeID(0))
    let page = try #require(holder.pages.first(from: 0))
    var batch = PageBatch(pageSize: 4096)
    batch.append(UInt32(page), .zeros)
    let supply = Packet.pageSupply(holder.attempt, batch)
    world.invariants?.observeSending(supply, from: NodeID(1), to: NodeID(2), at: world.now)
    #expect(Self.verdict(world) == nil)
    world.invariants?.observeSending(supply, from: NodeID(0), to: NodeID(3), at: world.now)
    #expect(Self.verdict(world)?.contains("is sent by a node that has it no more") == true)
  }

  /// Pages that left the holder before it failed arrive. Then the process dies, since it needs the others.
  @Test func whatWasOnItsWayIsNoPageFromNowhere() throws {
    var (world, process) = try Self.dependent(pushes: true)
    // A packet of pages takes 5 ms of the line, and 1 ms to arrive.
    _ = world.run(to: world.now + 4_400_000)
    let remote = try #require(world.process(process)?.space.remote.count)
    world.fail(NodeID(0))
    _ = world.run(to: world.now + MigrationTests.second / 2)
    #expect(try #require(world.process(process)?.space.remote.count) < remote && Self.verdict(world) == nil)
    _ = world.run(to: 10 * MigrationTests.second)
    #expect(world.processes[process]?.fate != .alive && Self.verdict(world) == nil)
  }

  @Test func booksThatDoNotBalanceAreFound() throws {
    var (world, process) = try Self.world()
    world.migrate(process, to: 1)
    #expect(world.run(to: 100_000_000, until: { $0.migrations[1]?.pagesSent ?? 0 > 0 }) == .satisfied)
    let attempt = MigrationAttempt(process: process, epoch: 1)
    for fact in [
      MigrationFact.sentPages(1, zeros: 0, bytes: 0), .sentPages(0, zeros: 0, bytes: 1),
      .handedOver(stateBytes: 1, pagesLeft: 0),
    ] {
      var doctored = world
      doctored.recordFact(.migration(attempt, fact), from: NodeID(0))
      #expect(Self.verdict(doctored)?.contains("the network carried") == true)
    }
    #expect(Self.verdict(world) == nil)
  }

  @Test func addressesThatDoNotLeadOnAreFound() throws {
    var world = MigrationTests.cluster(4)
    let process = try world.start("p", Programs.echo, on: 0)
    for node in [1, 2, 3] as [UInt32] { ForwardingTests.move(&world, process, to: node) }
    #expect(Self.verdict(world) == nil)
    func doctored(_ node: Int, _ address: Location) -> String? {
      var world = world
      world.nodes[node].kernel?.locations.forwardingAddresses[process] = address
      return Self.verdict(world)
    }
    func at(_ node: UInt32, epoch: UInt32) -> Location {
      Location(address: Address(node: NodeID(node), epoch: epoch), learnedAt: 0)
    }
    #expect(
      doctored(2, at(0, epoch: 3))
        == "the forwarding address of process p on node n2 of epoch 3 leads to node n0, whose own is of epoch 1")
    #expect(doctored(1, at(2, epoch: 3))?.contains("leads to node n2, whose own is of epoch 3") == true)
    #expect(doctored(1, at(1, epoch: 2)) == "the forwarding address of process p on node n1 leads to the node itself")
    #expect(
      doctored(3, at(0, epoch: 4)) == "the forwarding address of process p on node n3 is left where the process is")
    #expect(doctored(2, at(3, epoch: 9)) == nil)
  }

  @Test func framesThatNobodyHasAreFound() throws {
    var world = MigrationTests.cluster(2)
    _ = try world.start("p", Programs.echo, on: 0, pages: 40)
    #expect(Self.verdict(world) == nil)
    world.nodes[0].kernel?.freeFrames += 1
    #expect(Self.verdict(world)?.contains("frames") == true)
  }

  @Test func aFamilyThatWasSeparatedIsFound() throws {
    var (world, members) = try CoprocessTests.family()
    #expect(Self.verdict(world) == nil)
    var options = TransferOptions(.totalFreezing)
    options.withCoprocesses = true
    world.migrate(members[0], to: 1, options)
    let stop = world.run(to: 10 * MigrationTests.second, until: { $0.migrations.all.allSatisfy { $0.endedAt != nil } })
    #expect(stop == .satisfied && Self.verdict(world) == nil)
    let copy = try #require(world.process(members[2]))
    world.nodes[1].kernel?.processes.remove(copy.id)
    world.nodes[1].kernel?.freeFrames += copy.space.pageCount
    world.nodes[2].kernel?.processes.insert(copy)
    world.nodes[2].kernel?.freeFrames -= copy.space.pageCount
    let attempt = MigrationAttempt(process: copy.id, epoch: 99)
    world.recordFact(.migration(attempt, .activated(awaitsCore: false)), from: NodeID(2))
    #expect(Self.verdict(world)?.contains("one that it is inseparable from on node n1") == true)
  }

  // MARK: - What must have come to its end

  /// A kernel that forgets what its process has sent, while it is cut off.
  @Test func aMessageOfWhichNothingIsHeardIsFound() throws {
    var (world, receiver) = try Self.world()
    let sender = try world.start("sender", Programs.echo, on: 1)
    world.failLine(NodeID(0), NodeID(1))
    world.ask(NodeID(1), .send(from: sender, to: receiver, text: "lost", size: 4))
    var whole = world
    let slot = try #require(world.nodes[1].kernel?.processes.slot(of: sender))
    world.nodes[1].kernel?.processes[slot].outbox = Outbox()
    for hasForgotten in [false, true] {
      if hasForgotten { whole = world }
      _ = whole.run(to: 5 * MigrationTests.second)
      whole.mendLines()
      _ = whole.run(to: 101 * MigrationTests.second)
      whole.settleClock(at: 99 * MigrationTests.second)
      #expect(whole.unsettled.isEmpty)
      whole.settleClock(at: 101 * MigrationTests.second)
      #expect(whole.unsettled == (hasForgotten ? ["nothing has been heard of message 1 to p"] : []))
    }
  }

  // MARK: - Order of delivery

  static let (sender, receiver) = (
    ProcessID(origin: NodeID(0), incarnation: 1, serial: 1), ProcessID(origin: NodeID(0), incarnation: 1, serial: 2)
  )

  /// What the checks say of these facts. Each is about the message with that number.
  static func verdict(_ facts: [(UInt32, MessageFact)]) -> String? {
    var invariants = Invariants()
    for (sequence, fact) in facts {
      let message = MessageID(from: sender, to: receiver, sequence: sequence)
      invariants.observe(.message(message, fact), from: NodeID(0), at: 0)
    }
    return invariants.violation?.what
  }

  static let accepted = MessageFact.accepted(text: "", size: 0)
  static let delivered = MessageFact.delivered(hops: 1)
  static let returned = MessageFact.returned(.notFound(at: NodeID(0)))

  @Test func rightOrderIsRight() {
    #expect(Self.verdict([(0, Self.accepted), (1, Self.accepted), (0, Self.delivered), (1, Self.delivered)]) == nil)
    #expect(Self.verdict([(0, Self.accepted), (1, Self.accepted), (0, Self.returned), (1, Self.delivered)]) == nil)
    // The sender is told that the message may not have been delivered, and then it is delivered.
    #expect(Self.verdict([(0, Self.accepted), (0, Self.returned), (0, Self.delivered)]) == nil)
  }

  @Test func wrongOrderIsFound() {
    #expect(Self.verdict([(0, Self.delivered)])?.contains("never accepted") == true)
    #expect(Self.verdict([(1, Self.accepted)])?.contains("out of turn") == true)
    let both = [(0, Self.accepted), (1, Self.accepted)] as [(UInt32, MessageFact)]
    #expect(Self.verdict(both + [(0, Self.delivered), (0, Self.delivered)])?.contains("twice") == true)
    #expect(Self.verdict(both + [(1, Self.delivered)])?.contains("passed over") == true)
    #expect(
      Self.verdict(both + [(0, Self.returned), (1, Self.delivered), (0, Self.delivered)])?.contains("out of order")
        == true)
  }

  @Test func theFirstViolationStays() {
    var invariants = Invariants()
    for (sequence, time) in [(5, 7), (6, 8)] as [(UInt32, Nanoseconds)] {
      let message = MessageID(from: Self.sender, to: Self.receiver, sequence: sequence)
      invariants.observe(.message(message, Self.accepted), from: NodeID(0), at: time)
    }
    #expect(invariants.violation?.time == 7)
  }
}
