import ArgumentParser
import CommandLanguage
import Course
import CourseSite
import LineEditor
import Shell

/// `migsh lesson`.
struct LessonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "The tutor: enter a lesson or an exercise, at a terminal or with commands from a file.")

  @OptionGroup var options: SessionOptions

  @Flag(help: "List the lessons, and what you have done of them.")
  var list = false

  @Option(help: "The step to begin with; what comes before it is done for you.")
  var step: String?

  @Option(
    help: "The folder of the course, with its course.yaml. By default MIGSH_LESSONS, or the one that came with migsh.")
  var lessons: String?

  @Option(
    help: ArgumentHelp(
      "Write the lesson as a page (.html) or as Markdown (.md), with what its solutions show, and leave.",
      valueName: "file"), completion: .file())
  var export: String?

  @ArgumentParser.Argument(help: "The lesson, by its name or its file. Without it the lessons are listed.")
  var name: String?

  func validate() throws {
    guard name != nil || step == nil else { throw ValidationError("--step goes with a lesson.") }
    guard name != nil || export == nil else { throw ValidationError("--export goes with a lesson.") }
    guard let export, !export.hasSuffix(".html"), !export.hasSuffix(".md") else { return }
    throw ValidationError("--export takes a file whose name ends in .html or .md.")
  }

  func run() throws {
    var settings = options.settings
    settings.lessons = lessons
    if list {
      var session = Batch(settings).makeSession()
      var tutor = makeTutor(lessons: lessons, seed: options.seed)
      tutor.prepare(&session)
      throw ExitCode(tutor.begin(nil, step: nil, in: &session).rawValue)
    }
    if let name, let export { return try write(name, to: export) }
    let entry = LessonEntry(name: name, step: step)
    let status =
      Terminal.isInput ? Prompt(settings).run(lesson: entry) : Batch(settings).executeStandardInput(lesson: entry)
    throw ExitCode(status.rawValue)
  }

  /// Plays a lesson, and writes it to a file.
  private func write(_ name: String, to file: String) throws {
    Interrupt.install()
    do {
      let lesson = try findLesson(name, lessons: lessons)
      let played = try lesson.recorded(isInterrupted: { Interrupt.isRequested })
      try CourseSite.write(try CourseSite.text(of: played, forFile: file), toFile: file)
      Terminal.write("wrote \(file)\n")
    } catch {
      Terminal.writeError(describe(error, of: name) + "\n")
      throw ExitCode((error as? PlayedLesson.Failure)?.status.rawValue ?? ScriptStatus.usage.rawValue)
    }
  }
}
