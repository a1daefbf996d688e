import MigrationKernel
import Shell

/// How much a submission may use with one seed. The submission ends when it reaches a limit, with a message that says which.
///
/// All are counted by the engine, so that a submission has the same result on every machine, busy or not.
public struct GradingLimits: Sendable {
  /// Statements of every kind.
  public var commands = 10_000
  /// Nodes at a time.
  public var nodes = 64
  /// Processes, ended ones included.
  public var processes = 256
  /// Pages of one process.
  public var pages = 65_536
  /// Events of the world, including those on copies of it and those that were undone.
  public var events: UInt64 = 5_000_000
  /// Steps of programs, counted in the same way.
  public var steps: UInt64 = 500_000_000
  /// Virtual time: 10 minutes.
  public var time: Nanoseconds = 600_000_000_000
  /// Bytes of texts that programs make and commands send: 256 MiB.
  public var memory: UInt64 = 256 << 20
  /// Checkpoints at a time.
  public var checkpoints = 100
  /// Bytes that commands print: 1 MiB.
  public var outputBytes = 1 << 20

  public init() {}

  var session: Session.Limits {
    var limits = Session.Limits()
    limits.commands = commands
    limits.nodes = nodes
    limits.processes = processes
    limits.pages = pages
    limits.events = events
    limits.steps = steps
    limits.memory = memory
    limits.checkpoints = checkpoints
    limits.time = time
    limits.patience = time
    return limits
  }

  func uses(_ usage: SessionUsage, outputBytes used: Int) -> [LimitUse] {
    [
      LimitUse("commands", usage.commands, of: commands), LimitUse("events", usage.events, of: events),
      LimitUse("steps", usage.steps, of: steps), LimitUse("time", usage.time, of: time),
      LimitUse("memory", usage.memory, of: memory), LimitUse("nodes", usage.nodes, of: nodes),
      LimitUse("processes", usage.processes, of: processes), LimitUse("output", used, of: outputBytes),
    ]
  }
}

/// How much of one limit was used.
public struct LimitUse: Sendable, Equatable {
  /// What is limited: `commands`, `events`, `steps` of programs, virtual `time` in nanoseconds, `memory` and `output` in bytes…
  public let limit: String
  /// How much was used.
  public let used: UInt64
  /// How much may be used.
  public let most: UInt64

  /// - Parameters:
  ///   - limit: what is limited.
  ///   - used: how much was used.
  ///   - most: how much may be used.
  public init(_ limit: String, _ used: some BinaryInteger, of most: some BinaryInteger) {
    self.limit = limit
    self.used = UInt64(clamping: used)
    self.most = UInt64(clamping: most)
  }
}
