import ArgumentParser
import CommandLanguage
import Course
import Glibc
import LineEditor
import Shell

/// `migsh test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Prove lessons: solutions pass, doing nothing does not, and prose says what is so.")

  @Option(help: "How many seeds each lesson is proved with.")
  var seeds: UInt64 = 20

  @ArgumentParser.Argument(
    help: ArgumentHelp("Lessons, or folders with a course.yaml.", valueName: "file"))
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
      for mistake in isFolder(file) ? try courseMistakes(file, lessons) : [] {
        Terminal.write(mistake + "\n")
        status = .failed
      }
      var taught = try isFolder(file) ? Vocabulary() : vocabulary(before: file, lessons.first, table)
      for lesson in lessons {
        if !prove(lesson, taught) { status = .failed }
        taught?.add(lesson)
      }
      return status
    } catch {
      Terminal.writeError(describe(error, of: file) + "\n")
      return .usage
    }
  }

  /// What is wrong with the order of a course, and what no step of it teaches.
  private func courseMistakes(_ folder: String, _ lessons: [Lesson]) throws -> [String] {
    let mistakes = CourseOutline.mistakes(inOrder: lessons).map { $0.rendered() }
    let statements = "\(folder)/statements.yaml"
    guard access(statements, F_OK) == 0 else { return mistakes }
    var index = try CourseIndex(parsing: try readSource(statements))
    return mistakes + index.enter(lessons)
  }

  /// What the lessons before a lesson of a course teach; nil for one that no course near it lists.
  private func vocabulary(before file: String, _ lesson: Lesson?, _ table: CommandTable) throws -> Vocabulary? {
    guard let lesson, let folder = courseFolder(of: file) else { return nil }
    var taught = Vocabulary()
    for path in try lessonFiles(folder) {
      let other = try Lesson(parsing: try readSource(path), table: table)
      if other.name == lesson.name { return taught }
      taught.add(other)
    }
    return nil
  }

  private func prove(_ lesson: Lesson, _ taught: Vocabulary?) -> Bool {
    var prover = Prover(lesson, taught: taught, isInterrupted: { Interrupt.isRequested })
    let problems = prover.prove(seeds: 1...seeds)
    guard !Interrupt.isRequested else { return true }
    for problem in problems { Terminal.write(problem.text + "\n") }
    let verdict = problems.isEmpty ? "proved" : counted(problems.count, "problem")
    Terminal.write(
      "\(lesson.name): \(counted(lesson.steps.count, "step")), \(counted(seeds, "seed")): \(verdict)\n")
    return problems.isEmpty
  }
}
