import MigrationKernel

/// The containers and state machines of kernels and of the world keep their own invariants, which their own files
/// state. From outside, one that is broken shows much later or never.
///
/// To check all of them after each event would take longer than the run. So after every fourth event one of them is
/// checked, in turn. What is broken stays broken until its turn comes.
struct OwnInvariants: Sendable {
  /// The number of turns that the world itself has: for the event queue and the network, which change all the time, and
  /// for the books.
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
