import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Programs and processes: declared, created, stopped, looked at.
extension Commands {
  private static let one = [ParameterSpec(name: "P", kind: .process)]
  private static let several = [ParameterSpec(name: "P", kind: .process, arity: .many)]

  static let processes: [Command] = [
    Command("program list", summary: "the programs there are", group: "Processes", effect: .nothing, run: listPrograms),
    Command(
      "program show", [ParameterSpec(name: "NAME", kind: .program)], summary: "a program's source", group: "Processes",
      effect: .nothing, run: showProgram),
    Command(
      "spawn", [ParameterSpec(name: "NAME", kind: .newName)],
      flags: [
        FlagSpec(name: "on", value: .node, summary: "the node (the first that is up)"),
        FlagSpec(name: "pages", value: .count, summary: "pages of the address space (64)"),
        FlagSpec(name: "program", value: .program, valueName: "PROGRAM", summary: "what it executes (counter)"),
        FlagSpec(name: "threads", value: .count, summary: "threads that execute the program (1)"),
        FlagSpec(name: "count", value: .count, summary: "create several: NAME1, NAME2, …"),
        FlagSpec(
          name: "set", value: .assignment, summary: "a value for a variable of the program", repeatable: true),
        FlagSpec(
          name: "forwarding", value: .word(forwardingNames), valueName: "MECHANISM",
          summary: "how messages find it once it has moved (that of `set forwarding`)"),
        FlagSpec(
          name: "parent", value: .process, summary: "it joins the family of this process, on the same node unless --on"),
        FlagSpec(name: "inseparable", summary: "its family is moved together or not at all"),
        FlagSpec(name: "hold", summary: "create it, but do not start it"),
      ],
      summary: "create a process and start it",
      details: "Variables of the program that `--set` leaves out are taken from the shell's variables.",
      examples: ["spawn p1", "spawn p2 --on a --pages 256 --program hot", "spawn q --program pinger --set peer=p1"],
      group: "Processes", run: spawn),
    Command("start", several, summary: "start processes created with --hold", group: "Processes", run: start),
    Command("kill", several, summary: "end processes at once", group: "Processes", run: kill),
    Command(
      "freeze", several, summary: "stop processes where they are", details: "Messages for them go on arriving.",
      group: "Processes", run: freeze),
    Command("resume", several, summary: "let frozen processes go on", group: "Processes", run: resume),
    Command(
      "wait", several, summary: "let time pass until processes have ended or are lost", group: "Processes", run: wait),
    Command(
      "ps", flags: [FlagSpec(name: "on", value: .node, summary: "only those on a node")],
      summary: "all processes, those that have ended too", group: "Processes", effect: .nothing, run: list),
    Command(
      "process show", one, summary: "all there is to say of a process", group: "Processes", effect: .nothing, run: show),
    Command(
      "memory", one, summary: "which pages a process has written", group: "Processes", effect: .nothing, run: memory),
    Command(
      "peek", one + [ParameterSpec(name: "PAGE", kind: .page)], summary: "what a page holds", group: "Processes",
      effect: .nothing, run: peek),
    Command(
      "poke", one + [ParameterSpec(name: "PAGE", kind: .page), ParameterSpec(name: "TEXT", kind: .message)],
      summary: "write a text to the start of a page", group: "Processes", run: poke),
    Command("output", one, summary: "what a process has printed", group: "Processes", effect: .nothing, run: output),
  ]

  // MARK: - Programs

  private static func listPrograms(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var table = Table("PROGRAM", "WHAT IT DOES")
    for program in session.state.programs.values {
      table.add(program.name, program.summary)
    }
    return Report(text: table.text, data: .array(session.state.programs.keys.map { .string($0) }))
  }

  private static func showProgram(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call.program(call.require("NAME"))
    let source = session.state.programs[name]?.program.source ?? ""
    return Report(text: source, data: .object([("name", .string(name)), ("source", .string(source))]))
  }

