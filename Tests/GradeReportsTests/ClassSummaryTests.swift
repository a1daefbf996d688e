import CommandLanguage
import Foundation
import Shell
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

        graded                           5
        all passed                       1
        no points: nothing to grade      1
        not graded: fault of the grader  1
        mean of those graded             2.6 of 10
        lower quarter                    0 of 10
        median                           0 of 10
        upper quarter                    3 of 10

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

        0 points, since nothing could be graded
          fay (fay), unreadable: fay

        Not graded, for a fault of the grader: grade again
          gus (gus), crashed: gus

        Answers that are alike up to names
          dan, eve

        1 answer not compared up to names, for fewer than 12 words of its own or for its length: of these, wrong ones are compared byte for byte

        """)
  }

  @Test func thePageSaysTheSame() throws {
    var writer = ReportWriter(.summaryHTML, FormatTests.options)
    for report in try Self.classroom { _ = try writer.text(adding: report) }
    let page = writer.end()
    for text in [
      "<th scope=\"row\">mean of those graded</th><td>2.6 of 10</td>",
      "<li>2 submissions: more than 10000 commands</li>",
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

  /// Short wrong answers that are the same are listed; right ones say nothing, and neither does what nobody has filled in.
  @Test func shortWrongAnswersThatAreTheSameAreListed() throws {
    let wrong = "@step out\nmigrate p1 b\n"
    var summary = ClassSummary()
    for (student, answer) in [
      ("ada", wrong), ("bob", wrong), ("cid", rightAnswer), ("dan", rightAnswer), ("eve", "# x\n"), ("fay", "# x\n"),
      ("gus", wrong + "\n"),
    ] { try summary.add(try Self.report(student, answer)) }
    #expect(summary.identical == [["ada", "bob"]] && summary.alike.isEmpty && summary.uncomparedCount == 5)
    #expect(summary.text(columns: nil).contains("\nWrong answers that are short and the same\n  ada, bob\n"))
    var students = ClassSummary()
    for student in ["ada", "bob"] { try students.add(try Self.report(student, wrong).asShownToStudent) }
    #expect(students.identical.isEmpty && students.comparison == nil)
  }

  @Test func secretsThatDifferAreWarnedOf() throws {
    var summary = ClassSummary()
    for (student, secret) in [("ada", "01234567"), ("bob", "01234567"), ("cid", nil)] {
      try summary.add(try Self.report(student, rightAnswer, secret))
    }
    #expect(
      summary.warning
        == "Not all were graded with the same course's secret: 01234567 (2 submissions), none (1 submission)")
    #expect(summary.text(columns: nil).contains("\n\nNot all were graded with the same"))
  }

  private static func report(_ student: String, _ answer: String, _ secret: String? = nil) throws -> GradeReport {
    let exercise = try Lesson(parsing: SourceText(name: "journey", text: journey), table: Session { _ in }.table)
    var circumstances = GradeReport.Circumstances()
    circumstances.submissionDigest = Digest.hexadecimal(of: Array(answer.utf8))
    circumstances.courseSecret = secret
    let text = SourceText(name: "\(student).migsh", text: answer)
    return try Grader(exercise).grade(
      Submission(student: student, text: .success(text), for: exercise), seed: 7, circumstances)
  }

  @Test func aStepThatWasDoneInAnotherIsCounted() throws {
    var summary = ClassSummary()
    let both = "@step out\nmigrate p1 b\nmigrate p1 a\nmigrate p2 a\n"
    try summary.add(try grade(both))
    #expect(
      summary.missedSteps == [
        "back: 1 submission, whose checks held already when the step began, so that they earn nothing"
      ])
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
