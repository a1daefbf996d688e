import CommandLanguage

/// A step while its lines are being read.
struct StepDraft {
  let name: String
  let line: DirectiveLine
  let points: Int
  let preamble: [Lesson.Preamble]
  var task: [Template] = []
  var checks: [Lesson.Check] = []
  var unseen = Lesson.UnseenChecks()
  var forbidden: [Lesson.ForbiddenEvent] = []
  var hints: [Template] = []
  var hasSolution = false
  var solution: Lesson.Script?
  var explanation: [Lesson.Explanation] = []
  var replies: [Lesson.Reply]
  var teaches: [Lesson.TaughtCommand]
  var covers: [Lesson.CoveredStatement]
  var fixedParts = FixedParts()
  var wrong: [Lesson.WrongSubmission] = []
  /// The head of a wrong submission whose commands are being read.
  var openWrong: (name: String, catcher: String, catcherSpan: SourceSpan, line: DirectiveLine)?
  /// Where each names what must catch it.
  private var catchers: [(name: String, span: SourceSpan, line: DirectiveLine)] = []
  var accepted: [Lesson.Acceptance] = []

  init(name: String, line: DirectiveLine, points: Int, preamble: StepPreamble) {
    self.name = name
    self.line = line
    self.points = points
    self.preamble = preamble.items
    replies = preamble.replies
    teaches = preamble.teaches
    covers = preamble.covers
  }

  mutating func takeCheck(_ line: DirectiveLine, _ table: CommandTable) throws(Diagnostic) {
    var line = line
    let name = try line.name("a name")
    guard name.text != "refused", !checks.contains(where: { $0.name == name.text }) else {
      throw line.mistake(
        name.text == "refused"
          ? "a check cannot be called `refused`" : "the step has a check `\(name.text)` already", at: name.span)
    }
    let condition = try line.expression(table)
    let message = try line.quotedText(table)
    let marks = try line.marks()
    checks.append(
      Lesson.Check(name: name.text, span: line.span, condition: condition, message: message, marks: marks))
  }

  mutating func takeUnseen(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard unseen.count == 0 else { throw line.mistake("this is said twice") }
    unseen.count = try line.number("the number of checks", in: 1...1000)
    guard let word = line.word(), word.text == "weight" else { throw line.mistake("the weight is missing") }
    unseen.weight = try line.number("the weight of all of them", in: 0...100_000)
    try line.expectEnd()
  }

  mutating func takeForbidden(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    let names = ForbiddenKind.all.map(\.name)
    guard let word = line.word() else {
      throw line.mistake("`@forbid` needs a kind of event", remedy: "kinds: \(names.joined(separator: ", "))")
    }
    guard let kind = ForbiddenKind(name: word.text) else {
      throw line.mistake(
        "there is no kind of event `\(word.text)`", at: word.span, suggestion: closest(to: word.text, among: names),
        remedy: "kinds: \(names.joined(separator: ", "))")
    }
    guard !forbidden.contains(where: { $0.kind == kind }) else {
      throw line.mistake("`\(word.text)` is forbidden already", at: word.span)
    }
    var keptOnly = false
    if let word = line.word() {
      guard word.text == "kept" else {
        throw line.mistake(
          "`\(word.text)` cannot stand here", at: word.span, suggestion: closest(to: word.text, among: ["kept"]))
      }
      keptOnly = true
    }
    try line.expectEnd()
    forbidden.append(Lesson.ForbiddenEvent(kind: kind, keptOnly: keptOnly, span: line.span))
  }

  /// - Returns: whether prose may follow that belongs to it.
  mutating func takeExplanation(_ line: DirectiveLine, _ table: CommandTable) throws(Diagnostic) {
    var line = line
    let text = try line.text(table)
    var reader = line
    guard let word = reader.word(), word.text == "when" else {
      guard !explanation.contains(where: { $0.condition == nil }) else {
        throw line.mistake(
          "the step is explained twice",
          remedy: "an explanation goes on on lines that begin with `|`; a part of it for some is `@explain when …`")
      }
      explanation.append(Lesson.Explanation(condition: nil, span: line.span, text: [text]))
      return
    }
    line.skip(to: word.span.end)
    let (condition, prose) = try line.conditionAndProse(table)
    explanation.append(
      Lesson.Explanation(condition: condition, span: line.span, text: prose.map { [$0] } ?? []))
  }

  // MARK: - Wrong submissions

