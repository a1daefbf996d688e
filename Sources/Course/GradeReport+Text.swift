import CommandLanguage
import Shell

extension GradeReport {
  /// The report for people: a table of steps and checks, and below it the failures.
  public var text: String {
    var lines = [
      "\(title) (\(exercise))",
      "student \(student.map { $0.isPrintable ? $0 : "\u{FFFD}" }.map(String.init).joined()), \(seedText)", "",
    ]
    lines.append(table)
    let details = steps.flatMap(\.details) + problems.map { $0.text }
    if !details.isEmpty { lines.append(details.joined(separator: "\n") + "\n") }
    if let fault { lines.append("This grade is worth nothing, for a fault that is not the student's:\n\(fault)\n") }
    lines.append("\(points(total)) of \(highest) points\(isPassed ? ", all passed" : "")\n")
    return lines.joined(separator: "\n")
  }

  private var seedText: String {
    let parameters = values.filter { !secretNames.contains($0.name) }.map { ", \($0.name) \($0.value)" }.joined()
    return "seed \(seed)\(parameters)"
  }

  private var table: String {
    var table = Table("STEP", "CHECK", "VERDICT", "POINTS>")
    for step in steps {
      table.add(step.name, "", "", "\(points(step.earned))/\(step.points)")
      for check in step.checks {
        table.add("", check.name + check.marksText, check.verdict.text, "")
      }
    }
    return table.text
  }
}

extension CheckResult {
  /// What sets it apart from other checks, as in " (hidden, weight 2)".
  fileprivate var marksText: String {
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

extension Attempt.Problem {
  fileprivate var text: String {
    let title = step.map { "In step \($0):" } ?? "The submission:"
    return "\(title)\n\(diagnostic.rendered(kind: kind))"
  }
}

/// Hundredths of points as points: 533 is `5.33`, 400 is `4`.
private func points(_ hundredths: Int) -> String {
  let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
  guard rest > 0 else { return "\(whole)" }
  return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
}

extension Character {
  /// False for control characters: a terminal would obey them, or begin another line.
  fileprivate var isPrintable: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }
}
