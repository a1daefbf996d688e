/// Packets as a sequence diagram in the notation of Mermaid (https://mermaid.js.org/syntax/sequenceDiagram.html).
enum Mermaid {
  static func text(_ diagram: SequenceDiagram) -> String {
    var text = "sequenceDiagram\n"
    // Nodes go by numbers, since some names are words of Mermaid, such as `end`.
    for (number, name) in diagram.lanes.enumerated() { text += "  participant n\(number) as \(escaped(name))\n" }
    for row in diagram.rows {
      switch row.mark {
      case .point(let lane): text += "  Note over n\(lane): \(formatInstant(row.time)): \(escaped(row.text))\n"
      case .arrow(let from, let to, let arrival):
        let end = arrival.map { "to \(formatInstant($0))" } ?? "lost"
        text +=
          "  n\(from)\(arrival == nil ? "-x" : "->>")n\(to): \(formatInstant(row.time)) \(end): \(escaped(row.text))\n"
      }
    }
    return text
  }

  /// Mermaid ends a statement at a semicolon, and takes what follows `#` for a number of a character.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "#": escaped += "#35;"
      case ";": escaped += "#59;"
      case "<": escaped += "#lt;"
      case ">": escaped += "#gt;"
      case "\n", "\r", "\r\n": escaped += " "
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
