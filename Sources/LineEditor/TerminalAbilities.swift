import CLibedit
import Glibc

/// What the user says of colours, in the variables `NO_COLOR` (https://no-color.org) and `CLICOLOR_FORCE`
/// (https://bixense.com/clicolors).
public enum ColorChoice: Sendable {
  case never
  /// Also where a program would not show them by itself.
  case always
  case usual

  /// Takes the values of the variables. An empty `NO_COLOR` counts as unset, and another one goes before `CLICOLOR_FORCE`.
  public init(noColor: String?, force: String?) {
    self = !(noColor ?? "").isEmpty ? .never : ["", "0"].contains(force ?? "") ? .usual : .always
  }

  /// Whether there are colours where there usually are some or none.
  public func showsColors(usually: Bool) -> Bool {
    switch self {
    case .never: false
    case .always: true
    case .usual: usually
    }
  }
}

/// What the terminal can show.
struct TerminalAbilities: Equatable {
  /// Whether the terminal obeys the escape sequences of the ECMA-48 standard.
  var obeysEscapes: Bool
  var showsColors: Bool
  /// Whether libedit can read and write characters other than ASCII.
  var allowsUnicode: Bool

  /// What begins dim text; nil when the terminal cannot set text apart as dim or in colour, and when nobody wants it to.
  var dim: String?

  /// What the terminal's description says of it.
  struct Description: Equatable {
    /// The sequence that clears to the end of a line.
    var clearToLineEnd: String?
    /// The sequence that begins dim text.
    var dim: String?
    /// How many colours there are; nil when that is unknown.
    var colors: Int?
  }

  /// `noColor` and `forceColor` are the variables `NO_COLOR` and `CLICOLOR_FORCE`.
  init(_ description: Description, noColor: String?, forceColor: String? = nil, allowsUnicode: Bool) {
    // A dumb or unknown terminal has no such sequence, and one older than the standard has another.
    self.obeysEscapes = description.clearToLineEnd?.hasPrefix("\u{1B}[") ?? false
    let colors = ColorChoice(noColor: noColor, force: forceColor)
    self.showsColors = obeysEscapes && colors.showsColors(usually: description.colors ?? 8 >= 8)
    // Who takes colours away would take a suggestion for what was typed: few see that it is dim.
    let hasDim = obeysEscapes && colors.showsColors(usually: true) && description.dim == Self.standardDim
    self.dim = hasDim ? Self.standardDim : showsColors ? "\u{1B}[90m" : nil
    self.allowsUnicode = allowsUnicode
  }

  private static let standardDim = "\u{1B}[2m"

  /// Asks the terminal's description and the environment.
  init(editor: OpaquePointer) {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    self.init(
      Description(
        clearToLineEnd: editline_terminal_text(editor, "ce").map { String(cString: $0) },
        dim: Termcap.text("mh"), colors: Termcap.number("Co")),
      noColor: variable("NO_COLOR"), forceColor: variable("CLICOLOR_FORCE"), allowsUnicode: Self.localeIsUTF8)
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

/// What libedit does not tell of the terminal. The library that it asks itself knows it; we ask that one by name, since
/// systems call it differently.
private enum Termcap {
  static func text(_ capability: String) -> String? {
    typealias Function =
      @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) ->
      UnsafeMutablePointer<CChar>?
    guard let symbol = dlsym(nil, "tgetstr") else { return nil }
    var space = [CChar](repeating: 0, count: 1024)
    return space.withUnsafeMutableBufferPointer { buffer in
      var area = buffer.baseAddress
      return unsafeBitCast(symbol, to: Function.self)(capability, &area).map { String(cString: $0) }
    }
  }

  static func number(_ capability: String) -> Int? {
    typealias Function = @convention(c) (UnsafePointer<CChar>) -> Int32
    guard let symbol = dlsym(nil, "tgetnum") else { return nil }
    return Int(unsafeBitCast(symbol, to: Function.self)(capability))
  }
}
