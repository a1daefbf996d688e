import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The arguments that name policies, and their bounds.
enum Rules {
  static let node = Parameter("POLICY", .word(.thing))
  static let process = Parameter("POLICY", .word(.thing))
  static let initiation = Parameter("POLICY", .word(.word(InitiationPolicy.allCases.map(\.name))))

  static let threshold = Flag(
    "threshold", .load, valueName: "X", "the load, in threads for each core, that is enough (1)")
  static let probes = Flag("probes", .count(in: 1...1000, "a number of probes"), "how many nodes are asked at most (3)")
  static let inflate = Switch("inflate", "processes that are on their way to a node count as its load")
  static let every = Flag(
    "every", .time(in: 1_000_000...3_600_000_000_000, "an interval"), "after how long each node looks again (1 s)")
  static let residence = Flag(
    "residence", .time(in: 0...3_600_000_000_000, "a residence"),
    "a process stays for so long at least where it came (0)")
  static let costBenefit = Switch(
    "cost-benefit", "move only what can be expected to run for longer than the move costs, divided by the gain")

  static let nodeFlags: [any FlagDeclaration] = [threshold, probes, inflate]
  static let initiationFlags: [any FlagDeclaration] = [threshold, probes, every, residence, costBenefit]

  /// Names and what they do, one a line.
  static func help(_ policies: [(name: String, summary: String)]) -> String {
    let width = policies.map(\.name.count).max() ?? 0
    let lines = policies.map { policy in
      policy.name + String(repeating: " ", count: width - policy.name.count + 2) + policy.summary
    }
    return
      (lines + ["`policy show NAME` says where one comes from. A name made with `policy define` may stand here too."])
      .joined(separator: "\n")
  }

  static func nodePolicy(_ call: Invocation, _ session: borrowing Session) throws(SessionError) -> NodePolicy {
    try node(named: try call[node], at: call.span(of: node), call, session)
  }

  static func node(
    named name: String, at span: SourceSpan?, _ call: Invocation, _ session: borrowing Session
  ) throws(SessionError) -> NodePolicy {
    if let policy = NodePolicy.all.first(where: { $0.name == name }) { return policy }
    if let own = session.state.ownPolicies[name] {
      guard own.destination != nil else {
        throw call.refuse(
          "policy `\(name)` chooses no node", at: span, remedy: "define it with `--destination`, too")
      }
      return .own(own)
    }
    let own = session.state.ownPolicies.values.filter { $0.destination != nil }.map(\.name)
    throw unknown(name, "chooses a node", NodePolicy.all.map(\.name) + own, at: span, call)
  }

  /// Whether a name is that of a policy that places processes, or of one of the user's own.
  static func isPolicy(_ name: String, _ session: borrowing Session) -> Bool {
    session.state.ownPolicies[name] != nil || NodePolicy.all.contains { $0.name == name }
  }

  static func selection(
    _ name: String, at span: SourceSpan?, _ call: Invocation, _ session: borrowing Session
  ) throws(SessionError) -> SelectionPolicy {
    if let policy = SelectionPolicy.all.first(where: { $0.name == name }) { return policy }
    if let own = session.state.ownPolicies[name] {
      guard own.selection != nil else {
        throw call.refuse("policy `\(name)` selects no process", at: span, remedy: "define it with `--select`, too")
      }
      return .own(own)
    }
    let own = session.state.ownPolicies.values.filter { $0.selection != nil }.map(\.name)
    throw unknown(name, "selects a process", SelectionPolicy.all.map(\.name) + own, at: span, call)
  }

  static func initiator(
    _ name: String, at span: SourceSpan?, _ call: Invocation
  ) throws(SessionError) -> InitiationPolicy {
    if let policy = InitiationPolicy.allCases.first(where: { $0.name == name }) { return policy }
    throw unknown(name, "says who begins", InitiationPolicy.allCases.map(\.name), at: span, call)
  }

  private static func unknown(
    _ name: String, _ what: String, _ names: [String], at span: SourceSpan?, _ call: Invocation
  ) -> SessionError {
    call.refuse(
      "no policy `\(name)` \(what)", at: span, expected: "one of \(names.joined(separator: ", "))",
      suggestion: closest(to: name, among: names), remedy: "`policy define` makes one")
  }

  static func nodeRule(_ policy: NodePolicy, _ usual: NodeRule, _ call: Invocation) throws(SessionError) -> NodeRule {
    var rule = usual
    rule.policy = policy
    if let threshold = try call[threshold] { rule.threshold = threshold }
    if let probes = try call[probes] { rule.probes = probes }
    rule.inflates = call.has(inflate)
    return rule
  }

  static func initiation(
    _ usual: Policies.Initiation, _ call: Invocation
  ) throws(SessionError) -> Policies.Initiation {
    var initiation = usual
    if let threshold = try call[threshold] { initiation.threshold = threshold }
    if let probes = try call[probes] { initiation.probes = probes }
    if let interval = try call[every] { initiation.interval = interval }
    if let residence = try call[residence] { initiation.residence = residence }
    initiation.weighsCost = call.has(costBenefit)
    return initiation
  }
}

/// Sets of policies with a name.
enum PolicySets {
  /// The set in which nothing is chosen by policy.
  static let none = "none"

