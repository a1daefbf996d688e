import CommandLanguage
import Shell

/// A lesson or exercise: steps in the command language, with prose before them and checks after them.
///
/// It is a script with two further kinds of line. Prose begins with `|`. Directives begin with `@`; `Directive` lists
/// them. Prose, `@setup` and `@ask` stand before the `@step` to which they lead, and everything else of the step stands
/// after it. An exercise is a lesson whose steps have points.
public struct Lesson: Sendable {
  /// The text to which all spans point.
  public let source: SourceText
  /// Its `@lesson` line.
  public let span: SourceSpan
  /// Its name, which other lessons and the shell use.
  public let name: String
  /// Its title, for people.
  public internal(set) var title: String
  /// What a learner can do afterwards, and how many minutes that takes; nil when the lesson does not say.
  package var goal: Goal?
  /// The names of lessons that must come before this one.
  public let needs: [String]
  /// The numbers that differ from student to student.
  public let parameters: [Parameter]
  /// How much of a failure a student sees.
  public let details: Details
  /// To whom it was released; nil for the whole exercise, and for lessons.
  public internal(set) var release: Release?
  /// Whether each step counts only in the world that the student's own earlier steps made.
  let continues: Bool
  /// What `about(…)` says in the language of the lesson, by what it says in English; empty in English.
  var numberWords: [String: String] = [:]
  /// What its author should know, though it is no mistake.
  public internal(set) var remarks: [Diagnostic] = []
  /// The steps in order.
  public internal(set) var steps: [Step]

  /// The points of all steps; 0 in a lesson that is not graded.
  public var points: Int { steps.reduce(0) { $0 + $1.points } }

  /// What a learner can do after a lesson.
  package struct Goal: Sendable {
    package var text: String
    /// How long the lesson takes.
    package let minutes: Int
    /// The same as a sentence.
    var minutesText: String

    init(text: String, minutes: Int) {
      (self.text, self.minutes) = (text, minutes)
      minutesText = "About \(counted(minutes, "minute"))."
    }

    /// In words, with the time.
    var shown: String { "\(text) \(minutesText)" }
  }

  /// A number that differs from student to student.
  public struct Parameter: Sendable {
    /// Its name, without `$`.
    public let name: String
    /// The values that it may have.
    public let range: ClosedRange<Int64>
    /// Whether only set-ups and checks know it, and no learner does.
    public let isSecret: Bool

    package init(name: String, range: ClosedRange<Int64>, isSecret: Bool = false) {
      self.name = name
      self.range = range
      self.isSecret = isSecret
    }

    /// Its value outside grading.
    var middle: Int64 {
      range.lowerBound + Int64((range.upperBound.magnitudeAbove(range.lowerBound)) / 2)
    }
  }

  /// What a file says that students were given.
  public struct Release: Sendable, Equatable {
    /// To whom; nil when it does not say.
    public let student: String?
    /// The seed of the student's world.
    public let seed: UInt64
  }

  /// The hidden checks of a step that are left out in what students were given.
  struct UnseenChecks: Sendable, Equatable {
    var count = 0
    /// How much those count together that earn points.
    var weight = 0
  }

  /// How much a student is told of a check that failed.
  public enum Details: String, Sendable, CaseIterable {
    /// What was expected and what was found.
    case full
    case actualOnly = "actual-only"
    /// The verdict alone.
    case none
  }

  /// A task, with the prose before it and the checks after it.
  public struct Step: Sendable {
    /// Its name in reports and in other steps.
    public let name: String
    /// Its `@step` line.
    public let span: SourceSpan
    /// 0 for a step that is not graded.
    public let points: Int
    /// What comes before the step, in order.
    var preamble: [Preamble]
    /// What the learner is to do.
    var task: [Template]
    var checks: [Check]
    var unseen = UnseenChecks()
    let forbidden: [ForbiddenEvent]
    /// The hints, from the vaguest to the plainest.
    var hints: [Template]
    let solution: Script
    /// The prose once the step is done.
    var explanation: [Explanation]
    /// What is said to those who predicted something else.
    var replies: [Reply]
    /// What the step introduces.
    let teaches: [TaughtCommand]
    /// What it teaches of the course's statements.
    let covers: [CoveredStatement]
    /// Commands that the learner cannot use in the step, each with the reason.
    let withheld: [String: String]
    /// Submissions that must not pass.
    let wrong: [WrongSubmission]
    /// What may pass although the battery of `migsh test` tries it.
    let accepted: [Acceptance]

    /// The questions that this step answers.
    var questions: [Question] {
      preamble.compactMap { if case .question(let question) = $0 { question } else { nil } }
    }
  }

