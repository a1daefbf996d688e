import Course
import Shell
import Testing

@testable import Grading

/// What a regrade changes, and why.
@Suite struct GradeChangesTests {
  static func changes(_ old: [GradeReport], _ new: [GradeReport]) throws -> GradeChanges {
    let folder = try ClassFolderTests.Folder([
      "old.json": GradebookTests.lines(old), "new.json": GradebookTests.lines(new),
    ])
    var changes = try GradeChanges(since: folder.url.appending(path: "old.json").path)
    try ReportFile.forEachReport(in: folder.url.appending(path: "new.json").path) { changes.add($0) }
    return changes
  }

  static func example() throws -> GradeChanges {
    let (old, new) = (try GradebookTests.exercise("one"), try GradebookTests.exercise("one", points: 6))
    func report(
      _ student: String, _ answer: String, _ exercise: Lesson, _ status: GradeReport.Status = .graded, seed: UInt64 = 1
    ) throws -> GradeReport { try GradebookTests.report(student, answer, exercise, status, seed: seed) }
    return try changes(
      [
        try report("ada", GradebookTests.right, old), try report("bob", GradebookTests.right, old),
        try report("cid", "", old), try report("dan", "", old, .timedOut), try report("eve", "", old, .missing),
        try report("gus", GradebookTests.half, old),
      ],
      [
        try report("ada", GradebookTests.right, new), try report("bob", GradebookTests.half, old),
        try report("cid", "", old, seed: 2), try report("dan", GradebookTests.half, old),
        try report("fay", GradebookTests.half, old), try report("gus", GradebookTests.half, old),
      ])
  }

  @Test func everyChangeIsToldWithItsReasons() throws {
    #expect(
      try Self.example().text(.text) == """
        ada, one: 4 → 6 points (the exercise changed)
          step move: 4 of 4 → 6 of 6
        bob, one: 4 → 2 points (the submission changed)
          step move: 4 of 4 → 2 of 4
          check move/spawned: passed → failed
        dan, one: not graded → 2 points, fault → graded (the submission changed; grading failed once)
          step move: 0 of 4 → 2 of 4
        eve, one: gone, 0 before (there is no result any more)
        fay, one: new, 2 (there was no result before)
        5 results changed, 2 as before

        """)
  }

  @Test func programsFindTheSame() throws {
    let changes = try Self.example()
    let rows = changes.text(.csv).split(separator: "\n")
    #expect(rows.count == 6)
    #expect(
      rows.contains(
        "bob,one,4,2,graded,graded,move: 4 of 4 → 2 of 4,move/spawned: passed → failed,the submission changed"))
    let json = try JSON(parsing: Array(changes.text(.json).utf8))
    #expect(json["compared"] == .integer(7))
    let dan = try #require(json["changes"]?.elements?.first { $0["student"]?.text == "dan" })
    #expect(dan["points"]?["old"] == .null && dan["points"]?["new"] == .number(2))
    #expect(dan["status"]?["old"]?.text == "fault" && dan["checks"]?.elements?.count == 2)
  }

  @Test func nothingChangesWhenNothingChanges() throws {
    let exercise = try GradebookTests.exercise("one")
    let reports = [
      try GradebookTests.report("ada", GradebookTests.half, exercise),
      try GradebookTests.report("eve", "", exercise, .double), try GradebookTests.report("eve", "", exercise, .double),
    ]
    let changes = try Self.changes(reports, reports)
    #expect(changes.rows.isEmpty && changes.count == 3)
    #expect(changes.text(.text) == "nothing changed: 3 results as before\n")
    // Another wording changes the exercise, and nobody's points.
    let reworded = try GradebookTests.exercise("one", message: "move it")
    #expect(
      try Self.changes([reports[0]], [try GradebookTests.report("ada", GradebookTests.half, reworded)]).rows.isEmpty)
  }
}
