import MigrationKernel

/// How service times are distributed: the core time that jobs need on a core of speed 1.
public struct ServiceDistribution: Sendable, Equatable {
  /// The families of distributions.
  public enum Family: String, Sendable, CaseIterable {
    case exponential, fixed, pareto, lognormal
  }

  /// Its family.
  public let family: Family
  /// Its mean, in nanoseconds.
  public let mean: Nanoseconds
  /// Of `pareto` the exponent of the tail: a service time is longer than `t` with a probability that falls as `t` to the
  /// power of minus that. Of `lognormal` the standard deviation of the logarithm. The others have none.
  public let shape: Double

  /// Up to this shape a Pareto distribution has no mean, and is bounded: its longest service times are `boundRatio` times
  /// its shortest.
  public static let boundedShape = 1.0
  /// How many times the shortest service time of a bounded Pareto distribution its longest is.
  ///
  /// Harchol-Balter and Downey ("Exploiting process lifetime distributions for dynamic load balancing", 1997) found that a
  /// process lives longer than `t` seconds with a probability of 1/t. To have a mean such a tail must end somewhere; where it
  /// ends here is our choice.
  public static let boundRatio = 10_000.0
  /// No service time is longer: the interpreter counts in thousandths of a nanosecond.
  public static let longest: Nanoseconds = 10_000_000_000_000_000

  /// - Parameters:
  ///   - family: its family.
  ///   - mean: its mean; at least 1.
  ///   - shape: for `pareto` and `lognormal`, above 0; nil for the usual one, 1.5 and 1.
  public init(_ family: Family, mean: Nanoseconds, shape: Double? = nil) {
    precondition(mean > 0 && (shape ?? 1) > 0, "a service time has a mean and a shape above 0")
    self.family = family
    self.mean = mean
    self.shape = shape ?? Self.usualShape(of: family)
  }

  /// The shape of a family when nobody says another.
  public static func usualShape(of family: Family) -> Double { family == .pareto ? 1.5 : 1 }

  /// Whether its longest times are bounded, since it would have no mean otherwise.
  public var isBounded: Bool { family == .pareto && shape <= Self.boundedShape }

  /// The shortest service time of a Pareto distribution, in nanoseconds: found from the mean that was asked for.
  var lowerBound: Double {
    let mean = Double(mean)
    guard isBounded else { return mean * (shape - 1) / shape }
    let lnRatio = Logarithm.log(Self.boundRatio)
    if shape == 1 { return mean * (1 - 1 / Self.boundRatio) / lnRatio }
    let above = 1 - Logarithm.exp((1 - shape) * lnRatio)
    let below = 1 - Logarithm.exp(-shape * lnRatio)
    return mean * (shape - 1) / shape * below / above
  }

  /// A service time: whole nanoseconds, at least 1.
  public func draw(_ generator: inout Generator) -> Nanoseconds {
    switch family {
    case .fixed: mean
    case .exponential: Self.whole(generator.nextExponential(mean: Double(mean)))
    case .pareto:
      Self.whole(lowerBound * Logarithm.exp(-Logarithm.log(tail(generator.nextUniform())) / shape))
    case .lognormal:
      Self.whole(Double(mean) * Logarithm.exp(shape * generator.nextNormal() - shape * shape / 2))
    }
  }

  /// The probability that a time is longer than the one to be drawn; never 0 when the times are bounded.
  private func tail(_ uniform: Double) -> Double {
    guard isBounded else { return uniform }
    let least = Logarithm.exp(-shape * Logarithm.log(Self.boundRatio))
    return least + uniform * (1 - least)
  }

  private static func whole(_ time: Double) -> Nanoseconds {
    time >= Double(longest) ? longest : max(1, Nanoseconds(time.rounded()))
  }
}

extension Generator {
  /// A number between 0 and 1, and neither of them.
  mutating func nextUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

  /// The time in nanoseconds between two of what comes by chance, so many a second on average; at least 1.
  public mutating func nextInterval(rate: Double) -> Double { max(1, nextExponential(mean: 1e9 / rate)) }

  /// A time with an exponential distribution.
  mutating func nextExponential(mean: Double) -> Double { -mean * Logarithm.log(nextUniform()) }

  /// A number of the standard normal distribution, by Marsaglia's polar method (SIAM Review 6, 1964).
  mutating func nextNormal() -> Double {
    while true {
      let (u, v) = (2 * nextUniform() - 1, 2 * nextUniform() - 1)
      let s = u * u + v * v
      // The other number that the method gives is not kept: so nothing but the state of the generator is.
      if s < 1, s > 0x1p-1000 { return u * (-2 * Logarithm.log(s) / s).squareRoot() }
    }
  }
}
