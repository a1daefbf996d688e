import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What may stand in an expression.
extension Session {
  private static let operators = [
    Offer("==", "equal"), Offer("!=", "not equal"), Offer("<", "less"), Offer("<=", "less or equal"),
    Offer(">", "greater"), Offer(">=", "greater or equal"), Offer("and", "both hold"),
    Offer("or", "one holds, or both"),
    Offer("in", "is in a list"), Offer("+", "plus"), Offer("-", "minus"), Offer("*", "times"),
    Offer("/", "divided by"), Offer("%", "the remainder of a division"),
  ]

  private static let functions = [
    "about": "a number as people say it, for texts: about 12 ms, about two thirds",
    "abs": "a number without its sign", "count": "how many elements a list has", "max": "the greatest of its arguments",
    "min": "the smallest of its arguments", "sum": "its arguments added up",
  ]

  /// - Parameter tokens: those of the expression so far.
  func expression(after tokens: [LooseToken], _ current: String) -> [Offer] {
    guard let last = tokens.last else { return operands(current) }
    // Equality is `==`.
    if last.text == "=" { return [] }
    if Self.endsOperand(last) { return Self.operators }
    let compared = ["==", "!=", "in"].contains(last.text) ? values(comparedWith: tokens.dropLast()) : []
    guard compared.isEmpty || current.contains(".") else { return compared }
    return operands(current)
  }

  private func operands(_ current: String) -> [Offer] {
    guard !current.contains(".") else { return paths(current) }
    return paths(current) + Self.constants + (current.isEmpty ? variables(with: "$") : [])
  }

  private static let constants = [
    Offer("not", "the opposite of what follows"), Offer("true", "it holds"), Offer("false", "it does not hold"),
    Offer("none", "there is nothing"),
  ]

  /// Whether an operator comes next.
  private static func endsOperand(_ token: LooseToken) -> Bool {
    switch token.kind {
    case .word: !["and", "or", "not", "in"].contains(token.text)
    case .number, .text, .variable: true
    case .symbol: token.text == ")" || token.text == "]"
    case .substitution, .flag, .separator, .comment: false
    }
  }

  /// The values of a field that is compared with something.
  private func values(comparedWith tokens: ArraySlice<LooseToken>) -> [Offer] {
    guard let last = tokens.last, last.kind == .word, tokens.dropLast().last?.text == "." else { return [] }
    switch last.text {
    case "state": return Fields.states.map { Offer($0) }
    case "status": return Fields.statuses.map { Offer($0) }
    case "mechanism": return Fields.mechanisms.map { Offer($0) }
    case "forwarding": return ForwardingMechanism.allCases.map { Offer($0.name) }
    case "node", "origin": return nodes + [Offer("none", "it has ended or was lost")]
    default: return []
    }
  }

  /// Names, and paths into the world.
  func paths(_ current: String) -> [Offer] {
    guard let dot = current.lastIndex(of: ".") else {
      return nodes + liveProcesses(current) + Fields.of(.world).map { Offer($0.name, $0.summary) }
        + [
          Offer("cluster", "fields of the cluster"), Offer("jobs", "fields of the jobs of workloads"),
          Offer("message", "fields of all messages"), Offer("event", "when events of a kind happened, and how many"),
        ] + Expression.functions.map { Offer($0 + "(", Self.functions[$0] ?? "") }
    }
    let head = String(current[...dot])
    let path = head.split(separator: ".").map(String.init)
    if path == ["event"] { return EventKind.allCases.map { Offer(head + $0.rawValue, $0.summary) } }
    if path == ["jobs", "of"] {
      return state.world.jobs.workloads.map { Offer(head + $0.workload.name, "a workload") }
    }
    let offers = fields(of: path).map { Offer(head + $0.name, $0.summary) }
    return path == ["jobs"] ? offers + [Offer(head + "of.", "the jobs of one workload")] : offers
  }

  private func fields(of path: [String]) -> [Field] {
    guard let first = path.first else { return [] }
    switch first {
    case "event": return path.count == 2 ? Fields.of(.events) : []
    case "message": return path.count == 1 ? Fields.of(.message) : []
    case "jobs":
      if path.count == 1 { return Fields.of(.jobs) }
      return path.count == 3 && path[1] == "of" ? Fields.of(.jobs) : []
    case "cluster": return path.count == 1 ? Fields.of(.cluster) : []
    default: break
    }
    var kind: Thing.Kind? = state.world.node(named: first) != nil ? .node : .process
    if first.hasPrefix("$") {
      switch state.variables[String(first.dropFirst())] {
      case .node: kind = .node
      case .process: kind = .process
      default: kind = nil
      }
    }
    // `p1.node.load` goes on with the fields of the node.
    for part in path.dropFirst() {
      guard let known = kind, let field = Fields.of(known).first(where: { $0.name == part }) else { return [] }
      kind = field.kind == .migration ? .migration : field.kind == .node ? .node : nil
    }
    return kind.map { Fields.of($0) } ?? []
  }
}
