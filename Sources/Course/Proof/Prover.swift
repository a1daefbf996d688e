import Chronicle
import CommandLanguage
import Shell

/// Proves a lesson for its author. With every seed, the solutions pass every check, doing nothing passes none that is
/// not marked `guard`, wrong submissions are caught by the checks that they name, and everything that the lesson shows can
/// be evaluated. The prose keeps to the `ProseRules`, and solutions use what was taught.
public struct Prover {
  /// Something that is wrong with a lesson.
  public struct Problem: Sendable {
    /// What is wrong, and where.
    public let diagnostic: Diagnostic
    /// The first seed that shows the problem; nil when every seed does.
    public var seed: UInt64?
    /// The values of the parameters with that seed, as in "pages 97".
    public var parameters = ""
    /// Whether it is no mistake, and only hardly meant.
    public var isWarning = false

    /// The problem in words.
    public var text: String {
      let text = diagnostic.rendered(kind: isWarning ? "warning" : "error")
      guard let seed else { return text }
      return text + "\n  with seed \(seed)\(parameters.isEmpty ? "" : ": \(parameters)")"
    }
  }

  let lesson: Lesson
  private let options: Session.Options
  private let limits: GradingLimits
  private let taught: Vocabulary?
  let hasBattery: Bool
  let isInterrupted: () -> Bool
  private var problems: [Problem] = []
  /// The offsets of replies and of wrong submissions' heads that some seed has reached.
  var reached: Set<Int> = []
  /// What the battery tried on the steps with points, and what that earned.
  public internal(set) var results: [BatteryResult] = []
  /// What is hardly meant, though it is no mistake; after a proof.
  public internal(set) var warnings: [Problem] = []
  /// The offsets of checks that something has failed.
  var failed: Set<Int> = []
  /// For the questions of the step under way, the migrations that their answers were about before it, and what these were.
  var early: [String: [Value]] = [:]
  /// The questions whose answers some step has changed with some seed.
  var changedAnswers: Set<String> = []
  /// The questions that their steps leave without an answer, with the names of the steps.
  var late: [(question: Lesson.Question, step: String)] = []
  /// Those of them that a later step answers.
  var answeredLate: Set<String> = []
  /// How things stood after accepted ways round the step before, with the seed under way.
  var detours: [Detour] = []
  /// Whether only what is shown is proved, and neither checks nor solutions: those of a translation are the lesson's own.
  var provesTextsOnly = false
  /// The steps, each with what was tried, about which the battery has complained.
  var complained: Set<String> = []

  /// - Parameters:
  ///   - options: the options of the sessions in which a lesson is played that is no exercise.
  ///   - limits: those under which an exercise is graded.
  ///   - hasBattery: whether ways round the steps with points are tried.
  ///   - taught: what the lessons before this one teach; nil when that is not known, and solutions may use anything.
  public init(
    _ lesson: Lesson, options: Session.Options = Session.Options(), limits: GradingLimits = GradingLimits(),
    hasBattery: Bool = true, taught: Vocabulary? = nil, isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.lesson = lesson
    self.taught = taught
    self.hasBattery = hasBattery
    self.isInterrupted = isInterrupted
    self.limits = limits
    self.options = lesson.points > 0 ? limits.options(files: .none) : options
  }

  /// - Returns: the problems, each of them once.
  public mutating func prove(seeds: ClosedRange<UInt64> = 1...20) -> [Problem] {
    problems = []
    (reached, results, complained, failed) = ([], [], [], [])
    (changedAnswers, late, answeredLate) = ([], [], [])
    warnings = provesTextsOnly ? [] : lesson.warnings.map { Problem(diagnostic: $0, isWarning: true) }
    if !provesTextsOnly {
      for problem in ProseRules(lesson).problems + lesson.toldSecrets + untaught() + guardsAlone() { report(problem) }
    }
    for seed in seeds where !isInterrupted() {
      // The engine checks itself with the first seed, the battery is tried with those after it.
      let place = seed - seeds.lowerBound
      let isTried = seeds.count == 1 || (1...Self.batterySeeds).contains(place)
      prove(seed: seed, checksInvariants: place == 0 && !provesTextsOnly, triesBattery: isTried)
    }
    if problems.isEmpty, !provesTextsOnly, !isInterrupted() {
      for problem in unreached() { report(problem) }
      warnOfIdleParts()
    }
    return problems
  }

