import CommandLanguage

/// Directives for the whole lesson, and those that stand before steps or in them.
extension LessonParser {
  mutating func takeLesson(_ line: DirectiveLine) throws(Diagnostic) {
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

  mutating func takeParameter(_ line: DirectiveLine) throws(Diagnostic) {
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
    var isSecret = false
    if let word = line.word() {
      guard word.text == "secret" else {
        throw line.mistake(
          "`\(word.text)` cannot stand here", at: word.span, suggestion: closest(to: word.text, among: ["secret"]))
      }
      isSecret = true
    }
    try line.expectEnd()
    parameters.append(Lesson.Parameter(name: name.text, range: low...high, isSecret: isSecret))
  }

  mutating func takeDetails(_ line: DirectiveLine) throws(Diagnostic) {
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

  mutating func takeRelease(_ line: DirectiveLine) throws(Diagnostic) {
    guard release == nil else { throw line.mistake("this is said twice") }
    guard isBeforeSteps else { throw line.mistake("`@released` comes too late", remedy: "it stands on top") }
    var line = line
    var word = line.word()
    var student: String?
    if word?.text == "to" {
      guard let text = try line.quotedText(table)?.constantText, !text.isEmpty else {
        throw line.mistake("the student is missing", at: line.rest, remedy: "the name stands in quotes")
      }
      student = text
      word = line.word()
    }
    guard word?.text == "seed" else { throw line.mistake("the seed is missing", at: word?.span) }
    let seed = try line.number("a seed", in: 0...Int(StudentSeed.highest))
    try line.expectEnd()
    release = Lesson.Release(student: student, seed: UInt64(seed))
  }

  mutating func takeGoal(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    guard goal == nil else { throw line.mistake("a lesson has one goal") }
    guard isBeforeSteps else { throw line.mistake("`@goal` comes too late", remedy: "it stands on top of the lesson") }
    guard let text = try line.quotedText(table)?.constantText, !text.isEmpty else {
      throw line.mistake("the goal is missing", at: line.rest, remedy: "it stands in quotes, and nothing is filled in")
    }
    guard let word = line.word(), word.text == "minutes" else {
      throw line.mistake("nothing says how long the lesson takes", remedy: "as in @goal \"…\" minutes 15")
    }
    let minutes = try line.number("the number of minutes", in: 1...600)
    try line.expectEnd()
    goal = Lesson.Goal(text: text, minutes: minutes)
  }

  /// Whether no step has begun yet.
  private var isBeforeSteps: Bool { steps.isEmpty && step == nil }

  /// Refuses a directive that belongs to no step and not to the whole lesson either.
  private func expectStep(_ line: DirectiveLine) throws(Diagnostic) {
    guard step == nil, !steps.isEmpty else { return }
    throw line.mistake(
      "`@\(line.directive.rawValue)` belongs to no step here",
      remedy: "it stands behind a `@step`, or for the whole lesson before the first")
  }

  mutating func takeFixed(_ line: DirectiveLine) throws(Diagnostic) {
    try expectStep(line)
    var line = line
    var parts = step?.fixedParts ?? fixedParts
    switch line.directive {
    case .fixed:
      let names = FixedParts.Part.allCases.map(\.rawValue)
      guard !line.isAtEnd else { throw line.mistake("`@fixed` needs \(names.joined(separator: " or "))") }
      var fixed = parts.fixed ?? []
      while let word = line.word() {
        guard let part = FixedParts.Part(rawValue: word.text) else {
          throw line.mistake(
            "`\(word.text)` is nothing that can be fixed", at: word.span,
            suggestion: closest(to: word.text, among: names))
        }
        fixed.append(part)
      }
      parts.fixed = fixed
    case .allow:
      let fixable = FixedParts.Part.allCases.flatMap(\.commands)
      for command in try line.commands(table, takesFlags: false, takesGroups: true) {
        guard
          fixable.contains(where: { "\($0) ".hasPrefix(command.spec.name + " ") })
            || parts.withheld.contains(command.spec.name)
            || fixedParts.withheld.contains(command.spec.name)
            || (command.spec.words.count > 1 && source.text(command.span) == command.spec.words.first)
        else {
          throw line.mistake(
            "`\(command.spec.name)` is not fixed, and so need not be allowed", at: command.span,
            remedy: "what is fixed is changed by \(fixable.joined(separator: ", "))")
        }
        parts.allowed.append(command.spec.name)
      }
    default:
      parts.withheld += try line.commands(table, takesFlags: false, takesGroups: true).map(\.spec.name)
    }
    if step == nil { fixedParts = parts } else { step?.fixedParts = parts }
  }

  mutating func takeAccepted(_ line: DirectiveLine) throws(Diagnostic) {
    try expectStep(line)
    var line = line
    let names = BatteryAttempt.allCases.map(\.rawValue)
    guard let word = line.word() else {
      throw line.mistake("`@accept` needs what is accepted", remedy: "one of \(names.joined(separator: ", "))")
    }
    guard let attempt = BatteryAttempt(rawValue: word.text) else {
      throw line.mistake(
        "`migsh test` does not try `\(word.text)`", at: word.span, suggestion: closest(to: word.text, among: names),
        remedy: "it tries \(names.joined(separator: ", "))")
    }
    guard let reason = try line.quotedText(table)?.constantText, !reason.isEmpty else {
      throw line.mistake("nothing says why `\(word.text)` is accepted", remedy: "the reason stands in quotes")
    }
    try line.expectEnd()
    let acceptance = Lesson.Acceptance(attempt: attempt, reason: reason, span: line.span)
    guard !(step?.accepted ?? accepted).contains(where: { $0.attempt == attempt }) else {
      throw line.mistake("`\(word.text)` is accepted already", at: word.span)
    }
    if step == nil { accepted.append(acceptance) } else { step?.accepted.append(acceptance) }
  }

  /// Commands that the step under way introduces, or else the one that follows.
  mutating func takeTaught(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    let taught = try line.commands(table, takesFlags: true).map {
      Lesson.TaughtCommand(name: $0.spec.name, flags: $0.flags)
    }
    if step == nil { preamble.teaches += taught } else { step?.teaches += taught }
  }

  /// Statements that the step under way teaches, or else the one that follows.
  mutating func takeCovered(_ line: DirectiveLine) throws(Diagnostic) {
    var line = line
    var covered: [Lesson.CoveredStatement] = []
    repeat {
      let start = line.rest.start
      let number = try line.number("the number of a statement", in: 1...10_000)
      covered.append(Lesson.CoveredStatement(number: number, span: SourceSpan(start: start, end: line.span.end)))
    } while !line.isAtEnd
    if step == nil { preamble.covers += covered } else { step?.covers += covered }
  }
}
