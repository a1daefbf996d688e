import CommandLanguage

/// The mean of some numbers, and how far it may be from the true one.
struct Estimate: Sendable {
  let count: Int
  let mean: Double
  /// The half width of the 95 % confidence interval; nil for a single number.
  let margin: Double?

  init?(_ numbers: [Double]) {
    guard !numbers.isEmpty else { return nil }
    count = numbers.count
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    self.mean = mean
    guard numbers.count > 1 else {
      margin = nil
      return
    }
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(numbers.count - 1)
    margin = studentQuantile(degreesOfFreedom: numbers.count - 1) * (variance / Double(numbers.count)).squareRoot()
  }
}

extension Estimate {
  /// The mean, and half of the interval if there is one.
  func text(_ dimension: Dimension, withMargin: Bool = true) -> String {
    let mean = Self.text(mean, dimension)
    guard withMargin else { return mean }
    return margin.map { "\(mean) ± \(Self.text($0, dimension))" } ?? mean
  }

  /// The same as data, in base units: times and sizes whole.
  func datum(_ dimension: Dimension) -> Report.Datum {
    func value(_ number: Double) -> Value {
      guard dimension == .time || dimension == .size, let amount = Int64(exactly: number.rounded()) else {
        return .decimal(number)
      }
      return .quantity(amount, dimension)
    }
    return .object([.init("mean", value(mean)), .init("margin", margin.map(value) ?? .none)])
  }

  private static func text(_ number: Double, _ dimension: Dimension) -> String {
    let amount = UInt64(exactly: abs(number).rounded())
    let sign = number < 0 ? "-" : ""
    switch (dimension, amount) {
    case (.time, let amount?): return sign + formatTime(amount)
    case (.size, let amount?): return sign + formatSize(amount)
    case (.rate, let amount?): return sign + formatRate(amount)
    case (.share, _): return formatShare(number)
    default: return formatNumber(number)
    }
  }
}
