/// Makes prompts in the form in which libedit takes them: escape sequences stand between two `marker` bytes, so that
/// they do not count as columns.
enum Prompt {
  /// The byte that begins and ends what takes no room on the screen.
  static let marker: CChar = 1

  /// The text without control characters, which would move the cursor unseen.
  ///
  /// Without `allowsUnicode` what is not ASCII turns into `?`: libedit crashes on it in the C locale.
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
