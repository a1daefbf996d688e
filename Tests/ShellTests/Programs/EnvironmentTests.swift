import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

@Suite struct EnvironmentTests {
  static func environment(
    _ text: String, set: [String: Value] = [:], variables: [String: Value] = [:], in world: World = Sample.cluster()
  ) throws -> [String: RegisterValue] {
    try Shell.environment(
      for: try Sample.compiled(text), set: set, variables: variables, world: world)
  }

  static func failure(
    _ text: String, set: [String: Value] = [:], variables: [String: Value] = [:], in world: World = Sample.cluster()
  ) throws -> String {
    let error = #expect(throws: Diagnostic.self) { try environment(text, set: set, variables: variables, in: world) }
    return try #require(error).rendered()
  }

  @Test func order() throws {
    var world = Sample.cluster()
    let peer = try Sample.spawn("peer", try Sample.builtIn("idle"), in: &world)
    let other = try Sample.spawn("other", try Sample.builtIn("idle"), in: &world)
    let text = "program p { print \"$peer $self $pages $last\" }"
    let plain = try Self.environment(text, variables: ["self": .text("no"), "last": .text("no")], in: world)
    #expect(plain["peer"] == .process(peer, name: "peer"))
    // The kernel fills in what is predefined.
    #expect(plain["self"] == nil && plain["pages"] == nil && plain["last"] == nil)
    #expect(try Self.environment(text, variables: ["peer": .integer(1)], in: world)["peer"] == .number(1))
    let set = try Self.environment(
      text, set: ["peer": .process(other), "last": .integer(3)], variables: ["peer": .integer(1)], in: world)
    #expect(set["peer"] == .process(other, name: "other"))
    #expect(set["last"] == .number(3))
    // A bare name is a thing in the world, whatever variable has the same name.
    let bare = "program p { send peer \"x\" }"
    #expect(
      try Self.environment(bare, variables: ["peer": .process(other)], in: world)["peer"]
        == .process(peer, name: "peer"))
    #expect(
      try Self.environment(bare, set: ["peer": .text("other")], in: world)["peer"] == .process(other, name: "other"))
  }

  @Test(
    arguments: [
      (.none, .none), (.integer(3), .number(3)), (.integer(-3), .text("-3")), (.quantity(5, .time), .number(5)),
      (.quantity(2048, .size), .text("2 KiB")), (.share(0.2), .text("20%")), (.decimal(0.5), .text("0.5")),
      (.boolean(true), .text("true")), (.text("hello"), .text("hello")), (.node(NodeID(1)), .text("b")),
      (.list([.integer(1)]), .text("[1]")),
    ] as [(Value, RegisterValue)])
  func values(_ value: Value, _ register: RegisterValue) throws {
    #expect(try Self.environment("program p { print $x }", set: ["x": value])["x"] == register)
  }

  @Test func missing() throws {
    var world = Sample.cluster()
    try Sample.spawn("p1", try Sample.builtIn("idle"), in: &world)
    #expect(
      try Self.failure("program p { send $peer \"x\" }", in: world) == """
        test:1:18: error: program `p` needs `$peer`, and there is no such process
          program p { send $peer "x" }
                           ^~~~~
          give it with `--set peer=NAME`, or spawn `peer` first
        """)
    #expect(
      try Self.failure("program p { send p2 \"x\" }", in: world) == """
        test:1:18: error: program `p` needs `p2`, and there is no such process
          program p { send p2 "x" }
                           ^~
          did you mean `p1`?
          give it with `--set p2=NAME`, or spawn `p2` first
        """)
    #expect(
      try Self.failure("program p { compute $t }", in: world) == """
        test:1:21: error: program `p` needs `$t`, and nothing says what it is
          program p { compute $t }
                              ^~
          expected a time such as 10ms
          give it with `--set t=TIME`
        """)
    #expect(
      try Self.failure("program p { send a \"x\" }", in: world).contains(
        "program `p` sends to `a`, which is a node, and only processes get messages"))
    #expect(
      try Self.failure("program p { send $parent \"x\" }", in: world).contains("nothing forks this process"))
  }

  @Test func wrongKind() throws {
    #expect(
      try Self.failure("program p { compute $t }", set: ["t": .quantity(5120, .size)]) == """
        test:1:21: error: program `p` needs a time in `$t`, which is 5 KiB, a size
          program p { compute $t }
                              ^~
          expected a time such as 10ms
        """)
    #expect(
      try Self.failure("program p { compute $t }", variables: ["t": .quantity(0, .time)]).contains(
        "expected a time above 0 ns"))
    #expect(
      try Self.failure("program p { sleep $t }", set: ["t": .quantity(-1, .time)]).contains(
        "which is -1 ns, a time\n  program p { sleep $t }\n                    ^~\n  expected a time of 0 ns or more"))
    for (step, value) in [
      ("compute $x", .integer(5)), ("sleep $x", .none), ("receive timeout $x", .text("5ms")),
      ("repeat $x { }", .quantity(5, .time)), ("write $x", .integer(-1)), ("write 0..$x", .decimal(1)),
      ("send $x \"\"", .text("nobody")), ("send $x \"\"", .node(NodeID(0))), ("compute $self", .none),
    ] as [(String, Value)] {
      let message = try Self.failure("program p { \(step) }", set: step.contains("$x") ? ["x": value] : [:])
      #expect(message.contains("program `p` needs"), "\(step)")
    }
    #expect(try Self.environment("program p { sleep $x }", set: ["x": .quantity(0, .time)])["x"] == .number(0))
    // One use of a name may fit and the next one not.
    #expect(
      try Self.failure("program p { repeat $n { } sleep $n }", set: ["n": .integer(3)]).contains("a time in `$n`"))
  }
}
