import ArgumentParser
import CommandLanguage
import ScriptCheck
import Shell

/// `migsh check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find mistakes in scripts, lessons and exercises without executing them.",
    discussion: """
      Warns of what is hardly meant: names that are set and never used, or used and never set; commands that are never \
      executed; definitions that hide others. Follows `source`.
      Exit status: 0 no mistakes; 1 mistakes, or with --strict warnings; 2 usage, or a file that cannot be read.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(help: "Of what is found: text, or json for one object a finding.")
  var format: Format = .text

  @Flag(help: "Fail when there are warnings, too.")
  var strict = false

  @ArgumentParser.Argument(
    help: ArgumentHelp("Scripts, lessons, or folders with a course.yaml.", valueName: "file"), completion: .scripts)
  var files: [String]

  func run() throws {
    var status = ScriptStatus.success
    let checker = ScriptChecker(table: Session { _ in }.table)
    for file in files {
      do {
        for path in try lessonFiles(file) {
          if try check(path, checker), status == .success { status = .failed }
        }
      } catch {
        status = .usage
        Terminal.writeError(describe(error, of: file) + "\n")
      }
    }
    throw ExitCode(status.rawValue)
  }

  /// - Returns: whether something is wrong with a file.
  private func check(_ path: String, _ checker: ScriptChecker) throws -> Bool {
    let findings: [Finding]
    do {
      findings = checker.check(try readSource(path))
    } catch let mistake as Diagnostic {
      findings = [.mistake(mistake)]
    }
    for finding in findings {
      switch format {
      case .text: Terminal.writeError(finding.text + "\n")
      case .json: Terminal.write(finding.json.encoded + "\n")
      }
    }
    return findings.contains { strict || $0.severity == .error }
  }
}
