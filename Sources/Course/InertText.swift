/// Texts from submissions, made so that whatever shows them does nothing else with them.
package enum InertText {
  /// A text in lines. What a terminal would obey, or what would reverse or hide other text, becomes U+FFFD; no line begins
  /// a command of a build system that reads commands from output (`::error::`, `##[error]`).
  package static func lines(_ text: String) -> String {
    let shown = scalars(of: text, newlines: "\n")
    guard shown.contains("::") || shown.contains("##[") else { return shown }
    return shown.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let line = line.replacing("##[", with: "# #[")
      let start = line.firstIndex { !$0.isWhitespace } ?? line.endIndex
      guard line[start...].hasPrefix("::") else { return String(line) }
      return line[..<start] + ": " + line[start...].dropFirst()
    }
    .joined(separator: "\n")
  }

  /// A text on one line: ends of lines become spaces.
  package static func line(_ text: String) -> String { lines(scalars(of: text, newlines: " ")) }

  /// A text in lines that is no longer than so many bytes.
  package static func lines(_ text: String, bytes: Int) -> String {
    lines(text.cut(toBytes: bytes)).cut(toBytes: bytes)
  }

  /// A text on one line that is no longer than so many bytes.
  package static func line(_ text: String, bytes: Int) -> String {
    line(text.cut(toBytes: bytes)).cut(toBytes: bytes)
  }

  /// A text as a cell that a spreadsheet shows: one that begins like a formula would be computed.
  package static func cell(_ text: String, bytes: Int) -> String {
    let shown = line(text, bytes: bytes)
    let start = shown.first { $0 != " " }
    return start.map { "=+-@|%".contains($0) } == true ? "'" + shown : shown
  }

  private static func scalars(of text: String, newlines: Unicode.Scalar) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var shown = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      switch scalar {
      case "\n" where previous == "\r": continue
      case "\n", "\r", "\u{2028}", "\u{2029}", "\u{85}": shown.append(newlines)
      case "\t": shown.append(" ")
      default: shown.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
      }
    }
    return String(shown)
  }

  /// Whether a character is not shown but obeyed: control characters, those that turn the direction of text or hide it, and
  /// what is no character.
  private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB,
      0xE0000...0xE007F:
      true
    default: scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
    }
  }
}

extension String {
  /// The beginning of a text, which is no longer than so many bytes. Where something is left out, it ends in `…`.
  package func cut(toBytes most: Int) -> String {
    guard utf8.count > most else { return self }
    let ending = "…"
    var beginning = String.UnicodeScalarView()
    var used = ending.utf8.count
    for scalar in unicodeScalars {
      used += UTF8.width(scalar)
      guard used <= most else { break }
      beginning.append(scalar)
    }
    return String(beginning) + ending
  }
}
