import TestSupport
import Testing

@testable import LineEditor

@Suite struct PaintingTests {
  private func session(
    terminalType: String = "xterm", noColor: Bool = false, variables: [String] = [], rows: UInt16 = 24,
    columns: UInt16 = 80
  ) throws -> TerminalSession {
    let session = try probe(
      terminalType: terminalType, noColor: noColor, variables: variables, rows: rows, columns: columns)
    try session.expect("probe>")
    return session
  }

  @Test func partsOfTheLineAreColoured() throws {
    let session = try session()
    session.type("spaw")
    try session.waitForScreen { $0.look(of: "spaw") == "31" }
    session.type("n --on 12 \"x\" y")
    let screen = try session.waitForScreen { $0.text == "probe> spawn --on 12 \"x\" y" && $0.look(of: "spawn") == "1" }
    #expect(screen.look(of: "--on") == "36")
    #expect(screen.look(of: "12") == "35")
    #expect(screen.look(of: "\"x\"") == "32")
    #expect(screen.look(of: "y") == "")
    session.type("\r")
    let final = try session.waitForScreen { $0.text.hasSuffix("\nprobe>") }
    #expect(final.look(of: "--on") == "36")
  }

  @Test func theBracketThatMatchesIsMarkedUntilEnter() throws {
    let session = try session()
    session.type("x (a [b)] c")
    session.type(home + right + right)
    // The brackets cross, so that only the round ones make a pair.
    try session.waitForScreen { $0.column == 9 && $0.look(of: "(") == "" }
    session.type("\u{15}")
    session.type("x (a [b] c)")
    try session.waitForScreen { $0.look(of: "(") == "1;4" && $0.look(of: ")") == "1;4" && $0.look(of: "[") == "" }
    session.type(left + left + left)
    try session.waitForScreen { $0.look(of: "[") == "1;4" && $0.look(of: "]") == "1;4" && $0.look(of: "(") == "" }
    session.type("\r")
    let screen = try session.waitForScreen { $0.text.hasSuffix("\nprobe>") }
    #expect(screen.look(of: "[") == "")
  }

  @Test(arguments: [("xterm", true), ("dumb", false), ("vt100", false)])
  func thereIsNoColourWhereItIsNotWanted(type: String, noColor: Bool) throws {
    let session = try session(terminalType: type, noColor: noColor)
    session.type("spawn (1)\r")
    let output = try session.expect("[line \"spawn (1)\"]")
    #expect(!output.contains("\u{1B}[1m") && !output.contains("\u{1B}[3"))
  }

  @Test func colourCanBeForced() throws {
    let session = try session(terminalType: "vt100", variables: ["CLICOLOR_FORCE=1"])
    session.type("spawn 1\r")
    #expect(try session.expect("[line \"spawn 1\"]").contains("\u{1B}[35m1"))
  }

  @Test func whoDoesNotWantToEditGetsNoColour() throws {
    let session = try probe(editrc: "edit off\n")
    try session.expect("probe>")
    session.type("spawn 12\r")
    let output = try session.expect("[line \"spawn 12\"]")
    #expect(!output.contains("\u{1B}[35m"))
    session.type("spawn 12\rspa\r")
    try session.expect("[line \"spawn 12\"]")
    try session.expect("[line \"spa\"]")
  }

  /// A number before a key counts also where the key is ours.
  @Test func argumentsReachTheKeysBehindOurs() throws {
    let session = try session()
    session.type("abcdef" + home + "\u{1B}3" + right + "x\r")
    try session.expect("[line \"abcxdef\"]")
  }

  /// libedit draws only what it believes to have changed. Whatever is typed, what stands on the screen with colours must be
  /// the line, and the cursor must be where it is without colours.
  @Test(arguments: 0..<8) func coloursChangeNoCharacter(seed: Int) throws { try checkColours(seed) }

  @Test(.whenThorough, arguments: 8..<100) func coloursNeverChangeACharacter(seed: Int) throws {
    try checkColours(seed)
  }

  private func checkColours(_ seed: Int) throws {
    TerminalAbilities.chooseLocale()
    var generator = Steps(seed)
    let columns = UInt16([7, 10, 16, 33, 80][generator.next(below: 5)])
    let colored = try session(rows: 50, columns: columns)
    let plain = try session(noColor: true, rows: 50, columns: columns)
    let keys =
      [
        "a", "bc ", "spawn ", "(", ")", "{", "}", "'", "--on ", "12 ", "中", "中文", "é", "😀", " ", left, left, right,
        home,
        end, "\u{8}", "\u{8}", "\u{17}", "\u{B}", "\u{14}", "\u{19}", "\u{C}", "\u{16}\u{1}", "\u{1B}b", "\u{1B}f",
        "\t",
        pasted("x {\r  1\r}"),
      ] + (columns % 8 == 0 ? [pasted("(\t)")] : [])
    for _ in 0..<30 {
      let key = keys[generator.next(below: keys.count)]
      colored.type(key)
      plain.type(key)
      // Lets it paint now and then.
      if generator.next(below: 3) == 0 { colored.waitForSilence() }
    }
    colored.waitForSilence()
    plain.waitForSilence()
    let screen = colored.screen
    #expect([screen.row, screen.column] == [plain.screen.row, plain.screen.column])
    colored.type("\r")
    let line = try #require(try colored.expect("\"]").split(separator: "[line \"").last?.dropLast(2))
    #expect(screen.text.hasSuffix(layout(of: String(line), columns: Int(columns))))
  }

