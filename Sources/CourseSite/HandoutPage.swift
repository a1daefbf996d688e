import Course
import Shell

/// A page of A4 about a mechanism.
struct HandoutPage {
  let handout: PlayedHandout
  let course: String
  /// The title of the lesson that teaches it; nil where the course has no such lesson.
  let lessonTitle: String?
  /// Whether the pages of lessons are part of the site.
  var hasLessons = false

  var text: String {
    let parts = handout.parts.map { part in
      "<section>\n<h2>\(HTML.text(part.heading))</h2>\n\(HTML.prose(part.text))</section>\n"
    }
    let body = """
      <h1>\(HTML.text(handout.title))</h1>
      \(HTML.figure(handout.picture, name: "picture1", hasText: false))\(parts.joined())<section>
      <h2>Try it</h2>
      <pre>\(HTML.text(handout.script.hasSuffix("\n") ? String(handout.script.dropLast()) : handout.script))</pre>
      </section>
      <p class="small">\(source)</p>

      """
    return PageFrame(
      title: "\(handout.title) - \(course)", style: PageStyle.text + HandoutPage.style, header: header
    ).page(body)
  }

  private var header: String {
    let home = hasLessons ? HTML.link(course, to: "../index.html") : HTML.link("All handouts", to: "index.html")
    return "<header>\n<nav aria-label=\"Course\">\(home)</nav>\n</header>\n"
  }

  private var source: String {
    let about = HTML.text("Every number here is what the engine said when this page was made.")
    guard let lesson = handout.lesson, let title = lessonTitle else { return about }
    let link = hasLessons ? HTML.link(title, to: "../lessons/\(lesson).html") : HTML.text(title)
    return "\(about) The lesson is \(link): type <code>migsh lesson \(HTML.text(lesson))</code>."
  }

  /// On paper all of it fits on one page: a picture may not be higher than a third of it.
  private static let style = """
    h2{margin:16px 0 2px;font-size:19px}
    @media print{
    @page{size:A4;margin:13mm 15mm}
    body{font-size:10pt;line-height:1.4}
    h1{font-size:20pt;margin:0 0 6pt}
    h2{font-size:12pt;margin:7pt 0 1pt}
    p,ul,ol{margin:0 0 4pt}
    main p,main li{max-width:none}
    svg{width:auto;height:auto;max-width:100%;max-height:90mm;margin:0 auto}
    code{font-size:9pt}
    pre{font-size:7.5pt;line-height:1.3;margin:0 0 4pt;padding:4pt 6pt;columns:2;column-gap:8mm}
    .small{font-size:8.5pt}
    }

    """
}

/// The list of handouts.
struct HandoutIndexPage {
  let handouts: [PlayedHandout]
  let course: String

  var text: String {
    let items = handouts.map { "<li>\(HTML.link($0.title, to: "\($0.name).html"))</li>\n" }
    return PageFrame(title: "Handouts - \(course)").page(
      """
      <h1>Handouts</h1>
      <p>\(HTML.text(course)): one page of A4 for each mechanism, to be printed.</p>
      <ul>
      \(items.joined())</ul>

      """)
  }
}
