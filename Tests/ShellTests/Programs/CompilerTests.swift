import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

@Suite struct CompilerTests {
  /// Runs a program alone on `a` for a while.
  static func run(
    _ text: String, for time: Nanoseconds = Sample.second, set: [String: Value] = [:], pages: Int = 16
  ) throws -> (world: World, record: ProcessDirectory.Record) {
    var world = Sample.cluster()
    world.invariants = Invariants()
    let id = try Sample.spawn("p", try Sample.compiled(text), pages: pages, set: set, in: &world)
    #expect(world.run(to: time) != .violation)
    return (world, try #require(world.processes[id]))
  }

  static func output(_ text: String, set: [String: Value] = [:]) throws -> [String] {
    try run(text, set: set).record.output.map(\.text)
  }

  @Test func everyStep() throws {
    let text = """
      program all {  # one of everything
        print "start $self $pages $last $greeting"
        compute 5ms ; read 0 ; read 0..3 ; read random 0..$last ; read next 0..3
        write 0 ; write 0..3 ; write random 0..$last ; write next 2..3
        repeat 2 { print "twice" }
        fork child {
          receive as m
          print "$self of $parent heard $m and $greeting"
          reply "got $m"
        }
        send child "hello" else { print "not sent" }
        receive as answer timeout 1s
        print "answer: $answer from $child"
        receive as nothing timeout 1ms
        print "then $nothing"
        send $child "anyone?" else { print "child is gone" }
        thread { sleep 10ms  print "second" }
        sleep 1ms
        print "first"
        exit
        print "never"
      }
      """
    let (world, record) = try Self.run(text, set: ["greeting": .text("hi")])
    #expect(
      record.output.map(\.text) == [
        "start p 16 15 hi", "twice", "twice", "answer: got hello from child", "then none", "child is gone", "first",
        "second",
      ])
    #expect(record.fate.endReason == .exited)
    let child = try #require(world.processes[name: "child"])
    #expect(child.output.map(\.text) == ["child of p heard hello and hi"])
    #expect(try Sample.compiled(text).summary == "one of everything")
  }

  @Test func instructions() throws {
    let compiled = try Sample.compiled(
      "program p { repeat 3 { send $x \"a\" else { exit } } repeat { } thread { pause } }"
        .replacing("pause", with: "sleep 0ms"))
    let expected: [Instruction] = [
      .loop(times: .literal(3), counter: 0, end: 5),
      .send(to: .register(0), template: 0, otherwise: 3),
      .jump(4),
      .exit,
      .next(counter: 0, start: 0),
      .loop(times: nil, counter: 0, end: 8),
      .pause,
      .next(counter: 0, start: 5),
      .thread(after: 11),
      .sleep(.literal(0)),
      .exit,
    ]
    #expect(compiled.program.instructions.map { "\($0)" } == expected.map { "\($0)" })
    #expect(compiled.program.registers == ["x"])
    #expect(compiled.program.counterCount == 1)
  }

  @Test func timesAreNanosecondsAndNoProgramRunsInNoTime() throws {
    #expect(try Self.run("program p { compute 2s }", for: 1_999_999_999).record.fate == .alive)
    #expect(try Self.run("program p { compute 2s }", for: 2 * Sample.second).record.fate != .alive)
    for body in ["", "compute 0ns", "repeat 0 { write 0 }", "sleep 0ms", "receive timeout 0ms", "repeat { }"] {
      let (world, record) = try Self.run("program p { repeat { \(body) } }", for: Sample.millisecond)
      #expect(record.fate == .alive && world.now == Sample.millisecond, "\(body)")
    }
  }

  @Test func elseIsPassedByWhenDelivered() throws {
    let text = """
      program p {
        fork c { receive }
        send c "x" else { print "no" }
        print "yes"
        send c "y" else { }
        send c "z" else { print "no" }
        print "end"
      }
      """
    #expect(try Self.output(text) == ["yes", "no", "end"])
  }

