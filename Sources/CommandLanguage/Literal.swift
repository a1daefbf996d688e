/// What a number measures.
public enum Dimension: Sendable, Hashable, CaseIterable {
  /// A bare whole number.
  case count
  /// A number with decimals and without a unit.
  case number
  /// Nanoseconds.
  case time
  /// Bytes.
  case size
  /// Bits per second.
  case rate
  /// A part of a whole: 20% is 0.2.
  case share

  /// The dimension with its article, as in "`5KiB` is a size".
  public var description: String {
    switch self {
    case .count: "a bare whole number"
    case .number: "a bare number"
    case .time: "a time"
    case .size: "a size"
    case .rate: "a rate"
    case .share: "a share"
    }
  }
}

/// A value that is written out.
public enum Literal: Sendable, Equatable {
  case integer(Int64)
  case decimal(Double)
  /// Nanoseconds, bytes or bits per second.
  case quantity(Int64, Dimension)
  /// A share as a fraction: 20% is 0.2.
  case share(Double)
  case boolean(Bool)
  case none

  /// What the literal measures; nil when it is not a number.
  public var dimension: Dimension? {
    switch self {
    case .integer: .count
    case .decimal: .number
    case .quantity(_, let dimension): dimension
    case .share: .share
    case .boolean, .none: nil
    }
  }
}

/// A unit as it is written after a number.
struct Unit {
  var name: String
  var dimension: Dimension
  /// How many of the dimension's smallest unit it is worth.
  var factor: UInt64

  static let all: [Unit] = [
    Unit(name: "ns", dimension: .time, factor: 1),
    Unit(name: "us", dimension: .time, factor: 1_000),
    Unit(name: "ms", dimension: .time, factor: 1_000_000),
    Unit(name: "s", dimension: .time, factor: 1_000_000_000),
    Unit(name: "min", dimension: .time, factor: 60_000_000_000),
    Unit(name: "h", dimension: .time, factor: 3_600_000_000_000),
    Unit(name: "B", dimension: .size, factor: 1),
    Unit(name: "KiB", dimension: .size, factor: 1 << 10),
    Unit(name: "MiB", dimension: .size, factor: 1 << 20),
    Unit(name: "GiB", dimension: .size, factor: 1 << 30),
    Unit(name: "kB", dimension: .size, factor: 1_000),
    Unit(name: "MB", dimension: .size, factor: 1_000_000),
    Unit(name: "GB", dimension: .size, factor: 1_000_000_000),
    Unit(name: "bps", dimension: .rate, factor: 1),
    Unit(name: "kbps", dimension: .rate, factor: 1_000),
    Unit(name: "Mbps", dimension: .rate, factor: 1_000_000),
    Unit(name: "Gbps", dimension: .rate, factor: 1_000_000_000),
  ]
}

/// The digits of a number as they stand in the text, and the unit after them.
struct NumberNotation {
  var whole: Substring
  var fraction: Substring
  var unit: Substring

  enum Problem: Error {
    case unknownUnit
    /// The value is not a whole number of the smallest unit, which is named here.
    case notWhole(smallest: String)
    case tooLarge
    case tooManyDigits
  }

  /// The exact value. Quantities are whole numbers of nanoseconds, bytes or bits per second and never rounded.
  func literal() throws(Problem) -> Literal {
    switch unit {
    case "":
      if fraction.isEmpty {
        guard let value = Int64(whole) else { throw .tooLarge }
        return .integer(value)
      }
      return .decimal(try double(exponent: 0))
    case "%":
      return .share(try double(exponent: -2))
    default:
      guard let unit = Unit.all.first(where: { $0.name == unit }) else { throw .unknownUnit }
      return .quantity(try wholeNumber(of: unit), unit.dimension)
    }
  }

  private func double(exponent: Int) throws(Problem) -> Double {
    guard let value = Double("\(whole).\(fraction.isEmpty ? "0" : fraction)e\(exponent)"), value.isFinite else {
      throw .tooLarge
    }
    return value
  }

  private func wholeNumber(of unit: Unit) throws(Problem) -> Int64 {
    let significant = fraction.dropLast(fraction.reversed().prefix { $0 == "0" }.count)
    let digits = (whole + significant).drop { $0 == "0" }
    guard digits.count <= 38, significant.count <= 38 else { throw .tooManyDigits }
    // Both numbers have at most 38 digits, so they fit.
    let mantissa = UInt128(digits) ?? 0
    var divisor = (0..<significant.count).reduce(UInt128(1)) { power, _ in power * 10 }
    var factor = UInt128(unit.factor)
    let common = greatestCommonDivisor(factor, divisor)
    factor /= common
    divisor /= common
    // Few binary sizes have few decimals: `1.234MiB`, as it is printed, stands for the nearest number of bytes.
    let isRounded = unit.name.hasSuffix("iB")
    guard mantissa % divisor == 0 || isRounded else { throw .notWhole(smallest: smallestName(unit.dimension)) }
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
    guard !overflow, let value = Int64(exactly: product / divisor + (product % divisor * 2 >= divisor ? 1 : 0)) else {
      throw .tooLarge
    }
    return value
  }

  private func greatestCommonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    var (larger, smaller) = (first, second)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }

  private func smallestName(_ dimension: Dimension) -> String {
    switch dimension {
    case .time: "nanoseconds"
    case .size: "bytes"
    default: "bits per second"
    }
  }
}
