import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The values with which the registers of a new process start.
///
/// A variable gets its value from the first of these that has it: `set`, the predefined variables (`$self`, `$pages`,
/// `$last`), the shell's variables, the process of that name. A bare name gets it from `set`, or from the process of
/// that name.
///
/// The kernel fills in the predefined variables.
///
/// - Parameters:
///   - program: the names that need a value.
///   - set: the values of `--set`, by key.
///   - variables: the variables of the shell, without `$`.
///   - world: knows the processes that a name may stand for.
/// - Throws: a diagnostic in the program's source, about the first name that is missing, or whose value does not suit
///   its step.
public func environment(
  for program: CompiledProgram, set: [String: Value],
  variables: [String: Value], world: any Cluster
) throws(Diagnostic) -> [String: RegisterValue] {
  var environment: [String: RegisterValue] = [:]
  for (key, value) in set { environment[key] = RegisterValue(value, in: world) }
  for use in program.uses {
    let isShellVariable = !use.isBare && !PredefinedVariable.isAlwaysSet(use.name)
    let value = set[use.name] ?? (isShellVariable ? variables[use.name] : nil)
    if value == nil, !use.isBare, let variable = PredefinedVariable(rawValue: use.name), variable != .parent {
      guard variable.fits(use.kind) else { throw program.misfit(use, found: variable.kind) }
      continue
    }
    if environment[use.name] == nil {
      if let value {
        environment[use.name] = RegisterValue(value, in: world)
      } else if let record = world.processes[name: use.name] {
        environment[use.name] = .process(record.id, name: record.name)
      } else {
        throw program.missing(use, world)
      }
    }
    let register = environment[use.name] ?? .none
    guard !use.accepts(register, from: value) else { continue }
    let found = value.map { $0 == .none ? $0.kind : "\($0.text(in: world)), \($0.kind)" } ?? register.kind
    throw program.misfit(
      use, found: found,
      expected: value?.dimension == .time && use.kind == .time
        ? "a time \(use.computes ? "above 0 ns" : "of 0 ns or more")" : use.kind.description)
  }
  return environment
}

extension RegisterUse {
  /// Whether the step can work with a register. `value` is what the register was made from, if that came from outside
  /// the program.
  fileprivate func accepts(_ register: RegisterValue, from value: Value?) -> Bool {
    switch (kind, register) {
    case (.process, .process), (.text, _): true
    // A step that computes for no time would never let time pass.
    case (.time, .number(let time)): value?.dimension == .time && !(computes && time == 0)
    case (.count, .number), (.page, .number): value == nil || value?.dimension == .count
    default: false
    }
  }

  /// As it is written.
  fileprivate var text: String { isBare ? "`\(name)`" : "`$\(name)`" }
}

extension PredefinedVariable {
  /// What it holds, in words.
  fileprivate var kind: String {
    switch self {
    case .`self`, .parent: "a process"
    case .pages, .last: "a number"
    }
  }

  /// Whether a step that needs a value of some kind can work with it.
  fileprivate func fits(_ kind: ParameterKind) -> Bool {
    switch self {
    case .`self`, .parent: kind == .process || kind == .text
    case .pages, .last: kind == .count || kind == .page || kind == .text
    }
  }
}

extension CompiledProgram {
  /// The diagnostic for a name whose value does not suit its step.
  fileprivate func misfit(_ use: RegisterUse, found: String, expected: String? = nil) -> Diagnostic {
    source.diagnostic(
      at: use.span, "program `\(name)` needs \(use.kind.noun) in \(use.text), which is \(found)",
      expected: expected ?? use.kind.description)
  }

  fileprivate func missing(_ use: RegisterUse, _ world: any Cluster) -> Diagnostic {
    let needs = "program `\(name)` needs \(use.text)"
    if world.node(named: use.name) != nil {
      return source.diagnostic(
        at: use.span, "program `\(name)` sends to \(use.text), which is a node, and only processes get messages")
    }
    if use.name == PredefinedVariable.parent.rawValue {
      return source.diagnostic(
        at: use.span, "\(needs), which a fork sets, and nothing forks this process",
        remedy: "give it with `--set parent=NAME`")
    }
    let remedy = "give it with `--set \(use.name)=\(use.kind.placeholder)`"
    if use.kind == .process {
      return source.diagnostic(
        at: use.span, "\(needs), and there is no such process",
        suggestion: closest(to: use.name, among: world.processes.all.map(\.name)),
        remedy: "\(remedy), or spawn `\(use.name)` first")
    }
    return source.diagnostic(
      at: use.span, "\(needs), and nothing says what it is", expected: use.kind.description, remedy: remedy)
  }
}

extension ParameterKind {
  fileprivate var placeholder: String {
    switch self {
    case .process: "NAME"
    case .time: "TIME"
    case .text: "TEXT"
    default: "NUMBER"
    }
  }
}

extension RegisterValue {
  /// What a register holds for a value of the shell. Counts and times become numbers. A process keeps its name, even
  /// when a text or a word names it. Everything else becomes text.
  fileprivate init(_ value: Value, in world: any Cluster) {
    switch value {
    case .none: self = .none
    case .integer(let number) where number >= 0: self = .number(number.magnitude)
    case .quantity(let time, .time) where time >= 0: self = .number(time.magnitude)
    case .process(let process): self = .process(process, name: world.name(of: process))
    case .text(let text), .word(let text):
      if let record = world.processes[name: text] {
        self = .process(record.id, name: record.name)
      } else {
        self = .text(text)
      }
    default: self = .text(value.text(in: world))
    }
  }

  fileprivate var kind: String {
    switch self {
    case .none: "none"
    case .number: "a number"
    case .text: "a text"
    case .process: "a process"
    }
  }
}
