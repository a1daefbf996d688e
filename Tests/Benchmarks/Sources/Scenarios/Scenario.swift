/// What is measured: a script in the shell's own language, so that it runs on every version of migsh that knows the
/// commands, however the engine's interfaces change.
public struct Scenario: Sendable {
  public let name: String
  /// What it stands for.
  public let summary: String
  /// Builds the cluster; what it costs is not meant, and small.
  public let setup: String
  /// What is measured.
  public let work: String

  public var script: String { setup + "\n" + work + "\n" }
}

extension Scenario {
  public static let all = [
    pingPong, pingPongWithMoves, messages(nodes: 2), messages(nodes: 1000), storm, preTransfer, timers, checkpoints,
    jobs, report,
  ]

  private static let programs = """
    program caller { repeat { send $peer "hello"  receive as m } }
    program stream { repeat { send $peer "hello"  compute 9900ns } }
    program sink { repeat { receive } }
    program filler { repeat { write next 0..$last  compute 62400ns } }
    program sleeper { repeat { sleep 1ms } }
    """

  /// Two processes on two nodes that answer each other as fast as the network lets them.
  static let pingPong = Scenario(
    name: "ping-pong", summary: "two processes on two nodes that answer each other",
    setup: """
      \(programs)
      network set --latency 10us
      node add a b
      spawn server --on a --program echo --pages 1
      spawn client --on b --program caller --pages 1 --set peer=server
      """,
    work: "run 10s")

  /// The same, and the one that answers moves to and fro, under each forwarding mechanism.
  static let pingPongWithMoves = Scenario(
    name: "ping-pong-moves", summary: "four such pairs, each with another forwarding mechanism, whose servers move",
    setup: """
      \(programs)
      network set --latency 10us --bandwidth 10Gbps
      node add a b
      \(forwardingMechanisms.map {
        """
        spawn server-\($0) --on a --program echo --pages 1 --forwarding \($0)
        spawn client-\($0) --on b --program caller --pages 1 --set peer=server-\($0)
        """
      }.joined(separator: "\n"))
      """,
    work: """
      repeat 250 {
        run 1ms
        \(forwardingMechanisms.map {
          "if server-\($0).node == a { migrate server-\($0) b --async } else { migrate server-\($0) a --async }"
        }.joined(separator: "\n"))
      }
      """)

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
      name: "messages-\(nodes)", summary: "streams of messages among \(nodes) nodes, with moves",
      setup: """
        \(programs)
        network set --latency 100us --bandwidth 10Gbps
        node add \((0..<2 * pairs).map { "n\($0)" }.joined(separator: " "))
        \((0..<pairs).map { "spawn sink\($0) --on n\(2 * $0) --program sink --pages 1" }.joined(separator: "\n"))
        \(streams.joined(separator: "\n"))
        """,
      work: "repeat \(max(1, 50 / pairs)) {\n\(moves.joined(separator: "\n"))\n}")
  }

  /// A thousand processes on a thousand nodes that all move at once, again and again, while they are talked to.
  static let storm = Scenario(
    name: "storm-1000", summary: "1,000 processes on 1,000 nodes all move at once, five times",
    setup: """
      \(programs)
      network set --latency 100us --bandwidth 1Gbps
      node add \((0..<1000).map { "n\($0)" }.joined(separator: " "))
      \((0..<1000).map { "spawn p\($0) --on n\($0) --program sink --pages 16" }.joined(separator: "\n"))
      \((0..<250).map { "spawn caller\($0) --on n\($0 * 3) --program pinger --pages 1 --set peer=p\($0 * 4)" }
        .joined(separator: "\n"))
      """,
    work: (1...5).map { round in
      (0..<1000).map { "migrate p\($0) n\(($0 + round * 331) % 1000) --async" }.joined(separator: "\n") + "\nrun 1s"
    }.joined(separator: "\n"))

  /// A cluster at seven tenths of its load, on which every job that comes looks for a node.
  static let jobs = Scenario(
    name: "jobs-100000", summary: "100,000 jobs come to 1,000 nodes, and are placed by threshold",
    setup: """
      node add \((0..<1000).map { "n\($0)" }.joined(separator: " "))
      policy placement threshold
      """,
    work: """
      workload add j --rate 700 --service exponential --mean 1s --pages 1 --jobs 100000
      run
      expect jobs.completed == 100000
      """)

  /// Pre-transfer of 1 GiB over 1 Gbps, while 16,000 distinct pages a second are written, to a downtime of 30 ms.
  static let preTransfer = Scenario(
    name: "pretransfer-1GiB", summary: "pre-transfer of 1 GiB while 16,000 pages a second are written",
    setup: """
      \(programs)
      network set --latency 1ms --bandwidth 1Gbps
      node add a b
      spawn p --on a --pages 262144 --program filler
      """,
    work: """
      run 1s
      migrate p b --pretransfer --downtime 30ms
      expect p.node == b
      """)

  /// Many events in the queue at any time, and hardly anything to do for each.
  static let timers = Scenario(
    name: "event-queue", summary: "20,000 processes that sleep: as many events in the queue",
    setup: """
      \(programs)
      node add a b --cores 64 --memory 16GiB
      spawn s --on a --count 20000 --pages 1 --program sleeper
      """,
    work: "run 100ms")

  /// A copy of the world is kept before every command.
  static let checkpoints = Scenario(
    name: "checkpoints", summary: "5,000 commands with 1,000 processes; each can be undone",
    setup: """
      \(programs)
      node add a b
      spawn s --on a --count 1000 --pages 1000 --program filler
      run 100ms
      """,
    work: Array(repeating: "run 1us", count: 5000).joined(separator: "\n"))

  /// The page about a run with a log of 10,000 entries, for which the run is done again.
  static let report = Scenario(
    name: "report", summary: "the page about a run of 10,000 log entries, four times",
    setup: """
      node add a b c
      spawn p --on a --pages 200 --program hot
      spawn q --on a --program echo
      spawn r --on b --program pinger --set peer=q --count 3
      spawn s --on a --pages 2000 --program scan
      run 20ms
      migrate p b --pretransfer
      migrate s b --on-reference
      run 30s
      """,
    work: """
      repeat 4 { export report "/tmp/migsh-benchmark-report.html" --force }
      """)
}
