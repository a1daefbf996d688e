import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `spawn`: creates processes, and starts them unless `--hold` says not to.
extension Commands {
  static let spawn = Command(
    "spawn", [Spawn.name],
    flags: [
      Spawn.on, Spawn.pages, Spawn.program, Spawn.threads, Spawn.count, Spawn.set, Spawn.forwarding, Spawn.parent,
      Spawn.inseparable, Spawn.state, Spawn.hold, Spawn.at, Spawn.isAsynchronous,
    ],
    summary: "create a process and start it",
    details: """
      Variables of the program that `--set` leaves out are taken from the shell's variables.
      Once `policy placement` has been set, that policy chooses the node of a process for which --on names none; time passes \
      until it has begun there. One created with --hold stays where it is asked for.
      """,
    examples: [
      "spawn p1", "spawn p2 --on a --pages 256 --program hot", "spawn q --program pinger --set peer=p0",
      "spawn r --async",
    ],
    preparation: "node add a b; spawn p0 --program echo", sequel: "ps", data: .unlessStopped(.object(created)),
    group: "Processes",
    run: spawn)

  private static let created: [DataShape.Member] = [
    .init("processes", .list(.process), "those that were created"),
    .init("node", .node, "the node that was asked"),
    .init("program", .text, "what they execute; not when a policy places them", isAlwaysThere: false),
    .init("pages", .count, "pages of each; not when a policy places them", isAlwaysThere: false),
    .init("threads", .count, "threads of each; not when a policy places them", isAlwaysThere: false),
    .init(
      "nodes", .list(.optional(.node)), "where each is that a policy places; null for nowhere", isAlwaysThere: false),
    .init("policy", .text, "the policy that places them", isAlwaysThere: false),
  ]

  private static func spawn(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let limits = call.limits
    let names = try names(call)
    let world = session.state.world
    guard world.processes.all.count + names.count <= limits.processes else {
      throw .limit(call.source.diagnostic(at: call.call.span, "more than \(limits.processes) processes"))
    }
    let node = try home(session, call)
    let pages = try call[Spawn.pages] ?? 64
    let threads = try call[Spawn.threads] ?? 1
    session.work.textBytes += UInt64(pages * names.count) * Session.pageBytes
    try session.requireWorkLeft(call)
    let programName = try call[Spawn.program] ?? "counter"
    guard let program = session.state.programs[programName] else {
      throw call.refuse("there is no program `\(programName)`")
    }
    let free = world[node].freeFrames ?? 0
    let isPlaced = try isPlaced(session, call)
    guard isPlaced || free / pages >= names.count else {
      throw call.refuse(
        "node `\(world[node].name)` has room for \(counted(free, "page")), not for \(pages * names.count)",
        at: call.span(of: Spawn.pages) ?? call.span(of: Spawn.count),
        remedy: "give it fewer pages, choose another node, or add one with more memory")
    }
    let kinship = try kinship(node, call)
    var family = kinship.family
    let (forwarding, communication) = try communication(session, call)
    let settings = try assignments(call, program.program.registers)
    var requests: [SpawnRequest] = []
    for (number, name) in names.enumerated() {
      if number % 1024 == 1023 { try call.stopIfInterrupted(session, after: 0, of: names.count) }
      var request = SpawnRequest(
        name: name, program: program.program, pages: pages, threads: threads,
        environment: try environment(program, settings, session, call),
        held: call.has(Spawn.hold))
      request.forwarding = forwarding
      request.communication = communication
      request.isInseparable = kinship.isInseparable
      request.stateSize = UInt32(clamping: try call[Spawn.state] ?? 0)
      request.parent = kinship.parent
      request.isPlaced = isPlaced
      requests.append(request)
    }
    var created: [ProcessID] = []
    for (number, request) in requests.enumerated() {
      if number % 1024 == 1023 { try call.stopIfInterrupted(session, after: number, of: names.count) }
      var request = request
      request.family = family
      guard let process = session.state.world.apply(.spawn(request, on: node)).process else {
        throw call.refuse("node `\(world[node].name)` did not create `\(request.name)`")
      }
      created.append(process)
      // Several processes that are declared inseparable are one family.
      if kinship.isInseparable { family = family ?? process }
    }
    if isPlaced { return try placed(created, node, &session, call) }
    let stands = call.has(Spawn.hold) ? ", not started" : ""
    let each = names.count > 1 ? " each" : ""
    return Report(
      """
      created \(shortened(names)) on \(world[node].name): program \(programName), \
      \(counted(pages, "page"))\(threads > 1 ? ", \(threads) threads" : "")\(each)\(stands)
      """,
      .init("processes", .texts(names)), .init("node", .node(node)), .init("program", .text(programName)),
      .init("pages", .count(pages)), .init("threads", .count(threads)))
  }

