import CommandLanguage

/// The directives of the lesson format.
enum Directive: String, CaseIterable {
  case lesson, param, details, setup, ask, answer, step, check, forbid, hint, solution, explain

  /// How it is written.
  var usage: String {
    switch self {
    case .lesson: "@lesson NAME \"Title\" [needs NAME...]"
    case .param: "@param NAME LOW..HIGH"
    case .details: "@details full|actual-only|none"
    case .setup: "@setup, and commands on the lines that follow"
    case .ask: "@ask NAME \"question\" [within SHARE]"
    case .answer: "@answer EXPRESSION"
    case .step: "@step NAME [points N]"
    case .check: "@check NAME EXPRESSION [\"message\"] [hidden] [seeds N]"
    case .forbid: "@forbid KIND"
    case .hint: "@hint TEXT"
    case .solution: "@solution, and commands on the lines that follow"
    case .explain: "@explain TEXT"
    }
  }
}

/// Reads the text of a lesson line by line, up to its first mistake.
struct LessonParser {
  let source: SourceText
  /// The commands known so far: the given ones, and those that the lesson's scripts have defined.
  private(set) var table: CommandTable

  private(set) var lines: [SourceSpan] = []
  /// The mistakes behind which it went on; nil when it stops at the first.
  var mistakes: [Diagnostic]?
  private var header: Header?
  private var parameters: [Lesson.Parameter] = []
  private var details: Lesson.Details?
  private var steps: [Lesson.Step] = []
  /// What stands before the next step, and where that begins.
  private var preamble: [Lesson.Preamble] = []
  private var preambleStart: DirectiveLine?
  /// A question whose `@answer` has not come yet.
  private var openQuestion: OpenQuestion?
  private var step: StepDraft?
  private var section = Section.prose

  private struct Header {
    let span: SourceSpan
    let name: String
    let title: String
    let needs: [String]
  }

  private struct OpenQuestion {
    let line: DirectiveLine
    let name: String
    let text: Template
    let tolerance: Double?
  }

  /// What a line belongs to that is no directive.
  private enum Section {
    case prose
    /// The commands of `@setup` or `@solution`, from this line on.
    case script(Directive, firstLine: Int)
    /// An explanation, which further prose continues.
    case explanation
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
    return Lesson(
      source: source, span: header.span, name: header.name, title: header.title, needs: header.needs,
      parameters: parameters, details: details ?? .full, steps: steps)
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
    if case .explanation = section {
      step?.explanation.append(text)
      return
    }
    if step?.hasSolution == true {
      throw source.diagnostic(
        at: line, "prose cannot stand behind the solution", remedy: "what is said after the step begins with `@explain`"
      )
    }
    section = .prose
    if step == nil { preamble.append(.prose(text)) } else { step?.task.append(text) }
  }

  private func takeCommand(_ line: SourceSpan) throws(Diagnostic) {
    guard header != nil else { throw notALesson(line) }
    if case .script = section { return }
    throw source.diagnostic(
      at: line, "this command belongs to no part of the lesson", expected: "`@setup` or `@solution` before it",
      remedy: "prose begins with `|`")
  }

  private func notALesson(_ line: SourceSpan) -> Diagnostic {
    source.diagnostic(at: line, "this stands before the lesson begins", expected: Directive.lesson.usage)
  }

  /// Ends a `@setup` or `@solution`, if one is open, and parses its commands.
  mutating func endScript(before index: Int) throws(Diagnostic) {
    guard case .script(let directive, let first) = section else { return }
    section = .prose
    let slice = source.slice(lines[first..<index], firstLine: source.firstLine + first)
    var parser = Parser(source: slice, table: table)
    if var found = mistakes {
      _ = parser.parseScript(collecting: &found)
      mistakes = found
    } else {
      _ = try parser.parseScript()
    }
    table = parser.table
    let script = Lesson.Script(source: slice)
    if directive == .setup { preamble.append(.setup(script)) } else { step?.solution = script }
  }

  // MARK: - Directives

