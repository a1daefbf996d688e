import CommandLanguage
import Shell

/// What students may have of an exercise: what to do, what is checked as far as they may know, and a file to fill in. Nothing
/// of solutions, of hidden checks and of explanations is in it.
///
/// With a student, the numbers in the prose are that student's, drawn as grading draws them. Of what a set-up works out only
/// that is told which the prose tells, since the rest may be what has to be found out.
public struct ExerciseRelease {
  /// For people who read Markdown.
  public var markdown: String { (parts + ending).map(\.markdown).joined(separator: "\n") }
  /// For people who read plain text.
  public var text: String { (parts + ending).map(\.text).joined(separator: "\n") }
  /// A submission with a part for each step, in which nothing is done yet.
  public let skeleton: String
  /// A file that `exercise start` takes, with the student's numbers; nil when it is for nobody.
  public let practice: String?

  private let parts: [ReleasePart]
  private let name: String

  /// - Parameters:
  ///   - exercise: a lesson with points.
  ///   - student: for whom it is, and the seed of the numbers; without one, numbers stay as names.
  ///   - practiceSeed: draws in the file to practise with what grading keeps secret, so that the file does not tell it.
  ///   - showsHints: whether the hints are in it.
  public init(
    _ exercise: Lesson, for student: (id: String, seed: UInt64)? = nil, practiceSeed: UInt64 = 0,
    showsHints: Bool = false
  ) throws(Diagnostic) {
    // Says what is wrong with a lesson that has no points.
    _ = try Grader(exercise)
    var teller = ReleaseTeller(exercise, seed: student?.seed)
    var parts: [ReleasePart] = [.heading(1, exercise.title)]
    if let goal = exercise.goal { parts.append(.prose([goal.shown])) }
    var skeleton = "# \(exercise.title)\n# What to do is in \(exercise.name).txt and \(exercise.name).md.\n"
    parts += teller.numbers(of: student?.id)
    for (index, step) in exercise.steps.enumerated() {
      parts += try teller.begin(step)
      parts.append(.heading(2, "Step \(index + 1): \(step.name) (\(counted(step.points, "point")))"))
      parts += try teller.task(of: step)
      let checks = teller.checks(of: step)
      parts += [.prose(["What is checked:"]), .list(checks)]
      parts += teller.refusals(in: step)
      if showsHints, !step.hints.isEmpty {
        parts.append(.prose(["Hints, from the vaguest to the plainest:"]))
        parts.append(.numbered(try teller.hints(of: step)))
      }
      skeleton += "\n@step \(step.name)\n# \(counted(step.points, "point")). What is checked:\n"
      skeleton += checks.map { "# - \($0)\n" }.joined()
      try teller.end(step)
    }
    self.parts = parts
    self.skeleton = skeleton
    practice = student.map { student in
      PracticeText.of(
        exercise, for: student.id, seed: student.seed, practiceSeed: practiceSeed, showsHints: showsHints)
    }
    name = exercise.name
  }

  private var ending: [ReleasePart] {
    let limits = GradingLimits()
    return [
      .heading(2, "Limits"),
      .prose([
        "A submission ends at \(limits.commands) commands, \(limits.events) events, \(limits.steps) steps of programs, "
          + "\(formatTime(limits.time)) of virtual time, \(limits.nodes) nodes, \(limits.processes) processes or "
          + "\(limits.pages) pages of one process, \(formatSize(limits.memory)) of texts, or "
          + "\(formatSize(UInt64(limits.outputBytes))) of output."
      ]),
      .heading(2, "Handing in"),
      .prose(["Write your commands into `\(name).migsh`, each step's below its `@step` line, and hand in that file."]),
    ]
      + (practice == nil
        ? []
        : [
          .prose([
            "Or type them: `migsh exercise start \(name).exercise` is a shell with your own numbers set up. `check` there "
              + "says what holds, and `hand-in FILE` writes what you typed into such a file."
          ])
        ])
  }
}

/// A part of what is released.
private enum ReleasePart {
  case heading(Int, String)
  case prose([String])
  case list([String])
  case numbered([String])

  var markdown: String {
    switch self {
    case .heading(let level, let text): String(repeating: "#", count: level) + " \(text)\n"
    case .prose(let lines): lines.joined(separator: "\n") + "\n"
    case .list(let items): items.map { "- \($0)\n" }.joined()
    case .numbered(let items): items.enumerated().map { "\($0.offset + 1). \($0.element)\n" }.joined()
    }
  }

  var text: String {
    switch self {
    case .heading(let level, let text): "\(text)\n\(String(repeating: level == 1 ? "=" : "-", count: text.count))\n"
    case .prose(let lines): Prose.wrapped(lines, width: Prose.usualWidth) + "\n"
    case .list, .numbered:
      Prose.wrapped(markdown.split(separator: "\n").map(String.init), width: Prose.usualWidth) + "\n"
    }
  }
}

/// Puts numbers into texts of an exercise, step by step in the world that its set-ups and solutions make.
private struct ReleaseTeller {
  private let exercise: Lesson
  private let isOfStudent: Bool
  private var session: Session
  private var stage: Stage
  /// The variables that the prose mentions.
  private let told: Set<String>

