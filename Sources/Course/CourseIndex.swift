import CommandLanguage
import Shell

/// What a course teaches, from the file `statements.yaml` in its folder, and in which steps:
///
///     statements:
///       1: A process can move to another node.
///
/// A step names the numbers of what it teaches with `@covers`.
public struct CourseIndex: Sendable {
  /// A statement, and the steps that teach it.
  public struct Entry: Sendable, Equatable {
    /// As the course counts it.
    public let number: Int
    /// What it says.
    public let text: String
    /// The steps that teach it, such as `pretransfer/move`, in the order of the course.
    public var steps: [String] = []
  }

  /// In the order of the file.
  public private(set) var entries: [Entry] = []
  private let name: String

  /// - Parameter source: the text of the file.
  public init(parsing source: SourceText) throws(CourseOutline.Mistake) {
    name = source.name
    func refusal(_ text: String) -> CourseOutline.Mistake { CourseOutline.Mistake("\(source.name): \(text)") }
    let members = try CourseOutline.members(of: source)
    guard members.count == 1, members[0].name == "statements", case .members(let statements) = members[0].value else {
      throw refusal("it has no `statements`, each with its number")
    }
    for statement in statements {
      guard let number = Int(statement.name), number > 0 else {
        throw refusal("`\(statement.name)` is not the number of a statement")
      }
      guard case .text(let text) = statement.value, !text.isEmpty else {
        throw refusal("statement \(number) has no text")
      }
      guard !entries.contains(where: { $0.number == number }) else {
        throw refusal("there are two statements \(number)")
      }
      entries.append(Entry(number: number, text: text))
    }
  }

  /// Enters the steps of lessons.
  ///
  /// - Parameter lessons: all of the course, in its order.
  /// - Returns: what is wrong: a step names a number that there is not, or no step teaches a statement.
  public mutating func enter(_ lessons: [Lesson]) -> [String] {
    var mistakes: [String] = []
    for lesson in lessons {
      for step in lesson.steps {
        for covered in step.covers {
          guard let index = entries.firstIndex(where: { $0.number == covered.number }) else {
            let mistake = lesson.source.diagnostic(
              at: covered.span, "there is no statement \(covered.number)", remedy: "\(name) has all of them")
            mistakes.append(mistake.rendered())
            continue
          }
          let place = "\(lesson.name)/\(step.name)"
          if entries[index].steps.last != place { entries[index].steps.append(place) }
        }
      }
    }
    for entry in entries where entry.steps.isEmpty {
      mistakes.append(printable("\(name): no step teaches statement \(entry.number): \(entry.text)"))
    }
    return mistakes
  }
}
