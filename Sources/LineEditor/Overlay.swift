import CLibedit

/// What is written over a line that libedit has drawn: the very same characters in colour, and behind them a suggestion.
/// The cursor moves only relative to where it is, and goes back there.
///
/// libedit knows nothing of it. So the suggestion must be off the screen again before libedit goes on.
struct Overlay {
  /// What takes everything behind the cursor off its row, such as the suggestion.
  static let eraseToRowEnd = "\u{1B}[K"

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
    for index in line.indices {
      draw(line[index], at: places[index], isWhole: !Self.hasMark(line, index), appearances[index])
    }
    begin(Appearance())
    move(to: end)
    if let suggestion {
      text += suggestion.beginning + suggestion.text + "\u{1B}[0m"
      column = nil
    }
    text += Self.eraseToRowEnd
    move(to: places[cursor])
  }

  /// Whether a mark follows that is a character of its own and takes no room. Terminals differ in how they show that: it
  /// stays as libedit has drawn it.
  private static func hasMark(_ line: [Unicode.Scalar], _ index: Int) -> Bool {
    guard index + 1 < line.count, !line[index + 1].isASCII else { return false }
    return ScreenPosition.width(of: line[index + 1].value) == 0
  }

  private mutating func draw(
    _ scalar: Unicode.Scalar, at place: ScreenPosition, isWhole: Bool, _ appearance: Appearance
  ) {
    switch scalar {
    case "\n":
      move(to: place)
      begin(Appearance())
      text += Self.eraseToRowEnd
    case "\t": break
    case _ where scalar.value < 0x20 || scalar == "\u{7F}":
      // As in `^C`, whose two characters may stand in two rows.
      var second = place
      second.advance(over: 0x5E)
      move(to: place)
      write("^", appearance)
      move(to: second)
      write(Unicode.Scalar(UInt8(scalar.value) ^ 0x40), appearance)
    default:
      guard isWhole, scalar.isASCII || ScreenPosition.width(of: scalar.value) > 0 else { return }
      move(to: place)
      write(scalar, appearance)
    }
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
