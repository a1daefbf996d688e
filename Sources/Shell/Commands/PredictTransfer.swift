import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `predict`: what a migration would cost if it were done now, found by doing it on a copy of the world. What the
/// destination's processes do to one that waits for a core there is left out: no kernel can know that before it moves.
extension Commands {
  static let predicted: [DataShape.Member] = [
    .init("process", .process, "who would move"), .init("mechanism", .word(Fields.mechanisms), "how"),
    .init("pages", .count, "pages that it has where it is"),
    .init("dirtyRate", .number, "different pages that it writes in a second"),
    .init("freezeTime", .optional(.time), "freeze time without the wait for a core", isAlwaysThere: false),
    .init(
      "totalTime", .optional(.time), "total time without that wait; null when too long to know", isAlwaysThere: false),
    .init("remoteFaults", .count, "touches of pages that are not there", isAlwaysThere: false),
    .init("stallTime", .time, "how long threads would stand still for such pages", isAlwaysThere: false),
    .init("pagesSent", .count, "pages that would be sent", isAlwaysThere: false),
    .init("stateBytes", .size, "process state", isAlwaysThere: false),
    .init("rounds", .list(.count), "pages that each round would send", isAlwaysThere: false),
    .init("throttles", .list(.count), "hundredths by which it would be slowed down in each", isAlwaysThere: false),
    .init("remaining", .count, "pages that would be left when it stops", isAlwaysThere: false),
    .init("convergesAbove", .rate, "the bandwidth above which rounds gain something"),
    .init(
      "convergesFromThrottle", .optional(.count),
      "the least hundredths from which they do when it is slowed down; null for none"),
    .init("unknown", .optional(.text), "why nobody can know; null when that can be known"),
    .init("but", .optional(.text), "why the move would fail now; null when it would not"),
  ]

