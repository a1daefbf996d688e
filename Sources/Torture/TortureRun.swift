import Chronicle
import CommandLanguage
import MigrationKernel
import Shell
import Simulator

/// The result of executing a script while every invariant is checked.
public struct TortureRun: Sendable {
  /// What went wrong. The exit status of `migsh torture` says which kind it was.
  public enum Failure: Sendable, Equatable {
    /// Something happened that never may.
    case violation(Violation)
    /// Something did not come to its end, though all faults had.
    case noProgress(String)
    /// A process that moved did something else than it would have done without moving.
    case changed(String)
    /// A second run of the script, or of its journal, did not give the same events.
    case difference
    /// The parser could not read the script: the generator has a fault.
    case notUnderstood(String)

    /// The kind of failure. A shorter script may replace this one if it fails with the same kind.
    public var kind: String {
      switch self {
      case .violation(let violation): violation.checker.rawValue
      case .noProgress: "noProgress"
      case .changed: "transparency"
      case .difference: "difference"
      case .notUnderstood: "notUnderstood"
      }
    }

    /// What went wrong, in a line.
    public var text: String {
      switch self {
      case .violation(let violation): "\(violation.checker.rawValue): \(violation.what)"
      case .noProgress(let what): "no progress: \(what)"
      case .changed(let what): "transparency: \(what)"
      case .difference: "the same script and seed did not give the same events"
      case .notUnderstood(let what): "the script is not understood: \(what)"
      }
    }
  }

  /// Nil when all went well.
  public let failure: Failure?
  /// The digest of all events: it is equal for equal runs.
  public let digest: UInt64
  /// The number of events.
  public let events: UInt64
  /// How much virtual time the run took.
  public let virtualTime: Nanoseconds
  /// How often rare things happened, by name: kinds of events, and the ways in which migrations by each mechanism
  /// ended.
  public private(set) var probes: [String: Int]

  /// Executes a script. At its end there must be a phase in which everything comes to its end.
  ///
  /// - Parameter checksInvariants: whether to look for violations, including those of transparency. It changes nothing
  ///   else.
  public init(
    _ lines: [String], seed: UInt64, checksInvariants: Bool = true, isInterrupted: @escaping () -> Bool = { false }
  ) {
    var session = Session.silent(seed: seed)
    session.isInterrupted = isInterrupted
    if checksInvariants { session.checkInvariants() } else { session.keepDigest() }
    let status = session.execute(SourceText(name: "torture", text: lines.joined(separator: "\n")))
    let world = session.state.world
    digest = world.digest
    events = world.eventCount
    virtualTime = world.now
    probes = Self.probes(world)
    if let violation = world.invariants?.violation {
      failure = .violation(violation)
    } else if status == .usage {
      failure = .notUnderstood(session.failure?.diagnostic.message ?? "")
    } else if isInterrupted() {
      failure = nil
    } else if let what = world.unsettled.first {
      failure = .noProgress(what)
    } else if checksInvariants, let violation = world.missingOutput ?? world.unreachable {
      failure = .violation(violation)
    } else if checksInvariants {
      let (compared, difference) = Undisturbed.compare(world, after: lines, seed: seed)
      if compared > 0 { probes[Self.comparedProbe] = compared }
      failure = difference.map { .changed($0) }
    } else {
      // One in ten of the unwatched runs is also repeated from its journal.
      let isRepeatable = seed % 10 != 0 || World(replaying: world.journal).digest == world.digest
      failure = isRepeatable ? nil : .difference
    }
  }

  private init(_ run: TortureRun, failure: Failure) {
    self.failure = failure
    (digest, events, virtualTime, probes) = (run.digest, run.events, run.virtualTime, run.probes)
  }

  /// Executes a script twice, and compares the events. The second time no invariant is checked: to watch a run must not
  /// change it either.
  public static func twice(
    _ lines: [String], seed: UInt64, isInterrupted: @escaping () -> Bool = { false }
  ) -> TortureRun {
    let first = TortureRun(lines, seed: seed, isInterrupted: isInterrupted)
    guard first.failure == nil else { return first }
    let second = TortureRun(lines, seed: seed, checksInvariants: false, isInterrupted: isInterrupted)
    let isEqual = first.digest == second.digest && second.failure == nil
    return isEqual || isInterrupted() ? first : TortureRun(first, failure: .difference)
  }

  /// Everything that runs count, so that a long torture can say what never happened.
  public static let allProbes: [String] =
    EventKind.allCases.filter { !untried.contains($0) }.map(\.rawValue) + [comparedProbe]
    + TransferMechanism.allCases.flatMap { mechanism in endings.map { "\(mechanism.rawValue) \($0.rawValue)" } }

  /// What no script of a torture can bring about: no driver is spoilt in one.
  private static let untried: Set<EventKind> = [.driverReplaced, .packetUnreadable]
  /// A process that moved left the memory that it should leave.
  private static let comparedProbe = "memory compared"
  private static let endings: [MigrationRecord.Status] = [.completed, .refused, .aborted, .cancelled, .lost]

  private static func probes(_ world: World) -> [String: Int] {
    var counts: [String: Int] = [:]
    for kind in EventKind.allCases where world.log.count(of: kind) > 0 {
      counts[kind.rawValue] = world.log.count(of: kind)
    }
    for record in world.migrations.all where endings.contains(record.status) {
      counts["\(record.mechanism.rawValue) \(record.status.rawValue)", default: 0] += 1
    }
    return counts
  }
}