  // MARK: - What no seed changes

  private func untaught() -> [Diagnostic] {
    guard var known = taught else { return [] }
    return lesson.steps.flatMap { step in
      known.add(step.teaches)
      return known.problems(with: step.solution)
    }
  }

  private func guardsAlone() -> [Diagnostic] {
    lesson.steps.filter { !$0.checks.isEmpty && $0.checks.allSatisfy(\.marks.isGuard) }.map {
      lesson.source.diagnostic(
        at: $0.span, "all checks of the step `\($0.name)` are guards, so nothing shows that it was done",
        remedy: "add a check that fails when nothing is done")
    }
  }

  // MARK: - One seed

  /// - Parameter checksInvariants: whether the engine checks itself after every event, which more than doubles the
  ///   time.
  private mutating func prove(seed: UInt64, checksInvariants: Bool, triesBattery: Bool) {
    let most = lesson.points > 0 ? limits.outputBytes : .max
    var written = 0
    var session = Session(seed: seed, options: options) { written += $0.utf8.count }
    let isInterrupted = isInterrupted
    session.isInterrupted = { written > most || isInterrupted() }
    if checksInvariants { session.checkInvariants() }
    var stage = Stage(lesson, seed: seed, in: &session)
    (detours, late) = ([], [])
    for step in lesson.steps {
      proveAfterDetours(step)
      for item in step.preamble {
        switch item {
        case .prose(let lines): prove(lines, stage, session)
        case .question(let question): prove([question.text], stage, session)
        case .setup(let script):
          if let failure = stage.setUp(script, in: &session) { return report(failure, written, stage) }
        }
      }
      stage.beginStep(step, in: &session)
      prove(step.task, stage, session)
      for hint in step.hints { prove([hint], stage, session) }
      if !provesTextsOnly {
        proveDoingNothing(step, stage, session)
        for wrong in step.wrong { prove(wrong, of: step, stage, session) }
        noteEarlyAnswers(step, stage, session)
      }
      if triesBattery, hasBattery, step.points > 0 { tryBattery(step, stage, session) }
      _ = stage.perform(step.solution, of: step, in: &session)
      if let failure = session.failure { return report(failure, written, stage) }
      proveDone(step, stage, session)
    }
  }

  private mutating func proveDoingNothing(_ step: Lesson.Step, _ stage: Stage, _ session: borrowing Session) {
    let judged = stage.judge(step, in: session)
    noteFailures(judged)
    let results = zip(step.checks, judged)
    for (check, result) in results where !check.marks.isGuard && result.verdict == .passed {
      report(
        lesson.source.diagnostic(
          at: check.span, "doing nothing passes the check `\(check.name)`",
          remedy: "ask for what the step changes, or mark the check `guard`: then it earns nothing"), stage)
    }
  }

  private mutating func prove(
    _ wrong: Lesson.WrongSubmission, of step: Lesson.Step, _ stage: Stage, _ before: Session
  ) {
    var session = before
    silence(&session)
    _ = stage.perform(wrong.script, of: step, in: &session)
    let results = stage.judge(step, in: session)
    noteFailures(results)
    let failed = results.filter { $0.verdict != .passed }.map(\.checkName)
    if let failure = session.failure {
      guard wrong.catcher != "refused" else { return }
      return report(
        lesson.source.diagnostic(
          at: wrong.span, "the wrong submission `\(wrong.name)` stops at an error: \(failure.diagnostic.message)",
          remedy: "where that is meant, it says `fails refused`"), stage)
    }
    guard wrong.catcher != "refused" else {
      return report(
        lesson.source.diagnostic(
          at: wrong.span, "no command of the wrong submission `\(wrong.name)` is refused",
          remedy: failed.isEmpty ? nil : "it fails \(failed.joined(separator: ", "))"), stage)
    }
    if results.contains(where: { $0.checkName == wrong.catcher && $0.verdict == .failed }) {
      reached.insert(wrong.span.start)
      return
    }
    // What fails with some seeds alone is asked for again once all seeds are done.
    let isDrawn = step.checks.contains { $0.name == wrong.catcher && $0.marks.furtherSeeds > 0 }
    guard !isDrawn || !failed.isEmpty else { return }
    report(
      lesson.source.diagnostic(
        at: wrong.span,
        failed.isEmpty
          ? "the wrong submission `\(wrong.name)` passes"
          : "the wrong submission `\(wrong.name)` is not caught by `\(wrong.catcher)`",
        remedy: failed.isEmpty ? nil : "it fails \(failed.joined(separator: ", "))"), stage)
  }

