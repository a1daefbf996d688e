import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

@Suite struct MigrationTests {
  static func cluster(_ count: Int, seed: UInt64 = 1, line: Line = Line()) -> World {
    var world = World(seed: seed)
    world.invariants = Invariants()
    world.keepsDigest = true
    world.setNetwork(line)
    for number in 0..<count { world.addNode(named: "n\(number)", NodeSettings()) }
    return world
  }

  static let second: Nanoseconds = 1_000_000_000

  @Test func aMigrationMovesTheProcessAndItsFrames() throws {
    var world = Self.cluster(2)
    let process = try world.start("p", Programs.writer(1_000_000, last: 63), on: 0, pages: 64)
    #expect(world.run(to: 50_000_000) == .limit)
    world.migrate(process, to: 1)
    #expect(world.run(to: Self.second) == .limit)
    let record = try #require(world.migrations[1])
    #expect(record.status == .completed && record.pagesSent == 64)
    #expect(world.location(of: process) == NodeID(1))
    #expect(world[NodeID(0)].kernel?.freeFrames == NodeSettings().frames)
    #expect(world[NodeID(1)].kernel?.freeFrames == NodeSettings().frames - 64)
    #expect(world.invariants?.violation == nil)
  }

  @Test func pingPong() throws {
    var world = Self.cluster(2)
    let echo = try world.start("echo", Programs.echo, on: 0, pages: 4)
    let pinger = try world.start("pinger", Programs.pinger(10), on: 1, pages: 4, peer: echo)
    #expect(world.run(to: 100 * Self.second) == .quiet)
    #expect(world.processes[pinger]?.output.map(\.text) == ["got hello"])
    #expect(world.messages.delivered == 20)
    #expect(world.invariants?.violation == nil)
  }

  // MARK: - The model

  /// The freeze time of total freezing is (N·p + state) / B + 3L, over a grid of everything in it.
  @Test func totalFreezingMatchesTheModel() throws {
    var worst = 0.0
    for pages in [1, 14, 15, 16, 64, 257, 1000] {
      for pageSize in [512, 4096, 65_536] {
        for bandwidth in [1_000_000, 100_000_000, 10_000_000_000] as [UInt64] {
          for latency in [0, 1_000_000, 80_000_000] as [Nanoseconds] {
            let line = Self.line(bandwidth: bandwidth, latency: latency)
            let record = try Self.freeze(pages: pages, pageSize: pageSize, line: line)
            let bytes = pages * (pageSize + Packet.pageOverhead) + record.stateBytes
            let model = Double(bytes) * 8e9 / Double(bandwidth) + 3 * Double(latency)
            let measured = Double(try #require(record.freezeTime))
            let difference = abs(measured - model) / model
            worst = max(worst, difference)
            if pages >= 14, pageSize >= 4096 {
              #expect(difference < 0.005, "\(pages) pages of \(pageSize), \(line): \(measured), model \(model)")
            }
            // What the model leaves out, exactly: what surrounds the pages in a packet, and `installed` and `commit`.
            let batch = max(1, 64 * 1024 / (pageSize + Packet.pageOverhead))
            let packets = Double((pages + batch - 1) / batch)
            let exact = model + (packets * 40 + 2 * 32) * 8e9 / Double(bandwidth)
            #expect(abs(measured - exact) <= packets + 3)
          }
        }
      }
    }
    print("total freezing: at worst \(worst * 100) % from the model")
  }

  static func line(
    bandwidth: UInt64 = Line().bandwidth, latency: Nanoseconds = Line().latency
  ) -> Line {
    var line = Line()
    line.bandwidth = bandwidth
    line.latency = latency
    return line
  }

  static func freeze(pages: Int, pageSize: Int, line: Line, held: Bool = false) throws -> MigrationRecord {
    var world = World()
    world.setNetwork(line)
    var settings = NodeSettings()
    settings.pageSize = pageSize
    world.addNode(named: "a", settings)
    world.addNode(named: "b", settings)
    let process = try world.start("p", Programs.echo, on: 0, pages: pages, held: held)
    _ = world.run(to: 1_000_000)
    world.migrate(process, to: 1)
    _ = world.run(to: 100_000 * second)
    return try #require(world.migrations[1])
  }

  @Test(arguments: [1, 10, 1000])
  func nonPreemptiveCostsLess(pages: Int) throws {
    for bandwidth in [1_000_000, 1_000_000_000] as [UInt64] {
      let line = Self.line(bandwidth: bandwidth, latency: 1_000_000)
      let new = try Self.freeze(pages: pages, pageSize: 4096, line: line, held: true)
      let started = try Self.freeze(pages: pages, pageSize: 4096, line: line)
      #expect(new.mechanism == .nonPreemptive && started.mechanism == .totalFreezing)
      #expect(new.status == .completed && started.status == .completed)
      #expect(new.pagesSent == 0 && started.pagesSent == pages)
      let (cheap, dear) = (try #require(new.totalTime), try #require(started.totalTime))
      #expect(cheap < dear && new.stateBytes <= started.stateBytes)
    }
  }
}
