import MigrationKernel

/// Draws pictures as SVG: with a light and a dark look, a title and a description for screen readers, without scripts.
/// The same picture gives the same bytes on every machine: all places are whole numbers, and no text is measured.
struct SVGRenderer {
  static let margin = 16
  static let width = 960
  /// What a character of a text takes at most, in pixels, give or take a wide one.
  static let characterWidth = 8
  static let lineHeight = 18

  /// - Parameters:
  ///   - name: what the identifiers in it begin with.
  ///   - hasStyle: whether it says how it looks; otherwise the page around it does.
  func document(_ picture: Picture, name: String, hasStyle: Bool = true) -> String {
    var page = SVGPage(name: name)
    page.height = Self.margin + 20
    for line in picture.title.wrapped(at: 90).split(separator: "\n") {
      page.text(String(line), x: Self.margin, y: page.height, classes: "title")
      page.height += 22
    }
    switch picture.content {
    case .chart(let chart): draw(chart, on: &page)
    case .cells(let map): draw(map, on: &page)
    case .nodes(let map): draw(map, on: &page)
    case .sequence(let diagram): draw(diagram, on: &page)
    }
    drawLegend(picture, on: &page)
    for remark in picture.marks + picture.remarks {
      for line in remark.wrapped(at: (page.width - 2 * Self.margin) / Self.characterWidth).split(separator: "\n") {
        page.text(String(line), x: Self.margin, y: page.height + 14, classes: "quiet")
        page.height += Self.lineHeight
      }
    }
    page.height += Self.margin
    return page.document(title: picture.title, description: picture.sentences, hasStyle: hasStyle)
  }

  // MARK: - Legend

  private func drawLegend(_ picture: Picture, on page: inout SVGPage) {
    var entries = picture.legend.map { (ink: $0, text: $0.look.meaning) }
    if case .chart(let chart) = picture.content, chart.most > 0 {
      entries.append((.amount, "\(chart.most), the most at a time"))
    }
    guard !entries.isEmpty else { return }
    page.height += 10
    var x = Self.margin
    for entry in entries {
      let needed = 22 + entry.text.count * Self.characterWidth + 16
      if x + needed > page.width, x > Self.margin {
        x = Self.margin
        page.height += 22
      }
      if Self.isPoint(entry.ink) {
        drawPoint(entry.ink, x: (x + 7) * 100, y: page.height, on: &page)
      } else {
        page.box(x: x * 100, y: page.height, width: 1400, height: 14, ink: entry.ink)
      }
      page.text(entry.text, x: x + 20, y: page.height + 12)
      x += needed
    }
    page.height += 24
  }

  // MARK: - Charts

  private static let barHeight = 14

  private func draw(_ chart: Chart, on page: inout SVGPage) {
    let labels = min(220, (chart.rows.map(\.label.count).max() ?? 0) * Self.characterWidth + 12)
    let notes = (chart.rows.map(\.note.count).max() ?? 0) * Self.characterWidth
    let left = Self.margin + labels
    let plot = max(240, Self.width - left - Self.margin - (notes > 0 ? notes + 12 : 0))
    page.width = max(Self.width, left + plot + Self.margin + (notes > 0 ? notes + 12 : 0))
    let top = page.height + 18
    var y = top + 8
    let heights = chart.rows.map { $0.names.isEmpty ? $0.spans.contains { $0.ink == .amount } ? 34 : 22 : 36 }
    let bottom = y + heights.reduce(0, +)
    if case .time = chart.axis.unit {
      page.timeAxis = [UInt64(left), UInt64(top), UInt64(plot), UInt64(bottom), chart.axis.start, chart.axis.end]
    }
    var free = 0
    for tick in chart.axis.ticks(atMost: max(2, plot / 90)) {
      let x = left * 100 + Int(chart.axis.place(tick, in: UInt64(plot * 100)))
      page.line(x1: x, y1: top, x2: x, y2: bottom, classes: "rule")
      let label = chart.axis.label(tick)
      let half = label.count * Self.characterWidth / 2
      guard x / 100 - half >= free, x / 100 + half <= page.width else { continue }
      page.text(label, x: x / 100, y: top - 6, classes: "quiet", anchor: "middle")
      free = x / 100 + half + 8
    }
    for (row, height) in zip(chart.rows, heights) {
      let bar = y + height - Self.barHeight - 4
      page.text(row.label.shortened(to: labels / Self.characterWidth), x: Self.margin, y: bar + 12)
      draw(row, chart, left: left, plot: plot, y: bar, on: &page)
      if !row.note.isEmpty { page.text(row.note, x: left + plot + 12, y: bar + 12) }
      y += height
    }
    page.height = bottom + 4
  }

