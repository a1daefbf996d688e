import ArgumentParser
import CommandLanguage
import Course
import Shell

/// `migsh lesson`.
struct LessonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "The tutor: enter a lesson or an exercise, at a terminal or with commands from a file.",
    discussion: """
      For authors: migsh lesson new NAME writes the skeleton of a lesson into NAME.migsh, which migsh test proves as it is; with \
      --exercise that of an exercise.
      For translators: migsh lesson translate NAME CODE writes all texts of a lesson, with room for their translations, into \
      NAME.CODE.yaml beside it; with --update it adds to such a file what is missing.
      """)

  @OptionGroup var options: SessionOptions

  @Flag(help: "List the lessons, and what you have done of them.")
  var list = false

  @Option(help: "The step to begin with; what comes before it is done for you.")
  var step: String?

  @Option(
    help: "The folder of the course, with its course.yaml. By default MIGSH_LESSONS, or the one that came with migsh.")
  var lessons: String?

  @Flag(help: "With new: an exercise, whose steps carry points.")
  var exercise = false

  @Flag(help: "With translate: keep what the file has, and add what is missing.")
  var update = false

  @ArgumentParser.Argument(
    help: "The lesson, by its name or its file. Without it the lessons are listed. Or new, or translate.")
  var name: String?

  @ArgumentParser.Argument(
    help: ArgumentHelp("What new and translate take: a name; a language.", valueName: "what"))
  var others: [String] = []

  func validate() throws {
    let isNew = name == "new"
    let isTranslation = name == "translate"
    guard isNew || isTranslation || others.isEmpty else {
      throw ValidationError("One lesson is entered at a time: \(others[0]) is too much.")
    }
    guard !isNew || others.count == 1 else { throw ValidationError("As in: migsh lesson new my-lesson") }
    guard !isTranslation || others.count == 2 else {
      throw ValidationError("As in: migsh lesson translate why-move fr")
    }
    guard isNew || !exercise else { throw ValidationError("--exercise goes with: migsh lesson new NAME.") }
    guard isTranslation || !update else {
      throw ValidationError("--update goes with: migsh lesson translate NAME CODE.")
    }
    guard step == nil || name != nil && !isNew && !isTranslation else {
      throw ValidationError("--step goes with a lesson.")
    }
  }

  func run() throws {
    if name == "new" { throw ExitCode(LessonAuthoring.writeSkeleton(others[0], isExercise: exercise).rawValue) }
    if name == "translate" {
      throw ExitCode(LessonAuthoring.writeTranslation(of: others[0], into: others[1], isUpdate: update).rawValue)
    }
    var settings = options.settings
    settings.lessons = lessons
    if list {
      var session = Batch(settings).makeSession()
      var tutor = makeTutor(settings)
      tutor.prepare(&session)
      throw ExitCode(tutor.begin(nil, step: nil, in: &session).rawValue)
    }
    let entry = LessonEntry(name: name, step: step)
    let status =
      Terminal.isInput ? Prompt(settings).run(lesson: entry) : Batch(settings).executeStandardInput(lesson: entry)
    throw ExitCode(status.rawValue)
  }
}
