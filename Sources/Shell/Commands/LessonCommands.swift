import CommandLanguage

/// What the shell and its tutor know of each other: the names that can be completed, and what was asked of the tutor.
public struct TutorLink: Sendable {
  /// Something that a learner asked of the tutor.
  public enum Request: Sendable, Equatable {
    /// To show where the learner is, or else which lessons there are.
    case show
    case list
    case start(lesson: String?, step: String?)
    case next, back, hint, skip, again, text, steps, check, progress, leave
    /// To show where the learner is in an exercise, or else which exercises there are.
    case showExercise
    case exercises
    /// To enter an exercise, with the numbers of a student.
    case startExercise(String, step: String?, student: String?)
    /// To write what was typed in the exercise under way to a file.
    case handIn(HandInPlace)
  }

  /// Where something is handed in.
  public struct HandInPlace: Sendable, Equatable {
    /// As typed.
    public let file: String
    /// The same for the system.
    public let path: String
    /// Whether what was handed in earlier may be replaced.
    public let replaces: Bool
  }

  /// The lessons that can be entered, with their titles where these are known.
  public var lessons: [(name: String, title: String)] = []
  /// The steps of the lesson under way.
  public var steps: [String] = []
  /// What was asked for in the entry under way.
  fileprivate(set) var requests: [Request] = []

  public init() {}
}

extension Session {
  /// What was asked of the tutor since this was called last.
  public mutating func takeTutorRequests() -> [TutorLink.Request] {
    defer { tutorLink?.requests = [] }
    return tutorLink?.requests ?? []
  }

  /// Puts another state in the place of this one. One `undo` takes it back.
  ///
  /// - Parameter text: what the learner typed for it.
  public mutating func go(to next: SessionState, as text: String) {
    let before = state
    past.begin(at: before)
    move(to: next)
    past.end(text: text, from: before, variable: nil, keeping: options.undoDepth)
  }
}

/// The commands of the tutor. They only ask: whoever has a tutor carries out what was asked for, once the entry is done.
extension Commands {
  static let lesson: [Command] =
    [
      asking(
        "lesson", [Lesson.name], flags: [Lesson.step],
        summary: "enter a lesson or an exercise, or see where you are",
        details: """
          Without a name it shows where you are, or which lessons there are. What comes before the step is done for you; \
          without `--step` you go on where you left off. A lesson shows its prose, asks for predictions, and checks what you \
          do. Every command works meanwhile: `again` brings you back to the start of the step. At its prompt `hint`, \
          `skip`, `again`, `text`, `back`, `next`, `steps`, `check`, `progress` and `leave` need no `lesson` before them.
          """, examples: ["lesson total-freezing", "lesson pretransfer --step price", "lesson list"]
      ) { (call) throws(SessionError) in
        let (name, step) = (try call[Lesson.name], try call[Lesson.step])
        return name == nil && step == nil ? .show : .start(lesson: name, step: step)
      },
      asking(
        "lesson start", [Lesson.given], flags: [Lesson.step], summary: "enter a lesson, the same as `lesson NAME`",
        examples: ["lesson start pretransfer --step price"]
      ) {
        (call) throws(SessionError) in
        .start(lesson: try call[Lesson.given], step: try call[Lesson.step])
      },
      asking("lesson list", summary: "the lessons and exercises, in the order of the course") { _ in .list },
      asking("lesson stop", summary: "leave the lesson, the same as `lesson leave`") { _ in .leave },
    ] + words.map { word, summary, request in asking("lesson \(word)", summary: summary) { _ in request } }

  /// The same without `lesson`, for a prompt with a tutor.
  static let tutor =
    words.map { word, summary, request in asking(word, summary: summary) { _ in request } } + [handIn("hand-in")]

