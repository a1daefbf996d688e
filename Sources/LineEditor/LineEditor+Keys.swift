import CLibedit
import Glibc

/// The keys that we bind, and their functions.
extension LineEditor {
  private static let completeFunction = "migsh-complete"
  private static let pasteFunction = "migsh-paste"

  /// Makes our functions known to libedit, so that `~/.editrc` may bind them too.
  func addKeyFunctions() {
    editline_add_function(editor, Self.completeFunction, "Completes the word before the cursor") { editor, _ in
      LineEditor.owning(editor)?.complete() ?? KeyResult.refused
    }
    editline_add_function(editor, Self.pasteFunction, "Inserts a pasted block") { editor, _ in
      LineEditor.owning(editor)?.insertPaste() ?? KeyResult.refused
    }
  }

  /// Binds the keys that must work whatever `~/.editrc` says.
  func bindKeys() {
    editline_bind(editor, "^I", Self.completeFunction)
    editline_bind(editor, "^R", "em-inc-search-prev")
    editline_bind(editor, String(Self.pasteKey), Self.pasteFunction)
    editline_bind(editor, "}", Self.closeBraceFunction)
    bindSuggestionKeys()
    // `ed-command` reads commands as in ~/.editrc, and crashes when a quote is not closed.
    guard editline_has_emacs_keys(editor) != 0 else {
      editline_bind_alternate(editor, String(Self.pasteKey), Self.pasteFunction)
      editline_bind_alternate(editor, ":", "ed-unassigned")
      // In vi's insert mode Escape has a meaning of its own, which keys that begin with Escape would take away.
      return
    }
    editline_bind(editor, "^P", Self.earlierFunction)
    editline_bind(editor, "^N", Self.laterFunction)
    for (key, function) in [
      ("[H", "ed-move-to-beg"), ("OH", "ed-move-to-beg"), ("[1~", "ed-move-to-beg"), ("[7~", "ed-move-to-beg"),
      ("[F", Self.lineEndFunction), ("OF", Self.lineEndFunction), ("[4~", Self.lineEndFunction),
      ("[8~", Self.lineEndFunction),
      ("[A", Self.earlierFunction), ("OA", Self.earlierFunction), ("[B", Self.laterFunction),
      ("OB", Self.laterFunction),
      ("[C", Self.nextCharacterFunction), ("OC", Self.nextCharacterFunction), ("[D", "ed-prev-char"),
      ("OD", "ed-prev-char"),
      ("[1;5C", Self.nextWordFunction), ("[1;3C", Self.nextWordFunction), ("f", Self.nextWordFunction),
      ("F", Self.nextWordFunction), ("[1;5D", "ed-prev-word"), ("[1;3D", "ed-prev-word"),
      ("[3~", "ed-delete-next-char"),
      ("x", "ed-unassigned"), ("X", "ed-unassigned"),
    ] {
      editline_bind(editor, "\u{1B}" + key, function)
    }
  }

  private func complete() -> UInt8 {
    guard let info = el_line(editor)?.pointee, let start = info.buffer else { return KeyResult.refused }
    // The buffer may go on after the end of the line.
    let bytes = UnsafeRawBufferPointer(start: start, count: strnlen(start, info.lastchar - start))
    let text = String(decoding: bytes, as: UTF8.self)
    let cursor = info.cursor - start
    guard let step = CompletionStep(line: text, cursor: cursor, completions: completions(text, cursor)) else {
      return KeyResult.refused
    }
    el_deletestr(editor, Int32(step.deletedScalars))
    if !step.insertion.isEmpty { el_insertstr(editor, step.insertion) }
    if !step.listing.isEmpty {
      let size = screenSize
      // The line itself stands below the list.
      let list = CandidateList(
        candidates: step.listing, width: size.columns, maxRows: size.rows - rowCount - 1, dim: terminal.dim ?? "")
      if !list.text.isEmpty { showBelow(list.text) }
    }
    return KeyResult.refresh
  }

  private func insertPaste() -> UInt8 {
    guard let paste = finishedPaste else { return KeyResult.refused }
    finishedPaste = nil
    let text = paste.text
    guard !paste.isTooLong, line.count + text.unicodeScalars.count <= Self.maxLineLength else {
      showBelow("(not pasted: more than \(Self.maxLineLength) characters; put them into a file and run that)\n")
      return KeyResult.refused
    }
    dropIndentation()
    return el_insertstr(editor, text) == 0 ? KeyResult.refresh : KeyResult.refused
  }
}

/// What a key function tells libedit to do next.
enum KeyResult {
  static let refresh = UInt8(CC_REFRESH)
  /// Nothing has changed, and a number that was typed for the next key still counts.
  static let withArgument = UInt8(CC_ARGHACK)
  /// Nothing has changed, and the terminal beeps.
  static let refused = UInt8(CC_ERROR)
}
