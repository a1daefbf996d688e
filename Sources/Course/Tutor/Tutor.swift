import CommandLanguage
import Shell

/// The tutor: leads a learner through a lesson at a prompt. It shows prose, asks for predictions, checks what was done after
/// each command, and explains. All commands of the shell work meanwhile; the world at the start of each step is kept.
///
/// Whoever reads what is typed hands every entry to `enter`, a terminal's prompt as well as a script.
public struct Tutor {
  let library: LessonLibrary
  var progress: ProgressKeeper
  /// The seed of worlds in which lessons begin.
  let seed: UInt64
  /// Why there is no course; nil when there is one.
  let missing: String?
  /// What nobody but the teacher knows, and from which everybody's numbers follow; empty where it is not known.
  public var courseSecret = ""
  /// The lesson under way.
  var visit: Visit?
  /// What the session may use when no exercise is under way; nil when none is.
  var limitsOutside: Session.Limits?

  /// - Parameters:
  ///   - library: the course.
  ///   - missing: why there is none, for people.
  public init(library: LessonLibrary, missing: String? = nil, progress: ProgressKeeper, seed: UInt64 = 1) {
    self.library = library
    self.missing = missing
    self.progress = progress
    self.seed = seed
  }

  /// Prepares a session: from now on it knows the tutor's commands.
  public func prepare(_ session: inout Session) {
    var link = TutorLink()
    link.lessons = library.entries.map { ($0.name, "") }
    session.tutorLink = link
    session.addTutorCommands()
  }

  /// The prompt, which names the lesson and the step.
  public func prompt(in session: borrowing Session) -> String {
    guard let visit else { return session.prompt }
    switch visit.phase {
    case .asking(let question, let dimension):
      return "\(visit.lesson.name), answer with \(Self.form(of: question, dimension))? "
    case .working:
      let kind = visit.exercise == nil ? "" : "exercise "
      return "\(kind)\(visit.lesson.name):\(visit.step.name) \(formatTime(session.state.world.now))> "
    case .done: return "\(visit.lesson.name):\(visit.step.name) done, \(formatTime(session.state.world.now))> "
    }
  }

  /// Whether an entry answers the question that is asked now, as far as its first word says: in an answer, quotes and brackets
  /// need no end.
  public func takesAsAnswer(_ entry: String, in session: borrowing Session) -> Bool {
    guard case .asking? = visit?.phase, let first = entry.split(whereSeparator: \.isWhitespace).first else {
      return false
    }
    return session.table.commands(startingWith: String(first)).isEmpty
  }

  /// What may be answered to the question that is asked now; nil when none is asked, or no choice is offered.
  public var choices: [String]? {
    guard case .asking(let question, _)? = visit?.phase, !question.choices.isEmpty else { return nil }
    return question.shownChoices
  }

  /// Enters a lesson, as `lesson NAME --step STEP` does.
  public mutating func begin(_ lesson: String?, step: String?, in session: inout Session) -> ScriptStatus {
    begin(lesson == nil && step == nil ? .show : .start(lesson: lesson, step: step), in: &session)
  }

  /// Does what is asked for before anything is typed.
  public mutating func begin(_ request: TutorLink.Request, in session: inout Session) -> ScriptStatus {
    let status = carryOut(request, in: &session)
    warn(in: session)
    return status
  }

  /// Takes what was typed: an answer, or commands.
  public mutating func enter(_ source: SourceText, in session: inout Session) -> ScriptStatus {
    defer { warn(in: session) }
    if let name = lessonToRun(source) {
      tell("`run` lets time pass, and `\(name.file)` is a lesson: `lesson \(name.name)` enters it", in: session)
      return .refused
    }
    if case .asking(let question, let dimension)? = visit?.phase {
      switch answer(source.text, to: question, dimension, in: session) {
      case .command: break
      case .refused(let why):
        tell(why, in: session)
        return .success
      case .prediction(let value):
        if session.options.echoes { tell("> \(source.text)", in: session) }
        tell("noted: \(question.shown(value) ?? value.text(in: session.state.world))", in: session)
        return predict(value, question, in: &session)
      }
    }
    let wasBefore = isBeforeStep(session)
    let status = session.execute(source)
    keepTyped(in: session)
    let requests = session.takeTutorRequests()
    if requests.isEmpty { observe(wasBefore: wasBefore, in: &session) }
    var first = status
    for request in requests {
      let status = carryOut(request, in: &session)
      if first == .success { first = status }
    }
    return first
  }

  /// The lesson that somebody wants to run as a script.
  private func lessonToRun(_ source: SourceText) -> (file: String, name: String)? {
    let words = source.text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 2, words[0] == "run", words[1].hasSuffix(".migsh"), let text = try? readSource(words[1]),
      text.beginsLesson
    else { return nil }
    let name = LessonLibrary.name(ofFile: words[1])
    return (words[1], library.entries.contains { $0.name == name } ? name : words[1])
  }

  private mutating func warn(in session: borrowing Session) {
    if let warning = progress.takeWarning() { tell(warning, in: session) }
  }

  // MARK: - Requests

