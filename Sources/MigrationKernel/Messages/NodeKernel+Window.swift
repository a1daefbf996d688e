import DequeModule

/// What is leaving this node for a peer and takes long: pages, and long packets, its own and those that it sends on. The
/// network is handed a window of these at a time, and in parts, so that what a thread waits for finds the line free soon;
/// the rest waits in the kernel. When the connection breaks all of it is lost, as what is in the network.
struct SendWindow: Sendable {
  /// Bytes of long packets that the network may have at a time: one part leaves while the next waits.
  private static let bytes = 2 * LongPacket.partSize
  /// Bytes from which on a message is long: more than a segment.
  static let longMessage = 1461

  /// Packets that the network has, and that it will say have left.
  fileprivate var leaving = 0
  /// Bytes of the long ones among them.
  fileprivate var bytesLeaving = 0
  /// Long packets, and what asks after messages among them, in order: first those for which threads wait.
  fileprivate var waiting: Deque<LongPacket> = []

  fileprivate mutating func add(_ packet: LongPacket) {
    let place = packet.isAwaited ? waiting.firstIndex { !$0.isAwaited } : nil
    waiting.insert(packet, at: place ?? waiting.count)
  }

  /// Has what asks after a message wait until that has left.
  ///
  /// - Returns: false when it has.
  fileprivate mutating func add(_ inquiry: RoutedPacket, behind message: MessageID) -> Bool {
    guard let place = waiting.lastIndex(where: { $0.isBeside(message) }) else { return false }
    waiting.insert(LongPacket(.routed(inquiry)), at: place + 1)
    return true
  }

  /// Whether the network may be handed something more.
  fileprivate var hasRoom: Bool {
    guard let first = waiting.first else { return false }
    return bytesLeaving == 0 || bytesLeaving + min(first.size, LongPacket.partSize) <= Self.bytes
  }
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
  mutating func sendRouted(_ routed: consuming RoutedPacket, to peer: NodeID, _ out: inout EffectBuffer) -> Bool {
    let size = routed.encodedSize
    if case .inquiry(let message, _) = routed.body, windows[peer]?.add(routed, behind: message) == true {
      return false
    }
    guard let message = routed.messageID else {
      sendWithRiders(consume routed, size: size, to: peer, telling: nil, &out)
      return false
    }
    if size >= SendWindow.longMessage {
      windows[peer, default: SendWindow()].add(LongPacket(.routed(routed)))
      fillWindow(of: peer, &out)
      return true
    }
    let others = !windows.isEmpty && windows[peer] != nil
    sendWithRiders(consume routed, size: size, to: peer, telling: others ? .message(message, bytes: 0) : nil, &out)
    return others
  }

  /// Sends a process to its destination: a long one in parts.
  mutating func sendHandover(
    _ attempt: MigrationAttempt, _ image: ProcessImage, to peer: NodeID, _ out: inout EffectBuffer
  ) {
    let handover = LongPacket(.handover(attempt, image))
    guard handover.isLong else { return sendRest(of: handover, to: peer, &out) }
    windows[peer, default: SendWindow()].add(handover)
    fillWindow(of: peer, &out)
  }

  /// Sends nothing more of a process that stays here.
  mutating func withdrawHandover(_ attempt: MigrationAttempt, to peer: NodeID) {
    windows[peer]?.waiting.removeAll { if case .handover(attempt, _) = $0.content { true } else { false } }
  }

  /// Sends something for a process, of `size` bytes by itself, with the acknowledgements that wait for its way.
  private mutating func sendWithRiders(
    _ routed: consuming RoutedPacket, size: Int, to peer: NodeID, telling notice: Notice?, _ out: inout EffectBuffer
  ) {
    var size = size
    let riders = takeAcknowledgements(for: peer)
    if !riders.isEmpty {
      routed.riders = riders
      size = routed.encodedSize
    }
    send(.routed(routed), size: size, to: peer, telling: notice, &out)
  }

  /// Sends what is left of something once its parts have gone.
  private mutating func sendRest(of packet: LongPacket, to peer: NodeID, _ out: inout EffectBuffer) {
    let rest = packet.rest
    let size = packet.partBytes == 0 ? packet.size : rest.packet.encodedSize
    switch rest {
    case .routed(let routed):
      let notice = routed.messageID.map { Notice.message($0, bytes: size) }
      if notice != nil { windows[peer]?.bytesLeaving += size }
      sendWithRiders(routed, size: size, to: peer, telling: notice, &out)
    case .handover(let attempt, let image):
      let pagesLeft = image.holders.first { $0.attempt == attempt }?.pages.count ?? 0
      out.report(.migration(attempt, .handedOver(stateBytes: packet.partBytes + size, pagesLeft: pagesLeft)))
      send(.handover(attempt, image), size: size, to: peer, telling: .pages(attempt), &out)
    }
  }

  /// The network tells that something has left for `peer`.
  mutating func hasLeft(_ notice: Notice, for peer: NodeID, _ out: inout EffectBuffer) {
    if let window = windows[peer], window.leaving > 0 { windows[peer]?.leaving -= 1 }
    switch notice {
    case .pages(let attempt): sendMore(of: attempt, batchLeft: true, &out)
    case .part(let bytes): makeRoom(for: bytes, to: peer)
    case .message(let message, let bytes):
      makeRoom(for: bytes, to: peer)
      if let sender = sender(message.from) {
        changeStream(sender, message.to) { $0.messageLeft(message, at: out.now) }
      }
    }
    fillWindow(of: peer, &out)
  }

  private mutating func makeRoom(for bytes: Int, to peer: NodeID) {
    if let window = windows[peer] { windows[peer]?.bytesLeaving -= min(window.bytesLeaving, bytes) }
  }

  private mutating func fillWindow(of peer: NodeID, _ out: inout EffectBuffer) {
    while windows[peer]?.hasRoom == true {
      if let (part, size) = windows[peer]?.waiting[0].takePart() {
        windows[peer]?.bytesLeaving += size
        if let attempt = part.whole.attempt { out.report(.migration(attempt, .sentState(bytes: size))) }
        send(.part(part), size: size, to: peer, telling: .part(bytes: size), &out)
      } else if let whole = windows[peer]?.waiting.removeFirst() {
        sendRest(of: whole, to: peer, &out)
      }
    }
    if let window = windows[peer], window.leaving == 0 { windows[peer] = nil }
  }
}
