import CommandLanguage
import LineEditor
import Shell

/// The shell at a terminal: a prompt with the virtual time, history, completion, Ctrl-C and Ctrl-D.
struct Prompt {
  private let options: SessionOptions

  init(_ options: SessionOptions) { self.options = options }

  func run() -> ScriptStatus {
    let editor: LineEditor
    do throws(LineEditorError) {
      editor = try LineEditor(programName: "migsh", history: .standard())
    } catch {
      Terminal.writeError("migsh: \(error); reading plain lines\n")
      return Batch(options).executeStandardInput()
    }
    var session = Batch(options).makeSession()
    session.options.isInteractive = true
    session.pipe = { Terminal.pipe($0, to: $1) }
    session.showInPages = { Terminal.page($0) }
    Terminal.write("migsh: `help` lists the commands, Tab completes, Ctrl-D leaves\n")
    while !session.hasQuit {
      warnOfHistory(editor)
      let view = session
      editor.completions = { line, cursor in
        let found = view.complete(line, at: cursor)
        return Completions(replaceFrom: found.start, candidates: found.candidates)
      }
      switch read(editor, prompt: session.prompt) {
      case .line(let text):
        guard text.contains(where: { !$0.isWhitespace }) else { continue }
        editor.remember(text)
        execute(text, in: &session)
      case .interrupted: continue
      case .endOfInput: return .success
      }
    }
    return .success
  }

  /// Reads a command. When a line ends inside quotes or braces, or in `\`, reads on.
  private func read(_ editor: LineEditor, prompt: String) -> ReadResult {
    var text = ""
    while true {
      switch editor.readLine(prompt: text.isEmpty ? prompt : Session.continuationPrompt(below: prompt)) {
      case .line(let line):
        text += text.isEmpty ? line : "\n" + line
        if !Parser.isIncomplete(text) { return .line(text) }
      case .interrupted: return .interrupted
      case .endOfInput:
        // Ctrl-D drops a command that is not complete. The next one leaves the shell.
        if text.isEmpty { return .endOfInput }
        return .interrupted
      }
    }
  }

  private func execute(_ text: String, in session: inout Session) {
    (session.options.columns, session.options.rows) = (Terminal.size?.columns, Terminal.size?.rows)
    // A Ctrl-C after Enter stops the command. The next `readLine` forgets it.
    do throws(Diagnostic) {
      _ = session.execute(try SourceText(name: "prompt", bytes: Array(text.utf8)))
    } catch {
      Terminal.write(error.rendered() + "\n")
    }
  }

  private func warnOfHistory(_ editor: LineEditor) {
    if let warning = editor.takeHistoryWarning() { Terminal.writeError("migsh: \(warning)\n") }
  }
}
