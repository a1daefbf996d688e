import DequeModule

/// What is leaving this node for a peer and takes long: pages, and long messages, the node's own and those that it sends on.
/// The network is handed a window of such messages at a time, so that they share the line with what else goes over it; the
/// rest waits in the kernel. When the connection breaks all of it is lost, as what is in the network.
struct SendWindow: Sendable {
  /// Bytes of long messages that the network may have at a time, unless one alone is longer.
  static let bytes = 64 << 10
  /// Bytes from which on a message is long: more than a segment.
  static let longMessage = 1461

  /// Packets that the network has, and that it will say have left.
  fileprivate var leaving = 0
  /// Bytes of the long messages among them.
  fileprivate var bytesLeaving = 0
  /// Long messages, and what asks after them, in order.
  fileprivate var waiting: Deque<RoutedPacket> = []

  /// Whether a message of so many bytes may be handed to the network.
  fileprivate func hasRoom(for size: Int) -> Bool { bytesLeaving == 0 || bytesLeaving + size <= Self.bytes }
}

extension NodeKernel {
  /// Sends a packet, and has the network tell when it has left.
  mutating func send(
    _ packet: consuming Packet, size: Int, to peer: NodeID, telling notice: Notice?, _ out: inout EffectBuffer
  ) {
    if notice != nil { windows[peer, default: SendWindow()].leaving += 1 }
    out.send(packet, size: size, to: peer, notify: notice)
  }

  /// Sends something for a process to a peer: a long message as soon as there is room for it. What asks after a message does
  /// not overtake it.
  ///
  /// - Returns: true when it is a message that may take long to leave: `messageLeft` tells when it has.
  @discardableResult
  mutating func sendRouted(_ routed: RoutedPacket, to peer: NodeID, _ out: inout EffectBuffer) -> Bool {
    let size = Packet.routed(routed).encodedSize
    let isMessage = routed.messageID != nil
    if isMessage && size >= SendWindow.longMessage || routed.isInquiry && windows[peer]?.waiting.isEmpty == false {
      windows[peer, default: SendWindow()].waiting.append(routed)
      fillWindow(of: peer, &out)
      return isMessage
    }
    guard let message = routed.messageID, !windows.isEmpty, windows[peer] != nil else {
      sendWithRiders(routed, size: size, to: peer, telling: nil, &out)
      return false
    }
    sendWithRiders(routed, size: size, to: peer, telling: .message(message, bytes: 0), &out)
    return true
  }

  /// Sends something for a process, of `size` bytes by itself, with the acknowledgements that wait for its way.
  private mutating func sendWithRiders(
    _ routed: RoutedPacket, size: Int, to peer: NodeID, telling notice: Notice?, _ out: inout EffectBuffer
  ) {
    let riders = takeAcknowledgements(for: peer)
    if riders.isEmpty { return send(.routed(routed), size: size, to: peer, telling: notice, &out) }
    var routed = routed
    routed.riders = riders
    let packet = Packet.routed(routed)
    send(packet, size: packet.encodedSize, to: peer, telling: notice, &out)
  }

  /// The network tells that something has left for `peer`.
  mutating func hasLeft(_ notice: Notice, for peer: NodeID, _ out: inout EffectBuffer) {
    if let window = windows[peer], window.leaving > 0 { windows[peer]?.leaving -= 1 }
    switch notice {
    case .pages(let attempt): sendMore(of: attempt, batchLeft: true, &out)
    case .message(let message, let bytes):
      if let window = windows[peer] { windows[peer]?.bytesLeaving -= min(window.bytesLeaving, bytes) }
      if let sender = sender(message.from) {
        changeStream(sender, message.to) { $0.messageLeft(message, at: out.now) }
      }
    }
    fillWindow(of: peer, &out)
  }

  private mutating func fillWindow(of peer: NodeID, _ out: inout EffectBuffer) {
    while let routed = windows[peer]?.waiting.first {
      let size = Packet.routed(routed).encodedSize
      guard windows[peer]?.hasRoom(for: size) == true else { return }
      windows[peer]?.waiting.removeFirst()
      if routed.messageID != nil { windows[peer]?.bytesLeaving += size }
      sendWithRiders(
        routed, size: size, to: peer, telling: routed.messageID.map { .message($0, bytes: size) }, &out)
    }
    if let window = windows[peer], window.leaving == 0 { windows[peer] = nil }
  }
}
