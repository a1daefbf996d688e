/// Rows in columns. Names are aligned to the left, numbers to the right.
public struct Table {
  enum Alignment {
    case left, right
  }

  private var columns: [(title: String, alignment: Alignment)]
  private(set) var rows: [[String]] = []

  /// Titles. A column whose title ends in `>` is aligned to the right.
  public init(_ titles: String...) { self.init(titles: titles) }
  package init(titles: [String]) {
    columns = titles.map { $0.hasSuffix(">") ? (String($0.dropLast()), .right) : ($0, .left) }
  }

  /// Adds a row, with one cell for each column.
  public mutating func add(_ cells: String...) { rows.append(cells) }
  package mutating func add(cells: [String]) { rows.append(cells) }

  /// Whether it is no wider than the screen.
  ///
  /// - Parameter lastRoom: so many characters of texts in the last column are enough, since their rest goes on below.
  func fits(_ screen: Int?, lastRoom: Int) -> Bool {
    guard let screen else { return true }
    var widths = columns.indices.map { column in
      rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
    }
    if columns.last?.alignment == .left, let last = widths.popLast() { widths.append(min(last, lastRoom)) }
    return widths.reduce(0) { $0 + $1 + 2 } - 2 <= screen
  }

  /// The table for somebody who hears it read: with a word in cells that are empty. When it is wider than the screen, each row is a
  /// sentence that names its columns, and says nothing of empty cells.
  package func told(columns screen: Int?) -> String {
    var table = self
    table.rows = rows.map { cells in
      zip(columns, cells).map { $1.isEmpty && !$0.title.isEmpty ? "none" : $1 }
    }
    guard let screen, !table.fits(screen, lastRoom: Self.leastRoom) else { return table.text(columns: screen) }
    return rows.map { cells in
      let parts = zip(columns, cells).filter { !$1.isEmpty }.map { column, cell in
        column.title.isEmpty ? cell : "\(column.title.lowercased()) \(cell)"
      }
      return parts.joined(separator: ", ").wrapped(at: screen) + "\n"
    }
    .joined()
  }

  mutating func removeColumn(_ place: Int) {
    columns.remove(at: place)
    for row in rows.indices { rows[row].remove(at: place) }
  }

  /// The titles and rows, each a line.
  public var text: String { text(columns: nil) }

  /// The titles and rows. When they are wider than the screen, texts in the last column are broken between words, and go
  /// on below themselves.
  ///
  /// - Parameter screen: how wide the screen is; nil when there is none.
  func text(columns screen: Int?) -> String {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let indent = widths.dropLast().reduce(0) { $0 + $1 + 2 }
    let room = (screen ?? .max) - indent
    let isBroken = columns.last?.alignment == .left && room < widths.last ?? 0 && room >= Self.leastRoom
    return all.map { cells in
      var cells = cells
      var rest: [Substring] = []
      if isBroken, let last = cells.popLast() {
        let lines = last.wrapped(at: room).split(separator: "\n", omittingEmptySubsequences: false)
        cells.append(String(lines[0]))
        rest = Array(lines.dropFirst())
      }
      let line = columns.indices.map { column in
        let padding = String(repeating: " ", count: max(0, widths[column] - cells[column].count))
        return columns[column].alignment == .left ? cells[column] + padding : padding + cells[column]
      }
      .joined(separator: "  ").trimmedAtEnd
      return line + "\n" + rest.map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
    }
    .joined()
  }

  /// A column narrower than this is not broken into lines.
  static let leastRoom = 16
}

/// Names and values one below the other.
///
/// - Parameter columns: how wide the screen is, where values that are too long for it go on below themselves; nil when there
///   is none.
package func sheet(_ rows: [(String, String)], columns: Int? = nil) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  let indent = String(repeating: " ", count: width + 2)
  return rows.map { (name, value) -> String in
    let padded = "\(name)\(String(repeating: " ", count: width - name.count))  "
    guard let columns else { return "\(padded)\(value)".trimmedAtEnd + "\n" }
    guard columns - width - 2 >= Table.leastRoom else {
      let below = value.wrapped(at: columns - 6).split(separator: "\n").map { "      \($0)\n" }
      return "\(name)\n\(below.joined())"
    }
    let lines = value.wrapped(at: columns - width - 2).split(separator: "\n", omittingEmptySubsequences: false)
    return (padded + lines.joined(separator: "\n" + indent)).trimmedAtEnd + "\n"
  }
  .joined()
}

extension String {
  /// The text, with lines broken between words. Only a line of one long word is longer than `width`.
  package func wrapped(at width: Int) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.count > width else { return String(line) }
      var lines = [""]
      for word in line.split(separator: " ") {
        let last = lines[lines.count - 1]
        if last.isEmpty {
          lines[lines.count - 1] = String(word)
        } else if last.count + 1 + word.count <= width {
          lines[lines.count - 1] += " " + word
        } else {
          lines.append(String(word))
        }
      }
      return lines.joined(separator: "\n")
    }
    .joined(separator: "\n")
  }

  /// The same, where what goes on below a line begins where the line does.
  ///
  /// - Parameter keepsColumns: whether a line stays as it is in which several spaces part columns.
  func wrappedInItsMargin(at width: Int, keepsColumns: Bool) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      guard line.count > width else { return String(line) }
      let margin = String(line.prefix { $0 == " " }.prefix(max(0, width / 2)))
      let content = String(line.dropFirst(margin.count))
      if keepsColumns, content.contains("  ") { return String(line) }
      // Where a name and a text stand side by side, nobody would hear where one ends.
      let lines = content.replacing(#/ {2,}/#, with: ": ").wrapped(at: width - margin.count).split(separator: "\n")
      return lines.map { margin + String($0) }.joined(separator: "\n")
    }
    .joined(separator: "\n")
  }

  var trimmedAtEnd: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// `1 page`, `2 pages`.
public func counted(_ count: some BinaryInteger, _ thing: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? thing : plural ?? thing + "s")"
}