  static func predict(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, source, destination) = try move(call)
    let options = try Move.options(call, from: source, to: destination, usual: session.state.backing).completed
    let world = session.state.world
    guard let process = world.process(record.id), process.phase != .new else {
      throw call.refuse(
        "process `\(record.name)` has not started: its description alone would go",
        at: call.span(of: Move.process))
    }
    // A backing node that is neither end has a line of its own.
    let backing = options.mechanism == .flushing ? options.backing ?? destination : source
    let third = backing == source || backing == destination ? nil : backing
    let bandwidth = min(world.line(source, third ?? destination).bandwidth, options.bandwidth ?? .max)
    let unknown = unknown(
      source, [destination, third].compactMap(\.self) + awaited(record.id, source, world), options, world)
    let prediction = try session.runExperiment(call) { (experiment) throws(SessionError) in
      let start = WritingExperiment(world, record.id, options, experiment)
      return Prediction(
        outcome: unknown == nil ? outcome(of: record.id, source, destination, options, world, experiment) : nil,
        convergence: Convergence(start, options, bandwidth: bandwidth))
    }
    return report(prediction, options, process, unknown: unknown, world)
  }

  /// Nodes from which the source awaits an answer because of the way in which messages find the process.
  private static func awaited(_ process: ProcessID, _ source: NodeID, _ world: any Cluster) -> [NodeID] {
    guard process.forwarding.announcesAddress else { return [] }
    return world.correspondents(of: process).compactMap(\.location?.node).filter { $0 != source }
  }

  /// Why nobody can know what the move would cost; nil when that can be known.
  private static func unknown(
    _ source: NodeID, _ ends: [NodeID], _ options: TransferOptions, _ world: any Cluster
  ) -> String? {
    for node in ends where world.line(source, node).isRandom {
      let what = world.line(source, node).loss > 0 ? "loses packets" : "delays packets"
      return "the line to \(world.name(of: node)) \(what) at random"
    }
    guard options.mechanism == .flushing, let backing = options.backing, let destination = ends.first,
      world.line(backing, destination).isRandom
    else { return nil }
    return "the line between \(world.name(of: backing)) and \(world.name(of: destination)) is not the same at all times"
  }

  /// The move on a copy of the world, until nothing more is to come of it, or for as long as an experiment lasts.
  private static func outcome(
    of process: ProcessID, _ source: NodeID, _ destination: NodeID, _ options: TransferOptions, _ world: World,
    _ experiment: Experiment
  ) -> MigrationReport? {
    var copy = world
    let number = world.migrations.all.count + 1
    copy.apply(.request(.migrate(process, to: destination, options), of: source))
    var stretch: Nanoseconds = 10_000_000
    while let record = copy.migrations[number], !isOver(record, at: copy.now) {
      // A line may be so slow that nothing happens for long.
      guard experiment.run(&copy, to: copy.now.addingReportingOverflow(stretch).partialValue) else { return nil }
      if record.activatedAt == nil, stretch < 1_000_000_000_000 { stretch *= 2 }
    }
    return copy.migrations[number].map { MigrationReport($0, copy) }
  }

  private static func isOver(_ record: MigrationRecord, at now: Nanoseconds) -> Bool {
    guard let activatedAt = record.activatedAt else { return record.endedAt != nil || now - record.offeredAt > 1 << 60 }
    let isAllThere = record.isSettled && record.endedAt != nil && (record.pagesLeft == 0 || record.releasedAt != nil)
    return isAllThere || now - activatedAt >= usualWatchingTime
  }

  private static func report(
    _ prediction: Prediction, _ options: TransferOptions, _ process: MigrationKernel.Process, unknown: String?,
    _ world: any Cluster
  ) -> Report {
    let (outcome, convergence) = (prediction.outcome, prediction.convergence)
    let completed = outcome.flatMap { $0.record.status == .completed ? $0 : nil }
    var items: [Report.Item] = [
      .init("process", .process(process.id)),
      .init("mechanism", .word(options.mechanism.rawValue), label: "  mechanism"),
      .init("pages", .count(process.space.pageCount - process.space.remote.count), label: "  pages"),
      .init("dirtyRate", .decimal(convergence.rate), label: "  writes", shown: convergence.writing),
    ]
    if let completed { items += facts(completed, options) }
    items.append(.init("convergesAbove", .rate(convergence.needed.wholeNumber)))
    if options.mechanism.hasRounds { items.append(.init(label: "  convergence", convergence.text(options))) }
    items.append(.init("convergesFromThrottle", .optional(convergence.throttle) { .count($0) }))
    let obstacle = completed == nil ? outcome.map { self.obstacle($0, process, world) } : nil
    items += [
      .init("unknown", .optional(unknown) { .text($0) }, label: unknown == nil ? nil : "  cannot know"),
      .init("but", .optional(obstacle) { .text($0) }, label: obstacle == nil ? nil : "  but"),
    ]
    return Report([.sentence("\(world.name(of: process.id)), if it were moved now:"), .facts(items)])
  }

  /// What the move came to.
  private static func facts(_ outcome: MigrationReport, _ options: TransferOptions) -> [Report.Item] {
    let record = outcome.record
    let hasRounds = options.mechanism.hasRounds
    let last = options.mechanism.isOnDemand ? record.pagesLeft : record.pagesSentFrozen
    let (freezeTime, totalTime) = (record.freezeTimeWithoutCore, record.totalTimeWithoutCore)
    let late = totalTime == nil ? "more than \(formatTime(usualWatchingTime)) after it runs there" : nil
    let faults = MigrationNumber.remoteFaults.row?(outcome)
    let rounds = record.rounds.map { "\($0.pages)" }.joined(separator: " ") + ", then \(last)"
    let throttles = record.rounds.map { "\($0.throttle)%" }.joined(separator: " ")
    var items: [Report.Item] = []
    if options.mechanism == .flushing {
      items.append(.init(label: "  dirty", "\(record.pagesSentFrozen) to be written to the backing node"))
    }
    items += [
      .init("freezeTime", .optional(freezeTime) { .time($0) }, label: "  \(MigrationNumber.freezeTime.label)"),
      .init(
        "totalTime", .optional(totalTime) { .time($0) }, label: "  \(MigrationNumber.totalTime.label)", shown: late),
      .init("remoteFaults", .count(record.remoteFaults), label: faults == nil ? nil : "  remote faults", shown: faults),
      .init("stallTime", .time(record.stallTime)), .init("pagesSent", .count(record.pagesSent)),
      .init("stateBytes", .count(record.stateBytes)),
      .init(
        "rounds", .list(record.rounds.map { .count($0.pages) }), label: hasRounds ? "  rounds" : nil, shown: rounds),
      .init(
        "throttles", .list(record.rounds.map { .count($0.throttle) }),
        label: hasRounds && options.throttles ? "  slowed down" : nil, shown: throttles),
      .init("remaining", .count(last)),
    ]
    return items
  }

  /// Why the move would fail now.
  private static func obstacle(
    _ outcome: MigrationReport, _ process: MigrationKernel.Process, _ world: any Cluster
  ) -> String {
    let record = outcome.record
    let ends = [record.destination, record.backing].compactMap(\.self).filter { $0 != record.source }
    if let node = ends.first(where: { world.isCut(record.source, $0) }) {
      return "it would be aborted: the line to \(world.name(of: node)) has failed"
    }
    for node in ends {
      guard let freeFrames = world[node].freeFrames else { continue }
      // The backing node already has frames for the pages that it keeps of the process.
      let kept =
        node == record.backing
        ? process.holders.first { $0.node == node }.flatMap { world[node].keptPages(of: $0.attempt) } : nil
      let needed = process.space.pageCount - (kept ?? 0)
      guard freeFrames < needed else { continue }
      let free = counted(freeFrames, "page")
      return "it would be refused: \(world.name(of: node)) has room for \(free), not for \(needed)"
    }
    return "it would be \(record.status.rawValue)" + (record.reason.map { ": \($0.text(in: world))" } ?? "")
  }
}

