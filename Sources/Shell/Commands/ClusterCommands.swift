import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that add, change and show nodes, and make them fail.
extension Commands {
  static let cluster: [Command] = [
    Command(
      "node add", [Nodes.new], flags: [Machine.cores, Machine.speed, Machine.memory, Machine.interface],
      summary: "add machines to the cluster", examples: ["node add a b", "node add big --cores 4 --memory 16GiB"],
      data: .only("nodes", .list(.node), "those that were added"), group: "Cluster", run: addNodes),
    Command(
      "node set", [Nodes.changed], flags: [Machine.speed, Machine.memory, Machine.interface],
      summary: "make machines or their interfaces slower or faster, or give them more or less memory",
      details: """
        What is not said keeps its value; the cores are as many as they were. Memory that is in use cannot be taken away: \
        a node is full when it has no more than that. A node that is down has what is said when it comes back.
        """,
      examples: ["node set a --speed 0.1", "node set b --memory 256KiB"],
      preparation: "node add a b", data: .only("nodes", .list(.shared(.node)), "those that were named"),
      group: "Cluster", run: setNodes),
    Command(
      "node list", summary: "all nodes, up or down", examples: ["node list"], preparation: "node add a b; fail b",
      data: .list(.shared(.node)), group: "Cluster", effect: .nothing,
      run: listNodes),
    Command(
      "node show", [Nodes.shown],
      summary: "one node: memory, processes, forwarding addresses left behind, what it knows of others",
      examples: ["node show a"], preparation: "node add a b; spawn p1; run 20ms; migrate p1 b --on-reference",
      data: .shared(.node), group: "Cluster",
      effect: .nothing, run: showNode),
    Command(
      "node remove", [Nodes.shown],
      summary: "take a node out of the cluster that no process needs",
      details: "What a process needs there keeps it: the process itself, pages, a forwarding address, a migration.",
      examples: ["node remove b"], preparation: "node add a b; spawn p1",
      data: .only("node", .node, "the node that is gone"), group: "Cluster", run: removeNode),
    Command(
      "fail", [Nodes.failing],
      summary: "crash nodes: each loses all that it held",
      details: "Their peers notice when the detection timeout is over.", examples: ["fail a", "fail a b"],
      preparation: "node add a b; spawn p1",
      data: .object([
        .init("failed", .list(.node), "nodes that crashed"), .init("lost", .list(.process), "processes lost with them"),
      ]), group: "Cluster",
      run: failNodes),
    Command(
      "recover", [Nodes.recovering],
      summary: "bring failed nodes back, empty", examples: ["recover a"], preparation: "node add a b; fail a",
      data: .only("recovered", .list(.node), "nodes that are back"),
      group: "Cluster", run: recoverNodes),
  ]

  // MARK: - Nodes

  private static func addNodes(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var settings = session.state.world.nodeDefaults
    if let cores = try call[Machine.cores] { settings.cores = cores }
    if let speed = try call[Machine.speed] { settings.speed = speed }
    if let memory = try call[Machine.memory] { settings.memory = memory }
    if let rate = try call[Machine.interface] { settings.interface = rate }
    var names: [String] = []
    var seen: Set<String> = []
    for given in call[Nodes.new] {
      let name = try given.value
      guard seen.insert(name).inserted else {
        throw call.refuse("`\(name)` is named twice", at: given.span, remedy: "choose another name")
      }
      names.append(name)
    }
    guard session.state.world.nodes.count + names.count <= session.options.limits.nodes else {
      throw .limit(call.source.diagnostic(at: call.call.span, "more than \(session.options.limits.nodes) nodes"))
    }
    for name in names { session.state.world.apply(.addNode(name: name, settings)) }
    let text = "added \(names.joined(separator: ", ")): \(machine(settings))\(names.count > 1 ? " each" : "")"
    return Report(text, .init("nodes", .texts(names)))
  }

