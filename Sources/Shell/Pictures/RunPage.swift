import Chronicle
import CommandLanguage
import Simulator

/// A page about a run: what commands show, one below the other, as HTML that needs no other file and no network. A slider
/// goes through the run; without its program the page has all pictures and tables all the same.
enum RunPage {
  static let mostEntries = 10_000
  static let mostPackets = 40
  static let mostCharts = 10
  private static let mostMemories = 6

  /// A part of the page: what a command shows.
  private struct Section {
    let title: String
    let command: String
    /// By which the program finds it.
    var identifier: String?
  }

  static func text(of session: borrowing Session, _ call: Invocation) throws(SessionError) -> String {
    var session = copy session
    session.options.isInteractive = false
    let world = session.state.world
    var moments = RunMoments(world, entries: world.log.entries.suffix(mostEntries))
    try moments.lookAtMemory(&session, call)
    var body = try throughTime(moments, in: &session)
    for (number, section) in sections(of: world).enumerated() {
      let report = try report(of: section.command, in: &session)
      body += "<section aria-labelledby=\"h\(number)\"\(section.identifier.map { " id=\"\($0)\"" } ?? "")>\n"
      body += "<h2 id=\"h\(number)\">\(SVGPage.escaped(section.title))</h2>\n"
      body += html(report, section.title, name: "p\(number)", in: world) + "</section>\n"
    }
    let script = session.savedLines.joined(separator: "\n")
    let title = "A run of migsh up to \(formatTime(world.now))"
    return """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'sha256-\(RunPageScript.digest)'; base-uri 'none'; form-action 'none'"/>
      <meta name="viewport" content="width=device-width"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(title)</title>
      <style>
      \(RunPageStyle.text)</style>
      </head>
      <body>
      <main>
      <h1>\(title)</h1>
      \(body)<section aria-labelledby="script">
      <h2 id="script">Script</h2>
      <pre tabindex="0" role="group" aria-label="Script">\(SVGPage.escaped(script))</pre>
      </section>
      </main>
      <script type="application/json" id="run">\(moments.text)</script>
      <script>\(RunPageScript.text)</script>
      </body>
      </html>

      """
  }

  private static func sections(of world: World) -> [Section] {
    var sections = [
      Section(title: "Map", command: "map"),
      Section(title: "Load over time", command: "load --over \(max(1, world.now))ns"),
      Section(title: "Nodes", command: "node list"), Section(title: "Load", command: "load"),
      Section(title: "Processes", command: "ps"), Section(title: "Migrations", command: "migration list"),
    ]
    for record in world.migrations.all.filter({ !$0.rounds.isEmpty }).suffix(mostCharts) {
      sections.append(Section(title: "Rounds of migration \(record.number)", command: "rounds \(record.number)"))
    }
    // Those that moved matter most.
    let alive = world.processes.all.filter { world.view(of: $0) != nil }
    let moved = alive.filter { !$0.migrations.isEmpty }
    for record in moved.isEmpty ? alive.prefix(1) : moved.prefix(mostMemories) {
      sections.append(Section(title: "Memory of \(record.name)", command: "memory \(record.name)"))
    }
    return sections + [
      Section(title: "Messages", command: "messages --last \(mostPackets)"),
      Section(title: "Lines", command: "network show"), Section(title: "Network", command: "stats"),
      Section(title: "Log", command: "log --last \(mostEntries)", identifier: "log"),
    ]
  }

  // MARK: - Through time

  /// The timeline, and what the program shows of one instant.
  private static func throughTime(_ moments: RunMoments, in session: inout Session) throws(SessionError) -> String {
    let timeline = html(
      try report(of: "timeline", in: &session), "Timeline", name: "timeline", in: session.state.world)
    let remarks = moments.remarks.map { "<p class=\"quiet\">\(SVGPage.escaped($0))</p>\n" }.joined()
    return """
      <section aria-labelledby="through-time">
      <h2 id="through-time">Timeline</h2>
      <p id="no-script">With JavaScript, a slider here goes through the run: timeline, map, memory and events move together.</p>
      <div id="controls" role="group" aria-label="Time" hidden="hidden">
      <button type="button" id="play">Play</button>
      <button type="button" id="back">Earlier event</button>
      <button type="button" id="next">Later event</button>
      <label for="slider">Time</label>
      <input type="range" id="slider" min="0" max="1000" step="1" value="1000"/>
      <span id="clock"></span>
      </div>
      \(timeline)<div id="moment" hidden="hidden">
      <div class="panel" id="map-panel">
      <h3>Nodes at that time</h3>
      <div id="islands"></div>
      <p id="cuts"></p>
      \(legend(RunMoments.states.map { ($0, Timeline.word($0).split(separator: "-").joined(separator: " ")) }))</div>
      <div class="panel" id="memory-panel">
      <h3><label for="process">Memory of</label> <select id="process"></select></h3>
      <p id="pages-text"></p>
      <div id="pages" role="img" aria-label="Pages"></div>
      \(pageLegend)\(remarks)</div>
      <div class="panel" id="events-panel">
      <h3>Events</h3>
      <ol id="events"></ol>
      </div>
      </div>
      </section>

      """
  }

  /// How pages are drawn, by the letters that stand for them in data: each in a shape of its own. The program takes the shapes
  /// from here.
  private static let pageShapes: [(ink: Ink, letter: String, shape: String)] = [
    (.empty, "e", "M4 4h3v3h-3z"), (.touched, "t", "M0 0h11v11h-11z"),
    (.dirty, "d", "M5.5 0l5.5 5.5l-5.5 5.5l-5.5 -5.5z"),
    (.remote, "r", "M0 0h11v11h-11zM3 3v5h5v-5z"),
  ]

  private static var pageLegend: String {
    let entries = pageShapes.map { ink, letter, shape in
      """
      <li><svg viewBox="0 0 11 11" aria-hidden="true"><path id="shape-\(letter)" class="k-\(ink)" fill-rule="evenodd" \
      d="\(shape)"/></svg>\(SVGPage.escaped(ink.look.meaning))</li>

      """
    }
    return "<ul class=\"legend\">\n\(entries.joined())</ul>\n"
  }

  private static func legend(_ entries: [(ink: Ink, text: String)]) -> String {
    "<ul class=\"legend\">\n"
      + entries.map { "<li><i class=\"key k-\($0.ink)\"></i>\(SVGPage.escaped($0.text))</li>\n" }.joined() + "</ul>\n"
  }

  // MARK: - Reports

  /// What a command that changes nothing would print.
  private static func report(of line: String, in session: inout Session) throws(SessionError) -> Report {
    let source = SourceText(name: "report", text: line)
    let statements: [Statement]
    do { statements = try session.parse(source) } catch { throw .syntax(error) }
    guard case .command(let call)? = statements.first?.kind, let command = Commands.byName[call.spec.name] else {
      return Report([])
    }
    return try command.run(&session, Invocation(call: call, source: source, session: session))
  }

  /// - Parameters:
  ///   - title: what people who cannot see its parts are told that they are.
  ///   - name: what identifiers begin with.
  private static func html(_ report: Report, _ title: String, name: String, in world: any Cluster) -> String {
    report.blocks.enumerated().map { number, block in
      switch block {
      case .sentence(let text), .prose(let text):
        return text.split(separator: "\n").map { "<p>\(SVGPage.escaped(String($0)))</p>\n" }.joined()
      case .drawing(let picture):
        return scrolling("figure", "Picture: \(title)", SVGRenderer().document(picture, name: "\(name)-\(number)"))
      case .facts(let items):
        let rows = items.compactMap { item in
          item.label.map { "<dt>\(SVGPage.escaped($0))</dt><dd>\(SVGPage.escaped(item.text(in: world)))</dd>\n" }
        }
        return rows.isEmpty ? "" : "<dl>\n\(rows.joined())</dl>\n"
      case .table(let listing): return table(listing, title, in: world)
      case .reports(let reports):
        return reports.enumerated().map { html($1, title, name: "\(name)-\(number)-\($0)", in: world) }.joined()
      }
    }
    .joined()
  }

  /// A part that may be wider than the page: it scrolls, by keyboard too.
  private static func scrolling(_ tag: String, _ label: String, _ body: String) -> String {
    """
    <\(tag) class="wide" tabindex="0" role="group" aria-label="\(SVGPage.escaped(label))">
    \(body)</\(tag)>

    """
  }

  private static func table(_ listing: Listing, _ title: String, in world: any Cluster) -> String {
    let (titles, rows) = listing.grid(in: world)
    guard !rows.isEmpty else { return "" }
    let head = titles.map { title in
      title.text.isEmpty
        ? "<td></td>" : "<th scope=\"col\"\(title.isRight ? " class=\"r\"" : "")>\(SVGPage.escaped(title.text))</th>"
    }
    let body = rows.map { cells in
      let texts = zip(titles, cells).enumerated().map { place, column in
        let (title, cell) = column
        let shown =
          cell.words.map { words in
            "<span role=\"img\" aria-label=\"\(SVGPage.escaped(words))\">\(SVGPage.escaped(cell.text))</span>"
          } ?? SVGPage.escaped(cell.text)
        if place == 0, !title.isRight, !shown.isEmpty { return "<th scope=\"row\">\(shown)</th>" }
        return "<td\(title.isRight ? " class=\"r\"" : "")>\(shown)</td>"
      }
      return "<tr>\(texts.joined())</tr>\n"
    }
    return scrolling(
      "div", "Table: \(title)",
      "<table>\n<thead><tr>\(head.joined())</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table>\n")
  }
}
