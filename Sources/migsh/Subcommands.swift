import ArgumentParser
import Glibc
import Shell

/// `migsh` alone. It is a subcommand of its own, so that the other subcommands do not have its options.
struct ShellCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shell", abstract: "The shell at a terminal; else commands from standard input.")

  @OptionGroup var options: SessionOptions

  @Option(name: .customShort("c"), help: "Execute these commands and leave.")
  var commands: String?

  @Option(help: ArgumentHelp("The folder of the course that `lesson` shows.", valueName: "folder"))
  var lessons: String?

  @ArgumentParser.Argument(
    help: ArgumentHelp("Scripts or lessons to execute, as `run` does.", valueName: "file"), completion: .scripts)
  var files: [String] = []

  func validate() throws {
    guard commands == nil || files.isEmpty else { throw ValidationError("-c stands without files.") }
    let subcommands = Migsh.configuration.subcommands.compactMap { $0.configuration.commandName }
    if let first = files.first, subcommands.contains(first), access(first, F_OK) != 0 {
      throw ValidationError(
        "What `\(first)` is given stands behind its name: migsh help \(first) lists its options.")
    }
  }

  func run() throws {
    var settings = options.settings
    settings.lessons = lessons
    let status =
      files.isEmpty
      ? Self.execute(commands, settings) : Batch(options.settings).execute(files: files.map(InstalledLessons.file))
    throw ExitCode(status.rawValue)
  }

  /// Executes commands, or has them typed, or read from standard input.
  static func execute(_ commands: String?, _ settings: BatchSettings) -> ScriptStatus {
    if let commands { return Batch(settings).execute(text: commands, name: "-c") }
    return Terminal.isInput ? Prompt(settings).run() : Batch(settings).executeStandardInput()
  }
}

/// `migsh run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Execute scripts and lessons; a lesson's solutions stand in for the learner.")

  @OptionGroup var options: SessionOptions
  @ArgumentParser.Argument(
    help: ArgumentHelp("Scripts or lessons, or names of lessons that come with migsh.", valueName: "file"),
    completion: .scripts)
  var files: [String]

  func run() throws {
    throw ExitCode(Batch(options.settings).execute(files: files.map(InstalledLessons.file)).rawValue)
  }
}
