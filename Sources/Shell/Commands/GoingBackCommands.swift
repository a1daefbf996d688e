import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that go back in time, and forward to where one has been.
extension Commands {
  static let goingBack: [Command] = [
    Command(
      "step back", [Back.facts],
      summary: "go back by a fact of the log, or by N",
      details: """
        It goes to the moment right after the fact before, and with 0 to that of the last fact. Facts that came at once go \
        together. What was typed since then is \
        undone: `redo` does it again, the rest of a command too in the midst of which that moment is. It goes as far back as \
        `undo` does, but not beyond `restore` and `reset`. Variables, breakpoints and watched expressions stay.
        """, examples: ["step back", "step back 5"],
      preparation: "node add a b; spawn p1; migrate p1 b",
      data: .object([
        .init("now", .time, "virtual time"), .init("before", .time, "virtual time before that"),
        .init("facts", .count, "facts that are undone"),
        .init("fact", .optional(.shared(.fact)), "the last one left; null when there is none"),
        .init("changes", .shared(.changes), "what is different from before"),
        .init(
          "undone",
          .rows([.init("command", .text, "as typed"), .init("isWhole", .boolean, "whether all of it is undone")]),
          "commands that are undone"),
      ]), group: "Time", copiesWorld: true, effect: .nothing, isSaved: false, run: stepBack),
    Command(
      "undo", [Back.undone],
      summary: "take back the last command, or the last N",
      details: """
        Variables keep their values, but for one that the command set with `let`. Breakpoints and watched expressions stay.
        """, examples: ["undo", "undo 3"],
      preparation: "node add a b; spawn p1; migrate p1 b",
      data: wentBack([.init("undone", .list(.text), "commands as typed, the last first")]), group: "Time",
      copiesWorld: true, effect: .nothing, isSaved: false, run: undo),
    Command(
      "redo", [Back.redone], summary: "do again what was undone last, or the last N",
      details: "A new command that changes something forgets what was undone.", examples: ["redo", "redo 3"],
      preparation: "node add a b; spawn p1; migrate p1 b; undo 3",
      data: wentBack([.init("redone", .either([.text, .list(.text)]), "the command as typed; a list after `redo N`")]),
      group: "Time", copiesWorld: true, effect: .nothing, isSaved: false, run: redo),
    Command(
      "checkpoint", [Back.newCheckpoint], summary: "keep the world as it is under a name",
      examples: ["checkpoint before"], preparation: "node add a b; spawn p1; run 20ms",
      data: .only("checkpoint", .text, "its name"), group: "Time", copiesWorld: true,
      effect: .session, run: keep),
    Command(
      "checkpoint list", summary: "the checkpoints there are, and what is kept for going back",
      examples: ["checkpoint list"], preparation: "node add a b; spawn p1; run 20ms; checkpoint before",
      data: .list(.text),
      group: "Time",
      effect: .nothing, run: listCheckpoints),
    Command(
      "restore", [Back.checkpoint],
      summary: "make the world what it was at a checkpoint",
      details: "Variables, programs, commands of one's own, breakpoints and watched expressions stay as they are.",
      examples: ["restore before"], preparation: "node add a b; spawn p1; run 20ms; checkpoint before; migrate p1 b",
      data: wentBack([.init("restored", .text, "the name of the checkpoint")]),
      group: "Time", copiesWorld: true, isSaved: false, run: restore),
  ]

  private static func wentBack(_ what: [DataShape.Member]) -> DataShape {
    .object(
      [.init("now", .time, "virtual time"), .init("before", .time, "virtual time before that")] + what + [
        .init("changes", .shared(.changes), "what is different from before")
      ])
  }

  private static func stepBack(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let count = try call[Back.facts] ?? 1
    let before = session.state.world
    let way = try session.goBack(toEntry: before.log.total - count, call)
    let world = session.state.world
    let last = world.log.entries.last.map { FactSentence($0, world) }
    let differences = WorldDifferences(from: before, to: world)
    let facts = before.log.total - world.log.total
    let place = last.map { "last fact, \($0.text)" } ?? "nothing has happened yet"
    let more = facts > count ? "\(counted(facts, "fact")) are undone, since some came at once\n" : ""
    return Report([
      .sentence("\(moved(from: before, to: world, " again"))\n\(place)\n\(more)"), .sentence(differences.text),
      .sentence(undoneText(way.undone)),
      .facts([
        .init("now", .time(world.now)), .init("before", .time(before.now)), .init("facts", .count(facts)),
        .init("fact", last?.datum ?? .value(.none)), differences.item,
        .init("undone", .list(way.undone.map(datum))),
      ]),
    ])
  }

  /// Says what time it is now, and was before.
  private static func moved(from before: World, to world: World, _ again: String = "") -> String {
    let (old, new) = (formatTime(before.now), formatTime(world.now))
    return "it is \(new)\(again)" + (old == new ? "" : ", and was \(old)")
  }

