import MigrationKernel

/// Rows of marks along an axis, as characters: each stands for an equal part of the axis.
extension CharacterRenderer {
  private static let leastPlot = 16

  private struct Layout {
    /// How long labels may be, and how much room there is for them.
    let longest: Int
    let labels: Int
    let plot: Int
    /// Whether notes stand beside their rows. Where they have no room there, they stand below.
    let isBeside: Bool
  }

  private func layout(_ chart: Chart) -> Layout {
    let width = screen.pictureWidth
    let longest = width / 3
    let labels = min(longest, chart.rows.map(\.label.count).max() ?? 0) + 2
    let notes = chart.rows.map(\.note.count).max() ?? 0
    let room = width - labels - (notes > 0 ? notes + 2 : 0)
    let isBeside = room >= Self.leastPlot
    return Layout(longest: longest, labels: labels, plot: isBeside ? room : width - labels, isBeside: isBeside)
  }

  /// What can be told apart in the rows. What falls on one character with something more notable cannot be seen.
  func visibleInks(_ chart: Chart) -> Set<Ink> {
    let plot = layout(chart).plot
    return Set(chart.rows.flatMap { cells($0, chart, plot, withNames: false).compactMap(\.ink) })
  }

  func lines(_ chart: Chart) -> String {
    let layout = layout(chart)
    let (longest, labels, plot, isBeside) = (layout.longest, layout.labels, layout.plot, layout.isBeside)
    var text = String(repeating: " ", count: labels) + scale(chart.axis, plot) + "\n"
    for row in chart.rows {
      let cells = cells(row, chart, plot)
      let label = row.label.shortened(to: longest, by: screen.showsUnicode ? "…" : "~")
      let start = label + String(repeating: " ", count: labels - label.count)
      guard !row.note.isEmpty else {
        text += (start + line(cells)).trimmedAtEnd + "\n"
        continue
      }
      if isBeside {
        let drawn = line(cells)
        let gap = plot - (cells.lastIndex { $0.character != " " }.map { $0 + 1 } ?? 0)
        text += start + drawn + String(repeating: " ", count: gap + 2) + row.note + "\n"
      } else {
        text += (start + line(cells)).trimmedAtEnd + "\n  " + row.note + "\n"
      }
    }
    return text
  }

  /// Instants or numbers above the rows, each at the place that a stroke before it marks.
  private func scale(_ axis: Chart.Axis, _ plot: Int) -> String {
    let stroke: Character = screen.showsUnicode ? "│" : "|"
    var cells = [Character](repeating: " ", count: plot)
    var free = 0
    for tick in axis.ticks(atMost: max(2, plot / 12)) {
      let label = axis.label(tick)
      let place = min(plot - 1, Int(axis.place(tick, in: UInt64(plot))))
      guard place >= free, place + label.count < plot else { continue }
      cells[place] = stroke
      for (offset, character) in label.enumerated() { cells[place + 1 + offset] = character }
      free = place + label.count + 2
    }
    return String(cells).trimmedAtEnd
  }

  private func cells(
    _ row: Chart.Row, _ chart: Chart, _ plot: Int, withNames: Bool = true
  ) -> [(character: Character, ink: Ink?)] {
    let (inks, amounts) = chart.marks(of: row, in: plot)
    var cells = zip(inks, amounts).map { ink, amount -> (character: Character, ink: Ink?) in
      guard let ink else { return (" ", nil) }
      guard ink != .amount else { return (Spark.character(amount, of: chart.most, on: screen), ink) }
      return (ink.character(on: screen), ink)
    }
    for name in row.names where withNames { write(name, into: &cells, chart.axis) }
    for point in row.points {
      let cell = min(plot - 1, Int(chart.axis.place(point.place, in: UInt64(plot))))
      cells[cell] = (point.ink.character(on: screen), point.ink)
    }
    return cells
  }

