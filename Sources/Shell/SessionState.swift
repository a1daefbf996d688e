import Chronicle
import CommandLanguage
import MigrationKernel
import OrderedCollections
import Simulator

/// The world, what is defined over it, and the script that leads there. `undo` takes all of it back but the variables.
public struct SessionState: Sendable {
  /// The cluster.
  public internal(set) var world: World
  /// How messages find processes spawned from now on, and how those processes talk, unless `spawn` says otherwise.
  var forwarding = ForwardingMechanism.linkTraversal
  var communication = Communication.direct
  /// The node to which processes are flushed, unless `--backing` names one; nil for the first that is up and neither end.
  var backing: NodeID?
  /// Policies made with `policy define`, and sets made with `policy set`, by name.
  var ownPolicies: OrderedDictionary<String, OwnPolicy> = [:]
  var policySets: OrderedDictionary<String, Policies> = [:]
  /// The variables of the shell, by name, without `$`.
  public internal(set) var variables: [String: Value] = [:]
  /// The programs there are, built in or declared, by name.
  var programs: OrderedDictionary<String, CompiledProgram>
  /// Commands made with `define`, by name.
  var definitions: OrderedDictionary<String, Definition> = [:]
  /// What leads to this state.
  var script = SavedScript()

  struct Definition: Sendable {
    let parameters: [String]
    let body: Block
    let source: SourceText
    /// All of it as typed.
    let text: String
  }

  init(seed: UInt64) {
    world = World(seed: seed)
    programs = BuiltInPrograms.byName
    script.add("set seed \(seed)")
  }
}
