import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `load`: how much nodes have to do, and what each of them knows of that.
extension Commands {
  static let load = Command(
    "load", flags: [believer, duration],
    summary: "how much each node has to do; or what a node believes of the others, and how old that is",
    details: """
      The load is the number of runnable threads for each core. What is used is the part \
      of its core time, while it was up, that threads have had. A node knows what others have told it: `set load-interval` \
      says how often they do.
      LATELY are the active processes in the last 10 s, or since the beginning: the most in each twelfth of that time.
      With --over it draws how many active processes each node had until now: those that run or wait, since the log does \
      not say when threads are runnable.
      """,
    examples: ["load", "load --seen-by a", "load --over 10s"],
    preparation: "node add a b; spawn p --count 3 --on a; set load-interval 100ms; run 1s", data: loadShape,
    group: "Cluster",
    exclusive: [[believer, duration]], effect: .nothing, run: showLoad)

  private static let loadShape = DataShape.either([
    .rows([
      .init("node", .node, "its name"), .init("runnable", .optional(.count), "runnable threads; null when not known"),
      .init("cores", .optional(.count), "its cores; null when not known"),
      .init("load", .optional(.number), "runnable threads for each core; null when not known"),
      .init("freeMemory", .optional(.size), "its free memory; null when not known"),
      .init("processes", .optional(.count), "its processes; null when not known"),
      .init(
        "utilisation", .optional(.share), "the part of its core time that is used; null when there was none",
        isAlwaysThere: false),
      .init(
        "age", .optional(.time), "with `--seen-by`, how old that is; null for the node itself and what is not known",
        isAlwaysThere: false),
      .init(
        "lately", .list(.count),
        "the most active processes in each twelfth of the last 10 s, unless the log is very long",
        isAlwaysThere: false),
    ]), LoadHistory.shape,
  ])

  static let noNodes = "no nodes; add some with `node add a b`"

  private static let believer = Flag("seen-by", .upNode, "what this node believes")
  static let duration = Flag(
    "over", .time(in: 1...Int64.max, "a time"), "how many processes were active on each node in the last time T")

  /// What is so, or what a node believes, of one node.
  private struct Row: Sendable {
    let node: NodeID
    let report: LoadReport?
    let age: Nanoseconds?
    var trend: Trend?
  }

  /// With a longer log it would take long to say what was lately.
  private static let mostEntries = 200_000

  private static func showLoad(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world: any Cluster = session.state.world
    let seer = try call[believer]
    if let duration = try call[duration] {
      let history = LoadHistory(over: duration, in: world)
      guard !world.members.isEmpty else { return Report([.sentence(noNodes), .facts(history.items)]) }
      return Report([.drawing(history.picture), .facts(history.items)])
    }
    var rows = world.members.map { node -> Row in
      guard let seer, seer != node else { return Row(node: node, report: world[node].loadReport, age: nil) }
      let belief = world[seer].belief(about: node)
      return Row(node: node, report: belief?.report, age: belief.map { world.now - min(world.now, $0.heardAt) })
    }
    var columns: [Column<Row>] = [
      Column("NODE", "node") { .node($0.node) },
      Column("RUNNABLE>", "runnable") { .optional($0.report?.runnable) { .count($0) } }.leftOut(atRank: 1),
      Column("CORES>", "cores") { .optional($0.report?.cores) { .count($0) } }.leftOut(atRank: 2),
      Column("LOAD>", "load") { .optional($0.report?.load, Value.decimal) },
      Column("FREE>", "freeMemory") { .optional($0.report?.freeMemory) { .size($0) } },
      Column("PROCESSES>", "processes") { .optional($0.report?.processes) { .count($0) } },
    ]
    if seer == nil {
      if world.log.entries.count <= mostEntries {
        for (place, trend) in LoadHistory(over: Trend.window, in: world).trends.enumerated() {
          rows[place].trend = trend
        }
      }
      columns.append(
        Column("USED>", "utilisation") { .optional(world[$0.node].coreUse(now: world.now).utilisation, Value.share) })
      columns.append(Column(trend: "LATELY", "lately") { $0.trend })
    }
    if seer != nil { columns.append(Column("AGE>", "age") { .optional($0.age, Value.time) }) }
    return Report(Listing(rows, columns), whenEmpty: noNodes)
  }
}
