import CLibedit

/// Lines inside braces begin indented.
extension LineEditor {
  /// The spaces for each open brace.
  static let indentationWidth = 2
  /// Deeper lines are not indented further, so that there is room for text.
  static let maxIndentationLevels = 16
  static let closeBraceFunction = "migsh-close-brace"

  func addIndentationFunctions() {
    editline_add_function(
      editor, Self.closeBraceFunction, "Inserts }, one level further left where nothing stands before it"
    ) { editor, _ in LineEditor.owning(editor)?.closeBrace() ?? KeyResult.refused }
  }

  /// Has the line begin with the spaces that `readLine` was asked for.
  func pushIndentation() {
    // Where the terminal does not mark what is pasted, a pasted block would be indented twice.
    if !marksPastes { indentation = 0 }
    if indentation > 0 { el_push(editor, String(repeating: " ", count: indentation)) }
  }

  /// Removes the spaces again when the line has nothing else, since pasted text has its own.
  func dropIndentation() {
    guard indentation > 0, line.count == indentation, isCursorAtEnd, isLineBlank else { return }
    el_deletestr(editor, Int32(indentation))
  }

  private func closeBrace() -> UInt8 {
    if indentation > 0, isCursorAtEnd, isLineBlank, line.count >= Self.indentationWidth {
      el_deletestr(editor, Int32(Self.indentationWidth))
    }
    return el_insertstr(editor, "}") == 0 ? KeyResult.refresh : KeyResult.refused
  }

  private var isLineBlank: Bool { line.allSatisfy { $0 == 0x20 } }
}