/// What would come of a migration.
private struct Prediction {
  /// Nil when nobody can know.
  let outcome: MigrationReport?
  let convergence: Convergence
}

extension MigrationRecord {
  /// The freeze time less the wait for a core at the destination.
  fileprivate var freezeTimeWithoutCore: Nanoseconds? {
    guard let activatedAt, let frozenAt else { return nil }
    return activatedAt - frozenAt
  }

  /// The total time, as if the process had had a core at the destination at once.
  fileprivate var totalTimeWithoutCore: Nanoseconds? {
    guard let activatedAt else { return nil }
    guard pagesLeft > 0 else { return activatedAt - offeredAt }
    return releasedAt.map { max($0, activatedAt) - offeredAt }
  }
}

extension Double {
  /// The number without its decimals, cut to the range from 0 to 9e18, so that 64 bits can hold it.
  fileprivate var wholeNumber: UInt64 { UInt64(Swift.min(Swift.max(0, self), 9e18)) }
}

/// Pages, and the bytes that they take on the line, with the few bytes around each.
private struct Burden {
  var pages = 0
  var bytes = 0
}

/// Whether further rounds help: they do as long as pages leave faster than the process writes them.
private struct Convergence {
  /// How many different pages the process writes in a second.
  let rate: Double
  /// The bandwidth that these pages take, in bits a second.
  let needed: Double
  /// The lowest throttle at which the rounds converge: 0 when they do so at full speed, nil when no allowed throttle is
  /// enough.
  private(set) var throttle: Int?
  private let bandwidth: UInt64
  private let cycle: (pages: Int, time: Nanoseconds)?

  init(_ writing: WritingExperiment, _ options: TransferOptions, bandwidth: UInt64) {
    self.bandwidth = bandwidth
    var full = writing
    let rate = full.rate()
    self.rate = rate.pages
    cycle = rate.pages > 0 ? writing.cycle() : nil
    if let cycle {
      // Rounds gain something when all these pages leave in less than the time after which they are written again.
      var once = writing
      needed = Double(once.written(during: cycle.time).bytes) * 8e9 / Double(cycle.time)
    } else {
      needed = rate.bytes * 8
    }
    throttle = needed < Double(bandwidth) ? 0 : nil
    var step = 0
    while throttle == nil, options.throttles, step < Throttle.most, !writing.isStopped {
      step = Throttle.next(after: step)
      var slow = writing
      slow.throttle(to: step)
      if slow.rate().bytes * 8 < Double(bandwidth) { throttle = step }
    }
  }

  /// What the process writes, in words.
  var writing: String {
    guard rate > 0 else { return "nothing" }
    guard let cycle else { return "\(counted(Int(rate.rounded(.up)), "different page")) a second" }
    return
      "\(counted(cycle.pages, "page")), \(cycle.pages == 1 ? "" : "all ")written again every \(formatTime(cycle.time))"
  }

