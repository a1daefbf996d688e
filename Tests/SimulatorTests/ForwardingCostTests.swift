import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Counts exactly what each mechanism costs, and compares that with what one can work out by hand.
@Suite struct ForwardingCostTests {
  typealias Counts = ForwardingScene.Counts

  static let others = Int(ForwardingScene.nodes) - 1

  /// The cost of `count` messages from a sender that knows only where the process was created. The process has moved
  /// `moves` times since.
  ///
  /// - Parameter atOnce: whether all leave before anything comes back. Otherwise each is sent when the one before has
  ///   settled.
  static func expected(_ mechanism: ForwardingMechanism, moves: Int, count: Int, atOnce: Bool) -> Counts {
    var counts = Counts()
    counts.delivered = count
    counts.hops = count
    counts.messages = count
    // Those that come together are acknowledged together.
    counts.control = atOnce ? 1 : count
    guard moves > 0 else { return counts }
    /// The messages that miss the process at first: all, as long as the first answer has not told the sender anything.
    let stale = atOnce ? count : 1
    switch mechanism {
    case .linkTraversal:
      counts.forwarded = stale * moves
    case .originSite:
      counts.forwarded = count
    case .linkUpdate: break
    case .resendReturned:
      counts.bounced = stale
      counts.control += stale
    case .resendDropped:
      counts.dropped = stale
    }
    counts.hops += counts.forwarded
    counts.messages += counts.forwarded
    if mechanism == .resendReturned || mechanism == .resendDropped {
      counts.resent = stale
      counts.messages += stale
      counts.locate = others
      counts.located = 1
      counts.location = others + 1
    }
    return counts
  }