  static let exercise: [Command] = [
    asking(
      "exercise", summary: "where you are in an exercise, or which exercises there are",
      details: """
        An exercise is a lesson with points, and you take it as it is graded: with numbers of your own, in the same world, and \
        with the same checks, as far as you may see them. Every command works meanwhile. `next` goes to the next step, done or \
        not, `back` to the one before, and `again` begins a step anew. What you typed is kept for you, also when you leave; \
        `exercise start` goes on with it. You cannot undo what happened before a step.
        """, examples: ["exercise"]
    ) { _ in .showExercise },
    asking("exercise list", summary: "the exercises, what they are worth, and what you have earned") { _ in .exercises
    },
    asking(
      "exercise start", [Lesson.given], flags: [Lesson.step, Lesson.student],
      summary: "take an exercise as it is graded",
      details: """
        NAME is that of an exercise of the course, or the file that your teacher gave you, such as `move-it.exercise`: it has \
        your own numbers. With `--student` an exercise of the course has the numbers that `migsh grade` gives that student; \
        without it those of the shell's seed, as `migsh grade --seed` has them.
        """,
      examples: [
        "exercise start move-it", "exercise start move-it --student ada",
        "exercise start ./move-it.exercise --step shop",
      ]
    ) { (call) throws(SessionError) in
      .startExercise(
        try call[Lesson.given], step: try call[Lesson.step], student: try call[Lesson.student])
    },
    asking("exercise check", summary: "the checks of the step that you may see, and the points so far") { _ in .check },
    asking("exercise hint", summary: "the next hint of the step") { _ in .hint },
    handIn("exercise hand-in"),
  ]

  private static func handIn(_ words: String) -> Command {
    asking(
      words, [Lesson.file], flags: [Lesson.force],
      summary: "write what you typed into a file that can be graded",
      details: """
        The file has a part for each step, with what you typed there and have not undone. Where a check sees what was undone, \
        that is in it too, with the `undo`. The file is then graded here, as far as you may know. No file that is there is \
        replaced; with `--force` your own earlier one is, of the same exercise.
        """, examples: ["\(words) move-it.migsh", "\(words) move-it.migsh --force"]
    ) { (call) throws(SessionError) in
      let file = try call[Lesson.file]
      return .handIn(
        TutorLink.HandInPlace(file: file, path: call.source.path(ofFile: file), replaces: call.has(Lesson.force)))
    }
  }

  /// The heading under which help lists them.
  static let learning = "Learning"

  private static let words: [(word: String, summary: String, TutorLink.Request)] = [
    ("hint", "the next hint of the step; the last one says what to type", .hint),
    ("skip", "show the solution of the step and run it; skip a question", .skip),
    ("again", "begin the step again: its world comes back", .again),
    ("text", "say again what the step says; nothing changes", .text),
    ("back", "go back to the step before", .back),
    ("next", "go on, once the step is done", .next),
    ("steps", "the steps of the lesson, done or not", .steps),
    ("check", "what the step asks for, and what holds so far", .check),
    ("progress", "what you have done of the course", .progress),
    ("leave", "leave the lesson; the world stays as it is", .leave),
  ]

  private static func asking(
    _ words: String, _ parameters: [any ParameterDeclaration] = [], flags: [any FlagDeclaration] = [],
    summary: String, details: String = "", examples: [String] = [],
    _ request: @escaping @Sendable (Invocation) throws(SessionError) -> TutorLink.Request
  ) -> Command {
    Command(
      words, parameters, flags: flags, summary: summary, details: details,
      examples: examples.isEmpty ? [words] : examples, data: .nothing, group: learning,
      effect: .nothing, isSaved: false
    ) { (session, call) throws(SessionError) in
      let request = try request(call)
      guard session.tutorLink != nil else {
        throw call.refuse(
          "there is no tutor here", remedy: "start `migsh lesson`, or type `lesson` at the prompt of `migsh`")
      }
      if case .handIn = request, session.options.files != .all { throw call.refuse("no file may be written here") }
      session.tutorLink?.requests.append(request)
      return Report([])
    }
  }
}

extension Session {
  /// The words of the tutor that need no `lesson` before them.
  public mutating func addTutorCommands() { add(Commands.tutor) }
}

private enum Lesson {
  static let name = OptionalParameter("NAME", .word(.path))
  static let given = Parameter("NAME", .word(.path))
  static let file = Parameter("FILE", .word(.path))
  static let force = Switch("force", "replace what you handed in earlier")
  static let student = Flag("student", .word(.text), valueName: "ID", "whose numbers it has")
  static let step = Flag("step", .word(.text), valueName: "STEP", "the step to begin with")
}
