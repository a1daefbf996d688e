import ArgumentParser
import CommandLanguage
import Course
import Glibc
import GradeReports
import Grading
import LineEditor
import Shell

extension ReportFormat: ExpressibleByArgument {}
extension GradeReport.Audience: ExpressibleByArgument {}
extension Scaffold: ExpressibleByArgument {}

/// `migsh grade`.
struct GradeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Grade submissions to an exercise.",
    discussion: """
      A submission is a script, in parts under lines `@step NAME` when the exercise has several steps; its file's name \
      without its ending is the student's. A folder is a class: every .migsh file in it, and every folder, which is one \
      student's. Each submission is graded in an isolated process of its own, in which it can read only the files that \
      came with it. Each student's parameters follow from the environment variable MIGSH_COURSE_SECRET, the exercise and \
      the student.
      A result has a status: graded; 0 points for what is unreadable, not-a-file, too-large, double (more than one of a \
      student), ambiguous (several scripts in a folder) or missing; not graded, and no points at all, when the grader has \
      failed: crashed, out-of-memory, timed-out. Checks that held already when a step began earn nothing.
      In CSV, errors is how many mistakes the submission has, cause what went wrong first (for the teacher, with what hidden \
      checks found), and fault what went wrong in the grader.
      With a roster the student of a file is the one in whose row it stands. A report has the fingerprint of the course's \
      secret, so that results with another secret are found.
      Formats: \(ReportFormat.allCases.map { "\($0.rawValue) is \($0.help)" }.joined(separator: "; ")).
      With --keep OLD a class is graded again after a change of the exercise. A step keeps its result when its submission, its \
      points and checks, all set-ups up to it and the student's numbers are the same; a step tried with further seeds also \
      needs the same steps before it, and one judged from the world of the solutions the same solutions. After a change of \
      parameters, of the course's secret or of migsh all is judged again. What was kept, and why the rest was judged again, is said in \
      each report and on standard error.
      Exit status: 0 all passed; 1 something failed; 2 usage, or an exercise that nobody can do; 4 a fault of the grader; \
      130 interrupted. With --diff: 0 nothing changed; 1 something did. With --exit-mode harness: 0 whenever the report is whole.
      """)

  enum ExitMode: String, ExpressibleByArgument, CaseIterable {
    case verdict, harness
  }

  @Option(help: "Grade with this seed in place of the student's own.")
  var seed: UInt64?

  @Option(help: "Of the report.")
  var format: ReportFormat = .text

  @Option(
    name: .customLong("for"),
    help: """
      For whom the report is: the teacher sees everything, also what hidden checks found. (default: teacher for json, jsonl, \
      csv, summary and summary-html; student for the others)
      """)
  var audience: GradeReport.Audience?

  @Option(
    help: ArgumentHelp(
      """
      Write the report to a file, which is whole at every moment. For formats of one \
      submission each it is a folder, when there is one, when the name ends in a slash, or when there are several submissions.
      """,
      valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: "What the exit status tells: the verdict, or for a harness whether the report is whole.")
  var exitMode: ExitMode = .verdict

  @Option(
    help: ArgumentHelp("Whose the one file or folder is, which then sees all files of its folder.", valueName: "id"))
  var student: String?

  @Option(
    help: ArgumentHelp("The class as CSV, with columns id, section and file.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var roster: String?

  @Option(help: "How many submissions are graded at once.")
  var jobs = 1

  @Option(help: ArgumentHelp("Grade one of N parts of the class; `migsh merge` joins the files.", valueName: "i/n"))
  var shard: String?

  @Option(
    help: ArgumentHelp(
      "Keep from this former report in JSON the results of steps that no change since touches, judge only the others again, "
        + "and say which. The report is what grading everything afresh gives.", valueName: "old"),
    completion: .file(extensions: ["json", "jsonl"]))
  var keep: String?

  @Flag(help: "Go on with an output that was interrupted.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      """
      Show the world at the moment when a check of the one submission was made: CHECK, STEP/CHECK, or first for the first \
      that did not pass.
      """,
      valueName: "check"))
  var explain: String?

  @Option(
    help: ArgumentHelp(
      "Open the shell at the moment when a check of the one submission was made, with what was done before to go back to.",
      valueName: "check"))
  var replay: String?

  @Option(
    help: """
      Grade nothing, and write the files that a teacher copies to a platform: EXERCISE and then the folder for them.
      """)
  var scaffold: Scaffold?

  @Option(
    help: ArgumentHelp(
      "Say whose points or verdicts are others than in this former report in JSON, as text, csv or json; the report itself "
        + "is written with --output alone.", valueName: "old"), completion: .file(extensions: ["json", "jsonl"]))
  var diff: String?

  @Flag(help: "Print the schema of reports in JSON, and grade nothing.")
  var schema = false

  @Flag(help: "Print the schema of what --diff finds in JSON, and grade nothing.")
  var diffSchema = false

  @ArgumentParser.Argument(help: "A lesson whose steps carry points.", completion: .scripts)
  var exercise: String?

  @ArgumentParser.Argument(
    help: ArgumentHelp("Scripts, or folders of them.", valueName: "submission"),
    completion: .file(extensions: ["migsh"]))
  var submissions: [String] = []

  func validate() throws {
    guard !schema, !diffSchema else { return }
    guard exercise != nil, !submissions.isEmpty else {
      throw ValidationError("Give an exercise, and at least one submission.")
    }
    guard scaffold == nil || submissions.count == 1 else { throw ValidationError("--scaffold takes one folder.") }
    guard seed ?? 0 <= StudentSeed.highest else {
      throw ValidationError("--seed takes a number from 0 to \(StudentSeed.highest).")
    }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024.") }
    guard shard.map({ Shard($0) != nil }) ?? true else {
      throw ValidationError("--shard takes I/N, such as 1/4: I from 1 to N.")
    }
    guard shard == nil && !resume || output != nil else {
      throw ValidationError("\(resume ? "--resume" : "--shard") goes with --output FILE.")
    }
    guard diff == nil || Gradebook.Format(rawValue: format.rawValue) != nil || output != nil else {
      throw ValidationError("--diff goes with --format text, csv or json, or with --output FILE.")
    }
    guard diff == nil || !resume && shard == nil else {
      throw ValidationError("--diff compares all results, so it goes without --resume and --shard.")
    }
    guard keep == nil || explain == nil && replay == nil && scaffold == nil else {
      throw ValidationError("--keep goes with grading, and so without --explain, --replay and --scaffold.")
    }
    guard student == nil || submissions.count == 1 else {
      throw ValidationError("--student goes with one file or one folder.")
    }
    guard scaffold == nil || roster == nil && student == nil && output == nil else {
      throw ValidationError("--scaffold grades nothing, so it goes without --roster, --student and --output.")
    }
  }

  func run() throws {
    if diffSchema { return Terminal.write(GradeChanges.schema.indented + "\n") }
    if schema { return Terminal.write(GradeReport.schema.indented + "\n") }
    Interrupt.install()
    Interrupt.catchEnds()
    var grader: ClassGrader
    let items: [SubmissionItem]
    do {
      if let scaffold {
        let files = scaffold.files(for: try parseLesson(exercise ?? ""))
        try Scaffold.write(files, to: submissions[0])
        return Terminal.write(
          "wrote \(counted(files.count, "file")) to \(submissions[0]); read \(submissions[0])/README.md first\n")
      }
      (grader, items) = try prepare(exercise ?? "")
    } catch {
      Terminal.writeError(describe(error, of: exercise ?? "") + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    do {
      if explain != nil || replay != nil { return try show(items, grader) }
      throw ExitCode(try grade(items, with: &grader).rawValue)
    } catch let error as FileError {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    } catch let error where error is ClassFileMistake || error is ReportError {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
  }

  // MARK: - What is graded

  private func prepare(_ exercise: String) throws -> (grader: ClassGrader, items: [SubmissionItem]) {
    let lesson = try parseLesson(exercise)
    let (seeds, secret) = seeds(of: lesson)
    let grader = try ClassGrader(
      lesson, seed: seeds, courseSecret: secret, isInterrupted: { Interrupt.isRequested })
    var folder = try SubmissionFolder(submissions, exercise: lesson.name, student: student)
    if let roster { folder.apply(try Roster(try readSource(roster))) }
    guard !folder.items.isEmpty else {
      throw ValidationError("There is no .migsh file in \(submissions.joined(separator: ", ")).")
    }
    for note in folder.notes { Terminal.writeError("migsh: \(note)\n") }
    if let flaw = grader.flaw() {
      throw ValidationError(
        "\(exercise) cannot be graded: its own solution fails within the limits of a submission.\n\(flaw.text)")
    }
    return (grader, folder.items)
  }

  /// The seed of each student, and what tells the secret from others from which they follow.
  private func seeds(of lesson: Lesson) -> (seeds: (String) -> UInt64, secret: String?) {
    if let seed { return ({ _ in seed }, nil) }
    let secret = CourseSecret.read(for: lesson)
    return (
      { StudentSeed.seed(secret: secret, exercise: lesson.name, student: $0) },
      StudentSeed.fingerprint(ofSecret: secret)
    )
  }

  // MARK: - One check

  private func show(_ items: [SubmissionItem], _ grader: ClassGrader) throws {
    guard items.count == 1 else {
      Terminal.writeError(
        "migsh: --explain and --replay go with one submission: name its file, or the student's folder\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    do {
      func name(_ check: String?) -> String? { check == "first" ? nil : check }
      if let explain { return Terminal.write(try grader.explain(items[0], check: name(explain))) }
      let moment = try grader.replay(items[0], check: name(replay))
      var settings = BatchSettings()
      settings.seed = moment.seed
      let status =
        Terminal.isInput ? Prompt(settings).run(at: moment) : Batch(settings).executeStandardInput(at: moment)
      throw ExitCode(status.rawValue)
    } catch let error as ExplanationError {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.refused.rawValue)
    }
  }

  // MARK: - Grading

  private func grade(_ items: [SubmissionItem], with grader: inout ClassGrader) throws -> ScriptStatus {
    let part = shard.flatMap { Shard($0) } ?? .whole
    grader.drawsPictures = format == .html
    if let keep { grader.former = try FormerReports(reading: keep, exercise: grader.exercise.name) }
    var tally = RegradeTally()
    var changes = try diff.map { try GradeChanges(since: $0) }
    let header = GradeFileHeader(
      grader.exercise, items, shard: part, courseSecret: grader.courseSecret, seed: seed)
    let wanted = items.filter { part.contains($0.name) }
    let isOfClass = wanted.count > 1 || student == nil && submissions.contains(where: isFolder)
    var results = try GradeResults(self, header, isOfClass: isOfClass, count: wanted.count)
    let rest = try results.takeOver(wanted, grader)
    var progress = GradingProgress(total: wanted.count, done: wanted.count - rest.count)
    let isWhole = try grader.grade(rest, jobs: jobs) { report in
      progress.clear()
      changes?.add(report)
      tally.add(report)
      if changes == nil || output != nil { try results.add(report) }
      progress.show()
    }
    progress.clear()
    if changes == nil || output != nil { try results.finish(isWhole: isWhole) }
    for line in tally.lines { Terminal.writeError("migsh: \(line)\n") }
    guard isWhole else { return .interrupted }
    if let changes {
      Terminal.write(changes.text(Gradebook.Format(rawValue: format.rawValue) ?? .text))
      return exitMode == .verdict && !changes.rows.isEmpty ? .failed : .success
    }
    if results.hasFault { return .fault }
    return exitMode == .verdict && results.hasFailure ? .failed : .success
  }
}

/// Tells on a terminal how far grading has come.
private struct GradingProgress {
  let total: Int
  private(set) var done: Int
  private let begun = ContinuousClock.now
  private let doneBefore: Int
  private var line = ProgressLine()

  init(total: Int, done: Int) {
    self.total = total
    self.done = done
    doneBefore = done
  }

  mutating func show() {
    done += 1
    let elapsed = begun.secondsUntilNow
    guard total > 1, elapsed > 0.5, done > doneBefore else { return }
    let left = elapsed / Double(done - doneBefore) * Double(total - done)
    line.show("graded \(done) of \(total), \(formatTime(UInt64(left) * 1_000_000_000)) left")
  }

  func clear() { line.clear() }
}
