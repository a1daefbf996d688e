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

  @OptionGroup var course: CourseFolder

  @Option(
    help: ArgumentHelp(
      "Write the lesson as a page (.html) or as Markdown (.md), with what its solutions show, and leave.",
      valueName: "file"), completion: .file())
  var export: String?

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
    guard name != nil && !isNew && !isTranslation || export == nil else {
      throw ValidationError("--export goes with a lesson.")
    }
    if let export, !export.hasSuffix(".html"), !export.hasSuffix(".md") {
      throw ValidationError("--export takes a file whose name ends in .html or .md.")
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
    settings.lessons = course.lessons
    if list {
      var session = Batch(settings).makeSession()
      var tutor = makeTutor(settings)
      tutor.prepare(&session)
      throw ExitCode(tutor.begin(nil, step: nil, in: &session).rawValue)
    }
    if let name, let export { return try write(name, to: export) }
    throw ExitCode(Batch(settings).teach(name == nil ? .show : .start(lesson: name, step: step)).rawValue)
  }

  /// Plays a lesson, and writes it to a file.
  private func write(_ name: String, to file: String) throws {
    Interrupt.install()
    do {
      let lesson = try findLesson(name, lessons: course.lessons)
      let played = try lesson.recorded(isInterrupted: { Interrupt.isRequested })
      try CourseSite.write(try CourseSite.text(of: played, forFile: file), toFile: file)
      Terminal.write("wrote \(file)\n")
    } catch {
      Terminal.writeError(describe(error, of: name) + "\n")
      throw ExitCode((error as? PlayedLesson.Failure)?.status.rawValue ?? ScriptStatus.usage.rawValue)
    }
  }
}
