import CLibedit
import Glibc

/// The result of reading a line.
public enum ReadResult: Equatable, Sendable {
  /// A line without the newline at its end. A pasted block in it may have newlines.
  case line(String)
  /// The user pressed Ctrl-C, which drops what was typed.
  case interrupted
  /// The user pressed Ctrl-D on an empty line, or the terminal is gone.
  case endOfInput
}

/// Why there can be no line editor. The program then reads plain lines.
public enum LineEditorError: Error, Equatable, CustomStringConvertible {
  /// Standard input or standard output is not a terminal but a file or a pipe.
  case notATerminal
  /// The terminal cannot be set up.
  case terminalUnusable

  public var description: String {
    switch self {
    case .notATerminal: "standard input and output are not both a terminal"
    case .terminalUnusable: "the terminal cannot be set up for editing; check the variable TERM"
    }
  }
}

/// Reads lines from the terminal, with editing, completion and history. libedit does that work. Colours and suggestions
/// are written over what it has drawn.
///
/// There may be one editor at a time, on one thread. While `readLine` runs it owns the terminal. It obeys the user's
/// `~/.editrc`.
public final class LineEditor {
  /// Finds what could stand at the cursor when the user presses Tab. `cursor` is a UTF-8 offset into `line`.
  public var completions: (_ line: String, _ cursor: Int) -> Completions = { _, _ in .none }

  /// Finds what the parts of a line are, which decides their colours. It is asked after every key, and of unfinished
  /// lines most of the time. The spans are in order; later ones win where they overlap.
  public var highlight: (_ line: String) -> [StyledSpan] = { _ in [] }

  /// Whether nothing but what is typed stands on the screen: no suggestion, no colours, and no line that is drawn anew. A
  /// screen reader would read all that aloud.
  public var showsOnlyWhatIsTyped = false

  /// The history that arrow keys recall and Ctrl-R searches.
  public private(set) var history: HistoryFile

  let editor: OpaquePointer
  let terminal: TerminalAbilities
  var input = TerminalInput()
  var decoder = CharacterDecoder()
  /// A pasted block that was read and is not inserted yet.
  var finishedPaste: PastedText?
  /// Where the user is in the history while a line is edited.
  var recall = Recall()
  /// The suggestion that stands on the screen, or stood there until the key that is being handled.
  var offeredSuggestion: Suggestion?
  /// The suggestion found last.
  var latestSuggestion: Suggestion?
  var isSuggestionShown = false
  /// Whether there may be colours in the line on the screen.
  var hasPaintedColors = false
  /// The lines of the same command that were read before.
  private(set) var earlierLines = ""
  /// How many spaces the line begins with.
  var indentation = 0
  /// The prompt as people see it, without escape sequences.
  private(set) var prompt = ""
  /// The prompt for libedit, which asks for it whenever it draws. It must stay in memory.
  private var encodedPrompt: UnsafeMutablePointer<CChar>?
  private let events: OpaquePointer
  /// Whether the user wants to edit: `~/.editrc` may say `edit off`.
  private(set) var isEditing = true

  /// Sets up the terminal, and catches SIGINT from now on (see `Interrupt`).
  ///
  /// `programName` is the name by which `~/.editrc` may address this program. Without a `history` the editor remembers
  /// lines as long as it lives.
  public init(programName: String, history: HistoryFile?) throws(LineEditorError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
    TerminalAbilities.chooseLocale()
    guard let editor = editline_init(programName) else { throw .terminalUnusable }
    guard let events = history_init() else {
      el_end(editor)
      throw .terminalUnusable
    }
    self.editor = editor
    self.terminal = TerminalAbilities(editor: editor)
    self.events = events
    self.history = history ?? HistoryFile()
    Interrupt.install()

    editline_use_emacs_keys(editor)
    // libedit's own handlers would send the signal to the whole process group.
    editline_handle_signals(editor, 0)
    editline_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
    editline_set_prompt(editor, { LineEditor.owning($0)?.encodedPrompt }, Prompt.marker)
    editline_set_reader(editor) { LineEditor.owning($0)?.readScalar(into: $1) ?? -1 }
    addKeyFunctions()
    addRecallFunctions()
    addSuggestionFunctions()
    addIndentationFunctions()
    UserSettings.apply(to: editor)
    bindKeys()
    isEditing = editline_is_editing(editor) != 0

    // This comes after ~/.editrc, whose `history` commands take every history for one of wide characters.
    editline_history_set_size(events, Int32(HistoryFile.maxLoadedEntries))
    editline_set_history(editor, events)
    for entry in self.history.entries { makeRecallable(entry) }
  }

