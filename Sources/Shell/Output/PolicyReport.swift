import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Policies in force, or of a set, for people and as data.
struct PolicyReport {
  private let policies: Policies

  init(_ policies: Policies) { self.policies = policies }

  var report: Report {
    let initiation = policies.initiation
    return Report([
      .facts([
        .init(
          "placement", .object(items(of: policies.placement)), label: "placement", shown: text(of: policies.placement)),
        .init("selection", .word(policies.selection.name), label: "selection"),
        .init(
          "destination", .object(items(of: policies.destination)), label: "destination",
          shown: text(of: policies.destination)),
        .init(
          "initiation",
          .object([
            .init("policy", .word(initiation.policy.name)), .init("threshold", .decimal(initiation.threshold)),
            .init("probes", .count(initiation.probes)), .init("every", .time(initiation.interval)),
            .init("residence", .time(initiation.residence)), .init("costBenefit", .boolean(initiation.weighsCost)),
          ]), label: "initiation", shown: initiationText),
        .init("balancing", .boolean(policies.isBalancing), label: "balancing", shown: balancingText),
      ])
    ])
  }

  /// All of it in a sentence.
  var sentence: String {
    let balance =
      policies.isBalancing
      ? "\(policies.initiation.policy.name), \(policies.selection.name), \(policies.destination.policy.name)" : "off"
    return "placement \(policies.placement.policy.name); balancing \(balance)"
  }

  private var balancingText: String {
    guard policies.isBalancing else { return "off" }
    return "on, by \(policies.transfer.mechanism.rawValue)"
  }

  private var initiationText: String {
    let initiation = policies.initiation
    var parts = [initiation.policy.name, "above a load of \(load(initiation.threshold))"]
    if initiation.policy != .sender { parts.append("asking \(counted(initiation.probes, "node"))") }
    parts.append("every \(formatTime(initiation.interval))")
    if initiation.residence > 0 { parts.append("after a residence of \(formatTime(initiation.residence))") }
    if initiation.weighsCost { parts.append("if it gains more than it costs") }
    return parts.joined(separator: ", ")
  }

  private func text(of rule: NodeRule) -> String {
    var parts = [rule.policy.name]
    if rule.policy == .threshold || rule.policy == .shortest {
      parts += ["a load of \(load(rule.threshold)) is enough", "asking \(counted(rule.probes, "node"))"]
    }
    if rule.inflates { parts.append("what is on its way counts") }
    return parts.joined(separator: ", ")
  }

  private func items(of rule: NodeRule) -> [Report.Item] {
    [
      .init("policy", .word(rule.policy.name)), .init("threshold", .decimal(rule.threshold)),
      .init("probes", .count(rule.probes)), .init("inflates", .boolean(rule.inflates)),
    ]
  }

  private func load(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}

/// What policies chose before a migration: the candidates with their figures, and why.
struct ChoiceReport {
  private let choice: PolicyChoice

  init(_ choice: PolicyChoice) { self.choice = choice }

  /// What was chosen, for people.
  func blocks(in world: any Cluster) -> [Report.Block] {
    var blocks: [Report.Block] = []
    if let selection = choice.process, let chosen = selection.candidates.first?.candidate {
      blocks.append(
        .sentence(
          "selected \(world.name(of: chosen.process)) by `\(selection.policy)` among \(counted(selection.count, "process", plural: "processes")):"
        ))
      blocks.append(.table(Listing(selection.candidates, processColumns)))
    }
    if let selection = choice.node {
      blocks.append(.sentence(Self.sentence(selection, world) + (selection.candidates.isEmpty ? "" : ":")))
      if !selection.candidates.isEmpty { blocks.append(.table(Listing(selection.candidates, nodeColumns))) }
    }
    return blocks
  }

  static func sentence(_ selection: NodeChoice, _ world: any Cluster) -> String {
    let asked = selection.probes > 0 ? ", \(counted(selection.probes, "node")) asked" : ""
    if let node = selection.node { return "selected node \(world.name(of: node)) by `\(selection.policy)`\(asked)" }
    if selection.purpose == .placement { return "it begins where it was asked for, by `\(selection.policy)`\(asked)" }
    let why =
      switch selection.why {
      case .noCandidate: "no other node is known that could take it"
      case .nobodyTold: "no other node has told its load yet"
      case .costsMore: "it cannot be expected to gain more than its move costs"
      case nil: "`\(selection.policy)` has none for it"
      }
    return "no node was selected: \(why)\(asked)"
  }

  /// The same as data.
  var datum: Report.Datum {
    .object([
      .init(
        "process",
        choice.process.map { selection in
          .object([
            .init("policy", .word(selection.policy)), .init("count", .count(selection.count)),
            .init("candidates", Listing(selection.candidates, processColumns).datum),
          ])
        } ?? .value(.none)),
      .init(
        "node",
        choice.node.map { selection in
          .object([
            .init("policy", .word(selection.policy)), .init("chosen", .optional(selection.node) { .node($0) }),
            .init("why", .optional(selection.why) { .word("\($0)") }), .init("probes", .count(selection.probes)),
            .init("candidates", Listing(selection.candidates, nodeColumns).datum),
          ])
        } ?? .value(.none)),
    ])
  }

  private var processColumns: [Column<Valued<ProcessCandidate>>] {
    [
      Column("PROCESS", "process") { .process($0.candidate.process) },
      Column("AGE>", "age") { .time($0.candidate.age) }, Column("CPU>", "cpu") { .time($0.candidate.cpuTime) },
      Column("HERE FOR>", "residence") { .time($0.candidate.residence) },
      Column("PAGES>", "pages") { .count($0.candidate.residentPages) },
      Column("COST>", "cost") { .time($0.candidate.cost) },
      Column("MESSAGES>", "remoteMessages") { .count($0.candidate.remoteMessages) },
      Column(nil, "value") { .optional($0.value, Value.decimal) },
    ]
  }

  private var nodeColumns: [Column<Valued<NodeCandidate>>] {
    [
      Column("NODE", "node") { .node($0.candidate.node) },
      Column("RUNNABLE>", "runnable") { .optional($0.candidate.report?.runnable) { .count($0) } },
      Column("ON THE WAY>", "arriving", { .count(max(0, $0.candidate.arriving)) }),
      Column("CORES>", "cores") { .optional($0.candidate.report?.cores) { .count($0) } },
      Column("LOAD>", "load") { .optional($0.candidate.load(), Value.decimal) },
      Column("FREE>", "freeMemory") { .optional($0.candidate.report?.freeMemory) { .size($0) } },
      Column("MESSAGES>", "messages") { .count($0.candidate.messages) },
      Column(
        "TOLD>", "age", { $0.candidate.isHere ? .none : .time($0.candidate.age) },
        shown: { valued in
          let candidate = valued.candidate
          if candidate.isHere { return "here" }
          if candidate.report == nil { return "never" }
          return candidate.age == 0 ? "when asked" : "\(formatTime(candidate.age)) ago"
        }),
      Column(nil, "value") { .optional($0.value, Value.decimal) },
    ]
  }
}
