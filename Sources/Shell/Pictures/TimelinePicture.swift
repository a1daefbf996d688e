import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What `timeline` shows.
struct Timeline {
  /// More rows than this are not drawn.
  static let mostRows = 60

  let history: ClusterHistory
  let start: Nanoseconds
  let end: Nanoseconds
  private let world: any Cluster

  /// - Parameters:
  ///   - records: the processes to show.
  ///   - start: from when; what the log does not tell any more is left out.
  ///   - end: until when; at most until now.
  init(_ records: [ProcessDirectory.Record], from start: Nanoseconds, to end: Nanoseconds, in world: any Cluster) {
    history = ClusterHistory(records, in: world)
    self.world = world
    self.end = min(end, world.now)
    self.start = min(self.end, max(start, history.knownSince))
  }

  // MARK: - Data

  /// The processes that there were between start and end.
  private var shown: [ProcessHistory] {
    history.processes.filter { $0.record.createdAt <= end && ($0.end ?? .max) >= start }
  }

  private var outages: [ClusterHistory.Outage] {
    history.outages.filter { $0.start <= end && ($0.end ?? .max) > start }
  }

  static let shape = DataShape.object([
    .init("from", .time, "where it begins"), .init("to", .time, "where it ends"),
    .init(
      "processes",
      .rows([
        .init("process", .process, "its name"), .init("createdAt", .time, "when it was created"),
        .init("endedAt", .optional(.time), "when it ended or was lost; null when it lives"),
        .init("lost", .boolean, "whether it was lost"),
        .init("deadlocks", .list(.time), "when threads began to wait for each other"),
        .init(
          "spans",
          .rows([
            .init("from", .time, "from when on"), .init("to", .time, "until when"), .init("node", .node, "where"),
            .init("state", .word(stateWords), "in which state"),
          ]), "where it was, and in which state"),
      ]), "the processes"),
    .init(
      "outages",
      .rows([
        .init("node", .node, "the node that was down"), .init("from", .time, "from when on"),
        .init("to", .optional(.time), "until when; null when it still is"),
      ]), "when nodes were down"),
  ])

  /// The words for states in data.
  private static let stateWords: [String] = Ink.allCases.map(word).reduce(into: []) { words, word in
    if !words.contains(word) { words.append(word) }
  }

  var items: [Report.Item] {
    [
      .init("from", .time(start)), .init("to", .time(end)),
      .init("processes", .list(shown.map { .object(items(of: $0)) })),
      .init(
        "outages",
        .list(
          outages.map { outage in
            .object([
              .init("node", .node(outage.node)), .init("from", .time(outage.start)),
              .init("to", .optional(outage.end) { .time($0) }),
            ])
          })),
    ]
  }

  private func items(of process: ProcessHistory) -> [Report.Item] {
    let spans = process.spans.filter { $0.start <= end && $0.end >= start }
    return [
      .init("process", .process(process.record.id)), .init("createdAt", .time(process.record.createdAt)),
      .init("endedAt", .optional(process.end) { .time($0) }), .init("lost", .boolean(process.isLost)),
      .init("deadlocks", .list(process.deadlocks.map { .time($0) })),
      .init(
        "spans",
        .list(
          spans.map { span in
            .object([
              .init("from", .time(span.start)), .init("to", .time(span.end)), .init("node", .node(span.node)),
              .init("state", .word(Self.word(span.state))),
            ])
          })),
    ]
  }

  /// A state as data has it.
  static func word(_ state: Ink) -> String {
    switch state {
    case .held: "new"
    case .pagesElsewhere: "active-with-remote-pages"
    case .moving: "active-moving"
    case .awaitsCore: "waiting-for-core"
    case .stalled: "waiting-for-page"
    case .stopped: "stopped"
    case .frozen: "frozen"
    case .inDoubt: "in-doubt"
    default: "active"
    }
  }

  // MARK: - Picture

  var picture: Picture {
    let drawn = shown.prefix(Self.mostRows)
    let nodes = Set(outages.map(\.node)).sorted()
    var picture = Picture(
      title: "timeline from \(formatTime(start)) to \(formatTime(end))",
      sentences: nodes.map(sentence) + drawn.map(sentence),
      content: .chart(
        Chart(
          axis: .init(start: start, end: end, unit: .time), rows: nodes.map(row) + drawn.map(row))))
    if drawn.isEmpty { picture.sentences.append("No process was there.") }
    if shown.count > drawn.count {
      picture.remarks.append(
        "\(shown.count - drawn.count) more processes are not drawn; name those that you want to see")
    }
    if history.knownSince > 0 {
      picture.remarks.append("the log does not go further back than \(formatTime(history.knownSince))")
    }
    return picture
  }

