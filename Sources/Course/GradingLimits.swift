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

  /// The options of a session in which a submission is executed. A proof uses the same, so that what is proved can be
  /// graded.
  func options(files: Session.FileAccess) -> Session.Options {
    var options = Session.Options()
    options.files = files
    options.limits = session
    options.withheld = ["reset": "the set-up stays as it is"]
    return options
  }

  /// Why a submission ended that reached a limit.
  ///
  /// - Parameter written: how many bytes it has printed.
  func reason(for failure: ScriptFailure, written: Int) -> String {
    guard failure.status == .interrupted else { return failure.diagnostic.message }
    if written > outputBytes { return "more than \(formatSize(UInt64(outputBytes))) of output" }
    return "more than \(formatTime(wallTime.nanoseconds)) of computing"
  }
}

extension Duration {
  fileprivate var nanoseconds: UInt64 {
    UInt64(clamping: components.seconds) * 1_000_000_000 + UInt64(clamping: components.attoseconds / 1_000_000_000)
  }
}
