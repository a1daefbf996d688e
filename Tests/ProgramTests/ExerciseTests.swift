import Foundation
import Glibc
import TestSupport
import Testing

/// Exercises at a terminal, and with commands from a pipe.
@Suite struct ExerciseTests {
  private static let text = """
    @lesson away "Away, and on"
    @goal "You can move a process." minutes 5
    @param pages 8..64
    @setup
    node add a b c
    spawn p1 --on a --pages $pages
    | `p1` has $pages pages.
    @step there points 3
    | Move it to `b`.
    @check at p1.node == b "p1 should be on b"
    @check once p1.migrations == 1 hidden seeds 2
    @forbid node-failed
    @hint Use `migrate`.
    @solution
    migrate p1 b
    @explain It moved.
    @step on points 2
    | Move it to `c`.
    @check at p1.node == c
    @solution
    migrate p1 c
    """

  private typealias Course = LessonTests.Course

  private func course() throws -> Course {
    let course = try Course()
    try Data(Self.text.utf8).write(to: URL(filePath: course.folder + "/away.migsh"))
    try Data("title: T\nlessons: [short.migsh, away.migsh]\n".utf8).write(
      to: URL(filePath: course.folder + "/course.yaml"))
    return course
  }

  private func terminal(_ course: Course, _ arguments: [String]) throws -> TerminalSession {
    try LessonTests().terminal(course, arguments)
  }

  private func pipe(
    _ course: Course, _ arguments: [String], _ input: String = "", secret: String = ""
  ) throws -> (status: Int32, output: String) {
    try LessonTests().pipe(course, arguments, input, secret: secret)
  }

  // MARK: - At a terminal

  @Test func thePromptNamesExerciseAndStep() throws {
    let course = try course()
    let session = try terminal(course, ["exercise", "start", "away"])
    try session.expect("`p1` has ")
    try session.expect("exercise away:there 0 ns> ")
    session.type("kill p\u{3}")
    try session.expect("exercise away:there 0 ns> ")
    session.type("run 1ms\r")
    try session.expect("exercise away:there 1 ms> ")
    session.type("again\r")
    try session.expect("exercise away:there 0 ns> ")
    session.type("migrate p1 b\r")
    try session.expect("Step 1 of 2 passes: ")
    session.type("next\r")
    try session.expect("[2/2] on (2 points)")
    session.type("hand-in \(course.folder)/out.migsh\r")
    try session.expect("wrote 1 line to ")
    session.type("quit\r")
  }

  @Test func theShellHasExercisesToo() throws {
    let course = try course()
    let session = try terminal(course, [])
    try session.expect("migsh 0 ns> ")
    session.type("exercise start aw\t\r")
    try session.expect("exercise away:there 0 ns> ")
    session.type("exercise start away --step o\t\r")
    try session.expect("[2/2] on (2 points)")
    session.type("leave\r")
    try session.expect("what you typed is kept, and")
    try session.expect("migsh 0 ns> ")
    session.type("\u{4}")
  }

  /// Whatever ends a shell, what was typed in it is there.
  @Test func whatWasTypedOutlivesTheShell() throws {
    let course = try course()
    let session = try terminal(course, ["exercise", "start", "away"])
    try session.expect("exercise away:there 0 ns> ")
    session.type("migrate p1 b\r")
    try session.expect("Step 1 of 2 passes: ")
    session.type("next\r")
    try session.expect("[2/2] on (2 points)")
    session.type("migrate p1 a\r")
    try session.expect("completed")
    try session.expect("exercise away:on ")
    session.send(SIGKILL)
    let again = try terminal(course, ["exercise", "start", "away"])
    try again.expect("What you typed in this step is done again: 1 line.")
    try again.expect("exercise away:on ")
    again.type("migrate p1 c\r")
    try again.expect("Step 2 of 2 passes: 2 of 2 points.")
    again.type("hand-in \(course.folder)/out.migsh\r")
    try again.expect("wrote 3 lines to ")
    again.type("\u{4}")
    let text = try String(contentsOfFile: course.folder + "/out.migsh", encoding: .utf8)
    #expect(text.hasSuffix("\n@step there\nmigrate p1 b\n\n@step on\nmigrate p1 a\nmigrate p1 c\n"))
  }

