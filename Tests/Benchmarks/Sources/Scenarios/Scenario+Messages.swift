extension Scenario {
  /// Many events in the queue at any time, and hardly anything to do for each.
  static let eventQueue = Scenario(
    name: "event-queue", summary: "20,000 processes that sleep a millisecond at a time: as many events in the queue",
    unit: "sleep", timed: Sizes(20_000, 2_020_000), counted: Sizes(20_000, 60_000),
    subject: .script(
      setup: { _ in
        """
        \(programs)
        node add a b --cores 64 --memory 16GiB
        spawn s --on a --count 20000 --pages 1 --program sleeper
        """
      },
      work: { "run \($0 / 20)us" }))

  /// What a kernel does, without anything that the simulator adds.
  static let kernelStep = Scenario(
    name: "kernel-step", summary: "two kernels that answer each other, driven by hand without a network",
    unit: "event", timed: Sizes(1000, 5_001_000), counted: Sizes(1000, 101_000), subject: .kernel)

  /// Two processes on two nodes that answer each other as fast as the network lets them.
  static let pingPong = Scenario(
    name: "ping-pong", summary: "two processes on two nodes that answer each other", unit: "message",
    timed: Sizes(20_000, 1_020_000), counted: Sizes(4000, 24_000),
    subject: .script(
      setup: { _ in "network set --latency 10us\nnode add a b" },
      work: { units in
        """
        program caller { repeat \(units / 2) { send $peer "hello"  receive as m } }
        spawn server --on a --program echo --pages 1
        spawn client --on b --program caller --pages 1 --set peer=server
        run
        expect message.delivered == \(units)
        """
      }))

  /// The same, and the one that answers moves to and fro, under each forwarding mechanism.
  static let pingPongWithMoves = Scenario(
    name: "ping-pong-moves", summary: "four such pairs, each with another forwarding mechanism, whose servers move",
    unit: "move", timed: Sizes(80, 1080), counted: Sizes(40, 80),
    subject: .script(
      setup: { _ in
        """
        \(programs)
        network set --latency 10us --bandwidth 10Gbps
        node add a b
        \(forwardingMechanisms.map {
          """
          spawn server-\($0) --on a --program echo --pages 1 --forwarding \($0)
          spawn client-\($0) --on b --program caller --pages 1 --set peer=server-\($0)
          """
        }.joined(separator: "\n"))
        """
      },
      work: { units in
        """
        repeat \(units / 4) {
          run 1ms
          \(forwardingMechanisms.map {
            "if server-\($0).node == a { migrate server-\($0) b --async } else { migrate server-\($0) a --async }"
          }.joined(separator: "\n"))
        }
        """
      }))

  private static let forwardingMechanisms = ["resend-returned", "origin", "link-traversal", "link-update"]

  /// Streams of messages, each from one node to the next, and a move now and then.
  static func messages(nodes: Int) -> Scenario {
    let pairs = nodes / 2
    let streams = (0..<pairs).map { pair in
      "spawn stream\(pair) --on n\(2 * pair + 1) --program stream --pages 1 --set peer=sink\(pair)"
    }
    let moves = (0..<20).map { step in
      let pair = step * 7 % pairs
      return
        "run \(nodes > 100 ? "250us" : "2ms")\nif sink\(pair).node == n\(2 * pair) { migrate sink\(pair) n\(2 * pair + 1) --async }"
        + " else { migrate sink\(pair) n\(2 * pair) --async }"
    }
    return Scenario(
      name: "messages-\(nodes)", summary: "streams of messages among \(nodes) nodes, and every now and then a move",
      unit: "move", timed: nodes > 100 ? Sizes(20, 80) : Sizes(100, 1100),
      counted: nodes > 100 ? Sizes(1, 3) : Sizes(5, 15),
      subject: .script(
        setup: { _ in
          """
          \(programs)
          network set --latency 100us --bandwidth 10Gbps
          \(Scenario.nodes(2 * pairs))
          \((0..<pairs).map { "spawn sink\($0) --on n\(2 * $0) --program sink --pages 1" }.joined(separator: "\n"))
          \(streams.joined(separator: "\n"))
          """
        },
        work: { units in
          let whole = "repeat \(units / moves.count) {\n\(moves.joined(separator: "\n"))\n}"
          return ([whole] + moves.prefix(units % moves.count)).joined(separator: "\n")
        }))
  }

  /// A thousand processes on a thousand nodes that all move at once, again and again, while they are talked to.
  static let storm = Scenario(
    name: "storm-1000", summary: "1,000 processes on 1,000 nodes all move at once, while 250 of them are talked to",
    unit: "move", timed: Sizes(1000, 6000), counted: Sizes(0, 1000),
    subject: .script(
      setup: { _ in
        """
        \(programs)
        network set --latency 100us --bandwidth 1Gbps
        \(nodes(1000))
        \((0..<1000).map { "spawn p\($0) --on n\($0) --program sink --pages 16" }.joined(separator: "\n"))
        \((0..<250).map { "spawn caller\($0) --on n\($0 * 3) --program pinger --pages 1 --set peer=p\($0 * 4)" }
          .joined(separator: "\n"))
        """
      },
      work: { units in
        (0..<units / 1000).map { round in
          (0..<1000).map { "migrate p\($0) n\(($0 + (round + 1) * 331) % 1000) --async" }.joined(separator: "\n")
            + "\nrun 100ms"
        }.joined(separator: "\n")
      }))

  /// A cluster at seven tenths of its load, on which every job that comes looks for a node.
  static let jobs = Scenario(
    name: "jobs-100000", summary: "100,000 jobs come to 1,000 nodes, and are placed by threshold", unit: "job",
    timed: Sizes(10_000, 100_000), counted: Sizes(200, 1200),
    subject: .script(
      setup: { _ in nodes(1000) + "\npolicy placement threshold" },
      work: { units in
        """
        workload add j --rate 700 --service exponential --mean 1s --pages 1 --jobs \(units)
        run
        expect jobs.completed == \(units)
        """
      }))

  /// Every second node has twice as many processes as the ones between, and sheds them. All look for the first time a tenth of
  /// a second after the start. What is counted is a cluster of 40 nodes with as many processes on each.
  static let balancing = Scenario(
    name: "balancing-100000", summary: "100,000 processes on 1,000 nodes, half of which shed load to the others",
    unit: "10 ms", timed: Sizes(10, 25), counted: Sizes(10, 14),
    subject: .script(
      setup: { most in
        let pairs = most > 20 ? 500 : 20
        return """
          \(nodes(2 * pairs))
          policy initiation sender --threshold 100
          policy destination threshold --threshold 100
          \((0..<pairs).map { "spawn p\($0)x --on n\($0 * 2) --count 133 --pages 1" }.joined(separator: "\n"))
          \((0..<pairs).map { "spawn q\($0)x --on n\($0 * 2 + 1) --count 67 --pages 1" }.joined(separator: "\n"))
          balance on --every 100ms
          """
      },
      work: { "run \($0 * 10)ms\nexpect count($m for m in cluster.migrations) \($0 > 10 ? ">" : ">=") 0" }))
}
