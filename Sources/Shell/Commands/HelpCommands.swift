import Chronicle
import CommandLanguage
import Simulator

/// Help, made from the tables that the parser and the evaluator use.
extension Commands {
  static let shell: [Command] =
    settings + [
      Command(
        "help", [helpTopic], flags: [printsSchema],
        summary: "what commands there are, or one of them, or a topic",
        details: """
          `help all` lists every command. Topics: \(topics.map(\.name).joined(separator: ", ")). Words of the field: \
          \(Concept.all.map(\.name).joined(separator: ", ")).
          """,
        examples: ["help now", "help", "help migrate", "help safe point", "help fields", "help json --schema"],
        data: .object([
          .init("help", .text, "the page", isAlwaysThere: false),
          .init("schema", .schema, "this schema, after `help json --schema`", isAlwaysThere: false),
        ]), group: "Shell", effect: .nothing, run: help),
      Command(
        "history", summary: "what was typed, and worked", examples: ["history"], preparation: "node add a b; spawn p1",
        data: .list(.text), group: "Shell", effect: .nothing
      ) {
        (session, _) throws(SessionError) in
        Report(
          Listing(session.transcript, []) { .value(.text($0)) }, session.transcript.joined(separator: "\n"))
      },
      Command(
        "quit", summary: "leave", examples: ["quit"], data: .nothing, group: "Shell", effect: .nothing, isSaved: false
      ) {
        (session, _) throws(SessionError) in
        session.hasQuit = true
        return Report([])
      },
    ]

  private static let printsSchema = Switch("schema", "with json: the schema of JSON output instead")
  private static let helpTopic = RepeatedParameter("TOPIC", .word(.topic), mayBeAbsent: true)

  struct Topic {
    let name: String
    /// Other words with which people ask for it.
    var synonyms: [String] = []
    let text: @Sendable () -> String
  }

  static let topics = [
    Topic(name: "fields", text: fieldsText), Topic(name: "programs", text: programsText),
    Topic(name: "expressions", text: { expressionsText }), Topic(name: "units", text: { unitsText }),
    Topic(name: "time", text: { timeText }),
    Topic(
      name: "settings",
      text: {
        sheet(
          Setting.all.map {
            ($0.name, $0.words.isEmpty ? $0.summary : "\($0.summary) (\($0.words.joined(separator: ", ")))")
          })
      }),
    Topic(name: "printing", text: { printingText }), Topic(name: "json", text: { jsonText }),
    Topic(name: "keys", text: { keysText }),
    Topic(
      name: "plain",
      synonyms: ["screen reader", "screen-reader", "screenreader", "accessibility", "accessible", "blind", "pictures"],
      text: { plainText }),
  ]

  private static func help(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let columns = session.options.columns
    var words: [String] = []
    for given in call[helpTopic] { words.append(try given.value) }
    let table = session.table
    guard !words.isEmpty else { return report(overview(table, columns: min(columns ?? 80, 80))) }
    let name = words.joined(separator: " ")
    if call.has(printsSchema) {
      guard name == "json" else {
        throw call.refuse(
          "only JSON output has a schema", at: call.span(of: printsSchema), remedy: "type `help json --schema`")
      }
      let schema = OutputSchema.json(table)
      return Report([.sentence(schema.indented), .facts([.init("schema", .json(schema))])])
    }
    if name == "all" { return report(list(table, session.helpTopics)) }
    let concept = Concept.all.first { $0.name == name.lowercased() }?.page(columns: columns)
    let added = session.helpTopics.first { $0.name == name }?.text(columns)
    if let spec = table.all.first(where: { $0.name == name }) {
      return report(([try page(spec, &session, call)] + [added, concept].compactMap(\.self)).joined(separator: "\n"))
    }
    if let added { return report(added) }
    if let topic = topics.first(where: { $0.name == name || $0.synonyms.contains(name.lowercased()) }) {
      return report(topic.text())
    }
    let verbs = table.all.filter { $0.words.starts(with: words) }
    let parts = [concept, verbs.isEmpty ? nil : sheet(verbs.map { (table.usage($0), $0.summary) })].compactMap(\.self)
    if !parts.isEmpty { return report(parts.joined(separator: "\n")) }
    if let setting = setting(words) { return report(setting.wrapped(at: min(columns ?? 100, 100))) }
    throw call.refuse(
      "there is no help on `\(name)`", at: call.span(of: helpTopic),
      suggestion: closest(
        to: name,
        among: table.all.map(\.name) + topics.map(\.name) + Concept.all.map(\.name) + session.helpTopics.map(\.name)),
      remedy: "`help` lists the commands, `help help` all topics")
  }

