import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Which packets `messages` draws.
enum DrawnPackets {
  static let last = Flag("last", .count(in: 1...1_000_000, "a number of packets"), "how many packets (20)")
  static let message = Flag(
    "message", .messageNumber, valueName: "N", "only the packets that carried one message")
  static let process = Flag("process", .process, "only packets about a process or for it")
  static let node = Flag("node", .node, "only packets from a node or to it")
}

/// `messages` draws nodes side by side and time downwards. Each packet is an arrow, in the row of the instant when the
/// network got it. Rows between the arrows say what happened at a node.
extension Commands {
  static func drawMessages(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let most = try call[DrawnPackets.last] ?? 20
    let process = try call[DrawnPackets.process]?.id
    let node = try call[DrawnPackets.node]
    var message: MessageID?
    if let number = try call[DrawnPackets.message] {
      guard let record = world.messages[number] else {
        throw call.refuse(
          "there is no message \(number), or not any more", at: call.span(of: DrawnPackets.message),
          remedy: "`message list` shows the latest")
      }
      message = record.id
    }
    var chosen: [PacketTrace.Record] = []
    for packet in world.packets.all.reversed() where chosen.count < most {
      if let process, packet.process != process, packet.message?.from != process { continue }
      if let node, packet.from != node, packet.to != node { continue }
      if let message, packet.message != message { continue }
      chosen.append(packet)
    }
    chosen.reverse()
    let listing = Listing(chosen, []) { .object(items(of: $0, world)) }
    guard let first = chosen.first else { return Report(listing, "no packets yet") }
    let turns = message == nil ? turningPoints(world, since: first.sentAt, process, node) : []
    return Report([.picture(diagram(chosen, turns, world)), .table(listing.dataOnly)])
  }

  /// The events at nodes that explain the packets: processes stop and go on, nodes fail and recover.
  private static func turningPoints(
    _ world: any Cluster, since: Nanoseconds, _ process: ProcessID?, _ node: NodeID?
  ) -> [Log.Entry] {
    world.log.entries.reversed().prefix { $0.time >= since }.filter { entry in
      if let node, entry.node != node { return false }
      switch entry.event {
      case .cluster(.nodeAdded), .cluster(.nodeRemoved), .cluster(.networkChanged): return false
      case .cluster: return true
      case .fact(let fact): return fact.isTurningPoint && process.map { fact.concerns($0) } ?? true
      }
    }
    .reversed()
  }

  /// A packet as data.
  private static func items(of packet: PacketTrace.Record, _ world: any Cluster) -> [Report.Item] {
    [
      .init("sentAt", .time(packet.sentAt)), .init("leftAt", .time(packet.leftAt)),
      .init("arrivesAt", packet.isLost ? .none : .time(packet.arrivesAt)), .init("from", .node(packet.from)),
      .init("to", .node(packet.to)), .init("packet", .text(packet.name)), .init("cause", .word("\(packet.cause)")),
      .init("bytes", .size(packet.bytes)), .init("acknowledgements", .count(packet.riders)),
      .init("process", .optional(packet.process, Value.process)),
      .init("message", .optional(packet.message.flatMap { world.messages[$0] }) { .count($0.number) }),
    ]
  }

  private static func diagram(_ packets: [PacketTrace.Record], _ turns: [Log.Entry], _ world: any Cluster) -> String {
    let involved = Set(packets.flatMap { [$0.from, $0.to] } + turns.map(\.node)).sorted()
    let names = involved.map { world[$0].name }
    let lanes = Lanes(names)
    var rows: [(time: Nanoseconds, arrives: String, picture: String, text: String)] = []
    for packet in packets {
      let (from, to) = (involved.firstIndex(of: packet.from) ?? 0, involved.firstIndex(of: packet.to) ?? 0)
      let number = packet.message.flatMap { world.messages[$0] }.map { " \($0.number)" } ?? ""
      let about = packet.process.map { packet.message == nil ? ", \(world.name(of: $0))" : " to \(world.name(of: $0))" }
      let riders = packet.riders == 0 ? "" : " with \(counted(packet.riders, "acknowledgement"))"
      rows.append(
        (
          packet.sentAt, packet.isLost ? "lost" : formatInstant(packet.arrivesAt),
          lanes.arrow(from: from, to: to, isLost: packet.isLost),
          "\(packet.name)\(number)\(about ?? "")\(riders), \(formatSize(UInt64(packet.bytes)))"
        ))
    }
    for turn in turns {
      let lane = involved.firstIndex(of: turn.node) ?? 0
      rows.append((turn.time, "", lanes.point(lane), turn.event.text(in: world)))
    }
    // Packets and turning points are each in order already. At one instant the turning points come first.
    let order = rows.indices.sorted {
      rows[$0].time != rows[$1].time
        ? rows[$0].time < rows[$1].time
        : (rows[$0].arrives.isEmpty ? 0 : 1, $0) < (rows[$1].arrives.isEmpty ? 0 : 1, $1)
    }
    var table = Table("SENT>", "ARRIVES>", lanes.header, "WHAT")
    for place in order {
      table.add(formatInstant(rows[place].time), rows[place].arrives, rows[place].picture, rows[place].text)
    }
    return table.text
  }
}

/// One vertical line for each node.
private struct Lanes {
  /// The column of each vertical line.
  private let places: [Int]
  private let width: Int
  let header: String

  init(_ names: [String]) {
    var header = ""
    var places: [Int] = []
    for name in names {
      places.append(header.count)
      let gap = max(8, name.count + 2)
      header += name + String(repeating: " ", count: gap - name.count)
    }
    self.header = header.trimmedAtEnd
    self.places = places
    width = (places.last ?? 0) + 1
  }

  private var lines: [Character] {
    var row = [Character](repeating: " ", count: width)
    for place in places { row[place] = "│" }
    return row
  }

  func arrow(from: Int, to: Int, isLost: Bool) -> String {
    var row = lines
    let (start, end) = (places[from], places[to])
    for place in min(start, end)...max(start, end) { row[place] = row[place] == "│" ? "┼" : "─" }
    row[start] = "●"
    row[end] = isLost ? "╳" : start < end ? "▶" : "◀"
    return String(row)
  }

  func point(_ lane: Int) -> String {
    var row = lines
    row[places[lane]] = "◆"
    return String(row)
  }
}