  // MARK: - Creating

  private static func spawn(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let limits = session.options.limits
    let argument = try call.require("NAME")
    let count = try call.flag("count") { (value) throws(SessionError) in
      try call.integer(value, in: 1...Int64(limits.processes), "a number of processes")
    }
    let names = try names(argument, count, call)
    let world = session.state.world
    guard world.processes.all.count + names.count <= limits.processes else {
      throw .limit(call.source.diagnostic(at: call.call.span, "more than \(limits.processes) processes"))
    }
    let node = try home(session, call)
    let pages =
      try call.flag("pages") { (value) throws(SessionError) in
        Int(try call.integer(value, in: 1...Int64(limits.pages), "a number of pages"))
      } ?? 64
    let threads =
      try call.flag("threads") { (value) throws(SessionError) in
        Int(try call.integer(value, in: 1...1000, "a number of threads"))
      } ?? 1
    let programName = try call.flag("program") { (value) throws(SessionError) in try call.program(value) } ?? "counter"
    guard let program = session.state.programs[programName] else {
      throw call.refuse("there is no program `\(programName)`")
    }
    let free = world[node].freeFrames ?? 0
    guard free / pages >= names.count else {
      throw call.refuse(
        "node `\(world[node].name)` has room for \(counted(free, "page")), not for \(pages * names.count)",
        at: call.call.flag("pages")?.span ?? call.call.flag("count")?.span,
        remedy: "give it fewer pages, choose another node, or add one with more memory")
    }
    let kinship = try kinship(node, call)
    var family = kinship.family
    let (forwarding, communication) = try communication(session, call)
    let settings = try assignments(call, program.program.registers)
    var requests: [SpawnRequest] = []
    for (number, name) in names.enumerated() {
      if number % 1024 == 1023 { try call.goOn(session) }
      var request = SpawnRequest(
        name: name, program: program.program, pages: pages, threads: threads,
        environment: try environment(program, settings, session, call),
        held: call.hasFlag("hold"))
      request.forwarding = forwarding
      request.communication = communication
      request.isInseparable = kinship.isInseparable
      request.parent = kinship.parent
      requests.append(request)
    }
    for (number, request) in requests.enumerated() {
      if number % 1024 == 1023 { try call.goOn(session) }
      var request = request
      request.family = family
      guard let process = session.state.world.apply(.spawn(request, on: node)).process else {
        throw call.refuse("node `\(world[node].name)` did not create `\(request.name)`")
      }
      // Several that are declared inseparable are one family.
      if kinship.isInseparable { family = family ?? process }
    }
    let stands = call.hasFlag("hold") ? ", not started" : ""
    let each = names.count > 1 ? " each" : ""
    return Report(
      text: """
        created \(shortened(names)) on \(world[node].name): program \(programName), \
        \(counted(pages, "page"))\(threads > 1 ? ", \(threads) threads" : "")\(each)\(stands)
        """,
      data: .object([
        ("processes", .array(names.map { .string($0) })), ("node", .string(world[node].name)),
        ("program", .string(programName)), ("pages", .integer(Int64(pages))), ("threads", .integer(Int64(threads))),
      ]))
  }

  private static func names(
    _ argument: Argument, _ count: Int64?, _ call: Invocation
  ) throws(SessionError) -> [String] {
    guard let count else { return [try call.freeName(argument)] }
    let stem = try call.newName(argument)
    var names: [String] = []
    for number in 1...count {
      names.append(try call.freeName(.name("\(stem)\(number)", argument.span)))
    }
    return names
  }

  private static func home(_ session: borrowing Session, _ call: Invocation) throws(SessionError) -> NodeID {
    if let chosen = try call.flag("on", { (value) throws(SessionError) in try call.upNode(value) }) { return chosen }
    if let parent = try call.flag("parent", { (value) throws(SessionError) in try call.liveProcess(value) }),
      let node = session.state.world.location(of: parent.id)
    {
      return node
    }
    guard let first = session.state.world.members.first(where: \.isUp) else {
      throw call.refuse("no node is up", remedy: "add one with `node add a`")
    }
    return first.id
  }

