import Chronicle
import CommandLanguage
import OrderedCollections
import Simulator

/// What a session offers to those who put someone else's script into it and judge what comes of it: lessons and graders.
extension Session {
  /// What is defined over the world: variables, programs, and commands made with `define`.
  public struct Scope: Sendable {
    /// By name, without `$`.
    public var variables: [String: Value]
    fileprivate var programs: OrderedDictionary<String, CompiledProgram>
    fileprivate var definitions: OrderedDictionary<String, SessionState.Definition>

    /// Takes over everything from another; where both have a name, the other's counts.
    public mutating func merge(_ other: Scope) {
      variables.merge(other.variables) { $1 }
      programs.merge(other.programs) { $1 }
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

  /// From here on nothing that came before can be undone, restored or saved; the seed is fixed, and a `quit` forgotten.
  public mutating func sealPast() {
    done = []
    undone = []
    checkpoints = []
    transcript = []
    hasQuit = false
    state.world.apply(.fixSeed)
  }

  /// Writes what someone else than a command has to say, in the session's format.
  ///
  /// - Parameters:
  ///   - report: what is said.
  ///   - span: what it is said about, in `source`.
  ///   - source: the script, lesson or submission.
  ///   - isGood: false for what went wrong.
  public func say(_ report: Report, about span: SourceSpan, in source: SourceText, isGood: Bool = true) {
    emit(report, place: place(span, in: source), command: "", isGood: isGood)
  }

  /// Works out expressions in the world as it is, over variables of the caller's.
  public func evaluator(_ variables: [String: Value], in source: SourceText) -> Evaluator {
    Evaluator(world: state.world, variables: variables, source: source)
  }
}

/// What went wrong in a script.
public struct ScriptFailure: Error, Sendable {
  /// With which status a script ends that stops for it.
  public let status: ScriptStatus
  /// What the line that tells of it begins with: `error`, `failed`, `limit`, `fault` or `interrupted`.
  public let kind: String
  /// What it is, and where.
  public let diagnostic: Diagnostic
}