  /// A statement that a step teaches.
  struct CoveredStatement: Sendable {
    /// As the course's statements are counted.
    let number: Int
    let span: SourceSpan
  }

  enum Preamble: Sendable {
    /// Lines of prose.
    case prose([Template])
    case setup(Script)
    case question(Question)
  }

  /// A question that the learner answers before doing the step. The step then shows the answer.
  struct Question: Sendable {
    let name: String
    let span: SourceSpan
    var text: Template
    /// Between what the learner chooses; empty when the answer is a number.
    let choices: [String]
    /// What learners read in place of the choices, where that is something else.
    var shownChoices: [String]
    /// How far a right prediction may be from the answer, as a share of it.
    let tolerance: Double?
    let answer: Expression

    /// What learners read for a choice; the text itself when it is none.
    func shown(_ choice: String) -> String { choices.firstIndex(of: choice).map { shownChoices[$0] } ?? choice }

    /// What learners read for an answer or a prediction; nil when that is no choice.
    func shown(_ value: Value) -> String? {
      switch value {
      case .text(let text), .word(let text): choices.isEmpty ? nil : shown(text)
      case .none, .boolean, .integer, .decimal, .quantity, .share, .node, .process, .list, .record: nil
      }
    }
  }

  /// A part of what is said once the step is done.
  struct Explanation: Sendable {
    /// When it is said; nil for always.
    let condition: Expression?
    let span: SourceSpan
    var text: [Template]
  }

  /// What is said once the step is done to those who predicted something, as the condition says.
  struct Reply: Sendable {
    let condition: Expression
    let span: SourceSpan
    var text: [Template]
  }

  /// A command that a lesson introduces, with flags.
  struct TaughtCommand: Sendable, Equatable {
    /// Its words.
    let name: String
    /// Without `--`.
    var flags: [String]
  }

  /// Commands that must not pass a step.
  struct WrongSubmission: Sendable {
    let name: String
    let span: SourceSpan
    /// What must catch it: the name of a check or of a kind of event that the step forbids, or `refused`.
    let catcher: String
    let script: Script
  }

  /// Something that the battery tries, and that may pass all the same.
  struct Acceptance: Sendable {
    let attempt: BatteryAttempt
    let reason: String
    let span: SourceSpan
  }

  /// Something that must hold when the step is done.
  struct Check: Sendable {
    let name: String
    /// The whole directive.
    let span: SourceSpan
    let condition: Expression
    /// What the learner reads when it does not hold.
    var message: Template?
    var marks = Marks()

    /// What stands behind a check.
    struct Marks: Sendable {
      /// Whether a student sees only the verdict.
      var isHidden = false
      /// The number of further seeds with which it must hold too.
      var furtherSeeds = 0
      /// Whether the step earns nothing without it.
      var isEssential = false
      /// How much it counts beside the other checks.
      var weight = 1
      /// Whether it holds when nothing is done, so that it can lose points and earn none.
      var isGuard = false
    }
  }

  /// Something that must not happen during the step.
  struct ForbiddenEvent: Sendable {
    let kind: ForbiddenKind
    /// Whether it may have happened in what was undone.
    let keptOnly: Bool
    let span: SourceSpan
  }

  /// Commands of the lesson itself: a slice of its text, with the same line numbers.
  struct Script: Sendable {
    let source: SourceText
    let statements: [Statement]

    /// The commands in it, those in blocks too.
    var calls: [CommandCall] { statements.flatMap(\.calls) }
  }

  /// Whether a text is a lesson: its first line, apart from empty lines and comments, is `@lesson`.
  public static func isLesson(_ source: SourceText) -> Bool { source.beginsLesson }

  /// Parses a lesson.
  ///
  /// - Parameter table: the commands that its scripts may use.
  /// - Throws: the first mistake.
  public init(parsing source: SourceText, table: CommandTable) throws(Diagnostic) {
    var parser = LessonParser(source: source, table: table)
    self = try parser.parse()
  }

  init(
    source: SourceText, span: SourceSpan, name: String, title: String, goal: Goal?, needs: [String],
    parameters: [Parameter], details: Details, continues: Bool, steps: [Step]
  ) {
    self.source = source
    self.span = span
    self.name = name
    self.title = title
    self.goal = goal
    self.needs = needs
    self.parameters = parameters
    self.details = details
    self.continues = continues
    self.steps = steps
  }
}

extension Int64 {
  /// How much larger it is than `lower`, which is not larger than it.
  func magnitudeAbove(_ lower: Int64) -> UInt64 { UInt64(bitPattern: self) &- UInt64(bitPattern: lower) }
}
