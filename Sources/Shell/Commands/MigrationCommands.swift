import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that move processes, and show what the moves cost.
extension Commands {
  static let migration: [Command] = [
    Command(
      "migrate", [Move.chosenProcess, Move.chosenDestination],
      flags: Move.flags + familyAndWait + [selectingNode],
      summary: "move a process to another node",
      details: """
        Lets time pass until the process has executed at its destination, or waits there for anything but a core, or the \
        attempt has failed, and prints the report. A process created with --hold and not yet started is moved non-preemptively: only its description goes.
        Without NODE the destination policy chooses it; without P the selection policy of the node with the highest load, or of \
        the one that --from names, chooses the process too.
        A migration that its destination refuses, or that fails on the way, is an outcome and no error: a script goes on, and \
        `expect p1.migration.status == completed` judges it.
        """,
      examples: [
        "migrate p1 b", "migrate p1 b --pretransfer --downtime 20ms", "migrate p1 b --flush --backing c",
        "migrate p1 b --async", "migrate p1", "migrate --from a",
      ],
      preparation: "node add a b c; spawn p1; run 20ms\npolicy selection oldest; policy destination shortest",
      data: .unlessStopped(
        .either([
          .shared(.migration), .list(.shared(.migration)),
          .object([
            .init("process", .process, "who stays where it is, or goes once a node is found"),
            .init("status", .word(["none"]), "there is no migration"),
            .init("choice", .optional(.shared(.choice)), "what policies chose; null when nothing yet"),
          ]),
        ])), group: "Migration", exclusive: [Move.mechanisms.map { $0.flag }], run: migrate),
    Command(
      "migrate cancel", [Move.process], summary: "call off the migration of a process",
      details: "It goes on where it is. Once it has been committed to its destination it is too late.",
      examples: ["migrate cancel p1"], preparation: "node add a b; spawn p1; run 20ms; migrate p1 b --async",
      data: .shared(.migration), group: "Migration", run: cancel),
    Command(
      "predict", [Move.process, Move.destination], flags: Move.flags,
      summary: "what a migration would cost, without doing it",
      details: """
        It is tried on a copy of the world; the world itself stays as it is. Freeze time and total time are those without \
        the wait for a core at the destination. Rounds gain something above the bandwidth that it names. What lines that \
        lose or delay packets at random do, nobody can know.
        """, examples: ["predict p1 b --pretransfer --downtime 20ms"], preparation: "node add a b; spawn p1; run 20ms",
      data: .object(predicted), group: "Migration",
      exclusive: [Move.mechanisms.map { $0.flag }], copiesWorld: true, effect: .nothing,
      run: predict),
    Command(
      "compare transfer", [Move.process, Move.destination], flags: [comparingTime] + Move.options,
      summary: "the same move under every mechanism, side by side",
      details: """
        Each is tried on a copy of the world; the world itself stays as it is. An option holds for those mechanisms that can \
        use it.
        """,
      examples: ["compare transfer p1 b", "compare transfer p1 b --bandwidth 10Mbps --push"],
      preparation: "node add a b; spawn p1; run 20ms", data: .list(.shared(.migration)), group: "Migration",
      copiesWorld: true, effect: .nothing, run: compare),
    Command(
      "migration list", summary: "all migrations",
      details:
        "ROUNDS are the pages that each round sent, and those sent while it stood still, where there were rounds.",
      examples: ["migration list"],
      preparation: "node add a b; spawn p1; migrate p1 b", data: .list(.shared(.migration)), group: "Migration",
      effect: .nothing, run: listMigrations),
    Command(
      "migration show", [migrationNumber],
      summary: "the report of a migration (the latest)", examples: ["migration show", "migration show 1"],
      preparation: "node add a b; spawn p1; run 20ms; migrate p1 b --pretransfer", data: .shared(.migration),
      group: "Migration",
      effect: .nothing, run: showMigration),
  ]

  private static let withCoprocesses = Switch(
    "with-coprocesses", "its coprocesses on the same node go with it, all or none")
  /// A command with this flag only begins what would otherwise take time.
  static let asynchronousFlag = "async"
  private static let isAsynchronous = Switch(
    asynchronousFlag, "do not wait: time stands still until the next command that lets it pass")
  private static let familyAndWait: [any FlagDeclaration] = [withCoprocesses, isAsynchronous]
  static let comparingTime = Flag("for", .watchingTime, "how long each is watched (10 s)")
  private static let migrationNumber = OptionalParameter("N", .count(in: 0...Int.max, "the number of a migration"))

  private static let selectingNode = Flag("from", .upNode, "the node whose process is chosen, when P is left out")

  private static func migrate(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    guard let record = try call[Move.chosenProcess], let destination = try call[Move.chosenDestination] else {
      return try migrateByPolicy(&session, call, withCoprocesses: withCoprocesses, from: selectingNode, isAsynchronous)
    }
    if call.has(selectingNode) {
      throw call.refuse(
        "`--from` is for `migrate` without a process", at: call.span(of: selectingNode), remedy: "leave it out")
    }
    let source = try source(
      of: record, at: call.span(of: Move.chosenProcess), to: destination, at: call.span(of: Move.chosenDestination),
      call)
    let before = session.state.world.migrations.all.count
    var options = try Move.options(call, from: source, to: destination, usual: session.state.backing)
    options.withCoprocesses = call.has(withCoprocesses)
    try checkFamily(of: record, on: source, options, call)
    session.state.world.apply(.request(.migrate(record.id, to: destination, options), of: source))
    let numbers = before + 1...max(before + 1, session.state.world.migrations.all.count)
    guard session.state.world.migrations.all.count > before else {
      throw call.refuse("process `\(record.name)` cannot be migrated now")
    }
    if !call.has(isAsynchronous) {
      let what = numbers.count == 1 ? "migration \(before + 1)" : "migrations \(before + 1) to \(numbers.upperBound)"
      try session.run(call, waitingFor: "\(what) to end") { world in
        numbers.allSatisfy { number in
          world.migrations[number]?.isSettled ?? true
        }
      }
    }
    var reports: [Report] = []
    for number in numbers { reports.append(try report(number, session.state.world, call)) }
    guard reports.count > 1 else { return reports[0] }
    return Report([.reports(reports)])
  }

