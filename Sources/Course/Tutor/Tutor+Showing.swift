import CommandLanguage
import Shell

/// What the tutor says.
extension Tutor {
  /// Says something on lines of its own.
  func tell(_ text: String, _ items: Report.Item..., in session: borrowing Session) {
    let source = visit?.lesson.source ?? SourceText(name: "lesson", text: "")
    let span = visit?.step.span ?? SourceSpan(start: 0, end: 0)
    session.say(Report(prose: text, [.init("tutor", .text(text))] + items), about: span, in: source)
  }

  /// Says something with an empty line before it, where people read it.
  func tellApart(_ text: String, _ items: Report.Item..., in session: borrowing Session) {
    if session.options.format == .text { session.write("\n") }
    let source = visit?.lesson.source ?? SourceText(name: "lesson", text: "")
    session.say(Report(prose: text, items), about: visit?.step.span ?? SourceSpan(start: 0, end: 0), in: source)
  }

  func show(_ lines: [Template], as kind: String, in session: borrowing Session) {
    guard let visit, !lines.isEmpty else { return }
    do throws(Diagnostic) {
      let shown = try visit.stage.prose(lines, width: Prose.width(in: session), in: session)
      tellApart(shown + "\n", .init(kind, .text(shown)), in: session)
    } catch {
      tell(error.rendered(), in: session)
    }
  }

  func ask(_ question: Lesson.Question, in session: borrowing Session) {
    guard let visit, let text = try? visit.stage.evaluator(in: session).text(question.text) else { return }
    let choices = question.shownChoices.enumerated().map { "\n  \($0 + 1) \($1)" }.joined()
    tellApart(
      "? \(text)\(choices)", .init("question", .text(question.name)), .init("text", .text(text)),
      .init("choices", .texts(question.shownChoices)), in: session)
  }

  func showHead(of lesson: Lesson, isResumed: Bool, _ index: Int, in session: borrowing Session) {
    let rule = String(repeating: "=", count: lesson.title.displayWidth)
    tellApart("\(lesson.title)\n\(rule)", .init("lesson", .text(lesson.name)), in: session)
    if let goal = lesson.goal {
      tellApart(
        Prose.wrapped([goal.shown], width: Prose.width(in: session)), .init("goal", .text(goal.text)), in: session)
    }
    if visit?.exercise != nil { return showExercise(lesson, isResumed: isResumed, in: session) }
    guard index > 0 else { return }
    let how = isResumed ? "You go on where you left off. " : ""
    tellApart(
      "\(how)The \(index == 1 ? "step" : "\(index) steps") before `\(lesson.steps[index].name)` "
        + "\(index == 1 ? "has" : "have") been done for you; `steps` lists them.",
      .init("played", .count(index)), in: session)
  }

  func showTask(in session: borrowing Session) {
    guard let visit else { return }
    let step = visit.step
    let points = step.points > 0 ? " (\(counted(step.points, "point")))" : ""
    tellApart(
      "[\(visit.index + 1)/\(visit.lesson.steps.count)] \(step.name)\(points)", .init("step", .text(step.name)),
      .init("points", .count(step.points)), in: session)
    show(step.task, as: "prose", in: session)
  }

  func showEnd(isSkipped: Bool, in session: borrowing Session) {
    guard let visit else { return }
    let step = visit.step
    let earned = step.points > 0 && !isSkipped ? ", \(counted(step.points, "point"))" : ""
    let how = isSkipped ? "shown, and earns nothing" : "done\(earned)"
    var rest = "`next` goes on."
    if visit.isLast {
      rest = "That was the last step"
      rest += library.name(after: visit.lesson.name).map { "; `lesson \($0)` comes next." } ?? "."
    }
    tellApart(
      "Step \(visit.index + 1) of \(visit.lesson.steps.count) is \(how). \(rest)",
      .init("done", .text(step.name)), .init("skipped", .boolean(isSkipped)), in: session)
  }

  func showHint(_ hint: Template, _ number: Int, of count: Int, in session: borrowing Session) {
    guard let visit else { return }
    do throws(Diagnostic) {
      let text = try visit.stage.evaluator(in: session).text(hint)
      let shown = Prose.wrapped(["Hint \(number) of \(count): \(text)"], width: Prose.width(in: session))
      tell(shown, .init("hint", .text(text)), in: session)
    } catch {
      tell(error.rendered(), in: session)
    }
  }

  // MARK: - Where the learner is

  func showSteps(in session: borrowing Session) -> ScriptStatus {
    guard let visit else { return .success }
    let lesson = visit.lesson
    var lines = ["\(lesson.title): \(counted(lesson.steps.count, "step"))"]
    for (index, step) in lesson.steps.enumerated() {
      let outcome = progress.book.outcome(of: step.name, in: lesson.name)?.rawValue ?? ""
      lines.append(
        "\(index == visit.index ? ">" : " ") \(index + 1) \(step.name)\(outcome.isEmpty ? "" : "  \(outcome)")")
    }
    lines.append(
      "`lesson --step NAME` goes to any of them; `hint`, "
        + (visit.exercise == nil
          ? "`skip`, `again`, `back`, `next`, `check`, `leave`"
          : "`again`, `back`, `next`, `check`, `hand-in`, `leave`"))
    tell(lines.joined(separator: "\n"), .init("steps", .texts(lesson.steps.map(\.name))), in: session)
    if case .asking(let question, _) = visit.phase { ask(question, in: session) }
    return .success
  }

  func showChecks(in session: borrowing Session) -> ScriptStatus {
    guard let visit else { return .success }
    guard case .working = visit.phase else {
      tell("no step is under way to be checked", in: session)
      return .refused
    }
    let results = visit.judge(session)
    for result in results {
      let shown = result.withheld(visit.lesson.details)
      let detail = shown.explanation.map { ": \($0)" } ?? ""
      tell(
        "\(shown.verdict.text)  \(shown.name)\(detail)", .init("check", .json(.object(shown.data))), in: session)
    }
    showPoints(results, in: session)
    return .success
  }

  mutating func list(in session: borrowing Session) -> ScriptStatus {
    progress.refresh()
    guard !library.entries.isEmpty else {
      tell("there are no lessons here" + (missing.map { ": \($0)" } ?? ""), in: session)
      return .refused
    }
    var table = Table("LESSON", "TITLE", "MINUTES>", "DONE>", "SKIPPED>")
    for entry in library.entries {
      guard let lesson = try? library.lesson(entry, table: session.table).lesson else {
        table.add(entry.name, "cannot be read", "", "", "")
        continue
      }
      let outcomes = lesson.steps.map { progress.book.outcome(of: $0.name, in: lesson.name) }
      let skipped = outcomes.count { $0 == .skipped }
      table.add(
        entry.name, lesson.title, lesson.goal.map { String($0.minutes) } ?? "",
        "\(outcomes.count { $0 == .done })/\(outcomes.count)", skipped > 0 ? String(skipped) : "")
    }
    tell(table.text + "`lesson NAME` enters one", .init("lessons", .texts(library.entries.map(\.name))), in: session)
    return .success
  }
}

extension CheckResult {
  /// The result without what a learner may not see.
  func withheld(_ details: Lesson.Details) -> CheckResult {
    var result = self
    result.withhold(details)
    return result
  }
}
