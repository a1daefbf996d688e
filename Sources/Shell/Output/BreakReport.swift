import Chronicle
import MigrationKernel
import Simulator

/// What is said when a breakpoint has stopped a command: which one, when, what has changed, and what goes on.
struct BreakReport {
  private let hits: [BreakHit]
  private let before: World
  private let world: World

  /// - Parameter before: the world before the command.
  init(_ hits: [BreakHit], since before: World, _ world: World) {
    self.hits = hits
    self.before = before
    self.world = world
  }

  var report: Report {
    let differences = WorldDifferences(from: before, to: world)
    let lines = hits.map { "stopped at breakpoint \($0.number) (\($0.breakpoint.text))\(reason($0))" }
    let time = "it is \(formatTime(world.now)); `run` goes on"
    let underWay = underWay
    let rest = underWay.isEmpty ? "" : "under way: \(underWay.joined(separator: ", "))\n"
    return Report([
      .sentence((lines + [time]).joined(separator: "\n") + "\n" + differences.text + rest),
      .facts([
        .init("now", .time(world.now)), .init("stopped", .list(hits.map(datum))), differences.item,
        .init("underWay", .texts(underWay)),
      ]),
    ])
  }

  private func reason(_ hit: BreakHit) -> String { hit.entry.map { ": \(FactSentence($0, world).text)" } ?? "" }

  private func datum(_ hit: BreakHit) -> Report.Datum {
    switch hit.breakpoint {
    case .on(let kind):
      .object([
        .init("breakpoint", .count(hit.number)), .init("on", .word(kind.rawValue)),
        .init("fact", hit.entry.map { FactSentence($0, world).datum } ?? .value(.none)),
      ])
    case .when(let kept): .object([.init("breakpoint", .count(hit.number)), .init("when", .text(kept.text))])
    }
  }

  /// The migrations that are not over, the first ones, and the messages on their way.
  private var underWay: [String] {
    let most = 3
    let migrations = world.migrations.all.filter { !$0.isSettled }
    var parts = migrations.prefix(most).map { record in
      "migration \(record.number) of \(world.name(of: record.attempt.process)) to \(world.name(of: record.destination))"
        + " (\(record.status.rawValue))"
    }
    if migrations.count > most { parts.append(counted(migrations.count - most, "more migration")) }
    if world.messages.waiting > 0 { parts.append(counted(world.messages.waiting, "message")) }
    return parts
  }
}

/// An entry of the log as one clause, with its node.
struct FactSentence {
  private let entry: Log.Entry
  private let world: World

  init(_ entry: Log.Entry, _ world: World) {
    self.entry = entry
    self.world = world
  }

  private var what: String { entry.event.text(in: world) }
  private var hasNode: Bool { entry.event.hasNode }

  var text: String { hasNode ? "\(world.name(of: entry.node)): \(what)" : what }

  var datum: Report.Datum {
    .object([
      .init("number", .count(entry.number)), .init("time", .time(entry.time)),
      .init("node", hasNode ? .node(entry.node) : .none), .init("kind", .word(entry.event.kind.rawValue)),
      .init("what", .text(what)),
    ])
  }
}
