import CommandLanguage

/// Reads the text of a lesson line by line, up to its first mistake.
struct LessonParser {
  let source: SourceText
  /// The commands known so far: the given ones, and those that the lesson's scripts have defined.
  var table: CommandTable

  private(set) var lines: [SourceSpan] = []
  /// The mistakes behind which it went on; nil when it stops at the first.
  var mistakes: [Diagnostic]?
  var header: Header?
  var goal: Lesson.Goal?
  var parameters: [Lesson.Parameter] = []
  var details: Lesson.Details?
  var release: Lesson.Release?
  var continues = false
  /// What is fixed, and what may pass, in all steps.
  var fixedParts = FixedParts()
  var accepted: [Lesson.Acceptance] = []
  var steps: [StepDraft.Finished] = []
  /// What stands before the next step, and where that begins.
  var preamble = StepPreamble()
  var preambleStart: DirectiveLine?
  /// A question whose `@answer` has not come yet.
  var openQuestion: OpenQuestion?
  var step: StepDraft?
  var section = Section.prose
  /// What the author should know of lines that are no mistakes.
  private var remarks: [Diagnostic] = []

  struct Header {
    let span: SourceSpan
    let name: String
    let title: String
    let needs: [String]
  }

  struct OpenQuestion {
    let line: DirectiveLine
    let name: String
    let text: Template
    let choices: [(text: String, span: SourceSpan)]
    let tolerance: Double?
  }

  /// What a line belongs to that is no directive.
  enum Section {
    case prose
    /// The commands of `@setup`, `@solution` or `@wrong`, from this line on.
    case script(Directive, firstLine: Int)
    /// An explanation or a reply, which further prose continues.
    case explanation, reply
  }

  init(source: SourceText, table: CommandTable) {
    self.source = source
    self.table = table
    lines = source.lineSpans
  }

  mutating func parse() throws(Diagnostic) -> Lesson {
    for index in lines.indices { try readLine(index) }
    try endScript(before: lines.count)
    try endStep()
    return try finish()
  }

  mutating func readLine(_ index: Int) throws(Diagnostic) {
    switch source.firstByte(of: lines[index]) {
    case UInt8(ascii: "@"):
      try endScript(before: index)
      try readDirective(try directive(on: lines[index]), index)
    case UInt8(ascii: "|"):
      try endScript(before: index)
      noteDistance(index)
      try takeProse(lines[index])
    case nil, UInt8(ascii: "#"): break
    default: try takeCommand(lines[index])
    }
  }

  func finish() throws(Diagnostic) -> Lesson {
    guard let header else {
      throw source.diagnostic(
        at: SourceSpan(start: 0, end: 0), "this is not a lesson",
        expected: "\(Directive.lesson.usage) on its first line")
    }
    if let line = preambleStart {
      throw line.mistake(
        "no step follows this `@\(line.directive.rawValue)`", remedy: "it belongs in front of the `@step` that needs it"
      )
    }
    guard !steps.isEmpty else {
      throw source.diagnostic(at: endOfText, "this lesson has no step", expected: Directive.step.usage)
    }
    var lesson = Lesson(
      source: source, span: header.span, name: header.name, title: header.title, goal: goal, needs: header.needs,
      parameters: parameters, details: details ?? .full, continues: continues,
      steps: steps.map { $0.step(isExercise: steps.contains { $0.points > 0 }) })
    lesson.release = release
    lesson.remarks = remarks
    return lesson
  }

  /// Remarks on prose that stands apart from the explanation or the reply to which it belongs.
  private mutating func noteDistance(_ index: Int) {
    let what: String
    switch section {
    case .explanation: what = "explanation"
    case .reply: what = "reply"
    case .prose, .script: return
    }
    guard index > 0, source.firstByte(of: lines[index - 1]) == nil else { return }
    remarks.append(
      source.diagnostic(
        at: lines[index], "this belongs to the \(what) above, though an empty line stands between them",
        remedy: "take the empty line out; prose for the next step stands behind its `@setup` or `@ask`"))
  }

  private var endOfText: SourceSpan {
    let last = lines.last { source.firstByte(of: $0) != nil } ?? SourceSpan(start: 0, end: 0)
    return SourceSpan(start: last.end, end: last.end)
  }

  // MARK: - Lines

  private func directive(on line: SourceSpan) throws(Diagnostic) -> DirectiveLine {
    var end = line.start + 1
    while end < line.end, source.utf8[end] > UInt8(ascii: " ") { end += 1 }
    let word = source.text(SourceSpan(start: line.start + 1, end: end))
    if let directive = Directive(rawValue: word) { return DirectiveLine(directive, source: source, span: line) }
    let names = Directive.allCases.map(\.rawValue)
    throw source.diagnostic(
      at: SourceSpan(start: line.start, end: end), "there is no directive `@\(word)`",
      expected: names.map { "@\($0)" }.joined(separator: ", "),
      suggestion: closest(to: word, among: names).map { "@" + $0 },
      remedy: word == "exercise" ? "an exercise begins with `@lesson`, and its steps carry points" : nil)
  }

  private mutating func takeProse(_ line: SourceSpan) throws(Diagnostic) {
    try expectAnswer(at: line)
    guard header != nil else { throw notALesson(line) }
    let start = line.start + 1
    let isPadded = start < line.end && source.utf8[start] == UInt8(ascii: " ")
    var parser = Parser(
      source: source, table: table, span: SourceSpan(start: isPadded ? start + 1 : start, end: line.end))
    let text = try parser.parseUnquotedText()
    switch section {
    case .explanation: return continueExplanation(text)
    case .reply: return continueReply(text)
    case .prose, .script: break
    }
    if step?.hasSolution == true {
      throw source.diagnostic(
        at: line, "prose cannot stand behind the solution", remedy: "what is said after the step begins with `@explain`"
      )
    }
    section = .prose
    guard step == nil else {
      step?.task.append(text)
      return
    }
    if case .prose(let lines)? = preamble.items.last {
      preamble.items[preamble.items.count - 1] = .prose(lines + [text])
    } else {
      preamble.items.append(.prose([text]))
    }
  }

