import Chronicle
import CommandLanguage
import Simulator

/// A page about a run: what commands show, one below the other, as HTML that needs no other file and no network.
enum RunPage {
  static let mostEntries = 10_000
  static let mostPackets = 40
  static let mostCharts = 10

  static func text(of session: borrowing Session) throws(SessionError) -> String {
    var session = copy session
    session.options.isInteractive = false
    let world = session.state.world
    var sections: [(title: String, command: String)] = [
      ("Timeline", "timeline"), ("Map", "map"), ("Load over time", "load --over \(max(1, world.now))ns"),
      ("Nodes", "node list"), ("Processes", "ps"), ("Migrations", "migration list"),
    ]
    for record in world.migrations.all.filter({ !$0.rounds.isEmpty }).suffix(mostCharts) {
      sections.append(("Rounds of migration \(record.number)", "rounds \(record.number)"))
    }
    sections += [
      ("Messages", "messages --last \(mostPackets)"), ("Network", "stats"), ("Log", "log --last \(mostEntries)"),
    ]
    var body = ""
    for (number, section) in sections.enumerated() {
      let report = try report(of: section.command, in: &session)
      body += "<section aria-labelledby=\"h\(number)\">\n<h2 id=\"h\(number)\">\(section.title)</h2>\n"
      body += html(report, name: "p\(number)", in: world) + "</section>\n"
    }
    let script = session.savedLines.joined(separator: "\n")
    let title = "A run of migsh up to \(formatTime(world.now))"
    return """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
      <meta name="viewport" content="width=device-width"/>
      <title>\(title)</title>
      <style>
      \(style)</style>
      </head>
      <body>
      <main>
      <h1>\(title)</h1>
      \(body)<section aria-labelledby="script">
      <h2 id="script">Script</h2>
      <pre>\(SVGPage.escaped(script))</pre>
      </section>
      </main>
      </body>
      </html>

      """
  }

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

  // MARK: - Reports

  private static func html(_ report: Report, name: String, in world: any Cluster) -> String {
    report.blocks.enumerated().map { number, block in
      switch block {
      case .sentence(let text):
        return text.split(separator: "\n").map { "<p>\(SVGPage.escaped(String($0)))</p>\n" }.joined()
      case .drawing(let picture):
        return "<figure>\n\(SVGRenderer().document(picture, name: "\(name)-\(number)"))</figure>\n"
      case .facts(let items):
        let rows = items.compactMap { item in
          item.label.map { "<dt>\(SVGPage.escaped($0))</dt><dd>\(SVGPage.escaped(item.text(in: world)))</dd>\n" }
        }
        return rows.isEmpty ? "" : "<dl>\n\(rows.joined())</dl>\n"
      case .table(let listing): return table(listing, in: world)
      case .reports(let reports):
        return reports.enumerated().map { html($1, name: "\(name)-\(number)-\($0)", in: world) }.joined()
      }
    }
    .joined()
  }

  private static func table(_ listing: Listing, in world: any Cluster) -> String {
    let (titles, rows) = listing.grid(in: world)
    guard !rows.isEmpty else { return "" }
    let head = titles.map { "<th scope=\"col\"\($0.isRight ? " class=\"r\"" : "")>\(SVGPage.escaped($0.text))</th>" }
      .joined()
    let body = rows.map { cells in
      "<tr>" + zip(titles, cells).map { "<td\($0.isRight ? " class=\"r\"" : "")>\(SVGPage.escaped($1))</td>" }.joined()
        + "</tr>\n"
    }
    return
      "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table></div>\n"
  }

  private static let style = """
    body{margin:0;font:15px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif;background:#fff;color:#1f2328}
    main{max-width:1000px;margin:0 auto;padding:16px}
    figure{margin:0;overflow-x:auto}
    .wide,pre{overflow:auto;max-height:600px}
    table{border-collapse:collapse}
    th,td{padding:2px 12px 2px 0;text-align:left;vertical-align:top;border-bottom:1px solid #d5d8dd}
    th{position:sticky;top:0;background:#fff}
    .r{text-align:right;font-variant-numeric:tabular-nums}
    @media (prefers-color-scheme:dark){
    body,th{background:#16191d;color:#e6e9ee}
    th,td{border-color:#343941}
    }

    """
}
