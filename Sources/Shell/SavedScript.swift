import Chronicle
import CommandLanguage
import MigrationKernel

/// The commands that lead from an empty cluster to a state: what `save` writes.
///
/// It belongs to the state. So when `undo`, `redo` or `restore` go to another state, they go to its script too, and
/// neither they nor what they took back are in it.
struct SavedScript: Sendable {
  private enum Entry: Sendable {
    /// Indirect, since most scripts have many short entries and a statement is large.
    indirect case statement(Statement, SourceText)
    case text(String)
    case variable(String, Value)
  }

  /// How many entries are kept. Only a statement that cannot be written as a whole, with very long loops, has so many.
  static let mostEntries = 200_000

  /// In chunks, since every state before is kept for `undo`.
  private var entries = ChunkedArray<Entry>()
  /// How many entries there are, with those that are not kept.
  private(set) var count = 0

  /// Whether every entry is kept.
  var isWhole: Bool { count <= Self.mostEntries }

  /// Adds a line that is known to be right.
  mutating func add(_ text: String) { append(.text(text)) }

  /// Adds a variable's new value.
  mutating func add(variable name: String, _ value: Value) { append(.variable(name, value)) }

  /// Puts a statement in the place of all that its parts have added.
  ///
  /// - Parameter start: how many entries there were before it.
  mutating func fold(_ statement: Statement, in source: SourceText, from start: Int) {
    while entries.count > start { entries.removeLast() }
    count = start
    append(.statement(statement, source))
  }

  private mutating func append(_ entry: Entry) {
    if count < Self.mostEntries { entries.append(entry) }
    count += 1
  }

  /// Adds what a script needs to have the variables, programs and commands of another state.
  mutating func addDefinitions(from old: SessionState, to new: SessionState) {
    for name in new.variables.keys.sorted() {
      if let value = new.variables[name], value != old.variables[name] { add(variable: name, value) }
    }
    for (name, program) in new.programs where program.program.source != old.programs[name]?.program.source {
      add(program.program.source)
    }
    let definitions = new.definitions.filter { $0.value.text != old.definitions[$0.key]?.text }
    // One may call another that comes later.
    for (name, definition) in definitions {
      add("define \(([name] + definition.parameters).joined(separator: " ")) { }")
    }
    for definition in definitions.values { add(definition.text) }
  }

  /// The lines of the script. Leaves out variables that hold a node or a process which the world does not know.
  func lines(in world: any Cluster) -> [String] {
    entries.compactMap { entry in
      switch entry {
      case .statement(let statement, let source): source.fullText(of: statement, forReplay: true)
      case .text(let text): text
      case .variable(let name, let value): value.expression(in: world).map { "let \(name) = \($0)" }
      }
    }
  }
}

extension Session {
  /// The lines of a script that leads to the present state.
  public var savedLines: [String] { state.script.lines(in: state.world) }

  /// Writes down, as commands, what a command did that was stopped while time passed.
  ///
  /// - Parameter start: when it began.
  mutating func noteStopped(_ call: CommandCall, in source: SourceText, since start: Nanoseconds) {
    if call.spec.flags.contains(where: { $0.name == Commands.asynchronousFlag }) {
      var text = source.fullText(of: Statement(kind: .command(call), span: call.span), forReplay: true)
      if !call.flags.contains(where: { $0.flag.name == Commands.asynchronousFlag }) {
        text += " --\(Commands.asynchronousFlag)"
      }
      state.script.add(text)
    }
    if state.world.nextEventTime == nil {
      state.script.add("run")
    } else if state.world.now > start {
      state.script.add("run \(state.world.now - start)ns")
    }
  }

  // MARK: - Going to another state

  /// Takes the last statement back. The variables stay as they are, but for the one that the statement set with `let`.
  ///
  /// - Returns: the text of the statement; nil when there is none to take back.
  mutating func undoStatement() -> String? { cross(from: \.done, to: \.undone) }

  /// Does the statement again that was taken back last.
  ///
  /// - Returns: the text of the statement; nil when there is none.
  mutating func redoStatement() -> String? { cross(from: \.undone, to: \.done) }

  /// Goes to the other side of the last statement of one list, which is then the last of the other.
  private mutating func cross(
    from origin: WritableKeyPath<Past, [Past.Step]>, to destination: WritableKeyPath<Past, [Past.Step]>
  ) -> String? {
    guard let step = past[keyPath: origin].popLast() else { return nil }
    past[keyPath: destination].append(Past.Step(state: state, text: step.text, variable: step.variable))
    var next = step.state
    next.variables = state.variables
    if let name = step.variable { next.variables[name] = step.state.variables[name] }
    next.script.addDefinitions(from: step.state, to: next)
    move(to: next)
    return step.text
  }

  /// Makes the world what it was at a checkpoint. Variables, programs and commands stay as they are.
  mutating func restore(_ kept: SessionState, named name: String) {
    var next = kept
    next.variables = state.variables
    next.programs = state.programs
    next.definitions = state.definitions
    next.script.add("checkpoint \(name)")
    next.script.addDefinitions(from: kept, to: next)
    move(to: next)
  }

  private mutating func move(to next: SessionState) {
    state = next
    refreshTable()
  }
}

/// The states to which `undo`, `redo` and `restore` can go.
struct Past {
  /// A statement, and a state on the other side of it.
  struct Step {
    let state: SessionState
    let text: String
    /// The variable that the statement sets, when it is `let`.
    let variable: String?
  }

  /// The statements that can be taken back, with the states before them, the latest last.
  var done: [Step] = []
  /// Those that can be done again, with the states after them.
  var undone: [Step] = []
  /// In the order in which they were made.
  var checkpoints: [(name: String, state: SessionState)] = []
}
