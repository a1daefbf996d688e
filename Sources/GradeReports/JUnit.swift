import Course

/// Reports as build systems read them, in the XML of JUnit. It is valid under the schema of Jenkins' xUnit plugin
/// (junit-10.xsd).
///
/// A submission is a suite, and a check is a case of it. What the student got wrong is a failure, and what the grader got
/// wrong is an error. What could not be checked because the submission had stopped is skipped: the first case, which stands
/// for the submission, has failed then. The points are properties of the suite, since that schema has none for cases.
enum JUnit {
  static let beginning = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
  static let end = "</testsuites>\n"

  private enum Outcome {
    case passed
    case failure(String)
    case error(String)
    case skipped(String)
  }

  static func suite(of report: GradeReport) -> String {
    var cases: [(name: String, className: String, outcome: Outcome)] = [
      ("submission", report.exercise, submissionOutcome(of: report))
    ]
    for step in report.steps {
      cases += step.checks.map {
        ($0.shownName, "\(report.exercise).\(step.shownName)", outcome(of: $0, in: step, report))
      }
    }
    var (failures, errors, skipped) = (0, 0, 0)
    for one in cases {
      switch one.outcome {
      case .passed: break
      case .failure: failures += 1
      case .error: errors += 1
      case .skipped: skipped += 1
      }
    }
    var text =
      "<testsuite name=\"\(Markup.attribute(report.shownStudent))\" tests=\"\(cases.count)\" failures=\"\(failures)\" "
      + "errors=\"\(errors)\" skipped=\"\(skipped)\">\n<properties>\n"
    var properties = [
      ("exercise", report.exercise), ("file", report.shownFile), ("seed", "\(report.seed)"),
      ("points", report.totalPoints), ("max-points", "\(report.highest)"),
      ("exercise-sha256", report.digests.exercise), ("submission-sha256", report.digests.submission ?? ""),
    ]
    if let section = report.section { properties.append(("section", section.cut(toBytes: Most.nameBytes))) }
    properties += report.steps.map { ("points.\($0.shownName)", "\(formatPoints($0.earned))/\($0.points)") }
    for (name, value) in properties {
      text += "<property name=\"\(Markup.attribute(name))\" value=\"\(Markup.attribute(value))\"/>\n"
    }
    text += "</properties>\n"
    for one in cases {
      text +=
        "<testcase name=\"\(Markup.attribute(one.name))\" classname=\"\(Markup.attribute(one.className))\" time=\"0\""
      text += inside(one.outcome).map { ">\n\($0)</testcase>\n" } ?? "/>\n"
    }
    if let problems = report.shownProblems { text += "<system-out>\(Markup.escaped(problems))</system-out>\n" }
    return text + "</testsuite>\n"
  }

  private static func submissionOutcome(of report: GradeReport) -> Outcome {
    if report.fault != nil { return .error(report.shownProblems ?? "") }
    return report.shownProblems.map { .failure($0) } ?? .passed
  }

  private static func outcome(of check: CheckResult, in step: GradeReport.Step, _ report: GradeReport) -> Outcome {
    let text = check.shownExplanation ?? step.verdictText(check)
    guard !step.heldBefore(check) else { return .failure(text) }
    switch check.verdict {
    case .passed: return .passed
    case .failed: return .failure(text)
    // Somebody must see that not all is well.
    case .unchecked: return report.shownProblems == nil ? .failure(text) : .skipped(text)
    }
  }

  private static func inside(_ outcome: Outcome) -> String? {
    func element(_ name: String, _ text: String) -> String {
      "<\(name) message=\"\(Markup.attribute(text.cut(toBytes: Most.nameBytes)))\">\(Markup.escaped(text))</\(name)>\n"
    }
    switch outcome {
    case .passed: return nil
    case .failure(let text): return element("failure", text)
    case .error(let text): return element("error", text)
    case .skipped(let text): return element("skipped", text)
    }
  }
}
