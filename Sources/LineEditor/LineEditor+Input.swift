import CLibedit
import Glibc

/// What happens while libedit waits for a key.
extension LineEditor {
  /// A line of this many characters does not grow further.
  static let maxLineLength = 32_768

  /// How many bytes of a pasted block are read at a time.
  private static let pasteReadSize = 4096

  /// The key that stands for a pasted block: a control character that no keyboard sends.
  static let pasteKey: Unicode.Scalar = "\u{80}"

  /// The keys that work even on a line of full length: Enter, and those that move and delete.
  private static let shrinkingKeys = Set(
    "\r\n\u{1}\u{2}\u{4}\u{5}\u{6}\u{8}\u{B}\u{C}\u{15}\u{17}\u{7F}".unicodeScalars)

  /// libedit's read function: gives it the next character.
  ///
  /// Reads a pasted block to its end and gives libedit one key for it, so that libedit never takes pasted text for
  /// commands. Returns 1 for a character, 0 at the end of input, -1 when the user has pressed Ctrl-C.
  func readScalar(into target: UnsafeMutablePointer<wchar_t>?) -> Int32 {
    makeRoom()
    while true {
      if !input.hasReadAhead { Interrupt.handlePending(with: &input.waitingMask) }
      if Interrupt.isRequested {
        unpaint()
        // Drops the rest of a pasted block, which would be taken for typed lines. Its start mark may be gone already,
        // since the terminal drops what it holds at Ctrl-C.
        input.discardBurst()
        errno = EINTR
        return -1
      }
      seeToTerminal()
      if !input.isPending { paint() }
      switch input.nextEvent() {
      case .signal: continue
      case .end:
        unpaint()
        return 0
      case .byte(let byte):
        guard var scalar = decode(byte) else { continue }
        if scalar == "\u{1B}", marksPastes, input.takeMark(PastedText.startMarkRest.utf8) {
          guard let paste = readPaste() else { continue }
          finishedPaste = paste
          scalar = Self.pasteKey
        }
        guard line.count < Self.maxLineLength || Self.shrinkingKeys.contains(scalar) else {
          el_beep(editor)
          continue
        }
        unpaint()
        if scalar == "\r" || scalar == "\n" { paint(isFinal: true) }
        target?.pointee = wchar_t(bitPattern: scalar.value)
        return 1
      }
    }
  }

  /// Reads a pasted block, whose start mark has been read; nil when Ctrl-C or the end of input comes before its end.
  private func readPaste() -> PastedText? {
    var paste = PastedText()
    while !paste.isComplete {
      if !input.hasReadAhead { Interrupt.handlePending(with: &input.waitingMask) }
      if Interrupt.isRequested { return nil }
      switch input.nextEvent(reading: Self.pasteReadSize) {
      case .signal: seeToTerminal()
      case .end: return nil
      case .byte(let byte):
        if let scalar = decode(byte) { paste.append(scalar) }
      }
    }
    return paste
  }

  /// The character that a byte completes; nil for none, and for one that libedit cannot take: its lines are C strings.
  private func decode(_ byte: UInt8) -> Unicode.Scalar? {
    guard let scalar = decoder.decode(byte), scalar != "\0" else { return nil }
    return terminal.allowsUnicode || scalar.isASCII ? scalar : nil
  }

  /// Shows whole lines below the edited line, and draws that line again below them.
  func showBelow(_ lines: String) {
    hasPaintedColors = false
    // The cursor may stand above the last row of a long line. Erases the rows below it.
    editline_put((terminal.obeysEscapes ? "\n\u{1B}[J" : "\n") + lines)
    editline_refresh(editor)
  }

  /// The true size of the terminal. libedit may believe in another one.
  var screenSize: (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return (24, 80) }
    return (Int(size.ws_row), Int(size.ws_col))
  }

  /// The characters of the line as it stands.
  var line: UnsafeBufferPointer<wchar_t> {
    guard let info = el_wline(editor)?.pointee, let start = info.buffer else { return .init(start: nil, count: 0) }
    return UnsafeBufferPointer(start: start, count: info.lastchar - start)
  }

  /// Whether the cursor stands behind the last character.
  var isCursorAtEnd: Bool { el_wline(editor).map { $0.pointee.cursor == $0.pointee.lastchar } ?? false }

  private func seeToTerminal() {
    if Interrupt.takeSuspension() {
      unpaint()
      announcePastes(false)
      editline_put(String(repeating: "\n", count: rowsBelowCursor + 1))
      editline_prepare_terminal(editor, 0)
      Interrupt.suspend()
      Interrupt.handlePending(with: &input.waitingMask)
    }
    if Interrupt.takeWindowChange() {
      el_resize(editor)
      // libedit still believes in the old place of the cursor. If that is now outside the screen, libedit writes beyond
      // its buffers.
      drawAgain(fromRow: cursorRow)
      makeRoom()
    }
    if Interrupt.takeContinuation() {
      // While we were stopped, another program had the terminal and may have changed it. libedit does not know that.
      editline_prepare_terminal(editor, 0)
      editline_prepare_terminal(editor, 1)
      announcePastes(true)
      drawAgain(fromRow: 0)
    }
  }

  /// Tells libedit, before a line gets as tall as the screen, that the screen is taller than it is. Otherwise libedit
  /// would lose track of the cursor, and write beyond its buffers.
  private func makeRoom() {
    let neededRows = rowCount
    let growth = 3
    guard neededRows + growth > editline_terminal_number(editor, "li") else { return }
    let row = cursorRow
    editline_set_terminal_number(editor, "li", String(2 * neededRows + 100))
    drawAgain(fromRow: row)
  }

  /// Draws the line again, from the place where the cursor stands in the given row of it.
  private func drawAgain(fromRow row: Int) {
    (isSuggestionShown, hasPaintedColors) = (false, false)
    if terminal.obeysEscapes {
      editline_put((row > 0 ? "\u{1B}[\(row)A" : "") + "\r\u{1B}[J")
    } else {
      editline_put("\r")
    }
    editline_refresh(editor)
  }

  /// How many rows the prompt and the line take.
  var rowCount: Int { position(after: line).row + 1 }

  /// How many rows of the line are below that of the cursor.
  var rowsBelowCursor: Int { max(0, position(after: line).row - cursorRow) }

  private var cursorRow: Int {
    guard let info = el_wline(editor)?.pointee else { return 0 }
    return position(after: line.prefix(info.cursor - info.buffer)).row
  }

  private func position(after characters: some Sequence<wchar_t>) -> ScreenPosition {
    var position = ScreenPosition(columns: Int(editline_terminal_number(editor, "co")))
    position.advance(over: prompt.unicodeScalars.lazy.map(\.value))
    position.advance(over: characters.lazy.map(UInt32.init(bitPattern:)))
    return position
  }
}
