import ArgumentParser

/// `migsh course`: what a teacher takes from a course.
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course", abstract: "What a teacher takes from a course.",
    subcommands: [CourseQuestionsCommand.self, CourseTableCommand.self])
}