  func text(_ options: TransferOptions) -> String {
    let verdict = throttle == 0 ? "converges" : "does not converge"
    let text = "\(verdict) at \(formatRate(bandwidth)); needs more than \(formatRate(needed.wholeNumber))"
    guard options.throttles, throttle != 0 else { return text }
    return text + (throttle.map { ", or to be slowed down by \($0)%" } ?? ", and to be slowed down is no help")
  }
}

/// A copy of the world, on which `predict` watches a process write.
private struct WritingExperiment {
  private var world: World
  private let process: ProcessID
  private let options: TransferOptions
  private let experiment: Experiment
  /// Whether the experiment was stopped, so that its results do not count.
  var isStopped: Bool { experiment.stop != nil }

  init(_ world: World, _ process: ProcessID, _ options: TransferOptions, _ experiment: Experiment) {
    self.world = world
    self.process = process
    self.options = options
    self.experiment = experiment
  }

  mutating func throttle(to throttle: Int) { ask(.throttle(process, throttle)) }

  /// Asks the kernel that has the process for something.
  private mutating func ask(_ request: Request) {
    if let node = world.location(of: process) { world.apply(.request(request, of: node)) }
  }

  /// The different pages that the process writes in the next `time`, and the bytes that they take when they are sent
  /// again.
  mutating func written(during time: Nanoseconds) -> Burden {
    let before = options.sendsDeltas ? world.process(process)?.space : nil
    ask(.forgetWritten(process))
    run(time)
    guard let space = world.process(process)?.space else { return Burden() }
    return burden(space, space.dirty, since: before)
  }

  private func burden(_ space: AddressSpace, _ pages: PageSet, since earlier: AddressSpace?) -> Burden {
    Burden(
      pages: pages.count, bytes: space.encodedSize(of: pages, marksZeros: options.marksZeros, over: earlier))
  }

  private mutating func run(_ time: Nanoseconds) {
    experiment.run(&world, to: world.now + min(time, 3_600_000_000_000))
  }

  /// The pages that the process writes again and again, and how long it takes to write all of them; nil when it goes on
  /// to write others.
  func cycle() -> (pages: Int, time: Nanoseconds)? {
    var time: Nanoseconds = 1_000_000
    while time < 400_000_000, !isStopped {
      var first = self
      var second = self
      let pages = first.written(during: time).pages
      if pages > 0, second.written(during: 2 * time).pages == pages, first.written(during: time).pages == pages {
        // After it has written all of them once, it begins anew.
        guard let once = timeToWrite(pages, within: time) else { return nil }
        var begun = self
        _ = begun.written(during: once)
        return begun.timeToWrite(pages, within: 2 * time).map { (pages, $0) }
      }
      time *= 2
    }
    return nil
  }

  /// The time in which the process writes so many different pages; nil when that takes longer than `most`.
  private func timeToWrite(_ pages: Int, within most: Nanoseconds) -> Nanoseconds? {
    var (low, high): (Nanoseconds, Nanoseconds) = (0, most)
    var whole = self
    guard whole.written(during: high).pages == pages else { return nil }
    while high - low > 100 {
      let middle = low + (high - low) / 2
      var part = self
      if part.written(during: middle).pages == pages { high = middle } else { low = middle }
    }
    return high
  }

  /// How many pages the process writes in a second, each counted once. The time watched is so short that few pages are
  /// written twice, but long enough to see some.
  mutating func rate() -> (pages: Double, bytes: Double) {
    var time: Nanoseconds = 20_000_000
    var seen = written(during: time)
    // When the process writes the same pages again and again, it writes as many different ones in half the time.
    while time > 500_000, !isStopped {
      let half = written(during: time / 2)
      guard half.pages * 4 > seen.pages * 3 else { break }
      (time, seen) = (time / 2, half)
    }
    if seen.pages < 5 {
      time = 1_000_000_000
      seen = written(during: time)
    }
    return (Double(seen.pages) * 1e9 / Double(time), Double(seen.bytes) * 1e9 / Double(time))
  }
}
