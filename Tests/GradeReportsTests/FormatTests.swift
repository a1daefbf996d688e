import Foundation
import Shell
import Testing

@testable import Course
@testable import GradeReports

/// Reports in every form, judged by programs of others: Python's jsonschema and csv, Perl's TAP::Parser and prove, xmllint.
@Suite struct FormatTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  /// The schema of Jenkins' xUnit plugin, where `Scripts/setup all` has put it.
  static let jenkinsSchema = folder.appending(path: "../../.build/junit/junit-10.xsd").standardizedFileURL

  static var options: ReportOptions {
    var options = ReportOptions()
    options.isOfClass = true
    options.time = "2026-06-01T14:32:01Z"
    options.environment = ["CLASSROOM": "systems", "ASSIGNMENT": "journey", "OWNER": "ada"]
    return options
  }

  /// What a writer makes of reports.
  static func text(_ format: ReportFormat, of reports: [GradeReport], _ options: ReportOptions = options) throws
    -> String
  {
    var writer = ReportWriter(format, options)
    return try reports.map { try writer.text(adding: $0) }.joined() + writer.end()
  }

  @Test func othersReadWhatIsWritten() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-reports-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    let books = try GradeReport.examples
    let reports = try books + hostileTexts.map { try .hostileNames($0) }
    try write(GradeReport.schema.indented, "schema.json")
    for (format, name) in [
      (ReportFormat.jsonLines, "reports.jsonl"), (.json, "reports.json"), (.junit, "junit.xml"), (.tap, "all.tap"),
      (.tap14, "all.tap14"),
    ] { try write(try Self.text(format, of: reports), name) }
    // They are on one exercise.
    for (format, name) in [(ReportFormat.csv, "book.csv"), (.summaryHTML, "summary.html")] {
      try write(try Self.text(format, of: books), name)
    }
    try write(try Self.text(.tap, of: [reports[0], reports[0]]), "passed.tap0")
    for (number, report) in reports.enumerated() {
      for format in [ReportFormat.gradescope, .classroom50, .github, .autolab, .vpl, .html] {
        try write(try Self.text(format, of: [report]), "\(number).\(format.rawValue)")
      }
    }
    let script = Self.folder.appending(path: "validate_reports.py").path()
    let schemas = FileManager.default.fileExists(atPath: Self.jenkinsSchema.path()) ? [Self.jenkinsSchema.path()] : []
    let (status, output) = try run("/usr/bin/env", ["python3", script, folder.path()] + schemas)
    #expect(status == 0 && output.isEmpty, "\(output.prefix(4000))")
  }

  /// The names of formats and of their files are told apart, and every one has a line of help.
  @Test func formatsAreListed() throws {
    for format in ReportFormat.allCases {
      #expect(!format.help.isEmpty && format.help.count < 110 && !format.help.hasSuffix("."))
      #expect(format.fileEnding.hasPrefix("."))
    }
    #expect(
      ReportFormat.allCases.filter { $0.audience == .teacher }.map(\.rawValue).sorted() == [
        "csv", "json", "jsonl", "summary", "summary-html",
      ])
  }

  @Test func ofOneSubmissionIsOfOne() throws {
    let report = try grade(rightAnswer)
    for format in ReportFormat.allCases where format.isOfOneSubmission {
      var writer = ReportWriter(format, Self.options)
      _ = try writer.text(adding: report)
      #expect(throws: ReportError.self) { try writer.text(adding: report) }
    }
  }

  /// Nothing that a hidden check knows is in what students see, and all of it is in what teachers see.
  @Test func studentsSeeNothingOfHiddenChecks() throws {
    let report = try grade(
      "@step out\nmigrate p1 b\n", of: journey.replacing("pagesSent == $pages", with: "pagesSent == 0"))
    for format in ReportFormat.allCases {
      let text = try Self.text(format, of: [report])
      let shown =
        format == .github ? String(decoding: try #require(Data(base64Encoded: text.trimmed)), as: UTF8.self) : text
      if format.audience == .student { #expect(!shown.contains("pagesSent"), "\(format)") }
      var options = Self.options
      options.audience = .teacher
      if ![.csv, .summary, .summaryHTML].contains(format), format != .github {
        #expect(try Self.text(format, of: [report], options).contains("pagesSent"), "\(format)")
      }
    }
  }

  @Test func reportsOfOtherExercisesAreRefused() throws {
    let other = try grade(rightAnswer, of: journey.replacing("@step back", with: "@step home"))
    for format in [ReportFormat.csv, .summary, .summaryHTML] {
      var writer = ReportWriter(format, Self.options)
      _ = try writer.text(adding: try grade(rightAnswer))
      #expect(throws: ReportError.exercises("journey", "journey")) { try writer.text(adding: other) }
    }
  }

  /// Text for a terminal obeys nothing that a submission says, at any width.
  @Test(arguments: [nil, 20, 80]) func textIsInert(_ columns: Int?) throws {
    for report in try GradeReport.examples {
      var options = Self.options
      options.columns = columns
      let text = try Self.text(.text, of: [report], options)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
      let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
      #expect(!lines.contains { $0.hasPrefix("::") || $0.contains("##[") })
      #expect(text.utf8.count < 300_000, "\(text.utf8.count)")
      options.isColored = true
      #expect(try Self.text(.text, of: [report], options).replacing(/\u{1B}\[\d*m/, with: "") == text)
    }
  }

  @Test func emptyReportsAreWhole() throws {
    #expect(try Self.text(.json, of: []) == "[\n]\n" && Self.text(.jsonLines, of: []).isEmpty)
    #expect(try Self.text(.tap, of: []) == "TAP version 13\n1..0\n")
    #expect(try Self.text(.junit, of: []).hasSuffix("<testsuites>\n</testsuites>\n"))
    #expect(try Self.text(.summary, of: []) == "no submission was graded\n")
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("é\u{FF}", "w6nDvw=="),
  ])
  func base64IsThatOfTheStandard(_ text: String, _ encoded: String) {
    #expect(Base64.encoded(text) == encoded)
  }
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// Runs a program, and returns its status and what it printed.
func run(
  _ program: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String]? = nil
) throws -> (status: Int32, output: String) {
  let process = Foundation.Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = folder }
  if let environment { process.environment = environment }
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: text, as: UTF8.self))
}
