import CommandLanguage

extension Value {
  /// A number as a person would say it: `about 12 ms`, `about two thirds`, `3`. It has two significant digits, and
  /// no `about` where that is exact. Nil for what is no number.
  ///
  /// - Parameter words: what stands for `numberWords` in another language; empty for English.
  func roundedForPeople(words: [String: String] = [:]) -> String? {
    let text: String? =
      switch self {
      case .integer(let number): Self.rounded(number)
      case .quantity(let amount, let dimension): Self.rounded(amount, dimension)
      case .decimal(let number): Self.rounded(number)
      case .share(let share): Self.rounded(share: share)
      case .none, .boolean, .text, .word, .node, .process, .list, .record: nil
      }
    guard let text, !words.isEmpty else { return text }
    let isAbout = text.hasPrefix("about ")
    let number = isAbout ? String(text.dropFirst("about ".count)) : text
    let said = words[number] ?? number
    return isAbout ? "\(words["about"] ?? "about") \(said)" : said
  }

  /// The words in what `about(…)` says.
  public static let numberWords = ["about"] + fractions.map(\.text) + ["nothing", "all", "nearly all"]

  /// What is said of a part of a whole.
  private static let fractions: [(value: Double, text: String)] = [
    (0.1, "a tenth"), (0.2, "a fifth"), (0.25, "a quarter"), (1.0 / 3, "a third"), (0.4, "two fifths"), (0.5, "half"),
    (0.6, "three fifths"), (2.0 / 3, "two thirds"), (0.75, "three quarters"), (0.8, "four fifths"),
    (0.9, "nine tenths"),
  ]
  /// What is less than this is a percentage, and what is more than its opposite is nearly all.
  private static let smallestFraction = 0.07
  /// Counts up to here are said as they are.
  private static let largestExactCount = 20

  private static func rounded(_ number: Int64) -> String {
    guard number.magnitude > largestExactCount else { return String(number) }
    let rounded = roundedToTwoDigits(number.magnitude)
    return (rounded == number.magnitude ? "" : "about ") + (number < 0 ? "-" : "") + String(rounded)
  }

  private static func rounded(_ amount: Int64, _ dimension: Dimension) -> String {
    let exact = amount.magnitude
    let sign = amount < 0 ? "-" : ""
    switch dimension {
    case .size:
      let text = formatSize(exact, digits: 2)
      return (text == formatSize(exact, digits: 18) ? "" : "about ") + sign + text
    case .time, .rate, .count, .number, .share:
      let rounded = roundedToTwoDigits(exact)
      let text =
        switch dimension {
        case .time: formatTime(rounded)
        case .rate: formatRate(rounded)
        case .count, .number, .share, .size: String(rounded)
        }
      return (rounded == exact ? "" : "about ") + sign + text
    }
  }

  private static func rounded(_ number: Double) -> String {
    let magnitude = abs(number)
    if number > 0, number < 1 - smallestFraction, number >= smallestFraction { return fraction(number) }
    guard magnitude >= 1, magnitude < 1e15 else {
      let text = formatNumber(number, digits: 2)
      return Double(text) == number ? text : "about \(text)"
    }
    let sign = number < 0 ? "-" : ""
    // Tenths, as long as there are fewer than two digits before the point.
    let text =
      magnitude < 9.95
      ? formatNumber((magnitude * 10).rounded() / 10, digits: 2)
      : String(roundedToTwoDigits(UInt64(magnitude.rounded())))
    return (Double(text) == magnitude ? "" : "about ") + sign + text
  }

  private static func rounded(share: Double) -> String {
    switch share {
    case 0: return "nothing"
    case 1: return "all"
    case smallestFraction..<(1 - smallestFraction): return fraction(share)
    case (1 - smallestFraction)..<1: return "nearly all"
    default:
      let text = formatShare(share, digits: 2)
      return text == formatShare(share, digits: 12) ? text : "about \(text)"
    }
  }

  private static func fraction(_ number: Double) -> String {
    let nearest = fractions.min { abs($0.value - number) < abs($1.value - number) } ?? (0.5, "half")
    return (abs(nearest.value - number) < 1e-9 ? "" : "about ") + nearest.text
  }
}

/// A number with zeros behind its first two digits, rounded.
func roundedToTwoDigits(_ number: UInt64) -> UInt64 {
  var unit: UInt64 = 1
  while number / unit >= 100 { unit *= 10 }
  let rest = number % unit
  return number - rest + (rest >= unit - rest && unit > 1 ? unit : 0)
}
