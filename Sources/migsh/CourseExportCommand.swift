import ArgumentParser
import Course
import CourseSite
import Glibc
import LineEditor
import Shell
import Synchronization

/// `migsh course export`.
struct CourseExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Play the course with its solutions, and write it as pages.",
    discussion: """
      Nothing is deleted, and no file is replaced that migsh has not made. What a command shows on a page is what the engine \
      prints now.
      """)

  @Option(
    help: "html for a site with search, handouts and slides; markdown, handouts (A4) or slides for these alone.")
  var format: CourseSite.Format = .html

  @OptionGroup var course: CourseFolder

  @ArgumentParser.Argument(
    help: ArgumentHelp("The folder for the pages. It is made when there is none.", valueName: "folder"))
  var folder: String

  func run() throws {
    Interrupt.install()
    do {
      let course = try play(try CourseSource(folder: try course.path()))
      if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
      let pages = try CourseSite.pages(of: course, as: format)
      try CourseSite.write(pages, to: folder)
      Terminal.write("wrote \(counted(pages.count, "file")) to \(folder)\n")
    } catch let error as SiteError {
      Terminal.writeError(error.description + "\n")
      throw ExitCode(error.status.rawValue)
    } catch let error as PlayedLesson.Failure {
      Terminal.writeError(error.description + "\n")
      throw ExitCode(error.status.rawValue)
    }
  }

  /// Plays what the format needs, on all cores.
  private func play(_ source: CourseSource) throws -> PlayedCourse {
    let lessons = format == .handouts ? [] : source.lessons
    let handouts = format == .markdown ? [] : source.handouts
    return source.played(
      try inParallel(lessons) { (lesson) throws(PlayedLesson.Failure) in
        try lesson.recorded(isInterrupted: { Interrupt.isRequested })
      },
      try inParallel(handouts) { (handout) throws(PlayedLesson.Failure) in
        try handout.played(isInterrupted: { Interrupt.isRequested })
      })
  }

  /// Does something with each of several things, and gives the results in their order; or throws the first failure in that order.
  private func inParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) throws(PlayedLesson.Failure) -> Result
  ) throws -> [Result] {
    let outcomes = Mutex<[Int: Swift.Result<Result, PlayedLesson.Failure>]>([:])
    shareWork(on: items, jobs: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) { place, item in
      let outcome: Swift.Result<Result, PlayedLesson.Failure>
      do throws(PlayedLesson.Failure) { outcome = .success(try body(item)) } catch { outcome = .failure(error) }
      outcomes.withLock { $0[place] = outcome }
    }
    if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
    let all = outcomes.withLock(\.self)
    return try items.indices.compactMap { try all[$0]?.get() }
  }
}

extension CourseSite.Format: ExpressibleByArgument {}
