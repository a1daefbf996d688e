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
  public var events: UInt64 = 1_000_000
  /// Steps of programs, counted in the same way.
  public var steps: UInt64 = 200_000_000
  /// Virtual time: 10 minutes.
  public var time: Nanoseconds = 600_000_000_000
  /// Bytes of texts that programs make and commands send, and of what is kept of pages: 256 MiB.
  public var memory: UInt64 = 256 << 20
  /// Parts of expressions, elements of lists, bytes of output, shown or not.
  public var effort: UInt64 = 20_000_000
  /// Nodes and processes at which the engine may look while it checks itself.
  public var ownChecks: UInt64 = 3_000_000
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
    limits.effort = effort
    limits.checkpoints = checkpoints
    limits.time = time
    limits.patience = time
    return limits
  }

  func usage(_ usage: SessionUsage, outputBytes used: Int) -> [GradeReport.Usage] {
    [
      GradeReport.Usage(.commands, used: UInt64(usage.commands), most: UInt64(commands)),
      GradeReport.Usage(.events, used: usage.events, most: events),
      GradeReport.Usage(.steps, used: usage.steps, most: steps),
      GradeReport.Usage(.time, used: usage.time, most: time),
      GradeReport.Usage(.nodes, used: UInt64(usage.nodes), most: UInt64(nodes)),
      GradeReport.Usage(.processes, used: UInt64(usage.processes), most: UInt64(processes)),
      GradeReport.Usage(.memory, used: usage.memory, most: memory),
      GradeReport.Usage(.outputBytes, used: UInt64(used), most: UInt64(outputBytes)),
    ]
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

  /// The limits of a prompt at which an exercise is taken: what the world may have, so that what can be typed can be graded.
  /// How much was done there is not limited: most of it may have been undone.
  func atPrompt(_ usual: Session.Limits) -> Session.Limits {
    var limits = usual
    (limits.nodes, limits.processes, limits.pages) = (nodes, processes, pages)
    (limits.time, limits.patience, limits.checkpoints) = (time, time, checkpoints)
    return limits
  }

  /// Why a submission ended that printed too much.
  var outputReason: String { "more than \(formatSize(UInt64(outputBytes))) of output" }

  /// Why a submission ended that reached a limit.
  func reason(for failure: ScriptFailure) -> String {
    failure.status == .interrupted ? outputReason : failure.diagnostic.message
  }
}
