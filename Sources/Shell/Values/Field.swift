import Chronicle
import MigrationKernel
import Simulator

/// What a path has before a point: something in the world that has fields.
enum Thing: Sendable {
  case process(ProcessDirectory.Record)
  /// The latest migration of a process, if there has been one.
  case migration(MigrationRecord?, of: ProcessDirectory.Record)
  case node(any ClusterNode)
  case message
  case cluster
  /// What stands in front of no point: the world itself, with `now`.
  case world

  enum Kind: Sendable, CaseIterable {
    case process, migration, node, message, cluster, world
  }

  var kind: Kind {
    switch self {
    case .process: .process
    case .migration: .migration
    case .node: .node
    case .message: .message
    case .cluster: .cluster
    case .world: .world
    }
  }

  /// The node or process that a value is; nil for other values, and for what this world does not know.
  init?(_ value: Value, in world: any Cluster) {
    switch value {
    case .node(let node):
      guard let node = world.known(node) else { return nil }
      self = .node(node)
    case .process(let process):
      guard let record = world.processes[process] else { return nil }
      self = .process(record)
    default: return nil
    }
  }

  /// Why one of its fields is none, as a clause; nil when there is nothing more to say.
  func whyNone(_ field: String) -> String? {
    switch self {
    case .process(let record):
      switch record.fate {
      case .ended: "\(record.name) has ended"
      case .lost: "\(record.name) was lost"
      case .alive:
        switch field {
        case "hops": "no message has been delivered to \(record.name)"
        case "migration": "\(record.name) has not been migrated"
        default: nil
        }
      }
    case .migration(let migration, let process):
      field == "reason" && migration != nil
        ? "the migration of \(process.name) has not failed"
        : "no migration of \(process.name) has come that far"
    case .node(let node): node.isUp ? nil : "\(node.name) is down"
    case .message, .cluster, .world: nil
    }
  }
}

/// Something that can be read of a thing in the world.
public struct Field: Sendable {
  /// What kind of value it gives when it gives one.
  public enum Kind: String, Sendable {
    case boolean = "true or false"
    case count = "a count"
    case counts = "a list of counts"
    case number = "a number"
    case time = "a time"
    case size = "a size"
    case share = "a share"
    case text = "a text"
    case texts = "a list of texts"
    case word = "a word"
    case node = "a node"
    case nodes = "a list of nodes"
    case processes = "a list of processes"
    /// The number of a migration, and a thing with fields of its own.
    case migration = "a migration"
  }

  /// As a path ends: `freezeTime`.
  public let name: String
  /// What its values are.
  public let kind: Kind
  /// One line.
  public let summary: String
  /// How it is read; none for a thing of another kind than the field's.
  let read: @Sendable (Thing, any Cluster) -> Value
}

/// The fields of one kind of thing.
public struct FieldGroup: Sendable {
  /// What has them: "a process".
  public let title: String
  /// How a path to them starts, with an example's name: `p1.migration.`
  public let prefix: String
  /// In the order in which help lists them.
  public let fields: [Field]
  let kind: Thing.Kind
}
