import CommandLanguage
import Shell

/// The way from step to step.
extension Tutor {
  // MARK: - Entering

  mutating func start(_ name: String?, step: String?, in session: inout Session) -> ScriptStatus {
    guard let name else {
      guard let visit else {
        tell("no lesson is under way: `lesson NAME --step \(step ?? "STEP")` enters one", in: session)
        return .refused
      }
      return enter(visit.lesson, nil, step: step, as: visit.exercise, in: &session)
    }
    guard let (lesson, notice) = find(name, in: session) else { return .refused }
    return enter(
      lesson, notice, step: step, as: lesson.release == nil ? nil : taken(lesson, by: nil), in: &session)
  }

  /// The lesson of that name, and what has to be said of its language; nil when there is none, which it says.
  func find(_ name: String, in session: borrowing Session) -> (lesson: Lesson, notice: String?)? {
    do { return try library.lesson(named: name, table: session.table) } catch {
      tell(missing.map { "\(error)\n  \($0)" } ?? "\(error)", in: session)
      return nil
    }
  }

  /// Enters a lesson.
  ///
  /// - Parameters:
  ///   - step: nil for the one in which the learner left off.
  ///   - exercise: nil for a lesson that teaches.
  mutating func enter(
    _ lesson: Lesson, _ notice: String?, step: String?, as exercise: TakenExercise?, in session: inout Session
  ) -> ScriptStatus {
    var exercise = exercise
    progress.refresh()
    if let visit, let other = visit.exercise, visit.lesson.name == lesson.name, other.seed == exercise?.seed {
      exercise?.parts = other.parts
    }
    let draft = exercise.flatMap { progress.draft($0.draftName(lesson)) }
    let place = draft.flatMap { exercise?.takeOver($0, lesson) }
    let names = lesson.steps.map(\.name)
    var index = 0
    if step == nil { index = exercise == nil ? resumption(of: lesson) : place.flatMap(names.firstIndex) ?? 0 }
    if let step {
      guard let found = names.firstIndex(of: step) else {
        let suggestion = closest(to: step, among: names).map { "\n  did you mean `\($0)`?" } ?? ""
        tell(
          "\(lesson.name) has no step `\(step)`\(suggestion)\n  its steps are \(names.joined(separator: ", "))",
          in: session)
        return .refused
      }
      index = found
    }
    guard let moment = play(lesson, upTo: index, as: exercise, in: session) else { return .refused }
    session.options.withheld = [:]
    session.stepStart = nil
    session.typedLines = exercise == nil ? nil : []
    session.go(to: moment.state, as: "lesson \(lesson.name)")
    visit = Visit(lesson: lesson, stage: moment.stage)
    visit?.exercise = exercise
    limit(&session)
    session.tutorLink?.steps = names
    if let notice { tell(notice, in: session) }
    showHead(of: lesson, isResumed: index > 0 && step == nil, index, in: session)
    return enterStep(index, in: &session)
  }

  /// The step with which a learner goes on who has been in the lesson.
  private func resumption(of lesson: Lesson) -> Int {
    guard let place = progress.book.places[lesson.name] else { return 0 }
    let open = lesson.steps.contains { progress.book.outcome(of: $0.name, in: lesson.name) == nil }
    return open ? lesson.steps.firstIndex { $0.name == place } ?? 0 : 0
  }

  /// Plays a lesson up to a step, without showing anything; nil when that does not work, which it says.
  ///
  /// - Parameter exercise: an exercise is played with what was typed in it, and not with its solutions.
  func play(
    _ lesson: Lesson, upTo index: Int, as exercise: TakenExercise?, in session: borrowing Session
  ) -> Visit.Moment? {
    var silent = Session(seed: exercise?.seed ?? seed) { _ in }
    silent.isInterrupted = session.isInterrupted
    if exercise != nil { silent.options.limits = GradingLimits().atPrompt(silent.options.limits) }
    var stage = Stage(lesson, seed: exercise?.seed, in: &silent)
    for step in lesson.steps.prefix(index) {
      for case .setup(let script) in step.preamble {
        if let failure = stage.setUp(script, in: &silent) {
          return fault(failure, isExercise: exercise != nil, session)
        }
      }
      stage.beginStep(step, in: &silent)
      let typed = exercise.map { Lesson.Step.source(ofPart: $0.parts[step.name] ?? "") }
      let status = stage.perform(typed ?? step.solution.source, of: step, in: &silent)
      if typed != nil, status != .interrupted { continue }
      if let failure = silent.failure { return fault(failure, isExercise: exercise != nil, session) }
    }
    return Visit.Moment(state: silent.state, stage: stage)
  }

  private func fault(_ failure: ScriptFailure, isExercise: Bool, _ session: borrowing Session) -> Visit.Moment? {
    tell(
      failure.status == .interrupted
        ? "interrupted: you are where you were"
        : (isExercise
          ? "what you typed does not lead there any more; `--step` names an earlier step"
          : "the lesson has a mistake, and cannot be played up to there")
          + ":\n\(failure.diagnostic.rendered())", in: session)
    return nil
  }

