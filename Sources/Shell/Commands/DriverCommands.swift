import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Drivers that do something wrong with packets, and new ones.
extension Commands {
  static let drivers: [Command] = [
    spoiling(
      .loses, "lose", "the driver of a node loses each packet of a kind that the node sends",
      """
      It tells its kernel that the packet has left, and no node gets it. Connections keep safe only what a driver has given \
      them, so nobody is told. Packets of other kinds go as they should. KIND is what `messages` calls the packet, with - \
      for spaces and without a question mark. An acknowledgement that rides on another packet goes where that one goes.
      """, example: "driver lose a accept", "node add a b; spawn p1 --on b",
      sequel: "migrate p1 a --async; run 50ms; messages"),
    spoiling(
      .repeats, "repeat", "the driver of a node sends each packet of a kind twice",
      """
      The second goes right behind the first, and takes as long. It is on no migration's bill. KIND is as with `driver lose`.
      """, example: "driver repeat a message", "node add a b; spawn p1; spawn p2 --on b --program idle",
      sequel: "send p1 p2 \"hello\"; run 50ms; messages"),
    spoiling(
      .alters, "alter", "the driver of a node alters each packet of a kind that the node sends",
      """
      It turns over every bit of the byte that says what kind of packet it is. So the receiver cannot read it, drops it, and \
      says so in its log. KIND is as with `driver lose`.
      """, example: "driver alter a acknowledged", "node add a b; spawn p1; spawn p2 --on b --program idle",
      sequel: "send p2 p1 \"hello\"; run 50ms; log --last 3"),
    Command(
      "driver replace", [DriverParts.node], summary: "give a node a new driver, without faults",
      details: """
        The kernel does not notice, and what the old one has lost stays lost. Nothing shows whether the old one had a fault, \
        but what it did to packets.
        """,
      examples: ["driver replace a"], preparation: "node add a b; driver lose a accept",
      data: .object([
        .init("node", .node, "the node"), .init("newDrivers", .count, "how many new drivers it has been given"),
      ]), group: "Cluster", run: replaceDriver),
  ]

  private static func spoiling(
    _ manner: DriverFault.Manner, _ verb: String, _ summary: String, _ details: String, example: String,
    _ preparation: String, sequel: String
  ) -> Command {
    Command(
      "driver \(verb)", [DriverParts.node, DriverParts.packet], flags: [DriverParts.oneIn], summary: summary,
      details: details, examples: [example, "\(example) --one-in 3"], preparation: preparation, sequel: sequel,
      data: .object([
        .init("node", .node, "the node that sends"),
        .init("packet", .text, "the kind of packet, as `messages` calls it"),
        .init("driver", .word(DriverFault.Manner.allCases.map(\.rawValue)), "what its driver does from now on"),
        .init("oneIn", .count, "to one in so many of these packets"),
      ]), group: "Cluster"
    ) { (session, call) throws(SessionError) in try spoilDriver(&session, call, manner) }
  }

  private static func spoilDriver(
    _ session: inout Session, _ call: Invocation, _ manner: DriverFault.Manner
  ) throws(SessionError) -> Report {
    let node = try call[DriverParts.node]
    let packet = try call[DriverParts.packet]
    let period = try call[DriverParts.oneIn] ?? 1
    session.state.world.apply(.spoilDriver(node, DriverFault(packet, manner, oneIn: UInt64(period))))
    let name = session.state.world[node].name
    let (count, noun) = period == 1 ? ("every", "packet") : ("one in \(period)", "packets")
    let kind = quoted(packet.text.description)
    return Report(
      "from now on the driver of \(name) \(manner.rawValue) \(count) \(kind) \(noun) that \(name) sends",
      .init("node", .node(node)), .init("packet", .text(packet.text.description)),
      .init("driver", .word(manner.rawValue)), .init("oneIn", .count(period)))
  }

  private static func replaceDriver(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let node = try call[DriverParts.node]
    session.state.world.apply(.replaceDriver(node))
    let world = session.state.world
    return Report(
      "\(world[node].name) has a new driver", .init("node", .node(node)),
      .init("newDrivers", .count(world[node].newDrivers)))
  }
}

private enum DriverParts {
  static let node = Parameter("NODE", .node)
  static let packet = Parameter("KIND", .packetName)
  static let oneIn = Flag("one-in", .count(in: 1...1_000_000, "a number of packets"), "only one in so many (1)")
}

extension Reader where Result == PacketName {
  /// The kind of a packet that a driver can do something to.
  static var packetName: Reader {
    let words = DriverFault.packets.map(\.word)
    return Reader(kind: .word(words)) { (argument, call) throws(SessionError) in
      let word = try call.word(argument, of: words)
      guard let packet = DriverFault.packets.first(where: { $0.word == word }) else {
        throw call.refuse("`\(word)` is no kind of packet", at: argument.span)
      }
      return packet
    }
  }
}