  private static func setNodes(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    guard call.has(Machine.speed) || call.has(Machine.memory) || call.has(Machine.interface) else {
      throw call.refuse(
        "nothing is said that should change", expected: "`--speed`, `--memory`, `--interface`, or several of them")
    }
    var world = session.state.world
    var nodes: [NodeID] = []
    for given in call[Nodes.changed] {
      let node = try given.value
      if let speed = try call[Machine.speed] { world.apply(.setSpeed(node, speed)) }
      if let rate = try call[Machine.interface] { world.apply(.setInterface(node, rate)) }
      if let memory = try call[Machine.memory] {
        if let view = world[node].view {
          let inUse = UInt64(view.framesInUse) * UInt64(world[node].settings.pageSize)
          guard memory >= inUse else {
            throw call.refuse(
              "\(formatSize(inUse)) of the memory of `\(world[node].name)` are in use",
              at: call.given(Machine.memory).first?.span,
              expected: "no less than that", remedy: "`node show \(world[node].name)` says what for")
          }
        }
        world.apply(.setMemory(node, memory))
      }
      if !nodes.contains(node) { nodes.append(node) }
    }
    session.state.world = world
    return Report(
      nodes.map { "\(world[$0].name): \(machine(world[$0].settings))" }.joined(separator: "\n"),
      .init("nodes", .list(nodes.map { .object(items(of: world[$0], world)) })))
  }

  static func machine(_ settings: NodeSettings) -> String {
    "\(counted(settings.cores, "core")) of speed \(speedText(settings.speed)), \(formatSize(settings.memory))"
      + (settings.interface.map { ", interface \(formatRate($0))" } ?? "")
  }

  static func speedText(_ speed: UInt64) -> String {
    let (whole, thousandths) = speed.quotientAndRemainder(dividingBy: 1000)
    guard thousandths > 0 else { return "\(whole)" }
    var decimals = String(thousandths + 1000).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(whole).\(decimals)"
  }

  private static func listNodes(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world: any Cluster = session.state.world
    return Report(
      Listing(world.members.map { world[$0] }, nodeColumns(world)), whenEmpty: "no nodes; add some with `node add a b`")
  }

  private static func nodeColumns(_ world: any Cluster) -> [Column<any ClusterNode>] {
    [
      Column("NODE", "name") { .text($0.name) },
      Column(
        "STATE", "up", { .boolean($0.isUp) },
        shown: { $0.isUp ? "up" : "down" }
      ),
      Column(nil, "boots") { .count($0.boots) },
      Column("CORES>", "cores") { .count($0.settings.cores) },
      Column(
        "SPEED>", "speed", { .decimal(Double($0.settings.speed) / 1000) },
        shown: { speedText($0.settings.speed) }
      ),
      Column("MEMORY>", "memory") { .size($0.settings.memory) },
      Column(nil, "interface") { .rate(world.interfaceRate(of: $0.id)) },
      Column("FREE>", "freeMemory") { node in
        .optional(node.view) { .size(UInt64($0.freeFrames) * UInt64(node.settings.pageSize)) }
      },
      Column("PROCESSES>", "processes") { .optional($0.view) { .count($0.processes.count) } },
      Column("ADDRESSES>", "forwards") { .optional($0.view) { .count($0.forwardingCount) } },
      Column(nil, "newDrivers") { .count($0.newDrivers) },
    ]
  }

  /// A node as data.
  private static func items(of node: any ClusterNode, _ world: any Cluster) -> [Report.Item] {
    nodeColumns(world).compactMap { $0.item(node) }
  }

