import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `predict`: what a migration would cost by the textbook formulas. It watches on a copy of the world how fast the
/// process writes; nothing is moved there.
extension Commands {
  static func predict(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, source, destination) = try move(call)
    let options = try Move.options(call, for: record).completed
    let world = session.state.world
    guard let process = world.process(record.id), process.phase != .new else {
      throw call.refuse(
        "process `\(record.name)` has not started: its description alone would go",
        at: call.span(of: Move.process))
    }
    // The line over which pages go before the handover. A backing node that is neither end has a line of its own.
    let backing = options.mechanism == .flushing ? options.backing ?? record.id.origin : source
    let third = backing == source || backing == destination ? nil : backing
    let bandwidth = min(
      world.line(source, third ?? destination).bandwidth, options.bandwidth ?? .max)
    var prediction = Prediction(
      process.space, options, bandwidth: bandwidth, trip: world.line(source, destination).latency)
    let convergence = try session.runExperiment(call) { (experiment) throws(SessionError) in
      let start = WritingExperiment(world, record.id, options, experiment)
      var watched = start
      if options.mechanism.hasRounds {
        prediction.rounds(&watched, options)
      } else if options.mechanism == .flushing {
        let trip = third.map { world.line(source, $0).latency } ?? 0
        let asking = 2 * (world.line(source, destination).latency + trip)
        prediction.freeze(
          backing == source ? Burden() : watched.dirtyPages(for: backing, after: asking), roundTrip: 2 * Double(trip))
      } else {
        prediction.freeze(options.mechanism.isOnDemand ? Burden() : prediction.whole)
      }
      return Convergence(start, options, bandwidth: bandwidth)
    }
    let obstacle = obstacle(process, from: source, to: destination, by: third, world)
    return report(prediction, options, record, convergence, obstacle)
  }

  /// Why the move would fail now, or what about the lines the prediction ignores; nil when there is neither.
  private static func obstacle(
    _ process: MigrationKernel.Process, from source: NodeID, to destination: NodeID, by backing: NodeID?,
    _ world: any Cluster
  ) -> String? {
    let ends = [destination, backing].compactMap(\.self)
    if let node = ends.first(where: { world.isCut(source, $0) }) {
      return "it would be aborted: the line to \(world.name(of: node)) has failed"
    }
    for node in ends {
      guard let freeFrames = world[node].freeFrames else { continue }
      // The backing node already has frames for the pages that it keeps of the process.
      let kept =
        node == backing
        ? process.holders.first { $0.node == node }.flatMap { world[node].keptPages(of: $0.attempt) } : nil
      let needed = process.space.pageCount - (kept ?? 0)
      guard freeFrames < needed else { continue }
      let free = counted(freeFrames, "page")
      return "it would be refused: \(world.name(of: node)) has room for \(free), not for \(needed)"
    }
    let isRandom = ends.contains { world.line(source, $0).isRandom }
    return isRandom ? "loss and jitter are not reckoned with" : nil
  }

  private static func report(
    _ prediction: Prediction, _ options: TransferOptions, _ record: ProcessDirectory.Record, _ convergence: Convergence,
    _ obstacle: String?
  ) -> Report {
    let isOnDemand = options.mechanism.isOnDemand
    let hasRounds = options.mechanism.hasRounds
    let (freezeTime, totalTime) = (MigrationNumber.freezeTime, MigrationNumber.totalTime)
    // A row for people only: data has its content elsewhere, or in other words.
    func row(_ label: String, _ shown: String, when isShown: Bool) -> [Report.Item] {
      isShown ? [.init(label: "  \(label)", shown)] : []
    }
    var items: [Report.Item] = [
      .init("process", .process(record.id)),
      .init("mechanism", .word(options.mechanism.rawValue), label: "  mechanism"),
      .init("pages", .count(prediction.whole.pages), label: "  pages"),
    ]
    items += row(
      "dirty", "\(prediction.last) to be written to the backing node", when: options.mechanism == .flushing)
    items += [
      .init(
        "dirtyRate", .decimal(convergence.rate), label: "  writes",
        shown: convergence.writing),
      .init(freezeTime.name, .time(prediction.freezeTime.wholeNumber), label: "  \(freezeTime.label)"),
      .init(
        totalTime.name, isOnDemand ? .none : .time(prediction.totalTime.wholeNumber), label: "  \(totalTime.label)",
        shown: isOnDemand ? "until the last page has been fetched" : nil),
      .init(
        "rounds", .list(prediction.sent.map { .count($0) }), label: hasRounds ? "  rounds" : nil,
        shown: prediction.sent.map { "\($0)" }.joined(separator: " ") + ", then \(prediction.last)"),
      .init(
        "throttles", .list(prediction.throttles.map { .count($0) }),
        label: hasRounds && options.throttles ? "  slowed down" : nil,
        shown: prediction.throttles.map { "\($0)%" }.joined(separator: " ")),
      .init("remaining", .count(prediction.last)), .init("convergesAbove", .rate(convergence.needed.wholeNumber)),
    ]
    items += row("convergence", convergence.text(options), when: hasRounds)
    items += [
      .init("convergesFromThrottle", .optional(convergence.throttle) { .count($0) }),
      .init("but", .optional(obstacle) { .text($0) }, label: obstacle == nil ? nil : "  but"),
    ]
    return Report([.sentence("\(record.name), if it were moved now:"), .facts(items)])
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

/// The formulas: how long pages take on the line, round after round. Times are in nanoseconds.
private struct Prediction {
  /// All pages of the process.
  let whole: Burden
  private let timePerByte: Double
  /// How long the handover, the answer and the commit take.
  private let trips: Double
  private(set) var sent: [Int] = []
  /// By how many hundredths of its speed the process is slowed down in each round.
  private(set) var throttles: [Int] = []
  /// The pages that are left when the process is frozen: they go then, or stay behind.
  private(set) var last = 0
  private(set) var freezeTime = 0.0
  private(set) var totalTime: Double

  init(_ space: AddressSpace, _ options: TransferOptions, bandwidth: UInt64, trip: Nanoseconds) {
    let pages = space.pageCount - space.remote.count
    let whole = options.marksZeros ? space.touchedCount : pages
    self.whole = Burden(pages: pages, bytes: pages * Packet.pageOverhead + whole * space.pageSize)
    timePerByte = 8e9 / Double(bandwidth)
    trips = 3 * Double(trip)
    // The offer and the answer.
    totalTime = 2 * Double(trip)
  }

  /// - Parameter roundTrip: the time to a third node and back, before the handover.
  mutating func freeze(_ rest: Burden, roundTrip: Double = 0) {
    last = rest.pages
    freezeTime = Double(rest.bytes) * timePerByte + trips + roundTrip
    totalTime += freezeTime
  }

  mutating func rounds(_ writing: inout WritingExperiment, _ options: TransferOptions) {
    var next = whole
    var throttle = 0
    while true {
      let time = Double(next.bytes) * timePerByte
      sent.append(next.pages)
      throttles.append(throttle)
      totalTime += time
      let written = writing.written(during: time.wholeNumber)
      let outcome = TransferRound.Outcome(
        round: sent.count, pages: next.pages, dirtied: written.pages, throttle: throttle,
        freezeTime: (Double(written.bytes) * timePerByte + trips).wholeNumber, options)
      switch outcome {
      case .goesOn where !writing.isStopped: break
      case .slowsDown where !writing.isStopped:
        throttle = Throttle.next(after: throttle)
        writing.throttle(to: throttle)
      default:
        freeze(options.mechanism.isOnDemand ? Burden() : written)
        last = written.pages
        return
      }
      next = written
    }
  }
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
    (self.rate, needed) = (rate.pages, rate.bytes * 8)
    cycle = rate.pages > 0 ? writing.cycle() : nil
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

  /// The pages that a flush to `node` would have to send after some time.
  mutating func dirtyPages(for node: NodeID, after time: Nanoseconds) -> Burden {
    run(time)
    guard let process = world.process(process) else { return Burden() }
    return burden(process.space, process.dirtyPages(for: node), since: nil)
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
    let pages = world.process(process)?.space.pageCount ?? 0
    var time: Nanoseconds = 20_000_000
    var seen = written(during: time)
    // When the process writes a large part of its pages again and again, it writes as many different ones in half the
    // time.
    while seen.pages * 10 >= pages, time > 500_000, !isStopped {
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
