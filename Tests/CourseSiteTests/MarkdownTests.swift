import Shell
import Testing

@testable import CourseSite

@Suite struct MarkdownTests {
  @Test func linesBecomeParagraphsAndLists() {
    let lines = [
      "One line", "and another.", "", "- first", "  goes on", "- second", "", "3. third", "4. fourth", "after it", "",
      "    as it is", "| a | table", "# Heading", "```", "- in a fence", "```", "last",
    ]
    #expect(
      LightMarkdown(lines).blocks == [
        .paragraph([.text("One line and another.")]),
        .list(start: nil, items: [[.text("first goes on")], [.text("second")]]),
        .list(start: 3, items: [[.text("third")], [.text("fourth after it")]]),
        .verbatim(["    as it is", "| a | table"]), .paragraph([.strong([.text("Heading")])]),
        .verbatim(["- in a fence"]), .paragraph([.text("last")]),
      ])
  }

  @Test(arguments: [
    ("plain", [MarkdownSpan.text("plain")]), ("a `b*c*` d", [.text("a "), .code("b*c*"), .text(" d")]),
    ("**p1** *moves*", [.strong([.text("p1")]), .text(" "), .emphasis([.text("moves")])]),
    ("**a `*` *b***", [.strong([.text("a "), .code("*"), .text(" "), .emphasis([.text("b")])])]),
    ("2 * 3 * 4", [.text("2 * 3 * 4")]), ("`open", [.text("`open")]), ("**open", [.text("**open")]),
    ("``", [.text("``")]), ("*a `*` b", [.text("*a "), .code("*"), .text(" b")]), ("", []),
  ])
  func starsAndQuotesMarkSpans(_ text: String, _ spans: [MarkdownSpan]) {
    #expect(MarkdownSpan.spans(in: text) == spans)
  }

  @Test func hypertextHasNoMarkupOfItsOwn() {
    #expect(
      HTML.prose(["<b> & `<i>` **\"x\"**", "", "- <script>"])
        == "<p>&lt;b&gt; &amp; <code>&lt;i&gt;</code> <strong>&quot;x&quot;</strong></p>\n<ul>\n<li>&lt;script&gt;</li>\n</ul>\n"
    )
    #expect(HTML.link("a\"b", to: "x\"y").hasPrefix("<a href=\"x&quot;y\">a&quot;b"))
  }

  @Test func markdownIsWrittenAsItWasMeant() {
    #expect(
      LessonMarkdown.prose(["A *b* **c** `d`", "e", "", "2. one", "3. two"])
        == "A *b* **c** `d` e\n\n2. one\n3. two\n\n")
    #expect(
      LessonMarkdown.escaped("<b> *x* _y_ [z](w) `q` a|b") == "&lt;b&gt; \\*x\\* \\_y\\_ \\[z\\](w) \\`q\\` a\\|b")
    #expect(LessonMarkdown.code("a`b") == "``a`b``" && LessonMarkdown.code("`a") == "`` `a ``")
    #expect(LessonMarkdown.fenced("```\nx") == "````text\n```\nx\n````\n\n")
  }

}
