import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Breakpoints, and expressions that are watched.
extension Commands {
  static let lookouts: [Command] = [
    Command(
      "break on", [Lookout.kind],
      summary: "stop commands that let time pass at facts of a kind",
      details: "Kinds are those of `log --kind`. \(stopping)", examples: ["break on migration", "break on output"],
      preparation: "node add a b; spawn p1; run 20ms", sequel: "migrate p1 b",
      data: .object([
        .init("breakpoint", .count, "its number"),
        .init("on", .word(LogKind.allCases.map(\.rawValue)), "the kind of fact that it waits for"),
        .init("holds", .boolean, "false"),
      ]), group: "Time", effect: .session, run: breakOn),
    Command(
      "break when", [Lookout.condition], flags: [Lookout.later],
      summary: "stop commands that let time pass when something begins to hold",
      details: """
        It is asked as `run until` asks. What holds already stops nothing until it has been false in between, and an \
        expression without a value, such as one about a process that is not there any more, does not hold. Variables keep \
        the values that they have now. \(stopping)
        """,
      examples: ["break when p1.state == frozen", "break when now >= 50ms", "break when p9.state == ended --later"],
      preparation: "node add a b; spawn p1; run 20ms", sequel: "migrate p1 b",
      data: .object([
        .init("breakpoint", .count, "its number"), .init("when", .text, "the condition as typed"),
        .init("holds", .boolean, "whether it holds already"),
      ]), group: "Time", effect: .session, run: breakWhen),
    Command(
      "break list", summary: "the breakpoints there are",
      examples: ["break list"], preparation: "node add a b; break on migration",
      data: .rows([
        .init("breakpoint", .count, "its number"), .init("stops", .text, "at what, in words"),
        .init(
          "now", .optional(.word(["holds", "does not hold", "no value"])),
          "how its condition stands; null when it has none"),
      ]), group: "Time", effect: .nothing, run: listBreaks),
    Command(
      "break delete", [Lookout.number], summary: "forget a breakpoint", examples: ["break delete 1"],
      preparation: "node add a b; break on migration", data: .only("breakpoint", .count, "its number"), group: "Time",
      effect: .session, run: deleteBreak),
    Command(
      "watch", [Lookout.expression], flags: [Lookout.later],
      summary: "show the value of an expression whenever a command has changed it",
      details: "Variables keep the values that they have now. It stays when one goes back in time.",
      examples: ["watch p1.node", "watch message.delivered", "watch p9.node --later"],
      preparation: "node add a b; spawn p1; run 20ms", sequel: "migrate p1 b --async; run 100ms",
      data: .object(watchedExpression), group: "Time",
      effect: .session, run: watch),
    Command(
      "watch list", summary: "the expressions that are watched", examples: ["watch list"],
      preparation: "node add a b; spawn p1; watch p1.node", data: .rows(watchedExpression), group: "Time",
      effect: .nothing, run: listWatches),
    Command(
      "watch delete", [Lookout.number], summary: "watch an expression no more", examples: ["watch delete 1"],
      preparation: "node add a b; spawn p1; watch p1.node", data: .only("watch", .count, "its number"), group: "Time",
      effect: .session, run: deleteWatch),
  ]

  private static let watchedExpression: [DataShape.Member] = [
    .init("watch", .count, "its number"), .init("expression", .text, "as typed"),
    .init("value", .anything, "its value; null when it has none"),
  ]

  private static let stopping = """
    Only what comes about while time passes counts, and not what a command does at once. `run`, `run until`, `step`, `wait`, \
    `migrate` and all others that let time pass stop there, as if they were done: a script goes on with its next command, and \
    `run` lets time go on. Breakpoints belong to the session: `undo`, `restore` and `reset` leave them.
    """

  // MARK: - Breakpoints

  private static func breakOn(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let word = try call[Lookout.kind]
    guard let kind = LogKind(rawValue: word) else { throw call.refuse("`\(word)` is no kind of fact") }
    return try add(.on(kind), to: &session, call)
  }

  private static func breakWhen(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (kept, value) = try kept(Lookout.condition, session, call)
    var holds = false
    if let value {
      guard case .boolean(let truth) = value else {
        throw call.refuse(
          "`\(kept.text)` is \(value.kind)", at: kept.expression.span,
          expected: "true or false, as from `p1.node == b`")
      }
      holds = truth
    }
    return try add(.when(kept), to: &session, call, holds: holds)
  }

  private static func add(
    _ breakpoint: Lookouts.Breakpoint, to session: inout Session, _ call: Invocation, holds: Bool = false
  ) throws(SessionError) -> Report {
    if let same = session.state.lookouts.orderedBreaks.first(where: { $0.breakpoint == breakpoint }) {
      throw call.refuse("breakpoint \(same.number) is the same")
    }
    guard session.state.lookouts.breaks.count < Lookouts.most else {
      throw call.refuse(
        "there are \(Lookouts.most) breakpoints already", expected: "at most \(Lookouts.most)",
        remedy: "`break delete N` forgets one")
    }
    let number = session.state.lookouts.add(breakpoint)
    let already = holds ? "\nit holds already, and stops nothing until it has been false in between" : ""
    return Report(
      "breakpoint \(number), \(breakpoint.text)\(already)", .init("breakpoint", .count(number)),
      item(breakpoint), .init("holds", .boolean(holds)))
  }

  private static func item(_ breakpoint: Lookouts.Breakpoint) -> Report.Item {
    switch breakpoint {
    case .on(let kind): .init("on", .word(kind.rawValue))
    case .when(let kept): .init("when", .text(kept.text))
    }
  }

