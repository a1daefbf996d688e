import CommandLanguage
import MigrationKernel

/// A program, compiled into the steps that processes execute, and the names for which `spawn` must find values.
public struct CompiledProgram: Sendable {
  /// A name in the program, and the place where it first stands.
  public struct Name: Sendable, Equatable {
    /// The name, without `$`.
    public let name: String
    /// Where it stands.
    public let span: SourceSpan
  }

  /// What processes execute.
  public let program: StepProgram
  /// Where the spans lie.
  public let source: SourceText
  /// The variables that neither the program nor the kernel sets: `--set` or a variable of the shell must give them a
  /// value.
  public let variables: [Name]
  /// The bare names to which it sends, except those of its forks. Processes with these names must exist.
  public let processes: [Name]
  /// Every use of a name that the program does not set itself, predefined variables included.
  let uses: [RegisterUse]

  /// What the program is called.
  public var name: String { program.name }

  /// What the program is for: the comment on its first line, or nothing.
  public var summary: String {
    guard let line = program.source.split(separator: "\n", omittingEmptySubsequences: false).first,
      let mark = line.firstIndex(of: "#"), !line[..<mark].contains("\"")
    else { return "" }
    return String(line[line.index(after: mark)...].drop { $0 == " " })
  }

  init(program: StepProgram, source: SourceText, uses: [RegisterUse]) {
    self.program = program
    self.source = source
    self.uses = uses
    let own = uses.filter { !PredefinedVariable.isAlwaysSet($0.name) }
    variables = Self.names(own.filter { !$0.isBare })
    processes = Self.names(own.filter(\.isBare))
  }

  /// Each name once, where it stands first.
  private static func names(_ uses: [RegisterUse]) -> [Name] {
    var seen: Set<String> = []
    return uses.filter { seen.insert($0.name).inserted }.map { Name(name: $0.name, span: $0.span) }
  }
}

/// A place in a program that takes its value from a register.
struct RegisterUse: Sendable {
  let name: String
  let span: SourceSpan
  /// What must be in the register.
  let kind: ParameterKind
  /// Whether it is written without `$`.
  let isBare: Bool
  /// Whether it is the time of a `compute` step.
  let computes: Bool
}

/// Variables that the kernel sets for every program.
enum PredefinedVariable: String, CaseIterable {
  /// The process itself.
  case `self`
  /// The process that forked it; a process that was spawned has none.
  case parent
  /// How many pages it has.
  case pages
  /// The number of its last page.
  case last

  /// Whether every process has it.
  static func isAlwaysSet(_ name: String) -> Bool {
    guard let variable = PredefinedVariable(rawValue: name) else { return false }
    return variable != .parent
  }

  /// Whether a fork sets it, whatever its parent has.
  static func isSetByFork(_ name: String) -> Bool {
    name == PredefinedVariable.`self`.rawValue || name == PredefinedVariable.parent.rawValue
  }
}
