import ArgumentParser
import CommandLanguage
import Course
import Glibc
import LineEditor
import QuestionBank
import Shell

extension BankFormat: ExpressibleByArgument {}
extension CourseTable.Format: ExpressibleByArgument {}

/// `migsh course questions`.
struct CourseQuestionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "questions", abstract: "A question bank for a learning platform, answered by the engine.",
    discussion: """
      It has the questions of the concept inventory, and what the lessons ask before each step, with the commands that \
      somebody needs who has no shell at hand. Each seed makes a variant with other numbers; the variants of a question \
      are a category of their own, from which a platform can draw.
      """)

  @OptionGroup var course: CourseFolder

  @Option(
    help: "moodle: XML for Moodle; qti: a package of QTI 2.1 for Canvas, Blackboard and others; gift: plain text.")
  var format: BankFormat

  @Option(help: "How many variants of each question there are: one for each seed from 1 on.")
  var seeds: UInt64?

  @Option(help: "The one seed with which questions are made.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Write to a file, and not to standard output.", valueName: "file"), completion: .file())
  var output: String?

  func validate() throws {
    guard seeds == nil || seed == nil else { throw ValidationError("--seeds and --seed exclude each other.") }
    guard (1...1000).contains(seeds ?? 1) else { throw ValidationError("--seeds takes a number from 1 to 1000.") }
    guard format != .qti || output != nil else {
      throw ValidationError("--format qti makes a zip file: --output says where it goes.")
    }
  }

  func run() throws {
    Interrupt.install()
    let bank: Bank
    let folder = try course.path()
    do {
      bank = try Bank(
        title: try CourseOutline(folder: folder).title, lessons: try CourseFolder.lessons(in: folder),
        inventory: try CourseFolder.inventory(in: folder), seeds: seed.map { $0...$0 } ?? 1...(seeds ?? 1),
        isInterrupted: { Interrupt.isRequested })
    } catch {
      Terminal.writeError(describe(error, of: folder) + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
    let file = format.file(of: bank.questions, title: bank.title)
    guard let output else { return Terminal.write(String(decoding: file, as: UTF8.self)) }
    do { try writeFile(file, to: output) } catch {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    }
    Terminal.write("\(output): \(counted(bank.questions.count, "question"))\n")
  }
}

/// `migsh course table`.
struct CourseTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Which lessons teach which statements of the course, and touch which knowledge units of CS2023.",
    discussion: """
      The statements are those of statements.yaml, the units those of cs2023.yaml in the folder of the course. \
      `migsh test` refuses a course in which one is missing.
      """)

  @OptionGroup var course: CourseFolder

  @Option(help: "How the table is written.")
  var format = CourseTable.Format.text

  func run() throws {
    let folder = try course.path()
    do {
      var index = try CourseIndex(parsing: try readSource("\(folder)/statements.yaml"))
      for mistake in index.enter(try CourseFolder.lessons(in: folder)) { Terminal.writeError(mistake + "\n") }
      Terminal.write(CourseTable(index: index, curriculum: try Self.curriculum(in: folder)).text(format))
    } catch {
      Terminal.writeError(describe(error, of: folder) + "\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
  }

  /// The knowledge units that a course touches; nil when it names none.
  static func curriculum(in folder: String) throws -> Curriculum? {
    let path = Curriculum.path(inCourse: folder)
    return access(path, F_OK) == 0 ? try Curriculum(parsing: try readSource(path)) : nil
  }
}
