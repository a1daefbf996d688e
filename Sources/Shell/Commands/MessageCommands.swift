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
      examples: ["send p1 p2 \"hello\"", "send p1 p2 \"tick\" --count 10 --every 5ms"], group: "Messages", run: send),
    Command(
      "inbox", [inboxOwner], summary: "messages that a process has not received yet",
      group: "Messages", effect: .nothing, run: inbox),
    Command(
      "message list", flags: [lastMessages],
      summary: "the latest messages", group: "Messages", effect: .nothing, run: listMessages),
    Command(
      "messages",
      flags: [DrawnPackets.last, DrawnPackets.message, DrawnPackets.process, DrawnPackets.node],
      summary: "a space-time diagram: nodes side by side, time downwards, an arrow for each packet",
      examples: ["messages", "messages --process p1 --last 40"], group: "Messages", effect: .nothing, run: drawMessages),
    Command(
      "message show", [shownMessage], summary: "every step of one message, with its times",
      details: """
        Kind 1 reached the source of a migration before the process ran at its destination; kind 2 was sent before that and \
        came after; kind 3 was sent after.
        """, group: "Messages", effect: .nothing, run: showMessage),
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
    for number in 0..<UInt64(count) {
      let request = Request.send(from: from.id, to: to.id, text: text, size: bytes)
      if number % 1024 == 1023 { try call.goOn(session) }
      if number == 0 || every == 0 {
        session.state.world.apply(.request(request, of: node))
      } else {
        session.state.world.apply(.requestLater(request, about: from.id, at: world.now + number * every))
      }
    }
    let rhythm = count > 1 ? ", \(count) of them\(every > 0 ? ", one every \(formatTime(every))" : "")" : ""
    return Report(
      text: "message \(first): \(from.name) to \(to.name), \(formatSize(UInt64(bytes)))\(rhythm)",
      data: .object([
        ("message", .integer(Int64(clamping: first))), ("from", .string(from.name)), ("to", .string(to.name)),
        ("size", .integer(Int64(bytes))), ("count", .integer(Int64(count))),
        ("every", .integer(Int64(clamping: every))),
      ]))
  }

  private static func inbox(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call[inboxOwner]
    guard let process = world.view(of: record.id) else {
      throw call.refuseMoving(record, at: call.span(of: inboxOwner))
    }
    // A message does not say when it was sent: the ledger does, as long as it keeps it.
    let sentAt = Dictionary(
      world.messages.all.lazy.filter { $0.id.to == record.id }.map { ($0.id, $0.acceptedAt) }, uniquingKeysWith: max)
    var table = Table("FROM", "SIZE>", "SENT>", "HOPS>", "TEXT")
    var data: [JSON] = []
    for message in process.inbox {
      let sender = world.name(of: message.id.from)
      table.add(
        sender, formatSize(UInt64(message.size)), sentAt[message.id].map(formatTime) ?? "-", "\(message.hops)",
        quoted(message.text))
      data.append(
        .object([
          ("from", .string(sender)), ("text", .string(message.text)), ("size", .integer(Int64(message.size))),
          ("sentAt", sentAt[message.id].map { .integer(Int64(clamping: $0)) } ?? .null),
          ("hops", .integer(Int64(message.hops))),
        ]))
    }
    return Report(text: data.isEmpty ? "no message waits for \(record.name)" : table.text, data: .array(data))
  }

  /// A text as one line, without anything that a terminal would obey.
  static func quoted(_ text: String, most: Int = 60) -> String {
    var result = "\""
    for character in text.prefix(most) {
      switch character {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\"", "\\": result += "\\\(character)"
      default: result.append(character.isWhitespace && character != " " ? "\u{FFFD}" : character)
      }
    }
    return result + (text.count > most ? "…\"" : "\"")
  }

  private static func messageData(_ record: MessageRecord, _ world: World) -> JSON {
    .object([
      ("message", .integer(Int64(record.number))), ("from", .string(world.name(of: record.id.from))),
      ("to", .string(world.name(of: record.id.to))), ("sequence", .integer(Int64(record.id.sequence))),
      ("text", .string(record.text)), ("size", .integer(Int64(record.size))),
      ("status", .string(record.status.rawValue)), ("acceptedAt", .integer(Int64(clamping: record.acceptedAt))),
      ("deliveredAt", record.deliveredAt.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("hops", .integer(Int64(record.hops))),
      (
        "steps",
        .array(
          record.steps.map { step in
            .object([
              ("time", .integer(Int64(clamping: step.time))), ("node", .string(world[step.node].name)),
              ("bytes", step.bytes.map { .integer(Int64($0)) } ?? .null),
              ("kind", step.fact.kind.map { .integer(Int64($0.rawValue)) } ?? .null),
              ("what", .string(messageText(step.fact, world))),
            ])
          })
      ),
    ])
  }

  private static func listMessages(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let most = try call[lastMessages] ?? 20
    var table = Table("N>", "FROM", "TO", "SENT>", "STATUS", "DELAY>", "HOPS>", "TEXT")
    let shown = world.messages.all.suffix(most)
    for record in shown {
      table.add(
        "\(record.number)", world.name(of: record.id.from), world.name(of: record.id.to),
        formatTime(record.acceptedAt), record.status.rawValue,
        record.delay.map(formatTime) ?? "",
        record.status == .delivered ? "\(record.hops)" : "", quoted(record.text, most: 30))
    }
    return Report(
      text: shown.isEmpty ? "no messages yet" : table.text, data: .array(shown.map { messageData($0, world) }))
  }

  private static func showMessage(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let number = try call[shownMessage]
    guard let record = world.messages[number] else {
      throw call.refuse(
        "there is no message \(number), or not any more", at: call.span(of: shownMessage),
        remedy: "`message list` shows the latest")
    }
    var table = Table("TIME>", "NODE", "BYTES>", "WHAT")
    for step in record.steps {
      let bytes = step.bytes.map { formatSize(UInt64($0)) } ?? ""
      table.add(formatInstant(step.time), world.name(of: step.node), bytes, messageText(step.fact, world))
    }
    let headline = """
      message \(record.number): \(world.name(of: record.id.from)) to \(world.name(of: record.id.to)), \
      \(formatSize(UInt64(record.size))), \(record.status.rawValue), \(quoted(record.text))

      """
    return Report(text: headline + table.text, data: messageData(record, world))
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
