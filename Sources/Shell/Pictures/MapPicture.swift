import Chronicle
import MigrationKernel
import Simulator

/// The nodes as they are now, and the lines between them, as `map` shows them.
struct ClusterMap {
  private let world: any Cluster
  private let members: [NodeID]
  private let processes: [NodeID: [Resident]]
  private let islands: [[Int]]
  private let lines: [NodeMap.Connection]

  /// A process on its node.
  private struct Resident {
    let id: ProcessID
    let name: String
    let isFrozen: Bool
    let isInDoubt: Bool

    /// Its name, with a mark when it stands still.
    var marked: String { name + (isFrozen ? "*" : isInDoubt ? "?" : "") }
    var told: String { name + (isFrozen ? " (frozen)" : isInDoubt ? " (in doubt)" : "") }
  }

  init(_ world: any Cluster) {
    self.world = world
    members = world.members
    var processes: [NodeID: [Resident]] = [:]
    for record in world.processes.all {
      guard let node = record.location else { continue }
      let state = world.state(of: record)
      processes[node, default: []].append(
        Resident(id: record.id, name: record.name, isFrozen: state == .frozen, isInDoubt: state == .inDoubt))
    }
    self.processes = processes
    islands = Self.islands(members, world)
    let places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1, $0) })
    let cuts = world.cutLines.filter { places[$0.a] != nil && places[$0.b] != nil }
    var lines = cuts.map {
      NodeMap.Connection(
        a: places[$0.a] ?? 0, b: places[$0.b] ?? 0, isCut: true, quality: Self.quality($0.a, $0.b, world))
    }
    // With very many nodes it would take long to look at every line.
    if members.count <= Self.mostCompared {
      for (a, first) in members.enumerated() {
        for (b, second) in members.enumerated() where a < b && !world.isCut(first, second) {
          guard let quality = Self.quality(first, second, world) else { continue }
          lines.append(NodeMap.Connection(a: a, b: b, isCut: false, quality: quality))
        }
      }
    }
    self.lines = lines.sorted { ($0.a, $0.b) < ($1.a, $1.b) }
  }

  private static let mostCompared = 200

  /// What a line is like that is not like all others.
  private static func quality(_ a: NodeID, _ b: NodeID, _ world: any Cluster) -> String? {
    let line = world.line(a, b)
    return line == world.lineDefaults ? nil : Commands.lineText(line)
  }

  /// Nodes that whole lines connect, directly or by way of others, in order; a node that is down is with those it would reach.
  private static func islands(_ members: [NodeID], _ world: any Cluster) -> [[Int]] {
    guard !world.cutLines.isEmpty else { return members.isEmpty ? [] : [Array(members.indices)] }
    var rest = Array(members.indices)
    var islands: [[Int]] = []
    while let first = rest.first {
      var island: [Int] = []
      var next = [first]
      rest.removeFirst()
      while let place = next.popLast() {
        island.append(place)
        let reached = rest.filter { !world.isCut(members[place], members[$0]) }
        next += reached
        rest.removeAll { world.isCut(members[place], members[$0]) == false }
      }
      islands.append(island.sorted())
    }
    return islands
  }

  // MARK: - Picture

  var picture: Picture {
    let down = members.count { !world[$0].isUp }
    let cut = lines.count(where: \.isCut)
    var title = "map at \(formatTime(world.now)): \(counted(members.count, "node"))"
    if down > 0 { title += ", \(down) of them down" }
    if cut > 0 { title += ", \(counted(cut, "line")) cut" }
    if islands.count > 1 { title += ", \(islands.count) parts that cannot reach each other" }
    var picture = Picture(
      title: title, sentences: members.map(sentence) + partSentences + lines.filter(isInOnePart).map(sentence),
      content: .nodes(NodeMap(nodes: members.map(box), lines: lines.filter(isInOnePart), islands: islands)))
    let residents = members.flatMap { processes[$0] ?? [] }
    if residents.contains(where: \.isFrozen) { picture.marks.append("* frozen") }
    if residents.contains(where: \.isInDoubt) { picture.marks.append("? in doubt") }
    if islands.count > 1 { picture.remarks.append("every line between two parts is cut") }
    let scope = islands.count > 1 ? "within a part, lines" : "lines"
    picture.remarks.append("\(scope) that are not listed are whole: \(Commands.lineText(world.lineDefaults))")
    return picture
  }

  /// Between two parts every line is cut: that need not be said of each.
  private func isInOnePart(_ line: NodeMap.Connection) -> Bool {
    islands.count < 2 || islands.contains { $0.contains(line.a) && $0.contains(line.b) }
  }

  private func memoryInUse(_ node: NodeID) -> UInt64 {
    world[node].settings.memory - min(world[node].settings.memory, world[node].loadReport?.freeMemory ?? 0)
  }

  private func box(_ node: NodeID) -> NodeMap.Box {
    let inUse = memoryInUse(node)
    return NodeMap.Box(
      name: world[node].name, isDown: !world[node].isUp, load: formatNumber(world[node].loadReport?.load ?? 0),
      memory: "\(formatSize(inUse)) of \(formatSize(world[node].settings.memory))",
      memoryInUse: inUse.scaled(by: 1000, over: max(1, world[node].settings.memory)),
      processes: (processes[node] ?? []).map(\.marked))
  }

  // MARK: - Sentences

  private func sentence(_ node: NodeID) -> String {
    guard world[node].isUp else { return "Node \(world[node].name) is down." }
    let names = (processes[node] ?? []).map(\.told)
    let inUse = "\(formatSize(memoryInUse(node))) of \(formatSize(world[node].settings.memory)) memory in use"
    let list =
      names.isEmpty ? "no process" : "\(names.count == 1 ? "process" : "processes") \(names.joined(separator: ", "))"
    return "Node \(world[node].name): load \(formatNumber(world[node].loadReport?.load ?? 0)), \(inUse), \(list)."
  }

  private var partSentences: [String] {
    guard islands.count > 1 else { return [] }
    return islands.enumerated().map { number, island in
      let names = island.map { world[members[$0]].name }.joined(separator: ", ")
      return "Part \(number + 1), which can reach no other: \(names)."
    }
  }

  private func sentence(_ line: NodeMap.Connection) -> String {
    let ends = "\(world[members[line.a]].name) to \(world[members[line.b]].name)"
    return
      "The line \(ends)\(line.isCut ? " is cut" : "")\(line.quality.map { "\(line.isCut ? ";" : "") has \($0)" } ?? "")."
  }

  // MARK: - Data

  static let shape = DataShape.object([
    .init(
      "nodes",
      .rows([
        .init("node", .node, "its name"), .init("up", .boolean, "whether it is up"),
        .init("load", .optional(.number), "runnable threads for each core; null while it is down"),
        .init("memory", .size, "its memory"), .init("memoryInUse", .optional(.size), "of that; null while it is down"),
        .init("processes", .list(.process), "the processes on it"),
      ]), "the nodes"),
    .init(
      "lines",
      .rows([
        .init("a", .node, "one end"), .init("b", .node, "the other end"), .init("cut", .boolean, "whether it is cut"),
        .init("latency", .time, "from one end to the other"), .init("bandwidth", .rate, "what it carries each way"),
      ]), "lines that are cut or special"),
    .init("parts", .list(.list(.node)), "nodes that can reach each other, by groups"),
  ])

  var items: [Report.Item] {
    [
      .init("nodes", .list(members.map { .object(items(of: $0)) })),
      .init(
        "lines",
        .list(
          lines.map { line in
            .object([
              .init("a", .node(members[line.a])), .init("b", .node(members[line.b])),
              .init("cut", .boolean(line.isCut)),
              .init("latency", .time(world.line(members[line.a], members[line.b]).latency)),
              .init("bandwidth", .rate(world.line(members[line.a], members[line.b]).bandwidth)),
            ])
          })),
      .init("parts", .list(islands.map { .list($0.map { .node(members[$0]) }) })),
    ]
  }

  private func items(of node: NodeID) -> [Report.Item] {
    [
      .init("node", .node(node)), .init("up", .boolean(world[node].isUp)),
      .init("load", .optional(world[node].loadReport?.load, Value.decimal)),
      .init("memory", .size(world[node].settings.memory)),
      .init("memoryInUse", world[node].isUp ? .size(memoryInUse(node)) : .none),
      .init("processes", .list((processes[node] ?? []).map { .process($0.id) })),
    ]
  }
}
