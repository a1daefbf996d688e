import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that show and write what the pages of a process hold.
extension Commands {
  static let memory: [Command] = [
    Command(
      "memory", [Memory.process], summary: "a map of the pages of a process: empty, written, or on another node",
      details: "Each character stands for a page, or for as many as it says.", examples: ["memory p1"],
      preparation: "node add a b; spawn p1; run 20ms", data: MemoryMap.shape, group: "Processes", effect: .nothing,
      run: memory),
    Command(
      "peek", [Memory.process, Memory.page], summary: "what a page holds",
      examples: ["peek p1 0"], preparation: "node add a b; spawn p1; run 20ms",
      data: .object([
        .init("process", .process, "whose page it is"), .init("page", .count, "its number"),
        .init(
          "word", .either([.count, .text]), "its first 64-bit word, as a text when it is above 9223372036854775807",
          isAlwaysThere: false),
        .init(
          "bytes", .text, "its first bytes in hexadecimal, up to the last that is not zero, at most 64",
          isAlwaysThere: false),
        .init("remoteOn", .node, "the node that has it, when that is another", isAlwaysThere: false),
      ]), group: "Processes", effect: .nothing,
      run: peek),
    Command(
      "poke", [Memory.process, Memory.page, Memory.text], summary: "write a text to the start of a page",
      examples: ["poke p1 3 \"hello\""], preparation: "node add a b; spawn p1; run 20ms", sequel: "peek p1 3",
      data: .object([.init("process", .process, "whose page it is"), .init("page", .count, "its number")]),
      group: "Processes", run: poke),
  ]

  /// The map of the pages of a process that a command names.
  static func memoryMap(
    _ call: Invocation, of process: Parameter<ProcessDirectory.Record>, _ session: borrowing Session
  ) throws(SessionError) -> MemoryMap {
    let record = try call[process]
    guard let view = session.state.world.view(of: record.id) else {
      throw call.refuseMoving(record, at: call.span(of: process))
    }
    return MemoryMap(record, view, in: session.state.world, isInterrupted: session.isInterrupted)
  }

  /// A process with a memory to look at: one that has started, and is on one node.
  private static func memoryOwner(_ call: Invocation) throws(SessionError) -> (ProcessDirectory.Record, ProcessView) {
    let record = try call[Memory.process]
    guard let process = call.evaluator.world.view(of: record.id) else {
      throw call.refuseMoving(record, at: call.span(of: Memory.process))
    }
    return (record, process)
  }

  private static func memory(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let map = try memoryMap(call, of: Memory.process, session)
    return Report([.sentence(map.headline), .drawing(map.picture), .facts(map.items)])
  }

  private static func page(_ call: Invocation, of process: ProcessView) throws(SessionError) -> Int {
    Int(try call.integer(call[Memory.page], in: 0...Int64(process.pageCount - 1), "a page of this process"))
  }

  private static func peek(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, process) = try memoryOwner(call)
    let page = try page(call, of: process)
    guard let contents = process.contents(ofPage: page) else {
      let node = process.holder(ofPage: page).map { session.state.world.name(of: $0) } ?? "another node"
      return Report(
        "page \(page) of \(record.name) is still on \(node)", .init("process", .process(record.id)),
        .init("page", .count(page)), .init("remoteOn", .text(node)))
    }
    let word = contents.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
    let last = contents.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    let shown = contents.prefix(min(last, 64))
    let bytes = shown.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: " ")
    let isText = last > 0 && shown.allSatisfy { (32...126).contains($0) }
    var items: [Report.Item] = [
      .init("process", .process(record.id)),
      .init("page", .count(page), label: "page", shown: "\(page) of \(record.name)"),
      .init("word", word <= UInt64(Int64.max) ? .count(word) : .text("\(word)"), label: "word"),
      .init("bytes", .text(bytes), label: last > 0 ? "bytes" : nil, shown: bytes + (last > shown.count ? " …" : "")),
    ]
    if isText { items.append(.init(label: "text", String(decoding: shown, as: UTF8.self))) }
    return Report([.facts(items)])
  }

  private static func poke(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, process) = try memoryOwner(call)
    let page = try page(call, of: process)
    guard process.hasStarted else {
      throw call.refuse(
        "process `\(record.name)` has not started and has no memory contents yet", at: call.span(of: Memory.process),
        remedy: "`start \(record.name)` first")
    }
    let bytes = Array(try call[Memory.text].utf8)
    guard bytes.count <= process.pageSize else {
      throw call.refuse("the text is longer than a page", at: call.span(of: Memory.text))
    }
    guard process.state(ofPage: page) != .remote else {
      throw call.refuse("page \(page) is still on another node", at: call.span(of: Memory.page))
    }
    guard let node = session.state.world.location(of: record.id),
      session.state.world.standing(of: record.id)?.departure == nil
    else {
      throw call.refuse("process `\(record.name)` is being migrated", at: call.span(of: Memory.process))
    }
    session.state.world.apply(.request(.poke(record.id, page: page, bytes: bytes), of: node))
    return Report(
      "wrote \(counted(bytes.count, "byte")) to page \(page) of \(record.name)", .init("process", .process(record.id)),
      .init("page", .count(page)))
  }
}

private enum Memory {
  static let process = Parameter("P", .liveProcess)
  static let page = Parameter("PAGE", .argument(.page))
  static let text = Parameter("TEXT", .word(.message))
}
