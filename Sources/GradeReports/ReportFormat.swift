import Course

/// A form in which reports of grading are written.
public enum ReportFormat: String, Sendable, CaseIterable {
  case text
  case json
  case jsonLines = "jsonl"
  case html
  case csv
  case gradescope
  case classroom50
  case github
  case autolab
  case vpl
  case junit
  case tap
  case tap14
  case summary
  case summaryHTML = "summary-html"

  /// How names of files of this form end, with the point.
  public var fileEnding: String {
    switch self {
    case .text, .summary, .github, .autolab, .vpl: ".txt"
    case .json, .gradescope, .classroom50: ".json"
    case .jsonLines: ".jsonl"
    case .html, .summaryHTML: ".html"
    case .csv: ".csv"
    case .junit: ".xml"
    case .tap, .tap14: ".tap"
    }
  }

  /// What it is, in a line of help.
  public var help: String {
    switch self {
    case .text: "for people: what went wrong first, and a table of steps and checks"
    case .json: "everything (schema \(GradeReport.schemaName)); of several submissions an array"
    case .jsonLines: "everything, a line for each submission, which is whole as soon as it is written"
    case .html: "a page for one student: what was expected, what was found, and a picture"
    case .csv: "a grade book, a row for each submission"
    case .gradescope: "results.json of Gradescope, of one submission"
    case .classroom50: "result.json of Classroom 50, of one submission; scores are hundredths of points"
    case .github: "the result of GitHub's autograding action (base64), of one submission"
    case .autolab: "Autolab's last two lines of output, of one submission"
    case .vpl: "the comments and the grade of Moodle's Virtual Programming Lab, of one submission"
    case .junit: "XML for build systems, a suite for each submission"
    case .tap: "Test Anything Protocol, version 13"
    case .tap14: "Test Anything Protocol, version 14"
    case .summary: "a summary of the class: points, checks that most fail, what could not be graded"
    case .summaryHTML: "the summary of the class as a page"
    }
  }

  /// Whether it has room for one submission alone.
  public var isOfOneSubmission: Bool {
    switch self {
    case .html, .gradescope, .classroom50, .github, .autolab, .vpl: true
    case .text, .json, .jsonLines, .csv, .junit, .tap, .tap14, .summary, .summaryHTML: false
    }
  }

  /// Who reads it, when nobody says otherwise. What a platform shows to students is the student's.
  public var audience: GradeReport.Audience {
    switch self {
    case .json, .jsonLines, .csv, .summary, .summaryHTML: .teacher
    case .text, .html, .gradescope, .classroom50, .github, .autolab, .vpl, .junit, .tap, .tap14: .student
    }
  }
}

/// Why reports cannot be written in a form.
public struct ReportError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let message: String
  /// What to do about it.
  public let remedy: String

  init(_ message: String, remedy: String) {
    self.message = message
    self.remedy = remedy
  }

  public var description: String { "\(message); \(remedy)" }
}
