import CommandLanguage
import Shell

/// The order of a course, from the file `course.yaml` in its folder:
///
///     title: Process migration
///     lessons:
///       - total-freezing.migsh
///       - exercises/move-it.migsh
public struct CourseOutline: Sendable {
  /// What the course is called.
  public let title: String
  /// The files of lessons and exercises, in the order of the course, as paths below the folder.
  public let lessons: [String]

  /// Why an outline cannot be read, in words that are safe to show on a terminal.
  public struct Mistake: Error, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String

    package init(_ text: String) {
      description = text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
        .joined(separator: "\n")
    }
  }

  /// Reads the outline of the course in a folder.
  ///
  /// - Throws: a `Mistake`; a `Diagnostic` when the file is no text; the system's error when it cannot be read.
  public init(folder: String) throws { try self.init(parsing: try readSource(folder + "/course.yaml")) }

  /// - Parameter source: the text of the file.
  public init(parsing source: SourceText) throws(Mistake) {
    func refusal(_ text: String) -> Mistake { Mistake("\(source.name): \(text)") }
    let members = try Self.members(of: source)
    func member(_ name: String) throws(Mistake) -> YAML {
      guard let member = members.first(where: { $0.name == name }) else { throw refusal("`\(name)` is missing") }
      return member.value
    }
    guard case .text(let title) = try member("title") else { throw refusal("`title` is not a text") }
    guard case .list(let entries) = try member("lessons") else { throw refusal("`lessons` is not a list of files") }
    var lessons: [String] = []
    for entry in entries {
      guard case .text(let file) = entry else { throw refusal("`lessons` is not a list of files") }
      lessons.append(file)
    }
    (self.title, self.lessons) = (title, lessons)
    var known: Set<String> = []
    for lesson in lessons where !known.insert(lesson).inserted {
      throw Mistake("\(source.name): `\(lesson)` is listed twice")
    }
  }

  /// The named values of a file; none when it has others.
  package static func members(of source: SourceText) throws(Mistake) -> [YAML.Member] {
    do throws(YAML.Mistake) {
      if case .members(let members)? = try YAML.document(in: source.text) { return members }
      return []
    } catch {
      throw Mistake("\(source.name):\(error.line):\(error.column): \(error.message)")
    }
  }

  /// Mistakes in the order of lessons: two have one name, or a lesson needs another that does not come before it.
  public static func mistakes(inOrder lessons: [Lesson]) -> [Diagnostic] {
    lessons.enumerated().flatMap { index, lesson in
      let earlier = lessons[..<index].map(\.name)
      let double = earlier.contains(lesson.name) ? ["there is a lesson `\(lesson.name)` already"] : []
      let missing = lesson.needs.filter { !earlier.contains($0) }.map {
        "`\(lesson.name)` needs `\($0)`, and no lesson before it has that name"
      }
      return (double + missing).map { lesson.source.diagnostic(at: lesson.span, $0) }
    }
  }
}
