import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// A breakpoint that has stopped a command.
struct BreakHit: Sendable {
  let number: Int
  let breakpoint: Lookouts.Breakpoint
  /// The entry of the log that it waited for; nil for a condition.
  let entry: Log.Entry?
  /// Where the command stands.
  let diagnostic: Diagnostic
}

/// Asks after events, and at instants, whether a breakpoint is reached.
///
/// Only what comes about while time passes counts, and not what a command brings at once. So a condition that holds from
/// the beginning has to be false in between.
struct BreakWatcher {
  private struct Condition {
    let number: Int
    let breakpoint: Lookouts.Breakpoint
    var watch: Watch
    var holds: Bool
  }

  private var conditions: [Condition] = []
  private var kinds: [(number: Int, kind: LogKind)] = []
  /// How many entries of the log have been looked at.
  private var seen: Int

  init(_ lookouts: Lookouts, _ world: World, _ effort: Effort?) {
    seen = world.log.total
    for (number, breakpoint) in lookouts.orderedBreaks {
      switch breakpoint {
      case .on(let kind): kinds.append((number, kind))
      case .when(let kept):
        var watch = Watch(kept.expression, variables: kept.variables, in: kept.source, effort: effort)
        let holds = watch.holdsIfKnown(in: world)
        conditions.append(Condition(number: number, breakpoint: breakpoint, watch: watch, holds: holds))
      }
    }
  }

  /// After which steps of programs it has to be asked.
  var steps: Watch.Steps { conditions.reduce(.none) { $0.joined(with: $1.watch.steps) } }

  /// An instant before which no comparison of times changes; nil when none ever does as things stand.
  func nextInstant(in world: World, before limit: Nanoseconds) -> Nanoseconds? {
    conditions.compactMap { $0.watch.nextInstantIfKnown(in: world, before: limit) }.min()
  }

  /// Whether a breakpoint may be reached after an event, or a condition does not hold any more.
  mutating func mayStop(in world: borrowing World) -> Bool {
    if !kinds.isEmpty, world.log.total > seen {
      let isAny = newEntries(in: world).contains { entry in kinds.contains { $0.kind == entry.event.kind } }
      if isAny { return true }
      seen = world.log.total
    }
    for index in conditions.indices where conditions[index].watch.differs(from: conditions[index].holds, in: world) {
      return true
    }
    return false
  }

  /// The breakpoints that are reached now. No thread must be ahead of the clock.
  mutating func reached(in world: World, _ call: Invocation) -> [BreakHit] {
    let diagnostic = call.source.diagnostic(at: call.call.span, "stopped at a breakpoint")
    let entries = kinds.isEmpty ? [] : newEntries(in: world)
    seen = world.log.total
    var hits = kinds.compactMap { number, kind in
      entries.first { $0.event.kind == kind }.map {
        BreakHit(number: number, breakpoint: .on(kind), entry: $0, diagnostic: diagnostic)
      }
    }
    for index in conditions.indices {
      let held = conditions[index].holds
      conditions[index].holds = conditions[index].watch.holdsIfKnown(in: world)
      guard !held, conditions[index].holds else { continue }
      hits.append(
        BreakHit(
          number: conditions[index].number, breakpoint: conditions[index].breakpoint, entry: nil,
          diagnostic: diagnostic))
    }
    return hits.sorted { $0.number < $1.number }
  }

  private func newEntries(in world: borrowing World) -> [Log.Entry] {
    let entries = world.log.entries
    return Array(entries.suffix(max(0, world.log.total - seen)))
  }
}
