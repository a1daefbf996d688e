import CommandLanguage

/// A step while its lines are being read.
struct StepDraft {
  let name: String
  let line: DirectiveLine
  let points: Int
  let preamble: [Lesson.Preamble]
  var task: [Template] = []
  var checks: [Lesson.Check] = []
  var forbidden: [Lesson.ForbiddenEvent] = []
  var hints: [Template] = []
  var hasSolution = false
  var solution: Lesson.Script?
  var explanation: [Template] = []

  init(name: String, line: DirectiveLine, points: Int, preamble: [Lesson.Preamble]) {
    self.name = name
    self.line = line
    self.points = points
    self.preamble = preamble
  }

  mutating func takeCheck(_ line: DirectiveLine, _ table: CommandTable) throws(Diagnostic) {
    var line = line
    let name = try line.name("a name")
    guard !checks.contains(where: { $0.name == name.text }) else {
      throw line.mistake("the step has a check `\(name.text)` already", at: name.span)
    }
    let condition = try line.expression(table)
    let message = try line.quotedText(table)
    var isHidden = false
    var seeds: Int?
    while let word = line.word() {
      switch word.text {
      case "hidden" where !isHidden: isHidden = true
      case "seeds" where seeds == nil: seeds = try line.number("the number of seeds", in: 1...1000)
      default:
        throw line.mistake(
          "`\(word.text)` cannot stand here", at: word.span,
          suggestion: closest(to: word.text, among: ["hidden", "seeds"]))
      }
    }
    checks.append(
      Lesson.Check(
        name: name.text, span: line.span, condition: condition, message: message, isHidden: isHidden,
        furtherSeeds: seeds ?? 0))
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
    try line.expectEnd()
    forbidden.append(Lesson.ForbiddenEvent(kind: kind, span: line.span))
  }

  func finished() throws(Diagnostic) -> Lesson.Step {
    guard let solution else {
      throw line.mistake("the step `\(name)` has no solution", remedy: "`@solution` and commands stand behind it")
    }
    guard points == 0 || !checks.isEmpty else {
      throw line.mistake("the step `\(name)` has points and no check", remedy: Directive.check.usage)
    }
    return Lesson.Step(
      name: name, span: line.span, points: points, preamble: preamble, task: task, checks: checks,
      forbidden: forbidden, hints: hints, solution: solution, explanation: explanation)
  }
}
