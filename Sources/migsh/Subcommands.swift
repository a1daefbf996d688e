import ArgumentParser
import CommandLanguage
import Shell

/// `migsh run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Execute scripts and lessons; a lesson's solutions stand in for the learner.")

  @OptionGroup var options: SessionOptions
  @ArgumentParser.Argument(help: ArgumentHelp("Scripts or lessons.", valueName: "file"))
  var files: [String]

  func run() throws { throw ExitCode(Batch(options).execute(files: files).rawValue) }
}

/// `migsh check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Parse scripts and lessons without executing them.")

  @ArgumentParser.Argument(help: ArgumentHelp("Scripts or lessons.", valueName: "file"))
  var files: [String]

  func run() throws {
    var isGood = true
    let session = Session { _ in }
    for file in files {
      do {
        let source = try readSource(file)
        _ = try session.parse(source)
      } catch let error as Diagnostic {
        isGood = false
        Terminal.writeError(error.rendered() + "\n")
      } catch {
        isGood = false
        Terminal.writeError("migsh: \(file): \(error)\n")
      }
    }
    throw ExitCode(isGood ? ScriptStatus.success.rawValue : ScriptStatus.usage.rawValue)
  }
}
