import CommandLanguage
import Shell

extension GradeReport {
  /// The student's report, as text without colours.
  public var text: String { asShownToStudent.text() }

  /// The report for people: the first thing that went wrong, a table of steps and checks, and below it the failures.
  ///
  /// - Parameters:
  ///   - columns: how wide the screen is; nil when there is none.
  ///   - isColored: whether verdicts have colours.
  public func text(columns: Int? = nil, isColored: Bool = false) -> String {
    func shown(_ text: String) -> String { InertText.lines(text.wrapped(at: columns ?? .max)) + "\n" }
    var text = shown("\(title) (\(exercise))") + shown("\(who), \(seedText)") + "\n"
    guard status == .graded else {
      return text + shown("\(ungradedTitle): \(InertText.line(cause ?? status.sentence))") + "\n\(pointsText)\n"
    }
    if let cause { text += shown("What went wrong first: \(InertText.line(cause))") + "\n" }
    text += table(isColored) + "\n"
    let details = (steps.flatMap(\.details) + accounts).map { shown(InertText.line($0)) }
    // The sign below a line stands at its place only while the line is not broken.
    let mistakes = problems.map { InertText.lines(self.details(of: $0)) + "\n" } + furtherDetails
    if !details.isEmpty || !mistakes.isEmpty { text += details.joined() + mistakes.joined() + "\n" }
    if let fault {
      text += shown("This grade is worth nothing, for a fault that is not the student's:\n\(fault)") + "\n"
    }
    text += "\(pointsText)\(isPassed ? ", all passed" : "")\n"
    if let regrade { text += shown("Graded again: \(InertText.line(regrade.text))") }
    return audience == .student ? text : text + "\n" + circumstances.map(shown).joined()
  }

  private var who: String {
    "student \(InertText.line(student, bytes: Self.mostNameBytes))"
      + (section.map { ", section \(InertText.line($0, bytes: Self.mostNameBytes))" } ?? "")
  }
  private static let mostNameBytes = 200
  private var seedText: String {
    "seed \(seed)" + values.map { ", \(InertText.line($0.name, bytes: Self.mostNameBytes)) \($0.value)" }.joined()
  }

  /// What was graded, and how: a line for each thing that is known.
  private var circumstances: [String] {
    let texts =
      ["exercise  SHA-256 \(digests.exercise)"] + (digests.submission.map { ["submission  SHA-256 \($0)"] } ?? [])
    let limits = used.map { "\($0.name) \($0.text)" }
    let secret = courseSecret.map { ["numbers from the course's secret with the fingerprint \($0)"] } ?? []
    return texts + secret + (limits.isEmpty ? [] : ["used: \(limits.joined(separator: ", "))"])
      + isolation.map { InertText.line($0) }
  }

  private var furtherDetails: [String] {
    furtherProblems > 0 ? ["and \(counted(furtherProblems, "more mistake"))\n"] : []
  }

  private func table(_ isColored: Bool) -> String {
    var table = Table("STEP", "CHECK", "VERDICT", "POINTS>")
    var verdicts: [Verdict?] = [nil]
    for step in steps {
      let basis = step.basis == .reference ? "begun where the exercise's own solution ends" : ""
      table.add(step.name, basis, "", "\(formatPoints(step.earned))/\(step.points)")
      verdicts.append(nil)
      for check in step.checks {
        table.add("", check.name + check.marksText, step.verdictText(check), "")
        verdicts.append(step.heldBefore(check) ? nil : check.verdict)
      }
    }
    let text = InertText.lines(table.text)
    guard isColored else { return text }
    return zip(text.split(separator: "\n"), verdicts).map { line, verdict in
      guard let verdict, line.hasSuffix(verdict.text) else { return line + "\n" }
      return line.dropLast(verdict.text.count) + verdict.colored + "\n"
    }
    .joined()
  }
}

extension Verdict {
  /// In words, as a terminal colours them.
  fileprivate var colored: String {
    let color =
      switch self {
      case .passed: 32
      case .failed: 31
      case .unchecked: 33
      }
    return "\u{1B}[\(color)m\(text)\u{1B}[0m"
  }
}

extension CheckResult {
  /// What sets it apart from other checks, as in " (hidden, weight 2)".
  package var marksText: String {
    let marks =
      (isHidden ? ["hidden"] : []) + (isEssential ? ["essential"] : [])
      + (isGuard && !isForbidden ? ["guard"] : []) + (weight > 1 ? ["weight \(weight)"] : [])
    return marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))"
  }
}

extension GradeReport.Step {
  fileprivate var details: [String] {
    checks.compactMap { check in
      guard check.verdict != .passed, let explanation = check.explanation else { return nil }
      return "\(name), \(check.name): \(explanation)"
    }
  }
}

extension GradeReport {
  private func details(of problem: Problem) -> String { "\(title(of: problem)):\n\(problem.text)" }

  /// Where a mistake was made. A step that was judged from another world may have no mistake there.
  package func title(of problem: Problem) -> String {
    guard let name = problem.step else { return "The submission" }
    let isElsewhere = steps.contains { $0.name == name && $0.basis == .reference }
    return "In step \(name)" + (isElsewhere ? ", after the submission's own steps before it" : "")
  }
}

/// Hundredths of points as points: 533 is `5.33`, 400 is `4`.
package func formatPoints(_ hundredths: Int) -> String {
  guard hundredths >= 0 else { return "-" + formatPoints(-hundredths) }
  let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
  guard rest > 0 else { return "\(whole)" }
  return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
}
