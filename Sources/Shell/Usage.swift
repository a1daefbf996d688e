import CommandLanguage
import MigrationKernel
import Simulator

/// What worlds have done: that of a session, its copies, and what was undone since.
struct Work {
  var events: UInt64 = 0
  /// Steps of programs.
  var steps: UInt64 = 0
  /// Bytes of texts that programs and commands made, and of what is kept of pages.
  var textBytes: UInt64 = 0

  init() {}

  init(of world: borrowing World) {
    (events, steps, textBytes) = (world.eventCount, world.stepCount, world.textBytes)
  }

  /// Adds what a world has done since it was at `before`.
  mutating func add(_ world: borrowing World, since before: Work) {
    events += world.eventCount - min(before.events, world.eventCount)
    steps += world.stepCount - min(before.steps, world.stepCount)
    textBytes += world.textBytes - min(before.textBytes, world.textBytes)
  }

  /// Adds what a command did to the world without letting time pass.
  ///
  /// - Parameter spent: this, before the command. What has been added since need not be added again.
  mutating func addUncounted(from start: borrowing World, to end: borrowing World, countedSince spent: Work) {
    var all = spent
    all.add(end, since: Work(of: start))
    events = max(events, all.events)
    steps = max(steps, all.steps)
    textBytes = max(textBytes, all.textBytes)
  }

  static func += (work: inout Work, more: Work) {
    work.events += more.events
    work.steps += more.steps
    work.textBytes += more.textBytes
  }
}

extension Session.Limits {
  /// Whether worlds may go on for ever.
  var boundNoWork: Bool { events == .max && steps == .max && memory == .max }

  /// Whether a limit of work is reached.
  ///
  /// - Parameters:
  ///   - before: the work of the world when it began to run.
  ///   - spent: what had been done until then.
  @inline(__always)
  func isUsedUp(by world: borrowing World, since before: Work, after spent: Work) -> Bool {
    spent.events &+ (world.eventCount &- before.events) >= events
      || spent.steps &+ (world.stepCount &- before.steps) >= steps
      || spent.textBytes &+ (world.textBytes &- before.textBytes) >= memory
  }

  /// The same, or whether there are more processes than there may be.
  @inline(__always)
  func areReached(by world: borrowing World, since before: Work, after spent: Work) -> Bool {
    isUsedUp(by: world, since: before, after: spent) || world.processes.all.count > processes
      || world.jobs.count > processes
  }

  /// Which limit of work is reached, in words; nil when none is.
  func reached(by work: Work) -> String? {
    if work.events >= events { return "more than \(events) events" }
    if work.steps >= steps { return "more than \(steps) steps of programs" }
    if work.textBytes >= memory { return "more than \(formatSize(memory)) of texts and pages" }
    return nil
  }
}

/// How much of what is limited a session has used. What was undone, and copies that commands ran, count too.
public struct SessionUsage: Sendable {
  /// Statements of every kind.
  public let commands: Int
  /// Events of the world and its copies.
  public let events: UInt64
  /// Steps of programs.
  public let steps: UInt64
  /// Bytes of texts.
  public let memory: UInt64
  /// Virtual time of the world as it is.
  public let time: Nanoseconds
  /// Nodes as they are.
  public let nodes: Int
  /// Processes, ended ones included.
  public let processes: Int
}

extension World {
  /// The bytes that the pages of all processes take at most.
  var pageBytes: UInt64 { UInt64(pageCount) * Session.pageBytes }
}

extension Session {
  /// What is kept of a page that is not empty.
  static let pageBytes: UInt64 = 16

  /// How much of what is limited it has used so far.
  public var usage: SessionUsage {
    SessionUsage(
      commands: commandCount, events: work.events, steps: work.steps, memory: work.textBytes, time: state.world.now,
      nodes: state.world.nodes.count, processes: state.world.processes.all.count)
  }

  /// - Throws: an error when a limit of work is reached.
  func requireWorkLeft(_ call: Invocation) throws(SessionError) {
    if let reached = reachedLimit {
      throw .limit(call.source.diagnostic(at: call.call.span, reached))
    }
  }
}
