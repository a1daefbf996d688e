import CommandLanguage
import Shell

/// Proves a lesson for its author. With every seed, the solutions pass every check, doing nothing passes no step, and
/// everything that the lesson shows can be evaluated. The prose keeps to the `ProseRules`.
public struct Prover {
  /// Something that is wrong with a lesson.
  public struct Problem: Sendable {
    /// What is wrong, and where.
    public let diagnostic: Diagnostic
    /// The first seed that shows the problem; nil when every seed does.
    public let seed: UInt64?
    /// The values of the parameters with that seed, as in "pages 97".
    public let parameters: String

    /// The problem in words.
    public var text: String {
      guard let seed else { return diagnostic.rendered() }
      return diagnostic.rendered() + "\n  with seed \(seed)\(parameters.isEmpty ? "" : ": \(parameters)")"
    }
  }

  private let lesson: Lesson
  private let options: Session.Options
  private let isInterrupted: () -> Bool
  private var problems: [Problem] = []

  /// - Parameter options: the options of the sessions in which the lesson is played.
  public init(
    _ lesson: Lesson, options: Session.Options = Session.Options(), isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.lesson = lesson
    self.options = options
    self.isInterrupted = isInterrupted
  }

  /// - Returns: the problems, each of them once.
  public mutating func prove(seeds: ClosedRange<UInt64> = 1...20) -> [Problem] {
    problems = ProseRules(lesson).problems.map { Problem(diagnostic: $0, seed: nil, parameters: "") }
    for seed in seeds where !isInterrupted() {
      prove(seed: seed, checksInvariants: seed == seeds.lowerBound)
    }
    return problems
  }

  /// - Parameter checksInvariants: whether the engine checks itself after every event, which more than doubles the
  ///   time.
  private mutating func prove(seed: UInt64, checksInvariants: Bool) {
    var session = Session(seed: seed, options: options) { _ in }
    session.isInterrupted = isInterrupted
    if checksInvariants { session.checkInvariants() }
    var stage = Stage(lesson, seed: seed, in: &session)
    for step in lesson.steps {
      for item in step.preamble {
        switch item {
        case .prose(let text): prove(text, stage, session)
        case .question(let question): prove(question.text, stage, session)
        case .setup(let script):
          if let failure = stage.setUp(script, in: &session) { return report(failure.diagnostic, stage) }
        }
      }
      stage.beginStep(step, in: &session)
      for text in step.task + step.hints { prove(text, stage, session) }
      if !step.checks.isEmpty, stage.judge(step, in: session).allSatisfy({ $0.verdict == .passed }) {
        report(lesson.source.diagnostic(at: step.span, "doing nothing passes the step `\(step.name)`"), stage)
      }
      _ = session.execute(step.solution.source)
      if let failure = session.failure { return report(failure.diagnostic, stage) }
      for question in step.questions { prove(question.answer, stage, session) }
      for result in stage.judge(step, in: session) where result.verdict != .passed {
        report(
          lesson.source.diagnostic(
            at: result.span, "the solution does not pass `\(result.name)`: \(result.verdict.text)",
            expected: result.expected, remedy: (result.found.map { "found \($0)" } ?? result.reason)), stage)
      }
      for text in step.explanation { prove(text, stage, session) }
    }
  }

  private mutating func prove(_ text: Template, _ stage: Stage, _ session: borrowing Session) {
    do {
      let shown = try stage.evaluator(in: session).text(text)
      guard shown.count > ProseRules.widest else { return }
      report(
        lesson.source.diagnostic(
          at: text.span, "this shows \(shown.count) characters",
          expected: "at most \(ProseRules.widest), with what is filled in"), stage)
    } catch {
      report(error, stage)
    }
  }

  private mutating func prove(_ answer: Expression, _ stage: Stage, _ session: borrowing Session) {
    do { _ = try stage.evaluator(in: session).evaluate(answer) } catch { report(error, stage) }
  }

  private mutating func report(_ diagnostic: Diagnostic, _ stage: Stage) {
    guard !isInterrupted() else { return }
    // With another seed the same place would report the same again, with other numbers.
    guard !problems.contains(where: { $0.diagnostic.place == diagnostic.place && $0.seed != nil }) else { return }
    let parameters = stage.values.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    problems.append(Problem(diagnostic: diagnostic, seed: stage.seed, parameters: parameters))
  }
}
