import Foundation
import Testing

@testable import Course
@testable import GradeReports

@Suite struct ClassSummaryTests {
  /// A class in which everything happens that a summary tells of.
  static var classroom: [GradeReport] {
    get throws {
      let limit = "@step out\nrepeat 1000000 { let x = 1 }\n"
      var reports = [
        try grade(rightAnswer, student: "ada"), try grade("@step out\nmigrate p1 b\n", student: "bob"),
        try grade("", student: "cid"), try grade(limit, student: "dan"), try grade(limit, student: "eve"),
        try .hostile("fay", status: .unreadable), try .hostile("gus", status: .crashed),
      ]
      // Ada's is like nobody's, and nobody compares what was not graded.
      for (place, likeness) in zip(reports.indices, ["1", nil, nil, "2", "2", "2", "2"]) {
        reports[place].likeness = likeness
      }
      return reports
    }
  }

  @Test func summaryTellsWhatTheTeacherWants() throws {
    var writer = ReportWriter(.summary, FormatTests.options)
    for report in try Self.classroom { #expect(try writer.text(adding: report).isEmpty) }
    #expect(
      writer.end() == """
        A journey & back (journey)

        graded               5
        all passed           1
        could not be graded  2
        mean                 2.6 of 10
        lower quarter        0 of 10
        median               0 of 10
        upper quarter        3 of 10

        Points
            0–9%  ############################################################ 3
          10–19%  0
          20–29%  0
          30–39%  #################### 1
          40–49%  0
          50–59%  0
          60–69%  0
          70–79%  0
          80–89%  0
          90–99%  0
            100%  #################### 1

        Checks that most fail
        STEP  CHECK             FAILED  NOT CHECKED  PASSED
        back  both (weight 2)        2            2       1
        out   away                   3            0       2
        out   whole (hidden)         3            0       2
        back  home (essential)       1            2       2

        Limits that were reached
          2 submissions: more than 10000 commands

        Submissions that could not be graded
          fay (fay): fay
          gus (gus): gus

        Answers that are alike up to names
          dan, eve

        """)
  }

  @Test func thePageSaysTheSame() throws {
    var writer = ReportWriter(.summaryHTML, FormatTests.options)
    for report in try Self.classroom { _ = try writer.text(adding: report) }
    let page = writer.end()
    for text in [
      "<th scope=\"row\">mean</th><td>2.6 of 10</td>", "<li>2 submissions: more than 10000 commands</li>",
      "<th scope=\"row\">fay</th><td>fay</td><td>unreadable</td><td>fay</td>", "<li>dan, eve</li>",
      "<th scope=\"row\">back</th><td>home (essential)</td><td class=\"r\">1</td><td class=\"r\">2</td>",
      "0–9%: 3, 10–19%: 0,",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test func namesOfThoseWhoAreAlikeShowAndDoNothing() throws {
    for (format, name) in [
      (ReportFormat.summary, "<b>hal</b>\u{FFFD}[2J"), (.summaryHTML, "&lt;b&gt;hal&lt;/b&gt;\u{FFFD}[2J"),
    ] {
      var writer = ReportWriter(format, FormatTests.options)
      for student in ["ida", "<b>hal</b>\u{1B}[2J", "jon"] {
        var report = try grade("", student: student)
        report.likeness = student == "jon" ? "4" : "3"
        _ = try writer.text(adding: report)
      }
      #expect(writer.end().contains("\(name), ida"))
    }
  }

  @Test func quantilesAreTotalsOfSomebody() throws {
    var summary = ClassSummary()
    #expect(summary.mean == nil && summary.quantile(50) == nil)
    for answer in [rightAnswer, "", "@step out\nmigrate p1 b\n"] { try summary.add(try grade(answer)) }
    #expect([0, 25, 50, 75, 100].map { summary.quantile($0) } == [0, 0, 300, 1000, 1000])
    #expect(summary.mean == 433)
  }

  /// Of ten thousand submissions a writer keeps no more than of two hundred: its parts, with all that is in them, are as
  /// long. The digits of counts grow.
  @Test(arguments: ReportFormat.allCases.filter { !$0.isOfOneSubmission }) func classesMayBeLarge(
    _ format: ReportFormat
  ) throws {
    let reports = try Self.classroom
    var writer = ReportWriter(format, FormatTests.options)
    func add(_ count: Int) throws {
      for number in 0..<count { _ = try writer.text(adding: reports[number % 5].asShownToStudent) }
    }
    try add(200)
    let before = String(describing: writer).utf8.count
    try add(format == .summary ? 9800 : 800)
    #expect(String(describing: writer).utf8.count <= before + 60)
  }
}
