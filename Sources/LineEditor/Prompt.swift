/// Makes prompts for libedit. Escape sequences stand between two `marker` bytes, so that libedit does not count them as
/// columns.
enum Prompt {
  /// The byte before and after a part that takes no room on the screen.
  static let marker: CChar = 1

  /// The text without control characters, which would move the cursor without libedit's knowledge.
  ///
  /// Without `allowsUnicode` every character that is not ASCII becomes `?`: in the C locale libedit crashes on it.
  static func plain(_ text: String, allowsUnicode: Bool) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.isControl {
      plain.append(scalar.isASCII || allowsUnicode ? scalar : "?")
    }
    return String(plain)
  }

  /// A plain text in colour.
  static func colored(_ plain: String) -> String {
    // libedit drops an escape sequence at the very end: the last character stays outside the colour.
    guard plain.count > 1 else { return plain }
    return "\u{1}\u{1B}[1;36m\u{1}\(plain.dropLast())\u{1}\u{1B}[0m\u{1}\(plain.suffix(1))"
  }
}
