import CommandLanguage
import Shell
import Yams

/// The order of a course, from the file `course.yaml` in its folder:
///
///     title: Process migration
///     lessons:
///       - total-freezing.migsh
///       - exercises/move-it.migsh
public struct CourseOutline: Sendable, Decodable {
  /// What the course is called.
  public let title: String
  /// The files of lessons and exercises, in the order of the course, as paths below the folder.
  public let lessons: [String]

  /// Why an outline cannot be read, in words that are safe to show on a terminal.
  public struct Mistake: Error, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String

    init(_ text: String) {
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
    do {
      self = try YAMLDecoder().decode(CourseOutline.self, from: source.text)
    } catch let error as DecodingError {
      throw Mistake("\(source.name): \(Self.text(error))")
    } catch {
      throw Mistake("\(source.name): \(error)")
    }
    var known: Set<String> = []
    for lesson in lessons where !known.insert(lesson).inserted {
      throw Mistake("\(source.name): `\(lesson)` is listed twice")
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

  private static func text(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "`\(key.stringValue)` is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` is not what it should be"
    case .dataCorrupted(let context): context.underlyingError.map { "\($0)" } ?? context.debugDescription
    @unknown default: "\(error)"
    }
  }
}