  private mutating func carryOut(_ request: TutorLink.Request, in session: inout Session) -> ScriptStatus {
    switch request {
    case .start(let lesson, let step): return start(lesson, step: step, in: &session)
    case .list: return list(in: session)
    case .progress: return list(in: session)
    case .show where visit == nil: return list(in: session)
    case .showExercise where visit?.exercise == nil: return listExercises(in: session)
    case .exercises: return listExercises(in: session)
    case .startExercise(let name, let step, let student):
      return startExercise(name, step: step, student: student, in: &session)
    case .handIn(let place): return handIn(place, in: session)
    case .show, .showExercise, .text, .steps, .check, .hint, .skip, .again, .back, .next, .leave: break
    }
    guard visit != nil else {
      tell(
        "no lesson is under way: `lesson NAME` enters one, and `lesson list` shows them; `exercise start NAME` takes an "
          + "exercise", in: session)
      return .refused
    }
    switch request {
    case .show, .showExercise, .steps: return showSteps(in: session)
    case .text: return showText(in: session)
    case .check: return showChecks(in: session)
    case .hint: return hint(in: session)
    case .skip: return skip(in: &session)
    case .again: return again(in: &session)
    case .back: return back(in: &session)
    case .next: return next(in: &session)
    case .leave: return leave(in: &session)
    case .start, .list, .progress, .exercises, .startExercise, .handIn: return .success
    }
  }

  private mutating func leave(in session: inout Session) -> ScriptStatus {
    guard let left = visit else { return .success }
    leaveLesson(in: &session)
    let name = left.lesson.name
    tell(
      "You have left \(name). The world stays as it is; "
        + (left.exercise == nil
          ? "`lesson \(name)` goes on with the lesson."
          : "what you typed is kept, and `exercise start` goes on with the exercise."),
      in: session)
    return .success
  }

  mutating func leaveLesson(in session: inout Session) {
    visit = nil
    session.stepStart = nil
    session.typedLines = nil
    session.options.withheld = [:]
    session.tutorLink?.steps = []
    limit(&session)
  }

  // MARK: - Watching

  /// Whether the learner has gone back to before the step began.
  private func isBeforeStep(_ session: borrowing Session) -> Bool {
    guard case .working? = visit?.phase, let start = session.stepStart else { return false }
    return session.state.world.log.total < start.log.total || session.state.world.now < start.now
  }

  /// Looks at what an entry has done: says which checks pass now, and ends the step when all do.
  private mutating func observe(wasBefore: Bool, in session: inout Session) {
    guard var visit, case .working = visit.phase else { return }
    guard !isBeforeStep(session) else {
      if !wasBefore {
        tell(
          "This is before the step `\(visit.step.name)` began, so it is not checked: `redo` comes back, `again` begins the "
            + "step anew.", in: session)
      }
      return
    }
    let wasOpen = visit.hasToldOpen
    let isChanged = visit.latest.map { isOther($0, session) } ?? true
    visit.latest = session.state
    let results = visit.judge(session)
    let passed = Set(results.filter { $0.verdict == .passed }.map(\.name))
    let news = Self.news(results.map { $0.withheld(visit.lesson.details) }, before: visit.passed)
    let before = visit.passed
    visit.passed = passed
    visit.hasToldOpen = wasOpen || news.contains("still open")
    self.visit = visit
    if !news.isEmpty {
      let more = visit.hasToldOpen && !wasOpen ? "\n`check` says what each asks for, `again` begins the step anew." : ""
      tell(
        news + more, .init("passed", .texts(results.map(\.name).filter(passed.contains))), in: session)
    }
    let isOpen = results.contains { !$0.isGuard && $0.verdict != .passed }
    if isOpen, isChanged, nothingRuns(in: session) {
      tell("No process runs any more, and the step is not done: `again` begins it anew.", in: session)
    }
    guard visit.exercise == nil else { return noteEarned(results, before: before, in: session) }
    if !results.isEmpty, passed.count == results.count { finish(isSkipped: false, in: &session) }
  }

  /// Whether all processes that there were have ended or are lost.
  func nothingRuns(in session: borrowing Session) -> Bool {
    let processes = session.state.world.processes.all
    return !processes.isEmpty && !processes.contains { $0.fate == .alive }
  }

  /// What has changed since the checks were looked at last, in a line; empty when nothing has.
  private static func news(_ results: [CheckResult], before: Set<String>) -> String {
    var parts: [String] = []
    let counted = results.filter { !$0.isGuard }
    let new = counted.filter { $0.verdict == .passed && !before.contains($0.name) }.map(\.name)
    let lost = counted.filter { $0.verdict != .passed && before.contains($0.name) }.map(\.name)
    let broken = results.filter { $0.isGuard && $0.verdict != .passed && before.contains($0.name) }
    if !new.isEmpty {
      let open = counted.filter { $0.verdict != .passed && !$0.isHidden }.map(\.name)
      parts.append(
        "passed: \(new.joined(separator: ", "))" + (open.isEmpty ? "" : "; still open: \(open.joined(separator: ", "))")
      )
    }
    if !lost.isEmpty { parts.append("no longer: \(lost.joined(separator: ", "))") }
    for result in broken {
      parts.append(
        result.isForbidden
          ? "not allowed here: \(result.checkName) (`again` begins the step anew)"
          : "failed: \(result.name)" + (result.message.map { ", \($0)" } ?? ""))
    }
    return parts.joined(separator: "\n")
  }
}
