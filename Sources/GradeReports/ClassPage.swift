import Course
import Shell

/// The summary of a class as a page.
enum ClassPage {
  static func text(of summary: ClassSummary) -> String {
    let title = summary.title.isEmpty ? "No submission was graded" : summary.title
    var body = "<p>\(Markup.attribute("Exercise \(summary.exercise)."))</p>\n"
    if let warning = summary.warning { body += "<p class=\"cause\">\(Markup.attribute(warning))</p>\n" }
    body += Page.section(
      "numbers", "The class",
      Page.table("The class", ["What", "Number"], summary.numbers.map { [$0.name, $0.value] }))
    body += Page.section("points", "Points", histogram(summary))
    if !summary.missedChecks.isEmpty {
      let rows = summary.missedChecks.map { check in
        [
          Markup.attribute(check.step), Markup.attribute(check.check), "\(check.failed)", "\(check.unchecked)",
          "\(check.passed)",
        ]
      }
      body += Page.section(
        "checks", "Checks that most fail",
        Page.table("Checks that most fail", ["Step", "Check", "Failed>", "Not checked>", "Passed>"], rows))
    }
    body += list(
      "limits", "Limits that were reached",
      summary.reachedLimits.map { "\(counted($0.count, "submission")): \($0.limit)" })
    body += list("idle", "Steps that earn nothing although all checks hold", summary.missedSteps)
    body += ungraded("empty", ClassSummary.emptyTitle, summary.ungraded.filter { !$0.isFault })
    body += ungraded("ungraded", ClassSummary.faultTitle, summary.ungraded.filter(\.isFault))
    body += list("alike", "Answers that are alike up to names", summary.alike.map(ClassSummary.names))
    body += list("same", "Wrong answers that are short and the same", summary.identical.map(ClassSummary.names))
    if let comparison = summary.comparison { body += "<p>\(Markup.attribute(comparison))</p>\n" }
    return Page.document(title: title, body: body)
  }

  private static func ungraded(_ identifier: String, _ title: String, _ those: [ClassSummary.Ungraded]) -> String {
    guard !those.isEmpty else { return "" }
    let rows = those.map { one in
      [one.student, one.file, one.status.rawValue, one.reason].map { Markup.attribute($0) }
    }
    return Page.section(identifier, title, Page.table(title, ["Student", "File", "Status", "Reason"], rows))
  }

  private static func list(_ identifier: String, _ title: String, _ items: [String]) -> String {
    guard !items.isEmpty else { return "" }
    let list = items.map { "<li>\(Markup.attribute($0))</li>\n" }.joined()
    return Page.section(identifier, title, "<ul>\n\(list)</ul>\n")
  }

  // MARK: - Histogram

  private static let (width, height, barWidth, step) = (660, 200, 48, 60)

  /// The distribution as bars, and the same numbers as a sentence for those who cannot see them.
  private static func histogram(_ summary: ClassSummary) -> String {
    let bars = summary.histogram
    let most = max(1, bars.map(\.count).max() ?? 0)
    let words = bars.map { "\($0.label): \($0.count)" }.joined(separator: ", ")
    var drawing = ""
    for (place, bar) in bars.enumerated() {
      let length = bar.count * (height - 50) / most
      let (left, top) = (place * step, height - 25 - length)
      drawing += "<rect class=\"bar\" x=\"\(left + 6)\" y=\"\(top)\" width=\"\(barWidth)\" height=\"\(length)\"/>\n"
      drawing += "<text x=\"\(left + 30)\" y=\"\(top - 6)\" text-anchor=\"middle\">\(bar.count)</text>\n"
      drawing += "<text x=\"\(left + 30)\" y=\"\(height - 8)\" text-anchor=\"middle\">\(bar.label)</text>\n"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" role="img" \
      aria-labelledby="histogram-title" aria-describedby="histogram-text">
      <title id="histogram-title">How many submissions earned which part of the points</title>
      <desc id="histogram-text">\(words)</desc>
      \(drawing)<line class="rule" x1="0" y1="\(height - 25)" x2="\(width)" y2="\(height - 25)"/>
      </svg>
      <p>\(words)</p>

      """
  }
}
