import Chronicle
import MigrationKernel
import Simulator

/// How many active processes each node had over time, as `load --over` shows it.
///
/// The log tells when processes come, move, stop and end, but not when their threads wait. So these are the processes that ran
/// or waited, and not the threads that were runnable: for processes that only compute, it is the same.
struct LoadHistory {
  private let history: ClusterHistory
  private let start: Nanoseconds
  private let end: Nanoseconds
  private let world: any Cluster
  /// For each member, in order, the changes of its number of active processes: the last at or before `start` first.
  private let steps: [[(time: Nanoseconds, count: Int)]]

  init(over duration: Nanoseconds, in world: any Cluster) {
    history = ClusterHistory(Array(world.processes.all), in: world)
    self.world = world
    end = world.now
    let start = max(history.knownSince, end - min(end, duration))
    self.start = start
    var changes: [NodeID: [(time: Nanoseconds, step: Int)]] = [:]
    for process in history.processes {
      for (number, span) in process.spans.enumerated() where Self.isActive(span.state) && span.end > start {
        changes[span.node, default: []].append((max(span.start, start), 1))
        // A process that is still there has no end.
        if number + 1 < process.spans.count || process.end != nil {
          changes[span.node, default: []].append((span.end, -1))
        }
      }
    }
    steps = world.members.map { Self.counts(changes[$0] ?? [], from: start) }
  }

  private static func isActive(_ state: Ink) -> Bool {
    switch state {
    case .active, .pagesElsewhere, .moving, .awaitsCore, .stalled: true
    default: false
    }
  }

  private static func counts(
    _ changes: [(time: Nanoseconds, step: Int)], from start: Nanoseconds
  ) -> [(time: Nanoseconds, count: Int)] {
    var counts: [(time: Nanoseconds, count: Int)] = [(start, 0)]
    // Whoever goes and comes at one instant, goes first.
    for change in changes.sorted(by: { ($0.time, $0.step) < ($1.time, $1.step) }) {
      let count = counts[counts.count - 1].count + change.step
      if counts[counts.count - 1].time == change.time {
        counts[counts.count - 1].count = count
      } else {
        counts.append((change.time, count))
      }
    }
    var changes = counts.prefix(1)
    for count in counts.dropFirst() where count.count != changes.last?.count { changes.append(count) }
    return Array(changes)
  }

  private func most(_ node: Int) -> Int { steps[node].map(\.count).max() ?? 0 }

  var picture: Picture {
    var picture = Picture(
      title: "active processes of each node from \(formatTime(start)) to \(formatTime(end))",
      sentences: world.members.indices.map(sentence) + [peaksSentence].compactMap(\.self),
      content: .chart(
        Chart(
          axis: .init(start: start, end: end, unit: .time), rows: world.members.indices.map(row),
          most: UInt64(world.members.indices.map(most).max() ?? 0))))
    picture.remarks.append("active are processes that run or wait; the log does not tell the two apart")
    if history.knownSince > 0, start == history.knownSince {
      picture.remarks.append("the log does not go further back than \(formatTime(history.knownSince))")
    }
    return picture
  }

  /// The most active processes of each node at a time, in each of some equal parts of the time.
  var trends: [Trend] {
    guard start < end else { return steps.map { _ in Trend([]) } }
    let counts = steps.map { steps in
      var counts = [UInt64](repeating: 0, count: Trend.parts)
      for (number, step) in steps.enumerated() {
        let until = number + 1 < steps.count ? steps[number + 1].time : end
        let first = part(of: step.time)
        let last = max(first, part(of: max(step.time, until - min(until, 1))))
        for part in first...last { counts[part] = max(counts[part], UInt64(max(0, step.count))) }
      }
      return counts
    }
    let most = counts.flatMap(\.self).max() ?? 0
    return counts.map { Trend($0, most: most) }
  }

  private func part(of time: Nanoseconds) -> Int {
    min(Trend.parts - 1, Int((time - min(time, start)).scaled(by: UInt64(Trend.parts), over: end - start)))
  }

  private func row(_ place: Int) -> Chart.Row {
    let node = world.members[place]
    var row = Chart.Row(label: world[node].name)
    for (number, step) in steps[place].enumerated() where step.count > 0 {
      let until = number + 1 < steps[place].count ? steps[place][number + 1].time : end
      row.spans.append(.init(start: step.time, end: until, ink: .amount, amount: UInt64(step.count)))
    }
    row.spans += history.outages.filter { $0.node == node && ($0.end ?? .max) > start }.map {
      .init(start: max(start, $0.start), end: $0.end ?? end, ink: .down)
    }
    row.note = "now \(steps[place].last?.count ?? 0)"
    return row
  }

  private func sentence(_ place: Int) -> String {
    let course = Course(steps[place])
    return "Node \(world[world.members[place]].name) \(course.words)."
  }

  /// In which order the nodes had the most to do; nil where at most one of them ever had more than at first.
  private var peaksSentence: String? {
    let peaks = world.members.indices.compactMap { place -> (name: String, time: Nanoseconds, count: Int)? in
      let most = most(place)
      guard most > steps[place].first?.count ?? 0, let peak = steps[place].first(where: { $0.count == most }) else {
        return nil
      }
      return (world[world.members[place]].name, peak.time, most)
    }
    guard peaks.count > 1 else { return nil }
    // What comes first is named first; of two at one time, the one that was added first.
    let ordered = peaks.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    let told = ordered.map { "\($0.element.name) at \(formatTime($0.element.time)) with \($0.element.count)" }
    return "In the order in which they had the most: \(told.joined(separator: ", "))."
  }

  static let shape = DataShape.object([
    .init("from", .time, "where it begins"), .init("to", .time, "where it ends"),
    .init(
      "nodes",
      .rows([
        .init("node", .node, "its name"),
        .init(
          "activeProcesses",
          .rows([.init("since", .time, "from when on"), .init("count", .count, "so many")]), "those that ran or waited"),
      ]), "the nodes"),
  ])

  var items: [Report.Item] {
    [
      .init("from", .time(start)), .init("to", .time(end)),
      .init(
        "nodes",
        .list(
          world.members.enumerated().map { place, node in
            .object([
              .init("node", .node(node)),
              .init(
                "activeProcesses",
                .list(
                  steps[place].map { .object([.init("since", .time($0.time)), .init("count", .count($0.count))]) })),
            ])
          })),
    ]
  }
}
