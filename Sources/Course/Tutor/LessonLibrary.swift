import CommandLanguage
import Shell

/// The lessons of a course, as they lie in a folder.
public struct LessonLibrary: Sendable {
  /// Why a lesson cannot be had, in words for people.
  public struct Mistake: Error, CustomStringConvertible {
    /// What is wrong, and what can be done.
    public let description: String
  }

  /// A lesson of the course.
  public struct Entry: Sendable {
    /// Its name: that of its file.
    public let name: String
    /// Where it lies.
    public let path: String
  }

  /// The lessons and exercises, in the order of the course.
  public let entries: [Entry]
  /// The language in which lessons are shown, as far as they are translated; nil for the one in which they were written.
  public var language: WantedLanguage?

  /// - Parameter folder: a folder with a `course.yaml`.
  public init(folder: String) throws(Mistake) {
    do {
      entries = try CourseOutline(folder: folder).lessons.map {
        Entry(name: Self.name(ofFile: $0), path: "\(folder)/\($0)")
      }
    } catch let mistake as CourseOutline.Mistake {
      throw Mistake(description: mistake.description)
    } catch let mistake as Diagnostic {
      throw Mistake(description: mistake.rendered())
    } catch {
      throw Mistake(description: "`\(folder)` has no course.yaml: \(error)")
    }
  }

  /// A library without lessons: those that are named by their files can be entered all the same.
  public init() { entries = [] }

  static func name(ofFile path: String) -> String {
    (path.split(separator: "/").last.map(String.init) ?? path).replacing(".migsh", with: "")
  }

  /// The lesson of that name, or in that file; and what has to be said of its language.
  package func lesson(named name: String, table: CommandTable) throws(Mistake) -> (lesson: Lesson, notice: String?) {
    if let entry = entries.first(where: { $0.name == name }) { return try lesson(at: entry.path, table) }
    if name.contains("/") || name.hasSuffix(".migsh") || name.hasSuffix(".exercise") {
      // A file of the course keeps its name there, however it is reached.
      return try lesson(at: name, table)
    }
    let suggestion = closest(to: name, among: entries.map(\.name)).map { "\n  did you mean `\($0)`?" } ?? ""
    throw Mistake(
      description: "there is no lesson `\(name)`\(suggestion)\n  `lesson list` shows those of the course")
  }

  func lesson(_ entry: Entry, table: CommandTable) throws(Mistake) -> (lesson: Lesson, notice: String?) {
    try lesson(at: entry.path, table)
  }

  private func lesson(at path: String, _ table: CommandTable) throws(Mistake) -> (lesson: Lesson, notice: String?) {
    do {
      let lesson = try Lesson(parsing: try readSource(path), table: table)
      return lesson.inLanguage(language, path: path, table: table)
    } catch let mistake as Diagnostic {
      throw Mistake(description: mistake.rendered())
    } catch {
      throw Mistake(description: "`\(path)` cannot be read: \(error)")
    }
  }

  /// The name of the lesson that follows another in the course.
  func name(after name: String) -> String? {
    guard let index = entries.firstIndex(where: { $0.name == name }) else { return nil }
    return entries.indices.contains(index + 1) ? entries[index + 1].name : nil
  }
}
