import DequeModule

/// The long messages on their way from this node to a peer, its own and those that it sends on. The network is handed a
/// window of them at a time, so that they share the line with what else goes over it; the rest waits in the kernel.
///
/// When the connection breaks all of it is lost, as what is in the network.
struct MessageWindow: Sendable {
  /// Bytes that the network may have of them at a time, unless one alone is longer.
  static let bytes = 64 << 10
  /// Bytes from which on a message is long: more than a segment.
  static let longMessage = 1461

  /// Bytes that the network has of them and that have not left.
  private(set) var leaving = 0
  private var waiting: Deque<RoutedPacket> = []

  /// True when something waits that came before.
  var isFull: Bool { !waiting.isEmpty }

  mutating func wait(_ routed: RoutedPacket) { waiting.append(routed) }

  /// Whether a message of so many bytes may be handed to the network.
  func hasRoom(for size: Int) -> Bool { leaving == 0 || leaving + size <= Self.bytes }

  mutating func handOn(_ size: Int) { leaving += size }

  mutating func left(_ size: Int) { leaving -= min(leaving, size) }

  /// Removes and returns what is to be handed to the network next.
  mutating func next() -> RoutedPacket? { waiting.popFirst() }

  var first: RoutedPacket? { waiting.first }
}

extension NodeKernel {
  /// Sends something for a process to a peer: a long message as soon as there is room for it. What asks after a message does
  /// not overtake it.
  ///
  /// - Returns: true when it is a long message: `messageLeft` tells when it has left.
  @discardableResult
  mutating func sendRouted(_ routed: RoutedPacket, to peer: NodeID, _ out: inout EffectBuffer) -> Bool {
    let packet = Packet.routed(routed)
    let size = packet.encodedSize
    let isLong = size >= MessageWindow.longMessage && routed.messageID != nil
    guard isLong || routed.isInquiry && windows[peer]?.isFull == true else {
      out.send(packet, size: size, to: peer, notify: nil)
      return false
    }
    windows[peer, default: MessageWindow()].wait(routed)
    fillWindow(of: peer, &out)
    return isLong
  }

  /// A long message has left for `peer`.
  mutating func messageLeft(_ message: MessageID, bytes: Int, for peer: NodeID, _ out: inout EffectBuffer) {
    windows[peer]?.left(bytes)
    fillWindow(of: peer, &out)
    guard let sender = sender(message.from) else { return }
    changeStream(sender, message.to) { $0.messageLeft(message, at: out.now) }
  }

  private mutating func fillWindow(of peer: NodeID, _ out: inout EffectBuffer) {
    while let routed = windows[peer]?.first {
      let packet = Packet.routed(routed)
      let size = packet.encodedSize
      let message = size >= MessageWindow.longMessage ? routed.messageID : nil
      guard windows[peer]?.hasRoom(for: message == nil ? 0 : size) == true else { return }
      _ = windows[peer]?.next()
      if message != nil { windows[peer]?.handOn(size) }
      out.send(packet, size: size, to: peer, notify: message.map { .message($0, bytes: size) })
    }
    if windows[peer]?.leaving == 0 { windows[peer] = nil }
  }
}