  static let name = Parameter("NAME", .newName)
  static let known = Parameter("NAME", .word(.text))
  static let placement = Flag("placement", .word(.thing), valueName: "POLICY", "which node a new process begins on")
  static let selection = Flag("selection", .word(.thing), valueName: "POLICY", "which process moves")
  static let destination = Flag("destination", .word(.thing), valueName: "POLICY", "which node it moves to")
  static let initiation = Flag("initiation", .word(.thing), valueName: "POLICY", "who begins to balance")

  static let flags: [any FlagDeclaration] = [
    placement, selection, destination, initiation, Rules.threshold, Rules.probes, Rules.inflate, Rules.every,
    Rules.residence, Rules.costBenefit,
  ]

  /// The policies of a set.
  ///
  /// - Parameter others: names that could have been meant as well.
  static func find(
    _ name: String, at span: SourceSpan?, _ call: Invocation, _ session: borrowing Session, others: [String] = []
  ) throws(SessionError) -> Policies {
    if name == none { return Policies() }
    if let policies = session.state.policySets[name] { return policies }
    let sets = [none] + session.state.policySets.keys
    throw call.refuse(
      others.isEmpty ? "there is no set of policies `\(name)`" : "there is no policy and no set `\(name)`", at: span,
      expected: others.isEmpty
        ? sets.count == 1 ? "a set; there is none but `none`" : "one of \(sets.joined(separator: ", "))" : nil,
      suggestion: closest(to: name, among: sets + others),
      remedy: Rules.isPolicy(name, session)
        ? "`policy selection`, `policy destination` and `policy placement` put one policy in force"
        : "`policy set \(name) …` makes a set")
  }
}

extension Policies {
  /// A policy of that name is in force, and is another than this one.
  func followsFormer(_ policy: OwnPolicy) -> Bool {
    let isFormer = { (own: OwnPolicy) in own.name == policy.name && own != policy }
    if case .own(let own) = selection, isFormer(own) { return true }
    return [placement, destination].contains { rule in
      if case .own(let own) = rule.policy { isFormer(own) } else { false }
    }
  }
}

/// The arguments of `policy define`.
enum OwnRule {
  static let name = Parameter("NAME", .newName)
  static let select = Flag("select", .argument(.message), valueName: "'FORMULA'", "how much a process is for moving")
  static let destination = Flag("destination", .argument(.message), valueName: "'FORMULA'", "how much a node is worth")
  static let condition = Flag("where", .argument(.message), valueName: "'CONDITION'", "what a candidate must satisfy")

  static let help = """
    A formula is an expression over one candidate after the other. Fields of a process: \
    \(PolicyFormula.ProcessField.allCases.map(\.rawValue).joined(separator: ", ")). Fields of a node, as the node that \
    chooses knows it: \(PolicyFormula.NodeField.allCases.map(\.rawValue).joined(separator: ", ")).
    `load` counts the process, `messages` those that it has exchanged with processes there, `staleness` is the age of what is \
    known of the node, and `cost` what the move would take. Pages compare with sizes.
    """

  static func formula(
    _ flag: Flag<Argument>, _ purpose: FormulaCompiler.Purpose, _ session: borrowing Session, _ call: Invocation
  ) throws(SessionError) -> PolicyFormula? {
    guard let argument = try call[flag] else { return nil }
    do throws(Diagnostic) {
      let (source, span) = try text(of: argument, flag, call)
      var parser = Parser(source: source, table: session.table, span: span)
      let (expression, end) = try parser.parseLeadingExpression()
      let rest = source.text(SourceSpan(start: end, end: span?.end ?? source.utf8.count))
      guard rest.allSatisfy(\.isWhitespace) else {
        throw source.diagnostic(
          at: SourceSpan(start: end, end: span?.end ?? source.utf8.count), "the formula ends before this",
          expected: "one expression")
      }
      let evaluator = Evaluator(world: call.evaluator.world, variables: session.state.variables, source: source)
      return try FormulaCompiler(source: source, evaluator: evaluator).compile(expression, for: purpose)
    } catch {
      throw .refused(error)
    }
  }

  /// Where a formula stands: in the command itself when it is there as it is, so that errors point at it.
  private static func text(
    of argument: Argument, _ flag: Flag<Argument>, _ call: Invocation
  ) throws(Diagnostic) -> (SourceText, SourceSpan?) {
    func typed(_ argument: Argument) throws(Diagnostic) -> String {
      do { return try call.word(argument) } catch { throw error.diagnostic }
    }
    guard case .string(let template) = argument else {
      return (SourceText(name: "--\(flag.spec.name)", text: try typed(argument)), nil)
    }
    let inner = SourceSpan(start: template.span.start + 1, end: max(template.span.start + 1, template.span.end - 1))
    if let text = template.constantText, text == String(call.source.text(inner)) { return (call.source, inner) }
    return (SourceText(name: "--\(flag.spec.name)", text: try call.evaluator.text(template)), nil)
  }

  /// The flags as typed.
  static func text(_ call: Invocation) throws(SessionError) -> String {
    var parts: [String] = []
    for flag in [select, destination, condition] {
      guard let argument = try call[flag] else { continue }
      parts.append("\(flag.spec.name) \(try call.word(argument))")
    }
    return parts.joined(separator: ", ")
  }
}

extension Reader where Result == Double {
  /// A load: threads for each core.
  static var load: Reader { decimal(in: 0...1_000_000, "a load", example: "1.5") }
}
