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
  static let flags: [any FlagDeclaration] = [last, message, process, node]
}

extension Commands {
  static func drawMessages(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let diagram = try SpaceTimeDiagram(call, in: session.state.world)
    guard !diagram.isEmpty else { return Report(diagram.listing, "no packets yet") }
    return Report([.drawing(diagram.picture), .table(diagram.listing.dataOnly)])
  }
}

/// Nodes side by side and time downwards. Each packet is an arrow, in the row of the instant when the network got it. Rows
/// between the arrows say what happened at a node.
struct SpaceTimeDiagram {
  private var packets: [DrawnPackets] = []
  private var turns: [Log.Entry] = []
  /// How many packets were sent that were asked for and are not drawn.
  private var leftOut = 0
  private let world: any Cluster
  private let find: @Sendable (MessageID) -> MessageRecord?

  /// Nothing has been sent that was asked for.
  var isEmpty: Bool { packets.isEmpty }

  /// The packets that a command asks for with the flags of `PacketChoice`.
  init(_ call: Invocation, in world: any Cluster) throws(SessionError) {
    self.world = world
    find = world.messages.finder
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
    /// What was sent each way after all those that have not been looked at.
    var next: [NodeID: [NodeID: Int]] = [:]
    for packet in world.packets.all.reversed() {
      if let process, packet.process != process, packet.message?.from != process { continue }
      if let node, packet.from != node, packet.to != node { continue }
      if let message, packet.message != message { continue }
      if leftOut > 0 {
        leftOut += 1
        continue
      }
      if let place = next[packet.from]?[packet.to], packets[place].add(before: packet) { continue }
      if packets.count == most {
        leftOut = 1
        continue
      }
      next[packet.from, default: [:]][packet.to] = packets.count
      packets.append(DrawnPackets(packet))
    }
    packets.reverse()
    if let first = packets.first, message == nil {
      turns = Self.turningPoints(world, since: first.first.sentAt, process, node)
    }
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

  /// The packets as data.
  var listing: Listing {
    let find = find
    return Listing(packets, []) { .object(Self.items(of: $0, find)) }
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

  // MARK: - Picture

  /// What the packets of one arrow are.
  private func text(_ drawn: DrawnPackets) -> String {
    let packet = drawn.first
    let number = packet.message.flatMap(find).map { " \($0.number)" } ?? ""
    let about = packet.process.map { packet.message == nil ? ", \(world.name(of: $0))" : " to \(world.name(of: $0))" }
    let riders = packet.riders == 0 ? "" : " with \(counted(packet.riders, "acknowledgement"))"
    return "\(drawn.title)\(number)\(about ?? "")\(riders), \(formatSize(UInt64(drawn.bytes)))"
  }

  var diagram: SequenceDiagram {
    let involved = Set(packets.flatMap { [$0.first.from, $0.first.to] } + turns.map(\.node)).sorted()
    let lanes = Dictionary(uniqueKeysWithValues: involved.enumerated().map { ($1, $0) })
    let points = turns.map { turn in
      SequenceDiagram.Row(
        time: turn.time, mark: .point(lane: lanes[turn.node] ?? 0), text: turn.event.text(in: world, find: find))
    }
    let arrows = packets.map { drawn in
      SequenceDiagram.Row(
        time: drawn.first.sentAt,
        mark: .arrow(
          from: lanes[drawn.first.from] ?? 0, to: lanes[drawn.first.to] ?? 0,
          arrival: drawn.first.isLost ? nil : drawn.arrivesAt),
        text: text(drawn))
    }
    // Packets and turning points are each in order already. At one instant the turning points come first.
    let rows = points + arrows
    let order = rows.indices.sorted { (rows[$0].time, $0) < (rows[$1].time, $1) }
    return SequenceDiagram(lanes: involved.map { world[$0].name }, rows: order.map { rows[$0] })
  }

  var picture: Picture {
    let diagram = diagram
    var picture = Picture(
      title: "messages between \(diagram.lanes.joined(separator: ", "))", sentences: sentences(diagram),
      content: .sequence(diagram), showsTitle: false, tellsTitle: true)
    if leftOut > 0 {
      picture.remarks.append("\(counted(leftOut, "earlier packet")) left out; `--last N` shows more")
    }
    return picture
  }

  /// So many equal packets in a row, or more, are told together.
  private static let fewestTogether = 3

  private func sentences(_ diagram: SequenceDiagram) -> [String] {
    var sentences: [String] = []
    var rest = diagram.rows[...]
    while let row = rest.first {
      let alike = rest.prefix { Self.isAlike($0, row) }
      if alike.count >= Self.fewestTogether, let last = alike.last {
        sentences.append(sentence(row, to: last, count: alike.count, diagram.lanes))
        rest = rest.dropFirst(alike.count)
      } else {
        sentences.append(sentence(row, diagram.lanes))
        rest = rest.dropFirst()
      }
    }
    return sentences
  }

  /// Whether both are packets that arrive, go the same way, and are the same.
  private static func isAlike(_ row: SequenceDiagram.Row, _ other: SequenceDiagram.Row) -> Bool {
    guard case .arrow(let from, let to, .some) = row.mark, case .arrow(let start, let end, .some) = other.mark else {
      return false
    }
    return from == start && to == end && row.text == other.text
  }

  /// Equal packets in a row.
  private func sentence(
    _ first: SequenceDiagram.Row, to last: SequenceDiagram.Row, count: Int, _ lanes: [String]
  ) -> String {
    guard case .arrow(let from, let to, let arrival?) = last.mark else { return sentence(first, lanes) }
    return
      "\(formatInstant(first.time)) to \(formatInstant(last.time)), \(lanes[from]) to \(lanes[to]): \(count) times "
      + "\(first.text); the last arrives at \(formatInstant(arrival))."
  }

  private func sentence(_ row: SequenceDiagram.Row, _ lanes: [String]) -> String {
    switch row.mark {
    case .point(let lane): return "\(formatInstant(row.time)), \(lanes[lane]): \(row.text)."
    case .arrow(let from, let to, let arrival):
      let arrives = arrival.map { "arrives at \(formatInstant($0))" } ?? "is lost"
      return "\(formatInstant(row.time)), \(lanes[from]) to \(lanes[to]): \(row.text); \(arrives)."
    }
  }
}
