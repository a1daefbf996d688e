import Course
import Shell

/// What is known when reports are written, and is not in them.
public struct ReportOptions: Sendable {
  /// For whom; nil for whoever usually reads the form.
  public var audience: GradeReport.Audience?
  /// Whether there may be several submissions: then JSON is an array.
  public var isOfClass = false
  /// How wide the screen is; nil when there is none.
  public var columns: Int?
  /// Whether verdicts in text have colours.
  public var isColored = false
  /// The environment variables: platforms say there what they want to find in a result.
  public var environment: [String: String] = [:]
  /// The time of day in UTC, as in 2026-06-01T14:32:01Z.
  public var time = ""

  /// Those of one submission, for nobody in particular.
  public init() {}
}

/// Writes reports in a form, one after the other: only a summary keeps anything of them, and of each no more than a few
/// numbers and names.
public struct ReportWriter: Sendable {
  /// The form.
  public let format: ReportFormat
  private let options: ReportOptions
  private var count = 0
  private var testCount = 0
  private var counts = ClassCounts()
  private var book = GradeBook()
  private var summary = ClassSummary()

  public init(_ format: ReportFormat, _ options: ReportOptions = ReportOptions()) {
    self.format = format
    self.options = options
  }

  /// What to write for a further report.
  ///
  /// - Throws: an error when the form has no room for it, or when it belongs to another exercise than the one before.
  public mutating func text(adding report: GradeReport) throws(ReportError) -> String {
    guard count == 0 || !format.isOfOneSubmission else {
      throw ReportError(
        "the format \(format.rawValue) has room for one submission",
        remedy: "grade the submissions one by one, or choose another format, for instance json")
    }
    let report = report.shown(to: options.audience ?? format.audience)
    let isFirst = count == 0
    count += 1
    switch format {
    case .text:
      counts.add(report)
      return (isFirst ? "" : "\n") + report.text(columns: options.columns, isColored: options.isColored)
    case .json: return (options.isOfClass ? (isFirst ? "[\n" : ",\n") : isFirst ? "" : "\n") + report.json.encoded
    case .jsonLines: return report.json.encoded + "\n"
    case .html: return StudentPage.text(of: report)
    case .csv: return try book.text(adding: report)
    case .gradescope: return Gradescope.json(of: report).indented
    case .classroom50: return Classroom50.json(of: report, options).indented
    case .github: return Base64.encoded(GitHubResult.json(of: report).encoded) + "\n"
    case .autolab: return Autolab.lines(of: report)
    case .vpl: return VirtualProgrammingLab.lines(of: report, options)
    case .junit: return (isFirst ? JUnit.beginning : "") + JUnit.suite(of: report)
    case .tap: return (isFirst ? TAP.beginning(version: 13) : "") + TAP.lines(of: report, &testCount)
    case .tap14: return (isFirst ? TAP.beginning(version: 14) : "") + TAP.lines(of: report, &testCount)
    case .summary, .summaryHTML:
      try summary.add(report)
      return ""
    }
  }

  /// What to write at the end.
  public func end() -> String {
    switch format {
    case .text: return counts.text
    case .jsonLines, .html, .gradescope, .classroom50, .github, .autolab, .vpl: return ""
    case .json: return options.isOfClass ? (count == 0 ? "[\n]\n" : "\n]\n") : count == 0 ? "" : "\n"
    case .csv: return ""
    case .junit: return (count == 0 ? JUnit.beginning : "") + JUnit.end
    case .tap: return (count == 0 ? TAP.beginning(version: 13) : "") + TAP.plan(testCount)
    case .tap14: return (count == 0 ? TAP.beginning(version: 14) : "") + TAP.plan(testCount)
    case .summary: return summary.text(columns: options.columns)
    case .summaryHTML: return ClassPage.text(of: summary)
    }
  }
}
