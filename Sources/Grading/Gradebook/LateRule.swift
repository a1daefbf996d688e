import Course
import Shell

/// What coming late costs, as a text of parts that are joined by commas:
///
///     10%/day           a tenth of the points earned, for every day that has begun
///     2.5%/hour         likewise for hours; also minute and week
///     at most 50%       no more than half of them in all
///     grace 15m         nothing, within a quarter of an hour; after it, lateness counts from the time when it was due
///     none after 3d     nothing is left after three days
///
/// A length of time is a whole number with `m`, `h`, `d` or `w`. All is reckoned in hundredths of points and of per cent,
/// and a penalty is rounded down.
public struct LateRule: Sendable, Equatable {
  private static let units: [(names: [String], seconds: Int64)] = [
    (["m", "minute"], 60), (["h", "hour"], 3600), (["d", "day"], 86_400), (["w", "week"], 604_800),
  ]

  /// What is lost for each unit of time, in hundredths of per cent.
  private var share: Int64 = 0
  /// How many seconds a unit has.
  private var unit: Int64 = 86_400
  /// What is lost at most, in hundredths of per cent.
  private var most: Int64 = 10_000
  private var grace: Int64 = 0
  /// The seconds after which nothing is left.
  private var end: Int64?

  /// Reads a rule.
  public init(_ text: String) throws(ClassFileMistake) {
    var seen: Set<String> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let kind = try Self.read(part.split(separator: " ").map(String.init), into: &self)
      guard let kind else {
        throw ClassFileMistake(
          "`\(part)` is no part of a rule for those who are late; a rule is such as `10%/day`, `5%/hour, at most 50%`, "
            + "`10%/day, grace 15m, none after 3d`" + (part.contains(" %") ? "; no blank stands before `%`" : ""))
      }
      guard seen.insert(kind).inserted else { throw ClassFileMistake("`\(text)` says twice what \(kind) is") }
    }
  }

  /// - Returns: what the words say something about; nil when that is nothing.
  private static func read(_ words: [String], into rule: inout LateRule) throws(ClassFileMistake) -> String? {
    switch words.count {
    case 1:
      let parts = words[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let share = share(parts[0]),
        let unit = units.first(where: { $0.names.contains(parts[1]) })
      else { return nil }
      (rule.share, rule.unit) = (share, unit.seconds)
      return "the loss"
    case 2 where words[0] == "grace":
      guard let length = length(words[1]) else { return nil }
      rule.grace = length
      return "the grace"
    case 3 where words[0] == "none" && words[1] == "after":
      guard let length = length(words[2]) else { return nil }
      rule.end = length
      return "the end"
    case 3 where words[0] == "at" && words[1] == "most":
      guard let share = share(words[2]) else { return nil }
      rule.most = share
      return "the most"
    default: return nil
    }
  }

  /// `12.5%` as 1250.
  private static func share(_ text: String) -> Int64? {
    guard text.hasSuffix("%"), let share = hundredths(String(text.dropLast())), (0...10_000).contains(share) else {
      return nil
    }
    return Int64(share)
  }

  private static func length(_ text: String) -> Int64? {
    let digits = text.prefix { "0"..."9" ~= $0 }
    guard (1...6).contains(digits.count), let number = Int64(digits),
      let unit = units.first(where: { $0.names[0] == text.dropFirst(digits.count) })
    else { return nil }
    return number * unit.seconds
  }

  /// What the rule says of somebody who is so many seconds late, in words.
  public func reason(late: Int64) -> String {
    guard late > grace else { return "within the grace" }
    if let end, late > end { return "after the end" }
    let units = (late - 1) / unit + 1
    guard share > 0 else { return "nothing is lost for it" }
    let name = Self.units.first { $0.seconds == unit }?.names.last ?? "unit"
    let text = "\(counted(Int(units), name)) begun × \(formatPoints(Int(share)))%"
    return share * units > most ? "\(text), at most \(formatPoints(Int(most)))%" : text
  }

  /// What somebody loses who is so many seconds late, of points in hundredths.
  public func penalty(late: Int64, points: Int) -> Int {
    guard late > grace, points > 0 else { return 0 }
    if let end, late > end { return points }
    let lost = min(most, share * ((late - 1) / unit + 1))
    return Int(Int64(points) * lost / 10_000)
  }
}

/// A number with at most two decimals, in hundredths; nil when it is none, or has more than nine digits before the point.
func hundredths(_ text: String) -> Int? {
  let isNegative = text.hasPrefix("-")
  let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
  let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
  guard (1...2).contains(parts.count), (1...9).contains(parts[0].count),
    parts.allSatisfy({ part in
      part.allSatisfy { "0"..."9" ~= $0 }
    }), let whole = Int(parts[0])
  else { return nil }
  guard parts.count == 2 else { return (isNegative ? -100 : 100) * whole }
  guard (1...2).contains(parts[1].count), let rest = Int(parts[1].count == 1 ? parts[1] + "0" : parts[1]) else {
    return nil
  }
  return (isNegative ? -1 : 1) * (whole * 100 + rest)
}
