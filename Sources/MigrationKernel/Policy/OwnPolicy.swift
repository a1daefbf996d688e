/// A policy of somebody's own: formulas over the candidates. The one with the highest value is chosen.
public struct OwnPolicy: Sendable, Equatable {
  /// What it is called.
  public let name: String
  /// As it was typed.
  public let summary: String
  /// The value of a process for which one is selected; nil when it does not select processes.
  public let selection: PolicyFormula?
  /// The value of a node; nil when it does not choose nodes.
  public let destination: PolicyFormula?
  /// What a candidate must satisfy to be chosen.
  public let condition: PolicyFormula?

  /// A policy made of formulas; at least one of the first two must be given.
  public init(
    name: String, text: String, selection: PolicyFormula?, destination: PolicyFormula?, condition: PolicyFormula?
  ) {
    self.name = name
    summary = text
    self.selection = selection
    self.destination = destination
    self.condition = condition
  }

  /// Where it comes from.
  public var source: String { "defined with `policy define`" }
}

extension OwnPolicy: NodeChooser {
  func value(of node: NodeCandidate, _ view: NodeSearchView) -> Double? {
    guard let destination, node.report != nil, view.isWorthwhile(node) else { return nil }
    let subject = PolicySubject(process: view.process, node: node, load: view.load(of: node), pageSize: view.pageSize)
    if let condition, condition.value(of: subject) == 0 { return nil }
    let value = destination.value(of: subject)
    return value.isNaN ? nil : value
  }

  var needsReports: Bool { true }
}

extension OwnPolicy: ProcessChooser {
  var weighsMoves: Bool { selection?.weighsMoves == true || condition?.weighsMoves == true }

  func value(of process: ProcessCandidate, now: Nanoseconds) -> Double? {
    guard let selection else { return nil }
    let subject = PolicySubject(process: process)
    // What is said of nodes is asked when there is one.
    if let condition, !condition.mentionsNode, condition.value(of: subject) == 0 { return nil }
    let value = selection.value(of: subject)
    return value.isNaN ? nil : value
  }
}

/// What a formula is about.
struct PolicySubject {
  let process: ProcessCandidate
  var node: NodeCandidate?
  /// The load of the node with the process.
  var load: Double?
  var pageSize = 0
}

/// A formula over a process and a node. Times are in nanoseconds, sizes in bytes, and what is true is 1.
public indirect enum PolicyFormula: Sendable, Equatable {
  case number(Double)
  case process(ProcessField)
  case node(NodeField)
  /// Bytes in a page.
  case pageSize
  case negative(PolicyFormula)
  case not(PolicyFormula)
  case binary(Operation, PolicyFormula, PolicyFormula)

  /// What two values are combined with.
  public enum Operation: Sendable {
    case plus, minus, times, over, remainder
    case equal, different, less, atMost, greater, atLeast
    case and, or
    case minimum, maximum
  }

  /// What can be asked of a process.
  public enum ProcessField: String, CaseIterable, Sendable {
    case age, cpu, residence, pages, resident, dirty, threads, migrations, cost, remoteMessages
  }

  /// What can be asked of a node.
  public enum NodeField: String, CaseIterable, Sendable {
    case load, runnable, cores, speed, freeMemory, processes, staleness, messages
  }

  /// True when its value depends on a node.
  public var mentionsNode: Bool {
    switch self {
    case .node: true
    case .number, .process, .pageSize: false
    case .negative(let formula), .not(let formula): formula.mentionsNode
    case .binary(_, let left, let right): left.mentionsNode || right.mentionsNode
    }
  }

  /// True when its value depends on a process.
  public var mentionsProcess: Bool {
    switch self {
    case .process: true
    case .number, .node, .pageSize: false
    case .negative(let formula), .not(let formula): formula.mentionsProcess
    case .binary(_, let left, let right): left.mentionsProcess || right.mentionsProcess
    }
  }

  /// True when its value depends on what a move costs, or on with whom a process talks.
  var weighsMoves: Bool {
    switch self {
    case .process(.cost), .process(.remoteMessages): true
    case .process(.age), .process(.cpu), .process(.residence), .process(.pages), .process(.resident), .process(.dirty),
      .process(.threads), .process(.migrations), .number, .node, .pageSize:
      false
    case .negative(let formula), .not(let formula): formula.weighsMoves
    case .binary(_, let left, let right): left.weighsMoves || right.weighsMoves
    }
  }

  func value(of subject: PolicySubject) -> Double {
    switch self {
    case .number(let number): number
    case .process(let field): field.value(of: subject.process)
    case .node(let field): subject.node.flatMap { field.value(of: $0, load: subject.load) } ?? .nan
    case .pageSize: Double(subject.pageSize)
    case .negative(let formula): -formula.value(of: subject)
    case .not(let formula): formula.value(of: subject) == 0 ? 1 : 0
    case .binary(let operation, let left, let right):
      operation.value(of: left.value(of: subject), right.value(of: subject))
    }
  }
}

extension PolicyFormula.Operation {
  fileprivate func value(of left: Double, _ right: Double) -> Double {
    switch self {
    case .plus: left + right
    case .minus: left - right
    case .times: left * right
    case .over: left / right
    case .remainder: left.truncatingRemainder(dividingBy: right)
    case .equal: left == right ? 1 : 0
    case .different: left != right ? 1 : 0
    case .less: left < right ? 1 : 0
    case .atMost: left <= right ? 1 : 0
    case .greater: left > right ? 1 : 0
    case .atLeast: left >= right ? 1 : 0
    case .and: left != 0 && right != 0 ? 1 : 0
    case .or: left != 0 || right != 0 ? 1 : 0
    case .minimum: min(left, right)
    case .maximum: max(left, right)
    }
  }
}

extension PolicyFormula.ProcessField {
  fileprivate func value(of process: ProcessCandidate) -> Double {
    switch self {
    case .age: Double(process.age)
    case .cpu: Double(process.cpuTime)
    case .residence: Double(process.residence)
    case .pages: Double(process.pages)
    case .resident: Double(process.residentPages)
    case .dirty: Double(process.dirtyPages)
    case .threads: Double(process.runnable)
    case .migrations: Double(process.migrations)
    case .cost: Double(process.cost)
    case .remoteMessages: Double(process.remoteMessages)
    }
  }
}

extension PolicyFormula.NodeField {
  fileprivate func value(of node: NodeCandidate, load: Double?) -> Double? {
    switch self {
    case .load: load
    case .runnable: node.report.map { Double($0.runnable + node.arriving) }
    case .cores: node.report.map { Double($0.cores) }
    case .speed: node.report.map { Double($0.speed) / 1000 }
    case .freeMemory: node.report.map { Double($0.freeMemory) }
    case .processes: node.report.map { Double($0.processes) }
    case .staleness: Double(node.age)
    case .messages: Double(node.messages)
    }
  }
}
