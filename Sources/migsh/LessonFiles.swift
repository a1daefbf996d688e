import ArgumentParser
import CommandLanguage
import Course
import Glibc
import Shell

/// The files that an argument stands for: the lessons of a course in their order, or the file itself.
func lessonFiles(_ argument: String) throws -> [String] {
  guard isFolder(argument) else { return [LessonLibrary.file(argument)] }
  return try CourseOutline(folder: argument).lessons.map { "\(argument)/\($0)" }
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
