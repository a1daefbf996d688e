import MigrationKernel
import Testing

@testable import Simulator

@Suite struct MigrationTests {
  static func cluster(_ count: Int, seed: UInt64 = 1) -> World {
    var world = World(seed: seed)
    world.invariants = Invariants()
    world.keepsDigest = true
    for number in 0..<count { world.addNode(named: "n\(number)", NodeSettings()) }
    return world
  }

  static let second: Nanoseconds = 1_000_000_000

  @Test func totalFreezingMatchesTheModel() throws {
    var world = Self.cluster(2)
    let program = Programs.writer(1_000_000, last: 63)
    let request = SpawnRequest(name: "p", program: program, pages: 64, seed: 3)
    let spawned = world.spawn(request, on: NodeID(0))
    let process = try #require(spawned)
    #expect(world.run(to: 50_000_000) == .limit)
    world.ask(NodeID(0), .migrate(process, to: NodeID(1), mechanism: .totalFreezing))
    #expect(world.run(to: Self.second) == .limit)
    let record = try #require(world.migrations[1])
    #expect(record.status == .completed)
    #expect(record.pagesSent == 64)
    let bytes = record.pageBytes + record.stateBytes
    let model = Double(bytes) * 8 / 100e6 * 1e9 + 3e6
    let freeze = Double(try #require(record.freezeTime))
    #expect(abs(freeze - model) / model < 0.005, "freeze \(freeze) model \(model)")
    #expect(world.location(of: process) == NodeID(1))
    #expect(world[NodeID(0)].kernel?.freeFrames == NodeSettings().frames)
    #expect(world[NodeID(1)].kernel?.freeFrames == NodeSettings().frames - 64)
    #expect(world.invariants?.violation == nil)
  }

  @Test func pingPong() throws {
    var world = Self.cluster(2)
    let spawned = world.spawn(SpawnRequest(name: "echo", program: Programs.echo, pages: 4, seed: 1), on: NodeID(0))
    let echo = try #require(spawned)
    let second = world.spawn(
      SpawnRequest(
        name: "pinger", program: Programs.pinger(10), pages: 4, environment: ["peer": .process(echo, name: "echo")],
        seed: 1), on: NodeID(1))
    let pinger = try #require(second)
    #expect(world.run(to: 100 * Self.second) == .quiet)
    #expect(world.processes[pinger]?.output.map(\.text) == ["got hello"])
    #expect(world.messages.delivered == 20)
    #expect(world.invariants?.violation == nil)
  }
}
