import CommandLanguage
import Shell

@testable import Course

/// The commands of the shell.
let table = Session { _ in }.table

/// A lesson from its text; errors carry the file name `lesson`.
func lesson(_ text: String) throws(Diagnostic) -> Lesson {
  try Lesson(parsing: SourceText(name: "lesson", text: text), table: table)
}

/// The message about a text that is not a lesson; nil for a lesson.
func mistake(_ text: String) -> String? {
  do throws(Diagnostic) {
    _ = try lesson(text)
    return nil
  } catch {
    return error.rendered()
  }
}

/// The output of playing a lesson, and its status.
func play(_ text: String, format: Session.Format = .text) throws -> (output: String, status: ScriptStatus) {
  let lesson = try lesson(text)
  var output = ""
  var options = Session.Options()
  options.format = format
  var session = Session(options: options) { output += $0 }
  let status = lesson.play(in: &session)
  return (output, status)
}

/// The problems that a proof with a few seeds finds, in words. The battery has tests of its own.
func prove(_ text: String, seeds: ClosedRange<UInt64> = 1...3) throws -> [String] {
  var prover = Prover(try lesson(text), hasBattery: false)
  return prover.prove(seeds: seeds).map(\.text)
}

/// The report on a submission.
func grade(
  _ exercise: String, _ submission: String, seed: UInt64 = 7, files: [String: [UInt8]] = [:],
  limits: GradingLimits = GradingLimits()
) throws -> GradeReport {
  let exercise = try lesson(exercise)
  return try Grader(exercise, limits: limits).grade(
    Submission(
      student: "ada", text: .success(SourceText(name: "ada.migsh", text: submission)), files: files, for: exercise),
    seed: seed)
}

extension GradeReport {
  /// The verdicts of a step by the names of its checks.
  func verdicts(_ step: String) -> [String: Verdict] {
    let checks = steps.first { $0.name == step }?.checks ?? []
    return Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0.verdict) })
  }
}

/// An exercise of one step.
let moving = """
  @lesson moving "Moving"
  @param pages 8..64
  @setup
  node add a b
  spawn p1 --on a --pages $pages
  run 10ms
  @step move points 4
  | Move `p1` to `b`.
  @check at p1.node == b "p1 is to be on b"
  @check whole p1.migration.pagesSent == $pages hidden seeds 3
  @forbid node-failed
  @solution
  migrate p1 b
  """