  mutating func beginWrong(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    let name = try line.name("a name")
    guard !wrong.contains(where: { $0.name == name.text }) else {
      throw line.mistake("the step has a wrong submission `\(name.text)` already", at: name.span)
    }
    guard let word = line.word(), word.text == "fails" else {
      throw line.mistake("nothing says what must catch `\(name.text)`", remedy: "as in @wrong \(name.text) fails CHECK")
    }
    guard let catcher = line.word() else {
      throw line.mistake("`fails` needs a check", remedy: "or a forbidden kind of event, or `refused`")
    }
    try line.expectEnd()
    openWrong = (name.text, catcher.text, catcher.span, line)
  }

  mutating func endWrong(_ script: Lesson.Script) {
    guard let (name, catcher, span, line) = openWrong else { return }
    openWrong = nil
    catchers.append((catcher, span, line))
    wrong.append(Lesson.WrongSubmission(name: name, span: line.span, catcher: catcher, script: script))
  }

  // MARK: - The end

  /// - Parameters:
  ///   - lesson: what is fixed in the whole lesson.
  ///   - isReleased: whether this is what students were given.
  func finished(
    lesson: FixedParts, accepted common: [Lesson.Acceptance], isReleased: Bool
  ) throws(Diagnostic) -> StepDraft.Finished {
    let none = Lesson.Script(source: SourceText(name: line.source.name, text: ""), statements: [])
    guard let solution = solution ?? (isReleased ? none : nil) else {
      throw line.mistake("the step `\(name)` has no solution", remedy: "`@solution` and commands stand behind it")
    }
    guard points == 0 || !checks.isEmpty || unseen.count > 0 else {
      throw line.mistake("the step `\(name)` has points and no check", remedy: Directive.check.usage)
    }
    for part in explanation where part.text.isEmpty {
      throw line.source.diagnostic(
        at: part.span, "this part of the explanation says nothing", expected: "prose behind `|`")
    }
    let names = checks.map(\.name) + forbidden.map(\.kind.name) + ["refused"]
    for catcher in catchers where !names.contains(catcher.name) {
      throw catcher.line.mistake(
        "the step has no check `\(catcher.name)`, and forbids no such event", at: catcher.span,
        suggestion: closest(to: catcher.name, among: names), remedy: "it has \(names.joined(separator: ", "))")
    }
    return Finished(draft: self, solution: solution, lesson: lesson, accepted: common + accepted)
  }

  /// A step whose lines have all been read. Only the whole lesson shows what is fixed in it.
  struct Finished {
    fileprivate let draft: StepDraft
    fileprivate let solution: Lesson.Script
    fileprivate let lesson: FixedParts
    fileprivate let accepted: [Lesson.Acceptance]

    var name: String { draft.name }
    var line: DirectiveLine { draft.line }
    var points: Int { draft.points }
    var questions: [String] { draft.preamble.compactMap(\.questionName) }

    func step(isExercise: Bool) -> Lesson.Step {
      Lesson.Step(
        name: draft.name, span: draft.line.span, points: draft.points, preamble: draft.preamble, task: draft.task,
        checks: draft.checks, unseen: draft.unseen, forbidden: draft.forbidden, hints: draft.hints, solution: solution,
        explanation: draft.explanation, replies: draft.replies, teaches: draft.teaches, covers: draft.covers,
        withheld: FixedParts.refusals(lesson: lesson, step: draft.fixedParts, isExercise: isExercise),
        wrong: draft.wrong, accepted: accepted)
    }
  }
}

/// What stands before a step.
struct StepPreamble {
  var items: [Lesson.Preamble] = []
  var replies: [Lesson.Reply] = []
  var teaches: [Lesson.TaughtCommand] = []
  var covers: [Lesson.CoveredStatement] = []
}

extension Lesson.Preamble {
  var questionName: String? {
    if case .question(let question) = self { question.name } else { nil }
  }
}

extension DirectiveLine {
  /// What stands behind a check.
  fileprivate mutating func marks() throws(Diagnostic) -> Lesson.Check.Marks {
    var marks = Lesson.Check.Marks()
    var seen: Set<String> = []
    while let word = word() {
      guard seen.insert(word.text).inserted else {
        throw mistake("`\(word.text)` is said twice", at: word.span)
      }
      switch word.text {
      case "hidden": marks.isHidden = true
      case "essential": marks.isEssential = true
      case "guard": marks.isGuard = true
      case "seeds": marks.furtherSeeds = try number("the number of seeds", in: 1...1000)
      case "weight": marks.weight = try number("the weight", in: 1...100)
      default:
        throw mistake(
          "`\(word.text)` cannot stand here", at: word.span,
          suggestion: closest(to: word.text, among: ["hidden", "seeds", "essential", "weight", "guard"]))
      }
    }
    return marks
  }
}
