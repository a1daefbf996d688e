import Chronicle
import MigrationKernel
import Simulator

/// What the page about a run knows of each instant, as data for its program.
struct RunMoments {
  /// The instants at which pages are looked at.
  private let instants: [Nanoseconds]
  private let history: ClusterHistory
  private let world: World
  private let entries: [Log.Entry]
  /// The processes whose pages are looked at, by their numbers among all that are shown.
  private let owners: [Int: ProcessID]
  private var memories: [Int: [JSON]] = [:]
  private var lastRuns: [Int: String] = [:]
  /// Letters of texts about pages so far.
  private var written = 0
  /// What is left out, in sentences.
  private(set) var remarks: [String] = []

  static let mostProcesses = 200
  private static let mostOwners = 12
  private static let mostCells = 256
  private static let mostPageLetters = 400_000
  /// Pages looked at in all, and instants at which they are.
  private static let mostLooks = 4_000_000
  private static let mostInstants = 240
  private static let evenInstants: UInt64 = 80
  /// In a longer run it would take too long to do it again.
  private static let mostEvents: UInt64 = 3_000_000

  /// - Parameter entries: the latest of the log, which the page shows.
  init(_ world: World, entries: some Sequence<Log.Entry>) {
    self.world = world
    self.entries = Array(entries)
    let records = world.processes.all
    // Those that moved matter most; the order stays that of their creation.
    let moved = records.filter { !$0.migrations.isEmpty }.prefix(Self.mostProcesses)
    let others = records.filter { $0.migrations.isEmpty }.prefix(Self.mostProcesses - moved.count)
    let shown = Set((moved + others).map(\.id))
    let history = ClusterHistory(records.filter { shown.contains($0.id) }, in: world)
    self.history = history
    if shown.count < records.count { remarks.append("only \(shown.count) of \(records.count) processes are shown") }
    let instants = Self.instants(of: world, from: history.knownSince)
    self.instants = instants
    let order = history.processes.indices.sorted {
      (history.processes[$0].record.migrations.isEmpty ? 1 : 0, $0)
        < (history.processes[$1].record.migrations.isEmpty ? 1 : 0, $1)
    }
    var owners: [Int: ProcessID] = [:]
    var looks = 0
    for place in order where owners.count < Self.mostOwners {
      let record = history.processes[place].record
      let pages =
        world.view(of: record)?.pageCount ?? record.migrations.last.flatMap { world.migrations[$0]?.pageCount } ?? 64
      guard looks + pages * instants.count <= Self.mostLooks else { continue }
      looks += pages * instants.count
      owners[place] = record.id
    }
    self.owners = owners
    if owners.count < history.processes.count {
      remarks.append("the memory of \(owners.count) of \(history.processes.count) processes is shown")
    }
    if world.eventCount > Self.mostEvents {
      remarks.append("the run is too long to look at its memory at earlier times")
    }
  }

  /// The instants at which pages are looked at: some at equal distances, and those at which migrations change much.
  private static func instants(of world: World, from start: Nanoseconds) -> [Nanoseconds] {
    guard world.eventCount <= mostEvents else { return [world.now] }
    let length = world.now - min(world.now, start)
    var instants = Set((0...evenInstants).map { start + $0.scaled(by: length, over: evenInstants) })
    for record in world.migrations.all.suffix(30) {
      let ends = record.rounds.suffix(20).map { $0.startedAt + $0.duration }
      let turns = [record.offeredAt, record.frozenAt, record.activatedAt, record.endedAt, record.releasedAt]
      for time in turns.compactMap(\.self) + ends where time >= start && time <= world.now { instants.insert(time) }
    }
    let all = instants.sorted()
    guard all.count > mostInstants else { return all }
    return (0..<mostInstants).map { all[$0 * (all.count - 1) / (mostInstants - 1)] }
  }

  /// Looks at the pages of processes at all instants.
  mutating func lookAtMemory(_ session: inout Session, _ call: Invocation) throws(SessionError) {
    guard !owners.isEmpty else { return }
    var found = self
    try session.lookBack(at: instants, call) { instant, then in found.add(instant, copy then) }
    self = found
  }

  private mutating func add(_ instant: Nanoseconds, _ then: World) {
    for (place, id) in owners.sorted(by: { $0.key < $1.key }) where written < Self.mostPageLetters {
      guard let record = then.processes[id] else { continue }
      let view = then.view(of: record)
      let map = view.map { MemoryMap(record, $0, in: then, isInterrupted: { false }) }
      let runs = map.map { Self.runs(of: $0.cells(most: Self.mostCells).inks) } ?? ""
      let counts = view.map { [$0.touchedCount, $0.dirtyCount, $0.remoteCount] } ?? [0, 0, 0]
      let key = "\(counts)\(runs)"
      guard lastRuns[place] != key else { continue }
      lastRuns[place] = key
      written += runs.utf8.count + 32
      memories[place, default: []].append(
        .array([.integer(Int64(instant))] + counts.map { .integer(Int64($0)) } + [.string(runs)]))
    }
  }

  /// Cells as how often and which, one after the other.
  private static func runs(of cells: [Ink]) -> String {
    var text = ""
    var first = 0
    while first < cells.count {
      let end = cells[first...].firstIndex { $0 != cells[first] } ?? cells.count
      let letter =
        switch cells[first] {
        case .remote: "r"
        case .dirty: "d"
        case .touched: "t"
        default: "e"
        }
      text += "\(end - first)\(letter)"
      first = end
    }
    return text
  }

