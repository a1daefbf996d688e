import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

/// The exact messages about mistakes in expressions.
@Suite struct ExpressionDiagnosticTests {
  @Test func dimensions() throws {
    #expect(
      try Sample.failure("1 + (10ms + 4KiB)") == """
        test:1:14: error: `10ms` is a time and `4KiB` is a size: they cannot be added
          let x = 1 + (10ms + 4KiB)
                       ^~~~~~~~~~~
        """)
    #expect(
      try Sample.failure("now < 20") == """
        test:1:9: error: `now` is a time and `20` is a bare number: they cannot be put in order
          let x = now < 20
                  ^~~~~~~~
          give the number a unit, such as 5ms
        """)
    #expect(
      try Sample.failure("a == \"a\"") == """
        test:1:9: error: `a` is a node and `"a"` is a text: they cannot be compared
          let x = a == "a"
                  ^~~~~~~~
          the name of a node or process stands without quotes
        """)
    #expect(
      try Sample.failure("sum(1ms, 2KiB)") == """
        test:1:9: error: `sum` cannot work on a time and a size
          let x = sum(1ms, 2KiB)
                  ^~~~~~~~~~~~~~
          expected numbers, or quantities that all measure the same
        """)
  }

  @Test func none() throws {
    var world = Sample.cluster()
    try Sample.spawn("p1", try Sample.builtIn("counter"), in: &world)
    #expect(
      try Sample.failure("p1.migration.freezeTime < 20ms", in: world) == """
        test:1:9: error: `p1.migration.freezeTime` is none: no migration of p1 has come that far
          let x = p1.migration.freezeTime < 20ms
                  ^~~~~~~~~~~~~~~~~~~~~~~
          expected a value that can be put in order
          `== none` asks whether there is a value
        """)
    world.fail(NodeID(0))
    #expect(
      try Sample.failure("1 + p1.dirty", in: world) == """
        test:1:13: error: `p1.dirty` is none: p1 was lost
          let x = 1 + p1.dirty
                      ^~~~~~~~
          expected a value that can be added
          `== none` asks whether there is a value
        """)
    #expect(try Sample.failure("a.load > 1", in: world).contains("`a.load` is none: a is down"))
    #expect(try Sample.failure("p1.node.load", in: world).contains("`p1.node` is none: p1 was lost"))
  }

  @Test func names() throws {
    #expect(
      try Sample.failure("1 == runing") == """
        test:1:14: error: nothing here is called `runing`
          let x = 1 == runing
                       ^~~~~~
          expected the name of a node or process, `now`, `cluster`, `event`, `jobs`, `message`, or a word such as `running`
          did you mean `running`?
        """)
    #expect(
      try Sample.failure("zebra.node") == """
        test:1:9: error: nothing here is called `zebra`
          let x = zebra.node
                  ^~~~~
          expected the name of a node or process, `now`, `cluster`, `event`, `jobs`, `message`, or a word such as `running`
          a text stands in quotes: "zebra"
        """)
    #expect(try Sample.failure("peer", ["peer": .integer(1)]).hasSuffix("did you mean `$peer`?"))
    #expect(
      try Sample.failure("1 + $tmie", ["time": .integer(1)]) == """
        test:1:13: error: there is no variable `$tmie`
          let x = 1 + $tmie
                      ^~~~~
          did you mean `$time`?
          `let tmie = …` makes it
        """)
  }

  @Test func fields() throws {
    var world = Sample.cluster()
    try Sample.spawn("p1", try Sample.builtIn("counter"), in: &world)
    #expect(
      try Sample.failure("p1.migration.frezeTime", in: world) == """
        test:1:22: error: `p1.migration` has no field `frezeTime`
          let x = p1.migration.frezeTime
                               ^~~~~~~~~
          expected mechanism, status, reason, source, destination, freezeTime, pagesTime, stateTime, tripsTime, coreWaitTime, totalTime, safePointTime, rounds, pagesSent, backing, pagesLeft, remoteFaults, stallTime, redundantPages, zeroPages, \
        deltaPages, savedBytes, throttle, messagesQueued, messagesForwarded, messagesReturned, messagesDropped, messagesResent, linksUpdated, bytes, controlPackets, number, process, offeredAt, activatedAt
          did you mean `freezeTime`?
        """)
    #expect(
      try Sample.failure("a.lod") == """
        test:1:11: error: `a` has no field `lod`
          let x = a.lod
                    ^~~
          expected up, cores, speed, memory, load, processes, freeMemory, utilisation, forwards, newDrivers
          did you mean `load`?
        """)
    #expect(
      try Sample.failure("cluster") == """
        test:1:9: error: `cluster` needs a field
          let x = cluster
                  ^~~~~~~
          expected `.migrations`, `.messages`, `.nodes`, `.processes`, `.utilisation`, `.packets`
        """)
    #expect(
      try Sample.failure("now.later") == """
        test:1:13: error: `now` is a time and has no fields
          let x = now.later
                      ^~~~~
          nodes and processes have fields; `help fields` lists them
        """)
    #expect(try Sample.failure("running.fast").contains("`running` is a word and has no fields"))
    #expect(try Sample.failure("cluster.nodes.first").contains("`cluster.nodes` is a list and has no fields"))
  }

  @Test func conditions() throws {
    let (expression, source) = try Sample.parse("now + 1ms")
    let evaluator = Evaluator(world: Sample.cluster(), variables: [:], source: source)
    let error = #expect(throws: Diagnostic.self) { try evaluator.condition(expression) }
    #expect(
      try #require(error).rendered() == """
        test:1:9: error: `now + 1ms` is a time
          let x = now + 1ms
                  ^~~~~~~~~
          expected true or false, as from `p1.node == b`
        """)
    #expect(
      try Sample.failure("a in b") == """
        test:1:14: error: `b` is a node
          let x = a in b
                       ^
          expected a list behind `in`, such as `cluster.nodes` or [a, b]
        """)
    #expect(
      try Sample.failure("1 / (2 - 2)") == """
        test:1:14: error: division by zero
          let x = 1 / (2 - 2)
                       ^~~~~
          `2 - 2` is 0 here
        """)
  }
}
