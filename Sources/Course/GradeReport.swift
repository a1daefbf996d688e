import CommandLanguage
import Shell

/// The result of grading one submission: everything that is known. `asShownToStudent` is what the exercise's author lets a
/// student see of it. `GradeReport+JSON` says how it is written as JSON.
///
/// A step earns points × weight of the checks that passed ∕ weight of all checks, rounded down to hundredths. A check marked
/// `guard` holds when nothing is done: it earns nothing, and when it fails it takes away what a check of its weight earns.
/// The step earns nothing when an essential check did not pass, or when something happened that it forbids; the report
/// lists this as a check `no KIND`. It also earns nothing when the only checks that passed are those that held when it
/// began: doing nothing is worth nothing.
public struct GradeReport: Sendable {
  /// What one step earned.
  public struct Step: Sendable {
    /// From which world a step was judged.
    public enum Basis: String, Sendable, CaseIterable {
      /// The world that the student's earlier parts have made.
      case own
      /// The world that the exercise's own solutions of the earlier steps make.
      case reference
    }

    /// As the exercise names it.
    public let name: String
    /// What it is worth.
    public let points: Int
    /// Whether a check passed that did not hold when the step began.
    let isBegun: Bool
    /// Whether the submission has commands for it.
    package let isAnswered: Bool
    /// From which world it was judged.
    public internal(set) var basis: Basis
    /// The verdicts on the step's checks, and on what it forbids.
    public internal(set) var checks: [CheckResult]
    /// Whether this is what an earlier report says, and nobody has judged it again.
    var isKept = false
    /// The weight of checks that count beside these and have not been made.
    var unseenWeight = 0

    init(
      name: String, points: Int, isBegun: Bool, isAnswered: Bool = true, basis: Basis = .own, checks: [CheckResult]
    ) {
      self.name = name
      self.points = points
      self.isBegun = isBegun
      self.isAnswered = isAnswered
      self.basis = basis
      self.checks = checks
    }

    /// Whether every check passed through what was done in the step, and nothing happened that is forbidden.
    var isPassed: Bool { areChecksPassed && !isIdle }

    /// Hundredths of points.
    public var earned: Int {
      let earning = checks.filter { !$0.isGuard }
      let most = earningWeight + unseenWeight
      let isSpoilt = checks.contains { ($0.isForbidden || $0.isEssential) && $0.verdict != .passed }
      guard isBegun, most > 0, !isSpoilt else { return 0 }
      let passed = earning.reduce(0) { $0 + ($1.verdict == .passed ? $1.weight : 0) }
      let lost = checks.reduce(0) { $0 + ($1.isGuard && $1.verdict != .passed ? $1.weight : 0) }
      return points * 100 * max(0, passed - lost) / most
    }

    /// What it earns when all of these checks pass, in hundredths of points.
    var mostEarned: Int {
      let most = earningWeight + unseenWeight
      return most > 0 ? points * 100 * earningWeight / most : 0
    }

    private var earningWeight: Int { checks.filter { !$0.isGuard }.reduce(0) { $0 + $1.weight } }
  }

  /// A mistake in a submission, or a limit that it reached.
  public struct Problem: Sendable, Equatable {
    /// The step with the mistake; nil for the submission as a whole.
    public let step: String?
    /// `error`, `failed` or `limit`; `unreadable` when the submission cannot be divided into parts.
    public let kind: String
    /// Where it is.
    public let place: SourcePlace
    /// What is wrong.
    public let message: String
    /// All that is said about it, in lines.
    public let text: String
  }

  /// For whom a report is.
  public enum Audience: String, Sendable, CaseIterable {
    /// With everything.
    case teacher
    /// Without what hidden checks found, and with as much as the exercise's `@details` allow.
    case student
  }

  /// SHA-256 of what was graded, in hexadecimal digits.
  public struct Digests: Sendable, Equatable {
    /// Of the exercise's text.
    public let exercise: String
    /// Of the submission's bytes; nil when they could not be read.
    public let submission: String?
    /// Of the parts of the exercise that decide what a submission earns. Nil for students, who could guess a hidden check by it,
    /// and in reports of a migsh that did not write it.
    public internal(set) var parts: PartDigests?

    /// - Parameter parts: of the parts of the exercise; nil when nobody can go on from the report.
    public init(exercise: String, submission: String?, parts: PartDigests? = nil) {
      self.exercise = exercise
      self.submission = submission
      self.parts = parts
    }
  }

  /// How much of a limit a submission used.
  public struct Usage: Sendable, Equatable {
    /// What is limited.
    public enum Limit: String, Sendable, CaseIterable {
      case commands, nesting, events, steps, time, nodes, processes, pages, memory, outputBytes
    }

    /// What is limited.
    public let limit: Limit
    /// How much of it was used: nanoseconds of virtual time, bytes of memory and output, and else a number of things.
    public let used: UInt64
    /// How much may be used.
    public let most: UInt64

    public init(_ limit: Limit, used: UInt64, most: UInt64) {
      self.limit = limit
      self.used = used
      self.most = most
    }
  }

