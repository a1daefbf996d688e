import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What `messages` draws as one arrow: a packet, or several parts of one thing with nothing that goes the same way between
/// them.
struct DrawnPackets {
  /// The first of them.
  private(set) var first: PacketTrace.Record
  private let last: PacketTrace.Record
  private(set) var count = 1
  private(set) var bytes: Int

  init(_ packet: PacketTrace.Record) { (first, last, bytes) = (packet, packet, packet.bytes) }

  /// Takes up a packet that was sent before, if both are parts of the same thing.
  ///
  /// - Returns: whether they are.
  mutating func add(before packet: PacketTrace.Record) -> Bool {
    guard packet.isPart, first.isPart, packet.process == first.process, packet.message == first.message,
      packet.isLost == first.isLost
    else { return false }
    first = packet
    count += 1
    bytes += packet.bytes
    return true
  }

  /// What they are.
  var title: String {
    guard first.isPart else { return first.name }
    return "\(count == 1 ? "part" : "\(count) parts") of \(first.message == nil ? "a handover" : "message")"
  }

  /// When the last of them has left, and has come.
  var leftAt: Nanoseconds { last.leftAt }
  var arrivesAt: Nanoseconds { last.arrivesAt }
}

/// Which packets `messages` draws.
enum PacketChoice {
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
    let most = try call[PacketChoice.last] ?? 20
    let process = try call[PacketChoice.process]?.id
    let node = try call[PacketChoice.node]
    var message: MessageID?
    if let number = try call[PacketChoice.message] {
      guard let record = world.messages[number] else {
        throw call.refuse(
          "there is no message \(number), or not any more", at: call.span(of: PacketChoice.message),
          remedy: "`message list` shows the latest")
      }
      message = record.id
    }
    var chosen: [DrawnPackets] = []
    /// What was sent each way after all those that have not been looked at.
    var next: [NodeID: [NodeID: Int]] = [:]
    for packet in world.packets.all.reversed() {
      if let process, packet.process != process, packet.message?.from != process { continue }
      if let node, packet.from != node, packet.to != node { continue }
      if let message, packet.message != message { continue }
      if let place = next[packet.from]?[packet.to], chosen[place].add(before: packet) { continue }
      if chosen.count == most { break }
      next[packet.from, default: [:]][packet.to] = chosen.count
      chosen.append(DrawnPackets(packet))
    }
    chosen.reverse()
    let find = world.messages.finder
    let listing = Listing(chosen, []) { .object(items(of: $0, find)) }
    guard let first = chosen.first else { return Report(listing, "no packets yet") }
    let turns = message == nil ? turningPoints(world, since: first.first.sentAt, process, node) : []
    return Report([.picture(diagram(chosen, turns, world, find)), .table(listing.dataOnly)])
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

  /// Packets of one arrow as data.
  private static func items(
    of drawn: DrawnPackets, _ find: (MessageID) -> MessageRecord?
  ) -> [Report.Item] {
    let packet = drawn.first
    return [
      .init("sentAt", .time(packet.sentAt)), .init("leftAt", .time(drawn.leftAt)),
      .init("arrivesAt", packet.isLost ? .none : .time(drawn.arrivesAt)), .init("from", .node(packet.from)),
      .init("to", .node(packet.to)), .init("packet", .text(packet.name)), .init("cause", .word("\(packet.cause)")),
      .init("packets", .count(drawn.count)), .init("bytes", .size(drawn.bytes)),
      .init("acknowledgements", .count(packet.riders)),
      .init("process", .optional(packet.process, Value.process)),
      .init("message", .optional(packet.message.flatMap(find)) { .count($0.number) }),
    ]
  }

  private static func diagram(
    _ packets: [DrawnPackets], _ turns: [Log.Entry], _ world: any Cluster,
    _ find: @escaping (MessageID) -> MessageRecord?
  ) -> String {
    let involved = Set(packets.flatMap { [$0.first.from, $0.first.to] } + turns.map(\.node)).sorted()
    let names = involved.map { world[$0].name }
    let lanes = Lanes(names)
    var rows: [(time: Nanoseconds, arrives: String, picture: String, text: String)] = []
    for drawn in packets {
      let packet = drawn.first
      let (from, to) = (involved.firstIndex(of: packet.from) ?? 0, involved.firstIndex(of: packet.to) ?? 0)
      let number = packet.message.flatMap(find).map { " \($0.number)" } ?? ""
      let about = packet.process.map { packet.message == nil ? ", \(world.name(of: $0))" : " to \(world.name(of: $0))" }
      let riders = packet.riders == 0 ? "" : " with \(counted(packet.riders, "acknowledgement"))"
      rows.append(
        (
          packet.sentAt, packet.isLost ? "lost" : formatInstant(drawn.arrivesAt),
          lanes.arrow(from: from, to: to, isLost: packet.isLost),
          "\(drawn.title)\(number)\(about ?? "")\(riders), \(formatSize(UInt64(drawn.bytes)))"
        ))
    }
    for turn in turns {
      let lane = involved.firstIndex(of: turn.node) ?? 0
      rows.append((turn.time, "", lanes.point(lane), turn.event.text(in: world, find: find)))
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
