/// Makes a failing script as short as possible while it still fails in the same way.
///
/// Delta debugging (Zeller, Hildebrandt: "Simplifying and isolating failure-inducing input", IEEE TSE 2002): it leaves
/// out pieces, large ones first, until it can leave out no single line. Then it joins pauses, and leaves out flags.
public struct Shrinker {
  /// Whether a script still fails in the way that matters.
  private let fails: ([String]) -> Bool
  /// How many scripts have been tried.
  public private(set) var tries = 0
  private let limit: Int

  /// - Parameter limit: the most scripts to try.
  public init(limit: Int = 5000, fails: @escaping ([String]) -> Bool) {
    self.fails = fails
    self.limit = limit
  }

  /// The shortest script found; `lines` themselves if nothing can be left out.
  public mutating func shrink(_ lines: [String]) -> [String] {
    var best = lines
    while tries < limit {
      let before = best
      best = withoutPieces(best)
      best = withJoinedPauses(best)
      best = withoutFlags(best)
      if best == before { return best }
    }
    return best
  }

  private mutating func stillFails(_ lines: [String]) -> Bool {
    guard tries < limit else { return false }
    tries += 1
    return fails(lines)
  }

  private mutating func withoutPieces(_ lines: [String]) -> [String] {
    var best = lines
    var size = max(1, best.count / 2)
    while true {
      var start = 0
      while start < best.count {
        var shorter = best
        shorter.removeSubrange(start..<min(start + size, best.count))
        if stillFails(shorter) { best = shorter } else { start += size }
      }
      if size == 1 { return best }
      size /= 2
    }
  }

  /// `run 2ms` and `run 30us` after it become one.
  private mutating func withJoinedPauses(_ lines: [String]) -> [String] {
    var best = lines
    var place = 0
    while place + 1 < best.count {
      if let first = pause(best[place]), let second = pause(best[place + 1]) {
        var shorter = best
        shorter.replaceSubrange(place...(place + 1), with: ["run \((first + second) / 1000)us"])
        if stillFails(shorter) {
          best = shorter
          continue
        }
      }
      place += 1
    }
    return best
  }

  private mutating func withoutFlags(_ lines: [String]) -> [String] {
    var best = lines
    for place in best.indices where !best[place].hasPrefix("program ") {
      var words = best[place].split(separator: " ").map(String.init)
      var index = 0
      while index < words.count {
        guard words[index].hasPrefix("--") else {
          index += 1
          continue
        }
        let end = words[(index + 1)...].firstIndex { $0.hasPrefix("--") } ?? words.count
        var shorter = best
        shorter[place] = (words[..<index] + words[end...]).joined(separator: " ")
        if stillFails(shorter) {
          best = shorter
          words = shorter[place].split(separator: " ").map(String.init)
        } else {
          index = end
        }
      }
    }
    return best
  }
}
