import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Many migrations at once over one line.
@Suite struct ManyAtOnceTests {
  static let second = MigrationTests.second
  static let pages = 100

  /// Receives so many messages, writes ten pages for each and answers, and ends.
  static func answerer(_ count: UInt64) -> StepProgram {
    Programs.make(
      "answerer",
      [
        .loop(times: .literal(count), counter: 0, end: 5), .receive(into: 0, timeout: nil),
        .write(.range(.literal(0), .literal(9))), .reply(template: 0), .next(counter: 0, start: 0),
      ],
      templates: [TextTemplate([.text("got "), .register(0)])], registers: ["m"], counters: 1)
  }

  /// Ten processes on two nodes, half of them on each: writers, and pairs that talk over the line.
  static func cluster() throws -> World {
    var world = MigrationTests.cluster(2)
    for number in 0..<6 as Range<UInt32> {
      let writer = Programs.writer(2000, last: UInt64(pages - 1), every: 100_000 + 20_000 * UInt64(number))
      _ = try world.start("writer \(number)", writer, on: number % 2, pages: pages)
    }
    for number in 0..<2 as Range<UInt32> {
      let answerer = try world.start("answerer \(number)", answerer(1000), on: number, pages: pages)
      let pinger = Programs.pinger(1000)
      _ = try world.start("pinger \(number)", pinger, on: 1 - number, pages: pages, peer: answerer)
    }
    _ = world.run(to: 10_000_000)
    return world
  }

  /// Moves every process to the other node, at once: the first under the mechanism at `first`, the next under the next.
  static func moveAll(_ world: inout World, first: Int) {
    for (place, process) in world.processes.all.map(\.id).enumerated() {
      guard let source = world.location(of: process) else { continue }
      var options = TransferOptions(TransferMechanism.choices[(first + place) % TransferMechanism.choices.count])
      options.prefetch = 1 + place
      world.migrate(process, to: 1 - source.number, options)
    }
  }

  @Test(arguments: TransferMechanism.choices.indices) func allCompleteAndTheBooksBalance(first: Int) throws {
    var stayed = try Self.cluster()
    var moved = stayed
    Self.moveAll(&moved, first: first)
    #expect(moved.migrations.all.count == 10)
    #expect(moved.migrations.all.allSatisfy { $0.offeredAt == stayed.now })
    _ = stayed.run(to: 60 * Self.second)
    _ = moved.run(to: 60 * Self.second)
    #expect(moved.migrations.all.allSatisfy { $0.status == .completed && $0.endedAt != nil })
    #expect(TwinTests.finalStates(moved, cpu: true) == TwinTests.finalStates(stayed, cpu: true))
    WhateverItDoesTests.expectNothingLeft(moved)
    Self.expectBalance(moved)
  }

  /// The reports say what the network carried, each for itself and all together.
  static func expectBalance(_ world: World) {
    var (pageBytes, stateBytes, control) = (0, 0, 0 as UInt64)
    for record in world.migrations.all {
      let traffic = world.network.traffic(of: record.attempt)
      let comment = "\(record.mechanism): \(record)" as Comment
      #expect(UInt64(record.pagesSent) == traffic.pages && UInt64(record.pageBytes) == traffic.pageBytes, comment)
      #expect(UInt64(record.stateBytes) == traffic.stateBytes && record.stateBytes > 0, comment)
      // An offer, its acceptance, and the three of the handover but for the state.
      #expect(traffic.control.packets >= 5, comment)
      switch record.mechanism {
      case .totalFreezing: #expect(record.pagesSent == pages && record.pagesSentFrozen == pages, comment)
      case .preTransfer:
        let rounds = record.rounds.reduce(0) { $0 + $1.pages }
        #expect(record.pagesSent == rounds + record.pagesSentFrozen && rounds >= pages, comment)
      case .onReference: #expect(record.pagesSentFrozen == 0 && record.pagesLeft == pages, comment)
      default: break
      }
      pageBytes += record.pageBytes
      stateBytes += record.stateBytes
      control += traffic.control.bytes
    }
    #expect(UInt64(pageBytes) == world.network.carried(for: .page).bytes)
    #expect(UInt64(stateBytes) == world.network.carried(for: .processState).bytes)
    #expect(control <= world.network.carried(for: .control).bytes)
    let all = Cause.allCases.reduce(0) { $0 + world.network.carried(for: $1).bytes }
    let there = world.network.carried(from: NodeID(0), to: NodeID(1))
    let back = world.network.carried(from: NodeID(1), to: NodeID(0))
    #expect(all == there.bytes + back.bytes)
  }

