import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

/// What tests of values and programs share: expressions and programs from text, and small worlds.
enum Sample {
  static let millisecond: Nanoseconds = 1_000_000
  static let second: Nanoseconds = 1_000_000_000

  /// Two nodes, `a` and `b`.
  static func cluster() -> World {
    var world = World(seed: 1)
    world.addNode(named: "a", NodeSettings())
    world.addNode(named: "b", NodeSettings())
    return world
  }

  @discardableResult
  static func spawn(
    _ name: String, _ program: CompiledProgram, on node: String = "a", pages: Int = 16, set: [String: Value] = [:],
    variables: [String: Value] = [:], held: Bool = false, in world: inout World
  ) throws -> ProcessID {
    let node = try #require(world.node(named: node))
    let registers = try environment(for: program, set: set, variables: variables, world: world)
    let request = SpawnRequest(
      name: name, program: program.program, pages: pages, environment: registers, seed: 7, held: held)
    let id = world.spawn(request, on: node)
    return try #require(id)
  }

  static func builtIn(_ name: String) throws -> CompiledProgram {
    try #require(BuiltInPrograms.all.first { $0.name == name })
  }

  /// `p1` runs `counter` on `a`, has printed nothing, and has been moved to `b`, where it has run for a while.
  static func moved() throws -> World {
    var world = cluster()
    let process = try spawn("p1", try builtIn("counter"), in: &world)
    _ = world.run(to: 50 * millisecond)
    world.ask(NodeID(0), .migrate(process, to: NodeID(1), TransferOptions(.totalFreezing)))
    _ = world.run(to: second)
    return world
  }

  /// An expression, and the source that its spans are in: the expression stands behind `let x = `.
  static func parse(_ text: String) throws -> (expression: CommandLanguage.Expression, source: SourceText) {
    let source = SourceText(name: "test", text: "let x = \(text)")
    var parser = Parser(source: source, table: CommandTable())
    let statements = try parser.parseScript()
    guard case .let(_, let expression)? = statements.first?.kind, statements.count == 1 else {
      throw source.diagnostic(at: SourceSpan(start: 0, end: 0), "no expression")
    }
    return (expression, source)
  }

  static func evaluate(
    _ text: String, in world: World = cluster(), _ variables: [String: Value] = [:]
  ) throws -> Value {
    let (expression, source) = try parse(text)
    return try Evaluator(world: world, variables: variables, source: source).evaluate(expression)
  }

  /// The rendered diagnostic of an expression that cannot be evaluated.
  static func failure(
    _ text: String, in world: World = cluster(), _ variables: [String: Value] = [:]
  ) throws -> String {
    let (expression, source) = try parse(text)
    let evaluator = Evaluator(world: world, variables: variables, source: source)
    let error = #expect(throws: Diagnostic.self) { try evaluator.evaluate(expression) }
    return try #require(error).rendered()
  }

  static func compiled(_ text: String) throws -> CompiledProgram {
    let source = SourceText(name: "test", text: text)
    var parser = Parser(source: source, table: CommandTable())
    guard case .program(let declaration)? = try parser.parseScript().first?.kind else {
      throw source.diagnostic(at: SourceSpan(start: 0, end: 0), "no program")
    }
    return try compile(declaration, source: source)
  }
}
