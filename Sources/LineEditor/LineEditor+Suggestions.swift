import CLibedit

/// What may follow the line: the rest of the latest entry of the history that begins with it.
struct Suggestion: Equatable {
  /// The line that it follows.
  let line: String
  /// What follows.
  let rest: String

  /// What of it is shown: the rest of its first line, as far as that fits into some columns.
  func shown(columns: Int, allowsUnicode: Bool) -> String {
    var shown = String.UnicodeScalarView()
    var width = 0
    let ellipsis = allowsUnicode ? "…" : ">"
    for scalar in rest.unicodeScalars {
      let ownWidth = scalar.isASCII ? 1 : Int(ScreenPosition.width(of: scalar.value))
      guard !scalar.isControl, ownWidth >= 0, width + ownWidth <= columns else {
        // Makes room for the sign that more follows.
        while width + 1 > columns, let last = shown.popLast() {
          width -= last.isASCII ? 1 : Int(ScreenPosition.width(of: last.value))
        }
        return columns > 0 ? String(shown) + ellipsis : ""
      }
      shown.append(scalar)
      width += ownWidth
    }
    return String(shown)
  }

  /// What of it `word` takes: its first word with the white space before it.
  var firstWord: String {
    let blanks = rest.prefix(while: \.isWhitespace)
    return String(blanks + rest.dropFirst(blanks.count).prefix { !$0.isWhitespace })
  }
}

/// Suggestions from the history, and the keys that take them.
extension LineEditor {
  static let nextCharacterFunction = "migsh-next-character"
  static let lineEndFunction = "migsh-line-end"
  static let nextWordFunction = "migsh-next-word"

  /// Keys that no keyboard sends, for libedit's own functions behind ours.
  private static let nextCharacterKey: Unicode.Scalar = "\u{81}"
  private static let lineEndKey: Unicode.Scalar = "\u{82}"
  private static let nextWordKey: Unicode.Scalar = "\u{83}"

  func addSuggestionFunctions() {
    editline_add_function(
      editor, Self.nextCharacterFunction, "Takes the suggestion, or moves to the next character"
    ) { editor, _ in
      LineEditor.owning(editor)?.takeSuggestion(else: LineEditor.nextCharacterKey) ?? KeyResult.refused
    }
    editline_add_function(
      editor, Self.lineEndFunction, "Takes the suggestion, or moves to the end of the line"
    ) { editor, _ in
      LineEditor.owning(editor)?.takeSuggestion(else: LineEditor.lineEndKey) ?? KeyResult.refused
    }
    editline_add_function(
      editor, Self.nextWordFunction, "Takes a word of the suggestion, or moves to the next word"
    ) { editor, _ in
      LineEditor.owning(editor)?.takeSuggestion(\.firstWord, else: LineEditor.nextWordKey) ?? KeyResult.refused
    }
  }

  func bindSuggestionKeys() {
    for (key, function) in [
      (Self.nextCharacterKey, "ed-next-char"), (Self.lineEndKey, "ed-move-to-end"), (Self.nextWordKey, "em-next-word"),
    ] {
      editline_bind(editor, String(key), function)
    }
    editline_bind(editor, "^E", Self.lineEndFunction)
    editline_bind(editor, "^F", Self.nextCharacterFunction)
  }

  private func takeSuggestion(
    _ part: KeyPath<Suggestion, String> = \.rest, else key: Unicode.Scalar
  ) -> UInt8 {
    // Takes only what the user has seen.
    guard let suggestion = offeredSuggestion, isCursorAtEnd, suggestion.line == typedText else {
      editline_push(editor, wchar_t(bitPattern: key.value))
      return KeyResult.withArgument
    }
    offeredSuggestion = nil
    guard line.count + suggestion.rest.unicodeScalars.count <= Self.maxLineLength,
      el_insertstr(editor, suggestion[keyPath: part]) == 0
    else { return KeyResult.refused }
    return KeyResult.refresh
  }

  /// The suggestion for a line; nil for a blank one, while the user goes through the history, and where the history has
  /// none.
  func suggestion(for line: String) -> Suggestion? {
    let typed = earlierLines + line
    guard terminal.dim != nil, recall.shown != line, typed.contains(where: { !$0.isWhitespace }) else { return nil }
    // Most often the next character that is typed is the one suggested.
    if let former = latestSuggestion, line.utf8.starts(with: former.line.utf8) {
      let more = line.utf8.dropFirst(former.line.utf8.count)
      if former.rest.utf8.count > more.count, former.rest.utf8.starts(with: more) {
        let rest = former.rest.utf8.dropFirst(more.count)
        latestSuggestion = Suggestion(line: line, rest: String(decoding: rest, as: UTF8.self))
        return latestSuggestion
      }
    }
    latestSuggestion = history.latestEntry(after: typed, where: canShow).map {
      Suggestion(line: line, rest: String(decoding: $0.utf8.dropFirst(typed.utf8.count), as: UTF8.self))
    }
    return latestSuggestion
  }
}
