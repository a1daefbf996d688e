import Course

/// A page for one student: what went wrong first, a picture of the world at that moment, and for each check what was
/// expected and what was found.
enum StudentPage {
  static func text(of report: GradeReport) -> String {
    var body = "<p>\(Markup.attribute(who(report)))</p>\n"
    body +=
      "<p><strong>\(report.pointsText)</strong>\(report.isPassed ? ", all passed" : "")</p>\n"
    if let cause = report.shownCause {
      let title = report.status == .graded ? "What went wrong first" : report.ungradedTitle
      body += "<p class=\"cause\"><strong>\(title):</strong> \(Markup.escaped(cause))</p>\n"
    }
    if report.fault != nil {
      body +=
        "<p>This grade is worth nothing: grading failed, and that is not your fault. Ask your teacher to grade again.</p>\n"
    }
    body += picture(report)
    // Where nothing was executed, every check says the same.
    if report.status == .graded {
      for (index, step) in report.steps.enumerated() { body += section(step, number: index) }
    }
    body += problems(report) + circumstances(report)
    return Page.document(title: report.title, body: body)
  }

  private static func who(_ report: GradeReport) -> String {
    let section = report.section.map { ", section \($0.cut(toBytes: Most.nameBytes))" } ?? ""
    return "Student \(report.shownStudent)\(section). Exercise \(report.exercise)."
  }

  /// The picture as an image, so that nothing in it can do anything; what it says stands below it in words.
  private static func picture(_ report: GradeReport) -> String {
    guard let picture = report.picture else { return "" }
    let title = element("title", of: picture) ?? "The world at the first check that failed"
    let words = element("desc", of: picture).map { text in
      "<details>\n<summary>The picture in words</summary>\n\(Page.lines("The picture in words", text))</details>\n"
    }
    return """
      <figure>
      <img alt="\(Markup.attribute(title))" src="data:image/svg+xml;base64,\(Base64.encoded(picture))"/>
      <figcaption>The world when the first check failed.</figcaption>
      </figure>

      """ + (words ?? "")
  }

  /// The text of the first element with a name; nil when the document has none.
  private static func element(_ name: String, of document: String) -> String? {
    guard let start = document.firstRange(of: "<\(name)"), let end = document.firstRange(of: "</\(name)>"),
      start.upperBound < end.lowerBound,
      let open = document[start.upperBound..<end.lowerBound].firstIndex(of: ">")
    else { return nil }
    let text = document[document.index(after: open)..<end.lowerBound]
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    return entities.reduce(String(text)) { $0.replacing($1.0, with: $1.1) }.cut(toBytes: Most.textBytes)
  }

  private static func section(_ step: GradeReport.Step, number: Int) -> String {
    let basis =
      step.basis == .reference
      ? "<p>This step was judged as if the exercise's own solutions of the steps before it had been done.</p>\n" : ""
    let account = step.account.map { "<p>\(Markup.attribute($0))</p>\n" } ?? ""
    let rows = step.checks.map { check in
      [
        Markup.attribute(check.shownName),
        "<span class=\"\((step.heldBefore(check) ? .unchecked : check.verdict).rawValue)\">\(step.verdictText(check))</span>",
        cell(check.expected), cell(check.found), cell(remarks(on: check)),
      ]
    }
    return Page.section(
      "step\(number)", "Step \(step.shownName): \(formatPoints(step.earned)) of \(step.points) points",
      basis
        + Page.table(
          "Checks of step \(step.shownName)", ["Check", "Verdict", "Expected", "Found", "Remarks"], rows) + account)
  }

  private static func cell(_ text: String?) -> String {
    text.map { Markup.attribute($0.cut(toBytes: Most.textBytes)) } ?? ""
  }

  private static func remarks(on check: CheckResult) -> String? {
    let parts = [check.message, check.reason, check.event.map { "first at \($0)" }].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func problems(_ report: GradeReport) -> String {
    guard !report.problems.isEmpty else { return "" }
    let items = report.problems.map { problem in
      let title = report.title(of: problem)
      return "<p>\(Markup.attribute(title)):</p>\n" + Page.lines(title, problem.text.cut(toBytes: Most.textBytes))
    }
    let more = report.furtherProblems > 0 ? "<p>And \(report.furtherProblems) more.</p>\n" : ""
    return Page.section("mistakes", "Mistakes in the submission", items.joined() + more)
  }

  private static func circumstances(_ report: GradeReport) -> String {
    var rows = [("Seed", "\(report.seed)")] + report.values.map { ("Your number \($0.name)", "\($0.value)") }
    if !report.file.isEmpty { rows.append(("File", report.shownFile)) }
    rows.append(("SHA-256 of the exercise", report.digests.exercise))
    if let digest = report.digests.submission { rows.append(("SHA-256 of the submission", digest)) }
    rows += report.used.map { ("Used: \($0.name)", $0.text) }
    rows += report.isolation.map { ("Isolation", $0.cut(toBytes: Most.nameBytes)) }
    if let secret = report.courseSecret { rows.append(("Fingerprint of the course's secret", secret)) }
    rows.append(("Graded by", "migsh \(report.engine)"))
    return Page.section(
      "circumstances", "How it was graded",
      Page.table(
        "How it was graded", ["What", "Value"],
        rows.map { [Markup.attribute($0.0), Markup.attribute($0.1)] }))
  }
}
