import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that let time pass, or go back in it.
extension Commands {
  static let time: [Command] = passing + goingBack + [resetting] + lookouts

  private static let passing: [Command] = [
    Command(
      "run", [Time.duration],
      summary: "let time pass: that long, or until nothing more can happen",
      details: """
        Without a time it gives up after an hour of virtual time; at a terminal it stops after 10 s, and `run` goes on.
        """, examples: ["run 10ms", "run"],
      preparation: "node add a\nprogram brief { compute 50ms }\nspawn p1 --program brief",
      data: .unlessStopped(.shared(standstill)), group: "Time", run: run),
    Command(
      "run until", [Time.condition],
      summary: "let time pass until something holds",
      details: """
        It stops at the first instant at which that holds: exactly for comparisons of `now` and of core time with a value; \
        for all else after every event and every step of a program. It gives up after an hour of virtual time.
        """,
      examples: ["run until p1.cpu >= 3ms", "run until p1.pages > 3 and now > 5ms"],
      preparation: "node add a b; spawn p1",
      data: .unlessStopped(
        .shared(standstill)),
      group: "Time", run: runUntil),
    Command(
      "step", [Time.steps],
      summary: "let time pass to the next fact of the log, or the Nth",
      details: "When there is none within a minute of virtual time, no time passes.", examples: ["step", "step 10"],
      preparation: "node add a b; spawn p1; migrate p1 b --async", data: .unlessStopped(.list(.shared(.fact))),
      group: "Time", run: step),
    Command(
      "now", summary: "what time it is", examples: ["now"], preparation: "node add a b; spawn p1; run 20ms",
      data: .only("now", .time, "virtual time"), group: "Time", effect: .nothing,
      run: tellNow),
  ]

  private static let standstill = SharedShape(
    "Standstill", "what time it is, and who has come to stand still",
    .object([
      .init("now", .time, "virtual time"),
      .init(
        "deadlocked",
        .rows([.init("process", .process, "its name"), .init("threads", .list(.count), "the threads, from 1")]),
        "processes in which threads have begun to wait for each other"),
      .init("receiving", .list(.process), "processes that wait for messages, when nothing more can happen"),
      .init(
        "changes", .shared(.changes), "what is different from before; only after `run until`", isAlwaysThere: false),
    ]))

  private static let resetting = Command(
    "reset", summary: "start again with an empty cluster at time 0",
    details: "What was set stays, and so does what `network set` said; programs and commands defined stay as well.",
    examples: ["reset"], preparation: "node add a b; spawn p1; run 20ms", data: .only("now", .time, "virtual time"),
    group: "Time", run: reset)

  /// A sentence, followed by the time.
  static func moment(_ sentence: String, _ world: any Cluster) -> Report {
    Report(sentence, .init("now", .time(world.now)))
  }

  private static func run(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (before, past) = (session.state.world.now, session.state.world.log.total)
    guard let duration = try call[Time.duration] else {
      if session.options.isInteractive, try session.runInPart(call) {
        let world = session.state.world
        // A file would go on until nothing more can happen.
        session.state.script.add("run \(world.now - before)ns")
        session.jumpCount += 1
        return standstill(
          "it is \(formatTime(world.now)), and more is to come: `run` goes on for as long again, `run 1h` for an hour",
          since: past, receivers: [], world)
      }
      try session.run(call, waitingFor: "the cluster to come to rest", to: nil)
      let world = session.state.world
      let rest = "nothing more can happen; it is \(formatTime(world.now))\(world.now > before ? "" : " still")"
      return standstill(rest, since: past, receivers: receivers(world), world)
    }
    try session.run(call, for: duration, at: call.span(of: Time.duration) ?? call.call.span)
    return passed(since: past, session.state.world)
  }

  private static func passed(
    since past: Int, _ world: any Cluster, _ differences: WorldDifferences? = nil
  ) -> Report {
    let report = standstill("it is \(formatTime(world.now))", since: past, receivers: [], world)
    guard let differences else { return report }
    return Report(report.blocks + [.sentence(differences.text), .facts([differences.item])])
  }

