import CLibedit
import Glibc

/// The keys that go through the history. libedit's own functions keep what was typed in a buffer of 1024 characters, and
/// read beyond it when the line is longer.
extension LineEditor {
  static let earlierFunction = "migsh-earlier"
  static let laterFunction = "migsh-later"

  /// Where the user is in the history.
  struct Recall {
    /// The place of the entry that is shown; nil for the line that is being typed.
    var place: Int?
    /// What was typed before the first entry was shown. All entries shown begin with it.
    var typed = ""
    /// The entry that is shown, as it was before the user changed it.
    var shown: String?
  }

  func addRecallFunctions() {
    editline_add_function(editor, Self.earlierFunction, "Shows the entry before in the history") { editor, _ in
      LineEditor.owning(editor)?.recallEarlier() ?? KeyResult.refused
    }
    editline_add_function(editor, Self.laterFunction, "Shows the next entry of the history") { editor, _ in
      LineEditor.owning(editor)?.recallLater() ?? KeyResult.refused
    }
  }

  private func recallEarlier() -> UInt8 {
    let entries = history.entries
    let line = typedText
    // An entry that was changed is like a line that was typed.
    if line != recall.shown { recall = Recall(typed: line) }
    let before = entries[..<min(recall.place ?? entries.count, entries.count)]
    guard let place = before.lastIndex(where: { isWanted($0, after: line) }) else { return KeyResult.refused }
    return show(place)
  }

  private func recallLater() -> UInt8 {
    let entries = history.entries
    let line = typedText
    guard let place = recall.place, line == recall.shown else { return KeyResult.refused }
    guard place < entries.count, let later = entries[(place + 1)...].firstIndex(where: { isWanted($0, after: line) })
    else {
      let typed = recall.typed
      recall = Recall()
      return replaceLine(by: typed)
    }
    return show(later)
  }

  private func show(_ place: Int) -> UInt8 {
    recall.place = place
    recall.shown = history.entries[place]
    return replaceLine(by: history.entries[place])
  }

  /// Whether an entry begins with what was typed, and is another than the one shown.
  private func isWanted(_ entry: String, after shown: String) -> Bool {
    // The line may be indented; entries never begin with a space.
    let typed = recall.typed.utf8.drop { $0 == UInt8(ascii: " ") }
    return entry.utf8.starts(with: typed) && entry != shown && canShow(entry)
  }

  /// The line as it stands.
  var typedText: String {
    String(String.UnicodeScalarView(line.lazy.compactMap { Unicode.Scalar(UInt32(bitPattern: $0)) }))
  }

  private func replaceLine(by text: String) -> UInt8 {
    guard let info = el_wline(editor)?.pointee else { return KeyResult.refused }
    let count = line.count
    el_cursor(editor, Int32(count - (info.cursor - info.buffer)))
    if count > 0 { el_deletestr(editor, Int32(count)) }
    guard text.isEmpty || el_insertstr(editor, text) == 0 else { return KeyResult.refused }
    return KeyResult.refresh
  }
}
