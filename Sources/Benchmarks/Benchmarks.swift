import Foundation
import MigrationKernel
import Simulator

/// Prints what the engine and the program cost. Run it from a release build; nothing here passes or fails.
///
///     swift build -c release && .build/release/migsh-benchmarks [NAME...]
@main
enum Benchmarks {
  static func main() {
    let all: [(name: String, run: () -> Void)] = [
      // Memory is measured first, since its peak never falls.
      ("memory", untouchedMemory), ("start-up", startUp), ("pre-transfer", { preTransfer(filled: false) }),
      ("ping-pong", pingPong), ("messages", messages), ("checkpoints", checkpoints),
      // Last, since it needs the most memory.
      ("filled", { preTransfer(filled: true) }),
    ]
    let chosen = CommandLine.arguments.dropFirst()
    for (name, run) in all where chosen.isEmpty || chosen.contains(name) { run() }
  }

  /// Starts of the program that do nothing.
  private static func startUp() {
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "migsh")
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      return report("start-up of `migsh -c ''`", "not measured: \(program.path) is not built")
    }
    let runs = 50
    var times: [Double] = []
    for _ in 0..<runs {
      times.append(seconds { run(program.path, "-c", "") })
    }
    times.sort()
    report(
      "start-up of `migsh -c ''`", "\(milliseconds(times[runs / 2])), fastest \(milliseconds(times[0])), of \(runs)")
  }

  /// Two processes on two nodes that answer each other as fast as the network lets them.
  private static func pingPong() {
    var world = cluster(latency: 10_000)
    guard
      let echo = world.spawn(
        SpawnRequest(name: "echo", program: Programs.echo, pages: 1, seed: 1), on: NodeID(0)),
      world.spawn(
        SpawnRequest(
          name: "pinger", program: Programs.pinger, pages: 1, environment: ["peer": .process(echo, name: "echo")],
          seed: 2), on: NodeID(1)) != nil
    else { return }
    let time = seconds { _ = world.run(to: 20_000_000_000) }
    let events = Double(world.eventCount) / time
    let messages = Double(world.messages.delivered) / time
    report(
      "ping-pong of two processes",
      "\(Int(events / 1000) * 1000) events and \(Int(messages / 1000) * 1000) messages a second")
  }

  /// Streams of messages under every forwarding mechanism, between two nodes and among a thousand, without moves and with
  /// one for every thousand messages.
  private static func messages() {
    for nodes in [2, 1000] {
      for mechanism in ForwardingMechanism.allCases {
        let (still, moving) = (stream(nodes, mechanism, moves: false), stream(nodes, mechanism, moves: true))
        report(
          "messages among \(nodes) nodes, \(mechanism.name)",
          "\(Int(still / 1000) * 1000) delivered a second, \(Int(moving / 1000) * 1000) with moves")
      }
    }
  }

  /// Messages delivered for each second of real time.
  private static func stream(_ nodes: Int, _ mechanism: ForwardingMechanism, moves: Bool) -> Double {
    var world = World()
    var link = Network.Link()
    link.latency = 100_000
    link.bandwidth = 10_000_000_000
    world.setNetwork(link)
    for number in 0..<nodes { world.addNode(named: "n\(number)", NodeSettings()) }
    var receivers: [ProcessID] = []
    for pair in 0..<nodes / 2 {
      var request = SpawnRequest(name: "consumer\(pair)", program: Programs.consumer, pages: 1, seed: 1)
      request.forwarding = mechanism
      guard let consumer = world.spawn(request, on: NodeID(UInt32(2 * pair))) else { return 0 }
      receivers.append(consumer)
      request = SpawnRequest(
        name: "producer\(pair)", program: Programs.producer, pages: 1,
        environment: ["peer": .process(consumer, name: "consumer")], seed: 2)
      _ = world.spawn(request, on: NodeID(UInt32(2 * pair + 1)))
    }
    _ = world.run(to: 1_000_000)
    let before = world.messages.delivered
    var moved = 0
    let time = seconds {
      while world.messages.delivered - before < 300_000 {
        _ = world.run(to: world.now + 200_000)
        guard moves else { continue }
        while UInt64(moved) * 1000 < world.messages.delivered - before {
          let process = receivers[moved % receivers.count]
          moved += 1
          guard let node = world.location(of: process) else { continue }
          let next = NodeID((node.number + 1) % UInt32(nodes))
          world.ask(node, .migrate(process, to: next, TransferOptions(.totalFreezing)))
        }
      }
    }
    return Double(world.messages.delivered - before) / time
  }

  /// Processes whose pages nothing has touched.
  private static func untouchedMemory() {
    let before = peakMemory()
    var world = cluster(latency: 1_000_000)
    for number in 0..<1000 {
      let request = SpawnRequest(
        name: "p\(number)", program: Programs.echo, pages: 1000, seed: UInt64(number))
      _ = world.spawn(request, on: NodeID(UInt32(number % 2)))
    }
    _ = world.run(to: 1_000_000_000)
    report(
      "1,000 processes of 1,000 untouched pages",
      "peak memory \(peakMemory() / 1024) MiB, of which \((peakMemory() - before) / 1024) MiB for them")
  }

  /// Pre-transfer of 1 GiB over 1 Gbps, with a writer of 16,000 distinct pages a second over all of it and a downtime
  /// target of 30 ms.
  ///
  /// - Parameter filled: every page holds 4 KiB of its own; else it is made by the `write` step, and takes a word.
  private static func preTransfer(filled: Bool) {
    var world = cluster(latency: 1_000_000)
    var link = world.network.defaults
    link.bandwidth = 1_000_000_000
    world.setNetwork(link)
    guard
      let process = world.spawn(
        SpawnRequest(name: "p", program: Programs.fastWriter, pages: 262_144, seed: 1), on: NodeID(0))
    else { return }
    if filled {
      for page in 0..<262_144 {
        let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: page &* 31 &+ $0 &* 7 + 1) }
        world.ask(NodeID(0), .poke(process, page: page, bytes: bytes))
      }
    }
    var options = TransferOptions(.preTransfer)
    options.downtime = 30_000_000
    let time = seconds {
      _ = world.run(to: 1_000_000_000)
      world.ask(NodeID(0), .migrate(process, to: NodeID(1), options))
      _ = world.run(to: 60_000_000_000)
    }
    guard let record = world.migrations[1], record.status == .completed else { return }
    report(
      "pre-transfer of 1 GiB\(filled ? " of full pages" : "") while 16,000 pages a second are written",
      String(format: "%.2f s for %d rounds, peak memory %d MiB", time, record.rounds.count, peakMemory() / 1024))
  }

  /// What it costs to keep a copy of the world before every command.
  private static func checkpoints() {
    var world = cluster(latency: 1_000_000)
    for number in 0..<1000 {
      _ = world.spawn(
        SpawnRequest(name: "p\(number)", program: Programs.writer, pages: 1000, seed: 1),
        on: NodeID(UInt32(number % 2)))
    }
    _ = world.run(to: 100_000_000)
    let steps = 1000
    var kept = world
    let time = seconds {
      for _ in 0..<steps {
        kept = world
        _ = world.run(to: world.now + 1000)
      }
    }
    report(
      "a checkpoint with 1,000 processes and the next microsecond",
      String(format: "%.1f µs", time / Double(steps) * 1e6))
    _ = kept
  }

  // MARK: - Measuring

  /// Runs a program and waits for its end; Foundation's way of waiting is too coarse for this.
  private static func run(_ path: String, _ arguments: String...) {
    var process = pid_t()
    var status: Int32 = 0
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    guard posix_spawn(&process, path, nil, nil, &words, environ) == 0 else { return }
    waitpid(process, &status, 0)
  }

  private static func cluster(latency: Nanoseconds) -> World {
    var world = World()
    var link = Network.Link()
    link.latency = latency
    world.setNetwork(link)
    world.addNode(named: "a", NodeSettings())
    world.addNode(named: "b", NodeSettings())
    return world
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let elapsed = ContinuousClock().measure(body).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// In KiB.
  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }

  private static func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1000) }

  private static func report(_ what: String, _ figure: String) {
    print("\(what): \(figure)")
    fflush(nil)
  }
}

