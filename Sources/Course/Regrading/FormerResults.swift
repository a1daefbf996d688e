import Shell

/// What a former report on the same submission spares a grader: the results of steps that a change of the exercise does not
/// touch.
///
/// What is kept is what judging again would give, to the byte. A step is judged again unless nothing can have changed its
/// result:
///
/// | what changed | is judged again |
/// | --- | --- |
/// | the submission, the student's numbers, parameters, limits, rules for all steps, migsh | all |
/// | a set-up, or what may be used in a step | that step, and all after it |
/// | a step is new, gone or elsewhere | all from there on |
/// | points or checks of a step | that step |
/// | the same, or a solution, in a step before one that is tried with further seeds | that one, too: with each seed it may be judged from another world |
/// | whether a step before has passed | a step that has not passed by the student's own steps: it may be judged from another world |
/// | a solution | a step after it that was judged from the world of the solutions |
struct FormerResults {
  private let report: GradeReport
  private let exercise: Lesson
  /// For each step, whether its former result may have been reached with a step before it not passed.
  private let wasSoiled: [Bool]
  /// For each step, why it is judged again whatever came of those before it; nil when it need not be.
  private let reasons: [String?]
  /// For each step, the first step before it whose solution is another now.
  private let mendedBefore: [String?]

  /// - Parameter digests: of the exercise as it is now.
  /// - Precondition: `obstacle` sees none.
  init(_ report: GradeReport, _ exercise: Lesson, _ digests: PartDigests) {
    self.report = report
    self.exercise = exercise
    var (wasSoiled, isSoiled): ([Bool], Bool) = ([], false)
    for step in report.steps {
      wasSoiled.append(isSoiled)
      isSoiled = isSoiled || !step.withOwnSeed.isPassed
    }
    self.wasSoiled = wasSoiled
    let comparison = ExerciseComparison(report, exercise, digests)
    reasons = exercise.steps.indices.map { comparison.reason($0) }
    mendedBefore = exercise.steps.indices.map { comparison.firstMended(before: $0) }
  }

  /// Why nothing can be kept of a report; nil when something may be.
  static func obstacle(
    _ report: GradeReport?, _ exercise: Lesson, _ digests: PartDigests, seed: UInt64,
    _ circumstances: GradeReport.Circumstances
  ) -> String? {
    guard let report else { return "there is no earlier report" }
    guard report.exercise == exercise.name else { return "the earlier report is on another exercise" }
    guard report.audience == .teacher else {
      return "the earlier report is a student's, which does not have everything"
    }
    guard report.status == .graded, report.fault == nil else { return "it was not graded before" }
    guard report.engine == migshVersion else { return "another version of migsh graded" }
    guard report.courseSecret == circumstances.courseSecret else { return "the course's secret is another one" }
    guard report.seed == seed else { return "the student's numbers are others" }
    guard let submission = report.digests.submission, submission == circumstances.submissionDigest else {
      return "the submission changed"
    }
    guard let former = report.digests.parts, former.fits(report) else {
      return "the earlier report does not say by which steps and checks it was graded"
    }
    guard former.parameters == digests.parameters else { return "the parameters changed" }
    guard former.limits == digests.limits else { return "the limits of grading changed" }
    guard former.rules == digests.rules else {
      return "what holds for all steps changed: `@continues`, one step or several, or what students do not know"
    }
    // Those that are not listed may be the ones of the steps that are kept.
    return report.furtherProblems > 0 ? "it has more mistakes than a report lists" : nil
  }

  /// Why a step is judged again; nil when its former result is what judging it would give.
  ///
  /// - Parameters:
  ///   - isAnswered: whether the submission has a part for it.
  ///   - isSoiled: whether a step before it has not passed, with the student's own seed.
  func reasonToJudge(_ place: Int, isAnswered: Bool, isSoiled: Bool) -> String? {
    if let reason = reasons[place] { return reason }
    let former = report.steps[place].withOwnSeed
    guard isAnswered, !exercise.continues, former.basis == .reference || !former.isPassed else { return nil }
    if isSoiled != wasSoiled[place] {
      // Judged from its own world it has the same result, and from no other is it judged now.
      if !isSoiled, former.basis == .own { return nil }
      return "a step before it is judged otherwise now"
    }
    guard isSoiled, let name = mendedBefore[place] else { return nil }
    return "the solution of step \(name) before it changed"
  }

  /// The former result of a step.
  func step(_ place: Int) -> GradeReport.Step {
    var step = report.steps[place]
    step.isKept = true
    return step
  }