  /// Says which statements are undone, and how they are done again.
  private static func undoneText(_ undone: [Past.Step]) -> String {
    guard !undone.isEmpty else { return "" }
    let (verb, them) = undone.count == 1 ? ("is", "it") : ("are", "them")
    let redo = undone.count == 1 ? "redo" : "redo \(undone.count)"
    return "\(list(undone)) \(verb) undone; `\(redo)` does \(them) again"
  }

  private static func datum(_ step: Past.Step) -> Report.Datum {
    .object([.init("command", .text(step.text)), .init("isWhole", .boolean(step.part == .whole))])
  }

  private static func undo(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let count = try count(
      Back.undone, call, of: session.past.done.count, session.options.undoDepth, "undone",
      none: "there is nothing to undo")
    let before = session.state.world
    let undone = (0..<count).compactMap { _ in session.undoStatement() }
    let world = session.state.world
    return report("took back \(list(undone)): ", " again", from: before, world) {
      .init("undone", .texts(undone.map(\.text)))
    }
  }

  private static func redo(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let count = try count(
      Back.redone, call, of: session.past.undone.count, session.options.undoDepth, "done again",
      none: "there is nothing to do again")
    let before = session.state.world
    let redone = (0..<count).compactMap { _ in session.redoStatement() }
    let world = session.state.world
    return report("did \(list(redone)) again: ", "", from: before, world) {
      count == 1 ? .init("redone", .text(redone.first?.text ?? "")) : .init("redone", .texts(redone.map(\.text)))
    }
  }

  /// How many commands are to be undone or done again.
  private static func count(
    _ parameter: OptionalParameter<Argument>, _ call: Invocation, of most: Int, _ limit: Int, _ what: String,
    none: String
  ) throws(SessionError) -> Int64 {
    var count: Int64 = 1
    if let argument = try call[parameter] {
      count = try call.integer(argument, in: 1...Int64(max(1, limit)), "a number of commands")
    }
    guard most >= count else {
      throw call.refuse(most == 0 ? none : "only \(counted(most, "command")) can be \(what)")
    }
    return count
  }

  private static func report(
    _ done: String, _ again: String, from before: World, _ world: World, _ item: () -> Report.Item
  ) -> Report {
    let differences = WorldDifferences(from: before, to: world)
    return Report([
      .sentence(done + moved(from: before, to: world, again)), .sentence(differences.text),
      .facts([.init("now", .time(world.now)), item(), .init("before", .time(before.now)), differences.item]),
    ])
  }

  /// Statements; of many, only some are shown.
  private static func list(_ steps: [Past.Step]) -> String {
    let most = 5
    let more = steps.count - min(most, steps.count)
    return steps.prefix(most).map(\.shown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  private static func keep(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[Back.newCheckpoint]
    session.past.checkpoints.removeAll { $0.name == name }
    let most = session.options.limits.checkpoints
    guard session.past.checkpoints.count < most else {
      throw .limit(call.source.diagnostic(at: call.call.span, "more than \(most) checkpoints"))
    }
    session.past.checkpoints.append((name, session.state))
    session.work.textBytes += session.state.world.pageBytes
    return Report("checkpoint \(name) at \(formatTime(session.state.world.now))", .init("checkpoint", .text(name)))
  }

  private static func listCheckpoints(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let columns: [Column<(name: String, state: SessionState)>] = [
      Column(shown: "CHECKPOINT") { $0.name }, Column("TIME>") { .time($0.state.world.now) },
      Column("NODES>") { .count($0.state.world.members.count) },
      Column("PROCESSES>") { .count($0.state.world.processes.all.count { $0.fate == .alive }) },
    ]
    let report = Report(
      Listing(session.past.checkpoints, columns) { .value(.text($0.name)) }, whenEmpty: "no checkpoints")
    guard let kept = session.past.keptText else { return report }
    return Report(report.blocks + [.sentence(kept)])
  }

  private static func restore(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[Back.checkpoint]
    guard let kept = session.past.checkpoints.first(where: { $0.name == name }) else {
      throw call.refuse("there is no checkpoint `\(name)`")
    }
    let before = session.state.world
    session.restore(kept.state, named: name)
    let world = session.state.world
    return report("", " again", from: before, world) { .init("restored", .text(name)) }
  }
}

private enum Back {
  static let facts = OptionalParameter("N", .count(in: 0...Int.max, "a number of facts"))
  /// These are read by the commands themselves, since only they know how many commands there are.
  static let undone = OptionalParameter("N", .argument(.count))
  static let redone = OptionalParameter("N", .argument(.count))
  static let newCheckpoint = Parameter("NAME", .newName)
  static let checkpoint = Parameter("NAME", .checkpoint)
}
