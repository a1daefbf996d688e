/// Draws pictures with characters: with lines and blocks where the screen can show them, else with ASCII.
struct CharacterRenderer {
  let screen: Screen
  /// Of a map with more rows of cells, each stands for more things.
  var mostRowsOfCells = 32
  private var width: Int { screen.pictureWidth }

  /// The picture, or what can be seen in it as sentences, in lines.
  func text(_ picture: Picture) -> String {
    guard !screen.tellsPictures else { return told(picture) }
    var text = picture.showsTitle ? picture.title.wrapped(at: width) + "\n" : ""
    switch picture.content {
    case .chart(let chart): text += lines(chart)
    case .cells(let map): text += lines(map)
    case .nodes(let map): text += lines(map)
    case .sequence(let diagram): text += lines(diagram)
    }
    text += legend(picture)
    for remark in picture.marks + picture.remarks { text += remark.wrapped(at: width) + "\n" }
    return text
  }

  private func told(_ picture: Picture) -> String {
    let title =
      picture.title.isEmpty || !(picture.showsTitle || picture.tellsTitle)
      ? [] : [Self.capitalized(picture.title) + "."]
    return (title + picture.sentences + picture.remarks.map { Self.capitalized($0) + "." }).map {
      $0.wrapped(at: width) + "\n"
    }.joined()
  }

  private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  // MARK: - Legend

  private func legend(_ picture: Picture) -> String {
    var inks = picture.legend
    if case .chart(let chart) = picture.content {
      let visible = visibleInks(chart)
      inks.removeAll { !visible.contains($0) }
    }
    var entries = inks.map { ink in
      (
        shown: colored(String(ink.character(on: screen)), ink) + " " + ink.look.meaning,
        length: ink.look.meaning.count + 2
      )
    }
    if case .chart(let chart) = picture.content, chart.most > 0 {
      let meaning = "\(chart.most), the most at a time"
      entries.append(
        (colored(String(Spark.character(1, of: 1, on: screen)), .amount) + " " + meaning, meaning.count + 2))
    }
    var lines: [String] = []
    var used = width
    for entry in entries {
      if used + 3 + entry.length > width {
        lines.append("  " + entry.shown)
        used = 2 + entry.length
      } else {
        lines[lines.count - 1] += "   " + entry.shown
        used += 3 + entry.length
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A text in the colour of an ink, where there are colours.
  func colored(_ text: String, _ ink: Ink) -> String {
    guard screen.showsColors, !text.isEmpty, let color = ink.look.terminalColor else { return text }
    return "\u{1B}[\(color)m\(text)\u{1B}[0m"
  }

  /// Characters, each with the ink it is drawn with, without spaces at the end.
  func line(_ cells: [(character: Character, ink: Ink?)]) -> String {
    var text = ""
    var rest = cells[...]
    while rest.last?.character == " " { rest.removeLast() }
    while let first = rest.first {
      let run = rest.prefix { $0.ink == first.ink }
      let part = String(run.map(\.character))
      text += first.ink.map { colored(part, $0) } ?? part
      rest = rest[run.endIndex...]
    }
    return text
  }

  // MARK: - Cells

  private static let numberWidth = 8

  private func lines(_ map: CellMap) -> String {
    let room = max(8, width - Self.numberWidth - 2)
    var perRow = 8
    while perRow * 2 <= room { perRow *= 2 }
    let each = map.each(most: perRow * mostRowsOfCells)
    let cells = map.cells(each: each)
    var text = ""
    for start in stride(from: 0, to: cells.count, by: perRow) {
      let number = "\(start * each)"
      let padding = String(repeating: " ", count: max(0, Self.numberWidth - number.count))
      let row = cells[start..<min(cells.count, start + perRow)].map {
        (character: $0.character(on: screen), ink: Ink?.some($0))
      }
      text += padding + number + "  " + line(row) + "\n"
    }
    if each > 1 {
      let remark =
        "each character stands for \(each) \(map.thing)s, and shows of what is among them that which comes last below"
      text += remark.wrapped(at: width) + "\n"
    }
    return text
  }

  // MARK: - Nodes and messages

  private func lines(_ diagram: SequenceDiagram) -> String {
    let longest = diagram.rows.map(\.text.count).max() ?? 0
    let lanes = CharacterLanes(diagram.lanes, besides: longest, screen)
    var table = Table("SENT>", "ARRIVES>", lanes.header, "WHAT")
    for row in diagram.rows {
      let time = formatInstant(row.time)
      switch row.mark {
      case .arrow(let from, let to, let arrival):
        let arrives = arrival.map(formatInstant) ?? "lost"
        table.add(time, arrives, lanes.arrow(from: from, to: to, isLost: arrival == nil), row.text)
      case .point(let lane): table.add(time, "", lanes.point(lane), row.text)
      }
    }
    return table.text(columns: screen.tableWidth)
  }
}

/// One vertical line for each node.
private struct CharacterLanes {
  /// The column of each vertical line.
  private let places: [Int]
  private let width: Int
  let header: String
  private let strokes: Strokes

  private struct Strokes {
    let lane, crossing, line, start, left, right, lost, point: Character
  }

  private static let timesWidth = 24
  private static let usualGap = 8
  private static let leastGap = 4

  /// - Parameter longest: characters of the longest text beside the lines. Lines are closer together where it would have to
  ///   be broken otherwise.
  init(_ names: [String], besides longest: Int, _ screen: Screen) {
    var header = ""
    var places: [Int] = []
    let room = (screen.tableWidth ?? .max) - Self.timesWidth - longest
    let usual = max(Self.leastGap, min(Self.usualGap, room / max(1, names.count)))
    for name in names {
      places.append(header.count)
      let gap = max(usual, name.count + 2)
      header += name + String(repeating: " ", count: gap - name.count)
    }
    self.header = header.trimmedAtEnd
    self.places = places
    width = (places.last ?? 0) + 1
    strokes =
      screen.showsUnicode
      ? Strokes(lane: "│", crossing: "┼", line: "─", start: "●", left: "◀", right: "▶", lost: "╳", point: "◆")
      : Strokes(lane: "|", crossing: "+", line: "-", start: "*", left: "<", right: ">", lost: "x", point: "o")
  }

  private var lines: [Character] {
    var row = [Character](repeating: " ", count: width)
    for place in places { row[place] = strokes.lane }
    return row
  }

  func arrow(from: Int, to: Int, isLost: Bool) -> String {
    var row = lines
    let (start, end) = (places[from], places[to])
    for place in min(start, end)...max(start, end) {
      row[place] = row[place] == strokes.lane ? strokes.crossing : strokes.line
    }
    row[start] = strokes.start
    row[end] = isLost ? strokes.lost : start < end ? strokes.right : strokes.left
    return String(row)
  }

  func point(_ lane: Int) -> String {
    var row = lines
    row[places[lane]] = strokes.point
    return String(row)
  }
}