  private static func listBreaks(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    typealias Row = (number: Int, breakpoint: Lookouts.Breakpoint)
    let (world, effort) = (session.state.world, session.effort)
    let columns: [Column<Row>] = [
      Column("NUMBER>", "breakpoint") { .count($0.number) }, Column("STOPS", "stops") { .text($0.breakpoint.text) },
      Column("NOW", "now") { row in
        guard case .when(let kept) = row.breakpoint else { return .none }
        guard let value = try? kept.value(in: world, effort), case .boolean(let holds) = value else {
          return .word("no value")
        }
        return .word(holds ? "holds" : "does not hold")
      },
    ]
    return Report(Listing(session.state.lookouts.orderedBreaks, columns), whenEmpty: "no breakpoints")
  }

  private static func deleteBreak(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let number = try call[Lookout.number]
    guard let breakpoint = session.state.lookouts.removeBreak(number) else {
      throw call.refuse(
        "there is no breakpoint \(number)", at: call.span(of: Lookout.number),
        remedy: "`break list` shows which there are")
    }
    return Report("breakpoint \(number), \(breakpoint.text), is forgotten", .init("breakpoint", .count(number)))
  }

  // MARK: - Watched expressions

  private static func watch(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (kept, value) = try kept(Lookout.expression, session, call)
    if let same = session.state.lookouts.orderedWatches.first(where: { $0.watched.kept == kept }) {
      throw call.refuse("watch \(same.number) is the same")
    }
    guard session.state.lookouts.watches.count < Lookouts.most else {
      throw call.refuse(
        "\(Lookouts.most) expressions are watched already", expected: "at most \(Lookouts.most)",
        remedy: "`watch delete N` forgets one")
    }
    let number = session.state.lookouts.add(Lookouts.Watched(kept: kept, value: value))
    return Report(
      "watch \(number): \(kept.text) is \(Lookouts.shown(value, session.state.world))",
      .init("watch", .count(number)), .init("expression", .text(kept.text)), .init("value", value ?? .none))
  }

  private static func listWatches(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    typealias Row = (number: Int, watched: Lookouts.Watched)
    let world = session.state.world
    let columns: [Column<Row>] = [
      Column("NUMBER>", "watch") { .count($0.number) },
      Column("EXPRESSION", "expression") { .text($0.watched.kept.text) },
      Column("VALUE", "value", { $0.watched.value ?? .none }, shown: { Lookouts.shown($0.watched.value, world) }),
    ]
    return Report(Listing(session.state.lookouts.orderedWatches, columns), whenEmpty: "nothing is watched")
  }

  private static func deleteWatch(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let number = try call[Lookout.number]
    guard let watched = session.state.lookouts.removeWatch(number) else {
      throw call.refuse(
        "there is no watch \(number)", at: call.span(of: Lookout.number), remedy: "`watch list` shows which there are")
    }
    return Report("watch \(number), \(watched.kept.text), is forgotten", .init("watch", .count(number)))
  }

  /// An expression to keep, with the value that it has now; nil when it may have none yet.
  private static func kept(
    _ parameter: Parameter<Argument>, _ session: borrowing Session, _ call: Invocation
  ) throws(SessionError) -> (Lookouts.Kept, Value?) {
    guard case .expression(let expression, let span) = try call[parameter] else {
      throw call.refuse("an expression is missing")
    }
    // The span of an expression leaves out the parentheses around it.
    let flag = call.span(of: Lookout.later).map(\.start).flatMap { $0 > span.start ? $0 : nil }
    let start = call.call.argumentStart(before: span.start, flag: call.span(of: Lookout.later))
    let end = flag ?? call.call.span.end
    let text = call.source.text(SourceSpan(start: start, end: end)).trimmingBlanks
    guard text.utf8.count <= Lookout.longest else {
      throw call.refuse("this expression is longer than \(Lookout.longest) bytes", at: span)
    }
    let used = Set(SourceText(name: "", text: text).usedVariables())
    let kept = Lookouts.Kept(
      expression: expression, text: text, source: call.source,
      variables: session.state.variables.filter { used.contains($0.key) })
    do throws(Diagnostic) { return (kept, try kept.value(in: session.state.world, session.effort)) } catch {
      guard call.has(Lookout.later) else { throw .refused(error) }
      return (kept, nil)
    }
  }
}

extension CommandCall {
  /// Where the only argument starts: after the words, and after a flag that stands before it.
  fileprivate func argumentStart(before place: Int, flag: SourceSpan?) -> Int {
    if let flag, flag.end <= place { return flag.end }
    return wordsSpan.end
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    let rest = drop(while: \.isWhitespace)
    return String(
      rest.prefix(upTo: rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex))
  }
}

private enum Lookout {
  static let kind = Parameter("KIND", .word(.word(LogKind.allCases.map(\.rawValue))))
  static let condition = Parameter("EXPRESSION", .argument(.expression))
  static let expression = Parameter("EXPRESSION", .argument(.expression))
  static let later = Switch("later", "it may name what is not there yet")
  static let number = Parameter("N", .count(in: 1...Lookouts.most, "a number from the list"))
  /// Bytes of an expression that is kept.
  static let longest = 2000
}

extension Session {
  /// The watched expressions that have another value now than when they were shown last.
  mutating func changedWatches() -> [Lookouts.WatchChange] {
    state.lookouts.watches.isEmpty ? [] : state.lookouts.update(in: state.world, effort)
  }
}
