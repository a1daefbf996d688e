import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `policy …` and `balance …`: which policies all nodes follow, and whether they balance their load.
extension Commands {
  static let policy: [Command] = [
    Command(
      "policy placement", [Rules.node], flags: Rules.nodeFlags, summary: "which node a new process begins on",
      details: Rules.help(NodePolicy.all.map { ($0.name, $0.summary) }),
      examples: ["policy placement least-loaded --inflate", "policy placement threshold --threshold 1 --probes 3"],
      preparation: "node add a b", data: .shared(.policies), group: "Policy", run: setPlacement),
    Command(
      "policy selection", [Rules.process], summary: "which process moves",
      details: Rules.help(SelectionPolicy.all.map { ($0.name, $0.summary) }), examples: ["policy selection most-cpu"],
      preparation: "node add a b", data: .shared(.policies), group: "Policy", run: setSelection),
    Command(
      "policy destination", [Rules.node], flags: Rules.nodeFlags, summary: "which node a process moves to",
      details: Rules.help(NodePolicy.all.dropFirst().map { ($0.name, $0.summary) }),
      examples: ["policy destination shortest --probes 2"], preparation: "node add a b", data: .shared(.policies),
      group: "Policy",
      run: setDestination),
    Command(
      "policy initiation", [Rules.initiation], flags: Rules.initiationFlags, summary: "who begins to balance, and when",
      details: Rules.help(InitiationPolicy.allCases.map { ($0.name, $0.summary) }),
      examples: [
        "policy initiation receiver --every 500ms",
        "policy initiation sender --threshold 2 --residence 1s --cost-benefit",
      ],
      preparation: "node add a b", data: .shared(.policies), group: "Policy", run: setInitiation),
    Command(
      "policy define", [OwnRule.name], flags: [OwnRule.select, OwnRule.destination, OwnRule.condition],
      summary: "a policy of your own: the candidate with the highest value wins",
      details: OwnRule.help,
      examples: ["policy define greedy --select 'age' --destination '-load' --where 'freeMemory >= pages'"],
      preparation: "node add a b; spawn p --count 2 --on a",
      sequel: "policy show greedy",
      data: .object([.init("name", .text, "its name"), .init("policy", .text, "what it does")]), group: "Policy",
      run: definePolicy),
    Command(
      "policy set", [PolicySets.name], flags: PolicySets.flags,
      summary: "a named set of policies, for `policy use` and `compare policy`",
      details: """
        What is not said is as if nothing had been set: processes begin where they are asked for, and nothing is balanced. With \
        `--initiation` nodes balance their load. Without any flag the set is what is in force now. `none` is a set that is \
        always there.
        """, examples: ["policy set mine --placement threshold --initiation receiver"], data: .shared(.policies),
      group: "Policy", run: makeSet),
    Command(
      "policy use", [PolicySets.known], summary: "put a named set of policies in force", examples: ["policy use mine"],
      preparation: "policy set mine --placement threshold --initiation receiver", data: .shared(.policies),
      group: "Policy", run: useSet),
    Command(
      "policy list", summary: "the policies there are, and the sets",
      examples: ["policy list"],
      data: .rows([
        .init("for", .text, "what it chooses"), .init("policy", .text, "its name"),
        .init("summary", .text, "how it chooses"),
        .init("source", .text, "where it comes from; empty when from nowhere"),
      ]), group: "Policy", effect: .nothing,
      run: listPolicies),
    Command(
      "policy show", [OptionalParameter("NAME", .word(.text))], summary: "the policies in force, or one policy or set",
      examples: ["policy show", "policy show shortest"],
      data: .either([
        .shared(.policies),
        .object([
          .init("name", .text, "its name"), .init("summary", .text, "how it chooses"),
          .init("source", .text, "where it comes from; empty when from nowhere"),
        ]),
      ]), group: "Policy", effect: .nothing, run: showPolicy),
    Command(
      "balance now", summary: "every node looks once how it stands",
      examples: ["balance now"], preparation: "node add a b; spawn p --count 3 --on a; set load-interval 100ms; run 1s",
      data: .unlessStopped(
        .either([
          .list(.shared(.migration)),
          .only("migrations", .list(.shared(.migration)), "none: no node found anything to move"),
        ])), group: "Policy", run: balanceNow),
    Command(
      "balance on", flags: [Rules.every] + Move.flags, summary: "nodes balance their load by themselves from now on",
      details: """
        Each looks how it stands after an interval, when a process begins or comes, and when one ends or leaves. The flags say \
        how processes move then, as with `migrate`.
        """, examples: ["balance on --every 500ms", "balance on --pretransfer"],
      preparation: "node add a b; spawn p --count 3 --on a; set load-interval 100ms; run 1s", sequel: "run 3s; ps",
      data: .shared(.policies),
      group: "Policy",
      exclusive: [Move.mechanisms.map { $0.flag }], run: balanceOn),
    Command(
      "balance off", summary: "nodes do not balance their load any more", examples: ["balance off"],
      preparation: "balance on", data: .shared(.policies), group: "Policy",
      run: balanceOff),
  ]

