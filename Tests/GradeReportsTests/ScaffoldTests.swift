import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course
@testable import GradeReports

/// Scaffolds are run as their platforms would, in clean folders, with a right, a wrong and an unreadable submission. What
/// comes out is judged by the validators of the formats.
@Suite struct ScaffoldTests {
  /// The program, next to the tests.
  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "migsh")

  static var exercise: Lesson {
    get throws { try Lesson(parsing: SourceText(name: "journey", text: journey), table: Session { _ in }.table) }
  }

  /// A folder that is removed with the value.
  final class Place {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-scaffold-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path() }
    func make(_ names: String...) throws {
      for name in names {
        try FileManager.default.createDirectory(
          at: folder.appending(path: name), withIntermediateDirectories: true)
      }
    }
    func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: folder.appending(path: name)) }
    func read(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func putProgram(_ name: String) throws {
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: name), withDestinationURL: ScaffoldTests.program)
    }
    func list() throws -> [String] {
      try #require(FileManager.default.enumerator(atPath: folder.path())).compactMap { $0 as? String }.sorted()
    }
  }

  /// What students hand in, and the points for it.
  static let submissions: [(bytes: [UInt8], points: String)] = [
    (Array(rightAnswer.utf8), "10.0"), (Array("@step out\nmigrate p1 b\n".utf8), "3.0"), ([0xFF, 0xFE, 0x00], "0.0"),
  ]

  /// What answers a part of the exercise, and a submission that would read it from the teacher's files.
  static let key = Array("migrate p1 b\n".utf8)
  static func thief(of path: String) -> [UInt8] { Array("@step out\nsource \(path)\n".utf8) }

  /// What is wrong with a result, and the points in it.
  static func judge(_ format: ReportFormat, _ text: String) throws -> String {
    let place = try Place()
    try place.write(Array(text.utf8), to: "result")
    let script = FormatTests.folder.appending(path: "validate_reports.py").path()
    return try run("/usr/bin/env", ["python3", script, "--one", format.rawValue, place.path("result")]).output.trimmed
  }

  /// Writes a scaffold below a folder, and puts the program where its instructions say.
  static func write(_ scaffold: Scaffold, to place: Place, below folder: String, program: String) throws {
    try Scaffold.write(scaffold.files(for: exercise), to: place.path(folder))
    try place.putProgram("\(folder)/\(program)")
  }

  /// A platform has these programs, and no variables but those that it sets.
  static func runThere(
    _ command: [String], in place: Place, _ folder: String, _ variables: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    try run(
      command[0], Array(command.dropFirst()), in: place.folder.appending(path: folder),
      environment: ["PATH": "/usr/bin:/bin"].merging(variables) { $1 })
  }

  @Test func gradescope() throws {
    let place = try Place()
    try Self.write(.gradescope, to: place, below: "source", program: "migsh")
    try place.write(Array("very secret\n".utf8), to: "source/course-secret")
    let root = ["AUTOGRADER_ROOT": place.folder.path()]
    let setup = try Self.runThere([place.path("source/setup.sh")], in: place, "", root)
    #expect(setup.status == 0 && setup.output.trimmed == migshVersion)
    try place.make("submission", "results")
    try place.write(
      Array(#"{"id": 1, "users": [{"id": 9, "name": "A \"email\": \"x\"", "email": "ada@example.org"}]}"#.utf8),
      to: "submission_metadata.json")
    let grade = { try Self.runThere([place.path("source/run_autograder")], in: place, "", root) }
    for (bytes, points) in Self.submissions {
      try place.write(bytes, to: "submission/answer.migsh")
      let (status, output) = try grade()
      #expect(status == 0, "\(output)")
      #expect(try Self.judge(.gradescope, place.read("results/results.json")) == points)
    }
    // The seed is the student's own.
    let seed = StudentSeed.seed(secret: "very secret", exercise: "journey", student: "ada@example.org")
    #expect(try place.read("results/results.json").contains("\(seed)"))
    // Of two files nobody knows which to grade.
    try place.write([], to: "submission/other.migsh")
    #expect(try grade().status == 0)
    #expect(try Self.judge(.gradescope, place.read("results/results.json")) == "0.0")
    // A fault of the grader is no result.
    try FileManager.default.removeItem(atPath: place.path("submission/other.migsh"))
    try place.write(Array("@lesson".utf8), to: "source/exercise.migsh")
    #expect(try grade().status != 0 && !place.has("results/results.json"))
  }

  @Test func classroom50() throws {
    let place = try Place()
    try Self.write(.classroom50, to: place, below: "bundle", program: "migsh")
    try place.make("repository")
    let variables = [
      "CLASSROOM": "systems", "ASSIGNMENT": "journey", "OWNER": "ada", "ASSIGNMENT_TYPE": "individual",
      "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r",
      "REVIEW_URL": "https://example.org/v",
    ]
    let python = ["/usr/bin/env", "python3", place.path("bundle/autograder.py")]
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let grade = { try Self.runThere(python, in: place, "repository", variables.merging(["PATH": path]) { $1 }) }
    #expect(try grade().status == 0)
    #expect(try Self.judge(.classroom50, place.read("repository/result.json")) == "0")
    for (bytes, points) in Self.submissions {
      try place.write(bytes, to: "repository/answer.migsh")
      let (status, output) = try grade()
      #expect(status == 0, "\(output)")
      let hundredths = points.replacing(".0", with: points == "0.0" ? "" : "00")
      #expect(try Self.judge(.classroom50, place.read("repository/result.json")) == hundredths)
    }
    try place.write(Self.key, to: "bundle/key.migsh")
    try place.write(Self.thief(of: "../bundle/key.migsh"), to: "repository/answer.migsh")
    #expect(try grade().status == 0 && Self.judge(.classroom50, place.read("repository/result.json")) == "0")
    try place.write(Array("@lesson".utf8), to: "bundle/exercise.migsh")
    #expect(try grade().status != 0 && !place.has("repository/result.json"))
  }

  @Test func github() throws {
    let place = try Place()
    try Self.write(.github, to: place, below: "repository", program: ".github/classroom/migsh")
    // The workflow runs the script, and hands its output to the reporter.
    let workflow = try #require(try YAML.document(in: place.read("repository/.github/workflows/grade.yml")))
    let steps = try #require(workflow["jobs"]?["grade"]?["steps"]?.elements)
    #expect(steps[1]["id"]?.text == "migsh" && steps[2]["with"]?["runners"]?.text == "migsh")
    #expect(steps[2]["env"]?["MIGSH_RESULTS"]?.text == "${{ steps.migsh.outputs.result }}")
    let command = try #require(steps[1]["run"]?.text)
    let grade = {
      try? FileManager.default.removeItem(atPath: place.path("output"))
      let (status, output) = try Self.runThere(
        ["/bin/bash", "-c", command], in: place, "repository",
        [
          "GITHUB_WORKSPACE": place.path("repository"), "GITHUB_OUTPUT": place.path("output"), "MIGSH_STUDENT": "ada",
          "MIGSH_COURSE_SECRET": "s",
        ])
      return (status: status, output: output)
    }
    let result = {
      let line = try place.read("output")
      #expect(line.hasPrefix("result=") && line.hasSuffix("\n") && line.count { $0 == "\n" } == 1)
      return String(line.dropFirst(7))
    }
    #expect(try grade().status == 0)
    #expect(try Self.judge(.github, result()) == "fail 0 of 1")
    for ((bytes, _), points) in zip(Self.submissions, ["pass 4 of 4", "fail 2 of 4", "fail 0 of 4"]) {
      try place.write(bytes, to: "repository/answer.migsh")
      let (status, output) = try grade()
      #expect(status == 0, "\(output)")
      #expect(try Self.judge(.github, result()) == points)
    }
    try place.write(Self.key, to: "repository/.github/classroom/key.migsh")
    try place.write(Self.thief(of: ".github/classroom/key.migsh"), to: "repository/answer.migsh")
    #expect(try grade().status == 0 && Self.judge(.github, result()) == "fail 0 of 4")
    try FileManager.default.removeItem(atPath: place.path("repository/answer.migsh"))
    try FileManager.default.createSymbolicLink(
      atPath: place.path("repository/answer.migsh"), withDestinationPath: ".github/classroom/key.migsh")
    #expect(try grade().status == 0 && Self.judge(.github, result()) == "fail 0 of 1")
    try FileManager.default.removeItem(atPath: place.path("repository/answer.migsh"))
    try place.write(Array(rightAnswer.utf8), to: "repository/answer.migsh")
    try place.write(Array("@lesson".utf8), to: "repository/.github/classroom/exercise.migsh")
    #expect(try grade().status != 0 && !place.has("output"))
  }

  @Test func autolab() throws {
    let place = try Place()
    try Self.write(.autolab, to: place, below: "lab", program: "autograde/migsh")
    try place.write(Array("s".utf8), to: "lab/autograde/course-secret")
    try place.write(Self.key, to: "lab/autograde/key.migsh")
    #expect(try Self.runThere(["/usr/bin/make"], in: place, "lab").status == 0)
    let thief = (bytes: Self.thief(of: "autograde/key.migsh"), points: "0.0")
    for (bytes, points) in Self.submissions + [thief] {
      try? FileManager.default.removeItem(atPath: place.path("machine"))
      try place.make("machine")
      // On the machine there is nothing but these three files.
      try FileManager.default.copyItem(
        atPath: place.path("lab/autograde-Makefile"), toPath: place.path("machine/Makefile"))
      try FileManager.default.copyItem(
        atPath: place.path("lab/autograde.tar"), toPath: place.path("machine/autograde.tar"))
      try place.write(bytes, to: "machine/handin.migsh")
      let (status, output) = try Self.runThere(["/usr/bin/make"], in: place, "machine")
      #expect(status == 0, "\(output)")
      #expect(try Self.judge(.autolab, output) == points, "\(output)")
    }
    try place.write(Array("@lesson".utf8), to: "lab/autograde/exercise.migsh")
    #expect(try Self.runThere(["/usr/bin/make"], in: place, "lab").status == 0)
    try FileManager.default.removeItem(atPath: place.path("machine/autograde.tar"))
    try FileManager.default.copyItem(
      atPath: place.path("lab/autograde.tar"), toPath: place.path("machine/autograde.tar"))
    let (status, output) = try Self.runThere(["/usr/bin/make"], in: place, "machine")
    #expect(status != 0 && !output.contains("scores"))
  }

  @Test func moodle() throws {
    let place = try Place()
    // A name that a shell would obey.
    let name = "my $(touch forged) 'answer'.migsh"
    let thief = (bytes: Self.thief(of: "key.migsh"), points: "0.0")
    let submissions = Self.submissions + [thief, Self.submissions[0]]
    for ((bytes, points), isScaled) in zip(submissions, [false, false, false, false, true]) {
      try? FileManager.default.removeItem(atPath: place.path("lab"))
      try Self.write(.moodle, to: place, below: "lab", program: "migsh")
      try place.write(bytes, to: "lab/\(name)")
      try place.write(Array("s".utf8), to: "lab/course-secret")
      try place.write(Self.key, to: "lab/key.migsh")
      let environment = """
        export MOODLE_USER_ID=4
        export VPL_SUBFILE0=\(shellQuoted(name))
        export VPL_GRADEMIN=0
        export VPL_GRADEMAX=\(isScaled ? "100" : "10.00000")
        """
      try place.write(Array(environment.utf8), to: "lab/vpl_environment.sh")
      for script in ["vpl_run.sh", "vpl_evaluate.sh"] {
        #expect(try Self.runThere(["/bin/bash", "./\(script)"], in: place, "lab").output.isEmpty)
        #expect(!place.has("lab/forged"))
        if script == "vpl_run.sh" {
          let shown = try Self.runThere([place.path("lab/vpl_execution")], in: place, "lab").output
          #expect(shown.contains("answer'.migsh"), "\(shown)")
          #expect(!place.has("lab/forged"))
        }
      }
      // What is not to be kept is gone when the program runs.
      for gone in ["vpl_environment.sh", "vpl_run.sh", "vpl_evaluate.sh"] {
        try FileManager.default.removeItem(atPath: place.path("lab/\(gone)"))
      }
      let (status, output) = try Self.runThere([place.path("lab/vpl_execution")], in: place, "lab")
      #expect(status == 0, "\(output)")
      #expect(try Self.judge(.vpl, output) == (isScaled ? "100.0" : points))
      #expect(!place.has("lab/forged"))
    }
    try FileManager.default.removeItem(atPath: place.path("lab"))
    try Self.write(.moodle, to: place, below: "lab", program: "migsh")
    #expect(try Self.runThere(["/bin/bash", "./vpl_evaluate.sh"], in: place, "lab").status == 0)
    let nothing = try Self.runThere([place.path("lab/vpl_execution")], in: place, "lab").output
    #expect(try nothing.contains("\n>Hand in one file") && Self.judge(.vpl, nothing) == "0.0")
  }

  private func shellQuoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }

  @Test(arguments: Scaffold.allCases) func nothingIsOverwritten(_ scaffold: Scaffold) throws {
    let files = scaffold.files(for: try Self.exercise)
    #expect(files.contains { $0.path.hasSuffix("exercise.migsh") && $0.text == journey })
    #expect(Set(files.map(\.path)).count == files.count)
    for file in files {
      let place = try Place()
      if file.path.contains("/") { try place.make((file.path as NSString).deletingLastPathComponent) }
      try place.write(Array("mine".utf8), to: file.path)
      let before = try place.list()
      #expect(throws: ReportError.self) { try Scaffold.write(files, to: place.folder.path()) }
      #expect(try place.list() == before && place.read(file.path) == "mine")
    }
    let place = try Place()
    try Scaffold.write(files, to: place.path("new/folder"))
    for file in files {
      #expect(try place.read("new/folder/\(file.path)") == file.text)
      #expect(
        FileManager.default.isExecutableFile(atPath: place.path("new/folder/\(file.path)")) == file.isExecutable)
    }
  }

  /// Shell scripts and Python are what those who know the languages write.
  @Test func scriptsAreClean() throws {
    for scaffold in Scaffold.allCases {
      let place = try Place()
      try Scaffold.write(scaffold.files(for: Self.exercise), to: place.folder.path())
      for file in scaffold.files(for: try Self.exercise) where file.text.hasPrefix("#!") {
        let (status, output) = try run("/usr/bin/env", ["shellcheck", "--severity=style", place.path(file.path)])
        #expect(status == 0, "\(output)")
      }
      let script = place.path("autograder.py")
      if scaffold == .classroom50 {
        let (status, output) = try run(
          "/usr/bin/env",
          ["python3", "-W", "error", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", script])
        #expect(status == 0, "\(output)")
      }
    }
  }
}

extension YAML {
  fileprivate subscript(_ name: String) -> YAML? {
    guard case .members(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
  fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
  fileprivate var elements: [YAML]? { if case .list(let elements) = self { elements } else { nil } }
}
