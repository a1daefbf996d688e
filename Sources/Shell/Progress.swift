import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// How far a statement has come that takes long.
public struct Progress: Sendable, Equatable {
  /// The words of the command under way.
  public var command: String
  /// How much of something is done, and how much there is; nil where nobody knows.
  public struct Part: Sendable, Equatable {
    /// How much is done, in rounds, copies or things, or in nanoseconds of virtual time.
    public var done: UInt64
    /// How much there is.
    public var all: UInt64?
  }
  /// Rounds of the outermost loop that have begun.
  public var rounds: Part?
  /// Copies of the world on which something is tried: which one it is, and how many there will be.
  public var trials: Part?
  /// Things that the command does one by one.
  public var items: Part?
  /// Virtual time since the command began, and how much it lets pass.
  public var time: Part?
  /// Events since the statement began.
  public var events: UInt64 = 0
  /// For how long the statement has run, by the machine's clock.
  public var elapsed: Duration = .zero

  /// Whether it is heard and not seen: each telling is a line of its own, and the rate, which nobody needs, is left out.
  public internal(set) var isHeard = false

  init(command: String) { self.command = command }

  /// How much of the whole is done, from 0 to 1; nil when nobody knows.
  var fraction: Double? {
    var within = [time, items].lazy.compactMap { $0?.fraction }.first ?? 0
    if let trials {
      guard let all = trials.all, all > 0 else { return nil }
      within = min(1, (Double(trials.done) - 1 + within) / Double(all))
    }
    guard let rounds else { return within > 0 ? within : nil }
    guard let all = rounds.all, all > 0, rounds.done > 0 else { return nil }
    return min(1, (Double(rounds.done) - 1 + within) / Double(all))
  }

  /// About how long it will go on, by the machine's clock; nil when nobody knows.
  public var left: Duration? {
    guard let fraction, fraction > 0 else { return nil }
    return elapsed * ((1 - fraction) / fraction)
  }

  /// One line, such as `run: 3.2 s of 10 s, 410,000 events a second, about 7 s left`.
  public var line: String {
    var parts: [String] = []
    if let rounds { parts.append("round \(rounds.text(grouped))") }
    if let trials { parts.append("copy \(trials.text(grouped))") }
    if let items { parts.append(items.text(grouped)) }
    if let time { parts.append(time.text { formatTime($0, digits: 3) }) }
    let seconds = elapsed.inSeconds
    if events > 0, seconds > 0, !isHeard {
      let rate = UInt64((Double(events) / seconds).rounded())
      parts.append("\(grouped(roundedToTwoDigits(rate))) events a second")
    }
    if let left { parts.append("about \(formatLeft(left)) left") }
    return "\(command): \(parts.joined(separator: ", "))"
  }
}

extension Progress.Part {
  fileprivate var fraction: Double? {
    guard let all, all > 0 else { return nil }
    return min(1, Double(done) / Double(all))
  }

  fileprivate func text(_ format: (UInt64) -> String) -> String {
    all.map { "\(format(done)) of \(format($0))" } ?? format(done)
  }
}