  private static func showNode(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let id = try call[Nodes.shown]
    let node = world[id]
    guard let view = node.view else {
      let since = node.failures.last.map { " since \(formatTime($0))" } ?? ""
      return Report(
        "node \(node.name) is down\(since); when it comes back: \(machine(node.settings))",
        items(of: node, world))
    }
    let pageSize = UInt64(node.settings.pageSize)
    let names = view.processes.map { world.name(of: $0) }
    var rows = [
      ("node", "\(node.name), up, booted \(counted(node.boots, "time"))"), ("machine", machine(node.settings)),
      ("interface", interfaceText(id, world)),
      ("free", formatSize(UInt64(view.freeFrames) * pageSize)),
      ("processes", names.isEmpty ? "none" : names.joined(separator: " ")),
    ]
    if node.newDrivers > 0 { rows.append(("driver", "replaced \(counted(node.newDrivers, "time"))")) }
    for kept in view.keptPages where kept.count > 0 {
      let process = kept.attempt.process
      let place = world.location(of: process).map { ", which is on \(world[$0].name)" } ?? ""
      rows.append(("holds", "\(counted(kept.count, "page")) of \(world.name(of: process))\(place)"))
    }
    if !view.files.isEmpty {
      rows.append(("files", view.files.map { "\($0.name) (\(formatSize(UInt64($0.size))))" }.joined(separator: ", ")))
    }
    let away = world.members.filter { world.isCut(id, $0) }.map { world[$0].name }
    if !away.isEmpty { rows.append(("no line to", away.joined(separator: " "))) }
    for arrival in view.arrivals {
      let stands = arrival.isInstalled ? "installed, waiting for the commit" : "frames reserved"
      rows.append(
        ("arriving", "\(world.name(of: arrival.process)) from \(world[arrival.source].name): \(stands)"))
    }
    for departure in view.departures {
      rows.append(
        ("departing", "\(world.name(of: departure.process)) to \(world[departure.destination].name)"))
    }
    for (title, known) in [("forwards", view.forwardingAddresses), ("cached", view.locationCache)] {
      for known in known {
        let age = world.now - min(world.now, known.location.learnedAt)
        rows.append(
          (title, "\(world.name(of: known.process)) is at \(world[known.location.node].name), \(formatTime(age)) old"))
      }
    }
    return Report([.facts(rows.map { Report.Item(label: $0, $1) } + items(of: node, world))])
  }

  private static func interfaceText(_ node: NodeID, _ world: any Cluster) -> String {
    let rate = formatRate(world.interfaceRate(of: node))
    return world[node].settings.interface == nil ? "\(rate), as the fastest of its lines" : rate
  }

  private static func removeNode(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let id = try call[Nodes.shown]
    let node = session.state.world[id]
    let needs = needs(of: id, session.state.world)
    guard needs.isEmpty else {
      let most = 5
      let more = needs.count > most ? ", and \(needs.count - most) more" : ""
      throw call.refuse(
        "node `\(node.name)` is needed: it has \(needs.prefix(most).joined(separator: ", "))\(more)",
        at: call.span(of: Nodes.shown),
        remedy: "migrate or kill the processes first, or crash the node with `fail \(node.name)`")
    }
    session.state.world.apply(.removeNode(id))
    return Report("removed \(node.name)", .init("node", .text(node.name)))
  }

  /// What living processes need on a node, as parts of a sentence; nothing for a node that is down.
  private static func needs(of node: NodeID, _ world: World) -> [String] {
    guard let view = world[node].view else { return [] }
    func lives(_ process: ProcessID) -> Bool { world.processes[process]?.fate == .alive }
    var needs = view.processes.map { "the process \(world.name(of: $0))" }
    needs += view.arrivals.map { "a migration of \(world.name(of: $0.process)) from \(world.name(of: $0.source))" }
    needs += view.departures.filter { !view.processes.contains($0.process) }.map {
      "a migration of \(world.name(of: $0.process)) to \(world.name(of: $0.destination))"
    }
    needs += view.keptPages.filter { $0.count > 0 && lives($0.attempt.process) }.map {
      "\(counted($0.count, "page")) of \(world.name(of: $0.attempt.process))"
    }
    needs += view.forwardingAddresses.filter { lives($0.process) }.map {
      "the forwarding address of \(world.name(of: $0.process))"
    }
    let asking = world.processes.all.lazy.filter { record in
      record.id.origin == node && record.fate == .alive && record.id.forwarding.asksOrigin
    }
    needs += asking.filter { world.location(of: $0.id) != node }.map {
      "what messages for \($0.name) ask for its place"
    }
    needs += world.processes.all.lazy.filter { world.terminalElsewhere(of: $0.id) == node }.map {
      "\(world.view(of: $0.id)?.prints == true ? "the terminal" : "the files") of \($0.name)"
    }
    return needs
  }

