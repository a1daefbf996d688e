import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `load`: how much nodes have to do, and what each of them knows of that.
extension Commands {
  static let load = Command(
    "load", flags: [believer],
    summary: "how much each node has to do; or what a node believes of the others, and how old that is",
    details: """
      The load is the number of runnable threads for each core. What is used is the part \
      of its core time, while it was up, that threads have had. A node knows what others have told it: `set load-interval` \
      says how often they do.
      """,
    examples: ["load", "load --seen-by a"], group: "Cluster", effect: .nothing, run: showLoad)

  private static let believer = Flag("seen-by", .upNode, "what this node believes")

  /// What is so, or what a node believes, of one node.
  private struct Row: Sendable {
    let node: NodeID
    let report: LoadReport?
    let age: Nanoseconds?
  }

  private static func showLoad(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world: any Cluster = session.state.world
    let seer = try call[believer]
    let rows = world.members.map { node -> Row in
      guard let seer, seer != node else { return Row(node: node, report: world[node].loadReport, age: nil) }
      let belief = world[seer].belief(about: node)
      return Row(node: node, report: belief?.report, age: belief.map { world.now - min(world.now, $0.heardAt) })
    }
    var columns: [Column<Row>] = [
      Column("NODE", "node") { .node($0.node) },
      Column("RUNNABLE>", "runnable") { .optional($0.report?.runnable) { .count($0) } },
      Column("CORES>", "cores") { .optional($0.report?.cores) { .count($0) } },
      Column("LOAD>", "load") { .optional($0.report?.load, Value.decimal) },
      Column("FREE>", "freeMemory") { .optional($0.report?.freeMemory) { .size($0) } },
      Column("PROCESSES>", "processes") { .optional($0.report?.processes) { .count($0) } },
    ]
    if seer == nil {
      columns.append(
        Column("USED>", "utilisation") { .optional(world[$0.node].coreUse(now: world.now).utilisation, Value.share) })
    }
    if seer != nil { columns.append(Column("AGE>", "age") { .optional($0.age, Value.time) }) }
    return Report(Listing(rows, columns), whenEmpty: "no nodes; add some with `node add a b`")
  }
}
