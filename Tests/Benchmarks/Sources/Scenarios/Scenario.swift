/// Something that is measured: work that can be done as often as one likes, in units that all cost the same.
///
/// What a unit costs is the difference between two runs that are alike but for how many units they do. So neither the start
/// of the program nor what builds the cluster counts.
public struct Scenario: Sendable {
  /// What it is called on the command line and in the baseline.
  public let name: String
  /// What it stands for.
  public let summary: String
  /// What one unit is, as in "a message".
  public let unit: String
  /// The units of the two runs whose time is taken.
  public let timed: Sizes
  /// The units of the two runs whose instructions and allocations are counted, which takes forty times as long.
  public let counted: Sizes
  /// What is run.
  public let subject: Subject

  /// How many units each of two runs does.
  public struct Sizes: Sendable {
    /// Those of the shorter run. With none it only prepares; a scenario that has nothing to prepare has no such run.
    public let less: Int
    /// Those of the longer run.
    public let more: Int

    init(_ less: Int, _ more: Int) {
      precondition(0 <= less && less < more)
      (self.less, self.more) = (less, more)
    }

    /// The units by which the runs differ.
    public var difference: Int { more - less }
  }

  /// What is run for a number of units.
  public enum Subject: Sendable {
    /// Scripts in the shell's own language, so that they run on every version of migsh that knows the commands, however the
    /// engine's interfaces change. The set-up may depend on how many units the longer run does, so that both runs have the
    /// same one.
    case script(setup: @Sendable (_ most: Int) -> String, work: @Sendable (_ units: Int) -> String)
    /// What migsh is called with; nil for no units when it has nothing to prepare.
    case program(@Sendable (_ units: Int) -> Invocation?)
    /// The program `kernel-step`, which drives kernels without a simulator, with the number of units.
    case kernel
  }

  /// Arguments of a program, and the files that they name.
  public struct Invocation: Sendable {
    /// The arguments.
    public let arguments: [String]
    /// Texts of files by their paths, which start where the program runs.
    public let files: [String: String]
    /// It drives kernels itself, and is not migsh.
    public let isKernelAlone: Bool

    /// A call of migsh.
    public init(_ arguments: [String], files: [String: String] = [:]) {
      self.init(arguments, files: files, isKernelAlone: false)
    }

    fileprivate init(_ arguments: [String], files: [String: String], isKernelAlone: Bool) {
      (self.arguments, self.files, self.isKernelAlone) = (arguments, files, isKernelAlone)
    }
  }

  /// It runs migsh, and not kernels alone.
  public var isOfMigsh: Bool { if case .kernel = subject { false } else { true } }

  /// What is run for so many units; nil when that would be nothing at all.
  public func invocation(units: Int, of sizes: Sizes) -> Invocation? {
    switch subject {
    case .script(let setup, let work):
      let script = setup(sizes.more) + "\n" + work(units) + "\n"
      return Invocation(["run", "script.migsh"], files: ["script.migsh": script])
    case .program(let invocation): return invocation(units)
    case .kernel: return Invocation(["\(units)"], files: [:], isKernelAlone: true)
    }
  }
}

extension Scenario {
  /// All that is measured, in the order in which it is shown.
  public static let all = [
    eventQueue, kernelStep, pingPong, pingPongWithMoves, messages(nodes: 2), messages(nodes: 1000), storm,
    pageWrites, dirtyTracking, preTransfer, preTransferOfFullPages, onReference, jobs, balancing, worldCopy, undo,
    parsing, startUp, grading, torture, report,
  ]

  /// Programs that several scenarios use.
  static let programs = """
    program caller { repeat { send $peer "hello"  receive as m } }
    program stream { repeat { send $peer "hello"  compute 9900ns } }
    program sink { repeat { receive } }
    program filler { repeat { write next 0..$last  compute 62400ns } }
    program sleeper { repeat { sleep 1ms } }
    """

  /// Commands that add nodes n0, n1 and so on.
  public static func nodes(_ count: Int) -> String { "node add " + (0..<count).map { "n\($0)" }.joined(separator: " ") }
}