  private static func names(_ call: Invocation) throws(SessionError) -> [String] {
    let argument = try call[Spawn.name]
    guard let count = try call[Spawn.count] else { return [try call.freeName(argument)] }
    let stem = try call.newName(argument)
    var names: [String] = []
    for number in 1...count {
      names.append(try call.freeName(.name("\(stem)\(number)", argument.span)))
    }
    return names
  }

  /// Whether the placement policy chooses the node: where nobody named one, and no family holds the process where it is.
  private static func isPlaced(_ session: borrowing Session, _ call: Invocation) throws(SessionError) -> Bool {
    guard session.state.world.policies.placement.policy != .onRequest else { return false }
    guard !call.has(Spawn.on), !call.has(Spawn.hold), !call.has(Spawn.inseparable) else { return false }
    guard let parent = try call[Spawn.parent] else { return true }
    return session.state.world.view(of: parent.id)?.isInseparable != true
  }

  /// Waits until the placement policy has found nodes for new processes, and says where they are.
  private static func placed(
    _ processes: [ProcessID], _ asked: NodeID, _ session: inout Session, _ call: Invocation
  ) throws(SessionError) -> Report {
    func isPlaced(_ process: ProcessID, _ world: borrowing World) -> Bool {
      guard world.processes[process]?.fate == .alive else { return true }
      guard let standing = world.standing(of: process) else { return false }
      return standing.isHere && !standing.isSought
    }
    if !call.has(Spawn.isAsynchronous) {
      let world = session.state.world
      if !processes.allSatisfy({ isPlaced($0, world) }) {
        // The last is seldom placed before the others, so most of the time only that is asked.
        try session.run(call, waitingFor: "new processes to begin") { world in
          for process in processes.reversed() where !isPlaced(process, world) { return false }
          return true
        }
      }
    }
    let world = session.state.world
    let places = processes.map { world.location(of: $0) }
    var counts: [(node: NodeID, count: Int)] = []
    for place in places {
      guard let place else { continue }
      if let found = counts.firstIndex(where: { $0.node == place }) {
        counts[found].count += 1
      } else {
        counts.append((place, 1))
      }
    }
    let policy = world.policies.placement.policy.name
    let names = processes.map { world.name(of: $0) }
    let lost = places.count { $0 == nil }
    let nodes =
      processes.count == 1
      ? counts.first.map { "on \(world.name(of: $0.node))" } ?? ""
      : counts.sorted { $0.node < $1.node }.map { "\($0.count) on \(world.name(of: $0.node))" }.joined(separator: ", ")
    let isOver = !call.has(Spawn.isAsynchronous)
    let verb = isOver ? "placed" : "being placed"
    var text = "created \(shortened(names)), \(verb) by `\(policy)`: \(nodes)"
    if lost > 0 { text = counts.isEmpty ? "\(shortened(names)): nowhere is room" : text + ", \(lost) nowhere" }
    return Report(
      text, .init("processes", .texts(names)),
      .init("nodes", .list(places.map { $0.map(Value.node) ?? .none })), .init("node", .node(asked)),
      .init("policy", .word(policy)))
  }

  private static func home(_ session: borrowing Session, _ call: Invocation) throws(SessionError) -> NodeID {
    if let chosen = try call[Spawn.on] { return chosen }
    if let asked = try call[Spawn.at] { return asked }
    if let parent = try call[Spawn.parent], let node = session.state.world.location(of: parent.id) { return node }
    let world = session.state.world
    guard let first = world.members.first(where: { world[$0].isUp }) else {
      throw call.refuse(
        "no node is up",
        remedy: world.members.first.map { "`recover \(world[$0].name)` brings one back, empty" }
          ?? "add one with `node add a`")
    }
    return first
  }

