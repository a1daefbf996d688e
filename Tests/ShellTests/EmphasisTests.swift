import CommandLanguage
import Testing

@testable import Shell

/// Light Markdown on a terminal.
@Suite struct EmphasisTests {
  /// The text with letters for escape sequences: `[` and `]` for bold, `<` and `>` for underlined.
  private func styled(_ text: String) -> String {
    Emphasis.styled(text).replacing("\u{1B}[1m", with: "[").replacing("\u{1B}[22m", with: "]")
      .replacing("\u{1B}[4m", with: "<").replacing("\u{1B}[24m", with: ">")
  }

  @Test(arguments: [
    ("Type `migrate p1 b` now", "Type [migrate p1 b] now"), ("a *node* is", "a <node> is"),
    ("**All of it.** More", "[<All of it.>] More"), ("**Move `p1` now**", "[<Move p1 now>]"),
    ("*first `p1` then*", "<first [p1] then>"), ("two *lines\nof it* here", "two <lines>\n<of it> here"),
    ("2 * 3 * 4", "2 * 3 * 4"), ("a*b*c", "a*b*c"), ("$x*y*", "$x*y*"), ("an open *one", "an open *one"),
    ("an open `one", "an open `one"), ("not * this*", "not * this*"), ("*one\n\nother*", "*one\n\nother*"),
    ("- `a` and *b*", "- [a] and <b>"), ("    *as it* `is`", "    *as it* `is`"), ("# *head*", "# *head*"),
    ("  > print `x`", "  > print `x`"), ("(*so*)", "(<so>)"), ("`2 * 3` and `4 * 5`", "[2 * 3] and [4 * 5]"), ("", ""),
  ])
  func marksBecomeStyles(_ text: String, _ shown: String) { #expect(styled(text) == shown) }

  /// Who hears the screen read is told what is code by the back quotes, and not of stars.
  @Test(arguments: [
    ("Type `migrate p1 b` now", "Type `migrate p1 b` now"), ("a *node* is", "a node is"),
    ("**Move `p1` now**", "Move `p1` now"), ("2 * 3 * 4", "2 * 3 * 4"), ("    *as it* `is`", "    *as it* `is`"),
  ])
  func marksAreTold(_ text: String, _ told: String) {
    var screen = Screen()
    screen.tellsPictures = true
    for colors in [false, true] {
      screen.showsColors = colors
      #expect(Emphasis.shown(text, on: screen) == told)
    }
  }

  private func output(_ command: String, colors: Bool, format: Session.Format = .text) -> String {
    var output = ""
    var options = Session.Options()
    options.screen.showsColors = colors
    options.format = format
    var session = Session(options: options) { output += $0 }
    _ = session.execute(SourceText(name: "test", text: command))
    return output
  }

  @Test func helpIsStyledWhereColorsAreShown() {
    let plain = output("help time", colors: false)
    #expect(plain.contains("; `run` goes on") && !plain.contains("\u{1B}"))
    #expect(output("help time", colors: true).contains("; \u{1B}[1mrun\u{1B}[22m goes on"))
    #expect(!output("help time", colors: true, format: .json).contains("u001b"))
  }
}
