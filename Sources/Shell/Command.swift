import CommandLanguage

/// A command of the shell: what the parser and help know of it, and what it does.
public struct Command: Sendable {
  /// What a command may change.
  public enum Effect: Sendable {
    /// Nothing that `undo` would take back.
    case nothing
    /// The session beyond what `undo` would take back, such as its breakpoints.
    case session
    /// The world, or what is defined over it: `undo` takes it back.
    case world
    /// The same when a flag or the argument for this parameter gives it a new value. Without one it only shows the
    /// present value.
    case setting(ParameterSpec?)
    /// The world when this flag is given, and nothing without it.
    case worldWith(FlagSpec)
  }

  /// What the parser and help know of it.
  public let spec: CommandSpec
  /// What it may change.
  public let effect: Effect
  /// Whether it changes the session beyond what `undo` would take back.
  var changesSession: Bool { if case .session = effect { true } else { false } }
  /// Whether `save` writes it. It does not write commands that go to another state, or that execute a file: it writes
  /// what they lead to.
  let isSaved: Bool
  /// What its output is as data. Made only when the schema is asked for.
  let data: @Sendable () -> DataShape
  let run: @Sendable (inout Session, Invocation) throws(SessionError) -> Report

  init(
    _ words: String, _ parameters: [any ParameterDeclaration] = [], flags: [any FlagDeclaration] = [], summary: String,
    details: String = "", examples: [String], preparation: String = "", sequel: String = "",
    data: @autoclosure @escaping @Sendable () -> DataShape, group: String, exclusive: [[any FlagDeclaration]] = [],
    copiesWorld: Bool = false, effect: Effect = .world, isSaved: Bool = true,
    run: @escaping @Sendable (inout Session, Invocation) throws(SessionError) -> Report
  ) {
    spec = CommandSpec(
      words: words.split(separator: " ").map(String.init), parameters: parameters.map { $0.spec },
      flags: flags.map { $0.spec }, summary: summary, details: details, examples: examples, preparation: preparation,
      sequel: sequel, group: group,
      needsWorldCopy: copiesWorld, exclusiveFlags: exclusive.map { flags in flags.map { $0.spec.name } })
    self.effect = effect
    self.isSaved = isSaved
    self.data = data
    self.run = run
  }
}

/// All commands of the shell. Modules above add theirs to a session.
enum Commands {
  static let all: [Command] =
    cluster + [load] + network + drivers + processes + workloads + migration + [why] + policy + [comparePolicy]
    + messages + [
      compareForwarding
    ]
    + time + seeing + pictures + exports
    + scripting + lesson + exercise
    + shell

  /// Made only once: to make it takes longer than many a script does.
  static let table = CommandTable(all.map(\.spec))
  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.spec.name, $0) })

  /// What the output of a command is as data, or of a statement of the grammar.
  static func dataShape(of name: String) -> DataShape {
    if let command = byName[name] { return command.data() }
    return switch name {
    case "let": .named(.anything, count: 1...1)
    case "expect": .only("expect", .boolean, "true: it holds")
    case "expect error": .only("error", .text, "the message of the error that was expected")
    case "program": .only("program", .text, "the name of the program")
    default: .nothing
    }
  }
}
