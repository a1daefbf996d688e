import MigrationKernel
import Shell

/// How much a submission may use. The submission ends when it reaches a limit, with a message that says which.
public struct GradingLimits: Sendable {
  /// Statements of every kind.
  public var commands = 10_000
  /// Nodes at a time.
  public var nodes = 64
  /// Processes, ended ones included.
  public var processes = 256
  /// Pages of one process.
  public var pages = 65_536
  /// Events of the world, including those on copies of it.
  public var events: UInt64 = 5_000_000
  /// Virtual time: 10 minutes.
  public var time: Nanoseconds = 600_000_000_000
  /// Bytes that commands print: 1 MiB.
  public var outputBytes = 1 << 20
  /// Real time for all of it, including checks with further seeds.
  public var wallTime = Duration.seconds(60)

  public init() {}

  var session: Session.Limits {
    var limits = Session.Limits()
    limits.commands = commands
    limits.nodes = nodes
    limits.processes = processes
    limits.pages = pages
    limits.events = events
    limits.time = time
    limits.patience = time
    return limits
  }
}
