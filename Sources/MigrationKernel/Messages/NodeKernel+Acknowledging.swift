/// Where a receiver is, its kernel acknowledges what has come. Acknowledgements have no packets of their own as long as
/// something else for a process goes the same way: they wait for that at most `NodeSettings.acknowledgementDelay`, and ride on it
/// (as those of TCP do: RFC 1122, 4.2.3.2). One for a thread that waits for it leaves at once.
///
/// When the connection breaks, or this node falls, those that wait are lost as if they had been on their way.
struct HeldAcknowledgements: Sendable {
  /// One packet carries no more of them.
  fileprivate static let limit = 32

  /// The latest of each receiver to each sender.
  fileprivate(set) var waiting: [Acknowledgement] = []
  /// When those that wait leave by themselves. A timer runs, also when they have left before.
  fileprivate(set) var due: Nanoseconds
}

/// What says of the messages from one process to another which have come.
struct Acknowledgement: Sendable, Equatable {
  /// The sender of the messages.
  let to: ProcessID
  /// Their receiver.
  let from: ProcessID
  /// The number of the next that the receiver gets: all before it have come.
  let expected: UInt32
  /// Where the receiver is.
  let address: Address

  /// As a packet of its own.
  var routed: RoutedPacket {
    RoutedPacket(to: to, body: .acknowledgement(from: from, expected: expected, at: address))
  }
}

extension NodeKernel {
  /// Tells the kernel of a sender which messages its receiver has got.
  ///
  /// - Parameters:
  ///   - routed: the message that has come, or what asks after it.
  ///   - expected: the number of the next that the receiver gets.
  mutating func acknowledge(_ routed: RoutedPacket, expected: UInt32, _ out: inout EffectBuffer) {
    guard let (message, node) = routed.subject else { return }
    let acknowledgement = Acknowledgement(
      to: message.from, from: message.to, expected: expected, address: addressHere(of: message.to))
    if node == id {
      route(acknowledgement.routed, &out)
    } else if routed.isAwaited || routed.isInquiry || settings.acknowledgementDelay == 0 {
      sendRouted(acknowledgement.routed, to: node, &out)
    } else {
      hold(acknowledgement, for: node, &out)
    }
  }

  private mutating func hold(_ acknowledgement: Acknowledgement, for peer: NodeID, _ out: inout EffectBuffer) {
    let due = out.now + settings.acknowledgementDelay
    // By its place: an entry that is changed by its key is changed through memory of its own.
    if let place = acknowledgements.index(forKey: peer) {
      acknowledgements.values[place].hold(acknowledgement, until: due)
      if acknowledgements.values[place].isFull { sendAcknowledgements(to: peer, &out) }
      return
    }
    acknowledgements[peer] = HeldAcknowledgements(waiting: [acknowledgement], due: due)
    out.setTimer(.acknowledge(peer), at: due)
  }

  /// Acknowledgements have waited for long, unless something has taken them along.
  mutating func acknowledgementsDue(_ peer: NodeID, _ out: inout EffectBuffer) {
    guard let held = acknowledgements[peer] else { return }
    if !held.waiting.isEmpty, held.due > out.now { return out.setTimer(.acknowledge(peer), at: held.due) }
    sendAcknowledgements(to: peer, &out)
    acknowledgements[peer] = nil
  }

  private mutating func sendAcknowledgements(to peer: NodeID, _ out: inout EffectBuffer) {
    guard let last = acknowledgements[peer]?.waiting.popLast() else { return }
    sendRouted(last.routed, to: peer, &out)
  }

  /// Those for a peer, which are to ride on what goes there now.
  mutating func takeAcknowledgements(for peer: NodeID) -> [Acknowledgement] {
    if acknowledgements.isEmpty { return [] }
    guard let place = acknowledgements.index(forKey: peer) else { return [] }
    return acknowledgements.values[place].take()
  }

  /// What has come for a process has acknowledgements for others, or for it, with it.
  mutating func takeOff(_ riders: [Acknowledgement], _ out: inout EffectBuffer) {
    for acknowledgement in riders { route(acknowledgement.routed, &out) }
  }
}

extension HeldAcknowledgements {
  fileprivate var isFull: Bool { waiting.count >= Self.limit }

  /// Adds one, in the place of an earlier one between the same two.
  fileprivate mutating func hold(_ acknowledgement: Acknowledgement, until due: Nanoseconds) {
    if waiting.isEmpty { self.due = due }
    if let place = waiting.firstIndex(where: { $0.to == acknowledgement.to && $0.from == acknowledgement.from }) {
      waiting[place] = acknowledgement
    } else {
      waiting.append(acknowledgement)
    }
  }

  fileprivate mutating func take() -> [Acknowledgement] {
    defer { waiting = [] }
    return waiting
  }
}