  init(_ exercise: Lesson, seed: UInt64?) {
    self.exercise = exercise
    isOfStudent = seed != nil
    session = Session(seed: seed ?? 0) { _ in }
    stage = Stage(exercise, seed: seed, in: &session)
    var told: Set<String> = []
    for template in exercise.steps.flatMap({ $0.proseBefore.flatMap(\.self) + $0.task }) {
      for segment in template.segments {
        switch segment {
        case .variable(let name, _): told.insert(name)
        case .literal(let text): told.formUnion(Self.names(in: text))
        case .expression: break
        }
      }
    }
    self.told = told
  }

  /// The variables that a text names, as in `$pages`.
  private static func names(in text: String) -> [String] {
    text.split(separator: "$", omittingEmptySubsequences: false).dropFirst().map { part in
      String(part.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
  }

  // MARK: - Steps

  /// Executes the set-ups of a step, and says the prose before it.
  mutating func begin(_ step: Lesson.Step) throws(Diagnostic) -> [ReleasePart] {
    var parts: [ReleasePart] = []
    for item in step.preamble {
      switch item {
      case .prose(let lines): parts.append(.prose(try shown(lines)))
      case .setup(let script):
        guard isOfStudent, let failure = stage.setUp(script, in: &session) else { continue }
        throw failure.diagnostic
      case .question: continue
      }
    }
    stage.beginStep(step, in: &session)
    return parts
  }

  /// Goes on as the solution does.
  mutating func end(_ step: Lesson.Step) throws(Diagnostic) {
    guard isOfStudent else { return }
    let options = session.options
    _ = stage.perform(step.solution, of: step, in: &session)
    if let failure = session.failure { throw failure.diagnostic }
    session.options = options
  }

  // MARK: - Texts

  func task(of step: Lesson.Step) throws(Diagnostic) -> [ReleasePart] {
    step.task.isEmpty ? [] : [.prose(try shown(step.task))]
  }

  func hints(of step: Lesson.Step) throws(Diagnostic) -> [String] { try shown(step.hints) }

  private func shown(_ lines: [Template]) throws(Diagnostic) -> [String] {
    var shown: [String] = []
    for line in lines { shown.append(try text(line)) }
    return shown
  }

  private func text(_ template: Template) throws(Diagnostic) -> String {
    if isOfStudent { return try stage.evaluator(in: session).text(template) }
    return template.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .variable(let name, _): "$\(name)"
      case .expression(let expression): constant(expression) ?? "$(\(exercise.source.text(expression.span)))"
      }
    }.joined()
  }

  /// What an expression is that needs neither numbers of a student nor a world.
  private func constant(_ expression: Expression) -> String? {
    let evaluator = Session { _ in }.evaluator([:], in: exercise.source)
    return try? evaluator.text(Template(segments: [.expression(expression)], span: expression.span))
  }

  /// The student's numbers, as far as the prose tells them.
  func numbers(of student: String?) -> [ReleasePart] {
    let parameters = exercise.parameters.filter { told.contains($0.name) }
    guard !parameters.isEmpty else { return [] }
    guard let student else {
      let ranges = parameters.map { "`$\($0.name)` from \($0.range.lowerBound) to \($0.range.upperBound)" }
      return [.prose(["Everybody has numbers of their own: \(ranges.joined(separator: ", "))."])]
    }
    let values = stage.values.filter { told.contains($0.name) }.map { "`$\($0.name)` is \($0.value)" }
    return [.prose(["For \(InertText.line(student, bytes: 200)): \(values.joined(separator: ", "))."])]
  }

  // MARK: - What is checked

  /// The checks that students may know, and what must not happen.
  func checks(of step: Lesson.Step) -> [String] {
    var items = step.checks.filter { !$0.marks.isHidden }.map { check in
      "\(check.name)\(marks(check.marks))" + (check.message.flatMap(message).map { ": \($0)" } ?? "")
    }
    items += step.forbidden.map { "not once: \($0.kind.summary)" }
    if step.checks.contains(where: \.marks.isHidden) { items.append("more that is not told here") }
    return items
  }

  /// A message without what a set-up works out; nil when nothing can be told.
  private func message(_ template: Template) -> String? {
    let isTold = template.segments.allSatisfy { segment in
      switch segment {
      case .literal: true
      case .variable(let name, _): told.contains(name)
      case .expression: false
      }
    }
    return isTold ? (try? text(template)).map { InertText.line($0) } : nil
  }

  private func marks(_ marks: Lesson.Check.Marks) -> String {
    var words: [String] = []
    if marks.isEssential { words.append("without it the step earns nothing") }
    if marks.isGuard { words.append("it can only lose points") }
    if marks.weight != 1 { words.append("weight \(marks.weight)") }
    if marks.furtherSeeds > 0 { words.append("with other numbers, too") }
    return words.isEmpty ? "" : " (\(words.joined(separator: "; ")))"
  }

  /// What cannot be used in a step, and why.
  func refusals(in step: Lesson.Step) -> [ReleasePart] {
    let reasons = Dictionary(grouping: step.withheld.keys) { step.withheld[$0] ?? "" }
    let items = reasons.sorted { $0.key < $1.key }.map { reason, commands in
      "\(commands.sorted().map { "`\($0)`" }.joined(separator: ", ")): \(reason)"
    }
    return items.isEmpty ? [] : [.prose(["What cannot be used:"]), .list(items)]
  }
}

extension Lesson.Step {
  /// The paragraphs before the step.
  fileprivate var proseBefore: [[Template]] {
    preamble.compactMap { if case .prose(let lines) = $0 { lines } else { nil } }
  }
}
