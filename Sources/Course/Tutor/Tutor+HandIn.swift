import CommandLanguage
import Shell

/// Handing in.
extension Tutor {
  mutating func handIn(_ place: TutorLink.HandInPlace, in session: borrowing Session) -> ScriptStatus {
    guard let visit, let exercise = visit.exercise else {
      tell("no exercise is under way: `exercise start NAME` takes one, and `exercise list` shows them", in: session)
      return .refused
    }
    let text = exercise.text(visit.lesson)
    do throws(FileError) {
      guard try write(text, to: place, heading: exercise.heading(visit.lesson), in: session) else { return .refused }
    } catch {
      tell("`\(place.file)` cannot be written: \(error)", in: session)
      return .refused
    }
    let count = exercise.parts.values.reduce(0) { $0 + $1.split(separator: "\n").count }
    tell(
      "wrote \(counted(count, "line")) to \(place.file)", .init("file", .text(place.file)), in: session)
    return showGrade(SourceText(name: place.file, text: text), in: session)
  }

  /// Writes the file.
  ///
  /// - Returns: false when that would replace what must stay, which it says.
  private func write(
    _ text: String, to place: TutorLink.HandInPlace, heading: String, in session: borrowing Session
  ) throws(FileError) -> Bool {
    let earlier: SourceText?
    do throws(FileError) {
      try writeNewFile(text, to: place.path)
      return true
    } catch {
      guard error.saysItExists else { throw error }
      earlier = isPlainFile(place.path) ? try? readSource(place.path) : nil
    }
    guard earlier?.text.split(separator: "\n").first.map(String.init) == heading else {
      tell(
        "`\(place.file)` is there already, and is nothing that you handed in for this exercise: it stays as it is",
        in: session)
      return false
    }
    guard place.replaces else {
      tell("`\(place.file)` is what you handed in earlier: `--force` replaces it", in: session)
      return false
    }
    try writeFile(text, to: place.path)
    return true
  }

  /// Grades what was handed in, as far as the student may know, and shows what it earns.
  private func showGrade(_ source: SourceText, in session: borrowing Session) -> ScriptStatus {
    guard let visit, let exercise = visit.exercise else { return .success }
    let lesson = visit.lesson
    let submission = Submission(student: exercise.student ?? "", text: .success(source), for: lesson)
    let attempt = Attempt(
      exercise: lesson, submission: submission, seed: exercise.seed, limits: GradingLimits(), checksInvariants: false,
      isInterrupted: session.isInterrupted)
    let outcome = attempt.executeSteps(lesson.steps.count)
    guard !outcome.isInterrupted else {
      tell("interrupted: the file is whole, and has not been graded here", in: session)
      return .interrupted
    }
    var table = Table("STEP", "POINTS>", "OF>", "NOT PASSED")
    var reports: [GradeReport.Step] = []
    for (step, graded) in zip(lesson.steps, outcome.steps) {
      let report = step.report(graded.checks.filter { !$0.isHidden }, isBegun: graded.isBegun)
      reports.append(report)
      let open = report.checks.filter { $0.verdict != .passed && !($0.isForbidden && $0.verdict == .unchecked) }
      table.add(
        step.name, formatPoints(report.earned), formatPoints(report.mostEarned),
        open.map(\.name).joined(separator: ", "))
    }
    let hidden = lesson.steps.reduce(0) { $0 + $1.hiddenChecks.count }
    let most = reports.reduce(0) { $0 + $1.mostEarned }
    var text = table.text
    if hidden > 0 {
      text +=
        "\(counted(hidden, "check")) that you do not see \(hidden == 1 ? "decides" : "decide") on "
        + "\(formatPoints(lesson.points * 100 - most)) more\n"
    }
    tell(
      text, .init("earned", .json(.integer(Int64(reports.reduce(0) { $0 + $1.earned })))),
      .init("hidden", .count(hidden)), in: session)
    let mistakes = submission.mistakes.map { $0.rendered() }
    let problems = outcome.problems.map { $0.diagnostic.rendered(kind: $0.kind) }
    for problem in mistakes + problems { tell(problem, in: session) }
    showDifference(reports, in: session)
    return .success
  }

  /// Says which checks of the step under way are judged otherwise in the file than here.
  private func showDifference(_ reports: [GradeReport.Step], in session: borrowing Session) {
    guard let visit, case .working = visit.phase else { return }
    let graded = reports.first { $0.name == visit.step.name }?.checks ?? []
    let here = visit.judge(session)
    let different = zip(here, graded).filter { $0.verdict != $1.verdict }
    guard !different.isEmpty else { return }
    let list = different.map { "\($0.name) is \($1.verdict.text) there, and \($0.verdict.text) here" }
    tell("The file does not do the same as what you typed: \(list.joined(separator: "; ")).", in: session)
  }
}