  // MARK: - Rules

  private static func setPlacement(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let rule = try Rules.nodeRule(try Rules.nodePolicy(call, session), NodeRule(.onRequest), call)
    return change(&session) { $0.placement = rule }
  }

  private static func setDestination(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let policy = try Rules.nodePolicy(call, session)
    guard policy != .onRequest else {
      throw call.refuse(
        "a process that moves goes somewhere else", at: call.span(of: Rules.node),
        expected: "one of \(NodePolicy.all.dropFirst().map(\.name).joined(separator: ", "))")
    }
    let rule = try Rules.nodeRule(policy, NodeRule(.onRequest), call)
    session.state.hasDestination = true
    return change(&session) { $0.destination = rule }
  }

  private static func setSelection(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let policy = try Rules.selection(try call[Rules.process], at: call.span(of: Rules.process), call, session)
    session.state.hasSelection = true
    return change(&session) { $0.selection = policy }
  }

  private static func setInitiation(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var initiation = try Rules.initiation(Policies.Initiation(), call)
    initiation.policy = try Rules.initiator(try call[Rules.initiation], at: call.span(of: Rules.initiation), call)
    return change(&session) { $0.initiation = initiation }
  }

  /// Puts changed policies in force, and shows them.
  private static func change(_ session: inout Session, _ change: (inout Policies) -> Void) -> Report {
    var policies = session.state.world.policies
    change(&policies)
    return putInForce(policies, &session)
  }

  private static func putInForce(_ policies: Policies, _ session: inout Session) -> Report {
    var policies = policies
    policies.nominalRate = session.state.world.lineDefaults.bandwidth
    session.state.world.apply(.setPolicies(policies))
    let report = PolicyReport(policies).report
    let isSilent = session.state.world.nodeDefaults.loadInterval == 0
    let needsReports = policies.placement.policy.needsReports || policies.destination.policy.needsReports
    guard needsReports, isSilent else { return report }
    return Report(
      report.blocks + [
        .sentence("nodes tell each other nothing of their load yet: `set load-interval 100ms` has them do so")
      ])
  }

  // MARK: - Policies of one's own, and sets

  private static func definePolicy(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[OwnRule.name]
    guard !ListedPolicy.builtIn.contains(where: { $0.name == name }) else {
      throw call.refuse(
        "there is a policy `\(name)` already", at: call.span(of: OwnRule.name), remedy: "choose another name")
    }
    guard call.has(OwnRule.select) || call.has(OwnRule.destination) else {
      throw call.refuse(
        "the policy chooses nothing", expected: "`--select` for processes, `--destination` for nodes, or both")
    }
    let policy = OwnPolicy(
      name: name, text: try OwnRule.text(call),
      selection: try OwnRule.formula(OwnRule.select, .selection, session, call),
      destination: try OwnRule.formula(OwnRule.destination, .destination, session, call),
      condition: try OwnRule.formula(OwnRule.condition, .condition, session, call))
    session.state.ownPolicies[name] = policy
    let keeps =
      session.state.world.policies.followsFormer(policy)
      ? "; what is in force keeps its former meaning until it is chosen again" : ""
    return Report(
      "policy \(name): \(policy.summary)\(keeps)", .init("name", .text(name)), .init("policy", .text(policy.summary)))
  }

  private static func makeSet(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[PolicySets.name]
    var policies = session.state.world.policies
    if PolicySets.flags.contains(where: { call.has($0) }) {
      policies = Policies()
      policies.placement = try Rules.nodeRule(
        try call[PolicySets.placement].map { name throws(SessionError) in
          try Rules.node(named: name, at: call.span(of: PolicySets.placement), call, session)
        } ?? .onRequest, policies.placement, call)
      policies.destination = try Rules.nodeRule(
        try call[PolicySets.destination].map { name throws(SessionError) in
          try Rules.node(named: name, at: call.span(of: PolicySets.destination), call, session)
        } ?? policies.destination.policy, policies.destination, call)
      policies.initiation = try Rules.initiation(policies.initiation, call)
      if let name = try call[PolicySets.selection] {
        policies.selection = try Rules.selection(name, at: call.span(of: PolicySets.selection), call, session)
      }
      if let name = try call[PolicySets.initiation] {
        policies.initiation.policy = try Rules.initiator(name, at: call.span(of: PolicySets.initiation), call)
        policies.isBalancing = true
      }
    }
    session.state.policySets[name] = policies
    return Report([.sentence("policies \(name):")] + PolicyReport(policies).report.blocks)
  }

