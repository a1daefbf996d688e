import Chronicle
import MigrationKernel
import Testing

@testable import Simulator

/// The names of processes and of the children that they fork, and what their programs know of these names.
@Suite struct NamingTests {
  /// A program that forks `name` so many times, prints what each child is called, and sleeps in between; each child
  /// prints its own name, and executes `children`.
  static func forking(_ name: String, times: UInt64, children: StepProgram? = nil) -> StepProgram {
    let child = StepProgram(
      name: name, source: "",
      instructions: children == nil
        ? [.print(template: 0), .exit] : [.print(template: 0), .fork(program: 0, into: 1), .exit],
      templates: [TextTemplate([.register(0)])], registers: ["self", "child"], children: children.map { [$0] } ?? [])
    return StepProgram(
      name: "parent", source: "",
      instructions: [
        .loop(times: .literal(times), counter: 0, end: 5), .fork(program: 0, into: 0), .print(template: 0),
        .sleep(.literal(100_000_000)), .next(counter: 0, start: 0), .exit,
      ], templates: [TextTemplate([.register(0)])], registers: ["child"], counterCount: 1, children: [child])
  }

  private static func names(_ world: World) -> [String] { world.processes.all.map(\.name) }
  private static func output(_ world: World, of name: String) -> [String]? {
    world.processes[name: name]?.output.map(\.text)
  }

  @Test func programsKnowTheirChildrenByTheNamesOfTheDirectory() throws {
    var world = MigrationTests.cluster(2)
    for (name, node) in [("p", 0), ("q", 1)] as [(String, UInt32)] {
      _ = try world.start(name, Self.forking("mate", times: 2), on: node)
    }
    _ = world.run(to: MigrationTests.second)
    #expect(Set(Self.names(world)) == ["p", "q", "mate", "mate-2", "q-mate", "q-mate-2"])
    #expect(Self.output(world, of: "p") == ["mate", "mate-2"])
    #expect(Self.output(world, of: "q") == ["q-mate", "q-mate-2"])
    for record in world.processes.all where record.parent != nil {
      #expect(record.output.map(\.text) == [record.name])
    }
  }

  @Test func whatAProcessHasForkedCountsOnWhereItMoves() throws {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", Self.forking("mate", times: 3), on: 0)
    _ = world.run(to: 50_000_000)
    world.migrate(process, to: 1)
    _ = world.run(to: MigrationTests.second)
    #expect(world.migrations[1]?.status == .completed)
    #expect(Self.output(world, of: "p") == ["mate", "mate-2", "mate-3"])
    #expect(Self.names(world) == ["p", "mate", "mate-2", "mate-3"])
  }

  @Test func childrenOfChildrenAreCountedApart() throws {
    var world = MigrationTests.cluster(1)
    let grandchild = StepProgram(
      name: "b", source: "", instructions: [.print(template: 0), .exit], templates: [TextTemplate([.register(0)])],
      registers: ["self"])
    _ = try world.start("p", Self.forking("a", times: 2, children: grandchild), on: 0)
    _ = world.run(to: MigrationTests.second)
    #expect(Set(Self.names(world)) == ["p", "a", "a-2", "b", "b-2-1"])
    for name in ["a", "a-2", "b", "b-2-1"] { #expect(Self.output(world, of: name) == [name]) }
  }

  @Test func aStemIsKeptAndMeetsNoNameThereIs() throws {
    var world = MigrationTests.cluster(1)
    _ = try world.start("mate-2", Programs.echo, on: 0)
    _ = try world.start("p", Self.forking("mate", times: 2), on: 0)
    #expect(!world.chronicle.isFree("p-mate") && world.chronicle.reserver(of: "p-mate-7-1") == "p")
    #expect(world.chronicle.isFree("mate") && world.chronicle.reserver(of: "mate-2") == nil)
    _ = world.run(to: MigrationTests.second)
    #expect(Self.names(world) == ["mate-2", "p", "p-mate", "p-mate-2"])
  }

  @Test func whatIsNotCreatedKeepsNoName() throws {
    var world = MigrationTests.cluster(1)
    var request = SpawnRequest(name: "p", program: Self.forking("mate", times: 1), pages: 1 << 30)
    #expect(world.apply(.spawn(request, on: NodeID(0))) == .refused)
    #expect(world.chronicle.isFree("p") && world.chronicle.isFree("mate"))
    request.pages = 1
    #expect(world.apply(.spawn(request, on: NodeID(0))).process != nil)
    #expect(!world.chronicle.isFree("p") && !world.chronicle.isFree("mate"))
  }
}