  private mutating func proveDone(_ step: Lesson.Step, _ stage: Stage, _ session: borrowing Session) {
    for result in stage.judge(step, in: session) where result.verdict != .passed {
      report(
        lesson.source.diagnostic(
          at: result.span, "the solution does not pass `\(result.name)`: \(result.verdict.text)",
          expected: result.expected, remedy: (result.found.map { "found \($0)" } ?? result.reason)), stage)
    }
    do {
      for text in try stage.explanation(of: step, in: session) {
        prove(text, stage, session)
        for mistake in namedEvents(in: text, stage, session) { report(mistake, stage) }
      }
    } catch {
      report(error, stage)
    }
    prove(step, replies: stage, session)
    if !provesTextsOnly { warnOfAnswers(step, stage, session) }
  }

  /// Complaints about events that an explanation names, and that did not happen in the step.
  private func namedEvents(in text: [Template], _ stage: Stage, _ session: borrowing Session) -> [Diagnostic] {
    guard let start = session.stepStart else { return [] }
    var mistakes: [Diagnostic] = []
    for line in text {
      let parts = lesson.source.text(line.span).split(separator: "`", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() where !index.isMultiple(of: 2) {
        guard let kind = EventKind(rawValue: String(part)) else { continue }
        let happened = session.state.world.log.count(of: kind) - start.log.count(of: kind)
        guard happened == 0 else { continue }
        mistakes.append(
          lesson.source.diagnostic(
            at: line.span, "the explanation names `\(part)`, and none happened in the step", expected: kind.summary))
      }
    }
    return mistakes
  }

  mutating func prove(_ lines: [Template], _ stage: Stage, _ session: borrowing Session) {
    do {
      let shown = try stage.prose(lines, width: ProseRules.widest, in: session)
      guard let widest = shown.split(separator: "\n").map(\.displayWidth).max(), widest > ProseRules.widest else {
        return
      }
      let evaluator = stage.evaluator(in: session)
      let line = lines.first { ((try? evaluator.text($0))?.displayWidth ?? 0) > ProseRules.widest } ?? lines[0]
      report(
        lesson.source.diagnostic(
          at: line.span, "this shows \(widest) characters on a line that cannot be wrapped",
          expected: "at most \(ProseRules.widest), with what is filled in"), stage)
    } catch {
      report(error, stage)
    }
  }

  /// What is only tried counts for no limit of the solution.
  func silence(_ session: inout Session) {
    session.write = { _ in }
    session.isInterrupted = isInterrupted
  }

  // MARK: - Reporting

  /// Reports what stopped a part of the lesson, in the words in which a report on a submission would.
  private mutating func report(_ failure: ScriptFailure, _ written: Int, _ stage: Stage) {
    var diagnostic = failure.diagnostic
    if lesson.points > 0, failure.status == .limit || failure.status == .interrupted {
      diagnostic.message = limits.reason(for: failure)
    }
    report(diagnostic, stage)
  }

  private mutating func report(_ diagnostic: Diagnostic) {
    problems.append(Problem(diagnostic: diagnostic))
  }

  /// - Parameter isRepeated: whether one place may have several problems.
  mutating func report(_ diagnostic: Diagnostic, _ stage: Stage, isRepeated: Bool = false) {
    guard !isInterrupted() else { return }
    // With another seed the same place would report the same again, with other numbers.
    guard isRepeated || !problems.contains(where: { $0.diagnostic.place == diagnostic.place && $0.seed != nil }) else {
      return
    }
    let parameters = stage.values.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    problems.append(Problem(diagnostic: diagnostic, seed: stage.seed, parameters: parameters))
  }
}
