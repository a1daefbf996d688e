import CLibedit

/// What is written over a line that libedit has drawn: the very same characters in colour, and behind them a suggestion.
/// The cursor moves only relative to where it is, and goes back there.
///
/// libedit knows nothing of it. So the suggestion must be off the screen again before libedit goes on.
struct Overlay {
  /// What takes the suggestion, which stands behind the cursor, off the screen.
  static let eraseSuggestion = "\u{1B}[K"

  /// What to write.
  private(set) var text = ""
  private let columns: Int
  private var row: Int
  /// Nil where it is not certain: having filled its last column, a terminal waits before it breaks the line.
  private var column: Int?
  private var appearance = Appearance()

  /// - Parameters:
  ///   - line: the characters of the line.
  ///   - appearances: how each of them looks.
  ///   - cursor: how many of them are before the cursor.
  ///   - start: the place of the first character.
  ///   - suggestion: what comes behind the end of the line, as `Suggestion.shown` cuts it, with its escape sequence.
  init(
    line: [Unicode.Scalar], appearances: [Appearance], cursor: Int, start: ScreenPosition,
    suggestion: (text: String, beginning: String)? = nil
  ) {
    var places: [ScreenPosition] = []
    places.reserveCapacity(line.count + 1)
    var end = start
    for scalar in line {
      places.append(end.start(of: scalar.value))
      end.advance(over: scalar.value)
    }
    places.append(end)
    columns = start.columns
    row = places[cursor].row
    column = nil
    for index in line.indices where Self.canWrite(line, index) {
      move(to: places[index])
      write(line[index], appearances[index])
    }
    begin(Appearance())
    if let suggestion {
      move(to: end)
      text += suggestion.beginning + suggestion.text + "\u{1B}[0m"
      column = nil
    }
    move(to: places[cursor])
  }

  /// Whether the terminal shows the character as it is, in places of its own. Others, and letters with marks that are
  /// characters of their own, stay as libedit has drawn them.
  private static func canWrite(_ line: [Unicode.Scalar], _ index: Int) -> Bool {
    func width(_ scalar: Unicode.Scalar) -> Int32 {
      scalar.isASCII ? (scalar.value >= 0x20 && scalar.value < 0x7F ? 1 : -1) : ScreenPosition.width(of: scalar.value)
    }
    guard width(line[index]) > 0 else { return false }
    return index + 1 == line.count || width(line[index + 1]) != 0
  }

  private mutating func write(_ scalar: Unicode.Scalar, _ wanted: Appearance) {
    begin(wanted)
    text.unicodeScalars.append(scalar)
    var after = ScreenPosition(columns: columns, row: row, column: column ?? 0)
    after.advance(over: scalar.value)
    column = after.row == row ? after.column : nil
  }

  private mutating func begin(_ wanted: Appearance) {
    guard wanted.parameters != appearance.parameters else { return }
    if !appearance.parameters.isEmpty { text += "\u{1B}[0m" }
    if !wanted.parameters.isEmpty { text += "\u{1B}[\(wanted.parameters)m" }
    appearance = wanted
  }

  private mutating func move(to place: ScreenPosition) {
    if place.row == row, place.column == column { return }
    if place.row < row { text += "\u{1B}[\(row - place.row)A" }
    if place.row > row { text += "\u{1B}[\(place.row - row)B" }
    if place.row == row, let column, place.column > column {
      text += "\u{1B}[\(place.column - column)C"
    } else {
      text += "\r" + (place.column > 0 ? "\u{1B}[\(place.column)C" : "")
    }
    (row, column) = (place.row, place.column)
  }
}
