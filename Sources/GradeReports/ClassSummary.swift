import Course
import Shell

/// What a teacher wants to know of a class: the distribution of points, the checks that most fail, the submissions that
/// could not be executed, the limits that were reached, and answers that are alike.
struct ClassSummary: Sendable {
  /// How often one check ended in each way.
  struct CheckCounts: Sendable {
    let step: String
    let check: String
    var passed = 0
    var failed = 0
    var unchecked = 0

    /// How many did not pass.
    var missed: Int { failed + unchecked }
  }

  /// A submission that could not be executed, or on which grading has failed.
  struct Ungraded: Sendable {
    let student: String
    let file: String
    let status: GradeReport.Status
    let reason: String
    /// Whether grading has failed and not the student; else there are 0 points.
    let isFault: Bool
  }

  /// The submissions of each likeness.
  private var likenesses: [String: [String]] = [:]
  /// Those of wrong answers that are too short to be compared up to names, by the digests of their bytes.
  private var copies: [String: [String]] = [:]
  /// How many answers were not compared up to names.
  private(set) var uncomparedCount = 0
  /// For how many submissions the checks of a step all held before anything was done in it, by the step.
  private var idleSteps: [String: Int] = [:]
  /// The secrets of the course from which the numbers follow, and how many submissions each has.
  private var secrets: [String: Int] = [:]
  private(set) var exercise = ""
  private(set) var title = ""
  /// Points, for all steps.
  private(set) var highest = 0
  /// How many submissions were graded.
  private(set) var count = 0
  private(set) var passedCount = 0
  private(set) var checks: [CheckCounts] = []
  private(set) var ungraded: [Ungraded] = []
  /// How many submissions earned each total, in hundredths of points.
  private var totals: [Int: Int] = [:]
  /// How many submissions reached each limit, and how many had each other mistake that ended a step.
  private var limits: [String: Int] = [:]
  private var stepNames: [String] = []

  /// - Throws: an error when the report is on another exercise than those before.
  mutating func add(_ report: GradeReport) throws(ReportError) {
    let names = report.steps.map(\.name)
    if stepNames.isEmpty {
      (exercise, title, highest, stepNames) = (report.exercise, report.title, report.highest, names)
      checks = report.steps.flatMap { step in
        step.checks.map { CheckCounts(step: step.shownName, check: $0.shownName) }
      }
    }
    let results = report.steps.flatMap(\.checks)
    guard exercise == report.exercise, stepNames == names, results.count == checks.count || results.isEmpty else {
      throw ReportError.exercises(exercise, report.exercise)
    }
    secrets[report.courseSecret ?? "none", default: 0] += 1
    guard report.status == .graded, report.fault == nil else {
      ungraded.append(
        Ungraded(
          student: report.shownStudent, file: report.shownFile, status: report.status,
          reason: report.shownCause ?? report.status.sentence,
          isFault: report.fault != nil))
      return
    }
    addLikeness(of: report)
    for step in report.steps where step.isIdle && step.areChecksPassed { idleSteps[step.shownName, default: 0] += 1 }
    count += 1
    passedCount += report.isPassed ? 1 : 0
    totals[report.total, default: 0] += 1
    for (place, result) in results.enumerated() {
      switch result.verdict {
      case .passed: checks[place].passed += 1
      case .failed: checks[place].failed += 1
      case .unchecked: checks[place].unchecked += 1
      }
    }
    let reached = Set(report.problems.filter { $0.kind == "limit" }.map { InertText.line($0.message) })
    for limit in reached { limits[limit.cut(toBytes: Most.nameBytes), default: 0] += 1 }
  }

  private mutating func addLikeness(of report: GradeReport) {
    if let likeness = report.likeness { return likenesses[likeness, default: []].append(report.shownStudent) }
    guard report.audience == .teacher, report.steps.contains(where: \.isAnswered) else { return }
    uncomparedCount += 1
    guard !report.isPassed, let digest = report.digests.submission else { return }
    copies[digest, default: []].append(report.shownStudent)
  }

  // MARK: - What it tells

  /// Groups of students whose submissions are alike up to names, the largest first.
  var alike: [[String]] {
    Self.groups(likenesses)
  }

  /// Groups of students whose wrong answers are short and the same, byte for byte, the largest first.
  var identical: [[String]] { Self.groups(copies) }

  private static func groups(_ names: [String: [String]]) -> [[String]] {
    let groups = names.values.filter { $0.count > 1 }.map { $0.sorted() }
    return groups.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
  }

  /// Why not all answers were compared, in a sentence; nil when all were.
  var comparison: String? {
    guard uncomparedCount > 0 else { return nil }
    return
      "\(counted(uncomparedCount, "answer")) not compared up to names, for fewer than 12 words of its own or for its length: "
      + "of these, wrong ones are compared byte for byte"
  }

  /// Steps for which nothing was done where it counts, in the order of the exercise, with how many submissions.
  var missedSteps: [String] {
    stepNames.map { InertText.line($0, bytes: Most.nameBytes) }.compactMap { name in
      idleSteps[name].map {
        "\(name): \(counted($0, "submission")), whose checks held already when the step began, so that they earn nothing"
      }
    }
  }

