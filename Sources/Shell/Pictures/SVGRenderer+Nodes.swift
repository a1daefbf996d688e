/// Nodes and the lines between them: few on a circle, with every line; many in rows, with a list of the lines that have
/// something special.
extension SVGRenderer {
  private static let boxWidth = 220
  /// The bar of a node's memory, beside which stands a text of up to 20 characters.
  private static let memoryWidth = 64
  private static let mostOnCircle = 16
  private static let mostProcessLines = 4

  func draw(_ map: NodeMap, on page: inout SVGPage) {
    let texts = map.nodes.map(processLines)
    let height = 50 + (texts.map(\.count).max() ?? 0) * Self.lineHeight
    // The nodes of one part stand side by side.
    let order = map.islands.flatMap(\.self)
    let isCircle = order.count <= Self.mostOnCircle
    let free =
      isCircle
      ? circle(order.count, boxHeight: height, on: &page) : rows(order.count, boxHeight: height, on: &page)
    var places = free
    for (place, node) in zip(free, order) { places[node] = place }
    if isCircle { drawLines(map, places, on: &page) }
    for (number, island) in map.islands.enumerated() {
      let part = map.islands.count > 1 ? "part \(number + 1)" : nil
      for node in island {
        draw(
          map.nodes[node], part, texts[node], x: places[node].x - Self.boxWidth / 2, y: places[node].y - height / 2,
          height: height, on: &page)
      }
    }
    for line in map.lines where line.isCut || line.quality != nil {
      let quality = line.quality.map { ": \($0)" } ?? ""
      page.text(
        "\(map.nodes[line.a].name)–\(map.nodes[line.b].name)\(line.isCut ? ", cut" : "")\(quality)", x: Self.margin,
        y: page.height + 14)
      page.height += Self.lineHeight
    }
  }

  private func processLines(_ node: NodeMap.Box) -> [String] {
    let all = node.processes.joined(separator: " ").wrapped(at: (Self.boxWidth - 20) / Self.characterWidth)
      .split(separator: "\n").map(String.init)
    guard all.count > Self.mostProcessLines else { return all }
    return all.prefix(Self.mostProcessLines - 1) + ["… \(node.processes.count) processes in all"]
  }

  /// - Parameters:
  ///   - part: the part of the cluster in which it is; nil when that is whole.
  ///   - text: its processes.
  private func draw(
    _ node: NodeMap.Box, _ part: String?, _ text: [String], x: Int, y: Int, height: Int, on page: inout SVGPage
  ) {
    page.frame(x: x, y: y, width: Self.boxWidth, height: height, classes: node.isDown ? "node-down" : "node")
    let state = (part.map { $0 + ", " } ?? "") + (node.isDown ? "down" : "load \(node.load)")
    let most = (Self.boxWidth - 20) / Self.characterWidth - state.count - 2
    page.text(node.name.shortened(to: most), x: x + 10, y: y + 19, classes: "strong")
    page.text(state, x: x + Self.boxWidth - 10, y: y + 19, anchor: "end")
    guard !node.isDown else { return }
    page.box(x: (x + 10) * 100, y: y + 28, width: Self.memoryWidth * 100, height: 10, ink: .empty)
    if node.memoryInUse > 0 {
      let width = max(200, Self.memoryWidth * Int(node.memoryInUse) / 10)
      page.box(x: (x + 10) * 100, y: y + 28, width: width, height: 10, ink: .sent)
    }
    page.text(node.memory, x: x + Self.boxWidth - 10, y: y + 38, classes: "quiet", anchor: "end")
    for (number, line) in text.enumerated() {
      page.text(line, x: x + 10, y: y + 56 + number * Self.lineHeight)
    }
  }

  private func drawLines(_ map: NodeMap, _ places: [(x: Int, y: Int)], on page: inout SVGPage) {
    let cuts = Set(map.lines.filter(\.isCut).map { [$0.a, $0.b] })
    var part = [Int](repeating: 0, count: map.nodes.count)
    for (number, island) in map.islands.enumerated() { for node in island { part[node] = number } }
    for a in map.nodes.indices {
      for b in map.nodes.indices where a < b && part[a] == part[b] {
        let (from, to) = (places[a], places[b])
        let isCut = cuts.contains([a, b])
        page.line(
          x1: from.x * 100, y1: from.y, x2: to.x * 100, y2: to.y, classes: isCut ? "cut" : "rule")
        guard isCut else { continue }
        // Not in the middle, where all lines meet.
        let (x, y) = ((from.x * 3 + to.x * 2) / 5, (from.y * 3 + to.y * 2) / 5)
        page.line(x1: (x - 5) * 100, y1: y - 5, x2: (x + 5) * 100, y2: y + 5, classes: "mark-lost")
        page.line(x1: (x - 5) * 100, y1: y + 5, x2: (x + 5) * 100, y2: y - 5, classes: "mark-lost")
      }
    }
  }

  // MARK: - Places

  /// Places on a circle that is so wide that no box touches the next.
  private func circle(_ count: Int, boxHeight: Int, on page: inout SVGPage) -> [(x: Int, y: Int)] {
    let diagonal = Double(Self.boxWidth * Self.boxWidth + boxHeight * boxHeight).squareRoot() + 24
    let half = Double.pi / Double(max(2, count))
    let radius = count < 2 ? 0 : Int((diagonal / (2 * sine(half))).rounded(.up))
    page.width = max(Self.width, 2 * (radius + Self.margin) + Self.boxWidth)
    // Two nodes stand side by side, so that the circle needs no height.
    let isFlat = count <= 2
    let middle = (x: page.width / 2, y: page.height + boxHeight / 2 + 8 + (isFlat ? 0 : radius))
    page.height = middle.y + (isFlat ? 0 : radius) + boxHeight / 2 + 16
    return (0..<count).map { number in
      guard !isFlat else { return (middle.x + (number == 0 ? -radius : radius), middle.y) }
      // From the left, clockwise.
      let angle = 2 * Double.pi * Double(number) / Double(count) - Double.pi
      let (x, y) = (sine(angle + Double.pi / 2), sine(angle))
      return (middle.x + pixels(x, radius), middle.y + pixels(y, radius))
    }
  }

  private func rows(_ count: Int, boxHeight: Int, on page: inout SVGPage) -> [(x: Int, y: Int)] {
    let perRow = (Self.width - 2 * Self.margin + 12) / (Self.boxWidth + 12)
    let top = page.height + 8
    page.height = top + (count + perRow - 1) / perRow * (boxHeight + 12)
    return (0..<count).map { number in
      let (row, column) = number.quotientAndRemainder(dividingBy: perRow)
      return (
        Self.margin + column * (Self.boxWidth + 12) + Self.boxWidth / 2, top + row * (boxHeight + 12) + boxHeight / 2
      )
    }
  }

  /// Whole pixels: halves that differ in their last bits alone become equal.
  private func pixels(_ part: Double, _ radius: Int) -> Int {
    Int(((part * Double(radius) * 1024).rounded() / 1024).rounded())
  }

  /// By its series, with sums and products alone: so it is the same on every machine.
  private func sine(_ angle: Double) -> Double {
    var (term, sum) = (angle, angle)
    for power in stride(from: 3.0, through: 39, by: 2) {
      term *= -angle * angle / (power * (power - 1))
      sum += term
    }
    return sum
  }
}
