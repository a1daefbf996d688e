import CommandLanguage
import Course
import Glibc
import Shell

/// Grades the submissions of a class, each in an isolated process of its own.
///
/// The process that uses it must have one thread. It reads the files; what is in them is looked at only in the processes
/// that it forks.
public struct ClassGrader {
  /// How many results may wait for an earlier one.
  private static let longestWait = 256

  private let grader: Grader
  private let likeness: Likeness
  private let exerciseDigest: String
  /// Where seeds come from; without one everybody has the given seed.
  private let seed: (_ student: String) -> UInt64
  private let isInterrupted: () -> Bool
  /// Tells the course's secret from others; nil when the numbers follow from none.
  public let courseSecret: String?
  private let limits = IsolatedProcess.Limits()
  private var namespaces: Isolation?
  /// Whether reports have a picture of the world at the first check that failed.
  public var drawsPictures = false
  /// Earlier reports: what is still true in them is kept. Nil when all is graded afresh.
  public var former: FormerReports?

  /// - Parameters:
  ///   - exercise: a lesson with points.
  ///   - seed: the seed of a student.
  ///   - courseSecret: tells the secret from others from which the seeds follow; nil when they follow from none.
  ///   - isInterrupted: whether grading should end; asked now and then.
  public init(
    _ exercise: Lesson, seed: @escaping (_ student: String) -> UInt64, courseSecret: String? = nil,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(Diagnostic) {
    grader = try Grader(exercise)
    likeness = Likeness(exercise)
    exerciseDigest = Digest.hexadecimal(of: exercise.source.utf8)
    self.seed = seed
    self.courseSecret = courseSecret
    self.isInterrupted = isInterrupted
  }

  /// The exercise.
  public var exercise: Lesson { grader.exercise }

  /// What is wrong with the exercise itself, tried as the submissions will be; nil when its solutions earn everything.
  ///
  /// After this, processes begin with everything in memory that grading needs.
  public func flaw() -> GradeReport? { try? grader.flaw(seed: seed("")) }

  /// Grades submissions, some at a time.
  ///
  /// - Parameters:
  ///   - items: what was handed in.
  ///   - jobs: how many are graded at once.
  ///   - report: takes the reports, in the order of the items.
  /// - Returns: false when it was interrupted.
  public mutating func grade(
    _ items: [SubmissionItem], jobs: Int, report: (GradeReport) throws -> Void
  ) rethrows -> Bool {
    if namespaces == nil { namespaces = Isolation.enterNamespaces() }
    var running: [(place: Int, process: IsolatedProcess)] = []
    defer { for (_, process) in running { process.kill() } }
    var finished: [Int: GradeReport] = [:]
    var (next, reported) = (0, 0)
    while reported < items.count {
      guard !isInterrupted() else { return false }
      while running.count < max(1, jobs), next < items.count, next - reported < Self.longestWait {
        switch begin(items[next]) {
        case .process(let process): running.append((next, process))
        case .report(let report): finished[next] = report
        }
        next += 1
      }
      if finished[reported] == nil { IsolatedProcess.wait(for: running.map(\.process)) }
      running.removeAll { place, process in
        guard let ending = process.ending() else { return false }
        finished[place] = outcome(of: items[place], ending)
        return true
      }
      while let done = finished.removeValue(forKey: reported) {
        try report(done)
        reported += 1
      }
    }
    return true
  }

  /// Whether a report on a submission is what grading it again would give.
  public func isUpToDate(_ report: GradeReport, _ item: SubmissionItem) -> Bool {
    guard report.fault == nil, report.audience == .teacher, report.student == item.student,
      report.section == item.section, report.seed == seed(item.student),
      report.courseSecret == courseSecret
    else { return false }
    if let obstacle = item.obstacle { return report.status.rawValue == obstacle.kind.rawValue }
    guard report.digests.submission != nil, let handedIn = try? HandedIn(item) else { return false }
    return report.digests.submission == handedIn.digest
  }

  /// An earlier report, when all of it is what grading again would give.
  private func unchanged(_ report: GradeReport?, _ item: SubmissionItem, _ handedIn: HandedIn) -> GradeReport? {
    guard let report, report.fault == nil, report.status == .graded, report.audience == .teacher,
      report.engine == migshVersion, report.digests.exercise == exerciseDigest, report.digests.parts != nil,
      report.digests.submission == handedIn.digest, report.student == item.student, report.section == item.section,
      report.seed == seed(item.student), report.courseSecret == courseSecret,
      report.isPassed ? report.picture == nil : (report.picture != nil) == drawsPictures
    else { return nil }
    return report.keptWhole
  }

  /// What is wrong with a submission in one place, and the world at that moment, for people.
  ///
  /// - Parameter check: its name, or its step's and its own with a slash between; nil for the first that did not pass.
  /// - Throws: an `ExplanationError` when there is nothing to explain.
  public func explain(_ item: SubmissionItem, check: String?) throws -> String {
    let handedIn = try self.handedIn(item)
    let process = try IsolatedProcess(limits: limits) { isolation in
      do throws(ExplanationError) {
        return Array((Self.explains + (try self.moment(of: item, handedIn, check: check)).explanation()).utf8)
      } catch {
        return Array((Self.refuses + error.description).utf8)
      }
    }
    while true {
      IsolatedProcess.wait(for: [process])
      guard let ending = process.ending() else { continue }
      guard case .results(let bytes) = ending else { throw ExplanationError(outcome(of: item, ending).cause ?? "") }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix(Self.explains) else { throw ExplanationError(String(text.dropFirst(Self.refuses.count))) }
      return String(text.dropFirst(Self.explains.count))
    }
  }

  /// How the text begins that comes from the process that looks at a submission: whether there was something to explain.
  private static let (explains, refuses) = ("+", "-")

  /// The moment in which a check of a submission was made. This executes the submission in this very process.
  public func replay(_ item: SubmissionItem, check: String?) throws -> GradingMoment {
    try moment(of: item, try handedIn(item), check: check)
  }

  private func handedIn(_ item: SubmissionItem) throws(ExplanationError) -> HandedIn {
    if let obstacle = item.obstacle { throw ExplanationError(obstacle.text) }
    do throws(Obstacle) { return try HandedIn(item) } catch { throw ExplanationError(error.text) }
  }

  private func moment(
    of item: SubmissionItem, _ handedIn: HandedIn, check: String?
  ) throws(ExplanationError) -> GradingMoment {
    let text: SourceText
    do throws(Diagnostic) { text = try SourceText(name: item.sourceName, bytes: handedIn.bytes, folder: "") } catch {
      throw ExplanationError("\(error.place): \(error.message)")
    }
    let submission = Submission(
      student: item.student, text: .success(text), files: handedIn.files, for: exercise)
    guard let report = try? grader.grade(submission, seed: seed(item.student)) else {
      throw ExplanationError("grading was interrupted")
    }
    if let moment = grader.moment(of: submission, report, check: check) { return moment }
    guard let check else { throw ExplanationError("every check passed in \(item.name)") }
    let names = report.steps.flatMap { step in step.checks.map { "`\(step.name)/\($0.name)`" } }
    throw ExplanationError("\(exercise.name) has no check `\(check)`; it has \(names.joined(separator: ", "))")
  }

  // MARK: - One submission

  private enum Beginning {
    case process(IsolatedProcess)
    /// There is nothing to grade.
    case report(GradeReport)
  }

  private func begin(_ item: SubmissionItem) -> Beginning {
    guard item.obstacle == nil else { return .report(ungraded(item)) }
    let handedIn: HandedIn
    do throws(Obstacle) { handedIn = try HandedIn(item) } catch {
      var item = item
      item.obstacle = (error.kind, error.text)
      return .report(ungraded(item))
    }
    let earlier = former?.report(on: item.name)
    if let report = unchanged(earlier, item, handedIn) { return .report(report) }
    do throws(SystemError) {
      return .process(
        try IsolatedProcess(limits: limits) { isolation in
          Array(self.grade(handedIn, of: item, isolation, after: earlier).json.encoded.utf8)
        })
    } catch {
      return .report(ungraded(item, .crashed, "no process could be started to grade this: \(error)"))
    }
  }

  /// What the forked process does.
  ///
  /// - Parameter earlier: the report on the same file in an earlier grading; nil when there is none.
  private func grade(
    _ handedIn: HandedIn, of item: SubmissionItem, _ isolation: Isolation, after earlier: GradeReport?
  ) -> GradeReport {
    var circumstances = circumstances(of: item)
    circumstances.submissionDigest = handedIn.digest
    circumstances.isolation = (namespaces.map { isolation.and($0) } ?? isolation).sentences
    let seed = seed(item.student)
    let text: SourceText
    do throws(Diagnostic) {
      text = try SourceText(name: item.sourceName, bytes: handedIn.bytes, folder: "")
    } catch {
      circumstances.status = .unreadable
      circumstances.statusText = "\(error.place): \(error.message)" + (error.remedy.map { "; \($0)" } ?? "")
      return GradeReport(ungraded: exercise, student: item.student, seed: seed, circumstances)
    }
    let submission = Submission(
      student: item.student, text: .success(text), files: handedIn.files, for: exercise)
    circumstances.likeness = likeness.digest(of: submission)
    // Nobody interrupts this process but with a signal that ends it.
    let graded =
      former == nil
      ? try? grader.grade(submission, seed: seed, circumstances)
      : try? grader.regrade(submission, seed: seed, circumstances, after: earlier)
    guard var report = graded else { _exit(1) }
    if drawsPictures, !report.isPassed, let moment = grader.moment(of: submission, report, check: nil) {
      report.attachPicture(of: moment)
    }
    return report
  }

  private func outcome(of item: SubmissionItem, _ ending: IsolatedProcess.Ending) -> GradeReport {
    switch ending {
    case .results(let bytes):
      do {
        return try GradeReport(json: try JSON(parsing: bytes))
      } catch {
        return ungraded(item, .crashed, "the process that graded this wrote no whole report: \(error)")
      }
    case .tooMuch:
      return ungraded(item, .crashed, "the process that graded this wrote more than \(limits.resultBytes) bytes")
    case .timedOut: return ungraded(item, .timedOut, nil)
    case .outOfMemory: return ungraded(item, .outOfMemory, nil)
    case .died(let status, let errors):
      let words = errors.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
      return ungraded(item, .crashed, "the process that graded this ended with \(ended(status))\(words)")
    }
  }

  private func ended(_ status: Int32) -> String {
    status > 128 ? "signal \(status - 128) (\(String(cString: strsignal(status - 128))))" : "status \(status)"
  }

  private func ungraded(
    _ item: SubmissionItem, _ status: GradeReport.Status? = nil, _ reason: String? = nil
  ) -> GradeReport {
    var circumstances = circumstances(of: item)
    circumstances.status =
      status ?? item.obstacle.flatMap { GradeReport.Status(rawValue: $0.kind.rawValue) } ?? .crashed
    circumstances.statusText = reason ?? item.obstacle?.text
    return GradeReport(ungraded: exercise, student: item.student, seed: seed(item.student), circumstances)
  }

  private func circumstances(of item: SubmissionItem) -> GradeReport.Circumstances {
    var circumstances = GradeReport.Circumstances()
    circumstances.file = item.name
    circumstances.section = item.section
    circumstances.courseSecret = courseSecret
    return circumstances
  }
}

/// Why a submission cannot be explained or replayed.
public struct ExplanationError: Error, CustomStringConvertible {
  /// In words.
  public let description: String

  init(_ description: String) { self.description = description }
}
