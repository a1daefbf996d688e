import ArgumentParser
import Glibc
import Shell

/// `migsh`: the shell at a terminal, and its subcommands.
@main
struct Migsh: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migsh",
    abstract: "A shell for process migration in distributed systems.",
    discussion: """
      Without a subcommand it is the shell, when standard input is a terminal; else it reads commands from there.
      With a screen reader: --plain, or MIGSH_PLAIN=1 in the environment, has pictures told in sentences; help plain in the \
      shell tells more.
      Exit status: 0 all well; 1 an expectation or check failed; 2 usage, or text that could not be understood; \
      3 a command was refused while running; 4 a fault of migsh; 5 (torture) no progress; 124 a limit was reached; 130 interrupted.
      """,
    version: migshVersion,
    subcommands: [
      ShellCommand.self, RunCommand.self, CheckCommand.self, LessonCommand.self, CourseCommand.self, TestCommand.self,
      GradeCommand.self, GradebookCommand.self, ExerciseCommand.self, TortureCommand.self, SweepCommand.self,
      ExperimentCommand.self, MergeCommand.self, LanguageServerCommand.self, ManualCommand.self,
    ],
    defaultSubcommand: ShellCommand.self)

  /// Parses the arguments and executes the command. Usage errors exit with status 2, like a script that cannot be
  /// parsed.
  static func main() {
    // Without this, the shell would end when a file grows larger than the user may write. Now that is an error, like a
    // full disk.
    signal(SIGXFSZ, SIG_IGN)
    let arguments = SessionOptions.movedBehindSubcommand(Array(CommandLine.arguments.dropFirst()))
    if let status = startWithoutParser(arguments) { Glibc.exit(status.rawValue) }
    if let script = ShellCompletion.script(arguments) {
      Terminal.write(script + "\n")
      return
    }
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let code as ExitCode {
      exit(withError: code)
    } catch {
      let code = exitCode(for: error)
      guard code != .success, code.rawValue != ScriptStatus.usage.rawValue else { exit(withError: error) }
      Terminal.writeError(fullMessage(for: error) + "\n")
      exit(withError: ExitCode(ScriptStatus.usage.rawValue))
    }
  }

  /// Executes what is started most often: the shell, `-c` with commands, and scripts, all without options. ArgumentParser finds
  /// out at run time what a command's options are, and that takes longer than all else of a start.
  ///
  /// - Returns: nil when the arguments are of another kind, and nothing was done.
  private static func startWithoutParser(_ arguments: [String]) -> ScriptStatus? {
    let settings = BatchSettings()
    guard let first = arguments.first else { return ShellCommand.execute(nil, settings) }
    if first == "-c", arguments.count == 2, !arguments[1].hasPrefix("-") {
      return ShellCommand.execute(arguments[1], settings)
    }
    let files = first == "run" ? arguments[1...] : arguments[...]
    guard !files.isEmpty, files.allSatisfy({ $0.hasSuffix(".migsh") && !$0.hasPrefix("-") }) else { return nil }
    return Batch(settings).execute(files: files.map(InstalledLessons.file))
  }
}
