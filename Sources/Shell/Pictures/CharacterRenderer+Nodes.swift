/// Nodes and the lines between them, as characters: what can reach each other stands in one frame.
extension CharacterRenderer {
  func lines(_ map: NodeMap) -> String {
    let strokes = Frame(screen)
    var text = ""
    let names = map.nodes.map(\.name.count).max() ?? 0
    let loads = map.nodes.map(\.load.count).max() ?? 0
    let memories = map.nodes.map(\.memory.count).max() ?? 0
    for (number, island) in map.islands.enumerated() {
      let title = map.islands.count > 1 ? " part \(number + 1) of \(map.islands.count) " : ""
      text += strokes.top(title, screen.pictureWidth) + "\n"
      for place in island {
        for line in rows(map.nodes[place], names, loads, memories) {
          text += strokes.side + " " + line + "\n"
        }
      }
      text += strokes.bottom(screen.pictureWidth) + "\n"
    }
    for line in map.lines {
      let ink = line.isCut ? Ink.cut : .line
      let stroke = String(repeating: ink.character(on: screen), count: line.isCut ? 1 : 2)
      let quality = line.quality.map { "  \($0)" } ?? ""
      text +=
        "  \(map.nodes[line.a].name) \(colored(stroke, ink)) \(map.nodes[line.b].name)\(line.isCut ? "  cut" : "")\(quality)\n"
    }
    return text
  }

  private static let barWidth = 10

  /// A node in lines that fit into its frame.
  private func rows(_ node: NodeMap.Box, _ names: Int, _ loads: Int, _ memories: Int) -> [String] {
    let name = padded(node.name, names)
    guard !node.isDown else { return [name + "  " + colored(String(Ink.down.character(on: screen)) + " down", .down)] }
    let filled = node.memoryInUse == 0 ? 0 : max(1, Int(node.memoryInUse) * Self.barWidth / 1000)
    let bar =
      colored(String(repeating: Ink.sent.character(on: screen), count: filled), .sent)
      + String(repeating: screen.showsUnicode ? "░" : ".", count: Self.barWidth - filled)
    let start = "\(name)  load \(padded(node.load, loads))  memory \(bar) \(padded(node.memory, memories))  "
    let indent = name.count + 2 + 5 + max(loads, node.load.count) + 2 + 7 + Self.barWidth + 1 + memories + 2
    let room = screen.pictureWidth - indent - 2
    let all = node.processes.joined(separator: " ")
    // A name that has no room beside the node stands below it, in the whole width.
    let isBeside = node.processes.allSatisfy { $0.count <= room }
    let below = names + 2
    let lines = all.wrapped(at: isBeside ? room : screen.pictureWidth - below - 2).split(separator: "\n").map(
      String.init)
    guard isBeside else { return [start.trimmedAtEnd] + lines.map { String(repeating: " ", count: below) + $0 } }
    return [(start + (lines.first ?? "")).trimmedAtEnd]
      + lines.dropFirst().map { String(repeating: " ", count: indent) + $0 }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

/// The strokes of a frame that is open to the right: colours do not count as width, but what is in it may.
private struct Frame {
  let side: String
  private let line: Character
  private let topLeft: Character
  private let bottomLeft: Character

  init(_ screen: Screen) {
    (side, line, topLeft, bottomLeft) = screen.showsUnicode ? ("│", "─", "┌", "└") : ("|", "-", "+", "+")
  }

  func top(_ title: String, _ width: Int) -> String {
    String(topLeft) + String(line) + title + String(repeating: line, count: max(0, width - 2 - title.count))
  }

  func bottom(_ width: Int) -> String { String(bottomLeft) + String(repeating: line, count: max(0, width - 1)) }
}
