import CLibedit
import Glibc

/// What the editor does when libedit waits for a key or has found one of ours.
extension LineEditor {
  private static let completeFunction = "migsh-complete"
  private static let pasteFunction = "migsh-paste"
  /// The key that a pasted block stands for: a control character that no keyboard sends.
  private static let pasteKey: Unicode.Scalar = "\u{80}"

  /// The keys that still work on a line that has grown too long: Enter, moving by control keys, deleting.
  private static let harmlessKeys = Set("\r\n\u{1}\u{2}\u{4}\u{5}\u{6}\u{8}\u{B}\u{C}\u{15}\u{17}\u{7F}".unicodeScalars)

  /// Makes our functions known, so that `~/.editrc` may bind them as well.
  func addKeyFunctions() {
    editline_add_function(editor, Self.completeFunction, "Completes the word before the cursor") { editor, _ in
      LineEditor.owning(editor)?.complete() ?? KeyResult.refused
    }
    editline_add_function(editor, Self.pasteFunction, "Inserts a pasted block") { editor, _ in
      LineEditor.owning(editor)?.insertPaste() ?? KeyResult.refused
    }
  }

  /// Binds what must work whatever `~/.editrc` says.
  func bindKeys() {
    editline_bind(editor, "^I", Self.completeFunction)
    editline_bind(editor, "^R", "em-inc-search-prev")
    editline_bind(editor, String(Self.pasteKey), Self.pasteFunction)
    // `ed-command` crashes on an open quote; a repeat count can make a line of any length.
    for key in "xX0123456789" { editline_bind(editor, "\u{1B}\(key)", "ed-unassigned") }
    guard editline_has_emacs_keys(editor) != 0 else {
      editline_bind_alternate(editor, String(Self.pasteKey), Self.pasteFunction)
      editline_bind_alternate(editor, ":", "ed-unassigned")
      // In vi's insert mode, keys that begin with Escape would take Escape its meaning.
      return
    }
    for (key, function) in [
      ("[H", "ed-move-to-beg"), ("OH", "ed-move-to-beg"), ("[1~", "ed-move-to-beg"), ("[7~", "ed-move-to-beg"),
      ("[F", "ed-move-to-end"), ("OF", "ed-move-to-end"), ("[4~", "ed-move-to-end"), ("[8~", "ed-move-to-end"),
      ("[A", "ed-prev-history"), ("OA", "ed-prev-history"), ("[B", "ed-next-history"), ("OB", "ed-next-history"),
      ("[C", "ed-next-char"), ("OC", "ed-next-char"), ("[D", "ed-prev-char"), ("OD", "ed-prev-char"),
      ("[1;5C", "em-next-word"), ("[1;5D", "ed-prev-word"), ("[3~", "ed-delete-next-char"),
    ] {
      editline_bind(editor, "\u{1B}" + key, function)
    }
  }

  /// libedit's read function: gives it the next character.
  ///
  /// A pasted block is read here to its end and stands for one key, so that none of it is taken for commands, whatever
  /// libedit is about. Returns 1 for a character, 0 at the end of input, -1 when the user has pressed Ctrl-C.
  func readScalar(into target: UnsafeMutablePointer<wchar_t>?) -> Int32 {
    var openPaste: PastedText?
    while true {
      Interrupt.deliver(with: &input.waitingMask)
      if Interrupt.isRequested {
        // The rest of a pasted block would be taken for typed lines; its start mark may have been lost with the queue
        // of the terminal.
        input.discardBurst()
        errno = EINTR
        return -1
      }
      seeToTerminal()
      switch input.nextEvent() {
      case .signal: continue
      case .end: return 0
      case .byte(let byte):
        // libedit's lines are C strings, which cannot hold NUL.
        guard var scalar = decoder.take(byte), scalar != "\0" else { continue }
        guard terminal.allowsUnicode || scalar.isASCII else { continue }
        if openPaste != nil {
          openPaste?.append(scalar)
          guard let paste = openPaste, paste.isComplete else { continue }
          finishedPaste = paste
          scalar = Self.pasteKey
        } else if scalar == "\u{1B}", marksPastes, input.take(PastedText.startMarkRest.utf8) {
          openPaste = PastedText()
          continue
        }
        guard lineIsWithinLimits || Self.harmlessKeys.contains(scalar) else {
          el_beep(editor)
          continue
        }
        target?.pointee = wchar_t(bitPattern: scalar.value)
        return 1
      }
    }
  }