  // MARK: - Failures

  private static func failNodes(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var nodes: [NodeID] = []
    for given in call[Nodes.failing] {
      let node = try given.value
      if !nodes.contains(node) { nodes.append(node) }
    }
    let before = session.state.world.log.total
    for node in nodes { session.state.world.apply(.failNode(node)) }
    let world = session.state.world
    let lost: [String] = world.log.entries.suffix(world.log.total - before).compactMap { entry in
      if case .fact(.lost(let process, _)) = entry.event { world.name(of: process) } else { nil }
    }
    let names = nodes.map { world[$0].name }
    let toll = lost.isEmpty ? "" : "; with \(names.count == 1 ? "it" : "them") \(lost.joined(separator: ", "))"
    return Report(
      "\(names.joined(separator: ", ")) failed\(toll)", .init("failed", .texts(names)), .init("lost", .texts(lost)))
  }

  private static func recoverNodes(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var nodes: [NodeID] = []
    for given in call[Nodes.recovering] {
      let node = try given.value
      guard !session.state.world[node].isUp else {
        throw call.refuse(
          "node `\(session.state.world[node].name)` is up", at: given.span, expected: "a failed node")
      }
      if !nodes.contains(node) { nodes.append(node) }
    }
    for node in nodes { session.state.world.apply(.recoverNode(node)) }
    let names = nodes.map { session.state.world[$0].name }
    return Report(
      "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") back, empty",
      .init("recovered", .texts(names)))
  }
}

private enum Nodes {
  static let new = RepeatedParameter("NAME", .freeName)
  static let changed = RepeatedParameter("NAME", .node)
  static let shown = Parameter("NAME", .node)
  static let failing = RepeatedParameter("NODE", .upNode)
  static let recovering = RepeatedParameter("NODE", .node)
}

/// The flags that say what a node is made of.
private enum Machine {
  static let cores = Flag("cores", .cores, "processors (1)")
  static let speed = Flag("speed", .speed, "how fast the cores are; at 2 every step takes half its time (1)")
  static let memory = Flag("memory", .memory, "memory for the pages of processes (4 GiB)")
  static let interface = Flag(
    "interface", .bandwidth, "bits a second that it sends in all, and receives in all (as the fastest of its lines)")
}

extension Reader where Result == Int {
  static var cores: Reader { count(in: 1...1024, "a number of cores") }
}

extension Reader where Result == UInt64 {
  /// The memory of a node: at least one page. All nodes have pages of one size.
  static var memory: Reader {
    Reader(kind: .size) { (argument, call) throws(SessionError) in
      let pageSize = call.evaluator.world.nodeDefaults.pageSize
      return try call.size(argument, in: Int64(pageSize)...(1 << 50), "the memory of a node")
    }
  }

  /// A speed in thousandths: 1000 stands for speed 1.
  static var speed: Reader {
    Reader(kind: .number) { (argument, call) throws(SessionError) in
      let number = try call.number(argument) ?? 0
      let thousandths = (number * 1000).rounded()
      guard thousandths >= 1, thousandths <= 1_000_000, abs(thousandths - number * 1000) < 1e-6 else {
        throw call.refuse(
          "this is not a speed", at: argument.span,
          expected: "a number from 0.001 to 1000, with at most three decimals")
      }
      return UInt64(thousandths)
    }
  }
}
