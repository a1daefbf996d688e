import ArgumentParser
import CommandLanguage
import Course
import Glibc
import Shell

/// `migsh exercise`.
struct ExerciseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exercise", abstract: "Write what students may have of an exercise.",
    discussion: """
      `migsh exercise release NAME` writes NAME.md and NAME.txt, with goal, tasks, checks that may be seen, and limits, and \
      NAME.migsh to fill in. No solution is in them, no hidden check and no explanation. With --student all numbers are \
      that student's own, as for `migsh grade`. A file that is there already is never replaced.
      Exit status: 0 all well; 2 usage, or a lesson that is no exercise; 4 a file could not be written.
      """)

  enum Action: String, ExpressibleByArgument, CaseIterable {
    case release
  }

  @Option(help: ArgumentHelp("For whom: whose numbers are put in.", valueName: "id"))
  var student: String?

  @Flag(help: "With the hints, from the vaguest to the plainest.")
  var hints = false

  @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"), completion: .directory)
  var output = "."

  @ArgumentParser.Argument(help: "What to do.")
  var action: Action

  @ArgumentParser.Argument(help: "The exercise, by its name or its file.", completion: .scripts)
  var exercise: String

  func run() throws {
    switch action {
    case .release: try release()
    }
  }

  private func release() throws {
    let files: [(path: String, text: String)]
    do {
      let lesson = try parseLesson(exercise)
      let release = try ExerciseRelease(
        lesson, for: student.map { (id: $0, seed: seed(of: $0, lesson)) }, showsHints: hints)
      let base = (output.hasSuffix("/") ? output : output + "/") + lesson.name
      files = [(base + ".md", release.markdown), (base + ".txt", release.text), (base + ".migsh", release.skeleton)]
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

  private func seed(of student: String, _ lesson: Lesson) -> UInt64 {
    StudentSeed.seed(secret: CourseSecret.read(for: lesson), exercise: lesson.name, student: student)
  }
}

/// What nobody but the teacher knows, and from which everybody's numbers follow.
enum CourseSecret {
  /// Warns when there is none, and the exercise has numbers of everybody's own.
  static func read(for lesson: Lesson) -> String {
    let secret = getenv("MIGSH_COURSE_SECRET").map { String(cString: $0) } ?? ""
    if secret.isEmpty, !lesson.parameters.isEmpty {
      Terminal.writeError(
        "migsh: MIGSH_COURSE_SECRET is not set, so every student can work out everybody's numbers\n")
    }
    return secret
  }
}
