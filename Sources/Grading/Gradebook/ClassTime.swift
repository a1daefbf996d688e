/// An instant as ISO 8601 writes it, in whole seconds since 1970 in UTC.
public struct ClassTime: Sendable, Equatable, Comparable {
  /// Seconds since 1970 began in UTC, without leap seconds.
  public let seconds: Int64

  /// Reads `2026-06-01T14:32Z`: seconds may follow with fractions, which are cut off, and `+02:00` or the like may stand in
  /// place of `Z`. A time without its zone is none.
  public init?(_ text: String) {
    var rest = Substring(text)
    guard let year = Self.digits(4, &rest), Self.skip("-", &rest), let month = Self.digits(2, &rest),
      Self.skip("-", &rest), let day = Self.digits(2, &rest), Self.skip("T", &rest) || Self.skip(" ", &rest),
      let hour = Self.digits(2, &rest), Self.skip(":", &rest), let minute = Self.digits(2, &rest)
    else { return nil }
    var second: Int64 = 0
    if Self.skip(":", &rest) {
      guard let read = Self.digits(2, &rest) else { return nil }
      second = read
      if Self.skip(".", &rest) || Self.skip(",", &rest) {
        guard let first = rest.first, "0"..."9" ~= first else { return nil }
        rest = rest.drop { "0"..."9" ~= $0 }
      }
    }
    guard (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24, minute < 60,
      second < 60, let offset = Self.zone(&rest), rest.isEmpty
    else { return nil }
    seconds = ((Self.day(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
  }

  /// Which comes first.
  public static func < (left: ClassTime, right: ClassTime) -> Bool { left.seconds < right.seconds }

  /// How many minutes a zone is ahead of UTC.
  private static func zone(_ rest: inout Substring) -> Int64? {
    if skip("Z", &rest) { return 0 }
    let isAhead = rest.first == "+"
    guard isAhead || rest.first == "-" else { return nil }
    rest.removeFirst()
    guard let hours = digits(2, &rest), hours < 24 else { return nil }
    let hasColon = skip(":", &rest)
    let minutes = rest.isEmpty && !hasColon ? 0 : digits(2, &rest)
    guard let minutes, minutes < 60 else { return nil }
    return (isAhead ? 1 : -1) * (hours * 60 + minutes)
  }

  private static func skip(_ character: Character, _ rest: inout Substring) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  private static func digits(_ count: Int, _ rest: inout Substring) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ "0"..."9" ~= $0 }) else { return nil }
    rest.removeFirst(count)
    return Int64(digits)
  }

  private static func isLeap(_ year: Int64) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// How many days after the first of January 1970 a day is.
  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let before = year - 1
    let leapDays = before / 4 - before / 100 + before / 400
    let sinceYearOne = before * 365 + leapDays + (1..<month).reduce(0) { $0 + days(in: $1, of: year) } + day - 1
    return sinceYearOne - 719_162
  }
}
