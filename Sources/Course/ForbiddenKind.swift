import Chronicle
import CommandLanguage
import Shell
import Simulator

/// A kind of event that `@forbid` may name: a kind of the log, or one that the log does not have.
enum ForbiddenKind: Sendable, Hashable {
  case event(EventKind)
  /// A command that was refused.
  case commandRefused

  /// All there are.
  static let all: [ForbiddenKind] = EventKind.allCases.map { .event($0) } + [.commandRefused]

  /// - Parameter name: the kind's name in a lesson.
  init?(name: String) {
    guard let kind = Self.all.first(where: { $0.name == name }) else { return nil }
    self = kind
  }

  var name: String {
    switch self {
    case .event(let kind): kind.rawValue
    case .commandRefused: "command-refused"
    }
  }

  /// A clause that says what it is.
  var summary: String {
    switch self {
    case .event(let kind): kind.summary
    case .commandRefused: "a command was refused"
    }
  }

  /// How often it has happened so far.
  ///
  /// - Parameter keptOnly: leaves out what was undone.
  func count(in session: borrowing Session, keptOnly: Bool) -> Int {
    switch self {
    case .event(let kind): keptOnly ? session.state.world.log.count(of: kind) : session.history[kind] ?? 0
    case .commandRefused: session.refusalCount
    }
  }

  /// The first such event after an entry, in words; nil when the log no longer has it.
  func first(after entry: Int, in world: any Cluster) -> String? {
    guard case .event(let kind) = self else { return nil }
    guard let found = world.log.entries.first(where: { $0.number > entry && $0.event.eventKind == kind }) else {
      return nil
    }
    return "\(formatTime(found.time)) on \(world.name(of: found.node)): \(found.event.text(in: world))"
  }
}
