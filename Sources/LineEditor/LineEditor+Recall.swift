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
    /// What was typed before the first entry was shown.
    var typed = ""
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
    let before = entries[..<min(recall.place ?? entries.count, entries.count)]
    guard let place = before.lastIndex(where: canShow) else { return KeyResult.refused }
    if recall.place == nil { recall.typed = typedText }
    recall.place = place
    return replaceLine(by: entries[place])
  }

  private func recallLater() -> UInt8 {
    let entries = history.entries
    guard let place = recall.place else { return KeyResult.refused }
    recall.place = place < entries.count ? entries[(place + 1)...].firstIndex(where: canShow) : nil
    return replaceLine(by: recall.place.map { entries[$0] } ?? recall.typed)
  }

  private var typedText: String {
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
