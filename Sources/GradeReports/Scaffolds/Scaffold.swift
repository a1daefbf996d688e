import Course
import Glibc
import Shell

/// A course platform for which the files can be written that a teacher copies there.
public enum Scaffold: String, Sendable, CaseIterable {
  case gradescope
  case classroom50
  case github
  case autolab
  case moodle

  /// A file of a scaffold.
  public struct File: Sendable, Equatable {
    /// Where it goes, in the folder of the scaffold.
    public let path: String
    /// What is in it.
    public let text: String
    /// Whether it is a program.
    public let isExecutable: Bool

    init(_ path: String, _ text: String, isExecutable: Bool = false) {
      self.path = path
      self.text = text
      self.isExecutable = isExecutable
    }
  }

  /// The platform, in a line of help.
  public var help: String {
    switch self {
    case .gradescope: "an autograder for Gradescope: setup.sh, run_autograder"
    case .classroom50: "an autograder for Classroom 50: autograder.py and what it needs beside it"
    case .github: "a workflow for GitHub that shows the result with the autograding reporter"
    case .autolab: "an autograder for Autolab: autograde-Makefile, and a Makefile that makes autograde.tar"
    case .moodle: "files of an activity of Moodle's Virtual Programming Lab: vpl_run.sh, vpl_evaluate.sh"
    }
  }

  /// The files for an exercise. None of them holds the course's secret: each script takes it from the environment variable
  /// MIGSH_COURSE_SECRET, or from a file beside it where the platform hides that from students.
  public func files(for exercise: Lesson) -> [File] {
    let files =
      switch self {
      case .gradescope: Self.gradescopeFiles
      case .classroom50: Self.classroom50Files(points: exercise.points)
      case .github: Self.githubFiles
      case .autolab: Self.autolabFiles
      case .moodle: Self.moodleFiles
      }
    return files + [
      File(exerciseFolder + "exercise.migsh", exercise.source.text), File("README.md", readMe(for: exercise)),
    ]
  }

  /// Where the exercise lies, in the folder of the scaffold.
  private var exerciseFolder: String {
    switch self {
    case .gradescope, .classroom50, .moodle: ""
    case .github: ".github/classroom/"
    case .autolab: "autograde/"
    }
  }

  /// Writes files below a folder, which is made when there is none.
  ///
  /// - Throws: an error when one of the files is there already, or when the folder has scripts of others, as that of a class
  ///   has; then nothing is written.
  public static func write(_ files: [File], to folder: String) throws(ReportError) {
    let own = files.map(\.path)
    let scripts = ((try? entries(ofFolder: folder)) ?? []).filter { $0.hasSuffix(".migsh") && !own.contains($0) }
    if let script = scripts.min() {
      throw ReportError(
        "\(folder) has a script in it, \(script), and nothing was written: it looks like the folder of a class",
        remedy: "choose a new folder for the files of the platform")
    }
    for file in files {
      var status = stat()
      guard lstat("\(folder)/\(file.path)", &status) != 0 else {
        throw ReportError(
          "\(folder)/\(file.path) is there already, and nothing was written",
          remedy: "choose a new folder, or move what is there out of the way")
      }
    }
    for file in files { try write(file, to: folder) }
  }

  private static func write(_ file: File, to folder: String) throws(ReportError) {
    let path = "\(folder)/\(file.path)"
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      end = slash
      mkdir(String(path[..<end]), 0o777)
    }
    // Another program may have made the file by now: it is not overwritten either.
    do throws(FileError) {
      try writeNewFile(file.text, to: path, isExecutable: file.isExecutable)
    } catch {
      throw ReportError("\(path) cannot be written: \(error)", remedy: "choose another folder")
    }
  }
}