  @Test(arguments: 0..<6) func suggestionsLeaveNothingBehind(seed: Int) throws { try checkSuggestions(seed) }

  @Test(.whenThorough, arguments: 6..<100) func suggestionsNeverLeaveAnythingBehind(seed: Int) throws {
    try checkSuggestions(seed)
  }

  private func checkSuggestions(_ seed: Int) throws {
    TerminalAbilities.chooseLocale()
    var generator = Steps(seed)
    let columns = UInt16([9, 16, 33, 80][generator.next(below: 4)])
    let history = PreparedHistory([
      "spawn 12 --on a", "spawn 中文 (12)", "a b c", "{ 12 } [ 中 ]", "spawn {\n  two\n}", "(spawn \"x\" 😀)",
    ])
    let session = try probe(history: history.path, rows: 50, columns: columns)
    try session.expect("probe>")
    let keys = [
      "s", "spa", "wn ", "12", "{", "(", "中", " ", right, right, end, "\u{1B}f", "\u{1B}f", left, home, "\u{8}",
      "\u{15}", up,
      down, "\t", "\u{17}",
    ]
    for _ in 0..<25 {
      session.type(keys[generator.next(below: keys.count)])
      if generator.next(below: 2) == 0 { session.waitForSilence() }
    }
    session.type("\r")
    let screen = try session.waitForScreen { $0.text.contains("[line ") && $0.text.hasSuffix("\nprobe>") }
    let line = try #require(try session.expect("\"]").split(separator: "[line \"").last?.dropLast(2))
    let shown = layout(of: String(line), columns: Int(columns))
    // Behind a full row the cursor stands in an empty one.
    #expect(screen.text.contains(shown + "\n[line ") || screen.text.contains(shown + "\n\n[line "))
  }

  /// A line, as the helper program prints it, as it should stand on the screen.
  private func layout(of line: String, columns: Int) -> String {
    var screen = TerminalScreen(rows: 50, columns: columns)
    var place = ScreenPosition(columns: columns)
    var line = line
    for (escaped, character) in [("\\'", "'"), ("\\\"", "\""), ("\\n", "\n"), ("\\t", "\t"), ("\\u{01}", "\u{1}")] {
      line = line.replacing(escaped, with: character)
    }
    for scalar in ("probe> " + line).unicodeScalars {
      let start = place.start(of: scalar.value)
      screen.show("\u{1B}[\(start.row + 1);\(start.column + 1)H")
      if scalar == "\u{1}" { screen.show("^A") } else if !scalar.isControl { screen.show(String(scalar)) }
      place.advance(over: scalar.value)
    }
    return screen.text
  }

  /// libedit itself does not know then where the cursor is.
  @Test func linesWithATabAcrossTheMarginStayAsTheyAre() throws {
    let session = try session(columns: 12)
    session.type("12")
    try session.waitForScreen { $0.look(of: "12") == "35" }
    session.type(pasted("\t34") + " 56 --on")
    session.waitForSilence()
    #expect(session.screen.look(of: "--on") == "")
    session.type("\r")
    try session.expect("[line \"12\\t34 56 --on\"]")
  }

  @Test func linesTallerThanTheScreenStayAsTheyAre() throws {
    let session = try session(rows: 4, columns: 10)
    session.type(String(repeating: "spawn 12 ", count: 8))
    session.waitForSilence()
    session.type(home + "x" + end + "y\r")
    try session.expect("[line \"x" + String(repeating: "spawn 12 ", count: 8) + "y\"]")
  }

  @Test func whatAnOverlayWritesIsTheLine() {
    TerminalAbilities.chooseLocale()
    func shown(_ line: String, cursor: Int, columns: Int) -> TerminalScreen {
      let scalars = Array(line.unicodeScalars)
      var screen = TerminalScreen(rows: 10, columns: columns)
      var start = ScreenPosition(columns: columns)
      start.advance(over: [0x3E, 0x20])
      var place = start
      for scalar in scalars.prefix(cursor) { place.advance(over: scalar.value) }
      if cursor < scalars.count { place = place.start(of: scalars[cursor].value) }
      screen.show("> ")
      screen.show("\u{1B}[\(place.row + 1);\(place.column + 1)H")
      let overlay = Overlay(
        line: scalars, appearances: scalars.map { _ in Appearance(style: .number) }, cursor: cursor, start: start)
      screen.show(overlay.text)
      #expect([screen.row, screen.column] == [place.row, place.column])
      return screen
    }
    #expect(shown("abc", cursor: 1, columns: 20).text == "> abc")
    #expect(shown("abcd", cursor: 4, columns: 6).text == "> abcd")
    #expect(shown("abcdef", cursor: 0, columns: 6).text == "> abcd\nef")
    #expect(shown("abc中d", cursor: 3, columns: 6).text == "> abc\n中d")
    #expect(shown("a\nb", cursor: 2, columns: 6).text == "> a\nb")
    // Marks that are characters of their own stay as libedit has drawn them, with their letters.
    #expect(shown("ae\u{301}b", cursor: 0, columns: 9).text == "> a b")
    #expect(shown("abc", cursor: 0, columns: 20).look(of: "abc") == "35")
  }
}

/// Draws numbers that are the same in every run.
private struct Steps {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
