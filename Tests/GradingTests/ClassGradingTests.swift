import Course
import Foundation
import TestSupport
import Testing

/// Grades whole classes with the program, as a teacher does.
@Suite struct ClassGradingTests {
  private static let exercise = """
    @lesson moving "Moving"
    @param pages 64..256
    @setup
    node add a b
    spawn p1 --on a --pages $pages --program hot
    run 5ms
    @step move points 4
    @check at p1.node == b "p1 should be on b" seeds 3
    @check whole p1.migration.pagesSent >= $pages
    @solution
    migrate p1 b
    """

  final class Class {
    let url = FileManager.default.temporaryDirectory.appending(path: "migsh-grading-\(UUID().uuidString)")

    init(_ files: [String: String]) throws {
      try FileManager.default.createDirectory(at: url.appending(path: "class"), withIntermediateDirectories: true)
      try write(ClassGradingTests.exercise, to: "moving.migsh")
      for (name, text) in files { try write(text, to: "class/\(name)") }
    }

    /// The secret of the course.
    var secret = "s"

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: url.appending(path: name)) }

    func read(_ name: String) throws -> String { try String(contentsOf: url.appending(path: name), encoding: .utf8) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: name).path) }

    @discardableResult
    func migsh(_ arguments: String...) throws -> (output: String, status: Int32) { try migsh(arguments) }

    @discardableResult
    func migsh(_ arguments: [String]) throws -> (output: String, status: Int32) {
      let outcome = try outcome(arguments)
      return (outcome.output, outcome.status)
    }

    func outcome(_ arguments: [String]) throws -> (output: String, errors: String, status: Int32) {
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(filePath: builtProgram("migsh"))
      process.arguments = arguments
      process.currentDirectoryURL = url
      process.environment = ["MIGSH_COURSE_SECRET": secret]
      process.standardOutput = output
      let errors = url.appending(path: "errors-\(UUID().uuidString)")
      try Data().write(to: errors)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (text, try String(contentsOf: errors, encoding: .utf8), process.terminationStatus)
    }
  }

  private static let submissions = [
    "ada.migsh": "migrate p1 b\n", "bob.migsh": "migrate p1 z\n", "cid.migsh": "\u{FEFF}migrate p1 b\r\n",
    "dee.migsh": "source ada.migsh\n", "eve.migsh": "@step move points 4\nmigrate p1 b\n",
    "fay.migsh": "repeat 100000 { now }\n", "gus.migsh": "",
  ]

  private func totals(_ report: String) throws -> [String: Double] {
    let reports = try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: reports.map { ($0["student"] as? String ?? "", $0["total"] as? Double ?? -1) })
  }

  @Test func theSameMarksWithAnyNumberOfJobsAndShards() throws {
    let course = try Class(Self.submissions)
    let whole = try course.migsh("grade", "moving.migsh", "class", "--format", "json")
    #expect(whole.status == 1)
    #expect(
      try totals(whole.output) == ["ada": 4, "bob": 0, "cid": 4, "dee": 0, "eve": 4, "fay": 0, "gus": 0])
    for jobs in ["2", "5"] {
      #expect(
        try course.migsh("grade", "moving.migsh", "class", "--format", "json", "--jobs", jobs).output == whole.output)
    }
    for shard in ["1/3", "2/3", "3/3"] {
      try course.migsh("grade", "moving.migsh", "class", "--shard", shard, "--output", "part\(shard.prefix(1))")
    }
    #expect(try course.migsh("merge", "part3", "part1", "part2").output == whole.output)
    // What is merged can be merged again, and gives the same.
    #expect(try course.migsh("merge", "part1", "part3", "part2", "--output", "all.json").status == 0)
    #expect(try course.read("all.json") == whole.output)
    #expect(try course.migsh("merge", "part1", "part2").status == 2)
    #expect(try course.migsh("merge", "part1", "part2", "part3", "part3").status == 2)
  }

  @Test func shardsWithAnotherSecretAreRefused() throws {
    let course = try Class(Self.submissions)
    for (shard, secret) in [("1/2", "s"), ("2/2", "t")] {
      course.secret = secret
      try course.migsh("grade", "moving.migsh", "class", "--shard", shard, "--output", "part\(shard.prefix(1))")
    }
    let merged = try run(
      builtProgram("migsh"), ["merge", course.url.path + "/part1", course.url.path + "/part2"], input: "")
    let prints = try ["s", "t"].map { try #require(StudentSeed.fingerprint(ofSecret: $0)) }
    #expect(merged.status == 2)
    for print in prints { #expect(try course.read("part1").contains(print) == (print == prints[0])) }
    course.secret = "s"
    #expect(
      try course.migsh("grade", "moving.migsh", "class", "--shard", "2/2", "--output", "part2", "--resume").status == 2)
    try course.migsh("grade", "moving.migsh", "class", "--shard", "2/2", "--output", "part2")
    #expect(try course.migsh("merge", "part1", "part2").status == 0)
  }

  @Test func anInterruptedGradingGoesOn() throws {
    let course = try Class(Self.submissions)
    try course.migsh("grade", "moving.migsh", "class", "--format", "json", "--output", "whole.json")
    let whole = try course.read("whole.json")
    #expect(!course.exists("whole.json.part"))
    // As after `kill -9`: some lines are there, the last not whole.
    try course.migsh("grade", "moving.migsh", "class", "--shard", "1/1", "--output", "half.json.part")
    let lines = try course.read("half.json.part").split(separator: "\n", omittingEmptySubsequences: false)
    try course.write(lines[..<4].joined(separator: "\n") + "\n" + lines[4].prefix(100), to: "half.json.part")
    // One of those that were graded has handed in again meanwhile.
    try course.write("migrate p1 b\n", to: "class/bob.migsh")
    try course.migsh("grade", "moving.migsh", "class", "--format", "json", "--output", "half.json", "--resume")
    var expected = try totals(whole)
    expected["bob"] = 4
    #expect(try totals(try course.read("half.json")) == expected)
    #expect(!course.exists("half.json.part"))
    try course.write("migrate p1 z\n", to: "class/bob.migsh")
    try course.migsh("grade", "moving.migsh", "class", "--format", "json", "--output", "half.json", "--resume")
    #expect(try course.read("half.json") == whole)
  }

  @Test func anExerciseThatNobodyCanDoIsRefusedBeforeAnybodyIsGraded() throws {
    let course = try Class(Self.submissions)
    try course.write(Self.exercise.replacing("migrate p1 b", with: "migrate p1 a"), to: "wrong.migsh")
    try course.write(Self.exercise.replacing("node add a b", with: "node add a a"), to: "broken.migsh")
    for exercise in ["wrong.migsh", "broken.migsh"] {
      let result = try course.migsh("grade", exercise, "class", "--output", "out")
      #expect(result.status == 2 && result.output.isEmpty && !course.exists("out"))
    }
  }

  @Test func whoIsOneStudentSeesAllOfTheFolder() throws {
    let course = try Class(Self.submissions)
    #expect(try course.migsh("grade", "moving.migsh", "class/dee.migsh").status == 1)
    #expect(try course.migsh("grade", "moving.migsh", "class/dee.migsh", "--student", "dee").status == 0)
    // The folder as one student's has several scripts, and nobody can tell which begins.
    let whole = try course.migsh("grade", "moving.migsh", "class", "--student", "dee")
    #expect(
      whole.status == 1 && whole.output.contains("\nNo points: this folder has several scripts"), "\(whole.output)")
  }
}

