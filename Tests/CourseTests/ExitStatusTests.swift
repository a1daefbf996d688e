import Foundation
import Testing

/// Runs the program as course scripts call it, and checks exit statuses and output.
@Suite struct ExitStatusTests {
  /// The program, next to the tests.
  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "migsh")

  /// An exercise that accepts the ways round it.
  static let accepted = moving.replacing(
    "@forbid", with: "@accept trial-and-error \"why not\"\n@forbid")

  /// A folder with an exercise and three submissions. It is removed with the value.
  final class Course {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-exit-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: folder.appending(path: "class"), withIntermediateDirectories: true)
      try write(ExitStatusTests.accepted, to: "moving.migsh")
      try write("migrate p1 b\n", to: "class/ada.migsh")
      try write("migrate p1 z\n", to: "class/bob.migsh")
      try write("nothing to hand in", to: "class/notes.txt")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }

    func read(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    func run(_ arguments: String..., secret: String = "", path: String? = nil, errors: Bool = true) throws -> (
      status: Int32, output: String
    ) {
      let process = Process()
      let output = Pipe()
      process.executableURL = ExitStatusTests.program
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.environment = ["MIGSH_COURSE_SECRET": secret].merging(path.map { ["PATH": $0] } ?? [:]) { $1 }
      process.standardOutput = output
      process.standardError = errors ? output : FileHandle.nullDevice
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
  }

  @Test func gradingTellsTheVerdict() throws {
    let course = try Course()
    #expect(try course.run("grade", "moving.migsh", "class/ada.migsh").status == 0)
    #expect(try course.run("grade", "moving.migsh", "class/bob.migsh").status == 1)
    #expect(try course.run("grade", "moving.migsh", "class").status == 1)
    #expect(try course.run("grade", "moving.migsh", "class", "--exit-mode", "harness").status == 0)
    try course.write("migrat", to: "class/cid.migsh")
    #expect(try course.run("grade", "moving.migsh", "class/cid.migsh").status == 1)
    try Data([0xFF, 0xFE]).write(to: course.folder.appending(path: "class/dan.migsh"))
    let (status, output) = try course.run("grade", "moving.migsh", "class/dan.migsh")
    #expect(status == 1 && output.contains("class/dan.migsh:1:1: this text is UTF-16"))
  }

  @Test func usageIsTold() throws {
    let course = try Course()
    try course.write("@lesson x", to: "bad.migsh")
    try course.write("@lesson x \"X\"\n@step s\n@solution", to: "lesson.migsh")
    try FileManager.default.createDirectory(
      at: course.folder.appending(path: "empty"), withIntermediateDirectories: true)
    for arguments in [
      ["bad.migsh", "class"], ["lesson.migsh", "class"], ["none.migsh", "class"], ["moving.migsh", "class/none.migsh"],
      ["moving.migsh", "empty"], ["moving.migsh"],
    ] {
      let (status, output) = try course.run("grade", arguments[0], arguments.count > 1 ? arguments[1] : "--seed=1")
      #expect(status == 2 && !output.isEmpty, "\(arguments)")
    }
    #expect(try course.run("grade", "moving.migsh", "class", "--seed", "9007199254740992").status == 2)
    #expect(try course.run("grade", "moving.migsh", "class", "--output", "none/report").status == 4)
  }

  @Test func reportsGoToStandardOutputOrAFile() throws {
    let course = try Course()
    let whole = try course.run("grade", "moving.migsh", "class", "--format", "json", "--seed", "3", errors: false)
      .output
    let reports = try #require(try JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [[String: Any]])
    #expect(reports.compactMap { $0["student"] as? String } == ["ada", "bob"])
    #expect(reports.allSatisfy { $0["seed"] as? Int == 3 })
    let one = try course.run("grade", "moving.migsh", "class/ada.migsh", "--format", "json", errors: false).output
    #expect(try JSONSerialization.jsonObject(with: Data(one.utf8)) is [String: Any])
    let silent = try course.run(
      "grade", "moving.migsh", "class", "--format=json", "--seed=3", "--output", "report.json", errors: false)
    #expect(silent.output.isEmpty && silent.status == 1)
    #expect(try course.read("report.json") == whole)
  }

  @Test func seedsAreTheStudents() throws {
    let course = try Course()
    func seeds(_ secret: String) throws -> [Int] {
      let text = try course.run("grade", "moving.migsh", "class", "--format", "json", secret: secret, errors: false)
        .output
      let reports = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
      return (reports ?? []).compactMap { $0["seed"] as? Int }
    }
    let first = try seeds("one")
    #expect(Set(first).count == 2)
    #expect(try seeds("one") == first)
    #expect(try Set(seeds("two") + first).count == 4)
  }

  @Test func lessonsAreRunCheckedAndProved() throws {
    let course = try Course()
    for command in ["run", "check", "test"] { #expect(try course.run(command, "moving.migsh").status == 0) }
    #expect(try course.run("run", "moving.migsh", "--check-invariants").status == 0)
    try course.write(moving.replacing("p1.node == b", with: "p1.node == a"), to: "failed.migsh")
    #expect(try course.run("run", "failed.migsh").status == 1)
    #expect(try course.run("check", "failed.migsh").status == 0)
    let (status, output) = try course.run("test", "failed.migsh", "--seeds", "2")
    #expect(status == 1 && output.contains("\nmoving: 1 step, 2 seeds: 1 problem\n"))
    try course.write(moving.replacing("migrate p1 b", with: "migrate p1 z"), to: "refused.migsh")
    #expect(try course.run("run", "refused.migsh").status == 3)
    try course.write(moving.replacing("@solution", with: "@solutoin"), to: "bad.migsh")
    for command in ["run", "test"] { #expect(try course.run(command, "bad.migsh").status == 2) }
    #expect(try course.run("check", "bad.migsh").status == 1)
  }

  @Test func wordsThatAreInNoDictionaryAreFound() throws {
    let course = try Course()
    let texts = """
      @goal "You can moev a process." minutes 5
      | Teh `codde` costs $(1 + (2 * 3)) of $lettters, and **bold** wrods, for p1.
      @setup
      """
    let hint = "@hint Loook at `hepl`.\n@solution"
    let lesson =
      moving.replacing("@setup", with: texts).replacing("@solution", with: hint)
      + "\n@explain when p1.pages > 3 | Wehn it is large.\n"
    try course.write(lesson, to: "moving.migsh")
    let (status, output) = try course.run("test", "moving.migsh", "--seeds=1")
    #expect(status == 1)
    let words = output.split(separator: "\n").filter { $0.contains("is in no dictionary") }.map {
      $0.split(separator: "`").dropFirst().first.map(String.init) ?? ""
    }
    #expect(words == ["moev", "Teh", "wrods", "Loook", "Wehn"], "\(output)")
    #expect(output.contains("did you mean `The`?"), "\(output)")
    // The course's own words are known, and nothing else is.
    try course.write("moev\nTeh\nwrods\n", to: "words.txt")
    try course.write("title: T\nlessons: [moving.migsh]\n", to: "course.yaml")
    let known = try course.run("test", ".", "--seeds=1").output
    #expect(known.ranges(of: "is in no dictionary").count == 2, "\(known)")
  }

  @Test func withoutHunspellTheSpellingIsNotChecked() throws {
    let course = try Course()
    try course.write(Self.accepted.replacing("@setup", with: "| Teh.\n@setup"), to: "moving.migsh")
    let (status, output) = try course.run("test", "moving.migsh", "--seeds=1", path: "/nonexistent")
    #expect(status == 0)
    #expect(output.hasPrefix("migsh: hunspell and hunspell-en-gb are not installed, so the spelling is not checked\n"))
  }

  @Test func handoutsAreProved() throws {
    let course = try Course()
    try course.write(Self.accepted.replacing("@solution", with: "@teaches migrate\n@solution"), to: "moving.migsh")
    try course.write("title: T\nlessons: [moving.migsh]\n", to: "course.yaml")
    let handout = """
      handouts:
        moving: {title: Moving, lesson: moving, script: "node add a; spawn p", picture: map, idea: "$(p.pages) pages",
          formula: f, price: p, break: b, mend: m}
      """
    try course.write(handout, to: "handouts.yaml")
    let proved = try course.run("test", ".", "--seeds=1")
    #expect(proved.status == 0 && proved.output.hasSuffix("\n1 handout: proved\n"), "\(proved.output)")
    try course.write(
      handout.replacing("p.pages", with: "q.pages").replacing("Moving", with: "Moveing"), to: "handouts.yaml")
    let failed = try course.run("test", ".", "--seeds=1")
    #expect(
      failed.status == 1 && failed.output.contains("./handouts.yaml, moving, idea:1:3: error: "), "\(failed.output)")
    #expect(
      failed.output.contains("`Moveing` is in no dictionary") && failed.output.hasSuffix("1 handout: not proved\n"))
  }

  @Test func foldersAreCourses() throws {
    let course = try Course()
    #expect(try course.run("check", ".").status == 2)
    try course.write("title: T\nlessons: [moving.migsh]\n", to: "course.yaml")
    let untaught = try course.run("test", ".", "--seeds=1")
    #expect(untaught.status == 1 && untaught.output.contains("no lesson up to here teaches `migrate`"))
    #expect(try course.run("test", "moving.migsh", "--seeds=1").status == 1)
    let moving = Self.accepted.replacing("@solution", with: "@teaches migrate\n@solution")
    try course.write(moving, to: "moving.migsh")
    #expect(try course.run("check", ".").status == 0)
    let proved = try course.run("test", ".", "--seeds=1").output
    #expect(proved.hasPrefix("moving: 1 step, 1 seed: proved\n  the battery tried "), "\(proved)")
    try course.write(moving, to: "other.migsh")
    let warned = try course.run("test", ".", "--seeds=1")
    #expect(warned.status == 0 && warned.output.hasPrefix("warning: ./other.migsh is in no lesson list"))
    #expect(try course.run("test", ".", "--seeds=1", "--tries").output.contains("\nSTEP  TRIED "))
    try course.write(moving.replacing("\"Moving\"", with: "\"Moving\" needs first"), to: "moving.migsh")
    #expect(try course.run("test", ".", "--seeds=1").status == 1)
  }
}
