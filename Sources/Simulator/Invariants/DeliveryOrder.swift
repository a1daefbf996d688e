import MigrationKernel

/// Between a sender and a receiver, messages are delivered in order and only once. When one is left out, its sender was
/// told.
struct DeliveryOrder: Sendable {
  private struct Pair: Hashable {
    let from: ProcessID
    let to: ProcessID
  }

  private struct Stream {
    var accepted: UInt32 = 0
    var delivered: UInt32 = 0
    var returned: Set<UInt32> = []
  }

  private var streams: [Pair: Stream] = [:]

  mutating func observe(_ fact: Fact) -> String? {
    guard case .message(let id, let fact) = fact else { return nil }
    let pair = Pair(from: id.from, to: id.to)
    let name = "message \(id.sequence) from \(id.from.serial) to \(id.to.serial)"
    switch fact {
    case .accepted:
      guard streams[pair]?.accepted ?? 0 == id.sequence else { return "\(name) was accepted out of turn" }
      streams[pair, default: Stream()].accepted = id.sequence + 1
    case .delivered:
      guard var stream = streams[pair], id.sequence < stream.accepted else { return "\(name) was never accepted" }
      guard id.sequence >= stream.delivered else { return "\(name) was delivered twice or out of order" }
      for missing in stream.delivered..<id.sequence where !stream.returned.contains(missing) {
        return "message \(missing) was passed over by \(name), and its sender was not told"
      }
      stream.delivered = id.sequence + 1
      stream.returned = stream.returned.filter { $0 > id.sequence }
      streams[pair] = stream
    case .returned: streams[pair, default: Stream()].returned.insert(id.sequence)
    case .sent, .queued, .forwarded, .handedBack, .held, .bounced, .dropped, .cameBack, .received, .resent, .lost: break
    }
    return nil
  }
}
