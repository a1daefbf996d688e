import CommandLanguage
import Course
import Shell
import Testing

@testable import Grading

/// Gradebooks: what grading gave, what coming late costs, and what a teacher has changed.
@Suite struct GradebookTests {
  typealias Folder = ClassFolderTests.Folder

  static func exercise(_ name: String, points: Int = 4, message: String = "p1 should be on b") throws -> Lesson {
    try Lesson(
      parsing: SourceText(
        name: "\(name).migsh",
        text: """
          @lesson \(name) "\(name)"
          @setup
          node add a b
          spawn p1 --on a
          @step move points \(points)
          @check at p1.node == b "\(message)"
          @check spawned count(b.processes) + count(a.processes) > 1
          @solution
          migrate p1 b
          spawn p2 --on a
          """), table: Session { _ in }.table)
  }

  /// A change may say for which points it was made: when grading gives others, nobody adds it without looking.
  @Test func aChangeThatWasMadeForOtherPointsIsLeftOut() throws {
    var book = try Self.book(try Self.folder())
    try book.adjust(
      Self.csv(
        "student,exercise,points,reason,graded\nada,one,-1,late talk,4\nbob,one,2,converted,0\ndan,one,3,was ill,1\neve,one,1,x,\n"
      ))
    let entries = book.students.compactMap(\.entries.first)
    #expect(entries.map(\.final) == [0, 300, 200, nil, 100] && book.outdatedCount == 2)
    #expect(
      book.notes == [
        "x.csv:3: bob's change on one is left out: it was made for 0 points, and grading gives 2 now; look at it again",
        "x.csv:4: dan's change on one is left out: it was made for 1 points, and grading gives none now; look at it again",
      ])
    #expect(book.text(.text).contains("+2 left out, made for 0 points: converted\n"))
    #expect(throws: ClassFileMistake.self) {
      try book.adjust(Self.csv("student,exercise,points,reason,graded\nada,one,1,x,four\n"))
    }
  }

  @Test func resultsWithAnotherSecretAreToldApart() throws {
    let exercise = try Self.exercise("one")
    func lines(_ names: [String], _ secret: String?) -> String {
      Self.lines(
        names.map { name in
          var circumstances = GradeReport.Circumstances()
          (circumstances.status, circumstances.courseSecret) = (.missing, secret)
          return GradeReport(ungraded: exercise, student: name, seed: 1, circumstances)
        })
    }
    let folder = try Folder([
      "a": lines(["ada", "bob"], "0123abcd"), "b": lines(["cid"], "89abcdef"), "c": lines(["dan"], nil),
    ])
    #expect(try Self.book(folder, ["a"]).notes.isEmpty)
    #expect(
      try Self.book(folder, ["a", "b", "c"]).notes == [
        "not all was graded with the same course's secret: 2 results on one with the secret 0123abcd, 1 result on one with the "
          + "secret 89abcdef, 1 result on one with none; who was graded with another one has other numbers than were given out"
      ])
  }

  /// All whose time is not known are named at once.
  @Test func allWhoseTimeIsUnknownAreNamed() throws {
    var book = try Self.book(try Self.folder(), ["one.json"])
    let due = try #require(ClassTime("2026-06-01T12:00Z"))
    let error = #expect(throws: ClassFileMistake.self) {
      try book.apply(try LateRule("10%/day"), due: ["": due], Self.csv("student,time\nada,2026-06-01T12:00Z\n"))
    }
    #expect(
      error?.description
        == "x.csv does not say when =cid handed in one, nor when bob handed in one, nor when dan handed in one")
  }

  static let right = "migrate p1 b\nspawn p2 --on a\n"
  static let half = "migrate p1 b\n"

  static func report(
    _ student: String, _ answer: String, _ exercise: Lesson, _ status: GradeReport.Status = .graded, seed: UInt64 = 1
  ) throws -> GradeReport {
    var circumstances = GradeReport.Circumstances()
    circumstances.file = "\(student).migsh"
    circumstances.status = status
    circumstances.submissionDigest = Digest.hexadecimal(of: Array(answer.utf8))
    guard status == .graded else {
      return GradeReport(ungraded: exercise, student: student, seed: seed, circumstances)
    }
    let text = SourceText(name: circumstances.file, text: answer)
    return try Grader(exercise).grade(
      Submission(student: student, text: .success(text), for: exercise), seed: seed, circumstances)
  }

  static func lines(_ reports: [GradeReport]) -> String { reports.map { $0.json.encoded + "\n" }.joined() }

  /// Results on two exercises: the first as an array, the second a report a line.
  static func folder(_ more: [String: String] = [:]) throws -> Folder {
    let (one, two) = (try exercise("one"), try exercise("two", points: 6))
    let first = [
      try report("ada", right, one), try report("bob", half, one), try report("=cid", "", one),
      try report("dan", "", one, .crashed), try report("eve", "", one, .missing),
    ]
    let second = [try report("ada", half, two), try report("bob", right, two)]
    var files = more
    files["one.json"] = "[\n" + first.map(\.json.encoded).joined(separator: ",\n") + "\n]\n"
    files["two.jsonl"] = lines(second)
    return try Folder(files)
  }

  static func book(_ folder: Folder, _ names: [String] = ["one.json", "two.jsonl"]) throws -> Gradebook {
    try Gradebook(names.map { folder.url.appending(path: $0).path })
  }

  private static func csv(_ text: String) -> SourceText { SourceText(name: "x.csv", text: text) }

  private static let times = """
    student,exercise,time
    ada,one,2026-06-01T12:00Z
    ada,two,2026-06-03T14:00:01+02:00
    bob,,2026-06-02 12:00:01Z
    =cid,,2026-06-09T00:00Z
    dan,,2026-06-09T00:00Z

    """

  static func fullBook() throws -> Gradebook {
    var book = try book(try folder())
    book.apply(try Roster(csv("id,section\nada,A\nbob,\nfay,B\n=cid,A\ndan,A\n")))
    let due = try #require(ClassTime("2026-06-01T12:00Z"))
    try book.apply(try LateRule("10%/day, none after 7d"), due: ["": due], csv(times))
    try book.adjust(
      csv(
        """
        student,exercise,points,reason
        ada,one,1.5,"a very good comment, and more"
        bob,one,-0.25,used a forbidden file
        bob,one,-9,copied
        eve,two,2,=on paper
        dan,one,3,was ill

        """))
    return book
  }

  @Test func pointsArePenalisedAndAdjusted() throws {
    #expect(
      try Self.fullBook().text(.text) == """
        STUDENT  SECTION     one (4)  two (6)  TOTAL (10)
        =cid     A                 0        0           0
        ada      A               5.5      2.1         7.6
        bob                        0      4.8         4.8
        dan      A        not graded        0           0
        eve                        0        2           2
        fay      B                 0        0           0

        STUDENT  SECTION  EXERCISE      GRADED  PENALTY  ADJUSTMENT       FINAL  WHY
        =cid     A        one                0        0           0           0  7 d 12 h late: after the end
        =cid     A        two                0        0           0           0  missing
        ada      A        one                4        0         1.5         5.5  +1.5: a very good comment, and more
        ada      A        two                3      0.9           0         2.1  2 d 1 s late: 3 days begun × 10%
        bob               one                2      0.4       -9.25           0  1 d 1 s late: 2 days begun × 10%; -0.25: used a forbidden file; -9: copied
        bob               two                6      1.2           0         4.8  1 d 1 s late: 2 days begun × 10%
        dan      A        one       not graded        0           3  not graded  grading failed; 7 d 12 h late: after the end; +3: was ill
        dan      A        two                0        0           0           0  missing
        eve               one                0        0           0           0  missing
        eve               two                0        0           2           2  missing; +2: =on paper
        fay      B        one                0        0           0           0  missing
        fay      B        two                0        0           0           0  missing

        1 result not graded, for a fault of the grader: grade these again. They count for nothing here.

        """)
    #expect(try Self.fullBook().notes == ["eve is not in the roster", "ada has 5.5 of 4 points on one"])
  }

  @Test func aSpreadsheetComputesNothing() throws {
    let rows = try Self.fullBook().text(.csv).split(separator: "\n").map(String.init)
    #expect(
      rows.first?.hasPrefix("student,section,one status,one graded,one penalty,one adjustment,one final,") == true)
    #expect(rows.first?.hasSuffix("total,max,not graded") == true)
    #expect(rows.contains { $0.hasPrefix("'=cid,A,graded,0,0,0,0,") })
    #expect(rows.contains { $0.hasPrefix("dan,A,fault,\"\",0,3,\"\",") && $0.hasSuffix(",0,10,1") })
    #expect(
      rows.contains { $0.contains("bob,\"\",graded,2,0.4,-9.25,0,") })
  }

  @Test func programsFindEverything() throws {
    let json = try JSON(parsing: Array(try Self.fullBook().text(.json).utf8))
    let students = try #require(json["students"]?.elements)
    let dan = try #require(students.first { $0["student"]?.text == "dan" })
    let result = try #require(dan["results"]?.elements?.first)
    #expect(result["final"] == .null && result["graded"] == .null && result["fault"] == .boolean(true))
    #expect(result["adjustments"]?.elements?.first?["reason"]?.text == "was ill")
    let ada = try #require(students.first { $0["student"]?.text == "ada" })
    #expect(ada["total"] == .number(7.6) && ada["results"]?.elements?.last?["secondsLate"] == .integer(172_801))
  }

  @Test(arguments: [
    ("student,exercise,points,reason\nzoe,one,1,x\n", "x.csv:2: nobody here is called zoe"),
    ("student,exercise,points,reason\nada,three,1,x\n", "x.csv:2: no result is on the exercise three"),
    ("student,exercise,points,reason\nada,one,1,\n", "x.csv:2: there is no reason, and each change needs one"),
    (
      "student,exercise,points,reason\nada,one,1.234,x\n",
      "x.csv:2: `1.234` is no number of points such as 2, -1 or 0.25"
    ),
    (
      "student,exercise,points\nada,one,1\n",
      "x.csv: the first line names no column `reason`; it is `student,exercise,points`, and columns are parted by commas"
    ),
  ]) func changesThatNobodyCanMean(_ text: String, _ message: String) throws {
    var book = try Self.book(try Self.folder())
    #expect(throws: ClassFileMistake(message)) { try book.adjust(Self.csv(text)) }
  }

  @Test(arguments: [
    ("student,time\nada,2026-06-01T12:00Z\n", "x.csv does not say when =cid handed in one"),
    ("student,time\nada,2026-06-01T12:00\n", "x.csv:2: `2026-06-01T12:00` is no time such as"),
    ("student,time\nada,2026-06-01T12:00Z\nada,2026-06-01T12:00Z\n", "x.csv:3: student ada is there twice"),
    ("who,time\nada,2026-06-01T12:00Z\n", "x.csv: the first line names neither a column `student` nor a column `file`"),
  ]) func timesThatAreNone(_ text: String, _ message: String) throws {
    var book = try Self.book(try Self.folder())
    let due = try #require(ClassTime("2026-06-01T12:00Z"))
    let error = #expect(throws: ClassFileMistake.self) {
      try book.apply(try LateRule("1%/day"), due: ["": due], Self.csv(text))
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func resultsThatDoNotFitAreRefused() throws {
    let other = try Self.report("zoe", Self.half, try Self.exercise("one", points: 5))
    let again = try Self.report("ada", Self.half, try Self.exercise("one"))
    let folder = try Self.folder([
      "other.json": Self.lines([other]), "again.json": Self.lines([again]), "no.json": "{x",
    ])
    for (name, words) in [
      ("other.json", "another version of one"), ("again.json", "more than one result of ada"),
      ("no.json", "no reports in JSON"),
    ] {
      let error = #expect(throws: ClassFileMistake.self) { try Self.book(folder, ["one.json", name]) }
      #expect(error?.description.contains(words) == true, "\(name)")
    }
  }

  /// A report that another program has laid out anew, and a file of results with its first line, are read as well.
  @Test func everyFormOfResultsIsRead() throws {
    let report = try Self.report("ada", Self.right, try Self.exercise("one"))
    let header = GradeFileHeader(try Self.exercise("one"), []).json.encoded
    let folder = try Folder([
      "a": report.json.indented, "b": JSON.array([report.json]).indented, "c": header + "\n" + Self.lines([report]),
      "d": report.json.encoded,
    ])
    for name in ["a", "b", "c", "d"] {
      let book = try Self.book(folder, [name])
      #expect(book.students.map(\.id) == ["ada"] && book.students.first?.total == 400, "\(name)")
    }
  }
}

