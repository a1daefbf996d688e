import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

@Suite struct ArithmeticTests {
  @Test(
    arguments: [
      ("1 + 2 * 3", .integer(7)), ("7 / 2", .decimal(3.5)), ("6 / 2", .integer(3)), ("-7 % 3", .integer(-1)),
      ("1 + 0.5", .decimal(1.5)), ("0.5 * 4", .decimal(2)), ("7.5 % 2", .decimal(1.5)),
      ("10ms + 5ms", .quantity(15_000_000, .time)), ("10ms - 15ms", .quantity(-5_000_000, .time)),
      ("-(10ms)", .quantity(-10_000_000, .time)), ("10ms * 3", .quantity(30_000_000, .time)),
      ("3 * 10ms", .quantity(30_000_000, .time)), ("10ms / 3", .quantity(3_333_333, .time)),
      ("20ms / 3", .quantity(6_666_667, .time)), ("10ms * 0.25", .quantity(2_500_000, .time)),
      ("10ms / 4ms", .decimal(2.5)), ("8ms / 4ms", .integer(2)), ("10ms % 4ms", .quantity(2_000_000, .time)),
      ("12500kB / 1s", .quantity(100_000_000, .rate)), ("12500kB / 100Mbps", .quantity(1_000_000_000, .time)),
      ("100Mbps * 1s", .quantity(12_500_000, .size)), ("1s * 100Mbps", .quantity(12_500_000, .size)),
      ("20% + 5%", .share(0.25)), ("10ms * 20%", .quantity(2_000_000, .time)), ("50 * 20%", .decimal(10)),
      ("50% / 2", .share(0.25)), ("abs(3 - 5)", .integer(2)), ("abs(-5ms)", .quantity(5_000_000, .time)),
      ("min(3, 1, 2)", .integer(1)), ("max([1ms, 2us])", .quantity(1_000_000, .time)), ("sum([])", .integer(0)),
      ("sum(1, 0.5)", .decimal(1.5)), ("count([1, 2, 3])", .integer(3)), ("\"a$(1 + 1)b\"", .text("a2b")),
      ("[1, [true]]", .list([.integer(1), .list([.boolean(true)])])), ("9223372036854775807", .integer(.max)),
    ] as [(String, Value)])
  func results(_ text: String, _ value: Value) throws {
    #expect(try Sample.evaluate(text) == value)
  }

  @Test(arguments: [
    "1 == 1.0", "1 != 2", "0.25 == 25%", "1 < 2", "1ms <= 1000us", "2KiB > 2kB", "none == none", "not (1 == none)",
    "none != 5ms", "true and not false", "false or true", "\"a\" == 'a'", "running == \"running\"", "a == a", "a != b",
    "a in cluster.nodes", "not (3 in [])", "none in [none]", "[1, 2] == [1, 2.0]", "[1] != [1, 2]",
    "1 in [none, 1]", "1 == 1 and 2 == 2",
  ])
  func truths(_ text: String) throws {
    #expect(try Sample.evaluate(text) == .boolean(true))
  }

  @Test func shortCircuit() throws {
    #expect(try Sample.evaluate("false and nowhere") == .boolean(false))
    #expect(try Sample.evaluate("true or 1 / 0 == 1") == .boolean(true))
  }

  @Test(arguments: [
    "9223372036854775807 + 1", "0 - 9223372036854775807 - 2", "9223372036854775807 * 2", "9223372036s * 2",
    "9223372036s + 1s", "9223372036s * 1.5", "-(0 - 9223372036854775807 - 1)", "abs(0 - 9223372036854775807 - 1)",
    "(0 - 9223372036854775807 - 1) / (0 - 1)", "sum(9223372036854775807, 1)", "8GiB / 1ns", "9000000000GB / 1bps",
    "1\(String(repeating: "0", count: 300)).0 * 1\(String(repeating: "0", count: 300)).0",
  ])
  func tooLarge(_ text: String) throws {
    #expect(try Sample.failure(text).contains("the result is larger than a number can be"))
  }

  @Test(arguments: ["1 / 0", "1 % 0", "1ms / 0", "1ms / 0ns", "1MB / 0s", "1.5 / 0", "1.5 % 0", "1ms / 0.0", "5% / 0"])
  func divisionByZero(_ text: String) throws {
    #expect(try Sample.failure(text).contains("division by zero"))
  }

