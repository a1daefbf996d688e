import CLibedit
import Glibc

/// Colours and the suggestion, which are written over what libedit has drawn while it waits for a key.
extension LineEditor {
  /// Paints the line. Call it only where libedit has drawn it and waits for a key.
  ///
  /// `isFinal` is for a line that will not change any more: there is no suggestion behind it then, and no bracket marked.
  func paint(isFinal: Bool = false) {
    offeredSuggestion = nil
    guard isEditing, !showsOnlyWhatIsTyped, terminal.obeysEscapes, let info = el_wline(editor)?.pointee else { return }
    let scalars = line.map { Unicode.Scalar(UInt32(bitPattern: $0)) ?? " " }
    let cursor = info.cursor - info.buffer
    guard (0...scalars.count).contains(cursor), let start = visibleStart(of: scalars) else { return }
    let text = String(String.UnicodeScalarView(scalars))
    let isSearching = SearchLine.start(in: text) != nil
    let suggestion = isFinal || isSearching || cursor < scalars.count ? nil : self.suggestion(for: text)
    var appearances = [Appearance](repeating: Appearance(), count: scalars.count)
    if terminal.showsColors {
      let command = SearchLine.start(in: text).map { String(text[..<$0]) } ?? text
      appearances = Appearance.all(in: scalars, spans: highlight(command), cursor: isFinal ? nil : cursor)
    }
    let isColored = appearances.contains { !$0.parameters.isEmpty }
    // Beside wide characters libedit misjudges what the terminal shows. Writing the line again puts that right.
    let hasWide = scalars.contains { !$0.isASCII && ScreenPosition.width(of: $0.value) == 2 }
    guard isColored || hasPaintedColors || hasWide || suggestion != nil else { return }
    hasPaintedColors = isColored
    var end = start
    end.advance(over: scalars.lazy.map(\.value))
    // Leaves the last column free, where terminals differ in when they break the line.
    let shown = suggestion?.shown(columns: end.columns - 1 - end.column, allowsUnicode: terminal.allowsUnicode) ?? ""
    let overlay = Overlay(
      line: scalars, appearances: appearances, cursor: cursor, start: start,
      suggestion: shown.isEmpty ? nil : (shown, terminal.dim ?? ""))
    editline_put(overlay.text)
    isSuggestionShown = !shown.isEmpty
    offeredSuggestion = shown.isEmpty ? nil : suggestion
  }

  /// Takes the suggestion off the screen, before libedit goes on.
  func unpaint() {
    guard isSuggestionShown else { return }
    isSuggestionShown = false
    editline_put_later(Overlay.eraseToRowEnd)
  }

  /// The place of the line's first character; nil when the line is not on the screen as a whole, or when it is not
  /// certain where libedit has drawn it.
  private func visibleStart(of line: [Unicode.Scalar]) -> ScreenPosition? {
    let size = screenSize
    var start = ScreenPosition(columns: Int(editline_terminal_number(editor, "co")))
    guard start.columns == size.columns, line.count < size.rows * size.columns else { return nil }
    start.advance(over: prompt.unicodeScalars.lazy.map(\.value))
    var end = start
    for scalar in line {
      // libedit draws a tab up to the margin, but moves the cursor as if it went on behind it.
      if scalar == "\t", end.column + 8 - end.column % 8 > end.columns { return nil }
      end.advance(over: scalar.value)
    }
    return end.row < size.rows ? start : nil
  }
}

/// libedit shows what a search (Ctrl-R) looks for in a further line below the text.
enum SearchLine {
  /// Where that line begins, with the newline before it; nil when there is none.
  static func start(in text: String) -> String.Index? {
    guard let newline = text.utf8.lastIndex(of: UInt8(ascii: "\n")) else { return nil }
    let last = text.utf8[newline...].dropFirst()
    let isSearch =
      ["bck", "fwd"].contains { last.starts(with: $0.utf8) }
      && [":", "?"].contains {
        last.dropFirst(3).starts(with: $0.utf8)
      }
    return isSearch ? newline : nil
  }
}
