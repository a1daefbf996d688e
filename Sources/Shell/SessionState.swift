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
  /// Policies of the user's own, in an array of one: every command may keep a copy of the state.
  private var policyBooks = [PolicyBook()]
  /// The variables of the shell, by name, without `$`.
  public internal(set) var variables: [String: Value] = [:]
  /// The programs there are, built in or declared.
  var programs = ProgramBook()
  /// Commands made with `define`, by name.
  var definitions: OrderedDictionary<String, Definition> = [:]
  /// The breakpoints and watched expressions. Going to another state leaves them as they are.
  var lookouts = Lookouts()
  /// What leads to this state.
  var script = SavedScript()

  struct Definition: Sendable {
    let parameters: [String]
    let body: Block
    let source: SourceText
    /// All of it as typed.
    let text: String
  }

  /// Policies made with `policy define`, by name.
  var ownPolicies: OrderedDictionary<String, OwnPolicy> {
    get { policyBooks[0].own }
    set { policyBooks[0].own = newValue }
  }
  /// Sets made with `policy set`, by name.
  var policySets: OrderedDictionary<String, Policies> {
    get { policyBooks[0].sets }
    set { policyBooks[0].sets = newValue }
  }

  /// Whether somebody has said which policy selects a process that moves, and which one the node it moves to: `migrate`
  /// without one of these asks for it otherwise.
  var hasSelection: Bool {
    get { policyBooks[0].hasSelection }
    set { policyBooks[0].hasSelection = newValue }
  }
  var hasDestination: Bool {
    get { policyBooks[0].hasDestination }
    set { policyBooks[0].hasDestination = newValue }
  }

  private struct PolicyBook: Sendable {
    var hasSelection = false
    var hasDestination = false
    var own: OrderedDictionary<String, OwnPolicy> = [:]
    var sets: OrderedDictionary<String, Policies> = [:]
  }

  init(seed: UInt64) {
    world = World(seed: seed)
    script.add("set seed \(seed)")
  }
}
