import CommandLanguage
import LineEditor
import Shell

/// The shell at a terminal.
struct Prompt {
  private let options: SessionOptions

  init(_ options: SessionOptions) { self.options = options }

  func run() -> ScriptStatus {
    var session = Batch(options).makeSession()
    session.options.isInteractive = true
    session.options.keepsGoing = true
    return .success
  }
}
