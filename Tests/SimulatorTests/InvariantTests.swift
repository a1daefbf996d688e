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

  /// What the checks say once something has happened.
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
    // A process that the operator holds may finish the step that it is in.
    #expect((Self.verdict(world)?.contains("though it is frozen") == true) == (phase != .held))
  }

  @Test func aCopyInDoubtThatExecutesIsFound() throws {
    var (world, process) = try Self.world()
    world.migrate(process, to: 1)
    let stop = world.run(to: 100_000_000, until: { $0.nodes[1].kernel?.arrivals.values.first?.process != nil })
    #expect(stop == .satisfied && Self.verdict(world) == nil)
    world.nodes[1].kernel?.arrivals[process]?.process?.threads[0].state = .running(core: 0)
    #expect(Self.verdict(world)?.contains("though it is in doubt") == true)
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
    world.invariants?.observe(.lost(process, becauseOf: NodeID(1)), at: 0)
    #expect(Self.verdict(world)?.contains("which never failed") == true)
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
      _ = doctored.migrations.take(fact, of: attempt, node: NodeID(0), time: world.now)
      #expect(Self.verdict(doctored)?.contains("the network carried") == true)
    }
    #expect(Self.verdict(world) == nil)
  }

  @Test func linksThatDoNotLeadOnAreFound() throws {
    var world = MigrationTests.cluster(4)
    let process = try world.start("p", Programs.echo, on: 0)
    for node in [1, 2, 3] as [UInt32] { ForwardingTests.move(&world, process, to: node) }
    #expect(Self.verdict(world) == nil)
    func doctored(_ node: Int, _ link: Location) -> String? {
      var world = world
      world.nodes[node].kernel?.locations.links[process] = link
      return Self.verdict(world)
    }
    func at(_ node: UInt32, epoch: UInt32) -> Location { Location(node: NodeID(node), epoch: epoch, since: 0) }
    #expect(
      doctored(2, at(0, epoch: 3))
        == "the link of node n2 to process p of epoch 3 leads to node n0, whose own is of epoch 1")
    #expect(doctored(1, at(2, epoch: 3))?.contains("leads to node n2, whose own is of epoch 3") == true)
    #expect(doctored(1, at(1, epoch: 2)) == "the link of node n1 to process p leads to the node itself")
    #expect(doctored(3, at(0, epoch: 4)) == "the link of node n3 to process p is left where the process is")
    #expect(doctored(2, at(3, epoch: 9)) == nil)
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
    world.processes.setOwner(copy.id, .node(NodeID(2)))
    #expect(Self.verdict(world)?.contains("one that it is inseparable from on node n1") == true)
  }

  // MARK: - Order of delivery

  static let (sender, receiver) = (
    ProcessID(origin: NodeID(0), incarnation: 1, serial: 1), ProcessID(origin: NodeID(0), incarnation: 1, serial: 2)
  )

  /// What the checks say to these facts, each about the message of that number.
  static func verdict(_ facts: [(UInt32, MessageFact)]) -> String? {
    var invariants = Invariants()
    for (sequence, fact) in facts {
      invariants.observe(.message(MessageID(from: sender, to: receiver, sequence: sequence), fact), at: 0)
    }
    return invariants.violation?.what
  }

  static let accepted = MessageFact.accepted(text: "", size: 0)
  static let delivered = MessageFact.delivered(hops: 1)
  static let returned = MessageFact.returned(.notFound(at: NodeID(0)))

  @Test func rightOrderIsRight() {
    #expect(Self.verdict([(0, Self.accepted), (1, Self.accepted), (0, Self.delivered), (1, Self.delivered)]) == nil)
    #expect(Self.verdict([(0, Self.accepted), (1, Self.accepted), (0, Self.returned), (1, Self.delivered)]) == nil)
    // Told that it may not have been delivered, and then it was.
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
    invariants.observe(.message(MessageID(from: Self.sender, to: Self.receiver, sequence: 5), Self.accepted), at: 7)
    invariants.observe(.message(MessageID(from: Self.sender, to: Self.receiver, sequence: 6), Self.accepted), at: 8)
    #expect(invariants.violation?.time == 7)
  }
}
