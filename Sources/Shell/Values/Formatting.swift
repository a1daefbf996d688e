/// A time with four significant digits and the unit that suits it: `12.35 ms`, `1 s`, `0 ns`. Whole seconds are exact.
public func formatTime(_ nanoseconds: UInt64) -> String { format(nanoseconds, timeUnits) }

/// An instant in milliseconds with three decimals, so that instants in one table can be compared: `10031.204 ms`.
public func formatInstant(_ nanoseconds: UInt64) -> String {
  let microseconds = nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0)
  return "\(pointed(UInt128(microseconds), decimals: 3, keepsZeros: true)) ms"
}

/// A size with four significant digits: `4 KiB`, `1.5 MiB`; under 1 KiB it is exact.
public func formatSize(_ bytes: UInt64) -> String { format(bytes, sizeUnits) }

/// A rate with four significant digits: `100 Mbps`.
public func formatRate(_ bitsPerSecond: UInt64) -> String { format(bitsPerSecond, rateUnits) }

/// A part of a whole in hundredths, with four significant digits: 0.2 is `20%`.
public func formatShare(_ share: Double) -> String { formatNumber(share * 100) + "%" }

/// A number with four significant digits, or with all digits before the point. Only very large and very small numbers
/// have an exponent.
public func formatNumber(_ number: Double) -> String {
  let magnitude = abs(number)
  guard number.isFinite, magnitude == 0 || (1e-6..<1e15).contains(magnitude) else { return number.description }
  var decimals = significantDigits - 1
  var bound = 1.0
  while bound > magnitude, decimals < 9 {
    bound /= 10
    decimals += 1
  }
  bound = 10
  while bound <= magnitude, decimals > 0 {
    bound *= 10
    decimals -= 1
  }
  let scaled = (magnitude * Double(powerOfTen(decimals))).rounded()
  let digits = pointed(UInt128(scaled), decimals: decimals)
  return number < 0 && digits != "0" ? "-" + digits : digits
}

private struct ScaleUnit {
  let name: String
  /// How many of the smallest unit it is worth.
  let factor: UInt64
}

private let timeUnits = [
  ScaleUnit(name: "ns", factor: 1), ScaleUnit(name: "us", factor: 1_000), ScaleUnit(name: "ms", factor: 1_000_000),
  ScaleUnit(name: "s", factor: 1_000_000_000),
]
private let sizeUnits = [
  ScaleUnit(name: "B", factor: 1), ScaleUnit(name: "KiB", factor: 1 << 10), ScaleUnit(name: "MiB", factor: 1 << 20),
  ScaleUnit(name: "GiB", factor: 1 << 30),
]
private let rateUnits = [
  ScaleUnit(name: "bps", factor: 1), ScaleUnit(name: "kbps", factor: 1_000),
  ScaleUnit(name: "Mbps", factor: 1_000_000), ScaleUnit(name: "Gbps", factor: 1_000_000_000),
]

private let significantDigits = 4

/// The amount in the largest unit that it reaches, or would reach when rounded.
private func format(_ amount: UInt64, _ units: [ScaleUnit]) -> String {
  var chosen = ScaleUnit(name: "", factor: 1)
  for unit in units {
    let isFirst = chosen.name.isEmpty
    guard isFirst || reaches(unit.factor, amount, roundedTo: chosen.factor) else { break }
    chosen = unit
  }
  let (digits, decimals) = rounded(amount, factor: chosen.factor)
  return pointed(digits, decimals: decimals) + " " + chosen.name
}

private func reaches(_ bound: UInt64, _ amount: UInt64, roundedTo factor: UInt64) -> Bool {
  let (digits, decimals) = rounded(amount, factor: factor)
  return digits * UInt128(factor) >= UInt128(bound) * powerOfTen(decimals)
}

/// The amount in units of `factor`, as a whole number of its last decimal place.
private func rounded(_ amount: UInt64, factor: UInt64) -> (digits: UInt128, decimals: Int) {
  let decimals = max(0, significantDigits - String(amount / factor).count)
  return ((UInt128(amount) * powerOfTen(decimals) + UInt128(factor / 2)) / UInt128(factor), decimals)
}

/// Digits with a point before the last `decimals` of them, without zeros at the end.
private func pointed(_ digits: UInt128, decimals: Int, keepsZeros: Bool = false) -> String {
  let unit = powerOfTen(decimals)
  let whole = String(digits / unit)
  let fraction = digits % unit
  guard fraction > 0 || keepsZeros else { return whole }
  let places = String(fraction)
  let padded = String(repeating: "0", count: decimals - places.count) + places
  return whole + "." + (keepsZeros ? padded[...] : padded.dropLast(padded.reversed().prefix { $0 == "0" }.count))
}

private func powerOfTen(_ exponent: Int) -> UInt128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