  /// What is known of a grading beside its verdicts.
  public struct Circumstances: Sendable {
    /// The submission's stable name: the path of its file in its class.
    public var file = ""
    /// The section of the course that the student is in.
    public var section: String?
    /// Whether the submission was graded, and if not, why.
    public var status = Status.graded
    /// More about why it was not graded, as a sentence; nil for the usual one.
    public var statusText: String?
    /// The digest of the submission's bytes; nil when they could not be read.
    public var submissionDigest: String?
    /// What was used of each limit with the student's own seed.
    public var used: [Usage] = []
    /// What kept the submission from doing harm, in sentences.
    public var isolation: [String] = []
    /// The world at the first check that failed, as an SVG document.
    public var picture: String?
    /// The same for submissions that are alike up to names; nil when nobody compared.
    public var likeness: String?
    /// Tells the course's secret from others (`StudentSeed.fingerprint`); nil when the numbers follow from none.
    public var courseSecret: String?
    /// What became of the steps when there was an earlier report; nil when there was none.
    var regrade: Regrade?
    /// The digests of the exercise's parts: to take them costs as much as a small world.
    var parts: PartDigests?

    /// Those of a submission that was graded, when nothing more is known.
    public init() {}
  }

  /// The version of migsh that graded.
  public let engine: String
  /// For whom the report is.
  public internal(set) var audience = Audience.teacher
  /// The exercise's name.
  public let exercise: String
  /// The exercise's title, for people.
  public let title: String
  /// How much a student may see of a check that failed.
  public let details: Lesson.Details
  /// The student who handed it in.
  public let student: String
  /// Draws the parameters and everything random: with this seed the grading can be repeated.
  public let seed: UInt64
  /// The parameters' values, in the exercise's order.
  public internal(set) var values: [(name: String, value: Int64)]
  /// The names of those that a student may not see.
  public internal(set) var secretNames: [String]
  /// In the order of the exercise.
  public internal(set) var steps: [Step]
  /// The first mistakes of the submission, in the order in which they showed.
  public let problems: [Problem]
  /// How many more mistakes there are than the report lists.
  public let furtherProblems: Int
  /// A fault of the engine or of the grader: the grade is worth nothing.
  public let fault: String?
  /// The submission's stable name: the path of its file in its class.
  public let file: String
  /// The section of the course that the student is in; nil when no roster says so.
  public let section: String?
  /// Whether the submission was graded, and if not, why.
  public let status: Status
  /// Why it was not graded, as a sentence; nil when it was.
  public let statusText: String?
  /// Which texts were graded.
  public internal(set) var digests: Digests
  /// What was used of each limit with the student's own seed.
  public let used: [Usage]
  /// What kept the submission from doing harm, in sentences.
  public let isolation: [String]
  /// The world at the first check that failed, as an SVG document; nil when there is none.
  public internal(set) var picture: String?
  /// SHA-256 of what the submission says apart from names, spacing, comments, order of flags and texts in quotes; nil when
  /// that is too little to tell anything.
  public internal(set) var likeness: String?
  /// Tells the course's secret, from which the student's numbers follow, from others; nil when they follow from none.
  public let courseSecret: String?
  /// Which steps were kept from an earlier report and which were judged again; nil when grading began afresh.
  public internal(set) var regrade: Regrade?

  init(
    exercise: Lesson, student: String, seed: UInt64, values: [(name: String, value: Int64)], steps: [Step],
    problems: [Attempt.Problem], keptProblems: [Problem] = [], fault: String?,
    _ circumstances: Circumstances = Circumstances()
  ) {
    engine = migshVersion
    self.exercise = exercise.name
    title = exercise.title
    details = exercise.details
    self.student = student
    self.seed = seed
    self.values = values
    secretNames = values.map(\.name).filter(exercise.secretNames.contains)
    self.steps = steps.map { step in
      var step = step
      guard !step.isKept else { return step }
      for index in step.checks.indices { step.checks[index].boundTexts() }
      return step
    }
    let listed = problems.prefix(Self.mostProblems).map(Problem.init) + keptProblems
    self.problems = Array(listed.prefix(Self.mostProblems))
    furtherProblems = max(0, problems.count + keptProblems.count - Self.mostProblems)
    file = circumstances.file
    section = circumstances.section
    status = circumstances.status
    statusText = status == .graded ? nil : bounded(circumstances.statusText ?? status.sentence)
    self.fault = fault.map { bounded($0) } ?? (status.isFaultOfGrading ? statusText : nil)
    digests = Digests(
      exercise: Digest.hexadecimal(of: exercise.source.utf8), submission: circumstances.submissionDigest,
      parts: circumstances.parts ?? PartDigests(exercise, GradingLimits()))
    used = circumstances.used
    isolation = circumstances.isolation
    picture = circumstances.picture.flatMap { $0.utf8.count <= Self.mostPictureBytes ? $0 : nil }
    likeness = circumstances.likeness
    courseSecret = circumstances.courseSecret
    regrade = circumstances.regrade
  }