  @Test(arguments: ForwardingMechanism.allCases, 0...8 as ClosedRange<UInt32>)
  func messagesAfterMoves(mechanism: ForwardingMechanism, moves: UInt32) throws {
    var moved = try ForwardingScene(mechanism)
    moved.move(to: moves == 0 ? [] : Array(1...moves))
    for count in 1...5 {
      var atOnce = moved
      atOnce.send(count)
      atOnce.settle()
      #expect(
        atOnce.since(moved) == Self.expected(mechanism, moves: Int(moves), count: count, atOnce: true),
        "\(count) at once")
      var inTurn = moved
      for _ in 0..<count {
        inTurn.send(1)
        inTurn.settle()
      }
      #expect(
        inTurn.since(moved) == Self.expected(mechanism, moves: Int(moves), count: count, atOnce: false),
        "\(count) in turn")
      #expect(atOnce.world.invariants?.violation == nil && inTurn.world.invariants?.violation == nil)
    }
  }

  /// The way of one message in words, `k` moves after its sender last heard of the receiver.
  @Test(arguments: ForwardingMechanism.allCases, 1...3 as ClosedRange<UInt32>)
  func theStepsOfAMessage(mechanism: ForwardingMechanism, moves: UInt32) throws {
    var scene = try ForwardingScene(mechanism)
    scene.move(to: Array(1...moves))
    scene.send(1)
    scene.settle()
    let expected: [String] =
      switch mechanism {
      case .linkTraversal:
        ["9 sent to 0"] + (0..<moves).map { "\($0) forwarded to \($0 + 1)" } + ["\(moves) delivered"]
      case .originSite: ["9 sent to 0", "0 forwarded to \(moves)", "\(moves) delivered"]
      case .resendReturned:
        ["9 sent to 0", "0 bounced", "9 came back", "9 resent to \(moves)", "\(moves) delivered"]
      case .resendDropped: ["9 sent to 0", "0 dropped", "9 resent to \(moves)", "\(moves) delivered"]
      case .linkUpdate: ["9 sent to \(moves)", "\(moves) delivered"]
      }
    let record = try #require(scene.world.messages.all.last)
    #expect(record.steps.map(Self.words) == expected)
  }

  static func words(_ step: MessageRecord.Step) -> String {
    let what: String =
      switch step.fact {
      case .sent(let node): "sent to \(node.number)"
      case .forwarded(let node, _, _): "forwarded to \(node.number)"
      case .handedBack(let node, _, _): "handed back to \(node.number)"
      case .resent(let node): "resent to \(node.number)"
      case .bounced: "bounced"
      case .dropped: "dropped"
      case .cameBack: "came back"
      case .delivered: "delivered"
      default: "\(step.fact)"
      }
    return "\(step.node.number) \(what)"
  }

  /// How long the first message takes: the latencies of its packets one after another, and the time to send them.
  @Test(arguments: ForwardingMechanism.allCases, 1...8 as ClosedRange<UInt32>)
  func theDelayOfTheFirstMessage(mechanism: ForwardingMechanism, moves: UInt32) throws {
    var scene = try ForwardingScene(mechanism)
    scene.move(to: Array(1...moves))
    scene.send(1)
    scene.settle()
    let record = try #require(scene.world.messages.all.last)
    let delay = try #require(record.deliveredAt) - record.acceptedAt
    let (latency, timeout) = (1_000_000 as Nanoseconds, 2 * MigrationTests.second)
    let (trips, waiting): (UInt64, Nanoseconds) =
      switch mechanism {
      case .linkTraversal: (UInt64(moves) + 1, 0)
      case .originSite: (2, 0)
      case .linkUpdate: (1, 0)
      // There, back, the broadcast, its answer, and there.
      case .resendReturned: (5, 0)
      case .resendDropped: (3, timeout)
      }
    let packets = record.steps.compactMap(\.bytes).reduce(0) { $0 + Line().transmissionTime(bytes: $1) }
    let least = trips * latency + waiting
    if trips == UInt64(record.hops) {
      #expect(delay == least + packets)
    } else {
      // The packets that carry no message are of some ten bytes each, and a broadcast is one to every other node.
      let others = mechanism == .resendReturned ? UInt64(scene.world.nodes.count) : 0
      #expect(delay > least && delay < least + packets + 20_000 + others * 3000)
    }
  }

  // MARK: - Moves

  /// Control packets of each move, what they leave behind, and what goes when the process ends.
  @Test(arguments: ForwardingMechanism.allCases, 1...8 as ClosedRange<UInt32>)
  func whatMovesCostAndLeaveBehind(mechanism: ForwardingMechanism, moves: UInt32) throws {
    var scene = try ForwardingScene(mechanism)
    let before = scene
    scene.move(to: Array(1...moves))
    for (place, migration) in scene.world.migrations.all.enumerated() {
      let packets = scene.world.network.traffic(of: migration.attempt).control.packets
      let isReported = mechanism == .originSite && place > 0
      let expected: UInt64 = 5 + (isReported ? 1 : 0) + (mechanism == .linkUpdate ? 2 : 0)
      #expect(packets == expected, "move \(place + 1)")
      #expect(migration.linksUpdated == (mechanism == .linkUpdate ? 1 : 0))
    }
    let upkeep = scene.since(before).location
    switch mechanism {
    case .linkTraversal: #expect(upkeep == 0 && scene.leftBehind == .init(addresses: Int(moves), cached: 1))
    case .originSite: #expect(upkeep == Int(moves) - 1 && scene.leftBehind == .init(moves: 1))
    case .resendReturned, .resendDropped: #expect(upkeep == 0 && scene.leftBehind == .init(cached: 1))
    case .linkUpdate: #expect(upkeep == 2 * Int(moves) && scene.leftBehind == .init(cached: 1))
    }
    let moved = scene
    scene.world.ask(NodeID(moves), .kill(scene.receiver))
    scene.settle()
    let told = [.linkTraversal: Int(moves), .originSite: 1][mechanism] ?? 0
    #expect(scene.since(moved).location == told && scene.leftBehind.addresses + scene.leftBehind.moves == 0)
  }

  /// Under link update a move costs two packets for each correspondent, but none for a correspondent on the source.
  @Test(arguments: 0...6 as ClosedRange<UInt32>)
  func linkUpdateCostsTwoPacketsALink(others: UInt32) throws {
    var world = MigrationTests.cluster(10)
    let receiver = try world.start("receiver", ForwardingTests.sink, on: 0, forwarding: .linkUpdate)
    var senders = [try world.start("neighbour", ForwardingTests.sink, on: 0)]
    for node in 0..<others { senders.append(try world.start("sender\(node)", ForwardingTests.sink, on: node + 2)) }
    for sender in senders { ForwardingTests.send(&world, sender, receiver, "x") }
    _ = world.run(to: MigrationTests.second)
    for (node, isNeighbourFar) in [(1, false), (9, true)] as [(UInt32, Bool)] {
      world.migrate(receiver, to: node)
      _ = world.run(to: world.now + MigrationTests.second)
      let migration = try #require(world.migrations.all.last)
      #expect(migration.linksUpdated == Int(others) + 1)
      let told = UInt64(others) + (isNeighbourFar ? 1 : 0)
      #expect(world.network.traffic(of: migration.attempt).control.packets == 5 + 2 * told)
      #expect(world.nodes.allSatisfy { $0.kernel?.locations.forwardingAddresses.isEmpty == true })
    }
    let before = world.network.carried(for: .message).packets
    for sender in senders { ForwardingTests.send(&world, sender, receiver, "x") }
    _ = world.run(to: world.now + MigrationTests.second)
    #expect(world.network.carried(for: .message).packets == before + UInt64(senders.count))
    #expect(world.messages.forwarded == 0)
  }

  // MARK: - Other ends

  /// A receiver that has come home, and one that has come to where its sender is.
  @Test(arguments: ForwardingMechanism.allCases)
  func aReceiverThatCameHomeOrToItsSender(mechanism: ForwardingMechanism) throws {
    var home = try ForwardingScene(mechanism)
    home.move(to: [1, 2, 0])
    let returned = home
    home.send(1)
    home.settle()
    var expected = Counts()
    (expected.delivered, expected.hops, expected.messages, expected.control) = (1, 1, 1, 1)
    #expect(home.since(returned) == expected)
    #expect(home.leftBehind.addresses == (mechanism == .linkTraversal ? 2 : 0) && home.leftBehind.moves == 0)

    var near = try ForwardingScene(mechanism)
    near.move(to: [1, 9])
    let moved = near
    near.send(1)
    near.settle()
    expected = Counts()
    expected.delivered = 1
    #expect(near.since(moved) == expected)
  }

  /// A sender on the origin of a receiver that has moved three times: only resending has to look for it.
  @Test(arguments: ForwardingMechanism.allCases)
  func aSenderOnTheOrigin(mechanism: ForwardingMechanism) throws {
    var scene = try ForwardingScene(mechanism, senderOn: 0)
    scene.move(to: [1, 2, 3])
    let moved = scene
    scene.send(2)
    scene.settle()
    var expected = Counts()
    (expected.delivered, expected.hops, expected.messages, expected.control) = (2, 2, 2, 1)
    switch mechanism {
    case .linkTraversal: (expected.forwarded, expected.hops, expected.messages) = (4, 6, 6)
    case .originSite: expected.forwarded = 2
    case .linkUpdate: break
    case .resendReturned, .resendDropped:
      (expected.locate, expected.located, expected.location) = (Self.others, 1, Self.others + 1)
    }
    #expect(scene.since(moved) == expected)
  }
}
