import CommandLanguage
import Shell
import Testing

@testable import Course

/// Reports are written as JSON and read back: between processes, and by `merge`.
@Suite struct ReportReadingTests {
  /// One report of each kind.
  static var reports: [GradeReport] {
    get throws {
      let exercise = try lesson(moving)
      var circumstances = GradeReport.Circumstances()
      circumstances.file = "class/\u{202E}x\"\\.migsh"
      circumstances.section = "B\u{0}"
      circumstances.submissionDigest = Digest.hexadecimal(of: [])
      circumstances.used = [.init(.commands, used: 3, most: 10_000), .init(.time, used: 0, most: .max >> 1)]
      circumstances.isolation = ["It could open no file but its own."]
      circumstances.likeness = Digest.hexadecimal(of: [1])
      circumstances.picture = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
      let whole = GradeReport(
        exercise: exercise, student: "ada\n", seed: 3, values: [("pages", -5)], steps: [], problems: [],
        fault: "an \u{1B}[2J invariant", circumstances)
      let ungraded = GradeReport.Status.allCases.dropFirst().map { status in
        var circumstances = GradeReport.Circumstances()
        circumstances.status = status
        return GradeReport(ungraded: exercise, student: "ada", seed: 1, circumstances)
      }
      return try [
        whole, grade(moving, "now"), grade(moving, "migrate p1 b"), grade(moving, "x").asShownToStudent,
        grade(GradingTests.journey, GradingTests.solution), grade(GradingTests.journey, "@step out\nmigrate p1 b\nx"),
        grade(moving.replacing("hidden seeds 3", with: "seeds 5"), "migrate p1 b\nspawn p2 --pages 9"),
        RegradeTests.again(lesson(RegradeTests.trip), RegradeTests.right, after: nil),
      ] + ungraded
    }
  }

  @Test func whatIsWrittenIsReadBackExactly() throws {
    for report in try Self.reports {
      let text = report.json.encoded
      let read = try GradeReport(parsing: Array(text.utf8))
      #expect(read.json.encoded == text)
      #expect(read.text == report.text && read.text(columns: 40) == report.text(columns: 40))
      #expect(read.isPassed == report.isPassed && read.total == report.total && read.cause == report.cause)
      // What is shown to a student can be read as well, and says no more when it is asked again.
      let students = report.asShownToStudent
      #expect(students.likeness == nil)
      #expect(students.asShownToStudent.json == students.json)
      #expect(try GradeReport(json: students.json).json == students.json)
      #expect(try GradeReport(json: JSON(parsing: Array(report.json.indented.utf8))).json.encoded == text)
    }
  }

  /// Every part of a report that is taken away, doubled, renamed or of another type is found.
  @Test func noMalformedReportIsRead() throws {
    var (tried, read): (Int, [String]) = (0, [])
    for report in try Self.reports.prefix(4) {
      for (place, json) in Self.changes(report.json, at: "") {
        tried += 1
        if (try? GradeReport(json: json)) != nil { read.append(place) }
      }
    }
    // The exercise chooses its parameters, and reports did not have the others at first.
    let free = ["/digests/parts-", "/regrade-"]
    #expect(read.filter { !$0.hasPrefix("/parameters/") && !free.contains($0) }.isEmpty, "\(read.sorted())")
    #expect(tried > 600, "\(tried)")
  }

  /// Copies of a value in which one part is another.
  private static func changes(_ value: JSON, at place: String) -> [(String, JSON)] {
    var changes: [(String, JSON)] = []
    switch value {
    case .object(let members):
      changes.append(("\(place)/+", .object(members + [("further", .null)])))
      for (index, (name, part)) in members.enumerated() {
        var less = members
        less.remove(at: index)
        changes += [("\(place)/\(name)-", .object(less)), ("\(place)/\(name)2", .object(members + [(name, part)]))]
        for (inner, changed) in Self.changes(part, at: "\(place)/\(name)") {
          var other = members
          other[index].1 = changed
          changes.append((inner, .object(other)))
        }
      }
    case .array(let elements):
      changes.append(("\(place)[]", .string("wrong")))
      for (index, part) in elements.enumerated() {
        for (inner, changed) in Self.changes(part, at: "\(place)/\(index)") {
          var other = elements
          other[index] = changed
          changes.append((inner, .array(other)))
        }
      }
    case .integer, .number: changes += [(place, .string("7")), (place, .number(0.5)), (place, .integer(-1))]
    case .string: changes.append((place, .integer(7)))
    case .boolean: changes.append((place, .integer(1)))
    case .null: changes.append((place, .array([])))
    }
    return changes
  }

