import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

extension Value {
  /// The value as people read it: `12.35 ms`, `4 KiB`, the names of nodes and processes.
  public func text(in world: any Cluster) -> String { text(in: world, digits: usualDigits) }

  /// - Parameter digits: how many significant digits numbers have.
  func text(in world: any Cluster, digits: Int) -> String {
    switch self {
    case .none: "none"
    case .boolean(let truth): truth ? "true" : "false"
    case .integer(let number): String(number)
    case .decimal(let number): formatNumber(number, digits: digits)
    case .quantity(let amount, let dimension):
      (amount < 0 ? "-" : "") + Self.format(amount.magnitude, dimension, digits)
    case .share(let share): formatShare(share, digits: digits)
    case .text(let text), .word(let text): text
    case .node(let node): world.name(of: node)
    case .process(let process): world.name(of: process)
    case .record(let record): record.text
    case .list(let values): "[" + values.map { $0.elementText(in: world) }.joined(separator: ", ") + "]"
    }
  }

  /// In a list texts stand in quotes, which show where each ends.
  private func elementText(in world: any Cluster) -> String {
    if case .text(let text) = self { quotedText(text) } else { text(in: world) }
  }

  /// An expression that gives exactly this value; nil when it names a node or a process that the world does not know, and for
  /// what has no name.
  func expression(in world: any Cluster) -> String? {
    switch self {
    case .none: "none"
    case .boolean(let truth): truth ? "true" : "false"
    case .integer(let number): number == .min ? "\(number + 1) - 1" : String(number)
    case .decimal(let number): plainDigits(number, shiftedBy: 0)
    case .quantity(let amount, let dimension):
      amount == .min ? nil : (amount < 0 ? "-" : "") + exactQuantity(amount.magnitude, dimension)
    case .share(let share): plainDigits(share, shiftedBy: 2) + "%"
    case .text(let text): quotedText(text)
    case .word(let word): Fields.words.contains(word) ? word : quotedText(word)
    case .node(let node): world.known(node).flatMap { world.node(named: $0.name) == node ? $0.name : nil }
    case .process(let process): world.processes[process]?.name
    case .list(let values): list(values, in: world)
    case .record: nil
    }
  }

  private func list(_ values: [Value], in world: any Cluster) -> String? {
    var parts: [String] = []
    for value in values {
      guard let part = value.expression(in: world) else { return nil }
      parts.append(part)
    }
    return "[\(parts.joined(separator: ", "))]"
  }

  private static func format(_ amount: UInt64, _ dimension: Dimension, _ digits: Int) -> String {
    switch dimension {
    case .time: formatTime(amount, digits: digits)
    case .size: formatSize(amount, digits: digits)
    case .rate: formatRate(amount, digits: digits)
    case .count, .number, .share: String(amount)
    }
  }

  /// The value as data: times in whole nanoseconds, sizes in bytes, rates in bits a second, shares as fractions, nodes
  /// and processes by name.
  public func json(in world: any Cluster) -> JSON {
    switch self {
    case .none: .null
    case .boolean(let truth): .boolean(truth)
    case .integer(let number), .quantity(let number, _): .integer(number)
    case .decimal(let number), .share(let number): .number(number)
    case .text(let text), .word(let text): .string(text)
    case .node(let node): .string(world.name(of: node))
    case .process(let process): .string(world.name(of: process))
    case .list(let values): .array(values.map { $0.json(in: world) })
    case .record(let record): .integer(Int64(record.number))
    }
  }
}

extension Cluster {
  /// The node, when this world has it: after `undo` or `restore` a variable may name a node of the world before.
  func known(_ node: NodeID) -> Node? {
    contains(node) ? self[node] : nil
  }

  /// The name of a node; its number, when this world does not know it.
  public func name(of node: NodeID) -> String { known(node)?.name ?? "node \(node.number)" }

  /// The name of a process; its identifier, when this world does not know it.
  public func name(of process: ProcessID) -> String { processes[process]?.name ?? identifier(of: process) }

  /// The identifier of a process as it is written: `a:3`, and `a.2:3` after the origin's first reboot.
  public func identifier(of process: ProcessID) -> String {
    if process.isTerminal { return "the terminal of \(name(of: process.origin))" }
    let incarnation = process.incarnation > 1 ? ".\(process.incarnation)" : ""
    return "\(name(of: process.origin))\(incarnation):\(process.serial)"
  }
}
