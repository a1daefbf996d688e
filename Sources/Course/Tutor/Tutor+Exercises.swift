import CommandLanguage
import Shell

/// Exercises that are taken as they are graded.
extension Tutor {
  mutating func startExercise(
    _ name: String, step: String?, student: String?, in session: inout Session
  ) -> ScriptStatus {
    guard let (lesson, notice) = find(name, in: session) else { return .refused }
    guard lesson.points > 0 else {
      tell("\(lesson.name) is a lesson and no exercise: `lesson \(name)` enters it", in: session)
      return .refused
    }
    if let release = lesson.release, student != nil, student.map(normalised) != release.student {
      tell("this file has the numbers of \(release.student ?? "nobody"), and no others", in: session)
      return .refused
    }
    return enter(lesson, notice, step: step, as: taken(lesson, by: student), in: &session)
  }

  /// An exercise with the numbers of a student, nothing done yet.
  func taken(_ lesson: Lesson, by student: String?) -> TakenExercise {
    if let release = lesson.release { return TakenExercise(student: release.student, seed: release.seed) }
    guard let student = student.map(normalised) else { return TakenExercise(student: nil, seed: seed) }
    return TakenExercise(
      student: student, seed: StudentSeed.seed(secret: courseSecret, exercise: lesson.name, student: student))
  }

  /// In an exercise the world has the limits of grading, and outside the usual ones.
  mutating func limit(_ session: inout Session) {
    let usual = limitsOutside ?? session.options.limits
    limitsOutside = visit?.exercise == nil ? nil : usual
    session.options.limits = limitsOutside == nil ? usual : GradingLimits().atPrompt(usual)
  }

  // MARK: - What is typed

  /// Keeps what was typed so far in the step.
  mutating func keepTyped(in session: borrowing Session) {
    guard var visit, var exercise = visit.exercise, case .working = visit.phase else { return }
    visit.stage.forgiveRefusals(in: visit.step, session)
    let isSpoilt = visit.stage.judge(visit.step, in: session).contains { $0.isForbidden && $0.verdict != .passed }
    // What was undone is left out, unless something forbidden happened in it or a value comes from there.
    let seesUndone = isSpoilt || session.savesCarriedValues
    let lines = seesUndone ? session.typedLines ?? [] : session.savedLines
    let text = lines.map { $0 + "\n" }.joined()
    let isNew = text != exercise.parts[visit.step.name] ?? ""
    exercise.parts[visit.step.name] = text
    visit.exercise = exercise
    self.visit = visit
    if isNew { keepDraft() }
  }

  mutating func keepDraft() {
    guard let visit, let exercise = visit.exercise else { return }
    progress.keepDraft(exercise.draft(visit.lesson, at: visit.step.name), exercise.draftName(visit.lesson))
  }

  /// Does again what was typed earlier in the step that has just begun.
  mutating func repeatTyped(in session: inout Session) -> ScriptStatus {
    guard let visit, let part = visit.exercise?.parts[visit.step.name], !part.isEmpty else { return .success }
    let (options, write) = (session.options, session.write)
    session.write = { _ in }
    session.options.isInteractive = false
    session.options.echoes = false
    let status = visit.stage.perform(Lesson.Step.source(ofPart: part), of: visit.step, in: &session)
    session.options = options
    session.write = write
    guard status != .interrupted else {
      leaveLesson(in: &session)
      tell("interrupted: what you typed is kept, and `exercise start \(visit.lesson.name)` goes on", in: session)
      return .interrupted
    }
    let passed = passing(visit, session)
    self.visit?.passed = passed
    tell(
      "What you typed in this step is done again: \(counted(part.split(separator: "\n").count, "line")). "
        + "`again` begins the step anew.", .init("repeated", .text(part)), in: session)
    if let failure = session.failure {
      tell("It does not work any more from here on:\n\(failure.diagnostic.rendered(kind: failure.kind))", in: session)
    }
    return .success
  }

  // MARK: - From step to step

  mutating func nextInExercise(_ visit: Visit, in session: inout Session) -> ScriptStatus {
    let results = visit.judge(session)
    tell("\(visit.step.name): \(visit.earned(results).earnedText(hidden: visit.step.hiddenChecks))", in: session)
    if results.allSatisfy({ $0.verdict == .passed }) { explain(in: session) }
    guard !visit.isLast else {
      tell("This was the last step of \(visit.lesson.name): `hand-in FILE` writes what you typed.", in: session)
      return .success
    }
    return enterStep(visit.index + 1, in: &session)
  }

  mutating func againInExercise(in session: inout Session) -> ScriptStatus {
    guard var visit = self.visit, let arrival = visit.arrivals[visit.index] else { return .success }
    if case .working = visit.phase {
      let name = visit.step.name
      visit.exercise?.parts[name] = nil
    }
    session.go(to: arrival.state, as: "again")
    visit.stage = arrival.stage
    self.visit = visit
    return enterStep(visit.index, in: &session)
  }

