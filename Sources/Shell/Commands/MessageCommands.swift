import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Messages between processes, and the ways they took.
extension Commands {
  static let messages: [Command] = [
    Command(
      "send", [Send.from, Send.to, Send.text], flags: [Send.size, Send.count, Send.every],
      summary: "let one process send a message to another",
      details: "The message is on its way: it arrives as time passes.",
      examples: ["send p1 p2 \"hello\"", "send p1 p2 \"tick\" --count 10 --every 5ms"],
      preparation: "node add a b; spawn p1 --program echo; spawn p2 --on b --program idle",
      sequel: "run 10ms; message show 1",
      data: .object([
        .init("message", .count, "the number of the first message"), .init("from", .process, "who sends"),
        .init("to", .process, "who should receive"), .init("size", .size, "the body of each"),
        .init("count", .count, "how many are sent"), .init("every", .time, "from one to the next"),
      ]), group: "Messages", run: send),
    Command(
      "inbox", [inboxOwner], summary: "messages that a process has not received yet",
      examples: ["inbox p2"],
      preparation:
        "node add a b; spawn p1 --program echo; spawn p2 --on b; send p1 p2 \"hello\"; run 10ms",
      data: .rows([
        .init("from", .text, "who sent it"), .init("text", .text, "what it says"), .init("size", .size, "its body"),
        .init("sentAt", .optional(.time), "when it was sent; null when that is forgotten"),
        .init("hops", .count, "steps from one kernel to another"),
      ]), group: "Messages", effect: .nothing, run: inbox),
    Command(
      "message list", flags: [lastMessages],
      summary: "the latest messages", examples: ["message list", "message list --last 1"],
      preparation:
        "node add a b; spawn p1 --program echo; spawn p2 --on b --program idle; send p2 p1 \"hello\"; run 10ms",
      data: .list(.shared(.message)), group: "Messages", effect: .nothing,
      run: listMessages),
    Command(
      "messages",
      flags: [PacketChoice.last, PacketChoice.message, PacketChoice.process, PacketChoice.node],
      summary: "a space-time diagram: nodes side by side, time downwards, an arrow for each packet",
      examples: ["messages", "messages --process p1 --node b --last 40"],
      preparation: "node add a b; spawn p1 --pages 2; run 20ms; migrate p1 b", data: .list(.shared(.packet)),
      group: "Messages",
      effect: .nothing, run: drawMessages),
    Command(
      "message show", [shownMessage], summary: "every step of one message, with its times",
      details: """
        A message waits on its way, is delivered, is returned (its sender was told that it may not have been delivered), \
        or is lost (with its sender, before it was delivered). Kind 1 reached the source of a migration before the process \
        ran at its destination; kind 2 was sent before that and came after; kind 3 was sent after.
        """, examples: ["message show 1"],
      preparation:
        "node add a b; spawn p1 --program echo; spawn p2 --on b --program idle; migrate p1 b; send p2 p1 \"hello\"; run 10ms",
      data: .shared(.message), group: "Messages", effect: .nothing, run: showMessage),
  ]

  private static let inboxOwner = Parameter("P", .liveProcess)
  private static let lastMessages = Flag("last", .count(in: 1...1_000_000, "a number of messages"), "how many (20)")
  private static let shownMessage = Parameter("N", .messageNumber)

  private static func send(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let from = try call[Send.from]
    let to = try call[Send.to]
    let text = try call[Send.text]
    let size = try call[Send.size]
    let count = try call[Send.count] ?? 1
    let every = try call[Send.every] ?? 0
    let world = session.state.world
    guard let node = world.location(of: from.id), let standing = world.standing(of: from.id), standing.isHere,
      !standing.isFrozenForMigration
    else {
      throw call.refuseMoving(from, at: call.span(of: Send.from))
    }
    if let size, size < UInt64(text.utf8.count) {
      throw call.refuse(
        "the text alone has \(counted(text.utf8.count, "byte"))", at: call.span(of: Send.size),
        expected: "a size of at least \(formatSize(UInt64(text.utf8.count)))")
    }
    let bytes = UInt32(clamping: max(size ?? 0, UInt64(text.utf8.count)))
    let first = world.messages.accepted + 1
    session.effort?.spend(count * Effort.message)
    try session.requireWorkLeft(call)
    for number in 0..<UInt64(count) {
      let request = Request.send(from: from.id, to: to.id, text: text, size: bytes)
      if number % 1024 == 1023 {
        session.meter?.note(items: Int(number), of: Int(count))
        if session.isInterrupted() {
          session.state.world = world
          throw session.interruption(at: call.call.span, in: call.source)
        }
      }
      if number == 0 || every == 0 {
        session.state.world.apply(.request(request, of: node))
      } else {
        session.state.world.apply(.requestLater(request, about: from.id, at: world.now + number * every))
      }
    }
    let rhythm = count > 1 ? ", \(count) of them\(every > 0 ? ", one every \(formatTime(every))" : "")" : ""
    return Report(
      "message \(first): \(from.name) to \(to.name), \(formatSize(UInt64(bytes)))\(rhythm)",
      .init("message", .count(first)), .init("from", .process(from.id)), .init("to", .process(to.id)),
      .init("size", .size(bytes)), .init("count", .count(count)), .init("every", .time(every)))
  }