  /// Writes a name over the marks where it begins to hold. Where something notable would be covered that does not go on behind
  /// the name, it stands in the first place where nothing is, if there is one.
  private func write(
    _ name: Chart.Name, into cells: inout [(character: Character, ink: Ink?)], _ axis: Chart.Axis
  ) {
    let plot = cells.count
    let first = min(plot - 1, Int(axis.place(name.start, in: UInt64(plot))))
    let end = max(first + 1, min(plot, Int(axis.place(name.end, in: UInt64(plot)))))
    let room = end - first
    let isCut = name.text.count > room && room >= Self.leastCutName
    let text = Array(isCut ? name.text.prefix(room - 1) + (screen.showsUnicode ? "…" : "~") : name.text.prefix(room))
    let around = cells[first..<min(end, first + text.count + Self.leastRest)]
    let goesOn = around.count == text.count + Self.leastRest && around.allSatisfy { $0.ink == around.first?.ink }
    let free = (first...(end - text.count)).first { start in
      cells[start..<start + text.count].allSatisfy { $0.ink.map(Self.mayBeCovered) ?? true }
    }
    let place = goesOn ? first : free ?? first
    for (offset, character) in text.enumerated() { cells[place + offset] = (character, nil) }
  }

  /// A name that is cut to less than this does without a mark that says so.
  private static let leastCutName = 4
  /// So much of something notable must be left behind a name that covers its beginning.
  private static let leastRest = 2

  private static func mayBeCovered(_ ink: Ink) -> Bool { ink == .active || ink == .pagesElsewhere || ink == .moving }
}

extension Chart {
  /// What falls on each of so many equal parts of the axis: of several marks that which comes last in `Ink`, and of several
  /// amounts the largest.
  func marks(of row: Row, in plot: Int) -> (inks: [Ink?], amounts: [UInt64]) {
    var inks = [Ink?](repeating: nil, count: plot)
    var amounts = [UInt64](repeating: 0, count: plot)
    for span in row.spans where span.start < span.end || axis.start == axis.end {
      let first = min(plot - 1, Int(axis.place(span.start, in: UInt64(plot))))
      // A span ends before the part in which the next begins, unless it would be invisible.
      let end = min(plot, Int(axis.place(span.end, in: UInt64(plot))))
      for cell in first..<max(first + 1, end) {
        if let ink = inks[cell], ink.rawValue > span.ink.rawValue { continue }
        inks[cell] = span.ink
        amounts[cell] = max(amounts[cell], span.amount)
      }
    }
    return (inks, amounts)
  }

  /// The row with marks that begin and end where one of so many equal parts of the axis does: no more than there are parts.
  func coarse(_ row: Row, in plot: Int) -> Row {
    let (inks, amounts) = marks(of: row, in: plot)
    func value(_ part: Int) -> UInt64 { axis.start + UInt64(part).scaled(by: axis.length, over: UInt64(plot)) }
    var row = row
    row.spans = []
    var first = 0
    while first < plot {
      let end = (first..<plot).first { inks[$0] != inks[first] || amounts[$0] != amounts[first] } ?? plot
      if let ink = inks[first] {
        row.spans.append(.init(start: value(first), end: value(end), ink: ink, amount: amounts[first]))
      }
      first = end
    }
    return row
  }
}

extension String {
  /// The text, without a part before its end when it is too long: names that are alike often differ in a number there.
  func shortened(to most: Int, by mark: String = "…") -> String {
    guard count > most else { return self }
    let end = min(4, max(0, most - 2))
    return prefix(max(0, most - end - 1)) + mark + suffix(end)
  }
}

extension Chart.Axis {
  /// Round values between start and end, at equal distances.
  func ticks(atMost most: Int) -> [UInt64] {
    var step: UInt64 = 1
    var factors: [UInt64] = [2, 5, 10]
    var decade: UInt64 = 1
    while length / step > UInt64(most) {
      let (next, overflow) = decade.multipliedReportingOverflow(by: factors.removeFirst())
      guard !overflow else { break }
      step = next
      if factors.isEmpty {
        decade = step
        factors = [2, 5, 10]
      }
    }
    var ticks: [UInt64] = []
    var tick = start / step * step
    if tick < start { tick += step }
    while tick <= end {
      ticks.append(tick)
      let (next, overflow) = tick.addingReportingOverflow(step)
      guard !overflow else { break }
      tick = next
    }
    return ticks
  }

  /// A value on it, in words.
  func label(_ value: UInt64) -> String {
    switch unit {
    case .time: formatTime(value, digits: labelDigits(value))
    case .things(let name): value == 0 ? "0 \(name)" : "\(value)"
    }
  }

  /// Instants far from the beginning differ in later digits.
  private func labelDigits(_ value: UInt64) -> Int {
    var digits = usualDigits
    var span = length
    while span.multipliedReportingOverflow(by: 1000).partialValue < value, digits < 12, span > 0 {
      span = span.multipliedReportingOverflow(by: 10).partialValue
      digits += 1
    }
    return digits
  }
}
