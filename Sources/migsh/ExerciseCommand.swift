import ArgumentParser
import CommandLanguage
import Course
import Glibc
import Shell

/// `migsh exercise`.
struct ExerciseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exercise", abstract: "Take an exercise as it is graded, or write what students may have of one.",
    discussion: """
      For students: `migsh exercise list` shows the exercises, and what you have earned. `migsh exercise start NAME` takes one \
      at a terminal or with commands from a file, by its name or by the file that a teacher gave you, such as \
      move-it.exercise. With --student all numbers are those that `migsh grade` gives that student, else those of --seed. \
      `check`, `hint`, `next`, `back`, `again`, `hand-in FILE` and `leave` are for there; what is typed is kept.
      For teachers: `migsh exercise release NAME` writes NAME.md and NAME.txt, with goal, tasks, checks that may be seen, and \
      limits, and NAME.migsh to fill in. No solution is in them, no hidden check and no explanation. With --student all numbers \
      are that student's own, as for `migsh grade`, and there is NAME.exercise, too, to practise with: it has set-ups and \
      the checks that may be seen, and other values for what is secret. A file that is there already is never replaced.
      Exit status of release: 0 all well; 2 usage, or a lesson that is no exercise; 4 a file could not be written.
      """)

  enum Action: String, ExpressibleByArgument, CaseIterable {
    case list, start, release
  }

  @OptionGroup var options: SessionOptions

  @Option(help: ArgumentHelp("Whose numbers are put in.", valueName: "id"))
  var student: String?

  @Option(help: "With start: the step to begin with; what you typed before it is done again.")
  var step: String?

  @OptionGroup var course: CourseFolder

  @Flag(help: "With release: the hints, too, from the vaguest to the plainest.")
  var hints = false

  @Option(help: ArgumentHelp("With release: the folder to write to.", valueName: "folder"), completion: .directory)
  var output = "."

  @ArgumentParser.Argument(help: "What to do.")
  var action: Action

  @ArgumentParser.Argument(help: "The exercise, by its name or its file.", completion: .scripts)
  var exercise: String?

  func validate() throws {
    guard (exercise == nil) == (action == .list) else {
      throw ValidationError(
        action == .list ? "All exercises are listed." : "As in: migsh exercise \(action.rawValue) move-it")
    }
    guard step == nil || action == .start else { throw ValidationError("--step goes with start.") }
    guard action == .release || !hints && output == "." else {
      throw ValidationError("--hints and --output go with release.")
    }
  }

  func run() throws {
    var settings = options.settings
    settings.lessons = course.lessons
    switch action {
    case .list:
      var session = Batch(settings).makeSession()
      var tutor = makeTutor(settings)
      tutor.prepare(&session)
      throw ExitCode(tutor.begin(.exercises, in: &session).rawValue)
    case .start:
      let request = TutorLink.Request.startExercise(exercise ?? "", step: step, student: student)
      throw ExitCode(Batch(settings).teach(request).rawValue)
    case .release: try release(exercise ?? "")
    }
  }

  private func release(_ exercise: String) throws {
    let files: [(path: String, text: String)]
    do {
      let lesson = try parseLesson(exercise)
      let student = student.map(normalised)
      let seed = student.map {
        StudentSeed.seed(secret: CourseSecret.read(for: lesson), exercise: lesson.name, student: $0)
      }
      let practiceSeed = student.map {
        StudentSeed.seed(secret: CourseSecret.value, exercise: "to practise \(lesson.name)", student: $0)
      }
      let release = try ExerciseRelease(
        lesson, for: student.flatMap { id in seed.map { (id, $0) } }, practiceSeed: practiceSeed ?? 0, showsHints: hints
      )
      let base = (output.hasSuffix("/") ? output : output + "/") + lesson.name
      files =
        [(base + ".md", release.markdown), (base + ".txt", release.text), (base + ".migsh", release.skeleton)]
        + (release.practice.map { [(base + ".exercise", $0)] } ?? [])
      if let taken = files.first(where: { access($0.path, F_OK) == 0 }) {
        throw ValidationError("\(taken.path) is there already, and is not replaced.")
      }
    } catch {
      Terminal.writeError(describe(error, of: exercise) + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    do {
      if mkdir(output, 0o777) != 0, errno != EEXIST { throw FileError(path: output, code: errno) }
      for (path, text) in files {
        try writeNewFile(text, to: path)
        Terminal.write("wrote \(path)\n")
      }
    } catch let error as FileError {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    }
  }
}

/// What nobody but the teacher knows, and from which everybody's numbers follow.
enum CourseSecret {
  /// Empty when there is none.
  static var value: String { getenv("MIGSH_COURSE_SECRET").map { String(cString: $0) } ?? "" }

  /// Warns when there is none, and the exercise has numbers of everybody's own.
  static func read(for lesson: Lesson) -> String {
    let secret = value
    if secret.isEmpty, !lesson.parameters.isEmpty {
      Terminal.writeError(
        "migsh: MIGSH_COURSE_SECRET is not set, so every student can work out everybody's numbers\n")
    }
    return secret
  }
}
