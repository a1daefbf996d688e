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

  /// Whether it gives variables values that no statement in it computes: those that what was undone had given them.
  var carriesValues: Bool { entries.contains { if case .variable = $0 { true } else { false } } }

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
    for (name, program) in new.programs.declared where program.program.source != old.programs[name]?.program.source {
      add(program.program.source)
    }
    let definitions = new.definitions.filter { $0.value.text != old.definitions[$0.key]?.text }
    // One may call another that comes later.
    for (name, definition) in definitions {
      add("define \(([name] + definition.parameters).joined(separator: " ")) { }")
    }
    for definition in definitions.values { add(definition.text) }
    addLookouts(from: old, to: new)
  }

  /// Adds what a script needs to have the breakpoints and watched expressions of another state.
  private mutating func addLookouts(from old: SessionState, to new: SessionState) {
    for change in new.lookouts.commands(from: old.lookouts) {
      // An expression has the variables that there were when it was given.
      let others = change.variables.filter { $0.value != new.variables[$0.key] }.sorted { $0.key < $1.key }
      for (name, value) in others { add(variable: name, value) }
      add(change.text)
      for (name, _) in others { if let value = new.variables[name] { add(variable: name, value) } }
    }
  }

  /// The lines of the script. Leaves out variables that hold a node or a process which the world does not know.
  ///
  /// - Parameter start: how many entries are left out at the beginning.
  func lines(in world: any Cluster, from start: Int = 0) -> [String] {
    entries.dropFirst(start).compactMap { entry in
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

  /// Whether that script gives variables values that came from what was undone, as numbers.
  public var savesCarriedValues: Bool { state.script.carriesValues }

  /// Adds to `typedLines` what a statement did.
  mutating func noteTyped(_ statement: Statement, in source: SourceText, since before: SessionState) {
    guard typedLines != nil else { return }
    // What went to another state has changed the script in another way than by adding to it.
    typedLines? +=
      past.hasLeapt
      ? [source.fullText(of: statement, forReplay: true)]
      : state.script.lines(in: state.world, from: before.script.count)
  }

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
}