@Suite struct LateRuleTests {
  @Test(arguments: [
    ("10%/day", 0, 0), ("10%/day", 1, 40), ("10%/day", 86_400, 40), ("10%/day", 86_401, 80), ("10%/day", 1 << 40, 400),
    ("5%/hour, at most 50%", 3600 * 11, 200), ("5%/hour,at most 50%", 7200, 40), ("2.5%/h", 1, 10),
    ("10%/day, grace 15m", 900, 0), ("10%/day, grace 15m", 901, 40), ("none after 3d", 86_400 * 3, 0),
    ("none after 3d", 86_400 * 3 + 1, 400), ("at most 50%, 60%/week, none after 2w", 86_400 * 15, 400),
    ("0.01%/minute", 60, 0), ("0.01%/minute", 60 * 30, 1), ("10%/day", -5, 0),
  ]) func whatIsLost(_ rule: String, _ late: Int, _ lost: Int) throws {
    #expect(try LateRule(rule).penalty(late: Int64(late), points: 400) == lost)
  }

  @Test(arguments: [
    "", "10", "10%", "10%/year", "101%/day", "-1%/day", "1.234%/day", "none", "none after", "none after x",
    "none after 3", "10%/day,", "10%/day, 5%/hour", "grace 15", "grace 1234567m", "at most 1", "10 %/day", "1%/day/day",
  ]) func whatIsNoRule(_ rule: String) { #expect(throws: ClassFileMistake.self) { try LateRule(rule) } }

  @Test(arguments: [
    ("1970-01-01T00:00Z", 0), ("2026-06-01T12:00:00+02:00", 1_780_308_000), ("2026-06-01 10:00:00.999Z", 1_780_308_000),
    ("2000-02-29T23:59:59Z", 951_868_799), ("1969-12-31T23:59:59-0000", -1), ("2026-06-01T05:30-04:30", 1_780_308_000),
    ("2100-03-01T00:00+00", 4_107_542_400),
  ]) func timesAreRead(_ text: String, _ seconds: Int) { #expect(ClassTime(text)?.seconds == Int64(seconds)) }

  @Test(arguments: [
    "", "2026-06-01", "2026-06-01T12:00", "2026-13-01T12:00Z", "2026-02-29T12:00Z", "2100-02-29T12:00Z",
    "2026-06-01T24:00Z", "2026-06-01T12:60Z", "2026-06-01T12:00:60Z", "26-06-01T12:00Z", "2026-06-01T12:00Zx",
    "2026-06-01T12:00+2", "2026-06-01T12:00+02:", "2026-06-01T12:00.5Z", "2026-06-01T12:00:00.Z", "２026-06-01T12:00Z",
  ]) func whatIsNoTime(_ text: String) { #expect(ClassTime(text) == nil) }
}
