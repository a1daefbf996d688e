/// What a terminal shows of the bytes that a program writes to it: as much of ECMA-48 and of xterm as libedit uses.
package struct TerminalScreen {
  /// One place of the screen.
  package struct Cell: Equatable {
    /// What is there; empty for the second half of a wide character.
    package var text = " "
    /// The parameters of the sequences that say how it looks, such as `1;31`; empty for plain text.
    package var look = ""
  }

  package private(set) var rows: [[Cell]]
  package private(set) var row = 0
  package private(set) var column = 0
  private let width: Int
  /// The last column is filled, and the next character breaks the line.
  private var isBreakPending = false
  private var look: [String] = []
  private var isInserting = false

  package init(rows: Int, columns: Int) {
    width = columns
    self.rows = Array(repeating: Array(repeating: Cell(), count: columns), count: rows)
  }

  /// The text of the rows, without blanks at their ends and without empty rows at the end.
  package var text: String {
    var lines = rows.map { row in
      var line = row.map(\.text).joined()
      while line.last == " " { line.removeLast() }
      return line
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// How the first place with a text looks; nil when there is none. The text must not cross rows.
  package func look(of wanted: String) -> String? {
    for row in rows {
      let line = row.map(\.text).joined()
      guard let range = line.firstRange(of: wanted) else { continue }
      let before = line[..<range.lowerBound].count
      // Wide characters take a place without text.
      var count = 0
      for cell in row where !cell.text.isEmpty {
        if count == before { return cell.look }
        count += 1
      }
    }
    return nil
  }

  /// Shows what a program wrote.
  package mutating func show(_ output: String) {
    var rest = Array(output.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\u{1B}": obey(&rest)
      case "\r": move(to: row, 0)
      case "\n": lineFeed()
      case "\u{8}": move(to: row, column - 1)
      case "\t": move(to: row, column / 8 * 8 + 8)
      case "\u{7}": break
      default: put(scalar)
      }
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let isWide =
      (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
      || (0xAC00...0xD7A3).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
      || (0x1F300...0x1FAFF).contains(scalar.value)
    if scalar.properties.generalCategory == .nonspacingMark {
      let place = max(0, isBreakPending ? column : column - 1)
      rows[row][place].text.unicodeScalars.append(scalar)
      return
    }
    if isBreakPending || isWide && column + 2 > width {
      lineFeed()
      column = 0
      isBreakPending = false
    }
    if isInserting { insert(isWide ? 2 : 1) }
    clear(column..<min(column + (isWide ? 2 : 1), width))
    rows[row][column] = Cell(text: String(scalar), look: look.joined(separator: ";"))
    if isWide, column + 1 < width { rows[row][column + 1] = Cell(text: "", look: look.joined(separator: ";")) }
    let next = column + (isWide ? 2 : 1)
    isBreakPending = next >= width
    column = min(next, width - 1)
  }

  private mutating func lineFeed() {
    isBreakPending = false
    if row + 1 < rows.count {
      row += 1
    } else {
      rows.removeFirst()
      rows.append(Array(repeating: Cell(), count: width))
    }
  }

  private mutating func move(to row: Int, _ column: Int) {
    isBreakPending = false
    self.row = min(max(row, 0), rows.count - 1)
    self.column = min(max(column, 0), width - 1)
  }

  private mutating func obey(_ rest: inout ArraySlice<Unicode.Scalar>) {
    guard rest.first == "[" else {
      // Which character set is in use.
      rest = rest.dropFirst(rest.first == "(" ? 2 : 1)
      return
    }
    let parameters = rest.dropFirst().prefix { !(0x40...0x7E).contains($0.value) }
    rest = rest.dropFirst(1 + parameters.count)
    guard let command = rest.popFirst() else { return }
    let text = String(String.UnicodeScalarView(parameters))
    let number = Int(text) ?? 0
    let count = max(1, number)
    switch command {
    case "A": move(to: row - count, column)
    case "B": move(to: row + count, column)
    case "C": move(to: row, column + count)
    case "D": move(to: row, column - count)
    case "G": move(to: row, count - 1)
    case "H":
      let place = text.split(separator: ";").map { Int($0) ?? 1 }
      move(to: (place.first ?? 1) - 1, (place.dropFirst().first ?? 1) - 1)
    case "J":
      clear(column..<column)
      erase(number == 2 ? 0 : column, from: row)
      for below in number == 2 ? 0..<rows.count : row + 1..<rows.count { erase(0, from: below) }
    case "K":
      clear(column..<column)
      erase(column, from: row)
    case "P":
      clear(column..<min(column + count, width))
      for place in column..<width { rows[row][place] = place + count < width ? rows[row][place + count] : Cell() }
    case "@": insert(count)
    case "L", "M":
      for _ in 0..<count {
        let empty = Array(repeating: Cell(), count: width)
        rows.remove(at: command == "L" ? rows.count - 1 : row)
        rows.insert(empty, at: command == "L" ? row : rows.count)
      }
    case "h" where text == "4": isInserting = true
    case "l" where text == "4": isInserting = false
    case "m": setLook(text)
    default: break
    }
  }

  /// Clears some places of the row. The other halves of wide characters that lie in part outside become blanks.
  private mutating func clear(_ places: Range<Int>) {
    if places.lowerBound > 0, rows[row][places.lowerBound].text.isEmpty { rows[row][places.lowerBound - 1] = Cell() }
    if places.upperBound < width, rows[row][places.upperBound].text.isEmpty { rows[row][places.upperBound] = Cell() }
    for place in places { rows[row][place] = Cell() }
  }

  private mutating func insert(_ count: Int) {
    clear(column..<column)
    for place in (column..<width).reversed() {
      rows[row][place] = place - count >= column ? rows[row][place - count] : Cell()
    }
  }

  private mutating func erase(_ start: Int, from row: Int) {
    for place in start..<width { rows[row][place] = Cell() }
  }

  private mutating func setLook(_ parameters: String) {
    for parameter in parameters.split(separator: ";", omittingEmptySubsequences: false) {
      switch parameter {
      case "", "0": look = []
      default: look.append(String(parameter))
      }
    }
  }
}