  /// How messages find the new process, and how it talks.
  private static func communication(
    _ session: borrowing Session, _ call: Invocation
  ) throws(SessionError) -> (ForwardingMechanism, Communication) {
    let chosen = try call[Spawn.forwarding]
    guard session.state.communication == .home else { return (chosen ?? session.state.forwarding, .direct) }
    if let chosen, chosen != .originSite {
      throw call.refuse(
        "home-node communication finds processes by way of their origins", at: call.span(of: Spawn.forwarding),
        remedy: "leave `--forwarding` out, or `set communication direct`")
    }
    return (.originSite, .home)
  }

  static let forwardingNames = ForwardingMechanism.allCases.map(\.name) + ["resend"]

  /// A mechanism by its name. `resend` alone means the variant that returns messages.
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
    guard let record = try call[Spawn.parent] else { return Kinship(isInseparable: call.has(Spawn.inseparable)) }
    let place = call.span(of: Spawn.parent)
    let world = call.evaluator.world
    guard let parent = world.view(of: record.id) else { throw call.refuseMoving(record, at: place) }
    if call.has(Spawn.inseparable), !parent.isInseparable {
      throw call.refuse(
        "the family of `\(record.name)` can be separated", at: call.span(of: Spawn.inseparable),
        remedy: "declare the family with its first process: `spawn \(record.name) --inseparable`")
    }
    guard parent.isInseparable else { return Kinship(parent: record.id, family: parent.family, isInseparable: false) }
    guard world.location(of: record.id) == node else {
      throw call.refuse(
        "the family of `\(record.name)` is inseparable, and is not on `\(world[node].name)`", at: place,
        remedy: "leave `--on` out")
    }
    guard world.standing(of: record.id)?.departure == nil else { throw call.refuseMoving(record, at: place) }
    return Kinship(parent: record.id, family: parent.family, isInseparable: true)
  }

  private static func assignments(_ call: Invocation, _ known: [String]) throws(SessionError) -> [String: Value] {
    var settings: [String: Value] = [:]
    for given in call.given(Spawn.set) {
      guard case .assignment(let key, let argument, let span) = given.argument else { continue }
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
      // Points at the command instead of the program: that is where the user can mend it.
      throw call.refuse(
        error.message, at: call.span(of: Spawn.program), expected: error.expected, suggestion: error.suggestion,
        remedy: error.remedy)
    }
  }

  private static func shortened(_ names: [String]) -> String {
    names.count <= 4 ? names.joined(separator: ", ") : "\(names[0]), \(names[1]), …, \(names[names.count - 1])"
  }
}

private enum Spawn {
  /// The name of one process, or with `--count` the beginning of the names of several.
  static let name = Parameter("NAME", .argument(.newName))
  static let on = Flag("on", .upNode, "the node (the first that is up)")
  static let pages = Flag(
    "pages", .count("a number of pages") { 1...$0.pages }, "pages of the address space (64)")
  static let program = Flag("program", .program, valueName: "PROGRAM", "what it executes (counter)")
  static let threads = Flag(
    "threads", .count(in: 1...1000, "a number of threads"), "threads that execute the program (1)")
  static let count = Flag(
    "count", .count("a number of processes") { 1...$0.processes }, "create several: NAME1, NAME2, …")
  static let set = Flag("set", .argument(.assignment), "a value for a variable of the program", repeatable: true)
  static let forwarding = Flag(
    "forwarding", .forwarding, valueName: "MECHANISM",
    "how messages find it once it has moved (that of `set forwarding`)")
  static let parent = Flag(
    "parent", .liveProcess, "it joins the family of this process, on the same node unless --on")
  static let inseparable = Switch("inseparable", "its family is moved together or not at all")
  static let state = Flag(
    "state", .size(in: 0...(1 << 30), "the size of process state"),
    "bytes of process state besides those of its threads and messages (none)")
  static let hold = Switch("hold", "create it, but do not start it")
  static let at = Flag("at", .upNode, "the node that is asked for it, and places it by policy (the first that is up)")
  static let isAsynchronous = Switch(Commands.asynchronousFlag, "do not wait until it has been placed by policy")
}

extension Reader where Result == ForwardingMechanism {
  static var forwarding: Reader {
    Reader(kind: .word(Commands.forwardingNames)) { (argument, call) throws(SessionError) in
      try Commands.forwarding(argument, call)
    }
  }
}
