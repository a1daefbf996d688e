import Chronicle
import MigrationKernel
import Simulator

/// Something in the world that has fields: in a path it stands before a point.
enum Thing: Sendable {
  case process(ProcessDirectory.Record)
  /// The latest migration of a process, if there has been one.
  case migration(MigrationRecord?, of: ProcessDirectory.Record)
  case node(any ClusterNode)
  case message
  /// One message.
  case oneMessage(MessageRecord)
  /// The events of a kind; nil for `event` without one.
  case events(EventKind?)
  /// The jobs of a workload, or of all: then there is no name.
  case jobs(JobSelection, of: String?)
  case cluster
  /// The world itself, whose field `now` needs no point.
  case world

  enum Kind: Sendable, CaseIterable {
    case process, migration, node, message, oneMessage, events, jobs, cluster, world
  }

  var kind: Kind {
    switch self {
    case .process: .process
    case .migration: .migration
    case .node: .node
    case .message: .message
    case .oneMessage: .oneMessage
    case .events: .events
    case .jobs: .jobs
    case .cluster: .cluster
    case .world: .world
    }
  }

  /// What a value names that has fields; nil for other values, and for one that this world does not know.
  init?(_ value: Value, in world: any Cluster) {
    switch value {
    case .node(let node):
      guard let node = world.known(node) else { return nil }
      self = .node(node)
    case .process(let process):
      guard let record = world.processes[process] else { return nil }
      self = .process(record)
    case .record(.migration(let number)):
      guard let migration = world.migrations[number], let process = world.processes[migration.attempt.process] else {
        return nil
      }
      self = .migration(migration, of: process)
    case .record(.message(let number)):
      guard let message = world.messages[number] else { return nil }
      self = .oneMessage(message)
    default: return nil
    }
  }

  /// A clause that says why one of its fields is none; nil when there is nothing more to say.
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
    case .jobs(_, let name):
      field == "meanQueue"
        ? "no time has passed since \(name ?? "the first workload") started"
        : "no job\(name.map { " of \($0)" } ?? "") has completed"
    case .oneMessage(let message):
      message.deliveredAt == nil ? "message \(message.number) has not been delivered" : nil
    case .events(let kind): kind.map { "no such event has happened: \($0.summary)" }
    case .cluster: field == "messages" ? "the first messages are not kept any more" : nil
    case .message, .world: nil
    }
  }
}

/// Something about a thing in the world that expressions can read.
public struct Field: Sendable {
  /// The kind of its values, other than none.
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
    case process = "a process"
    case nodes = "a list of nodes"
    case processes = "a list of processes"
    case migrations = "a list of migrations"
    case messages = "a list of messages"
    /// The number of a migration, and a thing with fields of its own.
    case migration = "a migration"
  }

  /// The last part of a path: `freezeTime`.
  public let name: String
  /// What its values are.
  public let kind: Kind
  /// One line.
  public let summary: String
  /// Reads it; gives none for a thing of another kind than the field's.
  let read: @Sendable (Thing, any Cluster) -> Value
}

/// The fields of one kind of thing.
public struct FieldGroup: Sendable {
  /// What has them: "a process".
  public let title: String
  /// The beginning of a path to them, with an example's name: `p1.migration.`
  public let prefix: String
  /// In the order in which help lists them.
  public let fields: [Field]
  let kind: Thing.Kind
}
