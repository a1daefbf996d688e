import MigrationKernel

/// How a number changed over time, in a few equal parts of it: a row of bars, or words for who cannot see them.
struct Trend: Sendable, Equatable {
  /// In how many parts a stretch of time is shown.
  static let parts = 12

  let values: [UInt64]
  /// What the highest bar stands for.
  let most: UInt64
  /// Whether the numbers are bytes.
  let isSize: Bool

  /// - Parameters:
  ///   - most: what the highest bar stands for, so that rows can be compared; nil for the largest of the values.
  ///   - isSize: whether the numbers are bytes.
  init(_ values: [UInt64], most: UInt64? = nil, isSize: Bool = false) {
    self.values = values
    self.isSize = isSize
    self.most = max(most ?? 0, values.max() ?? 0)
  }

  func text(on screen: Screen) -> String {
    if screen.tellsPictures { return words }
    return String(values.map { Spark.bar($0, of: most, on: screen) })
  }

  /// After so many turns it only says between what it went up and down.
  private static let mostTurns = 3

  /// The changes as words: `rises from 1 to 4, then falls to 0`.
  var words: String {
    guard let first = values.first, let last = values.last else { return "" }
    var turns: [(rises: Bool, to: UInt64)] = []
    var before = first
    for value in values.dropFirst() where value != before {
      let rises = value > before
      if turns.last?.rises == rises { turns.removeLast() }
      turns.append((rises, value))
      before = value
    }
    guard !turns.isEmpty else { return "stays at \(word(first))" }
    guard turns.count <= Self.mostTurns else {
      return "goes up and down between \(word(values.min() ?? 0)) and \(word(values.max() ?? 0)), at last \(word(last))"
    }
    return turns.enumerated().map { place, turn in
      "\(turn.rises ? "rises" : "falls") \(place == 0 ? "from \(word(first)) " : "")to \(word(turn.to))"
    }
    .joined(separator: ", then ")
  }

  private func word(_ value: UInt64) -> String { isSize ? formatSize(value) : "\(value)" }
}

extension Trend {
  /// How long the stretch of time is, at most, that a table shows.
  static let window: Nanoseconds = 10_000_000_000

  /// The latest stretch of time, in equal parts: the first begins at `start`.
  struct Parts {
    let start: Nanoseconds
    let end: Nanoseconds

    init(upTo now: Nanoseconds) {
      start = now - min(now, Trend.window)
      end = now
    }

    /// In which part an instant lies; nil before the first, and when no time has passed.
    func part(of time: Nanoseconds) -> Int? {
      guard time >= start, start < end else { return nil }
      return min(Trend.parts - 1, Int((time - start).scaled(by: UInt64(Trend.parts), over: end - start)))
    }
  }
}
