import CommandLanguage
import Shell

/// How things stood when a step of a submission was judged.
public struct GradingMoment {
  /// The step.
  public let step: String
  /// With which seed.
  public let seed: UInt64
  /// The parameters' values.
  public let values: [(name: String, value: Int64)]
  /// The verdicts.
  public let results: [CheckResult]
  /// The session in which it was done. What the step's part did can be undone.
  public var session: Session
}

extension Grader {
  /// How things stood when a check was made, in a submission that has been graded; with a further seed if it failed with
  /// that. A step that was judged from the world of the solutions is shown as it was in the student's own.
  ///
  /// - Parameters:
  ///   - report: on the submission.
  ///   - check: its name, or its step's and its own with a slash between; nil for the first that did not pass.
  /// - Returns: nil when there is no such check.
  public func moment(of submission: Submission, _ report: GradeReport, check: String?) -> GradingMoment? {
    let words = check?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
    let (stepName, checkName) = (words.count > 1 ? words[0] : nil, words.last)
    for step in report.steps where stepName ?? step.name == step.name {
      let found = step.checks.first { check in
        checkName.map { check.name == $0 } ?? (check.verdict != .passed)
      }
      guard let found else { continue }
      let attempt = attempt(submission, seed: found.seed ?? report.seed)
      return attempt.moment(ofStep: step.name)
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
  /// What a teacher wants to know of it: the checks that did not pass, and the world at that moment.
  public func explanation() -> String {
    let place = "seed \(seed)" + values.map { ", \($0.name) \($0.value)" }.joined()
    var text = "Step \(step), with \(place):\n"
    for result in results {
      let detail = result.explanation.map { ": \(InertText.line($0))" } ?? ""
      text += "  \(result.name) \(result.verdict.text)\(detail)\n"
    }
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
