import ArgumentParser

/// `migsh course`: what a teacher takes from a course.
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course", abstract: "What a teacher takes from a course: a site, papers, questions, tables.",
    subcommands: [CourseExportCommand.self, CourseQuestionsCommand.self, CourseTableCommand.self])
}
