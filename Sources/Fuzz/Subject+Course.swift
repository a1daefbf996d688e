import CommandLanguage
import Course
import Foundation
import GradeReports
import Shell

/// Lessons, submissions and the reports on them.
extension Subject {
  // MARK: - Lessons

  func feedLesson(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    guard let source = text(input, &outcome) else { return outcome }
    let lesson: Lesson
    do throws(Diagnostic) { lesson = try Lesson(parsing: source, table: table) } catch {
      note(error, &outcome)
      return outcome
    }
    let manner = Feature.hash(input)
    let deadline = ContinuousClock.now + Self.wallTime
    var options = Session.Options()
    options.files = .none
    options.limits = Self.limits
    options.limits.events = Self.eventsOfLesson(manner)
    if manner & 3 == 0 { options.format = .json }
    if manner >> 2 & 3 == 0 {
      var prover = Prover(lesson, options: options, isInterrupted: { ContinuousClock.now > deadline })
      for problem in prover.prove(seeds: 1...(manner >> 8 & 15 == 0 ? 3 : 1)) { note(problem.diagnostic, &outcome) }
      return outcome
    }
    var output = ""
    var session = Session(options: options) { output += $0 }
    session.isInterrupted = { output.utf8.count > Self.outputBytes || ContinuousClock.now > deadline }
    if manner >> 4 & 1 == 0 { session.checkInvariants() }
    let status = lesson.play(in: &session, seed: manner >> 5 & 1 == 0 ? nil : manner)
    note(status, session.failure, &outcome)
    note(session, &outcome)
    let isJSON = options.format == .json && !lesson.source.text.contains("format")
    outcome.finding = outcome.finding ?? Self.flaw(in: output, isJSON: isJSON)
    return outcome
  }

  /// Few events for most inputs, and for some enough to reach the end of any lesson.
  private static func eventsOfLesson(_ manner: UInt64) -> UInt64 { manner >> 12 & 15 == 0 ? 50_000 : 2_000 }

  // MARK: - Submissions

  func feedSubmission(_ input: [UInt8]) -> Outcome {
    grade(input, student: "ada").outcome
  }

  /// The report on a submission must be whole, whatever the student's name is.
  func feedReport(_ input: [UInt8]) -> Outcome {
    let name = input.prefix { $0 != UInt8(ascii: "\n") }
    let (graded, report) = grade(Array(input.dropFirst(name.count + 1)), student: String(decoding: name, as: UTF8.self))
    var outcome = graded
    guard let report else { return outcome }
    let json = report.json.encoded
    if (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any] == nil {
      outcome.finding = "this report is no JSON: \(json.prefix(200))"
    }
    outcome.finding = outcome.finding ?? Self.flaw(in: report.text, isJSON: false) ?? Self.flaw(writing: report)
    return outcome
  }

  /// What is wrong with the forms in which a report is written; nil when nothing is.
  private static func flaw(writing report: GradeReport) -> String? {
    guard let read = try? GradeReport(parsing: Array(report.json.encoded.utf8)), read.json == report.json else {
      return "this report is not read back as it was written: \(report.json.encoded.prefix(200))"
    }
    for format in ReportFormat.allCases where ![.json, .jsonLines].contains(format) {
      var writer = ReportWriter(format)
      guard let text = try? writer.text(adding: report) else { return "there is no report as \(format.rawValue)" }
      if let flaw = flaw(in: text + writer.end(), isJSON: false) { return "\(format.rawValue): \(flaw)" }
    }
    return nil
  }

  /// The exercise that a line names, or the first.
  func exercise(named line: some StringProtocol, isQuick: Bool) -> Lesson? {
    let exercises = isQuick ? quickExercises : exercises
    return exercises.first { line.hasPrefix("# \($0.name)") } ?? exercises.first
  }

  private func grade(_ input: [UInt8], student: String) -> (outcome: Outcome, report: GradeReport?) {
    var outcome = Outcome()
    let manner = Feature.hash(input)
    let line = String(decoding: input.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    var limits = GradingLimits()
    limits.commands = 300
    limits.nodes = 32
    limits.processes = 60
    limits.pages = 3000
    limits.events = Self.eventsOfLesson(manner)
    limits.steps = 20_000_000
    limits.outputBytes = Self.outputBytes
    guard let exercise = exercise(named: line, isQuick: manner >> 16 & 15 > 0),
      let grader = try? Grader(exercise, limits: limits)
    else { return (outcome, nil) }
    var text: Result<SourceText, Diagnostic>
    do throws(Diagnostic) { text = .success(try SourceText(name: "fuzz.migsh", bytes: input)) } catch {
      text = .failure(error)
    }
    let submission = Submission(student: student, text: text, for: exercise)
    guard let report = try? grader.grade(submission, seed: manner & 7) else { return (outcome, nil) }
    // The limits here are small, so that some exercises cannot be set up within them: nobody is graded by such an exercise.
    if let fault = report.fault, (try? grader.flaw(seed: manner & 7))??.fault != fault { outcome.finding = fault }
    for step in report.steps {
      for check in step.checks {
        outcome.reach(Feature.hash(message: "\(exercise.name) \(check.name) \(check.verdict)"))
      }
    }
    if case .object(let fields) = report.json, case .array(let errors)? = fields.first(where: { $0.0 == "errors" })?.1 {
      for error in errors {
        guard case .object(let parts) = error else { continue }
        let fields = Dictionary(parts, uniquingKeysWith: { first, _ in first })
        // The submission wrote the words that say why an expectation failed.
        guard case .string(let message)? = fields["message"], fields["kind"] != .string("failed") else { continue }
        outcome.reach(Feature.hash(message: message))
      }
    }
    return (outcome, report)
  }
}