  // MARK: - In a pipe

  @Test func whatIsHandedInIsGraded() throws {
    let course = try course()
    let out = course.folder + "/ada.migsh"
    let (status, output) = try pipe(
      course, ["exercise", "start", "away", "--student", "ada", "--plain"],
      "migrate p1 b\ntimeline\nnext\ncheck\nmigrate p1 c\nhand-in \(out)\n", secret: "s")
    #expect(status == 0 && output.contains("\nopen  at\n0 of 2 points\n"))
    #expect(output.hasSuffix("1 check that you do not see decides on 1.5 more\n"), "\(output)")
    let graded = try pipe(course, ["grade", "away", out], secret: "s")
    #expect(
      graded.status == 0 && graded.output.contains("student ada, ")
        && graded.output.contains("\n5 of 5 points, all passed\n"))
    let list = try pipe(course, ["exercise", "list"])
    #expect(list.status == 0 && list.output.contains("away          2       5     3.5  You can move a process.\n"))
    // With commands before it, too.
    let shell = try pipe(course, [], "now\nexercise start away --student bob\nmigrate p1 b\n", secret: "s")
    #expect(shell.status == 0 && shell.output.contains("Step 1 of 2 passes: "), "\(shell.output)")
  }

  @Test func aStudentPractisesWithWhatATeacherReleases() throws {
    let course = try course()
    let release = try pipe(
      course, ["exercise", "release", "away", "--student", "ada", "--output", course.folder + "/ada"], secret: "s")
    let file = course.folder + "/ada/away.exercise"
    #expect(release.status == 0 && release.output.hasSuffix("wrote \(file)\n"), "\(release.output)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!text.contains("migrate") && !text.contains("once") && !text.contains("It moved"))
    let out = course.folder + "/mine.migsh"
    let (status, output) = try pipe(
      course, ["exercise", "start", file], "hint\nmigrate p1 c\ncheck\nhand-in \(out)\n")
    #expect(status == 0 && output.contains("there is no hint for this step\nmigration 1: p1 from a to c"), "\(output)")
    #expect(output.contains("open  at: p1 should be on b; expected p1.node == b; found p1.node is c\n"))
    let graded = try pipe(course, ["grade", "away", out, "--student", "ada"], secret: "s")
    #expect(graded.status == 1 && graded.output.contains("\n1.5 of 5 points\n") && !graded.output.contains("error"))
    // Without a student there are no numbers to practise with.
    let general = try pipe(course, ["exercise", "release", "away", "--output", course.folder + "/all"])
    #expect(general.status == 0 && !general.output.contains(".exercise"))
    for arguments in [["grade", file, out], ["exercise", "release", file]] {
      let refused = try pipe(course, arguments)
      #expect(refused.status == 2 && refused.output.contains("is what a student was given: nobody can be graded"))
    }
  }

  @Test func anErrorStopsEntriesFromAFile() throws {
    let course = try course()
    let out = course.folder + "/out.migsh"
    let stopped = try pipe(course, ["exercise", "start", "away"], "migrate p1 z\nhand-in \(out)\n")
    #expect(stopped.status == 3 && stopped.output.contains("-:1:12: error: there is no node `z`"))
    #expect(!FileManager.default.fileExists(atPath: out))
    let on = try pipe(
      course, ["exercise", "start", "away", "--keep-going"], "migrate p1 z\nmigrate p1 b\nhand-in \(out)\n")
    #expect(on.status == 3 && on.output.contains("wrote 1 line to "))
    #expect(try pipe(course, ["exercise", "start", "short"]).output.contains("short is a lesson and no exercise"))
    for wrong in [
      ["start"], ["list", "away"], ["start", "away", "--hints"], ["release", "away", "--step", "there"],
      ["start", "away", "--output", "x"], ["check"],
    ] {
      #expect(try pipe(course, ["exercise"] + wrong).status == 2, "\(wrong)")
    }
    // Scripts have no tutor.
    let script = try pipe(course, ["-c", "exercise start away"])
    #expect(script.status == 3 && script.output.contains("there is no tutor here"), "\(script.output)")
  }
}
