import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Under every mechanism, whatever moves, every message is delivered once and in order, or its sender is told.
@Suite struct ForwardingDeliveryTests {
  static let second = MigrationTests.second

  /// What nodes keep without need, in words: addresses of processes that have ended, and packets that wait in vain.
  static func leftovers(_ world: World) -> [String] {
    let alive = Set(world.processes.all.filter { $0.fate == .alive }.map(\.id))
    var words: [String] = []
    for node in world.nodes {
      guard let kernel = node.kernel else { continue }
      let locations = kernel.locations
      if !Set(locations.forwardingAddresses.keys).isSubset(of: alive) {
        words.append("a forwarding address on \(node.name)")
      }
      if !Set(locations.moves.keys).isSubset(of: alive) { words.append("a move on \(node.name)") }
      if !locations.held.isEmpty { words.append("something held on \(node.name)") }
      if !locations.searches.isEmpty { words.append("a search on \(node.name)") }
      if !kernel.outboxes.isEmpty { words.append("an outbox on \(node.name)") }
      if !kernel.addressNews.isEmpty { words.append("a link update on \(node.name)") }
      for process in kernel.processes where !process.outbox.isSettled {
        words.append("messages of \(process.name) on \(node.name)")
      }
    }
    return words
  }

  /// How many messages have each status.
  static func statuses(_ world: World) -> [MessageRecord.Status: Int] {
    world.messages.all.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  // MARK: - Everything at once

  /// Processes that all send to each other while they are moved about, from one seed.
  struct Storm {
    var world: World
    private(set) var random: Generator
    private(set) var processes: [ProcessID] = []
    static let span: Nanoseconds = 300_000_000

    /// - Parameter mechanism: the mechanism of all processes; nil to draw one for each.
    init(seed: UInt64, _ mechanism: ForwardingMechanism?) throws {
      random = Generator(seed: seed)
      var line = Line()
      line.latency = random.pick([0, 50_000, 1_000_000, 15_000_000]) ?? 0
      line.bandwidth = random.pick([1_000_000, 100_000_000, 1_000_000_000]) ?? 1
      world = MigrationTests.cluster(Int(3 + random.next(below: 3)), line: line)
      var slow = line
      slow.latency += random.next(below: 40_000_000)
      world.setLine(NodeID(0), NodeID(1), slow)
      for number in 0..<(2 + random.next(below: 4)) {
        let chosen = mechanism ?? random.pick(ForwardingMechanism.allCases) ?? .linkTraversal
        processes.append(
          try world.start("p\(number)", ForwardingTests.sink, on: anyNode.number, pages: 3, forwarding: chosen))
      }
      for _ in 0..<60 {
        guard let from = random.pick(processes), let to = random.pick(processes) else { return }
        world.ask(about: from, .send(from: from, to: to, text: "x", size: 0), at: anyTime)
      }
      for _ in 0..<20 {
        guard let process = random.pick(processes) else { return }
        let options = TransferOptions(random.pick([.totalFreezing, .preTransfer, .onReference]) ?? .totalFreezing)
        world.ask(about: process, .migrate(process, to: anyNode, options), at: anyTime)
      }
      for _ in 0..<3 {
        guard let process = random.pick(processes) else { return }
        let time = anyTime
        world.ask(about: process, .freeze(process), at: time)
        world.ask(about: process, .resume(process), at: time + Self.span)
        world.ask(about: process, .cancelMigration(process), at: anyTime)
      }
    }

    var anyNode: NodeID { mutating get { NodeID(UInt32(random.next(below: UInt64(world.nodes.count)))) } }
    var anyTime: Nanoseconds { mutating get { random.next(below: Self.span) } }

    /// Some of the processes end meanwhile.
    mutating func planEnds() {
      for process in processes where random.next(below: 2) == 0 {
        world.ask(about: process, .kill(process), at: anyTime)
      }
    }
  }

  static let mechanisms: [ForwardingMechanism?] = ForwardingMechanism.allCases + [nil]

  @Test(arguments: mechanisms)
  func everyMessageArrives(mechanism: ForwardingMechanism?) throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      var storm = try Storm(seed: seed, mechanism)
      let stop = storm.world.run(to: 1000 * Self.second)
      let comment = "seed \(seed)" as Comment
      #expect(stop == .quiet && storm.world.invariants?.violation == nil, comment)
      #expect(Set(Self.statuses(storm.world).keys) == [.delivered], comment)
      // One that was being moved when it should have been resumed is still held.
      for process in storm.processes {
        guard let node = storm.world.location(of: process) else { continue }
        storm.world.ask(node, .resume(process))
      }
      _ = storm.world.run(to: 2000 * Self.second)
      #expect(storm.world.messages.received == storm.world.messages.delivered, comment)
      #expect(Self.leftovers(storm.world) == [], comment)
    }
  }

  @Test(arguments: mechanisms)
  func whatIsForOneThatEndsIsDeliveredOrReturned(mechanism: ForwardingMechanism?) throws {
    var statuses: [MessageRecord.Status: Int] = [:]
    for seed in 1...20 as ClosedRange<UInt64> {
      var storm = try Storm(seed: seed, mechanism)
      storm.planEnds()
      let stop = storm.world.run(to: 1000 * Self.second)
      let comment = "seed \(seed)" as Comment
      #expect(stop == .quiet && storm.world.invariants?.violation == nil, comment)
      #expect(Set(Self.statuses(storm.world).keys).isSubset(of: [.delivered, .returned]), comment)
      #expect(Self.leftovers(storm.world) == [], comment)
      statuses.merge(Self.statuses(storm.world)) { $0 + $1 }
    }
    #expect(statuses[.delivered, default: 0] > 200 && statuses[.returned, default: 0] > 20, "\(statuses)")
  }

  // MARK: - One thing at a time

  /// Two processes that talk move to each other's nodes, at every distance in time.
  @Test(arguments: ForwardingMechanism.allCases)
  func bothEndsMoveTowardsEachOther(mechanism: ForwardingMechanism) throws {
    for distance in stride(from: 0 as Nanoseconds, through: 12_000_000, by: 613_000) {
      var world = MigrationTests.cluster(3)
      let left = try world.start("left", ForwardingTests.sink, on: 0, forwarding: mechanism)
      let right = try world.start("right", ForwardingTests.sink, on: 1, forwarding: mechanism)
      for number in 0..<40 as Range<UInt64> {
        world.ask(about: left, .send(from: left, to: right, text: "x", size: 0), at: number * 700_000)
        world.ask(about: right, .send(from: right, to: left, text: "x", size: 0), at: number * 700_000)
      }
      for (turn, nodes) in ([(1, 0), (2, 2), (0, 1)] as [(UInt32, UInt32)]).enumerated() {
        let time = UInt64(turn) * 10_000_000
        world.ask(about: left, .migrate(left, to: NodeID(nodes.0), TransferOptions(.totalFreezing)), at: time)
        let later = time + distance
        world.ask(about: right, .migrate(right, to: NodeID(nodes.1), TransferOptions(.totalFreezing)), at: later)
      }
      #expect(world.run(to: 1000 * Self.second) == .quiet, "\(distance)")
      let sent = world.messages.accepted
      #expect(
        sent > 40 && world.messages.received == sent && world.messages.returned(by: mechanism) == 0, "\(distance)")
      #expect(world.invariants?.violation == nil && Self.leftovers(world) == [], "\(distance)")
    }
  }

  @Test(arguments: ForwardingMechanism.allCases, [0, 1, 3] as [UInt32])
  func oneThatEndedAndOneThatNeverWas(mechanism: ForwardingMechanism, moves: UInt32) throws {
    var scene = try ForwardingScene(mechanism)
    scene.move(to: Array((0..<moves).map { $0 + 1 }))
    scene.world.ask(NodeID(moves), .kill(scene.receiver))
    scene.settle()
    #expect(Self.leftovers(scene.world) == [] && scene.leftBehind.addresses == 0 && scene.leftBehind.moves == 0)
    let never = ProcessID(origin: NodeID(0), incarnation: 1, serial: 77, forwarding: mechanism)
    for receiver in [scene.receiver, never] {
      for node in [0, moves, 9] as Set<UInt32> {
        var world = scene.world
        let prober = try world.start("prober", ForwardingTests.prober, on: node, peer: receiver)
        // It has no use for the answer that nobody is there.
        ForwardingTests.send(&world, scene.sender, receiver, "x")
        #expect(world.run(to: world.now + 1000 * Self.second) == .quiet)
        #expect(world.processes[prober]?.output.map(\.text) == ["undelivered"])
        #expect(world.messages.all.suffix(2).map(\.status) == [.returned, .returned])
        #expect(Self.leftovers(world) == [] && world.invariants?.violation == nil)
      }
    }
  }

  @Test(arguments: ForwardingMechanism.allCases)
  func oneThatTheOperatorFroze(mechanism: ForwardingMechanism) throws {
    var scene = try ForwardingScene(mechanism)
    scene.move(to: [1])
    scene.world.ask(NodeID(1), .freeze(scene.receiver))
    scene.send(3)
    scene.settle()
    scene.move(to: [2])
    scene.send(2)
    scene.settle()
    #expect(scene.world.process(scene.receiver)?.inbox.count == 5)
    #expect(Set(Self.statuses(scene.world).keys) == [.delivered])
    scene.world.ask(NodeID(2), .resume(scene.receiver))
    scene.settle()
    #expect(scene.world.process(scene.receiver)?.receivedCount == 6)
    #expect(scene.world.invariants?.violation == nil)
  }

  /// A migration that takes minutes: messages wait, or come back and are sent again, but nobody gives up.
  @Test(arguments: ForwardingMechanism.allCases, [0, 1, 3] as [UInt32])
  func oneThatAMigrationFreezesForMinutes(mechanism: ForwardingMechanism, sendersNode: UInt32) throws {
    var world = MigrationTests.cluster(4)
    let slow = MigrationTests.line(bandwidth: 100_000)
    world.setLine(NodeID(1), NodeID(2), slow)
    // Four mebibytes at 100 kbps: five and a half minutes.
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0, pages: 1000, forwarding: mechanism)
    let sender = try world.start("sender", ForwardingTests.sink, on: sendersNode)
    ForwardingTests.send(&world, sender, receiver, "x")
    _ = world.run(to: Self.second)
    world.migrate(receiver, to: 1)
    _ = world.run(to: 10 * Self.second)
    world.migrate(receiver, to: 2)
    _ = world.run(to: 20 * Self.second)
    let prober = try world.start("prober", ForwardingTests.prober, on: sendersNode, peer: receiver)
    _ = world.run(to: 20 * Self.second + 1000)
    for _ in 0..<3 { ForwardingTests.send(&world, sender, receiver, "x") }
    #expect(world.run(to: 3000 * Self.second) == .quiet)
    #expect(try #require(world.migrations[2]?.freezeTime) > 300 * Self.second)
    // Under resending only a sender that asks for the answer is told, unless its kernel has to look for the receiver
    // anyway.
    let isTold = mechanism == .resendReturned && sendersNode != 0
    #expect(world.processes[prober]?.output.map(\.text) == [isTold ? "undelivered" : "arrived"])
    #expect(world.process(receiver)?.receivedCount == (isTold ? 4 : 5))
    #expect(Self.leftovers(world) == [] && world.invariants?.violation == nil)
  }

  /// What a process sent before it ended arrives, even if it must be sent again.
  @Test(arguments: ForwardingMechanism.allCases)
  func whatASenderLeftBehindArrives(mechanism: ForwardingMechanism) throws {
    var scene = try ForwardingScene(mechanism)
    scene.move(to: [1, 2, 3])
    scene.send(4)
    scene.world.ask(NodeID(9), .kill(scene.sender))
    #expect(scene.world.nodes[9].kernel?.outboxes.isEmpty == false)
    scene.settle()
    #expect(scene.world.process(scene.receiver)?.receivedCount == 5)
    #expect(Self.leftovers(scene.world) == [] && scene.world.invariants?.violation == nil)
  }

  /// A correspondent has ended, and what it had sent is still kept: its kernel learns the new address all the same.
  @Test func anEndedCorrespondentsKernelAcknowledgesANewAddress() throws {
    var scene = try ForwardingScene(.linkUpdate)
    scene.world.migrate(scene.receiver, to: 1)
    let stop = scene.world.run(
      to: 10 * Self.second + scene.world.now,
      until: { $0.nodes[0].kernel?.departures[scene.receiver]?.stage == .handedOver })
    #expect(stop == .satisfied)
    scene.send(1)
    scene.world.ask(NodeID(9), .kill(scene.sender))
    let start = scene.world.now
    let end = scene.world.run(
      to: start + 10 * Self.second,
      until: { world in
        guard let source = world.nodes[0].kernel else { return false }
        return source.departures.isEmpty && source.locations.forwardingAddresses.isEmpty && source.addressNews.isEmpty
      })
    #expect(end == .satisfied && scene.world.now - start < Self.second)
    scene.settle()
    #expect(scene.world.process(scene.receiver)?.receivedCount == 2 && Self.leftovers(scene.world) == [])
  }
}

extension MessageLedger {
  /// Messages that came back under a mechanism that returns none.
  fileprivate func returned(by mechanism: ForwardingMechanism) -> UInt64 {
    mechanism == .resendReturned || mechanism == .linkUpdate ? 0 : returned
  }
}
