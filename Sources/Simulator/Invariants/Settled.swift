import Chronicle
import MigrationKernel

extension World {
  /// What has not come to its end, though it should have; empty when all is well. Ask this when all nodes are up, all
  /// lines are whole, and enough time has passed.
  ///
  /// Then every migration has ended, and no process stands still for one. No process needs pages that nobody has any
  /// more: it should have died. Nodes keep nothing for migrations that are over, and whoever is to be told where a process is has been. The fate of every message is known.
  public var unsettled: [String] {
    var found: [String] = []
    for record in migrations.all where record.endedAt == nil {
      found.append("migration \(record.number) is still \(record.status)")
    }
    for node in nodes {
      guard let kernel = node.kernel else { continue }
      for departure in kernel.departures.values {
        found.append("node \(node.name) still takes part in the departure of \(words(for: departure.attempt.process))")
      }
      for arrival in kernel.arrivals.values {
        found.append("node \(node.name) still takes part in the arrival of \(words(for: arrival.attempt.process))")
      }
      for flush in kernel.flushes.values {
        found.append("node \(node.name) still takes part in the flush of \(words(for: flush.attempt.process))")
      }
      for process in kernel.processes {
        if process.state == .frozen, process.phase != .held {
          found.append("\(process.name) stands still on node \(node.name)")
        }
        for holder in process.holders where !holder.pages.isEmpty {
          guard self[holder.node].kernel?.keptPages[holder.attempt] == nil else { continue }
          found.append("\(process.name) lives, though its pages on node \(self[holder.node].name) are gone")
        }
      }
      for kept in kernel.keptPages.values {
        guard hasLongBeenOver(kept.attempt.process) else { continue }
        found.append("node \(node.name) keeps pages of \(words(for: kept.attempt.process)), which is no more")
      }
      // This is longer than it waits before it tells them again.
      for move in kernel.untoldMoves where now > move.since + 40 * kernel.settings.detectionTimeout {
        found.append("node \(node.name) has not told all correspondents of \(words(for: move.process)) where that is")
      }
    }
    for message in messages.onTheirWay where isOverdue(message) {
      found.append("nothing has been heard of message \(message.number) to \(words(for: message.id.to))")
    }
    return found
  }

  /// True when the sender of a message still exists and should long have been told that the message may not have
  /// arrived.
  private func isOverdue(_ message: MessageRecord) -> Bool {
    // This is longer than a kernel keeps asking after a message, and longer than an origin keeps one. Over a lossy line
    // both wait for as long as answers have been seen to take.
    let patience = 50 * nodes.reduce(0) { max($0, 2 * $1.settings.detectionTimeout, $1.kernel?.slowestAnswer ?? 0) }
    let id = message.id
    guard processes[id.from]?.fate == .alive, now > message.acceptedAt + patience else { return false }
    // A kernel asks after the first that it still stands for, and after the next when that has come to its end.
    let before = messages.all.filter { $0.id.from == id.from && $0.id.to == id.to && $0.id.sequence < id.sequence }
    guard before.allSatisfy({ $0.status != .waiting }) else { return false }
    return now > before.reduce(0) { max($0, $1.steps.last?.time ?? 0) } + patience
  }

  /// True when a process no longer exists, and every node has had time to hear of that.
  private func hasLongBeenOver(_ process: ProcessID) -> Bool {
    // When all lines are whole, no packet is on its way for longer than this.
    let reach: Nanoseconds = 30_000_000_000
    return switch processes[process]?.fate {
    case .alive: false
    case .ended(_, let time, _), .lost(_, let time): now > time + reach
    case nil: true
    }
  }

  private func words(for process: ProcessID) -> String { processes[process]?.name ?? "process \(process.serial)" }
}
