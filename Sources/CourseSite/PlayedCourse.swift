import CommandLanguage
import Course
import Shell

/// Why pages cannot be made or written, in words for people.
package struct SiteError: Error, CustomStringConvertible {
  package let description: String
  package let status: ScriptStatus

  init(_ description: String, _ status: ScriptStatus = .usage) {
    self.description = description
    self.status = status
  }
}

/// A course whose lessons have all been played: what its pages are made of.
package struct PlayedCourse: Sendable {
  package let title: String
  /// In the order of the course.
  package let lessons: [PlayedLesson]
  /// What it teaches, and in which steps; empty where the course does not say.
  package let statements: [CourseIndex.Entry]
  /// In the order of their file.
  package let handouts: [PlayedHandout]
  /// The names of the lessons that lie in a folder of their own, such as `exercises`: they belong to the lesson before them.
  let underLessons: Set<String>
  /// The titles of all lessons by their names, of those too that have not been played.
  let titles: [String: String]

  func isUnderLesson(_ lesson: PlayedLesson) -> Bool { underLessons.contains(lesson.name) }
}

/// A course as it lies in a folder, before anything is played.
package struct CourseSource: Sendable {
  package let title: String
  package let lessons: [Lesson]
  private let underLessons: Set<String>
  private let statements: [CourseIndex.Entry]
  /// The handouts; none where the course has no `handouts.yaml`.
  package let handouts: [Handout]

  /// Reads and checks all of it.
  package init(folder: String) throws(SiteError) {
    do {
      let outline = try CourseOutline(folder: folder)
      let table = Session { _ in }.table
      lessons = try outline.lessons.map { try Lesson(parsing: try readSource("\(folder)/\($0)"), table: table) }
      let mistakes = CourseOutline.mistakes(inOrder: lessons)
      if let first = mistakes.first { throw first }
      title = outline.title
      underLessons = Set(zip(outline.lessons, lessons).filter { $0.0.contains("/") }.map(\.1.name))
      var index: CourseIndex?
      if Files.exists("\(folder)/statements.yaml") {
        index = try CourseIndex(parsing: try readSource("\(folder)/statements.yaml"))
        _ = index?.enter(lessons)
      }
      statements = index?.entries ?? []
      handouts = try HandoutBook.handouts(inFolder: folder, for: lessons)
    } catch let error as Diagnostic {
      throw SiteError(error.rendered())
    } catch let error as CourseOutline.Mistake {
      throw SiteError("migsh: \(error.description)")
    } catch {
      throw SiteError(
        "migsh: the course in `\(printable(folder))` cannot be read: \(error)\n"
          + "  `--lessons FOLDER` names a folder with a course.yaml")
    }
  }

  /// The course with what its lessons and handouts showed when they were played, each in its place.
  package func played(_ lessons: [PlayedLesson], _ handouts: [PlayedHandout]) -> PlayedCourse {
    PlayedCourse(
      title: title, lessons: lessons, statements: statements, handouts: handouts, underLessons: underLessons,
      titles: Dictionary(self.lessons.map { ($0.name, $0.title) }) { first, _ in first })
  }

  /// Plays everything, one thing after the other.
  package func play(isInterrupted: @escaping () -> Bool = { false }) throws -> PlayedCourse {
    played(
      try lessons.map { try $0.recorded(isInterrupted: isInterrupted) },
      try handouts.map { try $0.played(isInterrupted: isInterrupted) })
  }
}
