import ArgumentParser
import CommandLanguage
import Course
import Glibc
import Shell

/// The files that an argument stands for: the lessons of a course in their order, or the file itself.
func lessonFiles(_ argument: String) throws -> [String] {
  guard isFolder(argument) else { return [argument] }
  return try CourseOutline(folder: argument).lessons.map { "\(argument)/\($0)" }
}

/// The folder of the course to which a lesson's file belongs, beside the file or above it; nil when there is none.
func courseFolder(of file: String) -> String? {
  var folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  if folder.isEmpty { folder = file.hasPrefix("/") ? "/" : "." }
  return [folder, folder + "/.."].first { access($0 + "/course.yaml", R_OK) == 0 }
}

/// Where the course is: the folder that was given, or that `MIGSH_LESSONS` names, or `Lessons` in the checkout of the program
/// or where it was installed.
func findLessons(_ given: String?) -> (library: LessonLibrary, missing: String?) {
  let named = given ?? getenv("MIGSH_LESSONS").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  let folders = named.map { [$0] } ?? standardLessonFolders()
  guard let folder = folders.first(where: { access($0 + "/course.yaml", R_OK) == 0 }) else {
    let remedy = "`--lessons FOLDER` or MIGSH_LESSONS says where the course is"
    return (LessonLibrary(), named.map { "`\($0)` has no course.yaml; \(remedy)" } ?? remedy)
  }
  do throws(LessonLibrary.Mistake) { return (try LessonLibrary(folder: folder), nil) } catch {
    return (LessonLibrary(), "\(error)")
  }
}

/// Folders in which the course may be, the likeliest first.
private func standardLessonFolders() -> [String] {
  guard let path = realpath("/proc/self/exe", nil) else { return [] }
  defer { free(path) }
  var parts = String(cString: path).split(separator: "/").dropLast()
  var folders = ["/" + parts.joined(separator: "/") + "/../share/migsh/Lessons"]
  // A checkout has the program some folders below its top.
  for _ in 0..<6 where !parts.isEmpty {
    folders.append("/" + parts.joined(separator: "/") + "/Lessons")
    parts = parts.dropLast()
  }
  return folders
}

/// A tutor with the course and the learner's progress.
func makeTutor(lessons: String?, seed: UInt64) -> Tutor {
  func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
  let (library, missing) = findLessons(lessons)
  let path = ProgressKeeper.standardPath(stateHome: variable("XDG_STATE_HOME"), home: variable("HOME"))
  return Tutor(library: library, missing: missing, progress: ProgressKeeper(path: path), seed: seed)
}

func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// A message for people about an error with a file.
func describe(_ error: any Error, of file: String) -> String {
  switch error {
  case let error as Diagnostic: error.rendered()
  case let error as ValidationError: "migsh: \(error.message)"
  case let error as CourseOutline.Mistake: "migsh: \(error.description)"
  case let error as ExperimentError: "migsh: \(error)"
  case let error as FileError: "migsh: \(error.path): \(error)"
  default: "migsh: \(file): \(error)"
  }
}
