import CommandLanguage
import Course
import Shell
import Testing

@testable import QuestionBank

/// Which lessons teach what.
@Suite struct CourseTableTests {
  private static func shipped() throws -> (table: CourseTable, lessons: [Lesson], curriculum: Curriculum) {
    let folder = ReadBackTests.folder
    let commands = Session { _ in }.table
    let lessons = try CourseOutline(folder: folder).lessons.map {
      try Lesson(parsing: try readSource("\(folder)/\($0)"), table: commands)
    }
    var index = try CourseIndex(parsing: try readSource("\(folder)/statements.yaml"))
    #expect(index.enter(lessons) == [])
    let curriculum = try Curriculum(parsing: try readSource(Curriculum.path(inCourse: folder)))
    return (CourseTable(index: index, curriculum: curriculum), lessons, curriculum)
  }

  @Test func everyStatementAndEveryLessonIsThere() throws {
    let (table, lessons, curriculum) = try Self.shipped()
    #expect(table.statements.map(\.key) == (1...64).map(String.init))
    #expect(table.statements.allSatisfy { !$0.places.isEmpty })
    #expect(curriculum.mistakes(lessons: lessons.filter(\.asks).map(\.name)) == [])
    #expect(Set(curriculum.units.map { $0.code.prefix { $0 != "-" } }) == ["OS", "PDC", "NC", "SF"])
    #expect(curriculum.doi == "10.1145/3664191")
    for format in CourseTable.Format.allCases {
      let text = table.text(format)
      #expect(text.contains("total-freezing/size") && text.contains("PDC-Coordination"), "\(format)")
    }
  }

  private static let units = """
    report: R, "2023"
    doi: 10.1/x
    units:
      - {area: A, code: A-B, unit: U, touches: "this | that", lessons: [moving]}
    """

  @Test func formats() throws {
    var index = try CourseIndex(
      parsing: SourceText(name: "statements.yaml", text: "statements:\n  1: Processes move.\n  2: \"It costs, too.\"\n")
    )
    let text = "@lesson moving \"Moving\"\n@step one\n@covers 1 2\n@check at p.node == b\n@solution\nspawn p\n"
    let lesson = try Lesson(parsing: SourceText(name: "moving.migsh", text: text), table: Session { _ in }.table)
    #expect(index.enter([lesson]) == [])
    let table = CourseTable(
      index: index, curriculum: try Curriculum(parsing: SourceText(name: "units.yaml", text: Self.units)))
    #expect(
      table.text(.text) == """
        Statements, and the steps that teach them

        1  Processes move.
            moving/one
        2  It costs, too.
            moving/one

        Knowledge units of R, "2023", doi:10.1/x
        The names of areas and units are the report's; what is said of each is ours.

        A-B  A, U: this | that
            moving

        """)
    #expect(table.text(.markdown).contains("| A-B | A, U: this \\| that | moving |\n"))
    #expect(
      table.text(.csv) == """
        kind,key,text,taught_in
        statement,1,Processes move.,moving/one
        statement,2,"It costs, too.",moving/one
        unit,A-B,"A, U: this | that",moving

        """)
    let json = try JSON(parsing: Array(table.text(.json).utf8))
    #expect(json["statements"]?.elements?[1]["text"]?.text == "It costs, too.")
    #expect(json["units"]?.elements?[0]["places"]?.elements?.compactMap(\.text) == ["moving"])
    #expect(CourseTable(index: index, curriculum: nil).text(.markdown).contains("Knowledge units") == false)
  }

  @Test func mistakesAreFound() throws {
    let curriculum = try Curriculum(parsing: SourceText(name: "units.yaml", text: Self.units))
    #expect(
      curriculum.mistakes(lessons: ["other"]) == [
        "A-B names the lesson `moving`, which there is not", "the lesson `other` touches no knowledge unit",
      ])
    for (part, other, complaint) in [
      ("report:", "reports:", "`report` is no text"), ("units:", "unit:", "`units` is no list"),
      ("code: A-B", "cod: A-B", "`code` is no text"), ("[moving]", "[]", "`lessons` of A-B is no list of names"),
      ("[moving]", "[[x]]", "`lessons` of A-B is no list of names"),
      ("- {area", "- x\n  - {area", "a unit has no named parts"),
    ] {
      let error = #expect(throws: CourseOutline.Mistake.self) {
        try Curriculum(parsing: SourceText(name: "units.yaml", text: Self.units.replacing(part, with: other)))
      }
      #expect(error?.description == "units.yaml: \(complaint)")
    }
  }
}
