import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Moving processes, and what it cost.
extension Commands {
  static let migration: [Command] = [
    Command(
      "migrate", [ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "NODE", kind: .node)],
      flags: transferFlags + [
        FlagSpec(name: "with-coprocesses", summary: "its coprocesses on the same node go with it, all or none"),
        FlagSpec(name: "async", summary: "do not wait: time stands still until the next command that lets it pass"),
      ],
      summary: "move a process to another node",
      details: """
        Lets time pass until the process runs at its destination or the attempt has failed, and prints the report. A process \
        created with --hold and not yet started is moved non-preemptively: only its description goes.
        A migration that its destination refuses, or that fails on the way, is an outcome and no error: a script goes on, and \
        `expect p1.migration.status == completed` judges it.
        """,
      examples: [
        "migrate p1 b", "migrate p1 b --pretransfer --downtime 20ms", "migrate p1 b --flush --backing c",
        "migrate p1 b --async",
      ],
      group: "Migration", exclusive: [TransferMechanism.choices.map(\.rawValue)], run: migrate),
    Command(
      "migrate cancel", [ParameterSpec(name: "P", kind: .process)], summary: "call off the migration of a process",
      details: "It goes on where it is. Once it has been committed to its destination it is too late.",
      group: "Migration", run: cancel),
    Command(
      "predict", [ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "NODE", kind: .node)],
      flags: transferFlags, summary: "what a migration would cost, without doing it",
      details: """
        The formulas of the subject, over how fast the process is seen to write on a copy of the world in which nothing is \
        moved; and the bandwidth above which rounds gain something.
        """, examples: ["predict p1 b --pretransfer --downtime 20ms"], group: "Migration",
      exclusive: [TransferMechanism.choices.map(\.rawValue)], copiesWorld: true, effect: .nothing,
      run: predict),
    Command(
      "compare transfer", [ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "NODE", kind: .node)],
      flags: [FlagSpec(name: "for", value: .time, summary: "how long each is watched (10 s)")],
      summary: "the same move under every mechanism, side by side",
      details: "Each is tried on a copy of the world; the world itself stays as it is.",
      examples: ["compare transfer p1 b"], group: "Migration", copiesWorld: true, effect: .nothing, run: compare),
    Command("migration list", summary: "all migrations", group: "Migration", effect: .nothing, run: listMigrations),
    Command(
      "migration show", [ParameterSpec(name: "N", kind: .count, arity: .optional)],
      summary: "the report of a migration (the latest)", group: "Migration", effect: .nothing, run: showMigration),
  ]

  /// How a process is to be moved.
  private static let transferFlags: [FlagSpec] = [
    FlagSpec(
      name: "pretransfer",
      summary: "send its pages while it runs on, again what it wrote meanwhile, and stop it for the rest"),
    FlagSpec(
      name: "on-reference",
      summary: "send its state alone; pages stay behind, and are fetched when it touches them"),
    FlagSpec(
      name: "hybrid",
      summary: "pretransfer for a few rounds (1), then on-reference for what was written in the last"),
    FlagSpec(
      name: "flush",
      summary: "write what its backing node lacks there, and send its state; it fetches pages from there"),
    FlagSpec(name: "backing", value: .node, summary: "flush: the backing node (its origin)"),
    FlagSpec(
      name: "prefetch", value: .count, summary: "on-reference, flush: how many pages a fault fetches at most (1)"),
    FlagSpec(name: "push", summary: "on-reference, flush: send what is left in the background"),
    FlagSpec(
      name: "max-rounds", value: .count, summary: "pretransfer: rounds after which it is stopped in any case"),
    FlagSpec(
      name: "downtime", value: .time, summary: "pretransfer: stop it as soon as it would stand still for no longer"),
    FlagSpec(
      name: "throttle", summary: "pretransfer: slow it down as long as it writes too fast, and stop it only then"),
    FlagSpec(
      name: "delta", summary: "pretransfer, hybrid with more rounds: send pages again as what they differ in"),
    FlagSpec(name: "bandwidth", value: .rate, summary: "what its pages may take of the link"),
    FlagSpec(name: "zero-marks", summary: "send pages of zeros as marks of a few bytes"),
    FlagSpec(
      name: "total-freezing", summary: "stop it, send its whole address space, let it go on (what is done anyway)"),
  ]

  private static func migrate(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (record, source, destination) = try move(call)
    let before = session.state.world.migrations.all.count
    let options = try options(call, for: record)
    try checkFamily(of: record, on: source, options, call)
    session.state.world.apply(.request(.migrate(record.id, to: destination, options), of: source))
    let numbers = before + 1...max(before + 1, session.state.world.migrations.all.count)
    guard session.state.world.migrations.all.count > before else {
      throw call.refuse("process `\(record.name)` cannot be migrated now")
    }
    if !call.hasFlag("async") {
      let what = numbers.count == 1 ? "migration \(before + 1)" : "migrations \(before + 1) to \(numbers.upperBound)"
      try session.run(call, waitingFor: "\(what) to end") { world in
        numbers.allSatisfy { number in
          guard let record = world.migrations[number] else { return true }
          return record.activatedAt != nil || record.endedAt != nil
        }
      }
    }
    var reports: [Report] = []
    for number in numbers { reports.append(try report(number, session.state.world, call)) }
    guard reports.count > 1 else { return reports[0] }
    return Report(text: reports.map(\.text).joined(), data: .array(reports.map(\.data)))
  }

  /// An inseparable family is moved together or not at all; one that is being moved in part cannot be moved as a whole.
  private static func checkFamily(
    of record: ProcessDirectory.Record, on source: NodeID, _ options: TransferOptions, _ call: Invocation
  ) throws(SessionError) {
    let world = call.evaluator.world
    guard let process = world.process(record.id) else { return }
    let others = world.relatives(of: record.id)
    if process.isInseparable, world.awaitsRelatives(of: record.id) {
      throw call.refuse(
        "the family of `\(record.name)` has not all arrived yet", at: try call.require("P").span,
        remedy: "let time pass with `run` first")
    }
    if options.withCoprocesses {
      guard let moving = others.first(where: { world.standing(of: $0)?.departure != nil }) else { return }
      throw call.refuse(
        "its coprocess `\(world.name(of: moving))` is being migrated already",
        at: call.call.flag("with-coprocesses")?.span, remedy: "wait until that is over, or cancel it")
    }
    guard process.isInseparable, !others.isEmpty else { return }
    let names = others.map { "`\(world.name(of: $0))`" }.joined(separator: ", ")
    throw call.refuse(
      "process `\(record.name)` is inseparable from \(names)", at: try call.require("P").span,
      remedy: "move the family together with `--with-coprocesses`")
  }

  /// What is to be moved, from where and where to, when that can be begun now.
  static func move(_ call: Invocation) throws(SessionError) -> (ProcessDirectory.Record, NodeID, NodeID) {
    let record = try call.liveProcess("P")
    let argument = try call.require("NODE")
    let destination = try call.upNode(argument)
    let world = call.evaluator.world
    guard let source = world.location(of: record.id), world.standing(of: record.id)?.isSettled == true
    else {
      throw call.refuseMoving(record, at: try call.require("P").span)
    }
    guard source != destination else {
      throw call.refuse(
        "process `\(record.name)` is on `\(world[destination].name)` already", at: argument.span,
        expected: "another node")
    }
    return (record, source, destination)
  }

  /// How it is to be moved.
  static func options(
    _ call: Invocation, for record: ProcessDirectory.Record
  ) throws(SessionError) -> TransferOptions {
    let chosen = TransferMechanism.choices.first { call.hasFlag($0.rawValue) }
    var options = TransferOptions(chosen ?? .totalFreezing)
    options.withCoprocesses = call.hasFlag("with-coprocesses")
    options.pushes = call.hasFlag("push")
    options.prefetch =
      try call.flag("prefetch") { (value) throws(SessionError) in
        Int(try call.integer(value, in: 1...1024, "a number of pages"))
      } ?? 1
    options.marksZeros = call.hasFlag("zero-marks")
    options.throttles = call.hasFlag("throttle")
    options.sendsDeltas = call.hasFlag("delta")
    options.maxRounds = try call.flag("max-rounds") { (value) throws(SessionError) in
      Int(try call.integer(value, in: 1...1_000_000, "a number of rounds"))
    }
    options.downtime = try call.flag("downtime") { (value) throws(SessionError) in
      try call.time(value, in: 0...3_600_000_000_000, "a downtime")
    }
    options.bandwidth = try call.flag("bandwidth") { (value) throws(SessionError) in
      try call.rate(value, in: 1000...1_000_000_000_000_000, "a bandwidth")
    }
    let owners: [(flag: String, mechanisms: [TransferMechanism])] = [
      ("max-rounds", [.preTransfer, .hybrid]), ("downtime", [.preTransfer]), ("throttle", [.preTransfer]),
      ("delta", [.preTransfer, .hybrid]), ("prefetch", [.onReference, .hybrid, .flushing]),
      ("push", [.onReference, .hybrid, .flushing]), ("backing", [.flushing]),
    ]
    for (flag, mechanisms) in owners where !mechanisms.contains(options.mechanism) {
      guard let use = call.call.flag(flag) else { continue }
      let names = mechanisms.map { "`--\($0.rawValue)`" }
      let some = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " : ""
      throw call.refuse(
        "`--\(flag)` is an option of \(some)\(names[names.count - 1])", at: use.span,
        remedy: "add `--\(mechanisms[0].rawValue)`, or leave it out")
    }
    guard options.mechanism == .flushing else { return options }
    options.backing = try call.flag("backing") { (value) throws(SessionError) in try call.upNode(value) }
    let origin = record.id.origin
    guard options.backing != nil || call.evaluator.world[origin].isUp else {
      throw call.refuse(
        "the backing node would be its origin, and `\(call.evaluator.world[origin].name)` is down",
        at: call.call.flag("flush")?.span, remedy: "name another with `--backing`")
    }
    return options
  }

  private static func cancel(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let record = try call.liveProcess("P")
    let world = session.state.world
    guard let node = world.location(of: record.id), let departure = world.standing(of: record.id)?.departure else {
      throw call.refuse("process `\(record.name)` is not being migrated", at: try call.require("P").span)
    }
    guard !departure.isCommitted else {
      throw call.refuse(
        "process `\(record.name)` has been committed to its destination", at: try call.require("P").span)
    }
    session.state.world.apply(.request(.cancelMigration(record.id), of: node))
    return try report(record.migrations.last ?? 0, session.state.world, call)
  }

  private static func report(_ number: Int, _ world: World, _ call: Invocation) throws(SessionError) -> Report {
    guard let record = world.migrations[number] else {
      throw call.refuse(
        world.migrations.all.isEmpty ? "nothing has been migrated yet" : "there is no migration \(number)",
        at: call.call.argument("N")?.span,
        expected: world.migrations.all.isEmpty ? nil : "a number from 1 to \(world.migrations.all.count)")
    }
    let report = MigrationReport(record, world)
    return Report(text: report.text, data: report.data)
  }

  private static func listMigrations(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    var table = Table("N>", "PROCESS", "FROM", "TO", "MECHANISM", "STATUS", "FREEZE>", "TOTAL>", "PAGES>", "BYTES>")
    var data: [JSON] = []
    for record in world.migrations.all {
      let report = MigrationReport(record, world)
      table.add(
        "\(record.number)", report.process, report.source, report.destination, record.mechanism.rawValue,
        record.status.rawValue, record.freezeTime.map(formatTime) ?? "", record.totalTime.map(formatTime) ?? "",
        "\(record.pagesSent)", formatSize(report.traffic.bytes))
      data.append(report.data)
    }
    return Report(text: table.rows.isEmpty ? "nothing has been migrated yet" : table.text, data: .array(data))
  }

  private static func showMigration(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let number: Int
    if let argument = call.call.argument("N") {
      number = Int(try call.integer(argument, in: 0...Int64.max, "the number of a migration"))
    } else {
      number = world.migrations.all.count
    }
    return try report(number, world, call)
  }
}
