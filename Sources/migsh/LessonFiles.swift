import ArgumentParser
import CommandLanguage
import Course
import CourseSite
import Glibc
import GradeReports
import Grading
import LineEditor
import Shell

/// The files that an argument stands for: the lessons of a course in their order, or the file itself.
func lessonFiles(_ argument: String) throws -> [String] {
  guard isFolder(argument) else { return [InstalledLessons.file(argument)] }
  return try CourseOutline(folder: argument).lessons.map { "\(argument)/\($0)" }
}

/// The lesson or exercise that an argument names: by its name, or by its file.
func parseLesson(_ argument: String) throws -> Lesson {
  let file = InstalledLessons.file(argument)
  if isFolder(file) {
    throw ValidationError("\(argument) is a folder, and a lesson or exercise is expected here: it comes first")
  }
  if access(file, F_OK) != 0, !argument.contains("/") {
    let near = closest(to: argument, among: InstalledLessons.names).map { ": did you mean `\($0)`?" } ?? ";"
    throw ValidationError(
      "there is no lesson or exercise `\(argument)`\(near) `migsh lesson` lists them, and a file is named with its ending"
    )
  }
  let lesson = try Lesson(parsing: try readSource(file), table: Session { _ in }.table)
  guard lesson.release == nil else {
    throw ValidationError("\(argument) is what a student was given: nobody can be graded with it.")
  }
  return lesson
}

/// The folder of the course to which a lesson's file belongs, beside the file or above it; nil when there is none.
func courseFolder(of file: String) -> String? {
  var folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  if folder.isEmpty { folder = file.hasPrefix("/") ? "/" : "." }
  return [folder, folder + "/.."].first { access($0 + "/course.yaml", R_OK) == 0 }
}

/// The lessons of the folder that was given, or else of those that have names; and what is wrong when there are none.
private func findLessons(_ given: String?) -> (library: LessonLibrary, missing: String?) {
  let remedy = "`--lessons FOLDER` or MIGSH_LESSONS says where the course is"
  guard let folder = given ?? InstalledLessons.folder else { return (LessonLibrary(), remedy) }
  guard access(folder + "/course.yaml", R_OK) == 0 else {
    return (LessonLibrary(), "`\(folder)` has no course.yaml; \(remedy)")
  }
  do throws(LessonLibrary.Mistake) { return (try LessonLibrary(folder: folder), nil) } catch {
    return (LessonLibrary(), "\(error)")
  }
}

/// The lesson of that name in a course, or in that file.
func findLesson(_ name: String, lessons: String?) throws -> Lesson {
  let (library, missing) = findLessons(lessons)
  if let missing, library.entries.isEmpty, !name.contains("/"), !name.hasSuffix(".migsh") {
    throw ValidationError("there is no lesson `\(name)` here: \(missing)")
  }
  return try library.lesson(named: name, table: Session { _ in }.table).lesson
}

/// A tutor with the course and the learner's progress.
func makeTutor(_ settings: BatchSettings) -> Tutor {
  var (library, missing) = findLessons(settings.lessons)
  library.language = settings.language
  let progress = ProgressKeeper(path: StateFolder.path(of: "progress"))
  var tutor = Tutor(library: library, missing: missing, progress: progress, seed: settings.seed)
  tutor.courseSecret = CourseSecret.value
  return tutor
}

/// A message for people about an error with a file.
func describe(_ error: any Error, of file: String) -> String {
  switch error {
  case let error as Diagnostic: error.rendered()
  case let error as ReportError: "migsh: \(error)"
  case let error as Roster.Mistake: "migsh: \(error)"
  case let error as ValidationError: "migsh: \(error.message)"
  case let error as CourseOutline.Mistake: "migsh: \(error.description)"
  case let error as LessonLibrary.Mistake: "migsh: \(error.description)"
  case let error as PlayedLesson.Failure: error.description
  case let error as SiteError: error.description
  case let error as ExperimentError: "migsh: \(error)"
  case let error as FileError: "migsh: \(error.path): \(error)"
  default: "migsh: \(file): \(error)"
  }
}
