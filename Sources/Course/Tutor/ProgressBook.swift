/// What a learner has done of a course.
///
/// In its file every line stands by itself: `done LESSON STEP`, `skipped LESSON STEP`, `at LESSON STEP` for where the
/// learner is, and `earned LESSON STEP N` for the hundredths of points that checks have earned in an exercise. A line of another kind, from a later version, is kept.
struct ProgressBook: Equatable {
  /// How a step ended. The greater counts.
  enum Outcome: String, Comparable {
    case skipped, done

    static func < (left: Outcome, right: Outcome) -> Bool { left == .skipped && right == .done }
  }

  private(set) var outcomes: [String: [String: Outcome]] = [:]
  /// For each lesson that was entered, the step under way.
  private(set) var places: [String: String] = [:]
  /// The most that each step of each exercise has earned, in hundredths of points.
  private(set) var earnings: [String: [String: Int]] = [:]
  private var unknown: [String] = []

  static let heading = "# migsh progress 1"

  init() {}

  /// - Parameter text: that of a file. What is no line of the format is kept and has no meaning.
  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 3, words[0] == "at" {
        places[words[1]] = words[2]
      } else if words.count == 3, let outcome = Outcome(rawValue: words[0]) {
        note(outcome, of: words[2], in: words[1])
      } else if words.count == 4, words[0] == "earned", let earned = Int(words[3]), earned >= 0 {
        noteEarned(earned, by: words[2], in: words[1])
      } else if !unknown.contains(String(line)) {
        unknown.append(String(line))
      }
    }
  }

  var text: String {
    var lines = [Self.heading]
    for (lesson, steps) in outcomes.sorted(by: { $0.key < $1.key }) {
      for (step, outcome) in steps.sorted(by: { $0.key < $1.key }) { lines.append("\(outcome) \(lesson) \(step)") }
    }
    for (lesson, steps) in earnings.sorted(by: { $0.key < $1.key }) {
      for (step, earned) in steps.sorted(by: { $0.key < $1.key }) { lines.append("earned \(lesson) \(step) \(earned)") }
    }
    for (lesson, step) in places.sorted(by: { $0.key < $1.key }) { lines.append("at \(lesson) \(step)") }
    return (lines + unknown).joined(separator: "\n") + "\n"
  }

  func outcome(of step: String, in lesson: String) -> Outcome? { outcomes[lesson]?[step] }

  mutating func note(_ outcome: Outcome, of step: String, in lesson: String) {
    let earlier = outcomes[lesson]?[step]
    outcomes[lesson, default: [:]][step] = earlier.map { max($0, outcome) } ?? outcome
  }

  /// - Parameter earned: hundredths of points.
  mutating func noteEarned(_ earned: Int, by step: String, in lesson: String) {
    earnings[lesson, default: [:]][step, default: 0] = max(earned, earnings[lesson]?[step] ?? 0)
  }

  mutating func notePlace(_ step: String, in lesson: String) { places[lesson] = step }

  /// Adds what another book says. Of two places in one lesson the other's counts.
  mutating func merge(_ other: ProgressBook) {
    for (lesson, steps) in other.outcomes { for (step, outcome) in steps { note(outcome, of: step, in: lesson) } }
    for (lesson, steps) in other.earnings { for (step, earned) in steps { noteEarned(earned, by: step, in: lesson) } }
    places.merge(other.places) { $1 }
    unknown += other.unknown.filter { !unknown.contains($0) }
  }
}
