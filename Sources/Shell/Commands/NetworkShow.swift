import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `network show`: every line, what it is like, what it has carried, and what is on it.
extension Commands {
  static let networkShow = Command(
    "network show", flags: [ShownLines.node], summary: "every line: what it is like, what it carried, what is on it",
    details: """
      A line carries one packet after another, each way for itself. IN USE BY are the packets that have not left it yet. \
      LATELY are the bytes sent in the last 10 s, or since the beginning, in each twelfth of that time, as far as the latest \
      packets tell. Of a large cluster only those lines are shown that were set, are cut or carried something, unless you name a node.
      """, examples: ["network show", "network show --node a"], preparation: "node add a b; spawn p1; migrate p1 b",
    data: .rows(shownLine), group: "Cluster",
    effect: .nothing, run: showNetwork)

  private static let shownLine: [DataShape.Member] =
    [.init("a", .node, "one end"), .init("b", .node, "the other end")] + SharedShape.line + [
      .init("up", .boolean, "whether it is whole"), .init("packets", .count, "packets carried, both ways"),
      .init("bytesThere", .size, "what went from a to b"), .init("bytesBack", .size, "what went from b to a"),
      .init("users", .list(.text), "the packets that are on it, by kind"),
      .init("bytesLately", .list(.size), "bytes sent in each twelfth of the last 10 s, as far as the latest packets tell"),
    ]

  private enum ShownLines {
    static let node = Flag("node", .node, "only the lines of one node")
    /// Of how many nodes all lines are shown.
    static let fewNodes = 10
  }

  private struct Row {
    let ends: LineEnds
    let name: String
    let line: Line
    let isCut: Bool
    let there: Traffic
    let back: Traffic
    /// The names of the packets on it, one for each kind.
    var users: [String] = []
    /// Bytes that it was given lately, in each part of the time.
    var bytes: [UInt64] = []

    var isOfInterest: Bool { isCut || there.packets + back.packets > 0 }
  }

  private static func showNetwork(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let only = try call[ShownLines.node]
    let members = world.members
    let showsAll = only != nil || members.count <= ShownLines.fewNodes
    var rows: [Row] = []
    var places: [LineEnds: Int] = [:]
    for (place, a) in members.enumerated() {
      for b in members[(place + 1)...] where only == nil || a == only || b == only {
        let row = Row(
          ends: LineEnds(a, b), name: "\(world[a].name)–\(world[b].name)", line: world.line(a, b),
          isCut: world.isCut(a, b),
          there: world.traffic(from: a, to: b), back: world.traffic(from: b, to: a))
        guard showsAll || row.isOfInterest || row.line != world.lineDefaults else { continue }
        places[row.ends] = rows.count
        rows.append(row)
      }
    }
    let parts = Trend.Parts(upTo: world.now)
    if world.now > 0 { for place in rows.indices { rows[place].bytes = [UInt64](repeating: 0, count: Trend.parts) } }
    for packet in world.packets.all {
      guard let place = places[LineEnds(packet.from, packet.to)] else { continue }
      if let part = parts.part(of: packet.sentAt) { rows[place].bytes[part] += UInt64(packet.bytes) }
      guard packet.leftAt > world.now, !packet.isLost, !rows[place].users.contains(packet.name) else { continue }
      rows[place].users.append(packet.name)
    }
    let most = rows.flatMap(\.bytes).max() ?? 0
    let columns: [Column<Row>] = [
      Column("LINE", "a", { .node($0.ends.a) }, shown: { $0.name }),
      Column(nil, "b") { .node($0.ends.b) },
      Column("LATENCY>", "latency") { .time($0.line.latency) }.leftOut(atRank: 1),
      Column("BANDWIDTH>", "bandwidth") { .rate($0.line.bandwidth) }.leftOut(atRank: 2),
      Column("LOSS>", "loss") { .share($0.line.loss) }.leftOut(atRank: 3),
      Column("JITTER>", "jitter") { .time($0.line.jitter) }.leftOut(atRank: 4),
      Column("STATE", "up", { .boolean(!$0.isCut) }, shown: { $0.isCut ? "cut" : "up" }),
      Column("PACKETS>", "packets") { .count($0.there.packets + $0.back.packets) },
      Column("THERE>", "bytesThere") { .size($0.there.bytes) }, Column("BACK>", "bytesBack") { .size($0.back.bytes) },
      Column(
        "IN USE BY", "users", { .list($0.users.map { .text($0) }) }, shown: { $0.users.joined(separator: ", ") }),
      Column(trend: "LATELY", "bytesLately") { $0.bytes.isEmpty ? nil : Trend($0.bytes, most: most, isSize: true) },
    ]
    return Report(
      Listing(rows, columns),
      whenEmpty: members.count < 2
        ? "there is no line: it takes two nodes" : "no line was set, is cut or carried anything")
  }
}
