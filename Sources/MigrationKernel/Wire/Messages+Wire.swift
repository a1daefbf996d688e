extension RoutedPacket: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(to)
    sink.put16(hops)
    sink.put32(minimumEpoch)
    let flags: Flags = [
      isMoving ? .isMoving : [], isAwaited ? .isAwaited : [], riders.isEmpty ? [] : .hasRiders,
      sentBefore == 0 ? [] : .followsParts,
    ]
    sink.put8(flags.rawValue)
    if !riders.isEmpty { sink.putList(riders) }
    guard sentBefore > 0 else { return body.encode(into: &sink) }
    sink.put32(sentBefore)
    sink.putRest(after: sentBefore) { body.encode(into: &$0) }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    to = try reader.take()
    hops = try reader.take16()
    minimumEpoch = try reader.take32()
    let flags = try reader.takeCode("flags") { $0 < 16 ? Flags(rawValue: $0) : nil }
    isMoving = flags.contains(.isMoving)
    isAwaited = flags.contains(.isAwaited)
    if flags.contains(.hasRiders) {
      riders = try reader.takeList(Acknowledgement.self, ofAtLeast: 2 * ProcessID.wireSize + 12)
      guard !riders.isEmpty else { throw .badValue("riders", offset: reader.offset) }
    }
    if flags.contains(.followsParts) { sentBefore = try reader.takeSentBefore() }
    body = try reader.take()
    try reader.finishParts()
  }

  /// How many bytes it is on the network, header included.
  var encodedSize: Int {
    var counter = ByteCounter()
    encode(into: &counter)
    return WireHeader.size + counter.count
  }

  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let isMoving = Flags(rawValue: 1)
    static let isAwaited = Flags(rawValue: 2)
    static let hasRiders = Flags(rawValue: 4)
    static let followsParts = Flags(rawValue: 8)
  }
}

extension Acknowledgement: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(to)
    sink.put(from)
    sink.put32(expected)
    sink.put(address)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    to = try reader.take()
    from = try reader.take()
    expected = try reader.take32()
    address = try reader.take()
  }
}

extension RoutedPacket.Body: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .message(let message):
      sink.put8(0)
      sink.put(message)
    case .acknowledgement(let from, let expected, let address):
      sink.put8(1)
      sink.put(from)
      sink.put32(expected)
      sink.put(address)
    case .waiting(let message):
      sink.put8(2)
      sink.put(message)
    case .undeliverable(let message, let reason):
      sink.put8(3)
      sink.put(message)
      sink.put(reason)
    case .newAddress(let attempt, let address, let source):
      sink.put8(4)
      sink.put(attempt)
      sink.put(address)
      sink.put(source)
    case .inquiry(let message, let node):
      sink.put8(5)
      sink.put(message)
      sink.put(node)
    case .missing(let message):
      sink.put8(6)
      sink.put(message)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("kind of body", { $0 < 7 ? $0 : nil }) {
    case 0: self = .message(try reader.take())
    case 1: self = .acknowledgement(from: try reader.take(), expected: try reader.take32(), at: try reader.take())
    case 2: self = .waiting(try reader.take())
    case 3: self = .undeliverable(try reader.take(), try reader.take())
    case 4: self = .newAddress(try reader.take(), try reader.take(), source: try reader.take())
    case 5: self = .inquiry(try reader.take(), from: try reader.take())
    default: self = .missing(try reader.take())
    }
  }
}

extension Undeliverable: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .notFound(let node):
      sink.put8(0)
      sink.put(node)
    case .unreachable(let node):
      sink.put8(1)
      sink.put(node)
    case .notHere(let node):
      sink.put8(2)
      sink.put(node)
    case .rebooted(let node, let incarnation):
      sink.put8(3)
      sink.put(node)
      sink.put32(incarnation)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("reason", { $0 < 4 ? $0 : nil }) {
    case 0: self = .notFound(at: try reader.take())
    case 1: self = .unreachable(try reader.take())
    case 2: self = .notHere(at: try reader.take())
    default: self = .rebooted(try reader.take(), incarnation: try reader.take32())
    }
  }
}

extension Message: WireValue {
  /// Bytes of a message without its body.
  static let wireOverhead = 2 * ProcessID.wireSize + 4 + 4 + 4 + 2 + 4 + 4

  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(id)
    sink.put32(base)
    sink.put(senderNode)
    sink.put16(hops)
    sink.put32(size)
    sink.put(text)
    sink.putPadding(max(0, Int(size) - text.utf8.count))
  }

  init(from reader: inout ByteReader) throws(WireError) {
    let id: MessageID = try reader.take()
    let base = try reader.take32()
    let senderNode: NodeID = try reader.take()
    let hops = try reader.take16()
    let size = try reader.take32()
    let text = try reader.takeText()
    try reader.skipPadding(max(0, Int(size) - text.utf8.count))
    self.init(id: id, text: text, size: size, base: base, senderNode: senderNode, hops: hops)
  }
}

extension Part: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch whole {
    case .message(let message):
      sink.put8(0)
      sink.put(message)
    case .handover(let attempt):
      sink.put8(1)
      sink.put(attempt)
    }
    sink.put32(bytes)
    sink.putPadding(Int(bytes))
  }

  init(from reader: inout ByteReader) throws(WireError) {
    whole =
      switch try reader.takeCode("kind of part", { $0 < 2 ? $0 : nil }) {
      case 0: .message(try reader.take())
      default: .handover(try reader.take())
      }
    bytes = try reader.take32()
    try reader.skipPadding(Int(bytes))
  }
}
