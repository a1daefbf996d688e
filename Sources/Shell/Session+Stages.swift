import Chronicle
import CommandLanguage
import OrderedCollections
import Simulator

/// What lessons and graders use: they execute somebody else's script in a session, and judge what it did.
extension Session {
  /// What is defined over the world: variables, programs, and commands made with `define`.
  public struct Scope: Sendable {
    /// By name, without `$`.
    public var variables: [String: Value]
    fileprivate var programs: ProgramBook
    fileprivate var definitions: OrderedDictionary<String, SessionState.Definition>

    /// Adds everything from another scope. Where both define a name, the other's definition counts.
    public mutating func merge(_ other: Scope) {
      variables.merge(other.variables) { $1 }
      programs.merge(other.programs)
      definitions.merge(other.definitions) { $1 }
    }
  }

  /// What is defined now.
  public var scope: Scope {
    get { Scope(variables: state.variables, programs: state.programs, definitions: state.definitions) }
    set {
      state.variables = newValue.variables
      state.programs = newValue.programs
      state.definitions = newValue.definitions
      refreshTable()
    }
  }

  /// Forgets the past: nothing before this can be undone, restored or saved. The seed is fixed, and a `quit` forgotten.
  public mutating func sealPast() {
    past = Past()
    state.script = SavedScript()
    transcript = []
    if typedLines != nil { typedLines = [] }
    hasQuit = false
    state.world.apply(.fixSeed)
  }

  /// Executes something that no breakpoint of the user stops, and that shows no watched expression. Those that it makes
  /// itself are added.
  public mutating func withoutLookouts<Result>(_ body: (inout Session) -> Result) -> Result {
    var users = state.lookouts
    state.lookouts = Lookouts()
    let result = body(&self)
    users.add(state.lookouts)
    state.lookouts = users
    return result
  }

  /// Writes, in the session's format, a report that no command made.
  ///
  /// - Parameters:
  ///   - report: what is said.
  ///   - span: the part of `source` that the report is about.
  ///   - source: the script, lesson or submission.
  ///   - isGood: false when the report says that something went wrong.
  public func say(_ report: Report, about span: SourceSpan, in source: SourceText, isGood: Bool = true) {
    emit(report, of: .init(name: nil, text: "", place: place(span, in: source)), isGood: isGood)
  }

  /// An evaluator over the world as it is, with the caller's variables.
  public func evaluator(_ variables: [String: Value], in source: SourceText) -> Evaluator {
    Evaluator(world: state.world, variables: variables, source: source, stepStart: stepStart)
  }
}

/// What went wrong in a script.
public struct ScriptFailure: Error, Sendable {
  /// The status of a script that this failure stops.
  public let status: ScriptStatus
  /// The first word of its message: `error`, `failed`, `limit`, `fault` or `interrupted`.
  public let kind: String
  /// What went wrong, and where.
  public let diagnostic: Diagnostic
}
