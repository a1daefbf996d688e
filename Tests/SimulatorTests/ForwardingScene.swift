import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// A receiver whose messages find it by one mechanism, and one sender that knows where it was at first.
struct ForwardingScene {
  /// The nodes of the cluster. The first is the receiver's origin. The sender is on the last unless another is named.
  static let nodes: UInt32 = 10

  var world: World
  let receiver: ProcessID
  let sender: ProcessID

  init(_ mechanism: ForwardingMechanism, senderOn node: UInt32 = nodes - 1) throws {
    world = MigrationTests.cluster(Int(Self.nodes))
    receiver = try world.start("receiver", ForwardingTests.sink, on: 0, forwarding: mechanism)
    sender = try world.start("sender", ForwardingTests.sink, on: node)
    send(1)
    settle()
  }

  /// Lets all messages be delivered that can be, however often they must be sent again.
  mutating func settle() {
    let end = world.now + 200 * MigrationTests.second
    _ = world.run(to: end)
    world.settleClock(at: end)
  }

  /// Messages from the sender, all at this instant.
  mutating func send(_ count: Int) {
    for _ in 0..<count { ForwardingTests.send(&world, sender, receiver, "x") }
  }

  mutating func move(to nodes: [UInt32]) {
    for node in nodes {
      world.migrate(receiver, to: node)
      settle()
      #expect(world.location(of: receiver) == NodeID(node))
    }
  }

  /// The counts since `earlier`.
  func since(_ earlier: ForwardingScene) -> Counts {
    Counts(world, receiver: receiver) - Counts(earlier.world, receiver: receiver)
  }

  /// What nodes keep of the receiver's location: how many nodes keep something, and how many locations they have
  /// learned.
  var leftBehind: Left {
    let locations = world.nodes.compactMap { $0.kernel?.locations }
    return Left(
      addresses: locations.count { $0.forwardingAddresses[receiver] != nil },
      moves: locations.count { $0.moves[receiver] != nil },
      cached: locations.count { $0.cache[receiver] != nil })
  }

  struct Left: Equatable {
    var addresses = 0
    var moves = 0
    var cached = 0
  }

  /// Everything that is counted about messages and their packets.
  struct Counts: Equatable {
    var delivered = 0
    var hops = 0
    /// Sent on, by forwarding addresses or by the origin.
    var forwarded = 0
    var bounced = 0
    var dropped = 0
    var resent = 0
    /// Packets on the network, by what they are for.
    var messages = 0
    var control = 0
    var location = 0
    /// The control packets that are broadcasts or answers to them.
    var locate = 0
    var located = 0

    init() {}

    init(_ world: World, receiver: ProcessID) {
      for record in world.messages.all where record.id.to == receiver {
        if record.status == .delivered { delivered += 1 }
        hops += Int(record.hops)
        for step in record.steps {
          switch step.fact {
          case .forwarded: forwarded += 1
          case .bounced: bounced += 1
          case .dropped: dropped += 1
          case .resent: resent += 1
          default: break
          }
        }
      }
      messages = Int(world.network.carried(for: .message).packets)
      control = Int(world.network.carried(for: .control).packets)
      location = Int(world.network.carried(for: .location).packets)
      locate = world.packets.all.count { $0.name == "locate" }
      located = world.packets.all.count { $0.name == "located" }
    }

    static func - (left: Counts, right: Counts) -> Counts {
      var result = Counts()
      for field in fields { result[keyPath: field] = left[keyPath: field] - right[keyPath: field] }
      return result
    }

    private static var fields: [WritableKeyPath<Counts, Int>] {
      [
        \.delivered, \.hops, \.forwarded, \.bounced, \.dropped, \.resent, \.messages, \.control, \.location, \.locate,
        \.located,
      ]
    }
  }
}
