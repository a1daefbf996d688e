import CommandLanguage
import Course
import Foundation
import Testing

@testable import Shell

/// Everything that scripts, lessons and the README print as JSON is what the schema says, and the schema says no more. The
/// judge is a validator of others, Python's jsonschema, which is started once.
@Suite struct OutputSchemaTests {
  @Test func recordsAreWhatTheSchemaSays() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-schema-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var records: [String] = []
    for file in try ScriptTests.files { records += try Self.records(ofScript: file) }
    records += try Self.recordsOfLessons() + Self.recordsOfReadme() + Self.recordsOfExamples(in: folder)
    records += try Self.recordsOfMistakes()
    let schema = OutputSchema.json(Commands.table).indented
    try schema.write(to: folder.appending(path: "schema.json"), atomically: true, encoding: .utf8)
    try (records.joined(separator: "\n") + "\n").write(
      to: folder.appending(path: "records"), atomically: true, encoding: .utf8)
    let problems = try Self.problems(in: folder)

    #expect(problems.isEmpty, "\(problems)")
  }

  /// What else says nothing but that it was done has forgotten to declare its data.
  @Test func onlyTheseSayNothing() {
    let silent = Commands.table.all.map(\.name).filter { name in
      if case .nothing = Commands.dataShape(of: name) { true } else { false }
    }
    let tutor = (Commands.lesson + Commands.exercise).map(\.spec.name)
    #expect(silent.filter { !tutor.contains($0) } == ["if", "for", "repeat", "while", "define", "quit"])
  }

  /// What the validator finds.
  private static func problems(in folder: URL) throws -> String {
    let process = Foundation.Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [ScriptTests.folder.appending(path: "validate_records.py").path(), "schema.json", "records"]
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: text, as: UTF8.self)
  }

  /// The records of a script test, each with the name of the file.
  private static func records(ofScript file: URL) throws -> [String] {
    var records: [String] = []
    let name = file.lastPathComponent
    var session = Session { records += lines($0, from: name) }
    for section in ScriptTests.sections(try String(contentsOf: file, encoding: .utf8)) {
      session.options.format = .json
      let text = section.replacing(/set format \w+/, with: "set format json")
      _ = session.execute(SourceText(name: name, text: text, folder: ScriptTests.folder.path() + "Scripts/"))
    }
    return records
  }

  /// The records of all lessons of the course, which are played to their ends.
  private static func recordsOfLessons() throws -> [String] {
    let folder = ScriptTests.folder.appending(path: "../../Lessons").standardizedFileURL.path
    var records: [String] = []
    for name in try CourseOutline(folder: folder).lessons {
      var options = Session.Options()
      options.format = .json
      var session = Session(options: options) { records += lines($0, from: name) }
      session.checkInvariants()
      let lesson = try Lesson(parsing: try readSource("\(folder)/\(name)", name: name), table: Commands.table)
      #expect(lesson.play(in: &session) == .success, "\(name)")
    }
    return records
  }

  private static func recordsOfReadme() throws -> [String] {
    var records: [String] = []
    for pasted in try ReadmeTests.sessions {
      var session = Session { records += lines($0, from: "README") }
      session.options.format = .json
      for command in ReadmeTests.typed(pasted) { _ = session.execute(SourceText(name: "README", text: command)) }
    }
    return records
  }

  /// The records of the examples in help, and of output that goes to a file.
  private static func recordsOfExamples(in folder: URL) throws -> [String] {
    var records: [String] = []
    try HelpTests.execute(in: folder) { session, example in
      session.options.format = .json
      session.write = { records += lines($0, from: "example `\(example)`") }
    }
    var session = Session { records += lines($0, from: "--to") }
    session.options.format = .json
    let source = SourceText(name: "--to", text: "node list --to nodes.json", folder: folder.path() + "/")
    #expect(session.execute(source) == .success)
    records += lines(try String(contentsOf: folder.appending(path: "nodes.json"), encoding: .utf8), from: "nodes.json")
    return records
  }

  /// A lesson with a mistake, and a check that fails.
  private static func recordsOfMistakes() throws -> [String] {
    var records: [String] = []
    var session = Session { records += lines($0, from: "mistakes") }
    session.options.format = .json
    let text = """
      @lesson wrong "Wrong"
      @setup
      node add a
      @ask place "Where is it?"
      @answer p9.node
      @step add
      | Add a process.
      @check there p1.node == a
      @check full a.processes == []
      @solution
      spawn p1
      kill p1
      """
    let lesson = try Lesson(parsing: SourceText(name: "wrong", text: text), table: Commands.table)
    #expect(lesson.play(in: &session) != .success)
    return records
  }

  private static func lines(_ text: String, from name: String) -> [String] {
    text.split(separator: "\n").map { "\(name)\t\($0)" }
  }
}