  /// What help says of a setting, named alone or behind `set`.
  private static func setting(_ words: [String]) -> String? {
    let names = words.count == 2 && words[0] == "set" ? words.dropFirst() : words[...]
    guard names.count == 1, let setting = Setting.all.first(where: { $0.name == names.first }) else { return nil }
    let values = setting.words.isEmpty ? "" : " (\(setting.words.joined(separator: ", ")))"
    return "`set \(setting.name) VALUE`: \(setting.summary)\(values)"
  }

  /// The page on a command. The events of its example count as those of any experiment.
  private static func page(
    _ spec: CommandSpec, _ session: inout Session, _ call: Invocation
  ) throws(SessionError) -> String {
    let columns = session.options.columns
    let example = Example(spec).execute(
      on: session.options.screen, spent: session.work, limits: session.options.limits,
      isInterrupted: session.isInterrupted)
    session.work += example.work
    try session.requireWorkLeft(call)
    return session.table.helpPage(of: spec, columns: columns, example: example.text)
  }

  private static func report(_ text: String) -> Report { Report(prose: text, [.init("help", .text(text))]) }

  /// What fits one screen: what to type first, and the words with which commands begin.
  private static func overview(_ table: CommandTable, columns: Int) -> String {
    let groups = groups(table)
    let width = (groups.map(\.count).max() ?? 0) + 4
    var text = """
      Type first:  node add a b  two machines
                   spawn p       a process, on the first of them
                   run 100ms     time passes
                   migrate p b   it moves: you see what it cost
                   undo          as if it had not been

      """
    for group in groups {
      var words: [String] = []
      for spec in table.all where spec.group == group && !words.contains(spec.words[0]) { words.append(spec.words[0]) }
      let lines = words.joined(separator: ", ").wrapped(at: columns - width).split(separator: "\n")
      for (number, line) in lines.enumerated() {
        let label = number == 0 ? "  " + group : ""
        text += label + String(repeating: " ", count: width - label.count) + line + "\n"
      }
    }
    let more = """
      `help COMMAND` tells all of one, `help all` lists every command. Words of the field: `help safe point`, \
      `help kinds` and more, see `help help`. Tab completes. With a screen reader: `help plain`.
      """
    return text + more.wrapped(at: columns) + "\n"
  }

  private static func groups(_ table: CommandTable) -> [String] {
    var groups: [String] = []
    for spec in table.all where !groups.contains(spec.group) { groups.append(spec.group) }
    let order = [
      "Cluster", "Processes", "Jobs", "Migration", "Policy", "Messages", "Time", "Seeing", "Scripting", "Shell",
    ]
    return groups.sorted { (order.firstIndex(of: $0) ?? order.count) < (order.firstIndex(of: $1) ?? order.count) }
  }

  /// Every command, in a line.
  private static func list(_ table: CommandTable, _ added: [HelpTopic]) -> String {
    let width = table.all.map(\.name.count).max() ?? 0
    var text = ""
    for group in groups(table) {
      text += "\(group)\n"
      for spec in table.all where spec.group == group {
        text += "  \(spec.name)\(String(repeating: " ", count: width - spec.name.count))  \(spec.summary)\n"
      }
    }
    let names = topics.map(\.name) + added.filter(\.isListed).map(\.name)
    return text + "`help COMMAND` tells more of one. Topics: \(names.map { "help \($0)" }.joined(separator: ", ")).\n"
  }