  /// How messages find the new process, and how it talks.
  private static func communication(
    _ session: borrowing Session, _ call: Invocation
  ) throws(SessionError) -> (ForwardingMechanism, Communication) {
    let chosen = try call.flag("forwarding") { (value) throws(SessionError) in try forwarding(value, call) }
    guard session.state.communication == .home else { return (chosen ?? session.state.forwarding, .direct) }
    if let chosen, chosen != .originSite {
      throw call.refuse(
        "home-node communication finds processes by way of their origins", at: call.call.flag("forwarding")?.span,
        remedy: "leave `--forwarding` out, or `set communication direct`")
    }
    return (.originSite, .home)
  }

  static let forwardingNames = ForwardingMechanism.allCases.map(\.name) + ["resend"]

  /// A mechanism by its name; `resend` is the variant that returns.
  static func forwarding(_ argument: Argument, _ call: Invocation) throws(SessionError) -> ForwardingMechanism {
    let name = try call.word(argument)
    if name == "resend" { return .resendReturned }
    guard let mechanism = ForwardingMechanism.allCases.first(where: { $0.name == name }) else {
      throw call.refuse(
        "`\(name)` is not a forwarding mechanism", at: argument.span,
        expected: ForwardingMechanism.allCases.map(\.name).joined(separator: ", "),
        suggestion: closest(to: name, among: forwardingNames))
    }
    return mechanism
  }

  private struct Kinship {
    var parent: ProcessID?
    var family: ProcessID?
    var isInseparable: Bool
  }

  /// The family that the new process joins, if any.
  private static func kinship(_ node: NodeID, _ call: Invocation) throws(SessionError) -> Kinship {
    guard let use = call.call.flag("parent"),
      let record = try call.flag("parent", { (value) throws(SessionError) in try call.liveProcess(value) })
    else { return Kinship(isInseparable: call.hasFlag("inseparable")) }
    let world = call.evaluator.world
    guard let parent = world.process(record.id) else { throw call.refuseMoving(record, at: use.span) }
    if call.hasFlag("inseparable"), !parent.isInseparable {
      throw call.refuse(
        "the family of `\(record.name)` can be separated", at: call.call.flag("inseparable")?.span,
        remedy: "declare the family with its first process: `spawn \(record.name) --inseparable`")
    }
    guard parent.isInseparable else { return Kinship(parent: record.id, family: parent.family, isInseparable: false) }
    guard world.location(of: record.id) == node else {
      throw call.refuse(
        "the family of `\(record.name)` is inseparable, and is not on `\(world[node].name)`", at: use.span,
        remedy: "leave `--on` out")
    }
    guard world.standing(of: record.id)?.departure == nil else { throw call.refuseMoving(record, at: use.span) }
    return Kinship(parent: record.id, family: parent.family, isInseparable: true)
  }

  private static func assignments(_ call: Invocation, _ known: [String]) throws(SessionError) -> [String: Value] {
    var settings: [String: Value] = [:]
    for use in call.call.flags("set") {
      guard case .assignment(let key, let argument, let span)? = use.value else { continue }
      guard settings[key] == nil else { throw call.refuse("`\(key)` is set twice", at: span) }
      guard known.contains(key) else {
        throw call.refuse(
          "the program has no variable `$\(key)`", at: span, suggestion: closest(to: key, among: known),
          remedy: "`program show` prints its source")
      }
      settings[key] = try call.value(argument)
    }
    return settings
  }

