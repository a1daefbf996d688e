import CommandLanguage
import Shell

/// What the tutor says.
extension Tutor {
  /// Says something on lines of its own, broken between words where the screen is narrower.
  func tell(_ text: String, _ items: Report.Item..., in session: borrowing Session) {
    let text = session.options.columns.map { text.wrapped(at: $0) } ?? text
    let source = visit?.lesson.source ?? SourceText(name: "lesson", text: "")
    let span = visit?.step.span ?? SourceSpan(start: 0, end: 0)
    session.say(Report(prose: text, [.init("tutor", .text(text))] + items), about: span, in: source)
  }

  /// Says something with an empty line before it, where people read it.
  func tellApart(_ text: String, _ items: Report.Item..., in session: borrowing Session) {
    if session.options.format == .text { session.write("\n") }
    let text = session.options.columns.map { text.wrapped(at: $0) } ?? text
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
      "\(session.options.screen.tellsPictures ? "Question:" : "?") \(text)\(choices)",
      .init("question", .text(question.name)), .init("text", .text(text)),
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
      rest += following(visit.lesson, in: session) + "."
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

  /// Says again what stands before the step, as far as it was shown, and the question or the task.
  func showText(in session: borrowing Session) -> ScriptStatus {
    guard let visit else { return .success }
    for case .prose(let lines) in visit.step.preamble.dropLast(visit.pending.count) {
      show(lines, as: "prose", in: session)
    }
    if case .asking(let question, _) = visit.phase {
      ask(question, in: session)
    } else {
      showTask(in: session)
    }
    return .success
  }

  func showSteps(in session: borrowing Session) -> ScriptStatus {
    guard let visit else { return .success }
    let lesson = visit.lesson
    var lines = ["\(lesson.title): \(counted(lesson.steps.count, "step"))"]
    for (index, step) in lesson.steps.enumerated() {
      let outcome = progress.book.outcome(of: step.name, in: lesson.name)?.rawValue ?? ""
      let isHere = index == visit.index
      let here = isHere && session.options.screen.tellsPictures ? ", where you are" : ""
      lines.append(
        "\(isHere && here.isEmpty ? ">" : " ") \(index + 1) \(step.name)\(outcome.isEmpty ? "" : "  \(outcome)")\(here)"
      )
    }
    lines.append(
      "`lesson --step NAME` goes to any of them; `text`, `hint`, "
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
    let isUntouched = visit.start.map { !isOther($0.state, session) } ?? false
    let isOver = nothingRuns(in: session)
    for result in results {
      let shown = result.withheld(visit.lesson.details)
      let isOpen = shown.verdict == .failed && !shown.isGuard
      // Before anything was tried, what an exercise looks for would say what has to be done.
      let explanation = isOpen && isUntouched && visit.lesson.points > 0 ? nil : shown.explanation
      let detail =
        (explanation ?? (isOpen && shown.isHidden ? "hidden, so it says no more" : nil)).map { ": \($0)" } ?? ""
      tell(
        "\(isOpen && !isOver ? "open" : shown.verdict.text)  \(shown.name)\(detail)",
        .init("check", .json(.object(shown.data))), in: session)
    }
    if !isUntouched, results.contains(where: { $0.verdict == .failed }) {
      tell("`again` begins the step anew", in: session)
    }
    showPoints(results, in: session)
    return .success
  }

  /// Lists the course, and says how much of it is done.
  mutating func list(in session: borrowing Session) -> ScriptStatus {
    progress.refresh()
    guard !library.entries.isEmpty else {
      tell("there are no lessons here" + (missing.map { ": \($0)" } ?? ""), in: session)
      return .refused
    }
    var table = Table("LESSON", "TITLE", "MINUTES>", "STEPS DONE>", "SKIPPED>")
    var (lessons, exercises) = (Tally(), Tally())
    var place: String?
    for entry in library.entries {
      guard let lesson = try? library.lesson(entry, table: session.table).lesson else {
        table.add(entry.name, "cannot be read", "", "", "")
        continue
      }
      let outcomes = lesson.steps.map { progress.book.outcome(of: $0.name, in: lesson.name) }
      let skipped = outcomes.count { $0 == .skipped }
      let isExercise = lesson.points > 0
      isExercise ? exercises.add(outcomes) : lessons.add(outcomes)
      if place == nil, outcomes.contains(nil), let step = progress.book.places[lesson.name] {
        place = "; `lesson \(lesson.name)` goes on with its step `\(step)`"
      }
      table.add(
        entry.name, isExercise ? "exercise: \(lesson.title)" : lesson.title,
        lesson.goal.map { String($0.minutes) } ?? "", "\(outcomes.count { $0 == .done })/\(outcomes.count)",
        skipped > 0 ? String(skipped) : "")
    }
    tell(
      "You have done \(lessons.done) of \(counted(lessons.all, "lesson")) and \(exercises.done) of "
        + "\(counted(exercises.all, "exercise"))\(place ?? "").", in: session)
    let screen = session.options.screen
    let rows = screen.tellsPictures ? table.told(columns: screen.columns) : table.text
    let source = visit?.lesson.source ?? SourceText(name: "lesson", text: "")
    session.say(
      Report(
        rows + "`lesson NAME` enters one",
        [.init("tutor", .text(rows)), .init("lessons", .texts(library.entries.map(\.name)))]),
      about: visit?.step.span ?? SourceSpan(start: 0, end: 0), in: source)
    return .success
  }
}

/// How many lessons there are, and how many of them are done.
private struct Tally {
  private(set) var all = 0
  private(set) var done = 0

  mutating func add(_ outcomes: [ProgressBook.Outcome?]) {
    all += 1
    if outcomes.allSatisfy({ $0 == .done }) { done += 1 }
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