  private func draw(_ row: Chart.Row, _ chart: Chart, left: Int, plot: Int, y: Int, on page: inout SVGPage) {
    func place(_ value: UInt64) -> Int { left * 100 + Int(chart.axis.place(value, in: UInt64(plot * 100))) }
    // Where marks are so many that most are narrower than a pixel, there is one for each pixel.
    let spans = row.spans.count > plot / 2 ? chart.coarse(row, in: plot).spans : row.spans
    for span in spans where span.start < span.end {
      let x = place(span.start)
      // What is short must still be seen.
      let width = max(100, place(span.end) - x)
      let title = "\(span.ink.look.meaning), \(chart.axis.label(span.start)) to \(chart.axis.label(span.end))"
      guard span.ink == .amount else {
        page.box(x: x, y: y, width: width, height: Self.barHeight, ink: span.ink, title: title)
        continue
      }
      guard span.amount > 0 else { continue }
      let height = max(2, Int(span.amount.scaled(by: 28, over: max(1, chart.most))))
      page.box(
        x: x, y: y + Self.barHeight - height, width: width, height: height, ink: .amount,
        title: "\(span.amount), \(chart.axis.label(span.start)) to \(chart.axis.label(span.end))")
    }
    var free = 0
    for name in row.names {
      let x = place(name.start) / 100
      guard x >= free else { continue }
      let room = max(1, (left + plot + Self.margin - x) / Self.characterWidth)
      let text = String(name.text.prefix(room))
      page.text(text, x: x, y: y - 4, classes: "quiet")
      free = x + text.count * Self.characterWidth + 4
    }
    for point in row.points { drawPoint(point.ink, x: place(point.place), y: y, on: &page) }
  }

  private static func isPoint(_ ink: Ink) -> Bool { ink == .ended || ink == .lost || ink == .deadlocked }

  /// - Parameter x: in hundredths.
  private func drawPoint(_ ink: Ink, x: Int, y: Int, on page: inout SVGPage) {
    let end = y + Self.barHeight
    switch ink {
    case .lost:
      page.line(x1: x - 500, y1: y + 2, x2: x + 500, y2: end - 2, classes: "mark-lost")
      page.line(x1: x - 500, y1: end - 2, x2: x + 500, y2: y + 2, classes: "mark-lost")
    case .deadlocked:
      page.line(x1: x, y1: y - 1, x2: x, y2: end - 4, classes: "mark-lost")
      page.line(x1: x, y1: end - 2, x2: x, y2: end + 1, classes: "mark-lost")
    default: page.line(x1: x, y1: y - 2, x2: x, y2: end + 2, classes: "mark-ended")
    }
  }

  // MARK: - Cells

  private static let cellsPerRow = 64

  private func draw(_ map: CellMap, on page: inout SVGPage) {
    let each = map.each(most: Self.cellsPerRow * 32)
    let cells = map.cells(each: each)
    let left = Self.margin + 80
    page.height += 4
    let top = page.height
    for start in stride(from: 0, to: cells.count, by: Self.cellsPerRow) {
      page.text("\(start * each)", x: left - 10, y: page.height + 10, classes: "quiet", anchor: "end")
      var first = start
      let end = min(cells.count, start + Self.cellsPerRow)
      while first < end {
        let ink = cells[first]
        let next = cells[first..<end].firstIndex { $0 != ink } ?? end
        let to = min(map.count, next * each)
        let title = "\(map.thing)s \(first * each) to \(to - 1): \(ink.look.meaning)"
        page.cells(x: left + (first - start) * 13, y: page.height, count: next - first, ink: ink, title: title)
        first = next
      }
      page.height += 14
    }
    page.gaps(x: left, count: min(cells.count, Self.cellsPerRow), top: top, bottom: page.height)
    if each > 1 {
      page.text(
        "Each cell stands for \(each) \(map.thing)s, and shows of what is among them that which comes last below.",
        x: left, y: page.height + 14, classes: "quiet")
      page.height += Self.lineHeight
    }
  }
}
