import MigrationKernel

/// The containers and state machines of kernels and of the world hold together, each as its own file says: what nobody
/// sees from outside until much later, or never.
///
/// To ask all of them after each event would take longer than the run. So one thing after another is asked, in turn, and
/// after every fourth event: what has gone wrong stays so until its turn has come.
struct OwnInvariants: Sendable {
  /// What the world itself has: the event queue and the network, which change all the time, and the books.
  private static let partsOfWorld = 7

  func check(_ world: borrowing World) -> String? {
    guard world.eventCount % 4 == 0 else { return nil }
    let turn = Int(truncatingIfNeeded: world.eventCount / 4 % UInt64(Self.partsOfWorld + world.nodes.count))
    guard turn < Self.partsOfWorld else {
      let node = NodeID(UInt32(turn - Self.partsOfWorld))
      guard world[node].isUp, let what = world[node].runningKernel.brokenInvariant() else { return nil }
      return "node \(world[node].name) \(what)"
    }
    return switch turn {
    case 0: world.queue.brokenInvariant(at: world.now).map { "the queue of events \($0)" }
    case 1: world.network.brokenInvariant().map { "the network \($0)" }
    case 2: world.log.brokenInvariant().map { "the log \($0)" }
    case 3: world.packets.brokenInvariant().map { "the trace of packets \($0)" }
    case 4: world.messages.brokenInvariant().map { "the ledger of messages \($0)" }
    case 5: world.migrations.brokenInvariant().map { "the ledger of migrations \($0)" }
    default: world.processes.brokenInvariant().map { "the directory of processes \($0)" }
    }
  }
}
