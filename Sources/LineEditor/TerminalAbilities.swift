import CLibedit
import Glibc

/// What the terminal can show.
struct TerminalAbilities: Equatable {
  /// Whether the terminal obeys the escape sequences of the ECMA-48 standard.
  var obeysEscapes: Bool
  var showsColors: Bool
  /// Whether libedit can read and write characters other than ASCII.
  var allowsUnicode: Bool

  /// `clearToLineEnd` is the sequence in the terminal's description that clears to the end of a line. `noColor` is the
  /// variable `NO_COLOR`.
  init(clearToLineEnd: String?, noColor: String?, allowsUnicode: Bool) {
    // A dumb or unknown terminal has no such sequence, and one older than the standard has another.
    self.obeysEscapes = clearToLineEnd?.hasPrefix("\u{1B}[") ?? false
    // According to no-color.org an empty NO_COLOR counts as unset.
    self.showsColors = obeysEscapes && (noColor ?? "").isEmpty
    self.allowsUnicode = allowsUnicode
  }

  /// Asks the terminal's description and the environment.
  init(editor: OpaquePointer) {
    self.init(
      clearToLineEnd: editline_terminal_text(editor, "ce").map { String(cString: $0) },
      noColor: getenv("NO_COLOR").map { String(cString: $0) },
      allowsUnicode: Self.localeIsUTF8)
  }

  /// Chooses the locale for the characters that libedit reads and writes. Call it before libedit starts.
  static func chooseLocale() {
    // Swift's strings are UTF-8, so a locale with another encoding is of no use.
    setlocale(LC_CTYPE, "")
    if !localeIsUTF8 { setlocale(LC_CTYPE, "C.UTF-8") }
  }

  private static var localeIsUTF8: Bool {
    nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"
  }
}