  private func seeToTerminal() {
    if Interrupt.takeWindowChange() {
      el_resize(editor)
      adaptDisplay()
      // libedit still believes in the old place of the cursor, and writes beyond its buffers if that is now outside.
      drawAgain()
    }
    if Interrupt.takeContinuation() {
      // Whoever stopped us took the terminal back; libedit believes that nothing has changed.
      editline_prepare_terminal(editor, 0)
      editline_prepare_terminal(editor, 1)
      announcePastes(true)
      drawAgain()
    }
  }

  /// Draws the line from the beginning of the row where the cursor stands.
  private func drawAgain() {
    editline_put(terminal.obeysEscapes ? "\r\u{1B}[J" : "\r")
    editline_refresh(editor)
  }

  /// Tells libedit how large a screen it has; see `LineExtent`.
  func adaptDisplay() {
    screen.rows = Int(editline_terminal_number(editor, "li"))
    screen.columns = Int(editline_terminal_number(editor, "co"))
    let columns = max(LineExtent.minColumns, screen.columns)
    editline_set_terminal_number(editor, "co", String(columns))
    editline_set_terminal_number(editor, "li", String(LineExtent.displayRows(columns: columns)))
  }

  private var lineExtent: LineExtent {
    guard let info = el_wline(editor)?.pointee, let buffer = info.buffer else { return LineExtent() }
    let characters = UnsafeBufferPointer(start: buffer, count: info.lastchar - buffer)
    return LineExtent(of: characters.lazy.map(UInt32.init(bitPattern:)))
  }

  private var lineIsWithinLimits: Bool {
    guard let info = el_wline(editor)?.pointee, let buffer = info.buffer else { return true }
    // Short lines need no counting.
    return info.lastchar - buffer <= LineExtent.maxNewlines || lineExtent.isWithinLimits
  }

  private func complete() -> UInt8 {
    guard let info = el_line(editor)?.pointee, let buffer = info.buffer, let cursor = info.cursor else {
      return KeyResult.refused
    }
    // The buffer does not end where the line does.
    let length = strnlen(buffer, info.lastchar - buffer)
    let bytes = UnsafeRawBufferPointer(start: buffer, count: length)
    let line = String(decoding: bytes, as: UTF8.self)
    let offset = cursor - buffer
    guard let step = CompletionStep(line: line, cursor: offset, completions: completions(line, offset)) else {
      return KeyResult.refused
    }
    el_deletestr(editor, Int32(step.deletedScalars))
    if !step.insertion.isEmpty { el_insertstr(editor, step.insertion) }
    if !step.listing.isEmpty { list(step.listing) }
    return KeyResult.refresh
  }

  private func list(_ candidates: [String]) {
    showBelow(columns(of: candidates, width: screen.columns, maxRows: screen.rows - 3))
  }

  /// Shows whole lines below the line that is edited, and draws that again below them.
  private func showBelow(_ lines: String) {
    // The cursor may stand above the last row of a long line: what is below it goes.
    editline_put((terminal.obeysEscapes ? "\n\u{1B}[J" : "\n") + lines)
    editline_refresh(editor)
  }

  private func insertPaste() -> UInt8 {
    guard let paste = finishedPaste else { return KeyResult.refused }
    finishedPaste = nil
    if paste.isTooLong || !(lineExtent + LineExtent(of: paste.text)).isWithinLimits {
      showBelow("(the pasted text is too long for a line; put it into a file and run that)\n")
      return KeyResult.refused
    }
    guard el_insertstr(editor, paste.text) == 0 else { return KeyResult.refused }
    return KeyResult.refresh
  }
}

/// What a key function tells libedit to do next.
private enum KeyResult {
  static let refresh = UInt8(CC_REFRESH)
  /// Nothing was changed; the terminal beeps.
  static let refused = UInt8(CC_ERROR)
}
