import ArgumentParser
import Course
import Glibc
import QuestionBank
import Shell

/// `migsh course`: what a teacher takes from a course.
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course", abstract: "What a teacher takes from a course: a site, papers, questions, tables.",
    subcommands: [CourseExportCommand.self, CourseQuestionsCommand.self, CourseTableCommand.self])
}

/// A folder with a course, as an option.
struct CourseFolder: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of the course, with its course.yaml. By default MIGSH_LESSONS, or the one that came with migsh.",
      valueName: "folder"), completion: .directory)
  var lessons: String?

  func path() throws -> String {
    guard let folder = lessons ?? InstalledLessons.folder else {
      throw ValidationError("There is no course here: --lessons or MIGSH_LESSONS says where one is.")
    }
    return folder
  }

  /// The lessons and exercises in a folder, in their order.
  static func lessons(in folder: String) throws -> [Lesson] {
    let table = Session { _ in }.table
    return try lessonFiles(folder).map { try Lesson(parsing: try readSource($0), table: table) }
  }

  /// The concept inventory of a course; nil when it has none.
  static func inventory(in folder: String) throws -> Inventory? {
    let path = Inventory.path(inCourse: folder)
    guard access(path, F_OK) == 0 else { return nil }
    return try Inventory(parsing: try readSource(path), table: Session { _ in }.table)
  }
}