  /// Comes to a step: shows and sets up what stands before it.
  mutating func enterStep(_ index: Int, in session: inout Session) -> ScriptStatus {
    guard var visit else { return .success }
    visit.index = index
    visit.arrivals[index] = Visit.Moment(state: session.state, stage: visit.stage)
    visit.pending = visit.step.preamble[...]
    visit.start = nil
    visit.finished = nil
    visit.hintCount = 0
    visit.hasToldOpen = false
    session.options.withheld = [:]
    self.visit = visit
    if visit.exercise == nil { progress.notePlace(visit.step.name, in: visit.lesson.name) } else { keepDraft() }
    return goOn(in: &session)
  }

  /// Shows and sets up what still stands before the step, up to the next question or to the step itself.
  mutating func goOn(in session: inout Session) -> ScriptStatus {
    while var visit, let item = visit.pending.popFirst() {
      self.visit = visit
      switch item {
      case .prose(let lines): show(lines, as: "prose", in: session)
      case .setup(let script):
        let write = session.write
        session.write = { _ in }
        let failure = visit.stage.setUp(script, in: &session)
        session.write = write
        self.visit?.stage = visit.stage
        if let failure { return stumble(failure, in: &session) }
      // Whoever is graded is not asked either.
      case .question where visit.exercise != nil: continue
      case .question(let question):
        let dimension = dimension(of: question, in: session)
        self.visit?.phase = .asking(question, dimension)
        self.visit?.asked = Visit.Moment(state: session.state, stage: visit.stage)
        ask(question, in: session)
        return .success
      }
    }
    return beginStep(in: &session)
  }

  /// A set-up did not work: what the learner has made of the world does not fit. The step begins from the lesson's own.
  private mutating func stumble(_ failure: ScriptFailure, in session: inout Session) -> ScriptStatus {
    guard let visit else { return .success }
    guard failure.status != .interrupted else {
      tell("interrupted: `again` begins the step anew", in: session)
      self.visit?.phase = .done
      return .interrupted
    }
    if visit.exercise != nil, visit.index > 0 { return stayInExercise(failure, in: &session) }
    guard visit.hasOwnWorld, let moment = play(visit.lesson, upTo: visit.index, as: nil, in: session) else {
      leaveLesson(in: &session)
      tell("the lesson has a mistake, and ends here:\n\(failure.diagnostic.rendered())", in: session)
      return .refused
    }
    tell(
      "What you made of the world does not fit the next step, so that begins in the world of the lesson's own solutions.",
      in: session)
    let predictions = visit.stage.predictions
    session.go(to: moment.state, as: "next")
    self.visit?.stage = moment.stage
    self.visit?.stage.predictions = predictions
    self.visit?.hasOwnWorld = false
    return enterStep(visit.index, in: &session)
  }

  private mutating func beginStep(in session: inout Session) -> ScriptStatus {
    guard var visit else { return .success }
    // Whoever is graded cannot undo what was before the step.
    visit.stage.beginStep(visit.step, in: &session, sealsPast: visit.exercise != nil)
    visit.phase = .working
    visit.start = Visit.Moment(state: session.state, stage: visit.stage)
    visit.latest = session.state
    visit.passed = passing(visit, session)
    visit.passedAtStart = visit.passed
    session.options.withheld = withheld(in: visit)
    self.visit = visit
    showTask(in: session)
    return repeatTyped(in: &session)
  }

  func passing(_ visit: Visit, _ session: borrowing Session) -> Set<String> {
    Set(visit.judge(session).filter { $0.verdict == .passed }.map(\.name))
  }

  private func withheld(in visit: Visit) -> [String: String] {
    var withheld = visit.step.withheld
    if visit.lesson.points > 0 { withheld["reset"] = "the set-up stays as it is; `again` begins the step anew" }
    return withheld
  }

  // MARK: - Moving on

  /// Ends the step: the answers beside the predictions, replies, and the explanation.
  mutating func finish(isSkipped: Bool, in session: inout Session) {
    guard let visit else { return }
    self.visit?.phase = .done
    self.visit?.finished = session.state
    if !isSkipped { self.visit?.hasOwnWorld = true }
    session.options.withheld = [:]
    progress.note(isSkipped ? .skipped : .done, of: visit.step.name, in: visit.lesson.name)
    showAnswers(in: session)
    explain(in: session)
    showEnd(isSkipped: isSkipped, in: session)
  }

  /// Says what there is to say once the step is done.
  func explain(in session: borrowing Session) {
    guard let visit else { return }
    do throws(Diagnostic) {
      for text in try visit.stage.replies(in: visit.step, session) { show(text, as: "reply", in: session) }
      for text in try visit.stage.explanation(of: visit.step, in: session) {
        show(text, as: "explanation", in: session)
      }
    } catch {
      tell(error.rendered(), in: session)
    }
  }

