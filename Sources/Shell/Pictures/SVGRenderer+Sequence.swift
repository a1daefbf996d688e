import MigrationKernel

/// Nodes side by side, with time going down: every instant at which something happened has a line of its own.
extension SVGRenderer {
  private static let pitch = 20
  private static let timeWidth = 110

  func draw(_ diagram: SequenceDiagram, on page: inout SVGPage) {
    let gap = max(110, (diagram.lanes.map(\.count).max() ?? 0) * Self.characterWidth + 24)
    let left = Self.margin + Self.timeWidth + gap / 2
    let lanes = diagram.lanes.indices.map { left + $0 * gap }
    let texts = (lanes.last ?? left) + 40
    let longest = diagram.rows.map(\.text.count).max() ?? 0
    page.width = max(Self.width, texts + longest * Self.characterWidth + Self.margin)
    let top = page.height + 24
    let slots = Slots(diagram)
    let bottom = top + slots.count * Self.pitch + 10
    for (name, x) in zip(diagram.lanes, lanes) {
      page.text(name, x: x, y: top - 8, classes: "strong", anchor: "middle")
      page.line(x1: x * 100, y1: top, x2: x * 100, y2: bottom, classes: "lane")
    }
    func y(_ slot: Int) -> Int { top + 12 + slot * Self.pitch }
    for (slot, time) in slots.times.enumerated() {
      page.text(
        formatInstant(time), x: Self.margin + Self.timeWidth - 14, y: y(slot) + 4, classes: "quiet", anchor: "end")
    }
    for (number, row) in diagram.rows.enumerated() {
      let slot = slots.rows[number]
      page.text(row.text, x: texts, y: y(slot) + 4)
      switch row.mark {
      case .point(let lane): page.dot(x: lanes[lane], y: y(slot), classes: "point")
      case .arrow(let from, let to, let arrival):
        let start = (x: lanes[from], y: y(slot))
        if let arrival, let end = slots.place(of: arrival) {
          page.line(
            x1: start.x * 100, y1: start.y, x2: lanes[to] * 100, y2: y(end), classes: "packet", arrow: true)
        } else {
          let end = (x: (start.x + lanes[to] * 2) / 3, y: start.y + Self.pitch / 2)
          page.line(x1: start.x * 100, y1: start.y, x2: end.x * 100, y2: end.y, classes: "packet-lost")
          page.line(x1: (end.x - 5) * 100, y1: end.y - 5, x2: (end.x + 5) * 100, y2: end.y + 5, classes: "mark-lost")
          page.line(x1: (end.x - 5) * 100, y1: end.y + 5, x2: (end.x + 5) * 100, y2: end.y - 5, classes: "mark-lost")
        }
      }
    }
    page.height = bottom + 6
  }

  /// A line for each row, and one for each instant of an arrival at which no row stands.
  private struct Slots {
    /// The line of each row.
    private(set) var rows: [Int]
    private(set) var times: [Nanoseconds] = []
    private var first: [Nanoseconds: Int] = [:]

    var count: Int { times.count }

    /// The first line of an instant.
    func place(of time: Nanoseconds) -> Int? { first[time] }

    init(_ diagram: SequenceDiagram) {
      var events: [(time: Nanoseconds, row: Int?)] = diagram.rows.enumerated().map { ($1.time, $0) }
      for row in diagram.rows {
        if case .arrow(_, _, let arrival?) = row.mark { events.append((arrival, nil)) }
      }
      // At one instant the rows come first: an arrival needs no line of its own then.
      let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
      rows = [Int](repeating: 0, count: diagram.rows.count)
      for place in order {
        let event = events[place]
        if event.row == nil, first[event.time] != nil { continue }
        if first[event.time] == nil { first[event.time] = times.count }
        if let row = event.row { rows[row] = times.count }
        times.append(event.time)
      }
    }
  }
}