  @Test(arguments: [
    "1ms * 1ms", "1 / 1ms", "1ms / 1KiB", "1ms + 5%", "1 + 5%", "true + 1", "a + b", "[1] + [2]", "\"1\" * 2",
    "1ms < 1KiB", "5ms == 5", "\"a\" < \"b\"", "a == \"a\"", "a == 1", "true == 1", "-true", "-a", "not 1",
    "1 and true",
    "abs(a)", "sum(1ms, 1)", "min(a, b)", "max([])", "max([a])", "count(1)", "count([], [])",
    "1 in 1", "1 in [1ms]", "none < 1", "1 + none",
  ])
  func refused(_ text: String) throws {
    #expect(try Sample.failure(text).hasPrefix("test:1:"))
  }
}

@Suite struct FieldTests {
  @Test(arguments: [
    ("p1", "p1"), ("p1.node", "b"), ("p1.origin", "a"), ("p1.state", "running"), ("p1.pages", "16"),
    ("p1.resident", "16"), ("p1.dirty", "1"), ("p1.threads", "1"), ("p1.age", "1 s"), ("p1.received", "0"),
    ("p1.inbox", "[]"), ("p1.output", "[]"), ("p1.hops", "none"), ("p1.migrations", "1"), ("p1.migration", "1"),
    ("p1.migration.mechanism", "total-freezing"), ("p1.migration.status", "completed"), ("p1.migration.reason", "none"),
    ("p1.migration.source", "a"), ("p1.migration.destination", "b"), ("p1.migration.pagesSent", "16"),
    ("p1.migration.destination.load", "1"), ("a.up", "true"), ("a.load", "0"), ("b.load", "1"), ("b.processes", "[p1]"),
    ("a.processes", "[]"), ("a.freeMemory", "4 GiB"), ("a.forwards", "[p1]"), ("b.forwards", "[]"), ("now", "1 s"),
    ("message.sent", "0"), ("message.delivered", "0"), ("cluster.nodes", "[a, b]"), ("cluster.processes", "[p1]"),
    ("p1.node.load", "1"), ("p1.migration.freezeTime + 0ns == p1.migration.freezeTime", "true"),
    ("p1.migration.totalTime > p1.migration.freezeTime", "true"), ("p1.migration.bytes > 16 * 4KiB", "true"),
    ("p1.migration.controlPackets > 2", "true"), ("p1.migration.safePointTime < 1ms", "true"),
    ("p1.cpu < p1.age", "true"), ("p1.digest == p1.digest", "true"), ("p1 in b.processes", "true"),
    ("p1.state in [running, ready]", "true"),
  ])
  func read(_ path: String, _ text: String) throws {
    let world = try Sample.moved()
    #expect(try Sample.evaluate(path, in: world).text(in: world) == text)
  }

  @Test func everyFieldGivesItsKindOrNone() throws {
    var world = try Sample.moved()
    let waiting = try Sample.spawn("p2", try Sample.builtIn("idle"), held: true, in: &world)
    let moved = try #require(world.processes[name: "p1"]).id
    world.ask(NodeID(1), .send(from: moved, to: waiting, text: "hi", size: 2))
    let gone = try Sample.spawn("p3", try Sample.builtIn("idle"), in: &world)
    world.ask(NodeID(0), .kill(gone))
    world.addNode(named: "c", NodeSettings())
    let lost = try Sample.spawn("p4", try Sample.builtIn("idle"), on: "c", in: &world)
    var options = TransferOptions(.flushing)
    options.backing = NodeID(1)
    world.ask(NodeID(2), .migrate(lost, to: NodeID(0), options))
    world.fail(NodeID(2))
    let trace = JobTrace([JobTrace.Job(arrival: 0, service: 5), JobTrace.Job(arrival: 3, service: 5)])
    let job = SpawnRequest(name: "w", program: try Sample.builtIn("job").program, pages: 1)
    world.apply(.startWorkload(Workload(name: "w", jobs: .trace(trace), template: job)))
    _ = world.run(to: 2 * Sample.second)
    let starts: [String: [String]] = [
      "p1.": ["p1.", "p2.", "p3.", "p4."], "p1.migration.": ["p1.migration.", "p2.migration.", "p4.migration."],
      "a.": ["a.", "c."], "$m.": world.messages.all.map { "$m\($0.number)." },
      "event.KIND.": ["event.node-failed.", "event.node-removed."],
    ]
    var variables: [String: Value] = [:]
    for message in world.messages.all { variables["m\(message.number)"] = .record(.message(message.number)) }
    var seen: Set<String> = []
    for group in Fields.all {
      for start in starts[group.prefix] ?? [group.prefix] {
        for field in group.fields {
          let value = try Sample.evaluate(start + field.name, in: world, variables)
          #expect(value == .none || fits(value, field.kind), "\(start)\(field.name): \(value)")
          if value != .none { seen.insert(group.prefix + field.name) }
        }
      }
    }
    // A field without a value in all of these worlds may be one that can never have any.
    let names = Fields.all.flatMap { group in group.fields.map { group.prefix + $0.name } }
    #expect(names.filter { !seen.contains($0) } == [])
  }

