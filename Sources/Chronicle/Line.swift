import MigrationKernel

/// What connects two nodes, in both directions.
public struct Line: Sendable, Equatable {
  /// One way.
  public var latency: Nanoseconds = 1_000_000
  /// Bits a second.
  public var bandwidth: UInt64 = 100_000_000
  /// The probability that a segment is lost on its way, and with it the time until it has been sent again: below 1.
  public var loss: Double = 0
  /// Up to so much is added to the latency of each packet, every time as likely; none overtakes another.
  public var jitter: Nanoseconds = 0

  public init() {}

  /// True when what it does to a packet is drawn.
  public var isRandom: Bool { loss > 0 || jitter > 0 }

  /// How long `bytes` occupy the line, rounded up to whole nanoseconds.
  public func transmissionTime(bytes: Int) -> Nanoseconds {
    let product = UInt64(bytes).multipliedFullWidth(by: 8 * 1_000_000_000)
    guard product.high < bandwidth else { return .max / 4 }
    let (quotient, remainder) = bandwidth.dividingFullWidth(product)
    return quotient + (remainder > 0 ? 1 : 0)
  }
}

/// Two nodes that a line connects, the lower number first.
public struct LineEnds: Sendable, Hashable, Comparable {
  /// One of them.
  public let a: NodeID
  /// The other.
  public let b: NodeID

  /// The ends of the line between two nodes, in either order.
  public init(_ one: NodeID, _ other: NodeID) { (a, b) = one < other ? (one, other) : (other, one) }

  public static func < (left: LineEnds, right: LineEnds) -> Bool { (left.a, left.b) < (right.a, right.b) }
}
