import Chronicle
import CommandLanguage
import Simulator

/// Help, made from the tables that the parser and the evaluator use.
extension Commands {
  static let shell: [Command] =
    settings + [
      Command(
        "help", [helpTopic],
        summary: "what commands there are, or one of them, or a topic",
        details: "Topics: \(topics.map(\.name).joined(separator: ", ")).",
        examples: ["help", "help migrate", "help fields"],
        group: "Shell", effect: .nothing, run: help),
      Command("history", summary: "what was typed, and worked", group: "Shell", effect: .nothing) {
        (session, _) throws(SessionError) in
        Report(
          Listing(session.transcript, []) { .value(.text($0)) }, session.transcript.joined(separator: "\n"))
      },
      Command("quit", summary: "leave", group: "Shell", effect: .nothing, isSaved: false) {
        (session, _) throws(SessionError) in
        session.hasQuit = true
        return Report([])
      },
    ]

  private static let helpTopic = RepeatedParameter("TOPIC", .word(.topic), mayBeAbsent: true)

  struct Topic {
    let name: String
    let text: @Sendable () -> String
  }

  static let topics = [
    Topic(name: "fields", text: fieldsText), Topic(name: "programs", text: programsText),
    Topic(name: "expressions", text: { expressionsText }), Topic(name: "units", text: { unitsText }),
    Topic(
      name: "settings",
      text: {
        sheet(
          Setting.all.map {
            ($0.name, $0.words.isEmpty ? $0.summary : "\($0.summary) (\($0.words.joined(separator: ", ")))")
          })
      }),
    Topic(name: "json", text: { outputSchema }), Topic(name: "keys", text: { keysText }),
  ]

  private static func help(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var words: [String] = []
    for given in call[helpTopic] { words.append(try given.value) }
    let table = session.table
    guard !words.isEmpty else { return report(overview(table)) }
    let name = words.joined(separator: " ")
    if let spec = table.all.first(where: { $0.name == name }) { return report(page(spec, table)) }
    if words.count == 1, let topic = topics.first(where: { $0.name == name }) { return report(topic.text()) }
    let verbs = table.all.filter { $0.words.starts(with: words) }
    if !verbs.isEmpty { return report(sheet(verbs.map { (table.usage($0), $0.summary) })) }
    throw call.refuse(
      "there is no help on `\(name)`", at: call.span(of: helpTopic),
      suggestion: closest(to: name, among: table.all.map(\.name) + topics.map(\.name)),
      remedy: "`help` lists the commands")
  }

  private static func report(_ text: String) -> Report { Report(text, .init("help", .text(text))) }

  private static func overview(_ table: CommandTable) -> String {
    var groups: [String] = []
    for spec in table.all where !groups.contains(spec.group) { groups.append(spec.group) }
    let order = [
      "Cluster", "Processes", "Jobs", "Migration", "Policy", "Messages", "Time", "Seeing", "Scripting", "Shell",
    ]
    groups.sort { (order.firstIndex(of: $0) ?? order.count) < (order.firstIndex(of: $1) ?? order.count) }
    let width = table.all.map(\.name.count).max() ?? 0
    var text = ""
    for group in groups {
      text += "\(group)\n"
      for spec in table.all where spec.group == group {
        text += "  \(spec.name)\(String(repeating: " ", count: width - spec.name.count))  \(spec.summary)\n"
      }
    }
    return text
      + "`help COMMAND` tells more of one. Topics: \(topics.map { "help \($0.name)" }.joined(separator: ", ")).\n"
  }

  private static func page(_ spec: CommandSpec, _ table: CommandTable) -> String {
    var text = "\(table.usage(spec))\n\(spec.summary)\n"
    if !spec.details.isEmpty { text += spec.details.wrapped(at: 100) + "\n" }
    if !spec.flags.isEmpty {
      text += sheet(
        spec.flags.map { ("  \($0.notation)", $0.summary) })
    }
    if !spec.examples.isEmpty { text += spec.examples.map { "  \($0)\n" }.joined() }
    if spec.needsWorldCopy { text += "It needs a copy of the world, which a live cluster cannot give.\n" }
    return text
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
    `help fields` lists what a path can say.

    """

  private static let unitsText = """
    times   ns us ms s
    sizes   B KiB MiB GiB kB MB GB
    rates   bps kbps Mbps Gbps
    shares  %
    A bare number is a count.

    """
}
