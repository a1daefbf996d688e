/// A page that needs no other file and no network, and runs nothing.
enum Page {
  static func document(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'"/>
    <meta name="viewport" content="width=device-width"/>
    <meta name="color-scheme" content="light dark"/>
    <title>\(Markup.attribute(title))</title>
    <style>
    \(style)</style>
    </head>
    <body>
    <main>
    <h1>\(Markup.attribute(title))</h1>
    \(body)</main>
    </body>
    </html>

    """
  }

  /// A section with a heading.
  static func section(_ identifier: String, _ title: String, _ body: String) -> String {
    """
    <section aria-labelledby="\(identifier)">
    <h2 id="\(identifier)">\(Markup.attribute(title))</h2>
    \(body)</section>

    """
  }

  /// A table that scrolls when it is wider than the page, by keyboard too.
  ///
  /// - Parameters:
  ///   - titles: of the columns; one that ends in `>` has numbers.
  ///   - rows: cells as markup.
  static func table(_ label: String, _ titles: [String], _ rows: [[String]]) -> String {
    let isRight = titles.map { $0.hasSuffix(">") }
    let head = zip(titles, isRight).map { title, isRight in
      isRight ? "<th scope=\"col\" class=\"r\">\(title.dropLast())</th>" : "<th scope=\"col\">\(title)</th>"
    }
    let body = rows.map { cells in
      let cells = zip(cells, isRight).enumerated().map { place, cell in
        let (text, isRight) = cell
        // The first cell names the row.
        if place == 0, !isRight, !text.isEmpty { return "<th scope=\"row\">\(text)</th>" }
        return "<td\(isRight ? " class=\"r\"" : "")>\(text)</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return """
      <div class="wide" tabindex="0" role="group" aria-label="\(Markup.attribute(label))">
      <table>
      <thead><tr>\(head.joined())</tr></thead>
      <tbody>
      \(body.joined())</tbody>
      </table>
      </div>

      """
  }

  /// A text in lines, as it is.
  static func lines(_ label: String, _ text: String) -> String {
    "<pre tabindex=\"0\" role=\"group\" aria-label=\"\(Markup.attribute(label))\">\(Markup.escaped(text))</pre>\n"
  }

  private static let style = """
    *{box-sizing:border-box}
    body{margin:0;font:15px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif;background:#fff;color:#1f2328}
    main{max-width:1024px;margin:0 auto;padding:16px}
    h1{font-size:26px;line-height:1.25;overflow-wrap:anywhere}
    h2{margin:32px 0 8px;font-size:20px;overflow-wrap:anywhere}
    p,li,dd{overflow-wrap:anywhere}
    figure{margin:16px 0}
    img{max-width:100%;height:auto;display:block;background:#fff}
    .wide,pre{overflow:auto;max-height:600px}
    table{border-collapse:collapse}
    th,td{padding:2px 12px 2px 0;text-align:left;vertical-align:top;border-bottom:1px solid #d5d8dd}
    td,tbody th{min-width:4em;max-width:32em;overflow-wrap:anywhere}
    tbody th{font-weight:normal}
    .r{text-align:right;font-variant-numeric:tabular-nums}
    .quiet{color:#57606a}
    .cause{border-left:4px solid #c0392b;padding:4px 12px}
    .passed{color:#1a6b35}
    .failed{color:#b3261e}
    .could-not-be-checked{color:#7a5200}
    .bar{fill:#2f6fb5}
    .rule{stroke:#57606a}
    svg text{fill:#1f2328;font:13px system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
    svg{display:block;max-width:100%;height:auto}
    :focus-visible{outline:3px solid #2f6fb5;outline-offset:2px}
    pre{margin:0 0 8px;padding:8px;background:#f3f4f6;border-radius:6px}
    @media (prefers-color-scheme:dark){
    body{background:#16191d;color:#e6e9ee}
    th,td{border-color:#343941}
    pre{background:#22262c}
    .quiet{color:#a4acb8}
    .cause{border-color:#ff7b6b}
    .passed{color:#7ee2a0}
    .failed{color:#ff9c91}
    .could-not-be-checked{color:#f0c674}
    .bar{fill:#6fa8dc}
    .rule{stroke:#a4acb8}
    svg text{fill:#e6e9ee}
    :focus-visible{outline-color:#6fa8dc}
    }
    @media (forced-colors:active){.bar{fill:CanvasText}}

    """
}