  private static func environment(
    _ program: CompiledProgram, _ settings: [String: Value],
    _ session: borrowing Session, _ call: Invocation
  ) throws(SessionError) -> [String: RegisterValue] {
    do throws(Diagnostic) {
      return try Shell.environment(
        for: program, set: settings, variables: session.state.variables,
        world: session.state.world)
    } catch {
      // Where the program says it is of less use than where it was to be run.
      throw call.refuse(
        error.message, at: call.call.flag("program")?.span, expected: error.expected, suggestion: error.suggestion,
        remedy: error.remedy)
    }
  }

  private static func shortened(_ names: [String]) -> String {
    names.count <= 4 ? names.joined(separator: ", ") : "\(names[0]), \(names[1]), …, \(names[names.count - 1])"
  }

  // MARK: - Stopping and going on

  /// Asks the kernel of each process for something, once all have been found to allow it.
  ///
  /// - Parameters:
  ///   - states: in which the process must be.
  ///   - duringMigration: whether it may be asked while it is being migrated.
  private static func ask(
    _ session: inout Session, _ call: Invocation, _ done: String, in states: [Process.State], otherwise: String,
    duringMigration: Bool = false, _ request: (ProcessID) -> Request
  ) throws(SessionError) -> Report {
    var chosen: [(record: ProcessDirectory.Record, node: NodeID)] = []
    let world = session.state.world
    for argument in call.call.arguments("P") {
      let record = try call.liveProcess(argument)
      guard let node = world.location(of: record.id), let standing = world.standing(of: record.id), standing.isHere,
        duringMigration || standing.isSettled
      else {
        throw call.refuseMoving(record, at: argument.span)
      }
      let state = world.state(of: record)
      guard states.contains(state) else {
        throw call.refuse("process `\(record.name)` \(otherwise): it is \(state.rawValue)", at: argument.span)
      }
      if !chosen.contains(where: { $0.record.id == record.id }) { chosen.append((record, node)) }
    }
    for (record, node) in chosen { session.state.world.apply(.request(request(record.id), of: node)) }
    let names = chosen.map(\.record.name)
    return Report(
      text: "\(done) \(names.joined(separator: ", "))",
      data: .object([("processes", .array(names.map { .string($0) }))]))
  }

