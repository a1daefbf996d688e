import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// What is true of every pre-transfer, whatever its options.
@Suite struct PreTransferTests {
  static let second: Nanoseconds = 1_000_000_000

  /// A writer of 60 pages that ends after half a second, on the first of two nodes.
  static func writer() throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", Programs.writer(500, last: 59, every: 1_000_000), on: 0, pages: 60)
    _ = world.run(to: 1_000_000)
    return (world, process)
  }

  /// The options that there are, alone and together.
  static let options: [TransferOptions] = {
    var result: [TransferOptions] = []
    for maxRounds in [nil, 1, 2] {
      for downtime in [nil, 12_000_000] as [Nanoseconds?] {
        for bandwidth in [nil, 30_000_000, 1_000_000_000_000] as [UInt64?] {
          for marksZeros in [false, true] {
            var options = TransferOptions(.preTransfer)
            options.maxRounds = maxRounds
            options.downtime = downtime
            options.bandwidth = bandwidth
            options.marksZeros = marksZeros
            options.capsStop = marksZeros == (maxRounds == nil)
            result.append(options)
          }
        }
      }
    }
    // A slow line makes the writer too fast for it.
    for bandwidth in [nil, 40_000_000] as [UInt64?] {
      for (throttles, sendsDeltas) in [(true, false), (false, true), (true, true)] {
        var options = TransferOptions(.preTransfer)
        options.bandwidth = bandwidth
        options.throttles = throttles
        options.sendsDeltas = sendsDeltas
        result.append(options)
        options.marksZeros = true
        options.maxRounds = 4
        result.append(options)
      }
    }
    return result
  }()

  /// The options change how the pages go, and not what is in them.
  @Test(arguments: options) func optionsDoNotShow(_ options: TransferOptions) throws {
    let (start, process) = try Self.writer()
    var (stayed, moved) = (start, start)
    moved.migrate(process, to: 1, options)
    _ = stayed.run(to: 10 * Self.second)
    _ = moved.run(to: 10 * Self.second)
    let record = try #require(moved.migrations[1])
    #expect(record.status == .completed && moved.invariants?.violation == nil)
    let cpu = record.throttle == 0
    #expect(TwinTests.finalStates(moved, cpu: cpu) == TwinTests.finalStates(stayed, cpu: cpu))
    #expect(options.sendsDeltas == (record.deltaPages > 0))
    if let bound = options.maxRounds { #expect(record.rounds.count <= bound) }
    #expect(options.marksZeros == (record.zeroPages > 0))
    guard let bandwidth = options.bandwidth, let last = record.rounds.last else { return }
    #expect(record.rounds.allSatisfy { $0.rate <= bandwidth }, "\(record.rounds.map(\.rate))")
    // The pages of the freeze keep to it only if that is asked for.
    let time = try #require(record.freezeTime)
    if options.capsStop {
      #expect(time >= UInt64(record.pagesSentFrozen) * 4096 * 8 * Self.second / bandwidth, "\(last)")
    }
  }

  /// A page goes once in the first round, and again each time the kernel finds that it was written.
  @Test(arguments: options) func redundantPagesAreThoseWrittenMeanwhile(_ options: TransferOptions) throws {
    var (world, process) = try Self.writer()
    world.migrate(process, to: 1, options)
    _ = world.run(to: 10 * Self.second)
    let record = try #require(world.migrations[1])
    let again = record.rounds.dropFirst().reduce(0) { $0 + $1.pages } + record.pagesSentFrozen
    #expect(record.rounds.first?.pages == 60 && record.pagesSent == 60 + again)
    #expect(record.redundantPages == again)
    for (round, next) in zip(record.rounds, record.rounds.dropFirst()) {
      #expect(next.pages == round.dirtied)
      let isOpen = round.outcome == .slowsDown || options.sendsDeltas && round == record.rounds[0]
      #expect(next.pages < round.pages || isOpen)
    }
    // One more step at most may be done before the process stands still.
    #expect((0...1).contains(record.pagesSentFrozen - (record.rounds.last?.dirtied ?? 0)))
  }

  /// What the report says while it lasts only grows.
  @Test(arguments: [0, 5, 23]) func progressNeverRunsBackwards(_ number: Int) throws {
    var (world, process) = try Self.writer()
    world.migrate(process, to: 1, Self.options[number])
    var last = try #require(world.migrations[1])
    let order: [MigrationRecord.Status] = [.negotiating, .transferring, .freezing, .handover, .completed]
    var statuses: [MigrationRecord.Status] = []
    while last.endedAt == nil {
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
      let record = try #require(world.migrations[1])
      #expect(record.pagesSent >= last.pagesSent && record.pageBytes >= last.pageBytes)
      #expect(record.redundantPages >= last.redundantPages && record.zeroPages >= last.zeroPages)
      #expect(record.rounds.starts(with: last.rounds))
      if statuses.last != record.status { statuses.append(record.status) }
      // While a round goes on, the process runs.
      if record.status == .transferring { #expect(world.process(process)?.state != .frozen) }
      last = record
    }
    #expect(statuses == order || statuses == order.filter { $0 != .freezing })
  }

  /// A migration is called off after any event, and the process is moved again later. It ends as its twin does, which
  /// stays.
  @Test(arguments: [0, 3, 13]) func cancelledInEveryPhase(_ number: Int) throws {
    let (start, process) = try Self.writer()
    var stayed = start
    _ = stayed.run(to: 10 * Self.second)
    let expected = TwinTests.finalStates(stayed, cpu: true)
    var world = start
    world.migrate(process, to: 1, Self.options[number])
    var phases: Set<String> = []
    while let record = world.migrations[1], record.endedAt == nil {
      var copy = world
      let source = NodeID(0)
      let stage = copy[source].kernel?.departures[process]?.stage
      copy.ask(source, .cancelMigration(process))
      let isCancelled = copy.migrations[1]?.status == .cancelled
      #expect(isCancelled == (stage != nil && stage != .committed))
      if isCancelled {
        phases.insert("\(record.status) \(record.rounds.count)")
        _ = copy.run(to: copy.now + 20_000_000)
        #expect(copy[NodeID(1)].kernel?.freeFrames == NodeSettings().frames)
        copy.migrate(process, to: 1, Self.options[0])
      }
      _ = copy.run(to: 10 * Self.second)
      #expect(TwinTests.finalStates(copy, cpu: true) == expected, "cancelled at \(record.status), \(world.now) ns")
      #expect(copy.invariants?.violation == nil && copy.books == ["balanced", "balanced"])
      if isCancelled { #expect(copy.migrations[2]?.status == .completed) }
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    #expect(phases.isSuperset(of: ["negotiating 0", "transferring 0"]))
    #expect(phases.contains("transferring 1") == (Self.options[number].maxRounds != 1), "\(phases)")
    #expect(phases.contains { $0.hasPrefix("handover") }, "\(phases)")
    // With a share of the line the last pages wait for their turn; without, they are all handed over at once.
    #expect(phases.contains { $0.hasPrefix("freezing") } == (Self.options[number].bandwidth != nil), "\(phases)")
  }

  /// At its source the process can be reached by processes of its destination and by others.
  @Test func itIsReachedFromItsDestination() throws {
    var world = MigrationTests.cluster(2)
    let echo = try world.start("echo", Programs.echo, on: 0, pages: 300)
    let pinger = try world.start("pinger", Programs.pinger(10), on: 1, peer: echo)
    world.migrate(echo, to: 1, TransferOptions(.preTransfer))
    _ = world.run(to: 10 * Self.second)
    guard case .ended(.exited, let time, _)? = world.processes[pinger]?.fate else {
      Issue.record("the pinger waits")
      return
    }
    #expect(time < (try #require(world.migrations[1]?.freezingAt)))
    #expect(world.messages.delivered == 20 && world.invariants?.violation == nil)
  }

  /// Called off, it is reached from there as well, also by what was sent while it stood still.
  @Test(arguments: [TransferMechanism.totalFreezing, .preTransfer])
  func calledOffItIsReachedFromItsDestination(_ mechanism: TransferMechanism) throws {
    var world = MigrationTests.cluster(2)
    let echo = try world.start("echo", Programs.echo, on: 0, pages: 300)
    world.migrate(echo, to: 1, TransferOptions(mechanism))
    _ = world.run(to: 50_000_000)
    let pinger = try world.start("pinger", Programs.pinger(10), on: 1, peer: echo)
    _ = world.run(to: 60_000_000)
    world.ask(NodeID(0), .cancelMigration(echo))
    _ = world.run(to: 10 * Self.second)
    #expect(world.processes[pinger]?.output.map(\.text) == ["got hello"])
    #expect(world.messages.returned == 0 && world.invariants?.violation == nil)
  }

  /// However long the process stands still, no sender on its destination is told that it cannot be reached.
  @Test func itsDestinationWaitsWithTheOthers() throws {
    var world = MigrationTests.cluster(2, line: MigrationTests.line(bandwidth: 1_000_000, latency: 1_000_000))
    let echo = try world.start("echo", Programs.echo, on: 0, pages: 6000)
    world.migrate(echo, to: 1)
    _ = world.run(to: Self.second)
    let pinger = try world.start("pinger", Programs.pinger(1), on: 1, peer: echo)
    _ = world.run(to: 400 * Self.second)
    #expect(try #require(world.migrations[1]?.freezeTime) > 150 * Self.second)
    #expect(world.processes[pinger]?.output.map(\.text) == ["got hello"] && world.messages.returned == 0)
  }
}