  /// What should be known before anybody trusts the numbers, in a sentence: not all come from one secret.
  var warning: String? {
    guard secrets.count > 1 else { return nil }
    let parts = secrets.sorted { $0.key < $1.key }.map { "\($0.key) (\(counted($0.value, "submission")))" }
    return "Not all were graded with the same course's secret: \(parts.joined(separator: ", "))"
  }

  /// The checks that did not pass, the most missed first.
  var missedChecks: [CheckCounts] {
    let missed = checks.enumerated().filter { $0.element.missed > 0 }
    return missed.sorted { ($1.element.missed, $0.offset) < ($0.element.missed, $1.offset) }.map(\.element)
  }

  /// The limits that were reached, the most often reached first.
  var reachedLimits: [(limit: String, count: Int)] {
    limits.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  /// How many submissions earned from 0 % to under 10 % of the points, from 10 % to under 20 % and so on, and all.
  var histogram: [(label: String, count: Int)] {
    var counts = [Int](repeating: 0, count: 11)
    for (total, count) in totals { counts[highest > 0 ? min(10, total * 10 / (highest * 100)) : 0] += count }
    let labels = (0..<10).map { "\($0 * 10)–\($0 * 10 + 9)%" } + ["100%"]
    return Array(zip(labels, counts)).map { ($0, $1) }
  }

  /// The mean, in hundredths of points, rounded; nil when nothing was graded.
  var mean: Int? {
    let sum = totals.reduce(0) { $0 + $1.key * $1.value }
    return count > 0 ? (2 * sum + count) / (2 * count) : nil
  }

  /// The total that at most so many hundredths of the class are below: 50 for the median.
  func quantile(_ hundredths: Int) -> Int? {
    guard count > 0 else { return nil }
    let place = min(count - 1, count * hundredths / 100)
    var before = 0
    for (total, count) in totals.sorted(by: { $0.key < $1.key }) {
      before += count
      if before > place { return total }
    }
    return nil
  }

  /// The numbers that describe the class.
  var numbers: [(name: String, value: String)] {
    func points(_ hundredths: Int?) -> String { hundredths.map { "\(formatPoints($0)) of \(highest)" } ?? "none" }
    return [
      ("graded", "\(count)"), ("all passed", "\(passedCount)"),
      ("no points: nothing to grade", "\(ungraded.count { !$0.isFault })"),
      ("not graded: fault of the grader", "\(ungraded.count(where: \.isFault))"),
      ("mean of those graded", points(mean)), ("lower quarter", points(quantile(25))),
      ("median", points(quantile(50))), ("upper quarter", points(quantile(75))),
    ]
  }

  // MARK: - As text

  /// For people, on a screen so wide.
  func text(columns: Int?) -> String {
    guard !stepNames.isEmpty else { return "no submission was graded\n" }
    var text = "\(title) (\(exercise))\n\n" + (warning.map { "\($0)\n\n" } ?? "")
    let width = numbers.map(\.name.count).max() ?? 0
    for (name, value) in numbers { text += name + String(repeating: " ", count: width - name.count) + "  \(value)\n" }
    text += "\nPoints\n" + bars(width: max(10, min(60, (columns ?? 80) - 20)))
    if !missedChecks.isEmpty {
      var table = Table("STEP", "CHECK", "FAILED>", "NOT CHECKED>", "PASSED>")
      for check in missedChecks {
        table.add(check.step, check.check, "\(check.failed)", "\(check.unchecked)", "\(check.passed)")
      }
      text += "\nChecks that most fail\n" + table.text
    }
    text += Self.list(
      "Limits that were reached", reachedLimits.map { "\(counted($0.count, "submission")): \($0.limit)" })
    for section in lists { text += Self.list(section.title, section.items) }
    if let comparison { text += "\n\(comparison)\n" }
    return InertText.lines(text)
  }

  /// What it lists, under a title each; a list may be empty.
  private var lists: [(title: String, items: [String])] {
    [
      ("Steps that earn nothing although all checks hold", missedSteps), (Self.emptyTitle, describe(false)),
      (Self.faultTitle, describe(true)), ("Answers that are alike up to names", alike.map(Self.names)),
      ("Wrong answers that are short and the same", identical.map(Self.names)),
    ]
  }

  static let emptyTitle = "0 points, since nothing could be graded"
  static let faultTitle = "Not graded, for a fault of the grader: grade again"

  private func describe(_ isFault: Bool) -> [String] {
    ungraded.filter { $0.isFault == isFault }.map { "\($0.student) (\($0.file)), \($0.status.rawValue): \($0.reason)" }
  }

  /// The names of a group, on one line.
  static func names(_ group: [String]) -> String {
    group.map { InertText.line($0, bytes: Most.nameBytes) }.joined(separator: ", ")
  }

  private static func list(_ title: String, _ items: [String]) -> String {
    items.isEmpty ? "" : "\n\(title)\n" + items.map { "  \(InertText.line($0))\n" }.joined()
  }

  private func bars(width: Int) -> String {
    let most = histogram.map(\.count).max() ?? 0
    return histogram.map { label, count in
      let length = most > 0 ? (count * width + most - 1) / most : 0
      let padding = String(repeating: " ", count: 6 - label.count)
      return "  \(padding)\(label)  \(String(repeating: "#", count: length))\(length > 0 ? " " : "")\(count)\n"
    }
    .joined()
  }
}
