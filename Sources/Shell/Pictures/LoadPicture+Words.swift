import MigrationKernel

extension LoadHistory {
  /// How a number went up and down, as words with times.
  ///
  /// A few changes are told one by one. Of many only the turns are told, and of many turns only the large ones.
  struct Course: Equatable {
    /// So many changes are told one by one.
    static let mostSteps = 5
    /// So many turns are told at most, with the first number and the last.
    static let mostTurns = 8

    typealias Step = (time: Nanoseconds, count: Int)

    let words: String

    /// - Parameter steps: the numbers, each with the time from which on it holds. No number follows itself.
    init(_ steps: [Step]) {
      guard let first = steps.first, let last = steps.last else {
        words = "is not known"
        return
      }
      func active(_ count: Int) -> String { counted(count, "active process", plural: "active processes") }
      guard steps.count > 1 else {
        words = "has \(active(first.count)) all the time"
        return
      }
      guard steps.count > Self.mostSteps else {
        let later = steps.dropFirst().map { "\($0.count) from \(formatTime($0.time))" }
        let all =
          later.count > 1 ? later.dropLast().joined(separator: ", ") + " and \(later[later.count - 1])" : later[0]
        words = "has \(active(first.count)) at first, then \(all)"
        return
      }
      let turns = Self.turns(in: steps)
      let kept = Self.largest(turns)
      let ways = zip(kept, kept.dropFirst()).map { before, turn in
        "\(turn.count > before.count ? "up" : "down") to \(turn.count) at \(formatTime(turn.time))"
      }
      let smaller = kept.count < turns.count ? ", with smaller ups and downs in between" : ""
      words =
        "has \(active(first.count)) at first, goes \(ways.joined(separator: ", "))\(smaller), and has \(last.count) now"
    }

    /// The first number, the last, and all at which the number turns.
    static func turns(in steps: [Step]) -> [Step] {
      steps.indices.filter { place in
        guard place > 0, place + 1 < steps.count else { return true }
        return (steps[place].count > steps[place - 1].count) != (steps[place + 1].count > steps[place].count)
      }
      .map { steps[$0] }
    }

    /// The turns without the smallest ways back and forth, until there are few enough.
    static func largest(_ turns: [Step]) -> [Step] {
      var kept = turns
      while kept.count > mostTurns {
        // The two ends stay. Leaving out two turns that follow each other keeps up and down in alternation.
        let places = 1..<(kept.count - 2)
        guard let place = places.min(by: { size(kept, $0) < size(kept, $1) }) else { break }
        kept.removeSubrange(place...(place + 1))
      }
      return kept
    }

    private static func size(_ turns: [Step], _ place: Int) -> Int { abs(turns[place + 1].count - turns[place].count) }
  }
}