  private static func fieldsText() -> String {
    Fields.all.map { group in
      "\(group.title)\n" + sheet(group.fields.map { ("  \(group.prefix)\($0.name)", $0.summary) })
    }
    .joined()
  }

  private static func programsText() -> String {
    let steps = Step.Word.allCases.compactMap(\.help).map { usage, summary in
      "  \(usage)\(String(repeating: " ", count: max(1, 33 - usage.count)))\(summary)\n"
    }
    return """
      A program is written in steps; each takes core time: `compute T` takes T on a core of speed 1, every other step 100 ns,
      each page of a range counts as a step. `sleep` and waiting take none.
      \(steps.joined())\
      In a program `$x` is set with `spawn --set x=value`, or taken from the shell's variables. Set by themselves: $self, $parent,
      $pages (how many pages it has), $last (the number of the last page).

      """
  }

  private static let expressionsText = """
    Numbers with units, "texts", true, false, none, names, $variables, [lists] and paths such as p1.node.
      + - * / %           minus needs a space on both sides; % that touches a number is its unit
      == != < <= > >=     compare
      and or not in       combine; `b in cluster.nodes`
      count min max sum abs
    A list can be made from another: what becomes of each element, and which elements are taken.
      count($m for m in cluster.messages where $m.from == p1 and $m.to == p2)
      sum($m.freezeTime for m in cluster.migrations where $m.process == p1)
      [$p for p in cluster.processes where $p.node == a]
    `event.node-failed.last` is when a node failed last; also `.first` and `.count`.
    `help fields` lists what a path can say.

    """

  private static let printingText = """
    Every command that prints takes
      --to FILE           write the output to a file, and not to the screen
      --append            add to what the file holds
    At a terminal also
      ps | less           a command of the system's shell reads the output; the rest of the line is its
      set pager off       what is longer than the terminal is not shown a page at a time any more
    `set format json` and `set format csv` print data: times in nanoseconds, sizes in bytes.

    """

  private static let jsonText = """
    `set format json`, or `migsh … --format json`, prints a line of JSON a command:
      v         1. As long as it is 1, no name goes away or changes its meaning.
      place     FILE:LINE of the command
      name      the command's name, as `help all` has it: this says what `data` is
      command   the command as typed
      ok        whether all is well
      now       virtual time after it, in nanoseconds
      data      what it had to say: an object, or a list with an object a row
      error     null; or what was refused, where and why, and what can be done: then
                `data` is null
      watched   expressions of `watch` that have changed, when some have
    Times are whole nanoseconds, sizes bytes, rates bits a second, shares fractions
    of 1. Nodes and processes are texts, their names. What is not known is null.
    With `--to FILE` the line goes to the file, and {"file": …} to the screen. A
    command that a breakpoint stopped says why in `data.stopped`. When a lesson is
    played, what it says between commands has no name.
    `help json --schema` prints the JSON Schema (2020-12) of all this, with what
    `data` is of each command. To check and to pick with other programs:
      migsh -c 'help json --schema' > schema.json
      migsh x.migsh --format json | jq 'select(.name == "migrate").data.freezeTime'

    """

  private static let timeText = """
    Time stands still between commands.
      run, run until, step        let it pass: so long, until something holds, to the next fact of the log
      wait, migrate, spawn        let it pass until what they began is done
      break on, break when        stop all these at facts of a kind, or when something begins to hold; `run` goes on
      watch                       shows a value after every command that changed it
      step back                   goes back by facts: into the midst of a command too
      undo, redo                  go back and forward by commands
      checkpoint, restore         keep the world under a name, and come back to it
    One after the other:
      break when p1.state == frozen
      migrate p1 b                stops when p1 is frozen
      step back                   to the fact before
      step                        forward again; `redo` does the rest of the command
      break delete 1
    What goes back says what is different: `p1: running on a → frozen on a`. Variables, breakpoints and watched
    expressions belong to the session and stay. A new command forgets what `redo` could have done.

    """

  private static let unitsText = """
    times   ns us ms s min h
    sizes   B KiB MiB GiB kB MB GB
    rates   bps kbps Mbps Gbps
    shares  %
    A bare number is a count.

    """
}
