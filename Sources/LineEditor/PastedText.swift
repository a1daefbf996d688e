/// A block of text that the terminal has marked as pasted (bracketed paste). Collects the characters up to its end
/// mark.
struct PastedText {
  /// Asks the terminal to begin or to stop marking pasted text.
  static let enable = "\u{1B}[?2004h"
  static let disable = "\u{1B}[?2004l"
  /// What the terminal sends before pasted text, after an Escape; and what it sends after pasted text, with the Escape.
  static let startMarkRest = "[200~"
  private static let endMark = Array("\u{1B}[201~".unicodeScalars)

  /// A longer block is refused whole, since half a block must not be executed.
  static let maxScalars = LineEditor.maxLineLength

  private var scalars: [Unicode.Scalar] = []
  private(set) var isComplete = false
  private(set) var isTooLong = false

  /// Takes the next character from the terminal.
  mutating func append(_ scalar: Unicode.Scalar) {
    scalars.append(scalar)
    if scalar == "~", scalars.suffix(Self.endMark.count).elementsEqual(Self.endMark) {
      scalars.removeLast(Self.endMark.count)
      isComplete = true
      isTooLong = isTooLong || scalars.count > Self.maxScalars
    } else if scalars.count > Self.maxScalars + Self.endMark.count {
      isTooLong = true
      // Keeps only what may be the beginning of the end mark.
      scalars.removeFirst(scalars.count - Self.endMark.count)
    }
  }

  /// The text for the line, without control characters. There is a `\n` between its lines, and none at the end.
  var text: String {
    var result = String.UnicodeScalarView()
    var previous: Unicode.Scalar = " "
    for scalar in scalars {
      switch scalar {
      case "\r": result.append("\n")
      case "\n" where previous == "\r": break
      case "\n", "\t": result.append(scalar)
      default: if !scalar.isControl { result.append(scalar) }
      }
      previous = scalar
    }
    while result.last == "\n" { result.removeLast() }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Whether this is a C0 or C1 control character, or DEL.
  var isControl: Bool { value < 0x20 || 0x7F...0x9F ~= value }
}
