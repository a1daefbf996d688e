/// A prompt in the form that libedit takes it: escape sequences stand between two `Prompt.marker` bytes, so that they
/// do not count as columns.
enum Prompt {
  /// The byte that begins and ends what takes no room on the screen.
  static let marker: CChar = 1

  /// Prepares `text` for the terminal.
  ///
  /// Control characters are dropped, since they would move the cursor unseen. Without `allowsUnicode` what is not ASCII
  /// turns into `?`: libedit crashes on it in the C locale.
  static func encode(_ text: String, isColored: Bool, allowsUnicode: Bool) -> String {
    var plain = ""
    for scalar in text.unicodeScalars where !scalar.isControl {
      plain.unicodeScalars.append(scalar.isASCII || allowsUnicode ? scalar : "?")
    }
    // libedit drops an escape sequence at the very end: the last character stays outside the colour.
    guard isColored, plain.count > 1 else { return plain }
    return "\u{1}\u{1B}[1;36m\u{1}\(plain.dropLast())\u{1}\u{1B}[0m\u{1}\(plain.suffix(1))"
  }
}