extension Duration {
  fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

private func grouped(_ number: UInt64) -> String {
  var text = ""
  for (place, digit) in String(number).reversed().enumerated() {
    if place > 0, place % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return String(text.reversed())
}

private func formatLeft(_ left: Duration) -> String {
  let seconds = Int64(left.inSeconds.rounded(.up))
  guard seconds >= 60 else { return "\(max(1, seconds)) s" }
  let minutes = (seconds + 59) / 60
  return minutes < 120 ? "\(minutes) min" : "\((minutes + 59) / 60) h"
}

/// Measures how far the statement under way has come, and tells it once it takes long.
///
/// It is told where things stand whenever the session asks whether the user has typed Ctrl-C. The machine's clock says when
/// it tells, and nothing else depends on it.
final class ProgressMeter {
  /// How long a statement takes before anybody hears of it.
  static let patience = Duration.milliseconds(500)
  /// How long it is from one telling to the next.
  static let distance = Duration.milliseconds(100)
  /// How long a statement takes before somebody hears of it who cannot see it, and how long it is to the next time.
  static let heardDistance = Duration.seconds(10)

  private let clock: () -> ContinuousClock.Instant
  private let tell: (Progress?) -> Void
  private var began: ContinuousClock.Instant
  private var next: ContinuousClock.Instant
  private var isTold = false
  private var isHeard = false
  private var progress = Progress(command: "")
  /// When the stretch of virtual time under way began, and when it ends; nil when nobody knows.
  private var stretch: (start: Nanoseconds, end: Nanoseconds?) = (0, nil)
  /// Events up to that stretch, and how many its world had had when it began.
  private var events: (before: UInt64, from: UInt64) = (0, 0)
  private var trials = 0

  init(clock: @escaping () -> ContinuousClock.Instant = { .now }, tell: @escaping (Progress?) -> Void) {
    self.clock = clock
    self.tell = tell
    began = clock()
    next = began
  }

  /// - Parameter isHeard: whether a screen reader reads what is told.
  func beginStatement(_ word: String, isHeard: Bool = false) {
    self.isHeard = isHeard
    began = clock()
    next = began + (isHeard ? Self.heardDistance : Self.patience)
    progress = Progress(command: word)
    events = (0, 0)
  }

  func begin(_ command: String, in world: borrowing World) {
    let rounds = progress.rounds
    progress = Progress(command: command)
    progress.rounds = rounds
    trials = 0
    beginStretch(of: world, to: nil)
  }

  /// The world begins to run, or a copy of it.
  func beginStretch(of world: borrowing World, to end: Nanoseconds?) {
    stretch = (world.now, end)
    events.from = world.eventCount
  }

  /// The world has come so far.
  func note(_ now: Nanoseconds, events count: UInt64) {
    guard isDue else { return }
    progress.events = total(count)
    progress.time = Progress.Part(
      done: now - min(stretch.start, now), all: stretch.end.map { $0 - min(stretch.start, $0) })
    tellNow()
  }

  /// A command has let time pass, or a copy of the world has run.
  func endStretch(of world: borrowing World) {
    events.before = total(world.eventCount)
    events.from = world.eventCount
  }

  /// - Parameter all: how many copies of the world the command tries something on; nil when nobody knows.
  func beginTrial(of all: Int?) {
    trials += 1
    progress.trials = Progress.Part(done: UInt64(trials), all: all.map { UInt64($0) })
  }

  /// The command has done so many things of so many.
  func note(items done: Int, of all: Int) {
    guard isDue else { return }
    progress.items = Progress.Part(done: UInt64(done), all: UInt64(all))
    tellNow()
  }

  /// A round of the outermost loop begins.
  func note(rounds: Progress.Part) {
    progress.rounds = rounds
    if isDue { tellNow() }
  }

  /// What was told does not hold any more.
  func hide() {
    guard isTold else { return }
    isTold = false
    tell(nil)
  }

  private var isDue: Bool { clock() >= next }

  private func total(_ count: UInt64) -> UInt64 { events.before + (count - min(events.from, count)) }

  private func tellNow() {
    let now = clock()
    next = now + (isHeard ? Self.heardDistance : Self.distance)
    progress.elapsed = now - began
    progress.isHeard = isHeard
    // A line of its own stays.
    isTold = !isHeard
    tell(progress)
  }
}

extension Session {
  /// From now on tells how far a statement has come that takes long: at first after half a second, and nil once that does not
  /// hold any more. Nothing that the session does depends on it.
  public mutating func tellProgress(_ tell: @escaping (Progress?) -> Void) { meter = ProgressMeter(tell: tell) }

  /// What a world asks while it runs: whether the user has typed Ctrl-C.
  var whileRunning: RunPoll {
    let (isInterrupted, meter) = (isInterrupted, meter)
    guard let meter else { return { _, _ in isInterrupted() } }
    return { now, events in
      meter.note(now, events: events)
      return isInterrupted()
    }
  }
}