  private static func inbox(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[inboxOwner]
    guard let process = world.view(of: record.id) else {
      throw call.refuseMoving(record, at: call.span(of: inboxOwner))
    }
    // A message does not say when it was sent, but the ledger does, as long as it keeps the message.
    let sentAt = Dictionary(
      world.messages.all.lazy.filter { $0.id.to == record.id }.map { ($0.id, $0.acceptedAt) }, uniquingKeysWith: max)
    let (from, size, hops, text) = (
      Column<Message>("FROM", "from") { .process($0.id.from) }, Column<Message>("SIZE>", "size") { .size($0.size) },
      Column<Message>("HOPS>", "hops") { .count($0.hops) },
      Column<Message>(
        "TEXT", "text", { .text($0.text) },
        shown: { quoted($0.text) }
      )
    )
    let sent = Column<Message>(
      "SENT>", "sentAt",
      { message in
        .optional(sentAt[message.id]) { .time($0) }
      },
      shown: { sentAt[$0.id].map(formatTime) ?? "-" }
    )
    return Report(
      Listing(process.inbox, [from, size, sent, hops, text], data: { [from, text, size, sent, hops] }),
      whenEmpty: "no message waits for \(record.name)")
  }

  /// A text as one line, without any control characters.
  static func quoted(_ text: String, most: Int = 60) -> String {
    var result = "\""
    for character in text.prefix(most) {
      switch character {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\"", "\\", "$": result += "\\\(character)"
      default: result.append(character.isWhitespace && character != " " ? "\u{FFFD}" : character)
      }
    }
    return result + (text.count > most ? "…\"" : "\"")
  }

  private static func listMessages(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let shown = world.messages.all.suffix(try call[lastMessages] ?? 20)
    let columns: [Column<MessageRecord>] = [
      MessageColumns.number, MessageColumns.from, MessageColumns.to, MessageColumns.acceptedAt, MessageColumns.status,
      Column(shown: "DELAY>") { $0.delay.map(formatTime) ?? "" }, MessageColumns.hops,
      Column(shown: "TEXT") { quoted($0.text, most: 30) },
    ]
    return Report(
      Listing(shown, columns, data: { MessageColumns.data(in: world) }), whenEmpty: "no messages yet")
  }

  private static func showMessage(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let number = try call[shownMessage]
    guard let record = world.messages[number] else {
      throw call.refuse(
        "there is no message \(number), or not any more", at: call.span(of: shownMessage),
        remedy: "`message list` shows the latest")
    }
    let headline = """
      message \(record.number): \(world.name(of: record.id.from)) to \(world.name(of: record.id.to)), \
      \(formatSize(UInt64(record.size))), \(record.status.rawValue), \(quoted(record.text))
      """
    return Report([
      .sentence(headline), .table(MessageColumns.steps(of: record, in: world)),
      .facts(MessageColumns.data(in: world).compactMap { $0.item(record) }),
    ])
  }
}

/// The columns of messages, and the members of a message in data.
private enum MessageColumns {
  static let number = Column<MessageRecord>("N>", "message") { .count($0.number) }
  static let from = Column<MessageRecord>("FROM", "from") { .process($0.id.from) }
  static let to = Column<MessageRecord>("TO", "to") { .process($0.id.to) }
  static let acceptedAt = Column<MessageRecord>("SENT>", "acceptedAt") { .time($0.acceptedAt) }
  static let status = Column<MessageRecord>("STATUS", "status") { .word($0.status.rawValue) }
  static let hops = Column<MessageRecord>(
    "HOPS>", "hops",
    {
      .count($0.hops)
    },
    shown: { $0.status == .delivered ? "\($0.hops)" : "" }
  )

  /// The members in data, in order.
  static func data(in world: any Cluster) -> [Column<MessageRecord>] {
    [
      number, from, to, Column(nil, "sequence") { .count($0.id.sequence) }, Column(nil, "text") { .text($0.text) },
      Column(nil, "size") { .size($0.size) }, status, acceptedAt,
      Column(nil, "deliveredAt") { .optional($0.deliveredAt) { .time($0) } }, hops,
      Column(data: "steps") { steps(of: $0, in: world).datum },
    ]
  }

  static func steps(of record: MessageRecord, in world: any Cluster) -> Listing {
    typealias Step = MessageRecord.Step
    let time = Column<Step>(
      "TIME>", "time", { .time($0.time) },
      shown: { formatInstant($0.time) }
    )
    let node = Column<Step>("NODE", "node") { .node($0.node) }
    let bytes = Column<Step>("BYTES>", "bytes") { .optional($0.bytes) { .size($0) } }
    let kind = Column<Step>(nil, "kind") { .optional($0.fact.kind) { .count($0.rawValue) } }
    let what = Column<Step>("WHAT", "what") { .text(messageText($0.fact, record, world)) }
    return Listing(record.steps, [time, node, bytes, kind, what])
  }
}

private enum Send {
  static let from = Parameter("FROM", .liveProcess)
  static let to = Parameter("TO", .process)
  static let text = Parameter("TEXT", .word(.message))
  static let size = Flag(
    "size", .size(in: 0...Int64(UInt32.max / 2), "the size of a message"),
    "bytes of the message's body (those of the text)")
  static let count = Flag("count", .count(in: 1...1_000_000, "a number of messages"), "how many (1)")
  static let every = Flag(
    "every", .time(in: 0...3_600_000_000_000, "the time between messages"), "time between one and the next (none)")
}

extension Reader where Result == Int {
  static var messageNumber: Reader { count(in: 1...Int.max, "the number of a message") }
}