  private static func start(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "started", in: [.new], otherwise: "cannot be started") { .start($0) }
  }

  private static func kill(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(
      &session, call, "killed", in: [.new, .ready, .running, .waiting, .frozen], otherwise: "is no more",
      duringMigration: true
    ) { .kill($0) }
  }

  private static func freeze(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "froze", in: [.ready, .running, .waiting], otherwise: "cannot be frozen") { .freeze($0) }
  }

  private static func resume(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    try ask(&session, call, "resumed", in: [.frozen], otherwise: "cannot be resumed") { .resume($0) }
  }

  private static func wait(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var chosen: [ProcessDirectory.Record] = []
    for argument in call.call.arguments("P") { chosen.append(try call.process(argument)) }
    let ids = chosen.map(\.id)
    if ids.contains(where: { session.state.world.processes[$0]?.fate == .alive }) {
      let names = chosen.map(\.name).joined(separator: ", ")
      try session.run(call, waitingFor: "\(names) to end") { world in
        ids.allSatisfy { world.processes[$0]?.fate != .alive }
      }
    }
    let world = session.state.world
    let ends = ids.compactMap { world.processes[$0] }
    return Report(
      text: ends.map { "\($0.name) \(fate($0, world))" }.joined(separator: "\n"),
      data: .array(ends.map { processData($0, world) }))
  }

  // MARK: - Looking

  static func fate(_ record: ProcessDirectory.Record, _ world: World) -> String {
    switch record.fate {
    case .alive: "is \(world.state(of: record).rawValue)"
    case .ended(.exited, let time, let node): "ended at \(formatTime(time)) on \(world[node].name)"
    case .ended(.killed, let time, let node): "was killed at \(formatTime(time)) on \(world[node].name)"
    case .ended(.fault(let why), let time, let node): "died at \(formatTime(time)) on \(world[node].name): \(why)"
    case .lost(let node, let time): "was lost at \(formatTime(time)) because node \(world[node].name) failed"
    }
  }

  private static func list(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let only = try call.flag("on") { (value) throws(SessionError) in try call.node(value) }
    var table = Table("PROCESS", "ID", "NODE", "STATE", "PROGRAM", "PAGES>", "CPU>", "MOVES>", "")
    var data: [JSON] = []
    for record in world.processes.all {
      let node = world.location(of: record.id)
      if let only, node != only { continue }
      let process = world.process(record.id)
      table.add(
        record.name, world.identifier(of: record.id), node.map { world[$0].name } ?? "",
        world.state(of: record).rawValue, process?.program.name ?? "",
        process.map { "\($0.space.pageCount)" } ?? record.summary.map { "\($0.pages)" } ?? "",
        world.cpuTime(of: record.id).map(formatTime) ?? "",
        (process?.migrations ?? record.summary?.migrations).map { "\($0)" } ?? "", end(record, world))
      data.append(processData(record, world))
    }
    return Report(text: table.rows.isEmpty ? "no processes" : table.text, data: .array(data))
  }

  /// What is worth saying of an end: nothing of one that was to come.
  private static func end(_ record: ProcessDirectory.Record, _ world: World) -> String {
    switch record.fate {
    case .ended(.fault(let why), _, _): "died: \(why)"
    case .ended(.killed, _, _): "killed"
    case .lost(let node, _): "with node \(world.name(of: node))"
    case .ended(.exited, _, _), .alive: ""
    }
  }

  private static func processData(_ record: ProcessDirectory.Record, _ world: World) -> JSON {
    let process = world.process(record.id)
    let cpu = world.cpuTime(of: record.id)
    let pages = process?.space.pageCount ?? record.summary?.pages
    return .object([
      ("name", .string(record.name)), ("id", .string(world.identifier(of: record.id))),
      ("node", world.location(of: record.id).map { .string(world[$0].name) } ?? .null),
      ("origin", .string(world[record.id.origin].name)), ("state", .string(world.state(of: record).rawValue)),
      ("pages", pages.map { .integer(Int64($0)) } ?? .null),
      ("cpu", cpu.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("forwarding", .string(record.id.forwarding.name)),
      ("coprocesses", .array(world.coprocesses(of: record.id).map { .string(world.name(of: $0)) })),
      (
        "links",
        .array(
          world.links(of: record.id).map { link in
            .object([
              ("process", .string(world.name(of: link.process))),
              ("node", link.location.map { .string(world[$0.node].name) } ?? .null),
              ("since", link.location.map { .integer(Int64(clamping: $0.learnedAt)) } ?? .null),
            ])
          })
      ), ("systemCalls", .integer(Int64(record.systemCalls.count))),
      ("systemCallBytes", .integer(Int64(record.systemCalls.bytes))),
      ("systemCallTime", .integer(Int64(clamping: record.systemCalls.delay))),
      ("migrations", .array(record.migrations.map { .integer(Int64($0)) })),
      ("fate", .string(fate(record, world))),
    ])
  }

  private static func show(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call.process("P")
    var rows = [
      ("process", "\(record.name), identifier \(world.identifier(of: record.id))"),
      ("origin", world[record.id.origin].name), ("state", fate(record, world)),
      ("age", formatTime(world.now - record.createdAt)),
    ]
    if let parent = record.parent { rows.append(("parent", world.name(of: parent))) }
    rows.append(("found by", record.id.forwarding.name))
    if record.systemCalls.count > 0 {
      let calls = record.systemCalls
      rows.append(
        (
          "system calls",
          "\(calls.count) at its origin from elsewhere, \(formatSize(UInt64(calls.bytes))), \(formatTime(calls.delay))"
        ))
    }
    if let process = world.process(record.id) {
      if let node = world.location(of: record.id) { rows.insert(("node", world[node].name), at: 2) }
      rows += [
        ("program", process.program.name),
        (
          "pages",
          "\(process.space.pageCount), \(process.space.touchedCount) of them not empty"
            + process.holders.filter { !$0.pages.isEmpty }.map { holder in
              ", \(holder.pages.count) on \(world.name(of: holder.node))"
            }.joined()
        ),
        ("cpu", formatTime(world.cpuTime(of: record.id) ?? 0)),
        (
          "moved in",
          record.migrations.isEmpty
            ? "no migration" : "migration \(record.migrations.map { "\($0)" }.joined(separator: ", "))"
        ),
        ("received", "\(process.receivedCount), and \(process.inbox.count) waiting"),
      ]
      for (number, thread) in process.threads.enumerated() {
        rows.append(("thread \(number + 1)", threadText(thread, world)))
      }
      let family = world.coprocesses(of: record.id)
      if !family.isEmpty {
        let names = family.map { world.name(of: $0) }.joined(separator: " ")
        rows.append(("coprocesses", "\(names)\(process.isInseparable ? ", inseparable" : "")"))
      }
      if process.communication == .home { rows.append(("talks", "by way of its origin")) }
      for link in world.links(of: record.id) {
        let age = link.location.map { ", known for \(formatTime(world.now - min(world.now, $0.learnedAt)))" }
        let place = link.location.map { " at \(world[$0.node].name)" } ?? ", by way of its origin"
        rows.append(("link", "\(world.name(of: link.process))\(place)\(age ?? "")"))
      }
      for (receiver, stream) in process.outbox.streams where !receiver.isTerminal {
        let waiting = stream.unacknowledged.count
        let open = waiting > 0 ? ", \(waiting) not acknowledged" : ""
        rows.append(("sends to", "\(world.name(of: receiver)): \(stream.nextSequence)\(open)"))
      }
    }
    return Report(text: sheet(rows), data: processData(record, world))
  }

  private static func threadText(_ thread: Thread, _ world: World) -> String {
    switch thread.state {
    case .ready: "ready"
    case .running(let core): "running on core \(core + 1)"
    case .receiving(nil): "waits for a message"
    case .receiving(let deadline?): "waits for a message until \(formatTime(deadline))"
    case .sending(let message): "waits to hear from \(world.name(of: message.to))"
    case .sleeping(let until): "sleeps until \(formatTime(until))"
    case .faulting(let page, let since): "waits for page \(page) since \(formatTime(since))"
    case .ended: "ended"
    }
  }

  /// A process whose memory can be looked at: it has started, and stands on one node.
  private static func memoryOwner(_ call: Invocation) throws(SessionError) -> (ProcessDirectory.Record, Process) {
    let record = try call.liveProcess("P")
    guard let process = call.evaluator.world.process(record.id) else {
      throw call.refuseMoving(record, at: try call.require("P").span)
    }
    return (record, process)
  }

  private static func memory(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, process) = try memoryOwner(call)
    let space = process.space
    let perRow = 64
    let mostRows = 32
    var text = """
      \(record.name): \(counted(space.pageCount, "page")) of \(formatSize(UInt64(space.pageSize))), \
      \(space.touchedCount) not empty, \(space.dirty.count) written here

      """
    for row in 0..<min(mostRows, (space.pageCount + perRow - 1) / perRow) {
      let pages = row * perRow..<min(space.pageCount, (row + 1) * perRow)
      let marks = pages.map { page -> Character in
        if space.remote.contains(page) { return "o" }
        if space.dirty.contains(page) { return "#" }
        if case .zero = space[page] { return "." }
        return "+"
      }
      let number = "\(pages.lowerBound)"
      text += String(repeating: " ", count: max(0, 8 - number.count)) + number + "  " + String(marks) + "\n"
    }
    if space.pageCount > mostRows * perRow { text += "          … \(space.pageCount - mostRows * perRow) more\n" }
    text += "          . empty   + not empty   # written here   o on another node\n"
    return Report(
      text: text,
      data: .object([
        ("process", .string(record.name)), ("pages", .integer(Int64(space.pageCount))),
        ("pageSize", .integer(Int64(space.pageSize))), ("notEmpty", .integer(Int64(space.touchedCount))),
        ("written", .integer(Int64(space.dirty.count))), ("digest", .string(hexadecimal(space.digest))),
      ]))
  }

  static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func page(_ call: Invocation, of process: Process) throws(SessionError) -> Int {
    let argument = try call.require("PAGE")
    return Int(
      try call.integer(
        argument, in: 0...Int64(process.space.pageCount - 1), "a page of this process"))
  }

  private static func peek(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, process) = try memoryOwner(call)
    let page = try page(call, of: process)
    let pageSize = process.space.pageSize
    guard let contents = try? process.space.read(at: UInt64(page) * UInt64(pageSize), count: pageSize) else {
      let holder = process.holders.first { $0.pages.contains(page) }
      let node = holder.map { session.state.world.name(of: $0.node) } ?? "another node"
      return Report(
        text: "page \(page) of \(record.name) is still on \(node)",
        data: .object([
          ("process", .string(record.name)), ("page", .integer(Int64(page))), ("remoteOn", .string(node)),
        ]))
    }
    let word = contents.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
    let last = contents.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    let shown = contents.prefix(min(last, 64))
    let bytes = shown.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: " ")
    let isText = last > 0 && shown.allSatisfy { (32...126).contains($0) }
    var rows = [("page", "\(page) of \(record.name)"), ("word", "\(word)")]
    if last > 0 { rows.append(("bytes", bytes + (last > shown.count ? " …" : ""))) }
    if isText { rows.append(("text", String(decoding: shown, as: UTF8.self))) }
    return Report(
      text: sheet(rows),
      data: .object([
        ("process", .string(record.name)), ("page", .integer(Int64(page))),
        ("word", word <= UInt64(Int64.max) ? .integer(Int64(word)) : .string("\(word)")), ("bytes", .string(bytes)),
      ]))
  }

  private static func poke(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, process) = try memoryOwner(call)
    let page = try page(call, of: process)
    guard process.phase != .new else {
      throw call.refuse(
        "process `\(record.name)` has not started and has no memory contents yet", at: try call.require("P").span,
        remedy: "`start \(record.name)` first")
    }
    let argument = try call.require("TEXT")
    let bytes = Array(try call.word(argument).utf8)
    guard bytes.count <= process.space.pageSize else {
      throw call.refuse("the text is longer than a page", at: argument.span)
    }
    guard !process.space.remote.contains(page) else {
      throw call.refuse("page \(page) is still on another node", at: try call.require("PAGE").span)
    }
    guard let node = session.state.world.location(of: record.id),
      session.state.world.standing(of: record.id)?.departure == nil
    else {
      throw call.refuse("process `\(record.name)` is being migrated", at: try call.require("P").span)
    }
    session.state.world.apply(.request(.poke(record.id, page: page, bytes: bytes), of: node))
    return Report(
      text: "wrote \(counted(bytes.count, "byte")) to page \(page) of \(record.name)",
      data: .object([("process", .string(record.name)), ("page", .integer(Int64(page)))]))
  }

  private static func output(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let record = try call.process("P")
    let lines = record.output.map { "\(world[$0.node].name) \(formatTime($0.time)): \($0.text)" }
    return Report(
      text: lines.isEmpty ? "\(record.name) has printed nothing" : lines.joined(separator: "\n"),
      data: .array(
        record.output.map {
          .object([
            ("time", .integer(Int64(clamping: $0.time))), ("node", .string(world[$0.node].name)),
            ("text", .string($0.text)),
          ])
        }))
  }
}
