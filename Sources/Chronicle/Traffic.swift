import MigrationKernel

/// Packets and bytes handed to the network.
public struct Traffic: Sendable, Equatable {
  /// How many packets.
  public private(set) var packets: UInt64 = 0
  /// How many bytes, headers included.
  public private(set) var bytes: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds packets of so many bytes together.
  public mutating func add(_ size: Int, packets count: Int = 1) {
    packets += UInt64(count)
    bytes += UInt64(size)
  }

  /// Adds what was carried elsewhere.
  public mutating func add(_ other: Traffic) {
    packets += other.packets
    bytes += other.bytes
  }
}

/// What the network carried for one migration.
public struct MigrationTraffic: Sendable, Equatable {
  /// Pages, each as often as it was sent.
  public private(set) var pages: UInt64 = 0
  /// Bytes of the packets that carried them.
  public private(set) var pageBytes: UInt64 = 0
  /// Bytes of the packet with the process state.
  public private(set) var stateBytes: UInt64 = 0
  /// All other packets.
  public private(set) var control = Traffic()

  /// Nothing yet.
  public init() {}

  /// All its bytes.
  public var bytes: UInt64 { pageBytes + stateBytes + control.bytes }

  /// Adds a packet of `size` bytes.
  public mutating func add(_ packet: borrowing Packet, size: Int) {
    switch packet.cause {
    case .page:
      pages += UInt64(packet.pageCount)
      pageBytes += UInt64(size)
    case .processState: stateBytes += UInt64(size)
    case .message, .control, .systemCall, .location, .load: control.add(size)
    }
  }
}
