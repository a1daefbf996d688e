import CLibedit
import Glibc

/// What came of asking for a line.
public enum ReadResult: Equatable, Sendable {
  /// A line without its end; with a pasted block in it, it may hold newlines.
  case line(String)
  /// Ctrl-C: what was typed is dropped.
  case interrupted
  /// Ctrl-D on an empty line, or the terminal is gone.
  case endOfInput
}

/// Why there can be no line editor; the program then reads plain lines.
public enum LineEditorError: Error, Equatable, CustomStringConvertible {
  /// Standard input or standard output is no terminal: it is a file, a pipe or another program.
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

/// Reads lines from the terminal with editing, completion and history, by libedit.
///
/// One editor at a time, on one thread; it owns the terminal while `readLine` runs. The user's `~/.editrc` is obeyed.
public final class LineEditor {
  /// Finds what could stand at the cursor when Tab is pressed; `cursor` is a UTF-8 offset into `line`.
  public var completions: (_ line: String, _ cursor: Int) -> Completions = { _, _ in .none }

  /// What can be recalled with the arrow keys and searched with Ctrl-R.
  public private(set) var history: HistoryFile

  let editor: OpaquePointer
  let terminal: TerminalAbilities
  var input = TerminalInput()
  var decoder = CharacterDecoder()
  /// A pasted block that was read and is to be inserted.
  var finishedPaste: PastedText?
  /// The prompt as it is seen, without escape sequences.
  private(set) var prompt = ""
  /// The prompt as libedit asks for it whenever it draws; it must stay in memory.
  private var encodedPrompt: UnsafeMutablePointer<CChar>?
  private let events: OpaquePointer
  /// Whether the user wants to edit: `~/.editrc` may say `edit off`.
  private var isEditing = true

  /// Sets up the terminal, and catches SIGINT from now on (see `Interrupt`).
  ///
  /// `programName` is the name by which `~/.editrc` may address this program. Without a `history` lines are remembered
  /// as long as the editor lives.
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
    // libedit's own handlers would signal the whole process group.
    editline_handle_signals(editor, 0)
    editline_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
    editline_set_prompt(editor, { LineEditor.owning($0)?.encodedPrompt }, Prompt.marker)
    editline_set_reader(editor) { LineEditor.owning($0)?.readScalar(into: $1) ?? -1 }
    addKeyFunctions()
    UserSettings.apply(to: editor)
    bindKeys()
    isEditing = editline_is_editing(editor) != 0

    // After ~/.editrc, whose `history` commands would work on this history as on one of wide characters.
    editline_history_set_size(events, Int32(HistoryFile.maxLoadedEntries))
    editline_set_history(editor, events)
    for entry in self.history.entries { makeRecallable(entry) }
  }

  deinit {
    el_end(editor)
    history_end(events)
    free(encodedPrompt)
  }

  /// Shows `prompt` and reads a line. For a line that goes on, ask again with a continuation prompt.
  ///
  /// A Ctrl-C that came before is forgotten, and one that comes meanwhile is told by the result alone.
  ///
  /// The line is not put into the history: `remember` does that, once the whole command is known.
  public func readLine(prompt: String) -> ReadResult {
    self.prompt = Prompt.plain(prompt, allowsUnicode: terminal.allowsUnicode)
    free(encodedPrompt)
    encodedPrompt = strdup(terminal.showsColors ? Prompt.colored(self.prompt) : self.prompt)
    finishedPaste = nil
    Interrupt.clear()
    return Interrupt.holdingBack { waitingMask in
      input.waitingMask = waitingMask
      // libedit does this only after the prompt, and loses a Ctrl-D that comes in between.
      if isEditing { editline_prepare_terminal(editor, 1) }
      announcePastes(true)
      defer { announcePastes(false) }
      return editLine()
    }
  }

  /// Adds a whole command to the history, by the rules of `HistoryFile.append`.
  public func remember(_ command: String) {
    if history.append(command) { makeRecallable(command) }
  }

  /// What a person should know about the history file, once; see `HistoryFile.takeWarning`.
  public func takeHistoryWarning() -> String? { history.takeWarning() }

  private func editLine() -> ReadResult {
    var count: Int32 = 0
    if let bytes = el_gets(editor, &count) {
      let line = String(cString: bytes)
      return .line(line.hasSuffix("\n") ? String(line.dropLast()) : line)
    }
    el_reset(editor)
    guard Interrupt.isRequested else {
      editline_put("\n")
      return .endOfInput
    }
    Interrupt.clear()
    editline_put("^C\n")
    return .interrupted
  }

  /// Whether the terminal is to mark what is pasted; without editing, the marks would be taken for text.
  var marksPastes: Bool { isEditing && terminal.obeysEscapes }

  /// Asks the terminal to mark what is pasted, or to stop that.
  func announcePastes(_ isOn: Bool) {
    if marksPastes { editline_put(isOn ? PastedText.enable : PastedText.disable) }
  }

  private func makeRecallable(_ entry: String) {
    // Outside UTF-8 libedit cannot take other characters than ASCII.
    if terminal.allowsUnicode || entry.utf8.allSatisfy({ $0 < 0x80 }) { editline_history_enter(events, entry) }
  }

  /// The editor in whose callback we are.
  static func owning(_ editor: OpaquePointer?) -> LineEditor? {
    guard let editor, let data = editline_client_data(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
  }
}