  /// The world that the student has made does not fit the next step.
  mutating func stayInExercise(_ failure: ScriptFailure, in session: inout Session) -> ScriptStatus {
    guard var visit else { return .refused }
    let before = visit.index - 1
    guard let arrival = visit.arrivals[before] ?? play(visit.lesson, upTo: before, as: visit.exercise, in: session)
    else {
      leaveLesson(in: &session)
      return .refused
    }
    let isJudgedApart = !visit.lesson.continues
    tell(
      "The step `\(visit.step.name)` cannot be set up in the world that you have made:\n"
        + failure.diagnostic.rendered()
        + (isJudgedApart
          ? "\nWhen it is graded, it is also judged from the world of the exercise's own solutions." : "")
        + "\nYou are back in the step before.", in: session)
    session.go(to: arrival.state, as: "next")
    visit.stage = arrival.stage
    self.visit = visit
    _ = enterStep(before, in: &session)
    return .refused
  }

  /// Notes what a step earns now, and says so when all checks that may be seen have come to pass.
  mutating func noteEarned(_ results: [CheckResult], before: Set<String>, in session: borrowing Session) {
    guard let visit else { return }
    let (step, lesson) = (visit.step, visit.lesson)
    let report = visit.earned(results)
    progress.noteEarned(report.earned, by: step.name, in: lesson.name)
    guard !results.isEmpty, results.allSatisfy({ $0.verdict == .passed }) else { return }
    guard !results.allSatisfy({ before.contains($0.name) }) else { return }
    progress.note(.done, of: step.name, in: lesson.name)
    let rest = visit.isLast ? "`hand-in FILE` writes what you typed." : "`next` goes on."
    tell(
      "Step \(visit.index + 1) of \(lesson.steps.count) passes: \(report.earnedText(hidden: step.hiddenChecks)). \(rest)",
      .init("done", .text(step.name)), .init("earned", .json(.integer(Int64(report.earned)))), in: session)
  }

  // MARK: - What is shown

  func showExercise(_ lesson: Lesson, isResumed: Bool, in session: borrowing Session) {
    guard let exercise = visit?.exercise else { return }
    var text = "\(counted(lesson.points, "point")) in \(counted(lesson.steps.count, "step"))"
    text += exercise.student.map { ", with the numbers of \(InertText.line($0))" } ?? ", with seed \(exercise.seed)"
    text += ". `check` says what holds, `next` goes on, and `hand-in FILE` writes what you typed."
    if lesson.release == nil, exercise.student != nil, courseSecret.isEmpty, !lesson.parameters.isEmpty {
      text += " There is no secret of a course here: the file that your teacher gives you may have other numbers."
    }
    if lesson.release != nil, lesson.parameters.contains(where: \.isSecret) {
      text += " What it does not tell you is different when it is graded."
    }
    if isResumed { text += " You go on where you left off." }
    tellApart(
      Prose.wrapped([text], width: Prose.width(in: session)), .init("exercise", .text(lesson.name)),
      .init("student", exercise.student.map { .text($0) } ?? .none), in: session)
  }

  func showPoints(_ results: [CheckResult], in session: borrowing Session) {
    guard let visit, visit.exercise != nil else { return }
    let report = visit.earned(results)
    var lines = [report.earnedText(hidden: visit.step.hiddenChecks)]
    if results.contains(where: { $0.isForbidden && $0.verdict != .passed }) {
      lines.append("What is forbidden stays so when it is undone, and is handed in: `again` begins the step anew.")
    }
    let further = visit.step.checks.filter { !$0.marks.isHidden && $0.marks.furtherSeeds > 0 }.map(\.name)
    if !further.isEmpty { lines.append("With other numbers, too, this is graded: \(further.joined(separator: ", ")).") }
    tell(
      lines.joined(separator: "\n"), .init("earned", .json(.integer(Int64(report.earned)))),
      .init("hidden", .count(visit.step.hiddenChecks.count)), in: session)
  }

  mutating func listExercises(in session: borrowing Session) -> ScriptStatus {
    progress.refresh()
    let lessons = library.entries.compactMap { try? library.lesson($0, table: session.table).lesson }
    let exercises = lessons.filter { $0.points > 0 }
    guard !exercises.isEmpty else {
      tell(
        "there are no exercises here" + (missing.map { ": \($0)" } ?? "")
          + "\n  `exercise start FILE` takes one that your teacher gave you", in: session)
      return .refused
    }
    var table = Table("EXERCISE", "STEPS>", "POINTS>", "EARNED>", "GOAL")
    for lesson in exercises {
      let earned = progress.book.earnings[lesson.name]
      let total = lesson.steps.reduce(0) { $0 + (earned?[$1.name] ?? 0) }
      table.add(
        lesson.name, String(lesson.steps.count), String(lesson.points), earned == nil ? "" : formatPoints(total),
        lesson.goal?.text ?? lesson.title)
    }
    tell(
      table.text + "`exercise start NAME` takes one; what is earned is of checks that may be seen",
      .init("exercises", .texts(exercises.map(\.name))), in: session)
    return .success
  }
}
