import HashTreeCollections
import MigrationKernel

/// Who is called what: one name for one thing, for ever. Processes are named when they are spawned; the names of those
/// that they will fork are made by kernels, which know nobody else's, from stems that are reserved here beforehand.
///
/// The names are in trees: the first new name after a copy of the world would copy a whole table.
struct NameBook: Sendable {
  /// Who has each name. A process keeps its own when it has ended; a node gives it back when it is removed.
  private var holders: TreeDictionary<String, Holder> = [:]
  /// Stems for the names of forks, and the name of the process that was spawned with them.
  private var stems: TreeDictionary<String, String> = [:]
  /// What stands before the numbers of names that end in some: a stem may be none of these.
  private var numbered: TreeSet<String> = []

  enum Holder: Sendable, Equatable {
    case node(NodeID)
    case process
  }

  /// Nobody is called anything.
  init() {}

  /// The node that has this name now.
  func node(named name: String) -> NodeID? { if case .node(let node)? = holders[name] { node } else { nil } }

  mutating func add(_ name: String, _ holder: Holder) {
    holders[name] = holder
    for stem in Self.stems(of: name) { numbered.insert(stem) }
  }

  mutating func remove(_ node: NodeID) { holders = holders.filter { $0.value != .node(node) } }

  /// The process for whose forks a name is kept.
  func reserver(of name: String) -> String? { stems[name] ?? Self.stems(of: name).lazy.compactMap { stems[$0] }.first }

  /// True when nobody has a name, and it is kept for nobody.
  func isFree(_ name: String) -> Bool { holders[name] == nil && reserver(of: name) == nil }

  /// The name for a process that asks for `wanted`: the same, or with the first number that makes it free.
  func freeName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !isFree(name) {
      name = "\(wanted)-\(number)"
      number += 1
    }
    return name
  }

  /// Keeps a stem for what a process forks, and all names made of it: `wanted`, or with the name of the process before
  /// it.
  mutating func reserveStem(_ wanted: String, for process: String) -> String {
    var stem = wanted
    while !isFree(stem) || numbered.contains(stem) { stem = "\(process)-\(stem)" }
    stems[stem] = process
    for stem in Self.stems(of: stem) { numbered.insert(stem) }
    return stem
  }

  /// Forgets a process that was not created after all, and what was kept for it.
  mutating func forget(_ name: String) {
    holders[name] = nil
    stems = stems.filter { $0.value != name }
  }

  /// What stands before the numbers at the end of a name: of `a-2-1` that is `a-2` and `a`.
  private static func stems(of name: String) -> [String] {
    var rest = name[...].utf8
    var found: [String] = []
    while let dash = rest.lastIndex(of: UInt8(ascii: "-")), rest.index(after: dash) < rest.endIndex,
      rest[rest.index(after: dash)...].allSatisfy({ (48...57).contains($0) })
    {
      rest = rest[..<dash]
      found.append(String(Substring(rest)))
    }
    return found
  }
}