  private func fits(_ value: Value, _ kind: Field.Kind) -> Bool {
    switch (kind, value) {
    case (.boolean, .boolean), (.count, .integer), (.migration, .integer), (.number, .integer), (.number, .decimal),
      (.text, .text), (.word, .word), (.node, .node), (.time, .quantity(_, .time)), (.size, .quantity(_, .size)),
      (.share, .share):
      true
    case (.texts, .list(let values)): values.allSatisfy { if case .text = $0 { true } else { false } }
    case (.counts, .list(let values)): values.allSatisfy { if case .integer = $0 { true } else { false } }
    case (.nodes, .list(let values)): values.allSatisfy { if case .node = $0 { true } else { false } }
    case (.process, .process): true
    case (.migrations, .list(let values)):
      values.allSatisfy { if case .record(.migration) = $0 { true } else { false } }
    case (.messages, .list(let values)): values.allSatisfy { if case .record(.message) = $0 { true } else { false } }
    case (.processes, .list(let values)): values.allSatisfy { if case .process = $0 { true } else { false } }
    default: false
    }
  }

  @Test func everyWordStandsForItself() throws {
    for word in Fields.words { #expect(try Sample.evaluate(word) == .word(word)) }
  }

  @Test func whatIsLeftOfTheGone() throws {
    var world = Sample.cluster()
    try Sample.spawn("w", try Sample.builtIn("worker"), in: &world)
    try Sample.spawn("x", try Sample.builtIn("counter"), on: "b", in: &world)
    _ = world.run(to: 100 * Sample.millisecond)
    world.fail(NodeID(1))
    _ = world.run(to: Sample.second)
    for (path, text) in [
      ("w.state", "ended"), ("w.node", "none"), ("w.pages", "16"), ("count(w.output)", "4"), ("w.inbox", "none"),
      ("w.cpu > 100ms", "true"), ("w.age < 101ms", "true"), ("w.received", "0"), ("w.digest == none", "false"),
      ("x.state", "lost"), ("x.digest", "none"), ("x.age", "100 ms"), ("x.migrations", "0"),
      ("x.migration.status", "none"), ("b.up", "false"), ("b.load", "none"), ("b.processes", "[]"),
      ("b.forwards", "[]"),
      ("cluster.processes", "[]"), ("cluster.nodes", "[a, b]"),
    ] {
      #expect(try Sample.evaluate(path, in: world).text(in: world) == text, "\(path)")
    }
  }

  @Test func messages() throws {
    var world = Sample.cluster()
    let echo = try Sample.spawn("e", try Sample.builtIn("echo"), in: &world)
    try Sample.spawn("q", try Sample.builtIn("pinger"), on: "b", set: ["peer": .process(echo)], in: &world)
    try Sample.spawn("i", Sample.compiled("program i { sleep 10s }"), in: &world)
    let other = try #require(world.processes[name: "i"]).id
    world.ask(NodeID(0), .send(from: echo, to: other, text: "hi", size: 2))
    _ = world.run(to: Sample.second)
    #expect(
      try Sample.evaluate("message.delivered > 10 and message.sent >= message.delivered", in: world) == .boolean(true))
    #expect(try Sample.evaluate("i.inbox", in: world) == .list([.text("hi")]))
    #expect(try Sample.evaluate("q.hops", in: world) == .integer(1))
    #expect(try Sample.evaluate("e.received >= 10 and q.state == waiting", in: world) == .boolean(true))
  }

  @Test func variables() throws {
    let world = try Sample.moved()
    let process = try #require(world.processes[name: "p1"]).id
    let variables: [String: Value] = [
      "p": .process(process), "n": .node(NodeID(1)), "t": .text("p1"), "k": .quantity(5, .time),
      "gone": .process(ProcessID(origin: NodeID(7), incarnation: 1, serial: 1)), "nowhere": .node(NodeID(7)),
    ]
    #expect(try Sample.evaluate("$p.migration.status", in: world, variables) == .word("completed"))
    #expect(try Sample.evaluate("$t.node == $n", in: world, variables) == .boolean(true))
    #expect(try Sample.evaluate("\"$p on $n after $k\"", in: world, variables) == .text("p1 on b after 5 ns"))
    #expect(try Sample.failure("$k.node", in: world, variables).contains("`$k` is a time and has no fields"))
    #expect(try Sample.failure("$gone.node", in: world, variables).contains("`$gone` is a process"))
    #expect(try Sample.failure("$nowhere.up", in: world, variables).contains("`$nowhere` is a node"))
  }
}
