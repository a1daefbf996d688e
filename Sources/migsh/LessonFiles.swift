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

func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names of what is in a folder, in no order.
func entries(ofFolder path: String) throws(FileError) -> [String] {
  guard let folder = opendir(path) else { throw FileError(path: path, code: errno) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
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
