import CommandLanguage

/// A lesson or exercise: steps in the command language, with prose around them and checks behind them.
///
/// It is written as a script with two kinds of extra line: prose, whose first sign is `|`, and directives, whose first
/// sign is `@` (`Directive` lists them). What a step needs before it, prose, `@setup` and `@ask`, stands in front of its
/// `@step`; what belongs to it, behind. An exercise is a lesson whose steps carry points.
public struct Lesson: Sendable {
  /// Where the spans of everything in it lie.
  public let source: SourceText
  /// Its `@lesson` line.
  public let span: SourceSpan
  /// As other lessons and the shell name it.
  public let name: String
  /// As people read it.
  public let title: String
  /// Lessons that come first, by name.
  public let needs: [String]
  /// What differs from student to student.
  public let parameters: [Parameter]
  /// How much of a failure a student sees.
  public let details: Details
  /// In the order in which they are taken.
  public let steps: [Step]

  /// The points of all steps; 0 in a lesson that is not graded.
  public var points: Int { steps.reduce(0) { $0 + $1.points } }

  /// A number that differs from student to student.
  public struct Parameter: Sendable {
    /// As it is read, without `$`.
    public let name: String
    /// The values that it may have.
    public let range: ClosedRange<Int64>

    /// What it is outside grading.
    var middle: Int64 {
      range.lowerBound + Int64((range.upperBound.magnitudeAbove(range.lowerBound)) / 2)
    }
  }

  /// How much a student is told of a check that failed.
  public enum Details: String, Sendable, CaseIterable {
    /// What was expected and what was found.
    case full
    case actualOnly = "actual-only"
    /// The verdict alone.
    case none
  }

  /// What is done at one go, with what is said before and what is checked after.
  public struct Step: Sendable {
    /// By which reports and other steps name it.
    public let name: String
    /// Its `@step` line.
    public let span: SourceSpan
    /// 0 for a step that is not graded.
    public let points: Int
    /// What comes before the step, in order.
    let preamble: [Preamble]
    /// What is to be done.
    let task: [Template]
    let checks: [Check]
    let forbidden: [ForbiddenEvent]
    /// From the vaguest to the plainest.
    let hints: [Template]
    let solution: Script
    /// What is said once it is done.
    let explanation: [Template]

    /// The questions whose answers this step shows.
    var questions: [Question] {
      preamble.compactMap { if case .question(let question) = $0 { question } else { nil } }
    }
  }

  enum Preamble: Sendable {
    case prose(Template)
    case setup(Script)
    case question(Question)
  }

  /// A question to be answered before the step is done, which shows the answer.
  struct Question: Sendable {
    let name: String
    let span: SourceSpan
    let text: Template
    /// How far off a right prediction may be, as a share of the answer.
    let tolerance: Double?
    let answer: Expression
  }

  /// Something that must hold when the step is done.
  struct Check: Sendable {
    let name: String
    /// The whole directive.
    let span: SourceSpan
    let condition: Expression
    /// What is said when it does not hold.
    let message: Template?
    /// Whether a student sees no more than whether it passed.
    let isHidden: Bool
    /// With how many further seeds it must hold too.
    let furtherSeeds: Int
  }

  /// Something that must not happen during the step.
  struct ForbiddenEvent: Sendable {
    let kind: ForbiddenKind
    let span: SourceSpan
  }

  /// Commands of the lesson's own, as a slice of its text that keeps its lines.
  struct Script: Sendable {
    let source: SourceText
  }

  /// Whether a text is a lesson and not a script: its first line that is neither empty nor a comment is `@lesson`.
  public static func isLesson(_ source: SourceText) -> Bool {
    for line in source.utf8.split(separator: UInt8(ascii: "\n")) {
      let content = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      if content.isEmpty || content.first == UInt8(ascii: "#") { continue }
      guard content.starts(with: Array("@lesson".utf8)) else { return false }
      return content.dropFirst("@lesson".utf8.count).first.map { $0 <= UInt8(ascii: " ") } ?? true
    }
    return false
  }

  /// Parses a lesson.
  ///
  /// - Parameter table: the commands that its scripts may use.
  /// - Throws: the first mistake.
  public init(parsing source: SourceText, table: CommandTable) throws(Diagnostic) {
    var parser = LessonParser(source: source, table: table)
    self = try parser.parse()
  }

  init(
    source: SourceText, span: SourceSpan, name: String, title: String, needs: [String], parameters: [Parameter],
    details: Details, steps: [Step]
  ) {
    self.source = source
    self.span = span
    self.name = name
    self.title = title
    self.needs = needs
    self.parameters = parameters
    self.details = details
    self.steps = steps
  }
}

extension Int64 {
  /// How much larger it is than one that is not.
  func magnitudeAbove(_ lower: Int64) -> UInt64 { UInt64(bitPattern: self) &- UInt64(bitPattern: lower) }
}