  deinit {
    el_end(editor)
    history_end(events)
    free(encodedPrompt)
  }

  /// Shows `prompt` and reads a line. To read a further line of the same command, call it again with a continuation
  /// prompt.
  ///
  /// It forgets a Ctrl-C that came before. Only the result reports a Ctrl-C that comes while it reads.
  ///
  /// It does not add the line to the history. `remember` does that, once the whole command is known.
  ///
  /// - Parameters:
  ///   - prompt: what stands before the line.
  ///   - earlierLines: the lines of the same command that were read before, with their newlines.
  ///   - depth: how many levels the line is indented.
  public func readLine(prompt: String, after earlierLines: String = "", indentedBy depth: Int = 0) -> ReadResult {
    self.prompt = Prompt.plain(prompt, allowsUnicode: terminal.allowsUnicode)
    free(encodedPrompt)
    encodedPrompt = strdup(terminal.showsColors && !showsOnlyWhatIsTyped ? Prompt.colored(self.prompt) : self.prompt)
    finishedPaste = nil
    recall = Recall()
    (latestSuggestion, offeredSuggestion) = (nil, nil)
    (isSuggestionShown, hasPaintedColors) = (false, false)
    self.earlierLines = earlierLines
    indentation = min(max(0, depth), Self.maxIndentationLevels) * Self.indentationWidth
    Interrupt.clear()
    return Interrupt.catchingSuspension {
      Interrupt.holdingBack { waitingMask in
        input.waitingMask = waitingMask
        // libedit prepares the terminal only after it has shown the prompt, and loses a Ctrl-D that comes in between.
        if isEditing { editline_prepare_terminal(editor, 1) }
        announcePastes(true)
        defer { announcePastes(false) }
        pushIndentation()
        return editLine()
      }
    }
  }

  /// Adds a whole command to the history, as `HistoryFile.append` does.
  public func remember(_ command: String) {
    if history.append(command) { makeRecallable(command) }
  }

  /// A warning for people about the history file, given once; see `HistoryFile.takeWarning`.
  public func takeHistoryWarning() -> String? { history.takeWarning() }

  private func editLine() -> ReadResult {
    var count: Int32 = 0
    if let bytes = el_gets(editor, &count) {
      let line = String(cString: bytes)
      return .line(line.hasSuffix("\n") ? String(line.dropLast()) : line)
    }
    // The cursor may stand in the middle of a block, whose other rows stay on the screen.
    let rowsBelow = String(repeating: "\n", count: rowsBelowCursor)
    el_reset(editor)
    guard Interrupt.isRequested else {
      editline_put("\n")
      return .endOfInput
    }
    Interrupt.clear()
    editline_put("\(rowsBelow)^C\n")
    return .interrupted
  }

  /// Whether the terminal shall mark pasted text. Without editing, the marks would be taken for text.
  var marksPastes: Bool { isEditing && terminal.obeysEscapes }

  /// Asks the terminal to begin or to stop marking pasted text.
  func announcePastes(_ isOn: Bool) {
    if marksPastes { editline_put(isOn ? PastedText.enable : PastedText.disable) }
  }

  /// Outside UTF-8 libedit can read only ASCII characters.
  func canShow(_ entry: String) -> Bool { terminal.allowsUnicode || entry.utf8.allSatisfy { $0 < 0x80 } }

  private func makeRecallable(_ entry: String) {
    if canShow(entry) { editline_history_enter(events, entry) }
  }

  /// The editor whose callback is running.
  static func owning(_ editor: OpaquePointer?) -> LineEditor? {
    guard let editor, let data = editline_client_data(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
  }
}