  // MARK: - Data

  /// The states that processes can be in.
  static let states: [Ink] = [
    .active, .pagesElsewhere, .moving, .awaitsCore, .stalled, .held, .stopped, .frozen, .inDoubt,
  ]

  /// The data, in a form that can stand in a script element of HTML and of XML.
  var text: String {
    let members: [(String, JSON)] = [
      ("start", time(history.knownSince)), ("end", time(world.now)), ("looks", .array(instants.map { time($0) })),
      (
        "states",
        .array(
          Self.states.map { .object([("ink", .string("\($0)")), ("word", .string(Timeline.word($0)))]) })
      ),
      ("nodes", .array(nodes)), ("processes", .array(history.processes.indices.map(process))), ("cuts", .array(cuts)),
      ("events", .array(distances)),
    ]
    var text = ""
    // In texts of JSON these may stand as numbers. Else they could end the element, or begin a comment.
    for scalar in JSON.object(members).encoded.unicodeScalars {
      switch scalar {
      case "<": text += "\\u003c"
      case ">": text += "\\u003e"
      case "&": text += "\\u0026"
      case "\u{FFFE}", "\u{FFFF}": text += "\\ufffd"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private func time(_ time: Nanoseconds) -> JSON { .integer(Int64(clamping: time)) }
  private func time(_ time: Nanoseconds?) -> JSON { time.map { .integer(Int64(clamping: $0)) } ?? .null }

  /// When events came: each after the one before, the first after the beginning of time.
  private var distances: [JSON] {
    var last: Nanoseconds = 0
    return entries.map { entry in
      defer { last = max(last, entry.time) }
      return time(entry.time - min(entry.time, last))
    }
  }

  /// All nodes that there ever were, at the places of their numbers.
  private var nodes: [JSON] {
    var ends: [NodeID: (from: Nanoseconds, to: Nanoseconds?)] = [:]
    for entry in world.log.entries {
      guard case .cluster(let event) = entry.event else { continue }
      if case .nodeAdded = event { ends[entry.node] = (entry.time, nil) }
      if case .nodeRemoved = event { ends[entry.node] = (ends[entry.node]?.from ?? 0, entry.time) }
    }
    let members = Set(world.members)
    var nodes: [JSON] = []
    while world.contains(NodeID(UInt32(nodes.count))) {
      let node = NodeID(UInt32(nodes.count))
      let outages = history.outages.filter { $0.node == node }
      nodes.append(
        .object([
          ("name", .string(world.name(of: node))), ("from", time(ends[node]?.from ?? 0)),
          ("to", time(ends[node]?.to ?? (members.contains(node) ? nil : history.knownSince))),
          ("down", .array(outages.map { .array([time($0.start), time($0.end)]) })),
        ]))
    }
    return nodes
  }

  private func process(_ place: Int) -> JSON {
    let process = history.processes[place]
    let view = world.view(of: process.record)
    let pages = view?.pageCount ?? process.record.migrations.last.flatMap { world.migrations[$0]?.pageCount }
    return .object([
      ("name", .string(process.record.name)), ("from", time(process.record.createdAt)), ("to", time(process.end)),
      ("lost", .boolean(process.isLost)), ("pages", pages.map { .integer(Int64($0)) } ?? .null),
      ("spans", .array(spans(of: process))), ("memory", .array(memories[place] ?? [])),
    ])
  }

  /// Start, node and state of each span, one after the other. What is too short to be seen goes with what is before it.
  private func spans(of process: ProcessHistory) -> [JSON] {
    let short = process.spans.count > 1000 ? (world.now - min(world.now, history.knownSince)) / 1000 : 0
    var merged: [ProcessHistory.Span] = []
    for span in process.spans {
      if let last = merged.last, last.node == span.node, span.end - span.start <= short, last.end - last.start <= short
      {
        let state = last.state.rawValue > span.state.rawValue ? last.state : span.state
        merged[merged.count - 1] = .init(start: last.start, end: span.end, node: last.node, state: state)
      } else {
        merged.append(span)
      }
    }
    return merged.flatMap { span -> [JSON] in
      [
        time(span.start), .integer(Int64(span.node.number)),
        .integer(Int64(Self.states.firstIndex(of: span.state) ?? 0)),
      ]
    }
  }

  /// Lines that carried nothing: both ends, from when, and until when.
  private var cuts: [JSON] {
    var open: [LineEnds: Nanoseconds] = [:]
    var cuts: [(ends: LineEnds, start: Nanoseconds, end: Nanoseconds?)] = []
    for entry in world.log.entries {
      guard case .cluster(let event) = entry.event else { continue }
      switch event {
      case .lineFailed(let peer): open[LineEnds(entry.node, peer)] = entry.time
      case .lineHealed(let peer):
        let ends = LineEnds(entry.node, peer)
        cuts.append((ends, open.removeValue(forKey: ends) ?? history.knownSince, entry.time))
      case .nodeAdded, .nodeFailed, .nodeRecovered, .nodeRemoved, .nodeChanged, .connectionBroken, .lineChanged,
        .networkChanged, .driverReplaced, .packetUnreadable:
        break
      }
    }
    for ends in world.cutLines { cuts.append((ends, open[ends] ?? history.knownSince, nil)) }
    return cuts.map { cut in
      .array([
        .integer(Int64(cut.ends.a.number)), .integer(Int64(cut.ends.b.number)), time(cut.start), time(cut.end),
      ])
    }
  }
}