  /// Mistakes in the steps from a place on, and how much of the limits all steps used; nil when that has to be found out anew.
  func ending(from place: Int) -> (problems: [GradeReport.Problem], used: [GradeReport.Usage])? {
    guard report.steps.count == exercise.steps.count else { return nil }
    let names = Set(exercise.steps[place...].map(\.name))
    let problems = report.problems.filter { $0.step.map(names.contains) ?? false }
    // Lines of the exercise have other numbers now.
    guard problems.allSatisfy({ !$0.text.contains(exercise.source.name) }) else { return nil }
    return (problems, report.used)
  }
}

extension GradeReport.Step {
  /// As it was with the student's own seed, before further ones were tried: those only find what failed with them.
  var withOwnSeed: GradeReport.Step {
    var step = self
    for index in step.checks.indices where step.checks[index].seed != nil { step.checks[index].verdict = .passed }
    return step
  }
}

extension PartDigests {
  /// Whether a report has these steps and checks.
  fileprivate func fits(_ report: GradeReport) -> Bool {
    steps.count == report.steps.count && zip(steps, report.steps).allSatisfy { $0.checks.count == $1.checks.count }
  }
}

/// Compares an exercise with what a former report says of it.
private struct ExerciseComparison {
  let report: GradeReport
  let exercise: Lesson
  let digests: PartDigests
  let former: [PartDigests.Step]

  init(_ report: GradeReport, _ exercise: Lesson, _ digests: PartDigests) {
    (self.report, self.exercise, self.digests) = (report, exercise, digests)
    former = report.digests.parts?.steps ?? []
  }

  /// Why a step is judged again whatever came of those before it; nil when it need not be.
  func reason(_ place: Int) -> String? {
    for earlier in 0..<place {
      if let reason = displacement(earlier, isItself: false) { return reason }
      guard former[earlier].setUp == digests.steps[earlier].setUp else {
        return "the set-up of step \(exercise.steps[earlier].name) before it changed"
      }
    }
    if let reason = displacement(place, isItself: true) { return reason }
    let step = exercise.steps[place]
    guard former[place].setUp == digests.steps[place].setUp else {
      return "its set-up changed, or what may be used in it"
    }
    let own = pointsChange(place) + checkChanges(place)
    guard own.isEmpty else { return own.joined(separator: ", ") }
    guard !exercise.continues, step.checks.contains(where: { $0.marks.furtherSeeds > 0 }) else { return nil }
    return (0..<place).first { former[$0] != digests.steps[$0] || !pointsChange($0).isEmpty }.map {
      "it is tried with further seeds, and step \(exercise.steps[$0].name) before it changed"
    }
  }

  /// The first step before a place whose solution is another now.
  func firstMended(before place: Int) -> String? {
    (0..<min(place, former.count)).first { former[$0].solution != digests.steps[$0].solution }
      .map { exercise.steps[$0].name }
  }

  /// How the step at a place is another than it was; nil when it is the same.
  private func displacement(_ place: Int, isItself: Bool) -> String? {
    let name = exercise.steps[place].name
    let formerName = place < former.count ? report.steps[place].name : nil
    guard name != formerName else { return nil }
    if !report.steps.contains(where: { $0.name == name }) {
      return isItself ? "it is new" : "step \(name) before it is new"
    }
    if let formerName, !exercise.steps.contains(where: { $0.name == formerName }) {
      return "step \(formerName) before it is gone"
    }
    return "the steps stand in another order"
  }

  private func pointsChange(_ place: Int) -> [String] {
    let (before, now) = (report.steps[place].points, exercise.steps[place].points)
    return before == now ? [] : ["it is worth \(now) in place of \(counted(before, "point"))"]
  }

  private func checkChanges(_ place: Int) -> [String] {
    let before = report.steps[place].checks.map(\.name)
    let now = exercise.steps[place].checks.map(\.name) + exercise.steps[place].forbidden.map { "no \($0.kind.name)" }
    let digestsBefore = Dictionary(zip(before, former[place].checks)) { first, _ in first }
    var changes = zip(now, digests.steps[place].checks).compactMap { name, digest -> String? in
      guard let digestBefore = digestsBefore[name] else { return "its check `\(name)` is new" }
      return digest == digestBefore ? nil : "its check `\(name)` changed"
    }
    changes += before.filter { !now.contains($0) }.map { "its check `\($0)` is gone" }
    return changes.isEmpty && before != now ? ["its checks stand in another order"] : changes
  }
}
