import Chronicle
import CommandLanguage
import MigrationKernel
import Shell
import Simulator

/// What came of a script that was executed with every invariant checked.
public struct TortureRun: Sendable {
  /// What was wrong. The kinds are told apart by the exit status of `migsh torture`.
  public enum Failure: Sendable, Equatable {
    /// Something happened that never must.
    case violation(Violation)
    /// Something did not come to its end after all faults had.
    case noProgress(String)
    /// A process that was moved did something else than it would have done without that.
    case changed(String)
    /// The same script, or the journal of its run, did not give the same events again.
    case difference
    /// The script is not one: a fault of the generator.
    case notUnderstood(String)

    /// What a smaller script has to fail at as well, to stand for this one.
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
  /// Of all events: equal for equal runs.
  public let digest: UInt64
  /// How many there were.
  public let events: UInt64
  /// How long the run was in the time of the world.
  public let virtualTime: Nanoseconds
  /// How often rare things happened, by name: kinds of event, and how migrations by each mechanism ended.
  public private(set) var probes: [String: Int]

  /// Executes a script, which ends with a phase in which everything has to come to its end.
  ///
  /// - Parameter checksInvariants: when it is false, violations are not found, transparency among them; everything else
  ///   is the same.
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
    } else if checksInvariants {
      let (compared, difference) = Undisturbed.compare(world, after: lines, seed: seed)
      if compared > 0 { probes[Self.comparedProbe] = compared }
      failure = difference.map { .changed($0) }
    } else {
      // Of runs that are not watched, one in ten is repeated from its journal as well.
      let isRepeatable = seed % 10 != 0 || World(replaying: world.journal).digest == world.digest
      failure = isRepeatable ? nil : .difference
    }
  }

  private init(_ run: TortureRun, failure: Failure) {
    self.failure = failure
    (digest, events, virtualTime, probes) = (run.digest, run.events, run.virtualTime, run.probes)
  }

  /// Executes a script twice, and compares what happened. The second time nothing is checked: that a run is watched must
  /// not change it either.
  public static func twice(
    _ lines: [String], seed: UInt64, isInterrupted: @escaping () -> Bool = { false }
  ) -> TortureRun {
    let first = TortureRun(lines, seed: seed, isInterrupted: isInterrupted)
    guard first.failure == nil else { return first }
    let second = TortureRun(lines, seed: seed, checksInvariants: false, isInterrupted: isInterrupted)
    let isEqual = first.digest == second.digest && second.failure == nil
    return isEqual || isInterrupted() ? first : TortureRun(first, failure: .difference)
  }

  /// Everything that a run can count, so that a long one can tell what never happened.
  public static let allProbes: [String] =
    EventKind.allCases.map(\.rawValue) + [comparedProbe]
    + TransferMechanism.allCases.flatMap { mechanism in endings.map { "\(mechanism.rawValue) \($0.rawValue)" } }

  /// A process that was moved left the memory that it had to.
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
