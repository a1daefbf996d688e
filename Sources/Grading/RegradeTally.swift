import Course
import Shell

/// Counts what became of the steps of a class that had been graded before, for people.
public struct RegradeTally {
  private static let mostLines = 12

  /// The sentences of the reports, in the order in which they came, and how many reports say each.
  private var sentences: [(text: String, count: Int)] = []
  private var places: [String: Int] = [:]

  /// Nothing was graded yet.
  public init() {}

  /// Takes a report. What was never executed has no steps to keep, and counts for nothing.
  public mutating func add(_ report: GradeReport) {
    guard let text = report.regrade?.text else { return }
    if let place = places[text] {
      sentences[place].count += 1
    } else {
      places[text] = sentences.count
      sentences.append((text, 1))
    }
  }

  /// A line for each thing that became of some submissions, most frequent first.
  public var lines: [String] {
    let sorted = sentences.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
    let shown = sorted.prefix(Self.mostLines).map {
      "\(counted($0.element.count, "submission")): \(InertText.line($0.element.text, bytes: 1000))"
    }
    let rest = sorted.dropFirst(Self.mostLines).reduce(0) { $0 + $1.element.count }
    return shown + (rest > 0 ? ["\(counted(rest, "submission")): as their reports say"] : [])
  }
}