  mutating func next(in session: inout Session) -> ScriptStatus {
    guard let visit else { return .success }
    switch visit.phase {
    case .asking(let question, _):
      tell("first the question; `skip` leaves it out", in: session)
      ask(question, in: session)
      return .refused
    case .working, .done: if visit.exercise != nil { return nextInExercise(visit, in: &session) }
    }
    if case .working = visit.phase {
      guard visit.step.checks.isEmpty else {
        tell(
          "this step is not done: `check` says what is missing, `skip` shows how it is done", in: session)
        return .refused
      }
      finish(isSkipped: false, in: &session)
    }
    guard !visit.isLast else {
      tell("this was the last step of \(visit.lesson.name)\(following(visit.lesson, in: session))", in: session)
      return .success
    }
    if let finished = self.visit?.finished, isOther(finished, session) {
      session.go(to: finished, as: "next")
      tell("What you tried since the step was done is put aside; `undo` would bring it back.", in: session)
    }
    return enterStep(visit.index + 1, in: &session)
  }

  /// Whether the world has gone on from a state.
  func isOther(_ state: SessionState, _ session: borrowing Session) -> Bool {
    let world = session.state.world
    return world.now != state.world.now || world.log.total != state.world.log.total
      || world.eventCount != state.world.eventCount
  }

  mutating func again(in session: inout Session) -> ScriptStatus {
    guard var visit else { return .success }
    guard visit.exercise == nil else { return againInExercise(in: &session) }
    guard let start = visit.start else {
      guard let arrival = visit.arrivals[visit.index] else { return .success }
      session.go(to: arrival.state, as: "again")
      visit.stage = arrival.stage
      self.visit = visit
      tell("The step begins anew, with its first question.", in: session)
      return enterStep(visit.index, in: &session)
    }
    restart(visit, from: start, as: "again", in: &session)
    tell("The world is back at \(formatTime(session.state.world.now)), where the step began.", in: session)
    return showText(in: session)
  }

  /// Which lesson or exercise comes next, and how it is entered; empty after the last.
  func following(_ lesson: Lesson, in session: borrowing Session) -> String {
    guard let name = library.name(after: lesson.name) else { return "" }
    let next = try? library.lesson(named: name, table: session.table).lesson
    return "; `lesson \(name)` enters the \(next?.points ?? 0 > 0 ? "exercise" : "lesson") that comes next"
  }

  /// Goes to the start of the step, in which the predictions stay.
  private mutating func restart(
    _ old: Visit, from start: Visit.Moment, as text: String, in session: inout Session
  ) {
    var visit = old
    session.options.withheld = [:]
    session.go(to: start.state, as: text)
    let predictions = visit.stage.predictions
    visit.stage = start.stage
    visit.stage.predictions = predictions
    // What happened before is no part of the step any more.
    visit.stage.beginStep(visit.step, in: &session, sealsPast: false)
    visit.phase = .working
    visit.finished = nil
    visit.latest = session.state
    visit.passed = passing(visit, session)
    session.options.withheld = withheld(in: visit)
    self.visit = visit
  }

  mutating func back(in session: inout Session) -> ScriptStatus {
    guard var visit else { return .success }
    guard visit.index > 0 else {
      tell("this is the first step of \(visit.lesson.name); `again` begins it anew", in: session)
      return .refused
    }
    let index = visit.index - 1
    guard let moment = visit.arrivals[index] ?? play(visit.lesson, upTo: index, as: visit.exercise, in: session)
    else { return .refused }
    session.go(to: moment.state, as: "back")
    visit.stage = moment.stage
    self.visit = visit
    return enterStep(index, in: &session)
  }

  mutating func skip(in session: inout Session) -> ScriptStatus {
    guard let visit else { return .success }
    guard visit.exercise == nil else {
      tell("nothing is shown in an exercise: `hint` helps, and `next` goes on without this step", in: session)
      return .refused
    }
    switch visit.phase {
    case .asking(let question, _): return predict(nil, question, in: &session)
    case .done:
      tell("this step is done: `next` goes on", in: session)
      return .refused
    case .working: break
    }
    guard let start = visit.start else { return .success }
    restart(visit, from: start, as: "skip", in: &session)
    let echoes = session.options.echoes
    session.options.echoes = true
    let status = session.withoutLookouts { visit.stage.perform(visit.step.solution, of: visit.step, in: &$0) }
    session.options.echoes = echoes
    guard status == .success else { return status }
    finish(isSkipped: true, in: &session)
    return .success
  }

  // MARK: - Hints

  mutating func hint(in session: borrowing Session) -> ScriptStatus {
    guard let visit else { return .success }
    guard case .working = visit.phase else {
      if case .asking = visit.phase {
        tell("a question has no hints: a guess is enough, and `skip` leaves it out", in: session)
      } else {
        tell("this step is done, so it has no more hints: `next` goes on", in: session)
      }
      return .refused
    }
    let hints = visit.step.hints
    guard visit.hintCount < hints.count else {
      let rest = visit.exercise == nil ? ": `skip` shows how it is done" : ""
      tell(hints.isEmpty ? "there is no hint for this step\(rest)" : "there are no more hints\(rest)", in: session)
      return .success
    }
    self.visit?.hintCount += 1
    showHint(hints[visit.hintCount], visit.hintCount + 1, of: hints.count, in: session)
    return .success
  }
}
