import MigrationKernel

/// What a faulty driver does, at one node, to the packets of one kind that the node's kernel sends.
///
/// A driver takes packets from its kernel, and puts them on the connections to other nodes. A connection keeps safe what has
/// been put on it, and nothing before that. So neither end of it can know of this fault.
public struct DriverFault: Sendable, Equatable {
  /// What becomes of a packet.
  public enum Manner: String, CaseIterable, Sendable {
    /// It leaves, but under an address that no node has.
    case loses
    /// It leaves twice.
    case repeats
    /// It leaves with every bit of one byte turned over: the one that says what kind of packet it is.
    case alters
  }

  /// The packets that it does this to.
  public let packet: PacketName
  /// What it does to them.
  public let manner: Manner
  /// It does so to one in so many of them, the last of each so many; 1: to all.
  public let period: UInt64

  /// - Precondition: the period is positive, and the packet is no part of something longer: the rest could be read without it.
  public init(_ packet: PacketName, _ manner: Manner, oneIn period: UInt64 = 1) {
    precondition(period > 0 && packet != .part, "no driver does this to packets")
    (self.packet, self.manner, self.period) = (packet, manner, period)
  }

  /// The packets that a driver can do something to.
  public static let packets = PacketName.allCases.filter { $0 != .part }
}
