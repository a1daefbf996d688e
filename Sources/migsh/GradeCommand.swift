import ArgumentParser
import CommandLanguage
import Course
import Glibc
import LineEditor
import Shell

/// `migsh grade`.
struct GradeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Grade submissions to an exercise.",
    discussion: """
      A submission is a script, in parts under lines `@step NAME` when the exercise has several steps; its file's name \
      without its ending is the student's. A folder is a class: every .migsh file in it. Each student's parameters follow \
      from the environment variable MIGSH_COURSE_SECRET, the exercise and the student.
      Exit status: 0 all passed; 1 something failed; 2 usage, or a malformed exercise; 4 a fault of the grader; \
      130 interrupted. With --exit-mode harness: 0 whenever the report is whole.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  enum ExitMode: String, ExpressibleByArgument, CaseIterable {
    case verdict, harness
  }

  @Option(help: "Grade with this seed in place of the student's own.")
  var seed: UInt64?

  @Option(help: "Of the report: text, or json (schema migsh/grade/v1).")
  var format: Format = .text

  @Option(
    help: ArgumentHelp("Write the report to a file, whole after every submission.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: "What the exit status tells: the verdict, or for a harness whether the report is whole.")
  var exitMode: ExitMode = .verdict

  @ArgumentParser.Argument(help: "A lesson whose steps carry points.", completion: .scripts)
  var exercise: String

  @ArgumentParser.Argument(
    help: ArgumentHelp("Scripts, or folders of them.", valueName: "submission"),
    completion: .file(extensions: ["migsh"]))
  var submissions: [String]

  func validate() throws {
    guard seed ?? 0 <= StudentSeed.highest else {
      throw ValidationError("--seed takes a number from 0 to \(StudentSeed.highest).")
    }
  }

  func run() throws {
    Interrupt.install()
    let grader: Grader
    let files: [String]
    do {
      let lesson = try Lesson(parsing: try readSource(InstalledLessons.file(exercise)), table: Session { _ in }.table)
      grader = try Grader(lesson, isInterrupted: { Interrupt.isRequested })
      files = try submissions.flatMap(submissionFiles)
    } catch {
      Terminal.writeError(describe(error, of: exercise) + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    throw ExitCode(try grade(files, grader).rawValue)
  }

  private func grade(_ files: [String], _ grader: Grader) throws -> ScriptStatus {
    var writer = ReportWriter(
      format: format, output: output, isArray: files.count > 1 || submissions.contains(where: isFolder))
    var status = ScriptStatus.success
    for file in files {
      let submission: Submission
      do { submission = try read(file, for: grader.exercise) } catch {
        Terminal.writeError(describe(error, of: file) + "\n")
        throw ExitCode(ScriptStatus.usage.rawValue)
      }
      let own = StudentSeed.seed(
        secret: getenv("MIGSH_COURSE_SECRET").map { String(cString: $0) } ?? "", exercise: grader.exercise.name,
        student: submission.student)
      guard let report = try? grader.grade(submission, seed: seed ?? own) else {
        try writer.finish()
        return .interrupted
      }
      do { try writer.add(report) } catch {
        Terminal.writeError("migsh: \(output ?? "-"): \(error)\n")
        return .fault
      }
      if report.fault != nil { status = .fault }
      if status == .success, exitMode == .verdict, !report.isPassed { status = .failed }
    }
    try writer.finish()
    return status
  }

  /// - Throws: the system's error for a file that cannot be read. A file that is no text is a submission all the same.
  private func read(_ file: String, for exercise: Lesson) throws -> Submission {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "."
    let name = parts.last ?? ""
    let student = String(name.dropFirst().lastIndex(of: ".").map { name[..<$0] } ?? name)
    var text: Result<SourceText, Diagnostic>
    do { text = .success(try readSource(file)) } catch let mistake as Diagnostic { text = .failure(mistake) }
    return Submission(student: student, text: text, folder: folder, for: exercise)
  }

  private func submissionFiles(_ argument: String) throws -> [String] {
    guard isFolder(argument) else { return [argument] }
    let names = try entries(ofFolder: argument).filter { $0.hasSuffix(".migsh") }
    guard !names.isEmpty else { throw ValidationError("There is no .migsh file in \(argument).") }
    return names.sorted().map { "\(argument)/\($0)" }
  }
}

/// Writes reports as they come: to standard output, or to a file, which it then writes anew each time.
private struct ReportWriter {
  let format: GradeCommand.Format
  let output: String?
  /// Whether there may be several reports: in JSON they are an array, in text they follow one another.
  let isArray: Bool
  private var written: [String] = []

  init(format: GradeCommand.Format, output: String?, isArray: Bool) {
    self.format = format
    self.output = output
    self.isArray = isArray
  }

  mutating func add(_ report: GradeReport) throws {
    let text = format == .json ? report.json.encoded : report.text
    if output == nil { Terminal.write(separator(before: written.count) + text) }
    written.append(text)
    guard let output else { return }
    let whole = written.enumerated().map { separator(before: $0.offset) + $0.element }.joined() + ending
    try writeFile(whole, to: output)
  }

  func finish() throws {
    if output == nil, !written.isEmpty { Terminal.write(ending) }
  }

  private func separator(before index: Int) -> String {
    switch format {
    case .text: index == 0 ? "" : "\n"
    case .json: isArray ? (index == 0 ? "[\n" : ",\n") : ""
    }
  }

  private var ending: String {
    switch format {
    case .text: ""
    case .json: isArray ? "\n]\n" : "\n"
    }
  }
}