/// What a teacher does with results, with the program.
@Suite struct ClassResultsTests {
  private static let submissions = [
    "ada.migsh": "migrate p1 b\n", "bob.migsh": "migrate p1 z\n", "cid.migsh": "# mine\nmigrate   p1 b\n",
  ]

  @Test func aGradebookIsMadeOfResults() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    try course.migsh("grade", "moving.migsh", "class", "--format", "json", "--output", "r.json")
    try course.write(
      "file,time\nada.migsh,2026-06-02T00:00Z\nbob.migsh,2026-06-01T00:00Z\ncid.migsh,2026-06-01T00:00Z\n", to: "t.csv")
    try course.write("student,exercise,points,reason\nbob,moving,1,almost\n", to: "a.csv")
    let late = ["--due", "moving=2026-06-01T12:00+00:00", "--late", "25%/day", "--submitted", "t.csv"]
    let book = try course.migsh(["gradebook", "r.json", "--adjust", "a.csv"] + late)
    #expect(
      book.output
        == """
        STUDENT  SECTION  EXERCISE  GRADED  PENALTY  ADJUSTMENT  FINAL  WHY
        ada               moving         4        1           0      3  12 h late: 1 day begun × 25%
        bob               moving         0        0           1      1  +1: almost
        cid               moving         4        0           0      4

        """.replacing("4\n\n", with: "4  \n"))
    #expect(book.status == 0)
    #expect(try course.migsh(["gradebook", "r.json", "--late", "25%/day"]).status == 2)
    #expect(try course.migsh(["gradebook", "r.json"] + late.dropLast()).status == 2)
    #expect(try course.migsh(["gradebook", "moving.migsh"]).status == 2)
    #expect(try course.migsh(["gradebook", "none.json"]).status == 2)
    #expect(try course.migsh(["gradebook", "r.json", "--format", "csv", "--output", "b.csv"]).status == 0)
    #expect(try course.read("b.csv").split(separator: "\n").count == 4)
  }

  @Test func aRegradeSaysWhatItChanges() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    try course.migsh("grade", "moving.migsh", "class", "--format", "jsonl", "--output", "old.jsonl")
    let same = try course.migsh("grade", "moving.migsh", "class", "--diff", "old.jsonl")
    #expect(same.output == "nothing changed: 3 results as before\n" && same.status == 0)
    try course.write("migrate p1 b\n", to: "class/bob.migsh")
    let changed = try course.migsh(
      "grade", "moving.migsh", "class", "--diff", "old.jsonl", "--format", "json", "--output", "new.json")
    #expect(changed.status == 1 && changed.output.contains("\"student\": \"bob\""))
    #expect(try course.migsh("grade", "moving.migsh", "class", "--diff", "new.json").status == 0)
    #expect(try course.migsh("grade", "moving.migsh", "class", "--diff", "old.jsonl", "--format", "tap").status == 2)
  }

  /// After a change of the exercise only what it touches is judged again, in whatever form the earlier report is.
  @Test func aChangedExerciseMarksOnlyWhatChanged() throws {
    let course = try ClassGradingTests.Class([
      "ada.migsh": "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\n", "bob.migsh": "@step out\nmigrate p1 b\n",
      "cid.migsh": "\u{0}", "dee.migsh": "@step out\nmigrate p1 b\n@step back\nmigrate p1 a\n",
    ])
    let exercise = """
      @lesson trip "A trip"
      @param pages 8..64
      @setup
      node add a b
      spawn p1 --on a --pages $pages
      @step out points 3
      @check away p1.node == b
      @solution
      migrate p1 b
      @step back points 4
      @check home p1.node == a
      @solution
      migrate p1 a
      """
    try course.write(exercise, to: "trip.migsh")
    let grade = ["grade", "trip.migsh", "class", "--jobs", "2"]
    try course.migsh(grade + ["--format", "json", "--output", "old.json"])
    try course.migsh(grade + ["--format", "jsonl", "--output", "old.jsonl"])
    try course.migsh(grade + ["--shard", "1/1", "--output", "old.part"])
    try course.write(
      try course.read("old.json").replacing("[\n", with: "[").replacing(",\n", with: ", "), to: "laid-out.json")
    try course.write(exercise.replacing("home p1.node == a", with: "home p1.migrations == 2"), to: "trip.migsh")
    try course.write("@step out\nmigrate p1 b\n@step back\nmigrate p1 a --flush\n", to: "class/dee.migsh")

    let fresh = try course.migsh(grade + ["--format", "json"])
    for old in ["old.json", "old.jsonl", "old.part", "laid-out.json"] {
      let again = try course.outcome(grade + ["--format", "json", "--keep", old])
      #expect(Self.withoutRegrade(again.output) == fresh.output && again.status == fresh.status)
      #expect(again.output != fresh.output)
      #expect(
        again.errors == """
          migsh: 2 submissions: step out kept; step back judged again: its check `home` changed
          migsh: 1 submission: all steps are judged again: the submission changed

          """, "\(old)")
    }
    // What was graded again is kept when nothing changes any more, and whose points changed is told all the same.
    try course.migsh(grade + ["--format", "json", "--output", "new.json", "--keep", "old.json"])
    let third = try course.outcome(grade + ["--keep", "new.json", "--diff", "new.json"])
    #expect(third.output == "nothing changed: 4 results as before\n" && third.status == 0)
    #expect(third.errors == "migsh: 3 submissions: all steps keep their earlier results\n")
    let text = try course.migsh(grade + ["--keep", "old.json"])
    #expect(text.output.contains("\nGraded again: step out kept; step back judged again: its check `home` changed\n"))
    // Pages have their pictures, though the earlier report had none.
    try course.migsh(grade + ["--format", "html", "--output", "fresh/"])
    try course.migsh(grade + ["--format", "html", "--output", "again/", "--keep", "old.json"])
    for name in ["ada", "bob"] { #expect(try course.read("again/\(name).html") == course.read("fresh/\(name).html")) }
  }

  /// An earlier report that nobody can go on from is refused, or says for each submission that it is of no use.
  @Test func anEarlierReportOfNoUseIsSaid() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    let grade = ["grade", "moving.migsh", "class", "--format", "json"]
    let fresh = try course.migsh(grade).output
    try course.write(fresh.replacing("\"exercise\":\"moving\"", with: "\"exercise\":\"other\""), to: "other.json")
    try course.write(String(fresh.prefix(fresh.utf8.count / 2)), to: "half.json")
    try course.write(
      fresh.replacing("]\n", with: ",\n" + (fresh.split(separator: "\n")[1].dropLast()) + "\n]\n"), to: "twice.json")
    for (file, words) in [
      ("other.json", "other.json has no report on the exercise `moving`, but on `other`; without it all are graded"),
      ("half.json", "half.json has no reports in JSON"), ("twice.json", "twice.json has two reports on "),
      ("none.json", "none.json: no such file"), ("moving.migsh", "moving.migsh has no reports in JSON"),
    ] {
      let refused = try course.outcome(grade + ["--keep", file])
      #expect(refused.status == (file == "none.json" ? 4 : 2) && refused.output.isEmpty, "\(file)")
      #expect(refused.errors.lowercased().contains(words.lowercased()), "\(refused.errors)")
    }
    let bare = fresh.replacing(/,"parts":\{.*?\]\}\]\}/, with: "").replacing(",\"regrade\":null", with: "")
    try course.write(bare, to: "older.json")
    let again = try course.outcome(grade + ["--keep", "older.json"])
    #expect(Self.withoutRegrade(again.output) == fresh)
    #expect(
      again.errors == "migsh: 3 submissions: all steps are judged again: "
        + "the earlier report does not say by which steps and checks it was graded\n")
    course.secret = "t"
    try course.write(fresh, to: "old.json")
    let secret = try course.outcome(grade + ["--keep", "old.json"])
    #expect(secret.errors == "migsh: 3 submissions: all steps are judged again: the course's secret is another one\n")
    #expect(try Self.withoutRegrade(secret.output) == course.migsh(grade).output)
  }

  private static func withoutRegrade(_ text: String) -> String {
    text.replacing(/"regrade":\{.*?\]\}\}/, with: "\"regrade\":null}")
  }

  @Test func anExerciseIsReleasedOnce() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    let release = ["exercise", "release", "moving.migsh", "--student", "ada", "--output", "ada"]
    #expect(
      try course.migsh(release).output
        == "wrote ada/moving.md\nwrote ada/moving.txt\nwrote ada/moving.migsh\nwrote ada/moving.exercise\n")
    let text = try course.read("ada/moving.txt")
    let again = try course.migsh(release)
    #expect(again.status == 2 && again.output.isEmpty)
    #expect(try course.read("ada/moving.txt") == text && !text.contains("migrate"))
    try course.write(try course.read("ada/moving.migsh") + "migrate p1 b\n", to: "ada.migsh")
    #expect(try course.migsh("grade", "moving.migsh", "ada.migsh").status == 0)
  }

  @Test func theMomentOfACheckIsExplainedAndReplayed() throws {
    let course = try ClassGradingTests.Class([
      "ada.migsh": "migrate p1 b\nmigrate p1 a\n", "bob.migsh": "migrate p1 b\n",
    ])
    let ada = try course.migsh("grade", "moving.migsh", "class/ada.migsh", "--explain", "first")
    #expect(ada.status == 0 && ada.output.hasPrefix("Step move, with seed "))
    #expect(ada.output.contains("at failed: p1 should be on b; expected p1.node == b; found p1.node is a"))
    #expect(ada.output.contains("> ps\nPROCESS") && ada.output.contains("> migration list"))
    #expect(!ada.output.contains("error:"))
    #expect(try course.migsh("grade", "moving.migsh", "class/ada.migsh", "--explain", "move/whole").status == 0)
    #expect(try course.migsh("grade", "moving.migsh", "class/ada.migsh", "--explain", "none").status == 3)
    #expect(try course.migsh("grade", "moving.migsh", "class/bob.migsh", "--explain", "first").status == 3)
    #expect(try course.migsh("grade", "moving.migsh", "class", "--explain", "first").status == 2)
    let replay = try run(
      builtProgram("migsh"),
      ["grade", course.url.path + "/moving.migsh", course.url.path + "/class/ada.migsh", "--replay", "at"],
      input: "print p1.node\nundo\nprint p1.node\n")
    #expect(replay.status == 0 && replay.output.contains("a\n") && replay.output.hasSuffix("b\n"), "\(replay.output)")
  }

  /// A step is explained in the world that counted, and with the seed with which it failed.
  @Test func whatIsExplainedIsWhatCounted() throws {
    let course = try ClassGradingTests.Class([
      "ada.migsh": "@step first\nkill p2\n@step second\nmigrate p2 b\n",
      "bob.migsh": "@step first\nmigrate p1 b\n@step second\nmigrate p2 b\nspawn p3 --pages PAGES\n",
    ])
    try course.write(
      """
      @lesson two "Two"
      @param pages 8..64
      @setup
      node add a b
      spawn p1 --on a --pages $pages
      spawn p2 --on a --pages $pages
      @step first points 3
      @check there p1.node == b
      @solution
      migrate p1 b
      @step second points 4
      @check there p2.node == b
      @check many p3.pages == $pages hidden seeds 4
      @solution
      migrate p2 b
      spawn p3 --pages $pages
      """, to: "two.migsh")
    let ada = try course.migsh("grade", "two.migsh", "class/ada.migsh", "--explain", "second/there").output
    #expect(
      ada.contains(
        "Judged as if the exercise's own solutions had been done in the steps before: that earned more.\n  there passed\n"
      ),
      "\(ada)")
    #expect(ada.contains("\nIn the world of the submission's own steps before it:\n  there failed: "))
    #expect(ada.contains("\nIts commands:\n  4  migrate p2 b\n"))
    let pages = try course.migsh("grade", "two.migsh", "class/bob.migsh", "--format", "json", "--for", "teacher").output
    let report = try GradeReport(parsing: Array(pages.utf8))
    let own = try #require(report.values.first?.value)
    try course.write(
      try course.read("class/bob.migsh").replacing("PAGES", with: "\(own)"), to: "class/bob.migsh")
    let bob = try course.migsh("grade", "two.migsh", "class/bob.migsh", "--explain", "many").output
    #expect(
      bob.hasPrefix(
        "Step second, with one of the 4 other seeds of `many`, and not with bob's own \(report.seed): seed "),
      "\(bob)")
    #expect(bob.contains("\n  many failed: expected p3.pages == $pages; "))
    let none = try run(
      builtProgram("migsh"),
      ["grade", course.url.path + "/two.migsh", course.url.path + "/class/bob.migsh", "--explain", "x"],
      input: "")
    #expect(none.status == 3)
  }

  @Test func filesGoToAFolderThatIsMade() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    let grade = ["grade", "moving.migsh", "class", "--format", "html"]
    #expect(try course.migsh(grade + ["--output", "pages"]).status == 1)
    #expect(course.exists("pages/ada.html") && course.exists("pages/bob.html"))
    // Nobody is graded before it is known that there is a place.
    #expect(try course.migsh(grade).status == 2)
    #expect(try course.migsh(grade + ["--output", "none/pages"]).status == 4)
    #expect(try course.migsh("grade", "moving.migsh", "class", "--output", "none/").status == 2)
    #expect(!course.exists("none") && !course.exists("none.part"))
  }

  @Test func filesOfAPlatformDoNotGoToAClass() throws {
    let course = try ClassGradingTests.Class(Self.submissions)
    #expect(try course.migsh("grade", "moving.migsh", "class", "--scaffold", "gradescope").status == 2)
    #expect(!course.exists("class/README.md"))
    let scaffold = ["grade", "moving.migsh", "new", "--scaffold", "gradescope"]
    #expect(try course.migsh(scaffold + ["--roster", "r.csv"]).status == 2)
    #expect(try course.migsh(scaffold).output == "wrote 4 files to new; read new/README.md first\n")
  }

  @Test func filesOfAnAutograderAreWritten() throws {
    let course = try ClassGradingTests.Class([:])
    for platform in ["gradescope", "classroom50", "github", "autolab", "moodle"] {
      #expect(try course.migsh("grade", "moving.migsh", platform, "--scaffold", platform).status == 0)
      #expect(course.exists("\(platform)/README.md"))
      #expect(try course.migsh("grade", "moving.migsh", platform, "--scaffold", platform).status == 2)
    }
  }

  @Test func aPageForEachStudentHasAPictureOfWhatWentWrong() throws {
    let course = try ClassGradingTests.Class([
      "ada.migsh": "migrate p1 b\n", "bob.migsh": "migrate p1 b\nmigrate p1 a\n",
    ])
    try FileManager.default.createDirectory(
      at: course.url.appending(path: "pages"), withIntermediateDirectories: true)
    #expect(
      try course.migsh("grade", "moving.migsh", "class", "--format", "html", "--output", "pages").status == 1)
    #expect(try !course.read("pages/ada.html").contains("data:image/svg+xml"))
    let page = try course.read("pages/bob.html")
    #expect(page.contains("data:image/svg+xml;base64,") && page.contains("p1 should be on b"))
    #expect(!course.exists("pages/results.part"))
  }
}
