import ArgumentParser
import CommandLanguage
import Course
import LineEditor
import Shell

/// `migsh test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Prove lessons: solutions pass, doing nothing does not, and prose says what is so.")

  @Option(help: "How many seeds each lesson is proved with.")
  var seeds: UInt64 = 20

  @ArgumentParser.Argument(
    help: ArgumentHelp("Lessons, or folders with a course.yaml.", valueName: "file"), completion: .scripts)
  var files: [String]

  func validate() throws {
    guard (1...1_000_000).contains(seeds) else { throw ValidationError("--seeds takes a number from 1 to 1000000.") }
  }

  func run() throws {
    Interrupt.install()
    var status = ScriptStatus.success
    for file in files {
      let one = test(file)
      if status == .success { status = one }
      if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
    }
    throw ExitCode(status.rawValue)
  }

  private func test(_ file: String) -> ScriptStatus {
    var status = ScriptStatus.success
    do {
      let table = Session { _ in }.table
      let lessons = try lessonFiles(file).map { try Lesson(parsing: try readSource($0), table: table) }
      for mistake in isFolder(file) ? CourseOutline.mistakes(inOrder: lessons) : [] {
        Terminal.write(mistake.rendered() + "\n")
        status = .failed
      }
      for lesson in lessons where !prove(lesson) { status = .failed }
      return status
    } catch {
      Terminal.writeError(describe(error, of: file) + "\n")
      return .usage
    }
  }

  private func prove(_ lesson: Lesson) -> Bool {
    var prover = Prover(lesson, isInterrupted: { Interrupt.isRequested })
    let problems = prover.prove(seeds: 1...seeds)
    guard !Interrupt.isRequested else { return true }
    for problem in problems { Terminal.write(problem.text + "\n") }
    let verdict = problems.isEmpty ? "proved" : counted(problems.count, "problem")
    Terminal.write(
      "\(lesson.name): \(counted(lesson.steps.count, "step")), \(counted(seeds, "seed")): \(verdict)\n")
    return problems.isEmpty
  }
}
