import ArgumentParser
import CommandLanguage
import Course
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

  @ArgumentParser.Argument(help: "The lesson, by its name or its file. Without it the lessons are listed.")
  var name: String?

  func validate() throws {
    guard name != nil || step == nil else { throw ValidationError("--step goes with a lesson.") }
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
    let entry = LessonEntry(name: name, step: step)
    let status =
      Terminal.isInput ? Prompt(settings).run(lesson: entry) : Batch(settings).executeStandardInput(lesson: entry)
    throw ExitCode(status.rawValue)
  }
}
