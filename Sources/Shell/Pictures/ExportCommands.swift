import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that write pictures, and what happened, for other programs.
extension Commands {
  static let exports: [Command] = [
    picture(
      "timeline", flags: [TimelineChoice.onlyProcesses] + TimelineChoice.flags,
      examples: ["run.svg", "run.txt --process p1 --from 10ms --until 20ms --force"]
    ) {
      (session, call) throws(SessionError) in
      let timeline = try TimelineChoice.timeline(
        of: call.given(TimelineChoice.onlyProcesses), call, session.state.world)
      return (timeline.picture, Report([.facts(timeline.items)]))
    },
    picture("map", examples: ["cluster.svg", "cluster.svg --force"]) { (session, call) throws(SessionError) in
      let map = ClusterMap(session.state.world)
      return (map.picture, Report([.facts(map.items)]))
    },
    picture(
      "rounds", flags: [Export.migration], examples: ["rounds.svg --migration 1", "rounds.svg --migration 1 --force"]
    ) {
      (session, call) throws(SessionError) in
      let chart = try rounds(
        call[Export.migration], at: call.span(of: Export.migration), call, session.state.world)
      return (chart.picture, Report([.facts(chart.items)]))
    },
    picture("load", flags: [Export.over], examples: ["load.svg --over 10s", "load.svg --over 10s --force"]) {
      (session, call) throws(SessionError) in
      let history = LoadHistory(over: try call[Export.over] ?? .max, in: session.state.world)
      return (history.picture, Report([.facts(history.items)]))
    },
    Command(
      "export memory", [Export.process, Export.file], flags: [Export.force, memoryInstant],
      summary: "write the map of a process's pages to a file", details: pictureKinds,
      examples: ["export memory p1 pages.svg", "export memory p1 before.svg --at 20ms --force"], preparation: moved,
      data: exportedFile, group: "Seeing",
      effect: .nothing, isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.svg, .txt, .json]) { (session, kind) throws(SessionError) in
        let map: MemoryMap
        if let instant = try call[memoryInstant] {
          var past = copy session
          map = try pastMemory(
            of: call[Export.pastProcess], at: instant, span: call.span(of: memoryInstant), &past, call)
        } else {
          map = try memoryMap(call, of: Export.process, session)
        }
        return text(of: map.picture, Report([.facts(map.items)]), "memory", as: kind, session)
      }
    },
    Command(
      "export messages", [Export.file], flags: [Export.force] + PacketChoice.flags,
      summary: "write the space-time diagram of the latest packets to a file",
      details: pictureKinds + " FILE.mmd is a sequence diagram for Mermaid.",
      examples: [
        "export messages talk.svg --last 40", "export messages talk.mmd --message 1",
        "export messages talk.json --process p1 --node a --force",
      ], preparation: moved, data: exportedFile, group: "Seeing",
      effect: .nothing,
      isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.svg, .txt, .json, .mmd]) { (session, kind) throws(SessionError) in
        let diagram = try SpaceTimeDiagram(call, in: session.state.world)
        if kind == .mmd { return Mermaid.text(diagram.diagram) }
        return text(of: diagram.picture, Report([.table(diagram.listing.dataOnly)]), "messages", as: kind, session)
      }
    },
    Command(
      "export trace", [Export.file], flags: [Export.force],
      summary: "write nodes, processes, migrations and messages over time, for Perfetto",
      details: "FILE.json is in the Chrome Trace Event Format: nodes are its processes, processes its threads.",
      examples: ["export trace run.json", "export trace run.json --force"], preparation: moved, data: exportedFile,
      group: "Seeing", effect: .nothing,
      isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.json]) { (session, _) throws(SessionError) in
        ChromeTrace(session.state.world).text
      }
    },
    Command(
      "export log", [Export.file], flags: [Export.force], summary: "write the log to a file",
      details: """
        FILE.csv has an entry in each line, FILE.json is an array of objects, and FILE.shiviz has vector clocks \
        for ShiViz.
        """,
      examples: ["export log run.csv", "export log run.shiviz", "export log log.json --force"], preparation: moved,
      data: exportedFile, group: "Seeing", effect: .nothing,
      isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.csv, .json, .shiviz]) { (session, kind) throws(SessionError) in
        let world = session.state.world
        switch kind {
        case .csv: return LogFile.csv(world)
        case .shiviz: return ShiViz(world).text
        default: return JSON.array(listing(world.log.entries, world).data(in: world)).encoded + "\n"
        }
      }
    },
    Command(
      "export report", [Export.file], flags: [Export.force],
      summary: "write a page with all pictures, tables, the log and the script, and a slider through time",
      details: """
        FILE.html needs no other file and no network. With the slider, timeline, map, memory and events go through the run \
        together. Of long lists it has the latest: \(RunPage.mostEntries) entries of the \
        log, \(RunPage.mostPackets) packets, \(RunPage.mostCharts) migrations with rounds.
        """,
      examples: ["export report run.html", "export report run.html --force"], preparation: moved, data: exportedFile,
      group: "Seeing", effect: .nothing,
      isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.html]) { (session, _) throws(SessionError) in
        try RunPage.text(of: session, call)
      }
    },
  ]

  /// What the examples show.
  private static let moved =
    "node add a b; spawn p1; run 20ms; migrate p1 b --pretransfer; send p1 p1 \"x\"; run 10ms"

  private static let exportedFile = DataShape.object([
    .init("file", .text, "the file as typed"),
    .init("kind", .word(["svg", "txt", "json", "mmd", "csv", "shiviz", "html"]), "what it was written as"),
  ])

  private static let pictureKinds =
    "FILE.svg is a picture, light or dark as its reader likes; FILE.txt the same in characters; FILE.json its data."

  /// A command that writes a picture to a file.
  private static func picture(
    _ name: String, flags: [any FlagDeclaration] = [], examples: [String],
    make: @escaping @Sendable (borrowing Session, Invocation) throws(SessionError) -> (Picture, Report)
  ) -> Command {
    Command(
      "export \(name)", [Export.file], flags: [Export.force] + flags, summary: "write what `\(name)` shows to a file",
      details: pictureKinds, examples: examples.map { "export \(name) \($0)" }, preparation: moved, data: exportedFile,
      group: "Seeing",
      effect: .nothing, isSaved: false
    ) { (session, call) throws(SessionError) in
      try export(&session, call, as: [.svg, .txt, .json]) { (session, kind) throws(SessionError) in
        let (picture, data) = try make(session, call)
        return text(of: picture, data, name, as: kind, session)
      }
    }
  }

  /// Writes a file, of the kind that the end of its name says.
  private static func export(
    _ session: inout Session, _ call: Invocation, as kinds: [Export.Kind],
    make: (borrowing Session, Export.Kind) throws(SessionError) -> String
  ) throws(SessionError) -> Report {
    let path = try call[Export.file]
    let place = call.span(of: Export.file)
    guard let kind = kinds.first(where: { path.hasSuffix(".\($0)") }) else {
      throw call.refuse(
        "the end of `\(path)` does not say what kind of file it is", at: place,
        expected: "a name that ends in \(kinds.map { ".\($0)" }.joined(separator: " or "))")
    }
    let file = try call.newFile(path, at: place, replacing: call.has(Export.force), session)
    try call.write(try make(session, kind), to: file, typedAs: path, at: place)
    return Report("wrote \(path)", .init("file", .text(path)), .init("kind", .word("\(kind)")))
  }

  private static func text(
    of picture: Picture, _ data: Report, _ name: String, as kind: Export.Kind, _ session: borrowing Session
  ) -> String {
    switch kind {
    case .svg: return SVGRenderer().document(picture, name: name)
    case .json: return data.data(in: session.state.world).encoded + "\n"
    case .txt, .mmd, .csv, .shiviz, .html:
      return CharacterRenderer(screen: session.options.screen.asFile).text(picture)
    }
  }
}

private enum Export {
  /// The kinds of files, by the ends of their names.
  enum Kind { case svg, txt, json, mmd, csv, shiviz, html }

  static let process = Parameter("P", .liveProcess)
  static let pastProcess = Parameter("P", .process)
  static let file = Parameter("FILE", .word(.path))
  static let force = Switch("force", "replace a file that is there already")
  static let migration = Flag("migration", .migrationNumber, valueName: "N", "which migration (the latest with rounds)")
  static let over = Flag("over", .time(in: 1...Int64.max, "a time"), "only the last time T (all)")
}
