import Chronicle
import MigrationKernel
import Simulator

/// What is different between two moments of one world, in a few words for each thing.
struct WorldDifferences {
  /// How one thing was, and how it is.
  struct Change: Sendable, Equatable {
    let subject: String
    /// Nil when it was not there.
    let old: String?
    /// Nil when it is not there, or not yet.
    let new: String?
    /// What is said in place of both, when it has begun to be there.
    var arrival = "created"

    var text: String {
      switch (old, new) {
      case (let old?, let new?): "\(subject): \(old) → \(new)"
      case (nil, let new?): "\(subject): \(arrival), \(new)"
      case (_, nil): "\(subject): not \(arrival) yet"
      }
    }
  }

  /// Nodes first, then lines, processes, migrations, messages.
  private(set) var changes: [Change] = []

  /// How many are shown; the rest is counted.
  private static let mostShown = 5
  /// How many are in data.
  private static let mostInData = 100
  /// The most processes whose states and pages are compared. Of more, only where they are is.
  private static let mostViews = 2000

  init(from old: World, to new: World) {
    addNodes(old, new)
    addLines(old, new)
    addProcesses(old, new)
    addMigrations(old, new)
    addMessages(old, new)
  }

  /// A line for each, and how many more there are; empty when there are none.
  var text: String {
    let shown = changes.prefix(Self.mostShown).map { "  \($0.text)\n" }.joined()
    let more = changes.count - min(changes.count, Self.mostShown)
    return shown + (more > 0 ? "  and \(counted(more, "more difference"))\n" : "")
  }

  /// As a member of data. Of very many the last ones are left out.
  var item: Report.Item {
    .init(
      "changes",
      .list(
        changes.prefix(Self.mostInData).map { change in
          .object([
            .init("what", .text(change.subject)), .init("from", .optional(change.old) { .text($0) }),
            .init("to", .optional(change.new) { .text($0) }),
          ])
        }))
  }

  private mutating func add(_ subject: String, _ old: String?, _ new: String?, arrival: String = "created") {
    if old != new { changes.append(Change(subject: subject, old: old, new: new, arrival: arrival)) }
  }

  // MARK: - What is compared

  private mutating func addNodes(_ old: World, _ new: World) {
    for index in 0..<max(old.nodes.count, new.nodes.count) {
      let id = NodeID(UInt32(index))
      let (before, after) = (Self.state(of: id, old), Self.state(of: id, new))
      guard before != after else { continue }
      let name = new.contains(id) ? new[id].name : old[id].name
      add(name, before, after, arrival: "added")
    }
  }

  private static func state(of node: NodeID, _ world: World) -> String? {
    guard world.contains(node) else { return nil }
    return world[node].isRemoved ? "removed" : world[node].isUp ? "up" : "failed"
  }

  private mutating func addLines(_ old: World, _ new: World) {
    let (before, after) = (old.cutLines, new.cutLines)
    guard before != after else { return }
    func name(_ line: LineEnds) -> String { "line \(new.name(of: line.a))–\(new.name(of: line.b))" }
    for line in after where !before.contains(line) { add(name(line), "whole", "cut") }
    for line in before where !after.contains(line) && new.contains(line.a) && new.contains(line.b) {
      add(name(line), "cut", "whole")
    }
  }

  private mutating func addProcesses(_ old: World, _ new: World) {
    let looksAtViews = max(old.processes.all.count, new.processes.all.count) <= Self.mostViews
    for record in new.processes.all {
      guard let before = old.processes[record.id] else {
        add(record.name, nil, Self.state(of: record, new))
        continue
      }
      guard looksAtViews || before.fate != record.fate || before.owner != record.owner else { continue }
      var (was, isNow) = (Self.state(of: before, old), Self.state(of: record, new))
      if Self.onlyTookTurns(before, old, record, new) { was = isNow }
      let (had, has) = (Self.residentPages(of: before, old), Self.residentPages(of: record, new))
      guard let had, let has, had != has else {
        add(record.name, was, isNow)
        continue
      }
      // A process that has gone on without moving has touched pages, and the state is the same.
      let (first, second) = (was == isNow ? "" : "\(was), ", was == isNow ? "" : "\(isNow), ")
      add(record.name, "\(first)\(counted(had, "page")) resident", "\(second)\(has) resident")
    }
    for record in old.processes.all where new.processes[record.id] == nil {
      add(record.name, Self.state(of: record, old), nil)
    }
  }

  private static func state(of record: ProcessDirectory.Record, _ world: World) -> String {
    switch record.fate {
    case .ended(.exited, _, let node): return "ended on \(world.name(of: node))"
    case .ended(.killed, _, let node): return "killed on \(world.name(of: node))"
    case .ended(.fault, _, let node): return "died on \(world.name(of: node))"
    case .lost: return "lost"
    case .alive:
      let state = world.state(of: record)
      let words = state == .inDoubt ? "in doubt" : state.rawValue
      return record.location.map { "\(words) on \(world.name(of: $0))" } ?? words
    }
  }

  /// Whether a process could run then and can now, on the same node: which one has a core changes all the time.
  private static func onlyTookTurns(
    _ before: ProcessDirectory.Record, _ old: World, _ after: ProcessDirectory.Record, _ new: World
  ) -> Bool {
    let states = [old.state(of: before), new.state(of: after)]
    return before.location == after.location && states.allSatisfy { $0 == .ready || $0 == .running }
  }

  private static func residentPages(of record: ProcessDirectory.Record, _ world: World) -> Int? {
    world.view(of: record).map { $0.pageCount - $0.remoteCount }
  }

  private mutating func addMigrations(_ old: World, _ new: World) {
    let (before, after) = (old.migrations.all, new.migrations.all)
    for (index, record) in after.enumerated() {
      let earlier = index < before.count ? before[before.index(before.startIndex, offsetBy: index)] : nil
      let status = record.status.rawValue
      guard earlier?.status.rawValue != status else { continue }
      let way = "\(new.name(of: record.source)) to \(new.name(of: record.destination))"
      add(
        title(of: record, new), earlier?.status.rawValue, earlier == nil ? "\(way), \(status)" : status,
        arrival: "begun")
    }
    for record in before.dropFirst(after.count) {
      add(title(of: record, old), record.status.rawValue, nil, arrival: "begun")
    }
  }

  private func title(of record: MigrationRecord, _ world: World) -> String {
    "migration \(record.number) of \(world.name(of: record.attempt.process))"
  }

  private mutating func addMessages(_ old: World, _ new: World) {
    let counts: [(String, (MessageLedger) -> UInt64)] = [
      ("delivered", { $0.delivered }), ("returned", { $0.returned }), ("lost", { $0.lost }),
    ]
    for (name, count) in counts {
      let (before, after) = (count(old.messages), count(new.messages))
      add("messages \(name)", "\(before)", "\(after)")
    }
  }
}