  /// What time it is, and who has come to stand still.
  ///
  /// - Parameters:
  ///   - past: how many entries the log had before: of all processes whose threads wait for each other, those count in which
  ///     they began to after that.
  ///   - receivers: processes that wait for messages.
  private static func standstill(
    _ sentence: String, since past: Int, receivers: [ProcessID], _ world: any Cluster
  ) -> Report {
    let isAny = world.log.count(of: .processDeadlocked) > 0
    let deadlocks = (isAny ? world.log.entries.suffix(world.log.total - past) : []).compactMap { entry in
      if case .fact(.deadlocked(let process, let waits)) = entry.event { (process, waits) } else { nil }
    }
    var lines = [sentence] + deadlocks.map { deadlockText(of: $0, $1, world) }
    let shown = receivers.prefix(10).map { world.name(of: $0) }.joined(separator: " ")
    let more = receivers.count - min(10, receivers.count)
    if !receivers.isEmpty { lines.append("waiting for a message: \(shown)\(more > 0 ? " and \(more) more" : "")") }
    let data = deadlocks.map { process, waits in
      Report.Datum.object([
        .init("process", .process(process)), .init("threads", .list(waits.map { .count($0.thread + 1) })),
      ])
    }
    return Report(
      lines.joined(separator: "\n"), .init("now", .time(world.now)), .init("deadlocked", .list(data)),
      .init("receiving", .list(receivers.map { .process($0) })))
  }

  /// Processes whose threads all wait for a message, though nothing more can happen: they may be waiting for each other, which
  /// nobody can know.
  private static func receivers(_ world: any Cluster) -> [ProcessID] {
    world.processes.all.lazy.filter { record in
      guard record.fate == .alive, let threads = world.view(of: record)?.threads else { return false }
      return threads.contains { $0 != .ended }
        && threads.allSatisfy { if case .receiving = $0 { true } else { $0 == .ended } }
    }.map(\.id)
  }

  private static func runUntil(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    guard case .expression(let expression, let span) = try call[Time.condition] else {
      throw call.refuse("an expression is missing")
    }
    var watch = Watch(expression, variables: session.state.variables, in: call.source, effort: session.effort)
    let before = session.state.world
    try session.run(call, waitingFor: call.source.text(span), until: &watch)
    let differences = WorldDifferences(from: before, to: session.state.world)
    return passed(since: before.log.total, session.state.world, differences)
  }

  private static func step(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let count = try call[Time.steps] ?? 1
    let before = session.state.world
    for _ in 0..<count where try !session.step(call) { break }
    let world = session.state.world
    let entries = world.log.entries.suffix(world.log.total - before.log.total)
    guard !entries.isEmpty else {
      return Report(
        listing([], world), whenEmpty: "nothing happens within \(formatTime(Session.stepReach)) that the log tells")
    }
    return Report([.table(listing(entries, world)), .sentence(WorldDifferences(from: before, to: world).text)])
  }

  private static func tellNow(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    moment(formatTime(session.state.world.now), session.state.world)
  }

  private static func reset(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let old = session.state.world
    var world = World(seed: old.seed)
    world.apply(.setNodeDefaults(old.nodeDefaults))
    if old.lineDefaults != world.lineDefaults { world.apply(.setNetwork(old.lineDefaults)) }
    if old.invariants != nil { world.invariants = Invariants() }
    world.keepsDigest = old.keepsDigest
    session.reset(to: world)
    return moment("an empty cluster at time 0", world)
  }
}

private enum Time {
  static let duration = OptionalParameter("DURATION", .time(in: 0...Int64.max, "a time"))
  static let condition = Parameter("EXPRESSION", .argument(.expression))
  static let steps = OptionalParameter("N", .count(in: 1...1_000_000, "a number of steps"))
}
