import CommandLanguage

@testable import Shell

/// A session whose output is kept.
final class Recorder {
  var output = ""
  var session: Session

  init(_ options: Session.Options = Session.Options()) {
    session = Session(options: options) { _ in }
    session.write = { [unowned self] in output += $0 }
  }

  @discardableResult
  func execute(_ script: String) -> ScriptStatus {
    session.execute(SourceText(name: "test", text: script))
  }

  /// What a script prints.
  func output(of script: String) -> String {
    output = ""
    execute(script)
    return output
  }
}