/// Programs in compiled form.
private enum Programs {
  static let echo = make([
    .loop(times: nil, counter: 0, end: 4), .receive(into: 1, timeout: nil), .reply(template: 0),
    .next(counter: 0, start: 0),
  ])
  static let pinger = make([
    .loop(times: nil, counter: 0, end: 4), .send(to: .register(0), template: 0, otherwise: nil),
    .receive(into: 1, timeout: nil), .next(counter: 0, start: 0),
  ])
  static let writer = make([
    .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .literal(999), counter: 1)),
    .compute(.literal(10_000)), .next(counter: 0, start: 0),
  ])

  static let fastWriter = make([
    .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .literal(262_143), counter: 1)),
    .compute(.literal(62_400)), .next(counter: 0, start: 0),
  ])

  /// Sends to `$peer` without end, a message every 10 us.
  static let producer = make([
    .loop(times: nil, counter: 0, end: 4), .send(to: .register(0), template: 0, otherwise: nil),
    .compute(.literal(9_900)), .next(counter: 0, start: 0),
  ])

  /// Receives without end.
  static let consumer = make([
    .loop(times: nil, counter: 0, end: 3), .receive(into: nil, timeout: nil), .next(counter: 0, start: 0),
  ])

  private static func make(_ instructions: [Instruction]) -> Program {
    Program(
      name: "benchmark", source: "", instructions: ContiguousArray(instructions),
      templates: [TextTemplate([.text("hello")])], registers: ["peer", "m"], counterCount: 2)
  }
}
