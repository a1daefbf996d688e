import Scenarios

/// A cluster of any size in which events happen.
struct Series {
  let name: String
  let summary: String
  /// The greatest size.
  let most: Int
  /// Builds it.
  let setup: @Sendable (_ size: Int) -> String
  /// Lets about so many events happen.
  let work: @Sendable (_ size: Int, _ events: Int) -> String

  /// How many events are timed, about.
  static let events = 1_000_000

  static let all = [
    Series(
      name: "idle-nodes", summary: "nodes that do nothing, and two that talk", most: 100_000,
      setup: { size in
        """
        \(programs)
        network set --latency 10us
        \(Scenario.nodes(size))
        spawn server --on n0 --program echo --pages 1
        spawn client --on n1 --program caller --pages 1 --set peer=server
        """
      },
      work: { "run \($1 * 5)us" }),
    Series(
      name: "talking-nodes", summary: "nodes that all talk, in pairs", most: 100_000,
      setup: { size in
        """
        \(programs)
        network set --latency 100us
        \(Scenario.nodes(size))
        \(stride(from: 0, to: size, by: 2).map {
          """
          spawn server\($0) --on n\($0) --program echo --pages 1
          spawn client\($0) --on n\($0 + 1) --program caller --pages 1 --set peer=server\($0)
          """
        }.joined(separator: "\n"))
        """
      },
      work: { size, events in "run \(max(500, events * 40 / size))us" }),
    Series(
      name: "idle-processes", summary: "processes that do nothing, and two that talk", most: 1_000_000,
      setup: { size in
        """
        \(programs)
        network set --latency 10us
        node add a b --memory 100GiB
        spawn server --on a --program echo --pages 1
        spawn client --on b --program caller --pages 1 --set peer=server
        spawn p --on a --count \(size - 2) --pages 1 --program idle
        """
      },
      work: { "run \($1 * 5)us" }),
    Series(
      name: "sleeping-processes", summary: "processes that all sleep a millisecond at a time", most: 1_000_000,
      setup: { size in
        """
        \(programs)
        node add a --cores 64 --memory 100GiB
        spawn p --on a --count \(size) --pages 1 --program sleeper
        """
      },
      work: { size, events in "run \(max(1, events / 2 / size))ms" }),
  ]

  private static let programs = """
    program caller { repeat { send $peer "hello"  receive as m } }
    program sleeper { repeat { sleep 1ms } }
    """
}

/// Something that takes memory, in two numbers.
struct Part {
  let name: String
  let less: Int
  let more: Int
  let script: @Sendable (_ count: Int) -> String

  static let all = [
    Part(name: "a node that does nothing", less: 100, more: 2000) { Scenario.nodes($0) },
    Part(name: "a node that does nothing, of many", less: 5000, more: 10_000) { Scenario.nodes($0) },
    Part(name: "a process that does nothing", less: 10_000, more: 100_000) {
      "node add a --memory 100GiB\nspawn p --count \($0) --pages 1 --program idle\nrun 1s"
    },
    Part(name: "a page that was never touched", less: 100_000, more: 10_000_000) {
      "node add a --memory 100GiB\nspawn p --pages \($0)\nrun 1s"
    },
    Part(name: "a page in which a program counted", less: 10_000, more: 1_000_000) {
      "program w { write 0..$last  sleep 1h }\nnode add a --memory 100GiB\nspawn p --pages \($0) --program w\nrun 1s"
    },
    Part(name: "a page with a text, of eight different texts", less: 2000, more: 100_000) { count in
      pokes(100_000, pages: count, text: "text $($i % 8) of eight")
    },
    Part(name: "the same, after a migration", less: 2000, more: 100_000) { count in
      pokes(100_000, pages: count, text: "text $($i % 8) of eight") + "\nmigrate p b\nexpect p.node == b"
    },
    Part(name: "a page with a text of its own", less: 2000, more: 20_000) { count in
      pokes(20_000, pages: count, text: "text $i, which no other page has")
    },
    Part(name: "a page that is full, of other contents than all others", less: 2000, more: 20_000) { count in
      pokes(20_000, pages: count, text: Scenario.fullText)
    },
  ]

  /// Both runs have as many commands, each of which stays in the journal, and differ in how many pages these write to.
  private static func pokes(_ count: Int, pages: Int, text: String) -> String {
    """
    node add a b --memory 100GiB
    spawn p --on a --pages \(pages) --program idle
    \(Scenario.pokes(count, pages: pages, text: text))
    """
  }
}