  /// Refuses to move only some members of an inseparable family, and to move a family while some members are on their
  /// way.
  static func checkFamily(
    of record: ProcessDirectory.Record, on source: NodeID, _ options: TransferOptions, _ call: Invocation
  ) throws(SessionError) {
    let world = call.evaluator.world
    guard let process = world.view(of: record.id) else { return }
    let others = world.relatives(of: record.id)
    if process.isInseparable, world.awaitsRelatives(of: record.id) {
      throw call.refuse(
        "the family of `\(record.name)` has not all arrived yet", at: call.span(of: Move.chosenProcess),
        remedy: call.cure(for: world.processes.all.filter { $0.fate == .alive && $0.owner.isOnItsWay(to: source) }))
    }
    if options.withCoprocesses {
      guard let moving = others.first(where: { world.standing(of: $0)?.departure != nil }) else { return }
      throw call.refuse(
        "its coprocess `\(world.name(of: moving))` is being migrated already",
        at: call.span(of: withCoprocesses),
        remedy: "`migrate cancel \(world.name(of: moving))`, or let time pass with `run`")
    }
    guard process.isInseparable, !others.isEmpty else { return }
    let names = others.map { "`\(world.name(of: $0))`" }.joined(separator: ", ")
    throw call.refuse(
      "process `\(record.name)` is inseparable from \(names)", at: call.span(of: Move.chosenProcess),
      remedy: "move the family together with `--with-coprocesses`")
  }

  /// The process to move, its source and its destination. Refuses a move that cannot begin now.
  static func move(_ call: Invocation) throws(SessionError) -> (ProcessDirectory.Record, NodeID, NodeID) {
    let (record, destination) = (try call[Move.process], try call[Move.destination])
    let source = try source(
      of: record, at: call.span(of: Move.process), to: destination, at: call.span(of: Move.destination), call)
    return (record, source, destination)
  }

  /// The node that has a process, before that is moved.
  static func source(
    of record: ProcessDirectory.Record, at place: SourceSpan?, to destination: NodeID? = nil,
    at destinationPlace: SourceSpan? = nil, _ call: Invocation
  ) throws(SessionError) -> NodeID {
    let world = call.evaluator.world
    guard let source = world.location(of: record.id), let standing = world.standing(of: record.id), standing.isSettled
    else {
      throw call.refuseMoving(record, at: place)
    }
    guard !standing.isSought else {
      throw call.refuse(
        "a node is being looked for, for process `\(record.name)`", at: place, remedy: "let time pass with `run` first")
    }
    guard source != destination else {
      throw call.refuse(
        "process `\(record.name)` is on `\(world[source].name)` already", at: destinationPlace, expected: "another node"
      )
    }
    return source
  }

  private static func cancel(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let record = try call[Move.process]
    let world = session.state.world
    guard let node = world.location(of: record.id), let departure = world.standing(of: record.id)?.departure else {
      throw call.refuse("process `\(record.name)` is not being migrated", at: call.span(of: Move.process))
    }
    guard !departure.isCommitted else {
      throw call.refuse(
        "process `\(record.name)` has been committed to its destination", at: call.span(of: Move.process))
    }
    session.state.world.apply(.request(.cancelMigration(record.id), of: node))
    return try report(record.migrations.last ?? 0, session.state.world, call)
  }

  static func report(
    _ number: Int, _ world: any Cluster, _ call: Invocation, at place: SourceSpan? = nil
  ) throws(SessionError) -> Report {
    guard let record = world.migrations[number] else {
      throw call.refuse(
        world.migrations.all.isEmpty ? "nothing has been migrated yet" : "there is no migration \(number)",
        at: place,
        expected: world.migrations.all.isEmpty ? nil : "a number from 1 to \(world.migrations.all.count)")
    }
    return MigrationReport(record, world).report
  }

  private static func listMigrations(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let columns: [MigrationNumber] = [
      .number, .process, .source, .destination, .mechanism, .status, .freezeTime, .totalTime, .pagesSent, .bytes,
    ]
    let narrow: [MigrationNumber] = [.mechanism, .totalTime, .bytes]
    var shown = columns.map { number in
      number.column.leftOut(atRank: narrow.firstIndex { $0.name == number.name }.map { $0 + 1 } ?? 0)
    }
    if world.migrations.all.contains(where: { !$0.rounds.isEmpty }) {
      shown.append(
        Column(trend: "ROUNDS", "roundPages") { report in
          let rounds = report.record.rounds
          return rounds.isEmpty ? nil : Trend(rounds.map { UInt64($0.pages) } + [UInt64(report.record.pagesSentFrozen)])
        })
    }
    let listing = Listing(world.migrations.all.map { MigrationReport($0, world) }, shown, element: \.datum)
    return Report(listing, whenEmpty: "nothing has been migrated yet")
  }

  private static func showMigration(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let world = session.state.world
    let number = try call[migrationNumber] ?? world.migrations.all.count
    return try report(number, world, call, at: call.span(of: migrationNumber))
  }
}
