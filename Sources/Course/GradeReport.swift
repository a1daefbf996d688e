import CommandLanguage
import Shell

/// The result of grading one submission.
///
/// As JSON (`json`) it has the schema `migsh/grade/v1`. Every key is always there; it is null when it has nothing to
/// say:
///
///     {"schema": "migsh/grade/v1",
///      "engine": "0.1.0",                    the version that graded
///      "exercise": "move-it", "title": "…", "student": "ada",
///      "seed": 4711,                          replays it: at most 53 bits
///      "parameters": {"pages": 97},
///      "secret": [],                          parameters that a student may not see
///      "total": 5.33, "max": 10,              points
///      "passed": false,                       all checks passed, and the submission had no error
///      "steps": [{"name": "move", "points": 4, "earned": 2.66,
///        "checks": [{"name": "at", "verdict": "passed" | "failed" | "could-not-be-checked", "hidden": false,
///          "essential": false, "weight": 1, "guard": false,
///          "message": …, "expected": …, "found": …, "event": …, "reason": …}]}],
///      "errors": [{"step": "move", "kind": "error" | "failed" | "limit" | "unreadable",
///        "file": "ada.migsh", "line": 3, "column": 1, "message": "…", "text": "the whole diagnostic"}],
///      "fault": null}                         what went wrong in the engine; the rest is then worth nothing
///
/// A step earns points × weight of the checks that passed ∕ weight of all checks, rounded down to hundredths. A check marked
/// `guard` holds when nothing is done: it earns nothing, and when it fails it takes away what a check of its weight earns.
/// The step earns nothing when an essential check did not pass, or when something happened that it forbids; the report
/// lists this as a check `no KIND`. It also earns nothing when the only checks that passed are those that held when it
/// began: doing nothing is worth nothing. A hidden check shows only its verdict. The others show as much as the exercise's
/// `@details` allow.
public struct GradeReport: Sendable {
  /// What one step earned.
  public struct Step: Sendable {
    /// As the exercise names it.
    public let name: String
    /// What it is worth.
    public let points: Int
    /// Whether a check passed that did not hold when the step began.
    let isBegun: Bool
    /// The verdicts on the step's checks, and on what it forbids.
    public internal(set) var checks: [CheckResult]

    /// Hundredths of points.
    public var earned: Int {
      let earning = checks.filter { !$0.isGuard }
      let most = earning.reduce(0) { $0 + $1.weight }
      let isSpoilt = checks.contains { ($0.isForbidden || $0.isEssential) && $0.verdict != .passed }
      guard isBegun, most > 0, !isSpoilt else { return 0 }
      let passed = earning.reduce(0) { $0 + ($1.verdict == .passed ? $1.weight : 0) }
      let lost = checks.reduce(0) { $0 + ($1.isGuard && $1.verdict != .passed ? $1.weight : 0) }
      return points * 100 * max(0, passed - lost) / most
    }
  }

  /// Its name.
  public let exercise: String
  /// Its title, for people.
  public let title: String
  /// The student who handed it in.
  public let student: String
  /// Draws the parameters and everything random: with this seed the grading can be repeated.
  public let seed: UInt64
  /// The parameters' values, in the exercise's order.
  public let values: [(name: String, value: Int64)]
  /// Those that a student may not see: the report as text leaves them out.
  public let secretNames: Set<String>
  /// In the order of the exercise.
  public let steps: [Step]
  let problems: [Attempt.Problem]
  /// A fault of the engine or of the grader: the grade is worth nothing.
  public let fault: String?

  init(
    exercise: Lesson, student: String, seed: UInt64, values: [(name: String, value: Int64)], steps: [Step],
    problems: [Attempt.Problem], fault: String?
  ) {
    self.exercise = exercise.name
    title = exercise.title
    self.student = student
    self.seed = seed
    self.values = values
    secretNames = Set(exercise.parameters.filter(\.isSecret).map(\.name))
    self.problems = problems
    self.fault = fault
    self.steps = steps.map { step in
      var step = step
      for index in step.checks.indices { step.checks[index].withhold(exercise.details) }
      return step
    }
  }

  /// Hundredths of points.
  public var total: Int { steps.reduce(0) { $0 + $1.earned } }
  /// Points.
  public var highest: Int { steps.reduce(0) { $0 + $1.points } }

  /// Whether every check passed and nothing went wrong.
  public var isPassed: Bool {
    fault == nil && problems.isEmpty && steps.allSatisfy { $0.checks.allSatisfy { $0.verdict == .passed } }
  }

  /// In the schema above.
  public var json: JSON {
    .object([
      ("schema", .string("migsh/grade/v1")), ("engine", .string(migshVersion)), ("exercise", .string(exercise)),
      ("title", .string(title)), ("student", .string(student)), ("seed", .integer(Int64(clamping: seed))),
      ("parameters", .object(values.map { ($0.name, .integer($0.value)) })),
      ("secret", .array(values.map(\.name).filter(secretNames.contains).map { .string($0) })),
      ("total", .number(Double(total) / 100)), ("max", .integer(Int64(highest))), ("passed", .boolean(isPassed)),
      ("steps", .array(steps.map(\.json))), ("errors", .array(problems.map(\.json))), ("fault", JSON(fault)),
    ])
  }
}

extension GradeReport.Step {
  fileprivate var json: JSON {
    .object([
      ("name", .string(name)), ("points", .integer(Int64(points))), ("earned", .number(Double(earned) / 100)),
      ("checks", .array(checks.map { .object($0.data) })),
    ])
  }
}

extension Attempt.Problem {
  fileprivate var json: JSON {
    let place = diagnostic.place
    return .object([
      ("step", JSON(step)), ("kind", .string(kind)), ("file", .string(place.file)),
      ("line", .integer(Int64(place.line))), ("column", .integer(Int64(place.column))),
      ("message", .string(diagnostic.message)), ("text", .string(diagnostic.rendered(kind: kind))),
    ])
  }
}

extension CheckResult {
  /// Removes what a student may not see.
  mutating func withhold(_ details: Lesson.Details) {
    if isHidden || details != .full { expected = nil }
    guard isHidden || details == .none else { return }
    (message, found, event, reason) = (nil, nil, nil, nil)
  }
}
