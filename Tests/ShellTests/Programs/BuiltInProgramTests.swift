import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

@Suite struct BuiltInProgramTests {
  @Test func all() {
    #expect(
      BuiltInPrograms.all.map(\.name) == [
        "idle", "counter", "hot", "scan", "random", "zipf", "echo", "pinger", "producer", "consumer", "worker", "job",
      ])
    #expect(BuiltInPrograms.all.map(\.program.source) == BuiltInPrograms.sources)
    #expect(BuiltInPrograms.all.allSatisfy { !$0.summary.isEmpty })
    let needy = BuiltInPrograms.all.filter { !$0.variables.isEmpty }
    #expect(needy.map(\.name) == ["pinger", "producer", "job"])
    #expect(BuiltInPrograms.all.allSatisfy { $0.processes.isEmpty })
  }

  @Test(arguments: BuiltInPrograms.all.map(\.name))
  func runs(_ name: String) throws {
    var world = Sample.cluster()
    world.invariants = Invariants()
    let peer = try Sample.spawn("peer", try Sample.builtIn("echo"), on: "b", in: &world)
    let id = try Sample.spawn(
      "p", try Sample.builtIn(name), set: ["peer": .process(peer), "service": .time(5_000_000)], in: &world)
    #expect(world.run(to: Sample.second) != .violation)
    let record = try #require(world.processes[id])
    if name == "worker" {
      #expect(record.fate != .alive)
      #expect(record.output.last?.text == "p: done")
      #expect(record.output.count == 4)
    } else if name == "job" {
      #expect(record.summary?.cpuTime == 5_000_000)
    } else {
      #expect(record.fate == .alive)
    }
  }

  @Test func memory() throws {
    for (name, touched) in [("counter", 1), ("hot", 16), ("scan", 32), ("random", 32), ("idle", 0), ("zipf", 32)] {
      var world = Sample.cluster()
      let id = try Sample.spawn("p", try Sample.builtIn(name), pages: 32, in: &world)
      _ = world.run(to: 3 * Sample.second)
      #expect(world.process(id)?.space.touchedCount == touched, "\(name)")
    }
  }

  @Test func skew() throws {
    var world = Sample.cluster()
    let id = try Sample.spawn("p", try Sample.builtIn("zipf"), pages: 64, in: &world)
    _ = world.run(to: 4 * Sample.second)
    let process = try #require(world.process(id))
    let counts = (0..<64).map { page in
      if case .word(let count) = process.space[page] { count } else { UInt64(0) }
    }
    func mean(_ pages: Range<Int>) -> UInt64 { counts[pages].reduce(0, +) / UInt64(pages.count) }
    let total = counts.reduce(0, +)
    #expect((3990...4000).contains(total))
    #expect(mean(0..<1) > 3 * mean(1..<4))
    #expect(mean(1..<4) > 3 * mean(4..<16))
    #expect(mean(4..<16) > 3 * mean(16..<64))
  }

  @Test func conversation() throws {
    var world = Sample.cluster()
    let consumer = try Sample.spawn("c", try Sample.builtIn("consumer"), on: "b", in: &world)
    try Sample.spawn("d", try Sample.builtIn("producer"), set: ["peer": .process(consumer)], in: &world)
    let echo = try Sample.spawn("e", try Sample.builtIn("echo"), on: "b", in: &world)
    try Sample.spawn("peer", try Sample.builtIn("idle"), in: &world)
    let pinger = try Sample.spawn("g", try Sample.builtIn("pinger"), variables: ["peer": .process(echo)], in: &world)
    _ = world.run(to: Sample.second)
    #expect(world.process(consumer)?.receivedCount == 100)
    #expect(world.process(pinger)?.receivedCount == 10)
    #expect(world.process(echo)?.receivedCount == 10)
  }
}
