import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What Tab offers at a place in a line.
public struct Completion: Sendable, Equatable {
  /// The candidates replace what was typed from this UTF-8 offset on.
  public let start: Int
  /// In alphabetical order, without repetitions.
  public let candidates: [String]
}

extension Session {
  /// Completes the text of `line` before `cursor` (a UTF-8 offset) to commands, flags and names that fit there.
  public func complete(_ line: String, at cursor: Int) -> Completion {
    let typed = String(decoding: Array(line.utf8).prefix(max(0, cursor)), as: UTF8.self)
    let clause = typed.suffix(while: { !"\n;{".contains($0) })
    let words = clause.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    let isNewWord = clause.isEmpty || clause.last == " "
    let current = isNewWord ? "" : words.last ?? ""
    let before = isNewWord ? words : Array(words.dropLast())
    let all = Set(candidates(after: before, current)).filter { $0.hasPrefix(current) }
    return Completion(start: typed.utf8.count - current.utf8.count, candidates: all.sorted())
  }

  private func candidates(after before: [String], _ current: String) -> [String] {
    if let dollar = current.lastIndex(of: "$") {
      let head = current[...dollar]
      let rest = current[current.index(after: dollar)...]
      guard rest.first == "(" else { return state.variables.keys.map { head + $0 } + [head + "("] }
      return names(for: .expression, String(rest.dropFirst())).map { head + "(" + $0 }
    }
    if before.first == "for", before.count >= 2 { return before.count == 2 ? ["in"] : loopValues }
    let opening = commandWords(after: before)
    guard let spec = spec(named: before) else { return opening }
    if current.hasPrefix("-") { return spec.flags.map { "--\($0.name)" } }
    if let last = before.last, last.hasPrefix("--"), let flag = spec.flags.first(where: { "--\($0.name)" == last }),
      let kind = flag.value
    {
      return names(for: kind, current)
    }
    let position = before.count - spec.words.count
    guard let parameter = spec.parameters.indices.contains(position) ? spec.parameters[position] : spec.parameters.last
    else { return opening }
    if parameter.kind == .settingValue {
      return opening + (Setting.all.first { $0.name == before.last }?.words ?? [])
    }
    return opening + names(for: parameter.kind, current)
  }

  /// What `for` may go through.
  private var loopValues: [String] {
    let lists = state.variables.filter { if case .list = $0.value { true } else { false } }.keys.map { "$" + $0 }
    return lists + names(for: .text, "") + ["cluster.nodes", "cluster.processes", "{"]
  }

  /// The words that may come next in the name of a command, after those typed.
  private func commandWords(after before: [String]) -> [String] {
    table.all.compactMap { spec in
      spec.words.count > before.count && spec.words.starts(with: before) ? spec.words[before.count] : nil
    }
  }

  private func spec(named before: [String]) -> CommandSpec? {
    for count in stride(from: min(3, before.count), through: 1, by: -1) {
      if let spec = table.lookup(Array(before.prefix(count))) { return spec }
    }
    return nil
  }

  private func names(for kind: ParameterKind, _ current: String) -> [String] {
    let nodes = state.world.members.map { state.world[$0].name }
    let alive = state.world.processes.all.filter { $0.fate == .alive }.map(\.name)
    switch kind {
    case .node, .nodeGroup: return nodes
    case .names: return ["none"] + state.policySets.keys + NodePolicy.all.map(\.name)
    case .process: return alive
    case .program: return Array(state.programs.keys)
    case .checkpoint: return past.checkpoints.map(\.name)
    case .thing: return Setting.all.map(\.name)
    case .topic:
      return table.all.compactMap(\.words.first) + Commands.topics.map(\.name)
    case .word(let words): return words
    case .text: return nodes + alive
    case .expression: return paths(nodes, alive, current)
    default: return []
    }
  }

  private func paths(_ nodes: [String], _ processes: [String], _ current: String) -> [String] {
    guard let dot = current.lastIndex(of: ".") else {
      return nodes + processes + ["now", "cluster", "jobs", "message", "count(", "min(", "max(", "sum(", "abs("]
    }
    let head = String(current[...dot])
    return fields(of: head.split(separator: ".").map(String.init)).map { head + $0.name }
  }

  private func fields(of path: [String]) -> [Field] {
    let kind: Thing.Kind
    switch path.first {
    case "message": kind = .message
    case "jobs": kind = .jobs
    case "cluster": kind = .cluster
    case let name? where state.world.node(named: name) != nil: kind = .node
    default: kind = path.count > 1 && path[1] == "migration" ? .migration : .process
    }
    return Fields.all.first { $0.kind == kind }?.fields ?? []
  }
}

extension StringProtocol {
  /// The longest suffix in which every character passes.
  fileprivate func suffix(while passes: (Character) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, passes(self[index(before: start)]) { start = index(before: start) }
    return self[start...]
  }
}