  // MARK: - Sharing the line

  /// The total times of migrations of equal processes that begin at once. Pages left behind are pushed.
  static func times(_ mechanism: TransferMechanism, from sources: [UInt32]) throws -> [Double] {
    var world = MigrationTests.cluster(2)
    let program = Programs.make(
      "full", [.write(.range(.literal(0), .literal(999))), .receive(into: nil, timeout: nil)])
    let processes = try sources.map { try world.start("full", program, on: $0, pages: 1000) }
    _ = world.run(to: second)
    var options = TransferOptions(mechanism)
    options.pushes = true
    for (process, source) in zip(processes, sources) { world.migrate(process, to: 1 - source, options) }
    _ = world.run(to: 60 * second)
    #expect(world.invariants?.violation == nil)
    return try world.migrations.all.map { Double(try #require($0.totalTime)) }
  }

  @Test(arguments: TransferMechanism.choices)
  func aLineIsSharedFairly(_ mechanism: TransferMechanism) throws {
    let alone = try #require(try Self.times(mechanism, from: [0]).first)
    // A thousand pages take a third of a second.
    #expect(alone > 0.3e9)
    for count in 2...4 {
      for time in try Self.times(mechanism, from: Array(repeating: 0, count: count)) {
        // Each has its share of the line. Only the few packets of the protocol, and the last batches, make a
        // difference.
        #expect(abs(time / alone / Double(count) - 1) < 0.05, "\(count) at once take \(time), one alone \(alone)")
      }
    }
    // A line carries as much in the other direction at the same time.
    for time in try Self.times(mechanism, from: [0, 1]) { #expect(abs(time / alone - 1) < 0.01, "\(time) \(alone)") }
  }

  /// When two processes differ in size, the smaller does not wait for the larger.
  @Test func theSmallDoesNotWaitForTheLarge() throws {
    var world = MigrationTests.cluster(2)
    let large = try world.start("large", Programs.echo, on: 0, pages: 10_000)
    let small = try world.start("small", Programs.echo, on: 0, pages: 100)
    world.migrate(large, to: 1)
    _ = world.run(to: 100_000_000)
    world.migrate(small, to: 1)
    _ = world.run(to: 60 * Self.second)
    let (long, short) = (
      try #require(world.migrations[1]?.freezeTime), try #require(world.migrations[2]?.freezeTime)
    )
    // Alone it would take 33 ms and three trips. Meanwhile the large one takes every second batch.
    #expect(short < 90_000_000 && long > 3 * Self.second, "\(short) \(long)")
  }

  /// While a process is being migrated it cannot be migrated again, whichever way and to wherever.
  @Test(arguments: TransferMechanism.choices)
  func noneIsMovedTwiceAtOnce(_ mechanism: TransferMechanism) throws {
    var world = MigrationTests.cluster(3)
    let process = try world.start("p", Programs.writer(1000, last: 49), on: 0, pages: 50)
    _ = world.run(to: 5_000_000)
    world.migrate(process, to: 1, TransferOptions(mechanism))
    var stages: Set<String> = []
    while let stage = world[NodeID(0)].kernel?.departures[process]?.stage, stage != .committed {
      stages.insert("\(stage)")
      for destination in 0...2 as ClosedRange<UInt32> {
        for other in TransferMechanism.choices {
          world.ask(NodeID(0), .migrate(process, to: NodeID(destination), TransferOptions(other)))
          let event = world.log.entries.last?.event
          guard case .fact(.refused(process, why: "it is being migrated already"))? = event else {
            Issue.record("not refused at \(stage)")
            return
          }
        }
      }
      _ = world.run(to: .max, exactly: true, isInterrupted: { _, _ in false }, until: { _ in true })
    }
    #expect(stages.isSuperset(of: ["negotiating", "handedOver"]), "\(stages)")
    #expect(world.migrations.all.count == 1)
    _ = world.run(to: 60 * Self.second)
    #expect(world.migrations[1]?.status == .completed)
    WhateverItDoesTests.expectNothingLeft(world)
  }
}