  /// The report on a submission when nothing in it was executed: no check was made, and nothing is earned.
  ///
  /// - Parameter circumstances: they say why.
  public init(ungraded exercise: Lesson, student: String, seed: UInt64, _ circumstances: Circumstances) {
    let reason = circumstances.statusText ?? circumstances.status.sentence
    let steps = exercise.steps.map { step in
      let checks = (step.checks.map { CheckResult($0) } + step.forbidden.map { CheckResult($0) }).map { check in
        var check = check
        check.verdict = .unchecked
        check.reason = reason
        return check
      }
      return Step(name: step.name, points: step.points, isBegun: false, isAnswered: false, checks: checks)
    }
    self.init(
      exercise: exercise, student: student, seed: seed, values: [], steps: steps, problems: [], fault: nil,
      circumstances)
  }

  /// Takes over what `GradeReport(json:)` has read. Nothing in it is bounded again: what is written can be read back.
  init(
    engine: String, audience: Audience, exercise: String, title: String, details: Lesson.Details, student: String,
    seed: UInt64, values: [(name: String, value: Int64)], secretNames: [String], steps: [Step], problems: [Problem],
    furtherProblems: Int, fault: String?, digests: Digests, _ circumstances: Circumstances
  ) {
    self.engine = engine
    self.audience = audience
    self.exercise = exercise
    self.title = title
    self.details = details
    self.student = student
    self.seed = seed
    self.values = values
    self.secretNames = secretNames
    self.steps = steps
    self.problems = problems
    self.furtherProblems = furtherProblems
    self.fault = fault
    file = circumstances.file
    section = circumstances.section
    status = circumstances.status
    statusText = circumstances.statusText
    self.digests = digests
    used = circumstances.used
    isolation = circumstances.isolation
    picture = circumstances.picture
    likeness = circumstances.likeness
    courseSecret = circumstances.courseSecret
    regrade = circumstances.regrade
  }

  /// Hundredths of points.
  public var total: Int { steps.reduce(0) { $0 + $1.earned } }
  /// Points.
  public var highest: Int { steps.reduce(0) { $0 + $1.points } }

  /// Whether every step is passed and nothing went wrong.
  public var isPassed: Bool {
    status == .graded && fault == nil && problems.isEmpty
      && steps.allSatisfy(\.isPassed)
  }

  /// How many mistakes of a submission are listed.
  static let mostProblems = 20
  /// A larger picture is left out.
  static let mostPictureBytes = 1 << 20
}

extension GradeReport {
  /// Whether a submission was graded, and if not, why.
  public enum Status: String, Sendable, CaseIterable {
    case graded
    case unreadable
    case notAFile = "not-a-file"
    case tooLarge = "too-large"
    case double
    case ambiguous
    case missing
    case crashed
    case outOfMemory = "out-of-memory"
    case timedOut = "timed-out"

    /// Whether grading has failed and not the student: the submission should be graded again.
    public var isFaultOfGrading: Bool {
      switch self {
      case .crashed, .outOfMemory, .timedOut: true
      case .graded, .unreadable, .notAFile, .tooLarge, .double, .ambiguous, .missing: false
      }
    }

    /// What a report says when nobody knows more.
    public var sentence: String {
      switch self {
      case .graded: "The submission was graded."
      case .unreadable: "The submission's file cannot be read."
      case .notAFile: "The submission is not a file."
      case .tooLarge: "The submission is too large."
      case .double: "More than one submission has this student's name."
      case .ambiguous: "Nobody can tell which of the student's files is the submission."
      case .missing: "The student has handed in nothing."
      case .crashed: "The process that graded the submission crashed; grade it again."
      case .outOfMemory: "The process that graded the submission ran out of memory; grade it again."
      case .timedOut: "Grading took too long; grade the submission again."
      }
    }
  }
}

extension GradeReport.Problem {
  init(_ problem: Attempt.Problem) {
    step = problem.step
    kind = problem.kind
    place = SourcePlace(
      file: bounded(problem.diagnostic.place.file), line: problem.diagnostic.place.line,
      column: problem.diagnostic.place.column)
    message = bounded(problem.diagnostic.message)
    text = bounded(problem.diagnostic.rendered(kind: problem.kind))
  }
}

/// How many bytes of a text from a submission a report repeats.
private let mostTextBytes = 4096

/// A text, or its beginning and a note that says how much was left out.
func bounded(_ text: String) -> String {
  let bytes = text.utf8.count
  guard bytes > mostTextBytes else { return text }
  var beginning = String.UnicodeScalarView()
  var used = 0
  for scalar in text.unicodeScalars {
    used += UTF8.width(scalar)
    guard used <= mostTextBytes else { break }
    beginning.append(scalar)
  }
  return String(beginning) + " … (the first \(mostTextBytes) of \(bytes) bytes)"
}

extension CheckResult {
  fileprivate mutating func boundTexts() {
    message = message.map { bounded($0) }
    expected = expected.map { bounded($0) }
    found = found.map { bounded($0) }
    event = event.map { bounded($0) }
    reason = reason.map { bounded($0) }
  }
}
