import CommandLanguage
import MigrationKernel
import Simulator

/// `predict`: what a migration would cost by the formulas of the field, from how fast the process is seen to write. The
/// process is watched on a copy of the world in which nothing is moved.
extension Commands {
  static func predict(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, source, destination) = try move(call)
    let options = try options(call, for: record)
    let world = session.state.world
    guard let process = world.process(record.id), process.phase != .new else {
      throw call.refuse(
        "process `\(record.name)` has not started: its description alone would go",
        at: try call.require("P").span)
    }
    // Where pages go before the handover: a backing node that is neither end has a link of its own.
    let backing = options.mechanism == .flushing ? options.backing ?? record.id.origin : source
    let third = backing == source || backing == destination ? nil : backing
    let bandwidth = min(
      world.network.link(source, third ?? destination).bandwidth, options.bandwidth ?? .max)
    var prediction = Prediction(
      pages: process.space.pageCount - process.space.remote.count,
      pageTime: Double(process.space.pageSize + Packet.pageOverhead) * 8e9 / Double(bandwidth),
      trip: Double(world.network.link(source, destination).latency))
    var watched = Watch(world, record.id, isInterrupted: session.isInterrupted)
    switch options.mechanism {
    case .nonPreemptive, .totalFreezing: prediction.freeze(prediction.pages)
    case .onReference: prediction.freeze(0)
    case .flushing:
      let trip = third.map { world.network.link(source, $0).latency } ?? 0
      let asking = 2 * (world.network.link(source, destination).latency + trip)
      prediction.freeze(
        backing == source ? 0 : watched.dirtyPages(for: backing, after: asking), roundTrip: 2 * Double(trip))
    case .preTransfer, .hybrid: prediction.rounds(&watched, options)
    }
    var short = Watch(world, record.id, isInterrupted: session.isInterrupted)
    let rate = short.rate()
    if watched.isStopped || short.isStopped {
      throw .interrupted(call.source.diagnostic(at: call.call.span, "stopped"))
    }
    return report(prediction, options, record, rate: rate, bandwidth: bandwidth)
  }

  private static func report(
    _ prediction: Prediction, _ options: TransferOptions, _ record: ProcessDirectory.Record, rate: Double,
    bandwidth: UInt64
  ) -> Report {
    func time(_ value: Double) -> String { formatTime(UInt64(max(0, value))) }
    let isOnDemand = options.mechanism.isOnDemand
    var rows = [
      ("mechanism", options.mechanism.rawValue), ("pages", "\(prediction.pages)"),
    ]
    if options.mechanism == .flushing { rows.append(("dirty", "\(prediction.last) to be written to the backing node")) }
    rows += [
      ("writes", "\(Int(rate.rounded())) pages a second"),
      ("freeze time", time(prediction.freezeTime)),
      ("total time", isOnDemand ? "until the last page has been fetched" : time(prediction.totalTime)),
    ]
    // A round gains something as long as pages leave faster than they are written.
    let needed = rate * prediction.pageTime * Double(bandwidth) / 1e9
    if options.mechanism.hasRounds {
      rows.append(("rounds", prediction.sent.map { "\($0)" }.joined(separator: " ") + ", then \(prediction.last)"))
      let verdict = needed < Double(bandwidth) ? "converges" : "does not converge"
      rows.append(
        ("convergence", "\(verdict) at \(formatRate(bandwidth)); needs more than \(formatRate(UInt64(needed)))"))
    }
    let text = "\(record.name), if it were moved now:\n" + sheet(rows.map { ("  " + $0.0, $0.1) })
    return Report(
      text: text,
      data: .object([
        ("process", .string(record.name)), ("mechanism", .string(options.mechanism.rawValue)),
        ("pages", .integer(Int64(prediction.pages))), ("dirtyRate", .number(rate)),
        ("freezeTime", .integer(Int64(prediction.freezeTime))),
        ("totalTime", isOnDemand ? .null : .integer(Int64(prediction.totalTime))),
        ("rounds", .array(prediction.sent.map { .integer(Int64($0)) })),
        ("remaining", .integer(Int64(prediction.last))), ("convergesAbove", .integer(Int64(needed))),
      ]))
  }
}

/// The formulas of MECHANISMS: how long pages take on the link, round after round. Times in nanoseconds.
private struct Prediction {
  let pages: Int
  /// What one page takes on the link, the few bytes around it included.
  let pageTime: Double
  /// The handover, the answer and the commit.
  private let trips: Double
  private(set) var sent: [Int] = []
  /// Pages that go, or stay behind, while the process stands still.
  private(set) var last = 0
  private(set) var freezeTime = 0.0
  private(set) var totalTime: Double

  init(pages: Int, pageTime: Double, trip: Double) {
    self.pages = pages
    self.pageTime = pageTime
    trips = 3 * trip
    // The offer and the answer.
    totalTime = 2 * trip
  }

  /// - Parameter roundTrip: to a third node, before the handover.
  mutating func freeze(_ pages: Int, roundTrip: Double = 0) {
    last = pages
    freezeTime = Double(pages) * pageTime + trips + roundTrip
    totalTime += freezeTime
  }

  mutating func rounds(_ watch: inout Watch, _ options: TransferOptions) {
    var next = pages
    while true {
      let time = Double(next) * pageTime
      sent.append(next)
      totalTime += time
      let written = watch.written(during: Nanoseconds(time))
      let bound = options.maxRounds ?? (options.mechanism == .hybrid ? 1 : .max)
      let isMet = options.downtime.map { Double(written) * pageTime + trips <= Double($0) } ?? false
      guard written > 0, !isMet, written < next, sent.count < bound, !watch.isStopped else {
        freeze(options.mechanism == .hybrid ? 0 : written)
        last = written
        return
      }
      next = written
    }
  }
}

/// A copy of the world in which a process is watched as it writes.
private struct Watch {
  private var world: World
  private let process: ProcessID
  private let isInterrupted: () -> Bool
  /// Ctrl-C: what has been seen so far is worth nothing.
  private(set) var isStopped = false

  init(_ world: World, _ process: ProcessID, isInterrupted: @escaping () -> Bool) {
    self.world = world
    self.process = process
    self.isInterrupted = isInterrupted
  }

  /// How many different pages it writes in the time to come.
  mutating func written(during time: Nanoseconds) -> Int {
    world.forgetWritten(process)
    run(time)
    return world.process(process)?.space.dirty.count ?? 0
  }

  /// How many pages a flush to `node` would have to write there after some time.
  mutating func dirtyPages(for node: NodeID, after time: Nanoseconds) -> Int {
    run(time)
    return world.process(process)?.dirtyPages(for: node) ?? 0
  }

  private mutating func run(_ time: Nanoseconds) {
    let end = world.now + min(time, 3_600_000_000_000)
    if world.run(to: end, isInterrupted: isInterrupted) == .interrupted { isStopped = true }
  }

  /// Pages a second, each counted once: over so short a time that few are written twice, if that is long enough to see
  /// any.
  mutating func rate() -> Double {
    let soon = written(during: 20_000_000)
    return soon >= 5 ? Double(soon) * 50 : Double(written(during: 1_000_000_000))
  }
}
