import CommandLanguage
import Shell

/// How things stood when a step of a submission was judged.
public struct GradingMoment {
  /// A further seed with which a check failed that passed with the student's own.
  struct FurtherSeed {
    /// The check.
    let check: String
    /// How many further seeds it is tried with.
    let count: Int
    /// The student's own seed.
    let own: UInt64
  }

  /// Whose submission it is.
  let student: String
  /// What came of the step in the world that counted.
  let result: GradeReport.Step
  /// With which seed.
  public let seed: UInt64
  /// The parameters' values.
  public let values: [(name: String, value: Int64)]
  /// The commands of the step; nil when the submission has no part for it.
  let part: SourceText?
  /// Mistakes of the submission as a whole, and of the step in the world that counted.
  let mistakes: [GradeReport.Problem]
  /// What came of the step in the world of the student's own earlier steps, when another counted.
  var ownResult: GradeReport.Step?
  /// Nil when the seed is the student's own.
  var furtherSeed: FurtherSeed?
  /// The session in which it was done. What the step's part did can be undone.
  public var session: Session
}

extension Grader {
  /// How things stood when a check was made, in a submission that has been graded: with a further seed if it failed with
  /// that, and in the world that counted.
  ///
  /// - Parameters:
  ///   - report: on the submission.
  ///   - check: its name, or its step's and its own with a slash between; nil for the first thing that went wrong.
  /// - Returns: nil when there is no such check.
  public func moment(of submission: Submission, _ report: GradeReport, check: String?) -> GradingMoment? {
    guard let (number, found) = place(of: check, in: report) else { return nil }
    let step = report.steps[number]
    let seed = found?.seed ?? report.seed
    let attempt = attempt(submission, seed: seed)
    guard seed != report.seed, let found else { return attempt.moment(ofStep: step.name, step.basis) }
    let basis = attempt.executeSteps(number + 1).steps.last?.basis ?? .own
    var moment = attempt.moment(ofStep: step.name, basis)
    let marks = exercise.steps[number].checks.first { $0.name == found.name }?.marks
    moment?.furtherSeed = GradingMoment.FurtherSeed(
      check: found.name, count: marks?.furtherSeeds ?? 0, own: report.seed)
    return moment
  }

  private func place(of check: String?, in report: GradeReport) -> (step: Int, check: CheckResult?)? {
    guard let check else {
      for (number, step) in report.steps.enumerated() {
        if let missed = step.checks.first(where: { $0.verdict != .passed }) { return (number, missed) }
        if step.isIdle || report.problems.contains(where: { $0.step == step.name }) { return (number, nil) }
      }
      return nil
    }
    let words = check.split(separator: "/", maxSplits: 1).map(String.init)
    for (number, step) in report.steps.enumerated() where words.count < 2 || words[0] == step.name {
      if let found = step.checks.first(where: { $0.name == words.last }) { return (number, found) }
    }
    return nil
  }
}

extension GradeReport {
  /// Takes a picture of the world at the first check that failed; one that is too large is left out.
  public mutating func attachPicture(of moment: GradingMoment) {
    picture = moment.picture().flatMap { $0.utf8.count <= Self.mostPictureBytes ? $0 : nil }
  }
}

extension GradingMoment {
  /// How many lines of a step's commands are repeated.
  private static let mostLines = 100

  /// Which moment it is, in a sentence: the step, the world and the numbers.
  public var heading: String {
    let numbers = "seed \(seed)" + values.map { ", \($0.name) \($0.value)" }.joined()
    guard let furtherSeed else { return "Step \(result.name), with \(numbers)" }
    return
      "Step \(result.name), with one of the \(furtherSeed.count) other seeds of `\(furtherSeed.check)`, and not with "
      + "\(InertText.line(student, bytes: 200))'s own \(furtherSeed.own): \(numbers)"
  }

  /// What the shell says that opens here: the moment, and what did not pass.
  public var greeting: String {
    let missed = result.checks.filter { $0.verdict != .passed }.map { check in
      "`\(check.name)` \(check.verdict.text)" + (check.explanation.map { ": \(InertText.line($0))" } ?? "")
    }
    let lines = [heading] + (ownResult == nil ? [] : [Self.basisText]) + missed
    return lines.joined(separator: "\n")
      + "\n`undo` takes back what the submission did, a command at a time; `redo` does it again\n"
  }

  private static let basisText =
    "Judged as if the exercise's own solutions had been done in the steps before: that earned more."

  private static func verdicts(_ step: GradeReport.Step) -> String {
    step.checks.map { check in
      "  \(check.name) \(step.verdictText(check))" + (check.explanation.map { ": \(InertText.line($0))" } ?? "") + "\n"
    }.joined() + (step.isAnswered ? step.idleness.map { "  \($0)\n" } ?? "" : "")
  }

  private var commands: String {
    guard let part, part.hasCommands else { return "\nNo command stands under `@step \(result.name)`.\n" }
    let lines = part.lineSpans.map { part.text($0) }
    var text = "\nIts commands:\n"
    for (number, line) in lines.prefix(Self.mostLines).enumerated() where line.contains(where: { !$0.isWhitespace }) {
      text += "  \(part.firstLine + number)  \(InertText.line(line))\n"
    }
    return text + (lines.count > Self.mostLines ? "  and \(lines.count - Self.mostLines) more lines\n" : "")
  }

  /// What a teacher wants to know of it: the checks that did not pass, what was typed, and the world at that moment.
  public func explanation() -> String {
    var text = heading + ":\n"
    if let ownResult {
      text += "\(Self.basisText)\n" + Self.verdicts(result)
      text += "In the world of the submission's own steps before it:\n" + Self.verdicts(ownResult)
    } else {
      text += Self.verdicts(result)
    }
    text += commands
    for mistake in mistakes { text += "\n\(InertText.lines(mistake.text))\n" }
    var session = session
    session.options = Session.Options()
    session.options.files = .none
    for command in ["node list", "ps", "migration list", "messages --last 10", "log --last 20"] {
      var output = ""
      session.write = { output += $0 }
      _ = session.execute(SourceText(name: "explain", text: command))
      if !output.isEmpty { text += "\n> \(command)\n\(InertText.lines(output))" + (output.hasSuffix("\n") ? "" : "\n") }
    }
    return text
  }

  /// What happened to the processes up to then, as an SVG document; nil when nothing did.
  func picture() -> String? {
    var session = session
    session.options = Session.Options()
    session.options.files = .none
    session.write = { _ in }
    var drawn: DrawnPicture?
    session.showPart = { part in if case .picture(let picture) = part { drawn = picture } }
    _ = session.execute(SourceText(name: "picture", text: "timeline"))
    return drawn?.document(name: "moment")
  }
}
