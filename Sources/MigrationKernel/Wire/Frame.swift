/// What stands before every packet: 15 bytes.
///
///     length           4   of the whole, this header included
///     version          1   of the encoding
///     kind             1   of the packet
///     stream           1   0 ordinary, 1 urgent
///     incarnation      4   how often the sender had booted
///     acknowledgement  4   how many ordinary packets the sender has had from the receiver
public struct WireHeader: Sendable, Equatable {
  /// The version that this kernel speaks.
  public static let version: UInt8 = 1
  /// Bytes of a header.
  public static let size = 4 + 1 + 1 + 1 + 4 + 4
  /// Which byte says what kind of packet it is.
  package static let kindOffset = 4 + 1

  /// Packets of one stream arrive in order; one of another stream may overtake them.
  public enum Stream: UInt8, Sendable {
    case ordinary
    /// What a thread waits for: page requests, where they come from, the pages that were asked for, or why there are none.
    case urgent
  }

  /// Which stream carries the packet.
  public var stream = Stream.ordinary
  /// How often the sender had booted when it sent the packet.
  public var incarnation: UInt32
  /// How many ordinary packets the sender has had from the receiver over this connection; 0 while nobody counts.
  public var acknowledgement: UInt32 = 0

  public init(incarnation: UInt32) { self.incarnation = incarnation }
}

/// A packet with its header: what travels between two nodes.
public struct Frame: Sendable {
  /// What stands before the packet.
  public var header: WireHeader
  /// The packet itself.
  public var packet: Packet

  public init(_ packet: Packet, _ header: WireHeader) {
    self.packet = packet
    self.header = header
  }

  /// The bytes that travel.
  public var bytes: [UInt8] {
    let size = packet.encodedSize
    var writer = ByteWriter(capacity: size)
    writer.put32(UInt32(clamping: size))
    writer.put8(WireHeader.version)
    writer.put8(packet.kind.rawValue)
    writer.put8(header.stream.rawValue)
    writer.put32(header.incarnation)
    writer.put32(header.acknowledgement)
    packet.encode(into: &writer)
    return writer.bytes
  }

  /// Reads one frame, which takes all of `bytes`.
  ///
  /// - Throws: why they are none; they may be any bytes.
  public init(_ bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    let length = Int(try reader.take32())
    guard length >= WireHeader.size else { throw .badValue("length of a packet", offset: 0) }
    guard length <= bytes.count else { throw .truncated(offset: bytes.count) }
    guard length == bytes.count else { throw .trailing(bytes.count - length) }
    let version = try reader.take8()
    guard version == WireHeader.version else { throw .otherVersion(version) }
    let code = try reader.take8()
    guard let kind = Packet.Kind(rawValue: code) else { throw .unknownKind(code) }
    let stream = try reader.takeCode("stream", WireHeader.Stream.init(rawValue:))
    header = WireHeader(incarnation: try reader.take32())
    header.stream = stream
    header.acknowledgement = try reader.take32()
    packet = try Packet(kind, from: &reader)
    try reader.finish()
  }
}

extension Packet {
  /// How many bytes it is on the network, header included.
  public var encodedSize: Int {
    var counter = ByteCounter()
    encode(into: &counter)
    return WireHeader.size + counter.count
  }

  /// A number that is equal for equal packets.
  public var digest: UInt64 {
    var digest = ByteDigest()
    digest.put8(kind.rawValue)
    encode(into: &digest)
    return digest.value
  }
}
