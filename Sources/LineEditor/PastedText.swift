/// A block of text that the terminal marks as pasted (bracketed paste), collected until its end mark.
struct PastedText {
  /// What asks the terminal to mark pasted text, and what ends that.
  static let enable = "\u{1B}[?2004h"
  static let disable = "\u{1B}[?2004l"
  /// What the terminal sends after an Escape before pasted text, and, with the Escape, after it.
  static let startMarkRest = "[200~"
  private static let endMark = Array("\u{1B}[201~".unicodeScalars)

  /// A longer block is refused whole, since half a paste must not run.
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
      // Only the beginning of an end mark is still of use.
      scalars.removeFirst(scalars.count - Self.endMark.count)
    }
  }

  /// The text as it goes into the line: lines end in `\n`, the last one in nothing, and control characters are gone.
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
  var isControl: Bool { properties.generalCategory == .control }
}
