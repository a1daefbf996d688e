import Course
import Shell

/// What a regrade changes: whose points, verdicts or status are others than before, and why.
public struct GradeChanges {
  /// A value before and after; nil where there is none, since the student is new or has vanished.
  public struct Change<Value: Sendable & Equatable>: Sendable, Equatable {
    /// As it was.
    public let old: Value?
    /// As it is now.
    public let new: Value?
  }

  /// What may have made a difference.
  public enum Reason: String, Sendable, CaseIterable {
    case exercise = "the exercise changed"
    case submission = "the submission changed"
    case goneSubmission = "the submission is gone"
    case courseSecret = "the course's secret is another one"
    case seed = "the student's numbers changed"
    case engine = "another version of migsh graded"
    case newResult = "there was no result before"
    case noResult = "there is no result any more"
    case fault = "grading failed once"
  }

  /// A verdict that is another than before.
  public struct Check: Sendable, Equatable {
    /// The step to which it belongs.
    public let step: String
    /// The check's name.
    public let name: String
    /// How it ended.
    public let verdict: Change<Verdict>
  }

  /// The points of a step that are others than before, in hundredths.
  public struct Step: Sendable, Equatable {
    /// The step's name.
    public let name: String
    /// What it earned.
    public let earned: Change<Int>
    /// What it is worth.
    public let highest: Change<Int>
  }

  /// What changed for one student.
  public struct Row: Sendable {
    /// Whose it is.
    public let student: String
    /// The exercise's name.
    public let exercise: String
    /// Points in hundredths; nil when grading has failed, too.
    public let points: Change<Int>
    /// Whether it was graded; `fault` when grading has failed.
    public let status: Change<String>
    /// The steps whose points changed.
    public let steps: [Step]
    /// The checks whose verdicts changed.
    public let checks: [Check]
    /// What may be behind it, in the order of the list.
    public let reasons: [Reason]
  }

  /// What is kept of a report.
  fileprivate struct Outcome {
    let student: String
    let exercise: String
    let status: String
    /// Nil when grading has failed.
    let points: Int?
    let steps: [(name: String, earned: Int, highest: Int)]
    let checks: [(step: String, name: String, verdict: Verdict)]
    let digests: GradeReport.Digests
    let seed: UInt64
    let courseSecret: String?
    let engine: String

    init(_ report: GradeReport) {
      student = normalised(report.student)
      exercise = report.exercise
      status = report.fault == nil ? report.status.rawValue : "fault"
      points = report.fault == nil ? report.total : nil
      steps = report.steps.map { ($0.name, $0.earned, $0.points * 100) }
      checks = report.steps.flatMap { step in step.checks.map { (step.name, $0.name, $0.verdict) } }
      digests = report.digests
      seed = report.seed
      courseSecret = report.courseSecret
      engine = report.engine
    }
  }

  private var old: [String: Outcome] = [:]
  private var new: [String: Outcome] = [:]
  /// How many results were compared.
  public var count: Int { Set(old.keys).union(new.keys).count }

  /// - Parameter path: a file with the former reports in JSON.
  public init(since path: String) throws {
    try ReportFile.forEachReport(in: path) { Self.add(Outcome($0), to: &old) }
  }

  /// Takes a report as it is now.
  public mutating func add(_ report: GradeReport) { Self.add(Outcome(report), to: &new) }

  /// A student who has handed in twice has several results, which are told apart by their order.
  private static func add(_ outcome: Outcome, to outcomes: inout [String: Outcome]) {
    let name = outcome.exercise + "\0" + outcome.student
    var (key, number) = (name, 1)
    while outcomes[key] != nil {
      number += 1
      key = name + "\0\(number)"
    }
    outcomes[key] = outcome
  }

  /// What changed, in the order of exercises and students.
  public var rows: [Row] {
    let keys = Set(old.keys).union(new.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return keys.compactMap { Self.row(old[$0], new[$0]) }
  }

  private static func row(_ old: Outcome?, _ new: Outcome?) -> Row? {
    guard let any = new ?? old else { return nil }
    guard let old, let new else {
      return Row(
        student: any.student, exercise: any.exercise, points: Change(old: old?.points, new: new?.points),
        status: Change(old: old?.status, new: new?.status), steps: [], checks: [],
        reasons: [old == nil ? .newResult : .noResult])
    }
    let names = orderedUnion(old.steps.map(\.name), new.steps.map(\.name))
    let steps = names.compactMap { name -> Step? in
      let (before, now) = (old.steps.first { $0.name == name }, new.steps.first { $0.name == name })
      guard before?.earned != now?.earned || before?.highest != now?.highest else { return nil }
      return Step(
        name: name, earned: Change(old: before?.earned, new: now?.earned),
        highest: Change(old: before?.highest, new: now?.highest))
    }
    let keys = orderedUnion(old.checks.map { [$0.step, $0.name] }, new.checks.map { [$0.step, $0.name] })
    let (before, now) = (verdicts(old), verdicts(new))
    let checks = keys.compactMap { key -> Check? in
      guard before[key] != now[key] else { return nil }
      return Check(step: key[0], name: key[1], verdict: Change(old: before[key], new: now[key]))
    }
    let isSame = old.points == new.points && old.status == new.status
    guard !isSame || !steps.isEmpty || !checks.isEmpty else { return nil }
    return Row(
      student: new.student, exercise: new.exercise, points: Change(old: old.points, new: new.points),
      status: Change(old: old.status, new: new.status), steps: steps, checks: checks, reasons: reasons(old, new))
  }

  private static func verdicts(_ outcome: Outcome) -> [[String]: Verdict] {
    Dictionary(outcome.checks.map { ([$0.step, $0.name], $0.verdict) }) { first, _ in first }
  }

  private static func orderedUnion<Name: Hashable>(_ first: [Name], _ second: [Name]) -> [Name] {
    var seen: Set<Name> = []
    return (first + second).filter { seen.insert($0).inserted }
  }

  private static func reasons(_ old: Outcome, _ new: Outcome) -> [Reason] {
    var reasons: [Reason] = []
    if old.digests.exercise != new.digests.exercise { reasons.append(.exercise) }
    if old.digests.submission != new.digests.submission {
      reasons.append(new.status == GradeReport.Status.missing.rawValue ? .goneSubmission : .submission)
    }
    if old.courseSecret != new.courseSecret { reasons.append(.courseSecret) }
    if old.seed != new.seed { reasons.append(.seed) }
    if old.engine != new.engine { reasons.append(.engine) }
    if (old.points == nil) != (new.points == nil) { reasons.append(.fault) }
    return reasons
  }
}
