import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that draw what happened.
extension Commands {
  static let pictures: [Command] = [
    Command(
      "timeline", [TimelineChoice.processes], flags: TimelineChoice.flags,
      summary: "processes one below the other, time from left to right: where each was, and in which state",
      details: """
        A letter or name says on which node a process is from there on. The log does not tell when a process that may run \
        waits for a message or a core: it is active all the same. Nodes that were down have rows too. With `set plain on`, \
        all pictures are told in sentences.
        """,
      examples: ["timeline", "timeline p1 --from 10ms --until 40ms"],
      preparation: "node add a b; spawn p1; run 20ms; migrate p1 b; run 20ms", data: Timeline.shape, group: "Seeing",
      effect: .nothing
    ) { (session, call) throws(SessionError) in
      let timeline = try TimelineChoice.timeline(call, session.state.world)
      guard !session.state.world.processes.all.isEmpty else {
        return Report([.sentence("no processes; create one with `spawn p1`"), .facts(timeline.items)])
      }
      return Report([.drawing(timeline.picture), .facts(timeline.items)])
    },
    Command(
      "map", summary: "the nodes with their load, memory and processes, and the lines that are cut or special",
      details: "Nodes that can reach each other, directly or by way of others, stand in one frame.",
      examples: ["map"], preparation: "node add a b; spawn p1; migrate p1 b", data: ClusterMap.shape, group: "Seeing",
      effect: .nothing
    ) { (session, call) throws(SessionError) in
      let map = ClusterMap(session.state.world)
      guard !session.state.world.members.isEmpty else {
        return Report([.sentence(noNodes), .facts(map.items)])
      }
      return Report([.drawing(map.picture), .facts(map.items)])
    },
    Command(
      "rounds", [chosenMigration],
      summary: "what each round of a migration sent, and how much was written meanwhile",
      details: "Without N it is the latest migration that has had rounds.",
      examples: ["rounds", "rounds 1"], preparation: "node add a b; spawn p1; run 20ms; migrate p1 b --pretransfer",
      data: RoundsChart.shape, group: "Seeing", effect: .nothing
    ) { (session, call) throws(SessionError) in
      let chart = try rounds(call[chosenMigration], at: call.span(of: chosenMigration), call, session.state.world)
      return Report([.drawing(chart.picture), .facts(chart.items)])
    },
  ]

  private static let chosenMigration = OptionalParameter("N", .migrationNumber)

  /// The rounds of a migration: of the latest that has had some when none is named.
  static func rounds(
    _ number: Int?, at place: SourceSpan?, _ call: Invocation, _ world: any Cluster
  ) throws(SessionError) -> RoundsChart {
    let count = world.migrations.all.count
    let latest = world.migrations.all.last { !$0.rounds.isEmpty } ?? world.migrations.all.last
    guard let record = number.map({ world.migrations[$0] }) ?? latest else {
      throw call.refuse(
        count == 0 ? "nothing has been migrated yet" : "there is no migration \(number ?? count)", at: place,
        expected: count == 0 ? nil : "a number from 1 to \(count)")
    }
    return RoundsChart(record, in: world)
  }
}

/// What `timeline` shows.
enum TimelineChoice {
  static let processes = RepeatedParameter("P", .process, mayBeAbsent: true)
  static let onlyProcesses = Flag("process", .process, "only this process", repeatable: true)
  static let from = Flag("from", .time(in: 0...Int64.max, "an instant"), "from when on (the beginning)")
  static let until = Flag("until", .time(in: 0...Int64.max, "an instant"), "until when (now)")
  static let flags: [any FlagDeclaration] = [from, until]

  /// The timeline that a command asks for with parameters, and with the flags.
  static func timeline(_ call: Invocation, _ world: any Cluster) throws(SessionError) -> Timeline {
    try timeline(of: call[processes], call, world)
  }

  /// The timeline of some processes; of all when none is named.
  static func timeline(
    of chosen: [Given<ProcessDirectory.Record>], _ call: Invocation, _ world: any Cluster
  ) throws(SessionError) -> Timeline {
    var records: [ProcessDirectory.Record] = []
    for given in chosen {
      let record = try given.value
      if !records.contains(where: { $0.id == record.id }) { records.append(record) }
    }
    let (start, end) = (try call[from] ?? 0, try call[until] ?? world.now)
    guard start <= end, start <= world.now else {
      throw call.refuse(
        start > end ? "this is after the end" : "this is yet to come", at: call.span(of: from),
        expected: "an instant of at most \(formatTime(min(end, world.now)))")
    }
    return Timeline(chosen.isEmpty ? Array(world.processes.all) : records, from: start, to: end, in: world)
  }
}

extension Reader where Result == Int {
  static var migrationNumber: Reader { count(in: 1...Int.max, "the number of a migration") }
}