  private mutating func readDirective(_ line: DirectiveLine, _ index: Int) throws(Diagnostic) {
    if line.directive != .answer { try expectAnswer(at: line.span) }
    guard header != nil || line.directive == .lesson else { throw notALesson(line.span) }
    section = .prose
    switch line.directive {
    case .lesson: try takeLesson(line)
    case .param: try takeParameter(line)
    case .details: try takeDetails(line)
    case .setup:
      try beginPreamble(line)
      try expectEnd(line)
      section = .script(.setup, firstLine: index + 1)
    case .ask: try takeQuestion(line)
    case .answer: try takeAnswer(line)
    case .step: try takeStep(line)
    case .check, .forbid, .hint, .solution, .explain:
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

  private mutating func takeLesson(_ line: DirectiveLine) throws(Diagnostic) {
    guard header == nil else {
      throw line.mistake("a lesson has one `@lesson`", remedy: "put the other in its own file")
    }
    var line = line
    let name = try line.name("a name")
    guard let title = try line.quotedText(table)?.constantText, !title.isEmpty else {
      throw line.mistake("the lesson has no title", at: line.rest)
    }
    var needs: [String] = []
    if let word = line.word() {
      guard word.text == "needs" else { throw line.mistake("`\(word.text)` cannot stand here", at: word.span) }
      repeat { needs.append(try line.name("the name of a lesson after `needs`").text) } while !line.isAtEnd
    }
    header = Header(span: line.span, name: name.text, title: title, needs: needs)
  }

  private mutating func takeParameter(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard steps.isEmpty, step == nil, preambleStart == nil else {
      throw line.mistake("`@param` comes too late", remedy: "it stands before the first `@setup`, `@ask` and `@step`")
    }
    let name = try line.name("a name")
    guard !parameters.contains(where: { $0.name == name.text }) else {
      throw line.mistake("there is a parameter `\(name.text)` already", at: name.span)
    }
    guard let word = line.word() else { throw line.mistake("the parameter has no range") }
    let ends = word.text.split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count == 3, ends[1].isEmpty, let low = Int64(ends[0]), let high = Int64(ends[2]), low >= 0 else {
      throw line.mistake(
        "`\(word.text)` is not a range", at: word.span, remedy: "it is two whole numbers, as in 64..256")
    }
    guard low <= high else {
      throw line.mistake("this range is reversed", at: word.span, suggestion: "\(high)..\(low)")
    }
    try line.expectEnd()
    parameters.append(Lesson.Parameter(name: name.text, range: low...high))
  }

  private mutating func takeDetails(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard details == nil else { throw line.mistake("the details are said twice") }
    let names = Lesson.Details.allCases.map(\.rawValue)
    guard let word = line.word() else { throw line.mistake("`@details` needs one of \(names.joined(separator: ", "))") }
    guard let value = Lesson.Details(rawValue: word.text) else {
      throw line.mistake(
        "there are no details `\(word.text)`", at: word.span, suggestion: closest(to: word.text, among: names))
    }
    try line.expectEnd()
    details = value
  }

  // MARK: - Before a step

  /// Completes the step, and begins the preamble of the next one.
  private mutating func beginPreamble(_ line: DirectiveLine) throws(Diagnostic) {
    try endStep()
    preambleStart = preambleStart ?? line
  }

  private mutating func takeQuestion(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    try beginPreamble(line)
    let name = try line.name("a name")
    let questions = steps.flatMap(\.questions).map(\.name) + preamble.compactMap(\.questionName)
    guard !questions.contains(name.text) else {
      throw line.mistake("there is a question `\(name.text)` already", at: name.span)
    }
    guard let text = try line.quotedText(table) else {
      throw line.mistake("the question is missing", at: line.rest, remedy: "it stands in quotes")
    }
    var tolerance: Double?
    if let word = line.word() {
      guard word.text == "within" else { throw line.mistake("`\(word.text)` cannot stand here", at: word.span) }
      guard case .literal(.share(let share), _) = try line.expression(table), share <= 10 else {
        throw line.mistake("`within` takes a share of the answer", at: line.span, remedy: "as in within 20%")
      }
      tolerance = share
    }
    try line.expectEnd()
    openQuestion = OpenQuestion(line: line, name: name.text, text: text, tolerance: tolerance)
  }

  private mutating func takeAnswer(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard let question = openQuestion else {
      throw line.mistake("this `@answer` has no question", remedy: "it stands right behind its `@ask`")
    }
    let answer = try line.expression(table)
    try line.expectEnd()
    preamble.append(
      .question(
        Lesson.Question(
          name: question.name, span: question.line.span, text: question.text, tolerance: question.tolerance,
          answer: answer)))
    openQuestion = nil
  }

  /// Goes on as if the question had an answer.
  mutating func forgetQuestion() { openQuestion = nil }

  private func expectAnswer(at span: SourceSpan) throws(Diagnostic) {
    guard let openQuestion else { return }
    throw openQuestion.line.mistake(
      "the question `\(openQuestion.name)` has no answer", remedy: "`@answer EXPRESSION` stands right behind it")
  }

  // MARK: - Steps

  private mutating func takeStep(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    try endStep()
    let name = try line.name("a name")
    if let other = steps.first(where: { $0.name == name.text }) {
      throw line.mistake(
        "there is a step `\(name.text)` already, on line \(source.location(other.span.start).line)", at: name.span)
    }
    var points = 0
    if let word = line.word() {
      guard word.text == "points" else { throw line.mistake("`\(word.text)` cannot stand here", at: word.span) }
      points = try line.number("the number of points", in: 1...1000)
    }
    try line.expectEnd()
    step = StepDraft(name: name.text, line: line, points: points, preamble: preamble)
    preamble = []
    preambleStart = nil
  }

  mutating func endStep() throws(Diagnostic) {
    try expectAnswer(at: endOfText)
    guard let draft = step else { return }
    step = nil
    steps.append(try draft.finished())
  }

  /// Reads a directive that belongs to a step.
  private mutating func takePart(
    _ line: DirectiveLine, _ index: Int, of draft: StepDraft
  ) throws(Diagnostic) -> StepDraft {
    var (line, draft) = (line, draft)
    switch line.directive {
    case .check: try draft.takeCheck(line, table)
    case .forbid: try draft.takeForbidden(line)
    case .hint: draft.hints.append(try line.text(table))
    case .explain:
      guard draft.explanation.isEmpty else {
        throw line.mistake("the step is explained twice", remedy: "an explanation goes on on lines that begin with `|`")
      }
      draft.explanation.append(try line.text(table))
      section = .explanation
    default:
      guard draft.solution == nil, !draft.hasSolution else { throw line.mistake("the step has two solutions") }
      try line.expectEnd()
      draft.hasSolution = true
      section = .script(.solution, firstLine: index + 1)
    }
    return draft
  }
}

extension Lesson.Preamble {
  fileprivate var questionName: String? {
    if case .question(let question) = self { question.name } else { nil }
  }
}