  @Test func nestedForksHandRegistersDown() throws {
    let text = """
      program p {
        fork outer {
          fork inner { print "$self under $parent under $top, $greeting" }
        }
        exit
      }
      """
    let compiled = try Sample.compiled(text)
    #expect(compiled.variables.map(\.name) == ["top", "greeting"])
    #expect(compiled.program.registers == ["outer", "top", "greeting"])
    var world = Sample.cluster()
    try Sample.spawn("p", compiled, set: ["top": .text("root"), "greeting": .integer(5)], in: &world)
    _ = world.run(to: Sample.second)
    #expect(world.processes[name: "inner"]?.output.map(\.text) == ["inner under outer under root, 5"])
  }

  @Test func freeNames() throws {
    let compiled = try Sample.compiled(
      """
      program p {
        receive as m
        fork c { send p2 "$m $x" ; send $y "" ; write $n..$last ; print "$self $parent $own" ; receive as own }
        send c "$m" ; send p1 "$c" ; send p1 "$x" ; send $parent "up"
      }
      """)
    #expect(compiled.variables.map(\.name) == ["x", "y", "n", "parent"])
    #expect(compiled.processes.map(\.name) == ["p2", "p1"])
    #expect(compiled.source.text(compiled.processes[0].span) == "p2")
    #expect(compiled.source.text(compiled.variables[0].span) == "$x")
  }

  @Test func limits() throws {
    let loop = Step.Kind.repeat(count: nil, [])
    #expect(try Self.instructionCount(Array(repeating: .exit, count: 100_000)) == 100_000)
    #expect(throws: Diagnostic.self) { try Self.instructionCount(Array(repeating: .exit, count: 100_001)) }
    #expect(try Self.limit(Array(repeating: loop, count: 33_334)) == "a program holds at most 100000 instructions")
    // A fork and 49,999 instructions in it, twice: 100,000 in all.
    let fork = Step.Kind.fork("f", Self.steps(Array(repeating: .exit, count: 49_999)))
    #expect(try Self.instructionCount([fork, fork]) == 2)
    #expect(try Self.limit([fork, fork, .exit]) == "a program holds at most 100000 instructions")
    let page = Operand.literal(.integer(0), Self.span)
    let next = Step.Kind.write(.next(first: page, last: page))
    #expect(
      try Self.limit(Array(repeating: next, count: 65_536))
        == "a program holds at most 65535 counted loops and `next` steps")
    let names = (0...65_535).map { Step.Kind.sleep(.variable("v\($0)", Self.span)) }
    #expect(try Self.limit(names) == "a program holds at most 65535 names")
    #expect(
      try Self.limit(Array(repeating: .fork("f", []), count: 65_536)) == "a program holds at most 65535 forks")
    let nested = String(repeating: "repeat { ", count: 62) + String(repeating: "}", count: 62)
    #expect(try Sample.compiled("program p { \(nested) }").program.instructions.count == 125)
  }

  private static let span = SourceSpan(start: 0, end: 4)

  private static func steps(_ kinds: [Step.Kind]) -> [Step] { kinds.map { Step(kind: $0, span: span) } }

  private static func instructionCount(_ kinds: [Step.Kind]) throws -> Int {
    let declaration = ProgramDeclaration(
      name: "p", nameSpan: span, body: steps(kinds), span: span, sourceText: "")
    return try compile(declaration, source: SourceText(name: "test", text: "here")).program.instructions.count
  }

  private static func limit(_ kinds: [Step.Kind]) throws -> String {
    let error = #expect(throws: Diagnostic.self) { try instructionCount(kinds) }
    return try #require(error).message
  }

  @Test func operandsThatNoTextHolds() {
    let span = Self.span
    let wrong: [Step.Kind] = [
      .compute(.literal(.integer(-1), span)), .sleep(.literal(.decimal(0.5), span)),
      .repeat(count: .literal(.none, span), []), .write(.page(.literal(.share(0.2), span))),
      .print(Template(segments: [.expression(.literal(.none, span))], span: span)),
    ]
    for kind in wrong { #expect(throws: Diagnostic.self) { try Self.instructionCount([kind]) } }
  }
}

extension ProcessDirectory.Fate {
  fileprivate var endReason: EndReason? {
    if case .ended(let reason, _, _) = self { reason } else { nil }
  }
}
