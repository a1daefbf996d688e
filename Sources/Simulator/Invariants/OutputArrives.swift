import DequeModule
import MigrationKernel

/// What is on a terminal is what its processes printed: each line once and in order, and none is left out without a report
/// that it may be lost. `World.missingOutput` checks that no line is kept for ever.
struct OutputArrives: Sendable {
  private struct Line {
    let text: String
    let printedAt: Nanoseconds
  }

  /// By process, what it has printed and what is not on its terminal.
  private var missing: [ProcessID: Deque<Line>] = [:]

  /// When a process printed the oldest line that is missing; nil when none is.
  func oldestMissing(of process: ProcessID) -> Nanoseconds? { missing[process]?.first?.printedAt }

  mutating func observe(_ fact: Fact, at time: Nanoseconds) -> String? {
    switch fact {
    case .printed(let process, let text): missing[process, default: []].append(Line(text: text, printedAt: time))
    case .output(let process, let text):
      guard let next = missing[process]?.popFirst() else {
        return "process \(process.serial) did not print \"\(text)\", or it is on the terminal already"
      }
      guard next.text == text else {
        return "line \"\(next.text)\" of process \(process.serial) was passed over by \"\(text)\" and not reported lost"
      }
    case .outputLost(let process, let lines, let left, _):
      let count = missing[process]?.count ?? 0
      guard count <= lines + left else {
        return "process \(process.serial) misses \(count) lines, and its kernel knows of \(lines + left)"
      }
      missing[process]?.removeFirst(max(0, count - left))
    case .created, .started, .ended, .lost, .frozen, .resumed, .migration, .message, .systemCall, .refused, .deadlocked,
      .processChosen, .nodeChosen:
      break
    }
    return nil
  }
}

extension World {
  /// A process whose lines do not come to its terminal, after enough time; nil when all is well, or when a node is down or
  /// a line is cut. Lines that a kernel keeps fall with its node.
  public var missingOutput: Violation? {
    guard isWhole else { return nil }
    let patience = nodes.reduce(30_000_000_000) { max($0, 30 * $1.settings.detectionTimeout) }
    for record in processes.all {
      guard let printed = invariants?.oldestMissingLine(of: record.id), now > printed + patience else { continue }
      switch record.fate {
      case .lost: continue
      case .ended(_, let time, let node) where self[node].failures.last ?? 0 >= time: continue
      case .alive, .ended:
        return Violation(
          checker: .outputArrives, time: now, what: "a line of process \(record.name) does not come to its terminal")
      }
    }
    return nil
  }
}
