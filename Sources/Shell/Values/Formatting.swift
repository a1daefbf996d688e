import CommandLanguage

/// A time with four significant digits and the unit that suits it: `12.35 ms`, `1 s`, `0 ns`. Whole seconds are exact.
public func formatTime(_ nanoseconds: UInt64) -> String { formatTime(nanoseconds, digits: usualDigits) }
func formatTime(_ nanoseconds: UInt64, digits: Int) -> String { format(nanoseconds, timeUnits, digits) }

/// An instant in milliseconds with three decimals, so that instants in one table can be compared: `10031.204 ms`.
public func formatInstant(_ nanoseconds: UInt64) -> String {
  let microseconds = nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0)
  return "\(pointed(UInt128(microseconds), decimals: 3, keepsZeros: true)) ms"
}

/// A size with four significant digits: `4 KiB`, `1.5 MiB`; under 1 KiB it is exact.
public func formatSize(_ bytes: UInt64) -> String { formatSize(bytes, digits: usualDigits) }
func formatSize(_ bytes: UInt64, digits: Int) -> String { format(bytes, sizeUnits, digits) }

/// A rate with four significant digits: `100 Mbps`.
public func formatRate(_ bitsPerSecond: UInt64) -> String { formatRate(bitsPerSecond, digits: usualDigits) }
func formatRate(_ bitsPerSecond: UInt64, digits: Int) -> String { format(bitsPerSecond, rateUnits, digits) }

/// A part of a whole in hundredths, with four significant digits: 0.2 is `20%`.
public func formatShare(_ share: Double) -> String { formatShare(share, digits: usualDigits) }
func formatShare(_ share: Double, digits: Int) -> String { formatNumber(share * 100, digits: digits) + "%" }

/// A number with four significant digits, or with all digits before the point. Only very large and very small numbers
/// have an exponent.
public func formatNumber(_ number: Double) -> String { formatNumber(number, digits: usualDigits) }
func formatNumber(_ number: Double, digits: Int) -> String {
  let magnitude = abs(number)
  guard number.isFinite, magnitude == 0 || (1e-6..<1e15).contains(magnitude) else { return number.description }
  var decimals = digits - 1
  var bound = 1.0
  while bound > magnitude, decimals < max(9, digits) {
    bound /= 10
    decimals += 1
  }
  bound = 10
  while bound <= magnitude, decimals > 0 {
    bound *= 10
    decimals -= 1
  }
  let scaled = (magnitude * Double(powerOfTen(decimals))).rounded()
  let text = pointed(UInt128(scaled), decimals: decimals)
  return number < 0 && text != "0" ? "-" + text : text
}

/// A quantity with all of its digits and the largest unit in which it has few: `24.0312ms`, `4KiB`, `1536B`.
func exactQuantity(_ amount: UInt64, _ dimension: Dimension) -> String {
  let units =
    switch dimension {
    case .time: timeUnits
    case .size: sizeUnits
    case .rate: rateUnits
    case .count, .number, .share: [ScaleUnit(name: "", factor: 1)]
    }
  // A size is exact in a unit only when it is a whole number of it: 1025 bytes are 1.0009765625 KiB.
  let isDecimal = dimension != .size
  let unit = units.last { $0.factor <= amount && (isDecimal || amount % $0.factor == 0) } ?? units[0]
  let decimals = isDecimal ? String(unit.factor).count - 1 : 0
  return pointed(UInt128(isDecimal ? amount : amount / unit.factor), decimals: decimals) + unit.name
}

/// A number with all of its digits and without an exponent, as it can be typed; times ten to the power of `shift`.
func plainDigits(_ number: Double, shiftedBy shift: Int) -> String {
  let parts = abs(number).description.split(separator: "e", maxSplits: 1)
  let digits = parts[0].split(separator: ".", maxSplits: 1)
  let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + shift
  var whole = String(digits[0])
  var fraction = digits.count > 1 ? String(digits[1]) : ""
  if exponent > 0 {
    fraction += String(repeating: "0", count: max(0, exponent - fraction.count))
    whole += fraction.prefix(exponent)
    fraction.removeFirst(exponent)
  } else if exponent < 0 {
    whole = String(repeating: "0", count: max(0, 1 - exponent - whole.count)) + whole
    fraction = whole.suffix(-exponent) + fraction
    whole.removeLast(-exponent)
  }
  whole = String(whole.drop { $0 == "0" })
  while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
  return (number < 0 ? "-" : "") + (whole.isEmpty ? "0" : whole) + "." + (fraction.isEmpty ? "0" : fraction)
}

/// A text in quotes, as it can be typed.
package func quotedText(_ text: String) -> String {
  var quoted = "\""
  for character in text {
    switch character {
    case "\n": quoted += "\\n"
    case "\t": quoted += "\\t"
    case "\"", "\\", "$": quoted += "\\\(character)"
    default: quoted.append(character)
    }
  }
  return quoted + "\""
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

/// How many significant digits numbers have, unless more are needed to tell two of them apart.
let usualDigits = 4

/// The amount in the largest unit that it reaches, or would reach when rounded.
private func format(_ amount: UInt64, _ units: [ScaleUnit], _ significant: Int) -> String {
  var chosen = ScaleUnit(name: "", factor: 1)
  for unit in units {
    let isFirst = chosen.name.isEmpty
    guard isFirst || reaches(unit.factor, amount, roundedTo: chosen.factor, significant) else { break }
    chosen = unit
  }
  let (digits, decimals) = rounded(amount, factor: chosen.factor, significant)
  return pointed(digits, decimals: decimals) + " " + chosen.name
}

private func reaches(_ bound: UInt64, _ amount: UInt64, roundedTo factor: UInt64, _ significant: Int) -> Bool {
  let (digits, decimals) = rounded(amount, factor: factor, significant)
  return digits * UInt128(factor) >= UInt128(bound) * powerOfTen(decimals)
}

/// The amount in units of `factor`, as a whole number of its last decimal place.
private func rounded(_ amount: UInt64, factor: UInt64, _ significant: Int) -> (digits: UInt128, decimals: Int) {
  let decimals = max(0, significant - String(amount / factor).count)
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
