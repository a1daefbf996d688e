import TestSupport
import Testing

@testable import LineEditor

@Suite struct SuggestionTests {
  private let history = PreparedHistory(["node add a", "spawn old", "spawn p1 --on a", "two\n  lines"])

  private func session(
    terminalType: String = "xterm", editrc: String? = nil, noColor: Bool = false, rows: UInt16 = 24,
    columns: UInt16 = 80
  ) throws -> TerminalSession {
    let session = try probe(
      history: history.path, terminalType: terminalType, editrc: editrc, noColor: noColor, rows: rows, columns: columns)
    try session.expect("probe>")
    return session
  }

  @Test func theLatestEntryStandsDimBehindTheCursor() throws {
    let session = try session()
    session.type("spa")
    let screen = try session.waitForScreen("probe> spawn p1 --on a")
    #expect(screen.look(of: "wn p1 --on a") == "2")
    #expect(screen.column == 10)
    session.type("wn o")
    try session.waitForScreen("probe> spawn old")
    session.type("x")
    try session.waitForScreen("probe> spawn ox")
    session.type("\u{8}")
    try session.waitForScreen("probe> spawn old")
    session.type("\u{15}")
    try session.waitForScreen("probe>")
  }

  @Test(arguments: [
    right, "\u{1B}OC", end, "\u{1B}OF", "\u{1B}[4~", controlE, controlF,
  ]) func aKeyTakesIt(key: String) throws {
    let session = try session()
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(key)
    try session.waitForScreen { $0.column == 22 && $0.look(of: "p1") == "" }
    #expect(session.screen.text == "probe> spawn p1 --on a")
    session.type("b\r")
    try session.expect("[line \"spawn p1 --on ab\"]")
  }

  @Test(arguments: ["\u{1B}f", "\u{1B}[1;5C", "\u{1B}[1;3C"]) func aKeyTakesAWord(key: String) throws {
    let session = try session()
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(key)
    try session.waitForScreen { $0.column == 12 && $0.look(of: "p1") == "2" }
    session.type(key)
    try session.waitForScreen { $0.column == 15 && $0.look(of: "--on a") == "2" }
    session.type("\r")
    try session.expect("[line \"spawn p1\"]")
  }

  @Test func inTheMiddleOfTheLineTheKeysMove() throws {
    let session = try session()
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(left)
    try session.waitForScreen("probe> spa")
    session.type(right)
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(home + "x y " + home + "\u{1B}f1" + end + "2" + home + "\u{1B}2" + right + "3\r")
    try session.expect("[line \"x13 y spa2\"]")
  }

  @Test(arguments: ["\r", controlC]) func nothingOfItStays(key: String) throws {
    let session = try session()
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(key)
    let screen = try session.waitForScreen { $0.text.hasSuffix("\nprobe>") }
    #expect(screen.text == (key == "\r" ? "probe> spa\n[line \"spa\"]\nprobe>" : "probe> spa^C\n[interrupted]\nprobe>"))
  }

  @Test func nothingOfItStaysAfterResizing() throws {
    let session = try session()
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.resize(rows: 10, columns: 40)
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type("x")
    try session.waitForScreen("probe> spax")
  }

  @Test func onlyWhatWasSeenIsTaken() throws {
    let session = try session()
    // The keys come faster than anybody could see a suggestion.
    session.type("spa" + right + end + "\r")
    try session.expect("[line \"spa\"]")
  }

  @Test(arguments: [("two", "two…"), ("node a", "node add a")]) func linesAreCutAtTheirEnds(
    typed: String, shown: String
  ) throws {
    let session = try session()
    session.type(typed)
    try session.waitForScreen("probe> " + shown)
    session.type(right + "\r")
    try session.expect(typed == "two" ? "[line \"two\\n  lines\"]" : "[line \"node add a\"]")
  }

  @Test(arguments: 12...24) func itFitsTheRow(columns: UInt16) throws {
    let session = try session(columns: columns)
    session.type("spa")
    let whole = "probe> spawn p1 --on a"
    // The last column stays free.
    let shown = columns > 22 ? whole : whole.prefix(Int(columns) - 2) + "…"
    try session.waitForScreen(shown)
    session.type(right)
    try session.waitForScreen { $0.row == 22 / Int(columns) && $0.column == 22 % Int(columns) }
  }

  @Test func itIsNotShownOnAFullRow() throws {
    let session = try session(columns: 10)
    session.type("spa")
    try session.waitForScreen { $0.row == 1 }
    session.type("wn")
    try session.waitForScreen { $0.text.hasPrefix("probe> spa\nwn p1 --…") && $0.column == 2 }
  }

  @Test func thereIsNoneWhereItWouldLookLikeWhatIsTyped() throws {
    for (type, noColor) in [("dumb", false), ("vt100", false), ("vt100", true), ("xterm", true)] {
      let session = try session(terminalType: type, noColor: noColor)
      session.type("spa" + right + "!\r")
      let output = try session.expect("[line \"spa!\"]")
      #expect(!output.contains("wn"))
    }
  }

  @Test func visCommandsSeeNone() throws {
    let session = try session(editrc: "bind -v\n")
    session.type("spa")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(escape)
    try session.waitForScreen("probe> spa")
    session.type("$")
    session.waitForSilence()
    #expect(session.screen.text == "probe> spa")
    session.type("A")
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type(controlE + "\r")
    try session.expect("[line \"spawn p1 --on a\"]")
  }

  @Test func thereIsNoneWhileTheHistoryIsSearched() throws {
    let session = try session()
    session.type(up + up)
    try session.waitForScreen("probe> spawn p1 --on a")
    session.type("\u{15}\(controlR)spawn")
    try session.waitForScreen { $0.text.contains("bck:spawn") && $0.text.contains("spawn p1 --on a") }
    session.type("\r")
    try session.expect("[line \"spawn p1 --on a\"]")
  }

  @Test func aFurtherLineContinuesTheEntryOfTheWholeCommand() throws {
    let history = PreparedHistory(["spawn {\n  one\n}"])
    let session = try probe(history: history.path)
    try session.expect("probe>")
    session.type("spawn {\r")
    let screen = try session.waitForScreen { $0.text.hasSuffix("probe>") == false && $0.text.contains("probe>   one…") }
    #expect(screen.column == 9)
    session.type("o\r")
    try session.expect("[line \"  o\"]")
  }

  @Test func whatFitsIsShown() {
    TerminalAbilities.chooseLocale()
    func shown(_ rest: String, _ columns: Int, unicode: Bool = true) -> String {
      Suggestion(line: "x", rest: rest).shown(columns: columns, allowsUnicode: unicode)
    }
    #expect(shown("abc", 3) == "abc")
    #expect(shown("abc", 2) == "a…")
    #expect(shown("abc", 2, unicode: false) == "a>")
    #expect(shown("中中", 4) == "中中")
    #expect(shown("中中", 3) == "中…")
    #expect(shown("中中", 2) == "…")
    #expect(shown("abc", 0) == "")
    #expect(shown("a\nb", 9) == "a…")
    #expect(shown("\nb", 9) == "…")
    #expect(shown("a\tb", 9) == "a…")
  }

  @Test(arguments: [
    ("wn p1 --on", "wn"), (" p1 --on", " p1"), ("  p1", "  p1"), ("\n  one two", "\n  one"), (" ", " "),
  ]) func aWordComesWithTheBlanksBeforeIt(rest: String, word: String) {
    #expect(Suggestion(line: "x", rest: rest).firstWord == word)
  }
}