  private static func useSet(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let policies = try PolicySets.find(try call[PolicySets.known], at: call.span(of: PolicySets.known), call, session)
    (session.state.hasSelection, session.state.hasDestination) = (true, true)
    return putInForce(policies, &session)
  }

  // MARK: - Showing

  private static func listPolicies(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    typealias Row = ListedPolicy
    let sets = session.state.policySets.map { Row("a set", $0.key, PolicyReport($0.value).sentence, "") }
    let columns: [Column<Row>] = [
      Column("FOR", "for") { .word($0.kind) }, Column("POLICY", "policy") { .word($0.name) },
      Column("WHAT IT CHOOSES", "summary") { .text($0.summary) }, Column(nil, "source") { .text($0.source) },
    ]
    return Report([.table(Listing(ListedPolicy.all(session) + sets, columns))])
  }

  private static func showPolicy(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let parameter = OptionalParameter("NAME", Reader<String>.word(.text))
    guard let name = try call[parameter] else { return PolicyReport(session.state.world.policies).report }
    let listed = ListedPolicy.all(session)
    if let page = listed.first(where: { $0.name == name }) {
      return Report([
        .facts([
          .init("name", .word(page.name), label: "policy"), .init("summary", .text(page.summary), label: "  chooses"),
          .init("source", .text(page.source), label: "  from"),
        ])
      ])
    }
    let policies = try PolicySets.find(name, at: call.span(of: parameter), call, session, others: listed.map(\.name))
    return Report([.sentence("policies \(name):")] + PolicyReport(policies).report.blocks)
  }

  // MARK: - Balancing

  private static func balanceNow(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let before = session.state.world.migrations.all.count
    let nodes = session.state.world.members.filter { session.state.world[$0].isUp }
    for node in nodes { session.state.world.apply(.request(.balance, of: node)) }
    func isOver(_ world: borrowing World) -> Bool {
      for node in nodes where world[node].isUp && world[node].seeksNodes { return false }
      return world.migrations.all.dropFirst(before).allSatisfy(\.isSettled)
    }
    if !isOver(session.state.world) {
      try session.run(call, waitingFor: "what the nodes began to end", until: isOver)
    }
    let world = session.state.world
    let moved = world.migrations.all.dropFirst(before).map { MigrationReport($0, world) }
    guard !moved.isEmpty else {
      return Report("no node found anything to move", .init("migrations", Value.list([])))
    }
    let columns: [MigrationNumber] = [
      .number, .process, .source, .destination, .mechanism, .status, .freezeTime, .totalTime,
    ]
    return Report([.table(Listing(moved, columns.map(\.column), element: \.datum))])
  }

  private static func balanceOn(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let options = try Move.optionsForAny(call, usual: session.state.backing)
    let interval = try call[Rules.every]
    return change(&session) { policies in
      policies.isBalancing = true
      policies.transfer = options
      if let interval { policies.initiation.interval = interval }
    }
  }

  private static func balanceOff(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    change(&session) { $0.isBalancing = false }
  }
}

/// A policy as `policy list` and `policy show` tell of it.
private struct ListedPolicy: Sendable {
  let kind: String
  let name: String
  let summary: String
  let source: String

  init(_ kind: String, _ name: String, _ summary: String, _ source: String) {
    (self.kind, self.name, self.summary, self.source) = (kind, name, summary, source)
  }

  /// Those that the project brings with it.
  static let builtIn: [ListedPolicy] =
    NodePolicy.all.map {
      ListedPolicy($0 == .onRequest ? "placement" : "placement, destination", $0.name, $0.summary, $0.source)
    }
    + SelectionPolicy.all.map { ListedPolicy("selection", $0.name, $0.summary, $0.source) }
    + InitiationPolicy.allCases.map { ListedPolicy("initiation", $0.name, $0.summary, $0.source) }

  /// Those, and the user's own.
  static func all(_ session: borrowing Session) -> [ListedPolicy] {
    builtIn + session.state.ownPolicies.values.map { ListedPolicy("your own", $0.name, $0.summary, $0.source) }
  }
}
