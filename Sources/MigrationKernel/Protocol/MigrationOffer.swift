/// What a backing node is told before it decides.
public struct FlushRequest: Sendable {
  let destination: NodeID
  /// Pages of the address space: as many may have to be kept.
  let pages: UInt32
  /// Bytes in a page.
  let pageSize: UInt32
  /// The epoch of the migration that left pages of the process there; nil when the source knows of none.
  let base: UInt32?
  let pushes: Bool
  /// Bits a second that pushed pages may take of the line.
  let bandwidth: UInt64?
  let marksZeros: Bool
  /// Pages are kept also while the node with the process is out of reach.
  var recovers = false
}

/// What a destination is told before it decides.
public struct MigrationOffer: Sendable {
  let mechanism: TransferMechanism
  let name: String
  let pages: UInt32
  let threads: UInt32
  /// Bytes in a page.
  let pageSize: UInt32
}

/// Why a node does not take part in a migration.
public enum MigrationRefusal: UInt8, Sendable {
  /// Too few free frames.
  case noRoom
  /// Pages of another size than its own.
  case otherPageSize
  /// The same of the backing node.
  case backingHasNoRoom
  case backingHasOtherPageSize
}