  @Test(arguments: [
    ("", "this is no JSON: no value begins here, after 0 bytes"), ("[]", "this is no report on a submission"),
    (#"{"schema":"migsh/grade/v1"}"#, "this report has the schema `migsh/grade/v1`, and not `migsh/grade/v2`"),
    (#"{"schema":"migsh/grade/v2"}"#, "a report has no such member `engine`, or it is not as it must be"),
  ]) func otherTextsAreRefused(_ text: String, _ message: String) {
    #expect {
      try GradeReport(parsing: Array(text.utf8))
    } throws: { error in
      (error as? MalformedReport)?.message == message
    }
  }

  @Test func aTotalThatIsNoSumIsFound() throws {
    let text = try grade(moving, "migrate p1 b").json.encoded
    let better = text.replacing(#""verdict":"passed","hidden":true"#, with: #""verdict":"failed","hidden":true"#)
    #expect(better != text)
    #expect {
      try GradeReport(parsing: Array(better.utf8))
    } throws: { error in
      (error as? MalformedReport)?.message.hasPrefix("this report contradicts itself at `/") == true
    }
    // Other programs order keys, and write whole numbers without decimals.
    let pretty = text.replacing("4.0", with: "4").replacing(#"{"schema":"migsh/grade/v2",""#, with: #"{""#)
    let moved = String(pretty.dropLast()) + #","schema":"migsh/grade/v2"}"#
    #expect(try GradeReport(parsing: Array(moved.utf8)).json.encoded == text)
  }

  @Test func longTextsAreCutAndSaySo() throws {
    let long = String(repeating: "n", count: 1 << 20)
    let report = try grade(moving, "migrate p1 \"\(long)\"")
    let text = report.json.encoded
    #expect(text.utf8.count < 20_000, "\(text.utf8.count)")
    let message = try #require(report.problems.first?.message)
    #expect(message.contains("n … (the first 4096 of 10"), "\(message.suffix(60))")
    let lines = String(repeating: "@\n", count: 100_000)
    let many = try grade(moving, lines)
    #expect(many.problems.count == 20 && many.furtherProblems == 99_980)
    #expect(many.text.hasSuffix("\nand 99980 more mistakes\n\n0 of 4 points\n"))
    #expect(try GradeReport(json: many.json).json == many.json)
  }

  @Test func whatIsNotGradedSaysWhy() throws {
    let exercise = try lesson(moving)
    for status in GradeReport.Status.allCases.dropFirst() {
      var circumstances = GradeReport.Circumstances()
      circumstances.status = status
      let report = GradeReport(ungraded: exercise, student: "ada", seed: 1, circumstances)
      #expect(report.total == 0 && report.highest == 4 && !report.isPassed)
      #expect(report.cause == status.sentence && report.statusText == status.sentence)
      #expect((report.fault != nil) == status.isFaultOfGrading)
      #expect(report.steps.flatMap(\.checks).allSatisfy { $0.verdict == .unchecked && $0.reason == status.sentence })
      #expect(report.asShownToStudent.cause == status.sentence)
    }
  }

  @Test func digestsAreThoseOfTheStandard() {
    #expect(
      Digest.hexadecimal(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func picturesGoWhereWhatWasFoundGoes() throws {
    var circumstances = GradeReport.Circumstances()
    circumstances.picture = "<svg/>"
    func picture(_ details: String, isHidden: Bool) throws -> String? {
      let exercise = try lesson(moving.replacing("@param", with: "@details \(details)\n@param"))
      var check = CheckResult(exercise.steps[0].checks[isHidden ? 1 : 0])
      check.verdict = .failed
      let step = GradeReport.Step(name: "move", points: 4, isBegun: true, checks: [check])
      return GradeReport(
        exercise: exercise, student: "ada", seed: 1, values: [], steps: [step], problems: [], fault: nil, circumstances
      ).asShownToStudent.picture
    }
    #expect(try picture("full", isHidden: false) != nil && picture("actual-only", isHidden: false) != nil)
    #expect(try picture("none", isHidden: false) == nil && picture("full", isHidden: true) == nil)
  }

  @Test(arguments: [
    ("a\u{1B}[2J", "a\u{FFFD}[2J"), ("::error::x", ": :error::x"), ("  ::warning file=a::x", "  : :warning file=a::x"),
    ("x ##[error]y", "x # #[error]y"), ("a\u{202E}b\u{2066}", "a\u{FFFD}b\u{FFFD}"),
    ("a\r\nb\u{2028}c\u{85}d", "a b c d"),
    ("\u{FEFF}a\u{7F}", "\u{FFFD}a\u{FFFD}"), ("p1::x", "p1::x"), ("naïve 👩‍💻", "naïve 👩‍💻"),
  ]) func textsAreMadeInert(_ text: String, _ shown: String) {
    #expect(InertText.line(text) == shown)
    #expect(InertText.line(shown) == shown)
  }
}
