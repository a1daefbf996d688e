import Foundation
import TestSupport
import Testing

/// The tutor at a terminal, and with commands from a pipe.
@Suite struct LessonTests {
  static let text = """
    @lesson short "A short one"
    @goal "You can move a process." minutes 5
    | Here is `p1`.
    @setup
    node add a b
    spawn p1 --on a
    @ask more choice "What does a move do to the time on `a`?" "more" "less" "the same"
    @answer "less"
    @step move
    | Move it to `b`.
    @check at p1.node == b "p1 should be on b"
    @solution
    migrate p1 b
    @explain It moved.
    """

  /// A folder with a course. It is removed with the value.
  final class Course {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-lesson-\(UUID().uuidString)").path

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(LessonTests.text.utf8).write(to: URL(filePath: folder + "/short.migsh"))
      try Data("title: T\nlessons: [short.migsh]\n".utf8).write(to: URL(filePath: folder + "/course.yaml"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  func terminal(_ course: Course, _ arguments: [String]) throws -> TerminalSession {
    try TerminalSession(
      builtProgram("migsh"), arguments, noColor: true, stateHome: course.folder + "/state",
      variables: ["MIGSH_LESSONS=\(course.folder)"], rows: 40, columns: 100)
  }

  @Test func thePromptNamesLessonAndStep() throws {
    let course = try Course()
    let session = try terminal(course, ["lesson", "short"])
    try session.expect("You can move a process. About 5 minutes.")
    try session.expect("  3 the same")
    try session.expect("short, answer with 1 to 3? ")
    session.type("th\t\r")
    try session.expect("e same")
    try session.expect("short:move 0 ns> ")
    session.type("migrate p1 b\r")
    try session.expect("passed: at")
    try session.expect("You said the same: not so.")
    try session.expect("Step 1 of 1 is done.")
    try session.expect("short:move done, ")
    session.type("\u{4}")
  }

  @Test func theShellHasLessonsToo() throws {
    let course = try Course()
    let session = try terminal(course, [])
    try session.expect("migsh 0 ns> ")
    session.type("lesson sh\t\r")
    try session.expect("short, answer with 1 to 3? ")
    session.type("2\r")
    try session.expect("short:move 0 ns> ")
    session.type("leave\r")
    try session.expect("You have left short.")
    try session.expect("migsh 0 ns> ")
    session.type("\u{4}")
  }

  @Test func controlCDropsAnAnswerAndStopsACommand() throws {
    let course = try Course()
    let session = try terminal(course, ["lesson", "short"])
    try session.expect("short, answer with 1 to 3? ")
    session.type("mor\u{3}")
    try session.expect("short, answer with 1 to 3? ")
    session.type("1\r")
    try session.expect("short:move 0 ns> ")
    session.type("run 100h\r")
    try session.expect("run 100h\r\n")
    session.type("\u{3}")
    try session.expect("interrupted: stopped")
    try session.expect("short:move ")
    session.type("again\r")
    try session.expect("[1/1] move")
    try session.expect("short:move 0 ns> ")
    session.type("migrate p1 b\r")
    try session.expect("Step 1 of 1 is done.")
  }

  @Test func controlDLeavesAndProgressStays() throws {
    let course = try Course()
    let session = try terminal(course, ["lesson", "short"])
    try session.expect("short, answer with 1 to 3? ")
    session.type("2\r")
    try session.expect("short:move 0 ns> ")
    session.type("skip\r")
    try session.expect("shown, and earns nothing")
    try session.expect("short:move done, ")
    session.type("\u{4}")
    let again = try terminal(course, ["lesson", "--list"])
    try again.expect("You have done 0 of 1 lesson and 0 of 0 exercises")
    try again.expect(" 0/1 ")
  }

  // MARK: - In a pipe

  func pipe(
    _ course: Course, _ arguments: [String], _ input: String, language: String = "C", secret: String = ""
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    let (output, entries) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: builtProgram("migsh"))
    process.arguments = arguments
    process.environment = [
      "XDG_STATE_HOME": course.folder + "/state", "MIGSH_LESSONS": course.folder, "LC_ALL": language,
      "MIGSH_COURSE_SECRET": secret,
    ]
    process.standardInput = entries
    process.standardOutput = output
    process.standardError = output
    try process.run()
    entries.fileHandleForWriting.write(Data(input.utf8))
    try entries.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test func entriesComeFromAFile() throws {
    let course = try Course()
    let (status, output) = try pipe(course, ["lesson", "short"], "less\nrepeat 1 {\n  migrate p1 b\n}\n")
    #expect(status == 0 && output.hasSuffix("Step 1 of 1 is done. That was the last step.\n"), "\(output)")
    #expect(output.contains("You said less: right."))
    // A script that begins with other commands talks to the tutor too.
    let shell = try pipe(course, [], "node add x\nlesson short --step move\nskip\nskip\nprint p1.node\n")
    #expect(shell.status == 0 && shell.output.hasSuffix("b\n"), "\(shell.output)")
  }

  @Test func anErrorStopsEntriesFromAFile() throws {
    let course = try Course()
    let stopped = try pipe(course, ["lesson", "short"], "1\nmigrate p1 z\nmigrate p1 b\n")
    #expect(stopped.status == 3 && stopped.output.contains("-:2:12: error: there is no node `z`"))
    #expect(!stopped.output.contains("is done"))
    let on = try pipe(course, ["lesson", "short", "--keep-going"], "1\nmigrate p1 z\nmigrate p1 b\n")
    #expect(on.status == 3 && on.output.contains("is done"))
  }

  @Test func lessonsAreShownInOtherLanguages() throws {
    let course = try Course()
    let path = course.folder + "/short.de.yaml"
    let written = try pipe(course, ["lesson", "translate", "short", "de"], "")
    #expect(written.status == 0 && written.output.hasPrefix("wrote \(path)"), "\(written.output)")
    let german = try String(contentsOfFile: path, encoding: .utf8).replacing(
      "\n\n# p1 should be on b", with: "\n    Bring ihn nach `b`.\n\n# p1 should be on b")
    try Data(german.utf8).write(to: URL(filePath: path))
    let again = try pipe(course, ["lesson", "translate", "short", "de"], "")
    #expect(again.status == 2 && again.output.contains("is there already, and is not overwritten; `--update`"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == german)
    let played = try pipe(course, ["lesson", "short", "--language", "de"], "1\n")
    #expect(played.output.contains("\nBring ihn nach `b`.\n") && !played.output.contains("Move it"), "\(played.output)")
    #expect(try pipe(course, ["lesson", "short"], "1\n", language: "de_AT.UTF-8").output.contains("Bring ihn"))
    #expect(try pipe(course, ["lesson", "short"], "1\n", language: "C").output.contains("Move it to"))
    #expect(try pipe(course, ["run", "short"], "", language: "de").output.contains("Bring ihn"))
    let absent = try pipe(course, ["run", "--language", "fr", "short"], "")
    #expect(absent.status == 0 && absent.output.contains("short is not translated into `fr`"))
    // Half a translation is no mistake for a learner, but it is one for the author.
    let proof = try pipe(course, ["test", course.folder + "/short.migsh", "--seeds", "1"], "")
    #expect(proof.status == 1 && proof.output.contains("texts of the lesson are not translated: `title`"))
    #expect(proof.output.contains("  in de: 1 of 11 texts: 1 problem\n"), "\(proof.output)")
    #expect(try pipe(course, ["lesson", "translate", "short", "de", "--update"], "").status == 0)
    let updated = try String(contentsOfFile: path, encoding: .utf8)
    #expect(updated.contains("    Bring ihn nach `b`.\n") && updated.contains("# Move it to `b`.\nmove.task:"))
    #expect(try pipe(course, ["lesson", "translate", "short", "english"], "").status == 2)
  }

  @Test func authorsGetASkeletonThatIsProved() throws {
    let course = try Course()
    for (name, flags) in [("mine", []), ("task", ["--exercise"])] {
      let path = "\(course.folder)/\(name).migsh"
      #expect(try pipe(course, ["lesson", "new", path] + flags, "").output.hasPrefix("wrote \(path); "))
      let proof = try pipe(course, ["test", path, "--seeds", "4"], "")
      #expect(proof.status == 0 && !proof.output.contains("warning"), "\(proof.output)")
      #expect(try pipe(course, ["lesson", "new", path], "").status == 2)
    }
    let outline = try pipe(course, ["test", course.folder, "--seeds", "1"], "")
    #expect(outline.output.contains("warning: \(course.folder)/mine.migsh is in no lesson list"), "\(outline.output)")
    #expect(try pipe(course, ["lesson", "new", "if"], "").output.contains("`if` is no name for a lesson"))
    for wrong in [
      ["new"], ["translate", "short"], ["short", "other"], ["short", "--exercise"], ["short", "--update"],
    ] {
      #expect(try pipe(course, ["lesson"] + wrong, "").status == 2)
    }
  }

  @Test func theCourseIsFound() throws {
    let course = try Course()
    #expect(try pipe(course, ["lesson", "--list"], "").output.contains(#/short +A short one +5 +0/1\n/#))
    let missing = try pipe(course, ["lesson", "short", "--lessons", "/nonexistent"], "")
    #expect(missing.status == 3 && missing.output.contains("`/nonexistent` has no course.yaml"))
    #expect(try pipe(course, ["lesson", course.folder + "/short.migsh"], "").output.contains("A short one"))
  }

  // MARK: - On pages

  @Test func aLessonBecomesAPage() throws {
    let course = try Course()
    let page = course.folder + "/short.html"
    let made = try pipe(course, ["lesson", "short", "--export", page], "")
    #expect(made.status == 0 && made.output == "wrote \(page)\n")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("<h1>A short one</h1>") && text.contains("migration 1: p1 from a to b"))
    // Once more, from the lesson's file, and as Markdown.
    #expect(try pipe(course, ["lesson", course.folder + "/short.migsh", "--export", page], "").status == 0)
    let markdown = try pipe(course, ["lesson", "short", "--export", course.folder + "/short.md"], "")
    #expect(markdown.status == 0)
    #expect(try String(contentsOfFile: course.folder + "/short.md", encoding: .utf8).contains("# A short one"))
  }

  @Test func whatStandsInTheWayOfAPageIsSaid() throws {
    let course = try Course()
    let mine = try pipe(course, ["lesson", "short", "--export", course.folder + "/mine.html"], "")
    #expect(mine.status == 0)
    try Data("mine".utf8).write(to: URL(filePath: course.folder + "/mine.html"))
    let refused = try pipe(course, ["lesson", "short", "--export", course.folder + "/mine.html"], "")
    #expect(refused.status == 2 && refused.output.contains("mine.html` is there already, and migsh has not made it"))
    let ending = try pipe(course, ["lesson", "short", "--export", "short.pdf"], "")
    #expect(ending.status == 2 && ending.output.contains("ends in .html or .md"))
    let unknown = try pipe(course, ["lesson", "shot", "--export", "short.html"], "")
    #expect(unknown.status == 2 && unknown.output.contains("did you mean `short`?"))
    #expect(try pipe(course, ["lesson", "--export", "short.html"], "").status == 2)
    let nowhere = try pipe(course, ["lesson", "short", "--export", course.folder + "/none/short.html"], "")
    #expect(nowhere.status == 2 && nowhere.output.contains("cannot be written: no such file or directory"))
  }

  @Test func theCourseBecomesASite() throws {
    let course = try Course()
    let site = course.folder + "/site"
    let made = try pipe(course, ["course", "export", site], "")
    #expect(made.status == 0 && made.output == "wrote 3 files to \(site)\n")
    let files = try FileManager.default.subpathsOfDirectory(atPath: site).sorted()
    #expect(files == ["index.html", "lessons", "lessons/short.html", "slides.html"])
    #expect(try pipe(course, ["course", "export", site, "--format", "markdown"], "").output.contains("wrote 2 files"))
    let handouts = try pipe(course, ["course", "export", site, "--format", "handouts"], "")
    #expect(handouts.status == 2 && handouts.output.contains("the course has no handouts"))
    let file = try pipe(course, ["course", "export", course.folder + "/course.yaml"], "")
    #expect(file.status == 2 && file.output.contains("is a file, and pages need a folder"))
    #expect(try pipe(course, ["course", "export", site, "--lessons", site], "").status == 2)
    // A lesson that fails writes nothing.
    let broken = LessonTests.text.replacing("migrate p1 b", with: "run 10ms")
    try Data(broken.utf8).write(to: URL(filePath: course.folder + "/short.migsh"))
    let failed = try pipe(course, ["course", "export", course.folder + "/other"], "")
    #expect(failed.status == 1 && failed.output.contains("the solution does not pass `at`"))
    #expect(!FileManager.default.fileExists(atPath: course.folder + "/other"))
  }
}
