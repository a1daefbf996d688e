import ArgumentParser
import Course
import Grading
import Shell

extension Gradebook.Format: ExpressibleByArgument {}

/// `migsh gradebook`.
struct GradebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradebook", abstract: "Join grades of exercises, with what coming late costs and what you change.",
    discussion: """
      It reads reports that `migsh grade --format json` or `--format jsonl` wrote, or `--shard`, and grades nothing. Final \
      points are those that grading gave, without the penalty, with your changes, and never below 0. Where grading has \
      failed there are no points, not even 0; for what was missing, unreadable or there twice there are 0. Results that were \
      graded with different secrets of the course are read, with a warning.
      A rule for those who are late has parts that are joined by commas: `10%/day` (or minute, hour, week) is lost of the \
      points earned for each day that has begun; `at most 50%` in all; `grace 15m` is the time in which nothing is lost; \
      `none after 3d` is when nothing is left. Times are as ISO 8601 has them, with a zone: 2026-06-01T12:00+02:00.
      --submitted names a CSV file with columns student or file, time, and exercise where each has its own times. --adjust \
      names a CSV file with columns student, exercise, points and reason; it stays as it is when you grade again. With a column graded, which says \
      the points that grading had given when you made the change, a change is left out when grading gives others now.
      Exit status: 0 all well; 1 grading has failed on a result, or a change was left out; 2 usage, or files that do not fit; 4 the result could not be \
      written.
      """)

  @Option(
    help: ArgumentHelp("The class as CSV, with columns id, section and file.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var roster: String?

  @Option(
    help: ArgumentHelp("When it was due, for all exercises or, as EXERCISE=TIME, for one.", valueName: "time"))
  var due: [String] = []

  @Option(help: ArgumentHelp("What coming late costs, such as '10%/day, none after 3d'.", valueName: "rule"))
  var late: String?

  @Option(
    help: ArgumentHelp("When each submission was handed in, as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var submitted: String?

  @Option(
    help: ArgumentHelp("What you change by hand, each with a reason, as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var adjust: String?

  @Option(help: "Of the gradebook.")
  var format: Gradebook.Format = .text

  @Option(
    help: ArgumentHelp("Write it to a file, and not to standard output.", valueName: "file"), completion: .file())
  var output: String?

  @Flag(help: "Print the schema of gradebooks in JSON, and join nothing.")
  var schema = false

  @ArgumentParser.Argument(
    help: ArgumentHelp("Reports in JSON, of one exercise or several.", valueName: "results"),
    completion: .file(extensions: ["json", "jsonl"]))
  var results: [String] = []

  func validate() throws {
    guard schema || !results.isEmpty else { throw ValidationError("Give at least one file of results.") }
    guard (late == nil) == (submitted == nil), (late == nil) == due.isEmpty else {
      throw ValidationError("--due, --late and --submitted go together.")
    }
  }

  func run() throws {
    if schema { return Terminal.write(Gradebook.schema.indented + "\n") }
    do {
      let book = try makeBook()
      for note in book.notes { Terminal.writeError("migsh: \(note)\n") }
      let text = book.text(format)
      if let output { try writeFile(text, to: output) } else { Terminal.write(text) }
      if book.outdatedCount > 0 || book.students.contains(where: { $0.faultCount > 0 }) {
        throw ExitCode(ScriptStatus.failed.rawValue)
      }
    } catch let error as FileError {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode((error.path == output ? ScriptStatus.fault : .usage).rawValue)
    } catch let error as ClassFileMistake {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
  }

  private func makeBook() throws -> Gradebook {
    var book = try Gradebook(results)
    if let roster { book.apply(try Roster(try readSource(roster))) }
    if let late, let submitted {
      book = try applying(try LateRule(late), to: book, submitted)
    }
    if let adjust { try book.adjust(try readSource(adjust)) }
    return book
  }

  private func applying(_ rule: LateRule, to book: Gradebook, _ submitted: String) throws -> Gradebook {
    var book = book
    var times: [String: ClassTime] = [:]
    for text in due {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let last = parts.last, let time = ClassTime(last) else {
        throw ClassFileMistake("--due: `\(parts.last ?? text)` is no time with a zone, such as 2026-06-01T12:00+02:00")
      }
      guard times.updateValue(time, forKey: parts.count > 1 ? parts[0] : "") == nil else {
        throw ClassFileMistake("--due says twice when the same was due")
      }
    }
    try book.apply(rule, due: times, try readSource(submitted))
    return book
  }
}