  private mutating func continueExplanation(_ text: Template) {
    guard var draft = step, !draft.explanation.isEmpty else { return }
    draft.explanation[draft.explanation.count - 1].text.append(text)
    step = draft
  }

  private mutating func continueReply(_ text: Template) {
    if step != nil, let last = step?.replies.indices.last {
      step?.replies[last].text.append(text)
    } else if let last = preamble.replies.indices.last {
      preamble.replies[last].text.append(text)
    }
  }

  private func takeCommand(_ line: SourceSpan) throws(Diagnostic) {
    guard header != nil else { throw notALesson(line) }
    if case .script = section { return }
    throw source.diagnostic(
      at: line, "this command belongs to no part of the lesson",
      expected: "`@setup`, `@solution` or `@wrong` before it",
      remedy: "prose begins with `|`")
  }

  private func notALesson(_ line: SourceSpan) -> Diagnostic {
    source.diagnostic(at: line, "this stands before the lesson begins", expected: Directive.lesson.usage)
  }

  /// Ends a `@setup`, `@solution` or `@wrong`, if one is open, and parses its commands.
  mutating func endScript(before index: Int) throws(Diagnostic) {
    guard case .script(let directive, let first) = section else { return }
    section = .prose
    let slice = source.slice(lines[first..<index], firstLine: source.firstLine + first)
    var parser = Parser(source: slice, table: table)
    let statements: [Statement]
    if var found = mistakes {
      statements = parser.parseScript(collecting: &found)
      mistakes = found
    } else {
      statements = try parser.parseScript()
    }
    let script = Lesson.Script(source: slice, statements: statements)
    switch directive {
    case .setup:
      table = parser.table
      preamble.items.append(.setup(script))
    case .wrong: step?.endWrong(script)
    default:
      table = parser.table
      step?.solution = script
    }
  }

  // MARK: - Directives

  private mutating func readDirective(_ line: DirectiveLine, _ index: Int) throws(Diagnostic) {
    if line.directive != .answer { try expectAnswer(at: line.span) }
    guard header != nil || line.directive == .lesson else { throw notALesson(line.span) }
    section = .prose
    switch line.directive {
    case .lesson: try takeLesson(line)
    case .goal: try takeGoal(line)
    case .param: try takeParameter(line)
    case .released: try takeRelease(line)
    case .details: try takeDetails(line)
    case .continues:
      guard !continues else { throw line.mistake("this is said twice") }
      try expectEnd(line)
      continues = true
    case .fixed, .allow, .withhold: try takeFixed(line)
    case .accept: try takeAccepted(line)
    case .setup:
      try beginPreamble(line)
      try expectEnd(line)
      section = .script(.setup, firstLine: index + 1)
    case .ask: try takeQuestion(line)
    case .answer: try takeAnswer(line)
    case .reply: try takeReply(line)
    case .teaches: try takeTaught(line)
    case .covers: try takeCovered(line)
    case .step: try takeStep(line)
    case .check, .unseen, .forbid, .hint, .solution, .wrong, .explain:
      guard let draft = step else {
        throw line.mistake(
          "`@\(line.directive.rawValue)` belongs to a step, and none begins before it",
          remedy: "it stands behind the step's `@step` line")
      }
      step = try takePart(line, index, of: draft)
    }
  }

  private func expectEnd(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    try line.expectEnd()
  }

  /// Goes on as if the question had an answer.
  mutating func forgetQuestion() { openQuestion = nil }

  // MARK: - Steps

  private mutating func takeStep(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    try endStep()
    let name = try line.name("a name")
    if let other = steps.first(where: { $0.name == name.text }) {
      throw line.mistake(
        "there is a step `\(name.text)` already, on line \(source.location(other.line.span.start).line)", at: name.span)
    }
    var points = 0
    if let word = line.word() {
      guard word.text == "points" else { throw line.mistake("`\(word.text)` cannot stand here", at: word.span) }
      points = try line.number("the number of points", in: 1...1000)
    }
    try line.expectEnd()
    step = StepDraft(name: name.text, line: line, points: points, preamble: preamble)
    preamble = StepPreamble()
    preambleStart = nil
  }

  mutating func endStep() throws(Diagnostic) {
    try expectAnswer(at: endOfText)
    guard let draft = step else { return }
    step = nil
    steps.append(try draft.finished(lesson: fixedParts, accepted: accepted, isReleased: release != nil))
  }

  /// Reads a directive that belongs to a step.
  private mutating func takePart(
    _ line: DirectiveLine, _ index: Int, of draft: StepDraft
  ) throws(Diagnostic) -> StepDraft {
    var (line, draft) = (line, draft)
    switch line.directive {
    case .check: try draft.takeCheck(line, table)
    case .unseen: try draft.takeUnseen(line)
    case .forbid: try draft.takeForbidden(line)
    case .hint: draft.hints.append(try line.text(table))
    case .explain:
      try draft.takeExplanation(line, table)
      section = .explanation
    case .wrong:
      try draft.beginWrong(line)
      section = .script(.wrong, firstLine: index + 1)
    default:
      guard draft.solution == nil, !draft.hasSolution else { throw line.mistake("the step has two solutions") }
      try line.expectEnd()
      draft.hasSolution = true
      section = .script(.solution, firstLine: index + 1)
    }
    return draft
  }
}
