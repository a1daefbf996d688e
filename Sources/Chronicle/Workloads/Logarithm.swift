/// The natural logarithm and its inverse, with the same bits on every machine.
///
/// Those of the system's library may differ in the last bit from machine to machine, and then so would the instants at which
/// jobs come. These are the algorithms of fdlibm (Sun Microsystems, 1993: `e_log.c`, `e_exp.c`), which use nothing but
/// additions, multiplications, divisions and bits. They err by less than one unit in the last place.
enum Logarithm {
  private static let ln2High = 6.931_471_803_691_238_164_90e-01
  private static let ln2Low = 1.908_214_929_270_587_700_02e-10
  /// One over the logarithm of 2.
  private static let inverseLn2 = 1.442_695_040_888_963_387_00

  /// The natural logarithm of a positive number that is not subnormal.
  static func log(_ x: Double) -> Double {
    precondition(x >= .leastNormalMagnitude && x.isFinite, "there is no logarithm of \(x) here")
    // x is 2 to the power of k times 1 + f, where 1 + f is between the square roots of 1/2 and 2.
    let bits = x.bitPattern &+ (0x3FF0_0000_0000_0000 - 0x3FE6_A09E_0000_0000)
    let k = Double(Int(bits >> 52) - 1023)
    let f = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF &+ 0x3FE6_A09E_0000_0000) - 1
    let s = f / (2 + f)
    let (z, w) = (s * s, s * s * (s * s))
    let even =
      w * (3.999_999_999_940_941_908e-01 + w * (2.222_219_843_214_978_396e-01 + w * 1.531_383_769_920_937_332e-01))
    let last = 1.818_357_216_161_805_012e-01 + w * 1.479_819_860_511_658_591e-01
    let odd = z * (6.666_666_666_666_735_130e-01 + w * (2.857_142_874_366_239_149e-01 + w * last))
    let half = 0.5 * f * f
    return s * (half + (even + odd)) + k * ln2Low - half + f + k * ln2High
  }

  /// Two point seven one … to the power of `x`; cut to finite positive numbers for very large and very small `x`.
  static func exp(_ x: Double) -> Double {
    let x = max(-700, min(700, x))
    let k = (inverseLn2 * x + (x < 0 ? -0.5 : 0.5)).rounded(.towardZero)
    let (high, low) = (x - k * ln2High, k * ln2Low)
    let r = high - low
    let z = r * r
    let last =
      6.613_756_321_437_934_361_17e-05 + z * (-1.653_390_220_546_525_153_90e-06 + z * 4.138_136_797_057_238_460_39e-08)
    let c = r - z * (1.666_666_666_666_660_190_37e-01 + z * (-2.777_777_777_701_559_338_42e-03 + z * last))
    let y = 1 + (r * c / (2 - c) - low + high)
    return y * Double(bitPattern: UInt64(Int(k) + 1023) << 52)
  }
}
