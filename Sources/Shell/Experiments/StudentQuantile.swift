/// The quantile 0.975 of Student's t distribution: a mean of n values lies, with 95 % confidence, within this many
/// standard errors of the true one, for n - 1 degrees of freedom.
///
/// Few degrees have a table. For the rest it is Fisher and Cornish's expansion about the quantile of the normal
/// distribution, whose error stays below 1e-6 there. It takes only operations that give the same bits on every machine.
///
/// - Parameter degreesOfFreedom: at least 1.
package func studentQuantile(degreesOfFreedom: Int) -> Double {
  guard degreesOfFreedom > smallQuantiles.count else { return smallQuantiles[max(1, degreesOfFreedom) - 1] }
  let z = 1.959963984540054
  let n = Double(degreesOfFreedom)
  let square = z * z
  let first = (square + 1) * z / 4
  let second = ((5 * square + 16) * square + 3) * z / 96
  let third = (((3 * square + 19) * square + 17) * square - 15) * z / 384
  let fourth = ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) * z / 92160
  return z + (first + (second + (third + fourth / n) / n) / n) / n
}

/// For 1 degree of freedom and more.
private let smallQuantiles = [
  12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511, 2.3646242516, 2.3060041352,
  2.2621571628, 2.2281388520, 2.2009851601, 2.1788128297, 2.1603686565, 2.1447866879, 2.1314495456,
]