  private func row(_ node: NodeID) -> Chart.Row {
    Chart.Row(
      label: "node \(world[node].name)",
      spans: outages.filter { $0.node == node }.map { .init(start: $0.start, end: $0.end ?? end, ink: .down) })
  }

  private func row(_ process: ProcessHistory) -> Chart.Row {
    var row = Chart.Row(label: process.record.name)
    let spans = process.spans.filter { $0.end >= start && $0.start <= end }
    var first: ProcessHistory.Span?
    for span in spans {
      row.spans.append(.init(start: max(start, span.start), end: min(end, span.end), ink: span.state))
      if first?.node != span.node {
        if let first { row.names.append(name(from: first, to: span.start)) }
        first = span
      }
    }
    if let first { row.names.append(name(from: first, to: min(end, spans.last?.end ?? end))) }
    row.points = process.deadlocks.filter { $0 >= start && $0 <= end }.map { .init(place: $0, ink: .deadlocked) }
    if let time = process.end, time >= start, time <= end {
      row.points.append(.init(place: time, ink: process.isLost ? .lost : .ended))
    }
    return row
  }

  private func name(from span: ProcessHistory.Span, to end: Nanoseconds) -> Chart.Name {
    .init(start: max(start, span.start), end: end, text: world[span.node].name)
  }

  // MARK: - Sentences

  private func sentence(_ node: NodeID) -> String {
    let times = outages.filter { $0.node == node }.map { outage in
      "from \(formatTime(outage.start)) \(outage.end.map { "to \(formatTime($0))" } ?? "on")"
    }
    return "Node \(world[node].name) was down \(times.joined(separator: ", "))."
  }

  /// So many changes are told of one process.
  private static let mostTold = 24

  private func sentence(_ process: ProcessHistory) -> String {
    var parts: [String] = []
    var told: (node: NodeID, state: Ink)?
    var waits: (count: Int, time: Nanoseconds) = (0, 0)
    /// Many waits for pages in a row are told together.
    func tellWaits() {
      guard waits.count > 0 else { return }
      let times = waits.count == 1 ? "once" : "\(waits.count) times"
      parts.append("in which it waited for pages from elsewhere \(times), \(formatTime(waits.time)) in all")
      waits = (0, 0)
    }
    for span in process.spans where span.end >= start && span.start <= end {
      let isWait = span.state == .stalled
      if isWait { waits = (waits.count + 1, waits.time + (min(end, span.end) - max(start, span.start))) }
      guard told?.node != span.node || told?.state != span.state && !isWait else { continue }
      if !isWait { tellWaits() }
      let place = told?.node == span.node ? "" : " on \(world[span.node].name)"
      told = (span.node, isWait ? .pagesElsewhere : span.state)
      // How long a process stands still matters more than when, and rounded times would not tell.
      let length = min(end, span.end) - max(start, span.start)
      let duration = span.state == .frozen && length > 0 ? " for \(formatTime(length))" : ""
      parts.append(
        "\(clause(isWait ? .pagesElsewhere : span.state))\(place) from \(formatTime(max(start, span.start)))\(duration)"
      )
    }
    tellWaits()
    if parts.count > Self.mostTold {
      parts = parts.prefix(Self.mostTold) + ["and \(parts.count - Self.mostTold) more changes"]
    }
    if let time = process.end, time <= end {
      parts.append("\(process.isLost ? "lost" : "ended") at \(formatTime(time))")
    }
    return "Process \(process.record.name): \(parts.joined(separator: ", "))."
  }

  private func clause(_ state: Ink) -> String {
    switch state {
    case .held: "not started"
    case .pagesElsewhere: "active with pages elsewhere"
    case .moving: "active while it is being moved"
    case .awaitsCore: "waiting for a core"
    case .stopped: "stopped by the operator"
    case .frozen: "frozen"
    case .inDoubt: "in doubt"
    default: "active"
    }
  }
}
