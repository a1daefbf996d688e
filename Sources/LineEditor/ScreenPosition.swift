import CLibedit

/// The place of a character on the screen, as libedit lays a line out. Rows are counted from that of the prompt.
struct ScreenPosition: Equatable {
  private(set) var row = 0
  private(set) var column = 0
  /// How wide the screen is.
  let columns: Int

  init(columns: Int, row: Int = 0, column: Int = 0) {
    self.columns = max(1, columns)
    self.row = row
    self.column = column
  }

  /// The columns that a character takes, or -1 when it cannot be shown.
  static func width(of scalar: UInt32) -> Int32 { editline_character_width(Int32(bitPattern: scalar)) }

  /// Where a character stands that comes here: a wide one breaks the line when it no longer fits.
  func start(of scalar: UInt32) -> ScreenPosition {
    guard scalar >= 0x7F, Self.width(of: scalar) == 2, column + 2 > columns else { return self }
    return ScreenPosition(columns: columns, row: row + 1)
  }

  /// Moves past some characters.
  mutating func advance(over scalars: some Sequence<UInt32>) {
    for scalar in scalars { advance(over: scalar) }
  }

  /// Moves past a character.
  mutating func advance(over scalar: UInt32) {
    switch scalar {
    case 0x0A: breakLine()
    case 0x09:
      // A blank after the other, until one ends at a tab stop; the beginning of the next row is one.
      repeat { advance(by: 1) } while column % 8 != 0
    case 0x20..<0x7F: advance(by: 1)
    case ..<0x20, 0x7F: advance(by: 2)  // As in `^C`.
    default:
      let width = Int(Self.width(of: scalar))
      if width == 2, column + width > columns { breakLine() }
      advance(by: width >= 0 ? width : 8)  // As in `\U+00080`.
    }
  }

  private mutating func advance(by width: Int) {
    column += width
    row += column / columns
    column %= columns
  }

  private mutating func breakLine() {
    row += 1
    column = 0
  }
}
