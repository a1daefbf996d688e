/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
///
/// The only source of random numbers in the project: the system's generators differ between runs and machines.
public struct Generator: Sendable, Equatable {
  package var state: UInt64

  /// Draws that follow from `seed`.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mixed(state)
  }

  /// A uniform number below `bound`, without bias (Lemire: "Fast random integer generation in an interval", 2019).
  ///
  /// - Precondition: `bound` is positive.
  public mutating func next(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "there is no number below 0")
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A number that depends on every bit of both, for digests.
  public static func fold(_ digest: UInt64, _ word: UInt64) -> UInt64 { mixed(digest &* 0x100_0000_01B3 ^ word) }
}

/// The finaliser of SplitMix64: every input bit reaches every output bit.
package func mixed(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
