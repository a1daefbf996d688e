import Course
import Shell

/// What stands below the reports on a class: how many there are of each kind.
struct ClassCounts: Sendable {
  private var all = 0
  private var passed = 0
  private var empty = 0
  private var faults = 0

  mutating func add(_ report: GradeReport) {
    all += 1
    passed += report.isPassed ? 1 : 0
    faults += report.fault == nil ? 0 : 1
    empty += report.fault == nil && report.status != .graded ? 1 : 0
  }

  /// A line; empty for one report alone.
  var text: String {
    guard all > 1 else { return "" }
    let parts =
      ["\(passed) all passed"] + (empty > 0 ? ["\(empty) without anything to grade (0 points)"] : [])
      + (faults > 0 ? ["\(faults) not graded, for a fault of the grader"] : [])
    return "\n\(counted(all, "submission")): \(parts.joined(separator: ", ")); `--format summary` tells more\n"
  }
}
