import Foundation
import MigrationKernel
import Testing

@testable import Chronicle

/// Logarithms, and what is drawn with them.
@Suite struct DistributionTests {
  /// How many units in the last place two numbers are apart.
  private static func distance(_ a: Double, _ b: Double) -> UInt64 {
    let (left, right) = (Int64(bitPattern: a.bitPattern), Int64(bitPattern: b.bitPattern))
    return (left - right).magnitude
  }

  @Test func logarithmsAreThoseOfTheLibrary() {
    var generator = Generator(seed: 1)
    var (widest, isInside): (UInt64, Bool) = (0, true)
    for _ in 0..<200_000 {
      let uniform = generator.nextUniform()
      isInside = isInside && uniform > 0 && uniform < 1
      let large = Double(generator.next() >> 1) + 1
      let exponent = (generator.nextUniform() - 0.5) * 200
      for (own, library) in [
        (Logarithm.log(uniform), log(uniform)), (Logarithm.log(large), log(large)),
        (Logarithm.exp(exponent), exp(exponent)),
      ] { widest = max(widest, Self.distance(own, library)) }
    }
    #expect(isInside && widest == 1)
    for power in -1000...1000 { #expect(Self.distance(Logarithm.log(scalbn(1, power)), log(scalbn(1, power))) <= 1) }
    #expect(Logarithm.log(1) == 0 && Logarithm.exp(0) == 1)
    #expect(Logarithm.exp(5000) == Logarithm.exp(700) && Logarithm.exp(-5000) == Logarithm.exp(-700))
  }

  /// The same bits on every machine.
  @Test func drawsAreFixed() {
    func draws(_ family: ServiceDistribution.Family, _ shape: Double? = nil) -> [Nanoseconds] {
      var generator = Generator(seed: 42)
      let distribution = ServiceDistribution(family, mean: 1_000_000_000, shape: shape)
      return (0..<4).map { _ in distribution.draw(&generator) }
    }
    #expect(draws(.fixed) == [1_000_000_000, 1_000_000_000, 1_000_000_000, 1_000_000_000])
    #expect(draws(.exponential) == [298_992_625, 1_833_141_665, 1_277_974_161, 1_066_559_367])
    #expect(draws(.pareto) == [406_860_920, 1_131_429_814, 781_430_148, 678_702_283])
    #expect(draws(.pareto, 1) == [146_391_749, 678_541_011, 389_570_062, 315_354_473])
    #expect(draws(.lognormal) == [992_975_444, 168_456_563, 332_246_545, 129_722_116])
  }

  private static func sample(_ distribution: ServiceDistribution, _ count: Int = 400_000) -> [Double] {
    var generator = Generator(seed: 3)
    return (0..<count).map { _ in Double(distribution.draw(&generator)) / Double(distribution.mean) }
  }

  private static let mean: Nanoseconds = 1_000_000_000

  @Test(arguments: [
    ServiceDistribution(.exponential, mean: mean), ServiceDistribution(.fixed, mean: mean),
    ServiceDistribution(.lognormal, mean: mean, shape: 0.5), ServiceDistribution(.pareto, mean: mean, shape: 5),
  ])
  func moments(_ distribution: ServiceDistribution) {
    let second =
      switch distribution.family {
      case .exponential: 2.0
      case .fixed: 1.0
      case .lognormal: exp(0.25)
      case .pareto: 16.0 / 15
      }
    let sample = Self.sample(distribution)
    let count = Double(sample.count)
    #expect(abs(sample.reduce(0, +) / count - 1) < 0.01)
    #expect(abs(sample.reduce(0) { $0 + $1 * $1 } / count - second) < 0.03 * second)
  }

  /// Of a bounded Pareto distribution the mean is exactly what is asked for, and nothing lies outside its bounds.
  @Test(arguments: [0.5, 0.8, 1]) func boundedTails(shape: Double) {
    let distribution = ServiceDistribution(.pareto, mean: Self.mean, shape: shape)
    let (low, ratio) = (distribution.lowerBound / Double(Self.mean), ServiceDistribution.boundRatio)
    let scale = shape / (1 - pow(ratio, -shape))
    let mean = shape == 1 ? scale * low * log(ratio) : scale * low * (pow(ratio, 1 - shape) - 1) / (1 - shape)
    #expect(abs(mean - 1) < 1e-9)
    let sample = Self.sample(distribution)
    #expect(sample.allSatisfy { $0 >= low * 0.999999 && $0 <= low * ratio * 1.000001 })
    // The mean of the sample is off by three of its standard deviations at most.
    let second =
      shape / (2 - shape) * low * low * (pow(ratio, 2 - shape) - 1) / (1 - pow(ratio, -shape))
    #expect(abs(sample.reduce(0, +) / Double(sample.count) - 1) < 3 * (second / Double(sample.count)).squareRoot())
  }

  /// So many are longer than a time as the exponent says: of the 1/t tail half are longer than twice the shortest.
  @Test(arguments: [1, 1.5, 3]) func tails(shape: Double) {
    let distribution = ServiceDistribution(.pareto, mean: Self.mean, shape: shape)
    let low = distribution.lowerBound / Double(Self.mean)
    let sample = Self.sample(distribution)
    let least = distribution.isBounded ? pow(ServiceDistribution.boundRatio, -shape) : 0
    for factor in [2.0, 5, 20] {
      let part = Double(sample.count { $0 > factor * low }) / Double(sample.count)
      let expected = (pow(factor, -shape) - least) / (1 - least)
      #expect(abs(part - expected) < 4 * (expected / Double(sample.count)).squareRoot(), "\(factor)")
    }
  }

  @Test func arrivalsAreExponential() {
    var generator = Generator(seed: 5)
    let times = (0..<400_000).map { _ in generator.nextInterval(rate: 50) / 1e9 }
    let count = Double(times.count)
    #expect(abs(times.reduce(0, +) / count * 50 - 1) < 0.01)
    for part in [0.5, 1, 2, 4] {
      #expect(abs(Double(times.count { $0 * 50 > part }) / count - exp(-part)) < 0.004)
    }
  }

  @Test func serviceTimesAreWholeAndPositive() {
    var generator = Generator(seed: 6)
    for family in ServiceDistribution.Family.allCases {
      let tiny = ServiceDistribution(family, mean: 1)
      let huge = ServiceDistribution(family, mean: ServiceDistribution.longest, shape: 0.5)
      #expect((0..<10_000).allSatisfy { _ in tiny.draw(&generator) >= 1 })
      #expect((0..<10_000).allSatisfy { _ in (1...ServiceDistribution.longest).contains(huge.draw(&generator)) })
    }
  }
}
