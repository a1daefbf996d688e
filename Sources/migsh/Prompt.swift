import CommandLanguage
import Course
import LineEditor
import Shell

/// The shell at a terminal: a prompt with the virtual time, history, completion, Ctrl-C and Ctrl-D.
struct Prompt {
  private let options: BatchSettings

  init(_ options: BatchSettings) { self.options = options }

  /// - Parameters:
  ///   - first: what is asked of the tutor before anything is typed; nil for the shell alone.
  ///   - moment: where in a submission the shell opens; nil for an empty cluster.
  func run(first: TutorLink.Request? = nil, at moment: GradingMoment? = nil) -> ScriptStatus {
    let editor: LineEditor
    do throws(LineEditorError) {
      editor = try LineEditor(programName: "migsh", history: .standard())
    } catch {
      Terminal.writeError("migsh: \(error); reading plain lines\n")
      if let moment { return Batch(options).executeStandardInput(at: moment) }
      return Batch(options).executeStandardInput(first: first)
    }
    var session = Batch(options).makeSession()
    if let moment { session.goOn(from: moment) }
    session.options.isInteractive = true
    session.pipe = { Terminal.pipe($0, to: $1) }
    session.showInPages = { Terminal.page($0) }
    var tutor = makeTutor(options)
    tutor.prepare(&session)
    Terminal.write("migsh: `help` lists the commands, Tab completes, Ctrl-D leaves\n")
    if let moment { Terminal.write(moment.greeting) }
    if let first {
      noteSize(in: &session)
      _ = tutor.begin(first, in: &session)
    }
    while !session.hasQuit {
      warnOfHistory(editor)
      switch read(editor, in: session, tutor) {
      case .line(let text):
        guard text.contains(where: { !$0.isWhitespace }) else { continue }
        editor.remember(text)
        execute(text, in: &session, &tutor)
      case .interrupted: continue
      case .endOfInput: return .success
      }
    }
    return .success
  }

  /// Reads a command. When a line ends inside quotes or braces, or in `\`, reads on.
  private func read(_ editor: LineEditor, in session: Session, _ tutor: Tutor) -> ReadResult {
    var text = ""
    // While a command is executed nobody else may have the world, or parts of it are copied as they change.
    defer {
      editor.completions = { _, _ in .none }
      editor.highlight = { _ in [] }
    }
    editor.showsOnlyWhatIsTyped = session.options.screen.tellsPictures
    while true {
      let earlier = text.isEmpty ? "" : text + "\n"
      let start = earlier.utf8.count
      editor.completions = { line, cursor in
        if earlier.isEmpty, let choices = tutor.choices, let answer = Completions(of: choices, line, cursor) {
          return answer
        }
        let found = session.complete(earlier + line, at: start + cursor)
        return Completions(
          replaceFrom: found.start - start,
          candidates: found.candidates.map { Completions.Candidate($0.text, summary: $0.summary) })
      }
      let highlighting = session.highlighting(after: earlier)
      editor.highlight = { line in highlighting(line).map(StyledSpan.init) }
      let first = tutor.prompt(in: session)
      let prompt = text.isEmpty ? first : Session.continuationPrompt(below: first)
      switch editor.readLine(prompt: prompt, after: earlier, indentedBy: Parser.indentation(after: earlier)) {
      case .line(let line):
        text += text.isEmpty ? line : "\n" + line
        if !Parser.isIncomplete(text) || tutor.takesAsAnswer(text, in: session) { return .line(text) }
        if earlier.isEmpty, session.options.screen.tellsPictures {
          Terminal.write("this goes on: something is open, such as a quote or a brace; Ctrl-C drops it\n")
        }
      case .interrupted: return .interrupted
      case .endOfInput:
        // Ctrl-D drops a command that is not complete. The next one leaves the shell.
        if text.isEmpty { return .endOfInput }
        return .interrupted
      }
    }
  }

  private func noteSize(in session: inout Session) {
    let size = Terminal.size
    (session.options.screen.columns, session.options.screen.rows) = (size?.columns, size?.rows)
  }

  private func execute(_ text: String, in session: inout Session, _ tutor: inout Tutor) {
    noteSize(in: &session)
    // A Ctrl-C after Enter stops the command. The next `readLine` forgets it.
    do throws(Diagnostic) {
      _ = tutor.enter(try SourceText(name: "prompt", bytes: Array(text.utf8)), in: &session)
    } catch {
      Terminal.write(error.rendered() + "\n")
    }
  }

  private func warnOfHistory(_ editor: LineEditor) {
    if let warning = editor.takeHistoryWarning() { Terminal.writeError("migsh: \(warning)\n") }
  }
}

extension Completions {
  /// The answers that may follow what was typed; nil when none does.
  fileprivate init?(of choices: [String], _ line: String, _ cursor: Int) {
    let typed = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    let fitting = choices.filter { $0.hasPrefix(typed) }
    guard !fitting.isEmpty else { return nil }
    self.init(replaceFrom: 0, candidates: fitting.map { Candidate($0, summary: "an answer") })
  }
}

extension StyledSpan {
  fileprivate init(_ part: HighlightedPart) {
    let style: TextStyle =
      switch part.kind {
      case .command: .command
      case .unknown: .unknownCommand
      case .flag: .flag
      case .text: .text
      case .number: .number
      case .variable: .variable
      case .comment: .comment
      case .bracket: .bracket
      }
    self.init(part.range, style)
  }
}
