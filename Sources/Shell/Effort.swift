import CommandLanguage
import Synchronization

/// How much a session computes beside its worlds: parts of expressions, elements of lists, bytes of output, what commands
/// look through.
///
/// It is counted and not measured, so that it is the same on every machine. Only sessions with a limit count it.
final class Effort: Sendable {
  /// What it costs, in parts of an expression, to execute a statement.
  static let statement = 20
  /// What it costs to ask an expression of a world that goes on.
  static let question = 10
  /// What it costs to take a message from a process.
  static let message = 50
  /// What it costs to look through a history, beside what is shown of it.
  static let picture = 5_000
  /// What it costs to begin an experiment on a copy of the world, beside the events there.
  static let copy = 20_000

  /// How much there may be.
  let most: UInt64
  private let units: Atomic<UInt64>

  /// - Parameter spent: what has been spent before.
  init(most: UInt64, spent: UInt64 = 0) {
    self.most = most
    units = Atomic(spent)
  }

  var spent: UInt64 { units.load(ordering: .relaxed) }
  var isUsedUp: Bool { spent >= most }

  /// Says that it is used up.
  var message: String {
    "more than \(most) units of effort: parts of expressions, elements of lists, bytes of output"
  }

  @inline(__always)
  func spend(_ more: Int) { units.wrappingAdd(UInt64(more), ordering: .relaxed) }

  /// Spends what it takes to go through a text.
  @inline(__always)
  func spend(forText text: String) { spend(text.utf8.count / 64) }
}

extension Session {
  /// From now on counts its own effort alone: this session is a copy of another, which goes on counting its own.
  public mutating func separateEffort() {
    effort = effort.map { Effort(most: $0.most, spent: $0.spent) }
  }

  /// Spends what a command costs however little it says.
  func spendEffort(on command: Command) {
    guard let effort else { return }
    if command.spec.needsWorldCopy { effort.spend(Effort.copy) }
    if case .nothing = command.effect, ["Seeing", "Messages", "Shell"].contains(command.spec.group) {
      effort.spend(Effort.picture)
    }
  }

  /// Which limit of work or effort is reached, in words; nil when none is.
  var reachedLimit: String? {
    options.limits.reached(by: work) ?? (effort?.isUsedUp == true ? effort?.message : nil)
  }

  /// The error of an expression: a limit when it made use of the last effort.
  func failure(_ error: Diagnostic) -> SessionError {
    effort?.isUsedUp == true ? .limit(error) : .refused(error)
  }
}
