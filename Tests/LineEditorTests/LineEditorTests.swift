import Glibc
import TestSupport
import Testing

@testable import LineEditor

@Suite struct LineEditorTests {
  @Test(arguments: [
    ("hello\r", "hello"),
    ("\r", ""),
    ("helo\(left)l\r", "hello"),
    ("bc\(home)a\(end)d\r", "abcd"),
    ("bc\u{1B}OHa\u{1B}OFd\r", "abcd"),
    ("xab\u{1B}[1~\u{1B}[3~\u{1B}[4~c\r", "abc"),
    ("grüße 😀\(left)€ \r", "grüße € 😀"),
  ]) func lineIsEdited(keys: String, line: String) throws {
    let session = try probe()
    try session.expect("probe>")
    session.type(keys)
    try session.expect("[line \(line.debugDescription)]")
  }

  @Test(arguments: [
    ("sta\t4\r", "start 4"),
    ("x sta\t\r", "x start "),
    ("--\t3\r", "--nodes=3"),
    ("p\tnode\r", "p1.node"),
    ("s\tawn\r", "sawn"),
    ("gr\tr\t!\r", "größer !"),
    ("nothing\tfits\r", "nothingfits"),
    ("sta x\(home)\u{6}\u{6}\u{6}\t\r", "start  x"),
  ]) func tabCompletes(keys: String, line: String) throws {
    let session = try probe()
    try session.expect("probe>")
    session.type(keys)
    try session.expect("[line \(line.debugDescription)]")
  }

  @Test func anAmbiguousTabListsBelowTheLineAndDrawsItAgain() throws {
    let session = try probe(noColor: true)
    try session.expect("probe> ")
    session.type("sp\t")
    try session.expect("spawn  speed\r\nprobe> sp")
    session.type("a\t\r")
    try session.expect("[line \"spawn \"]")
  }

  @Test func controlCDropsTheLine() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("abc")
    try session.expect("abc")
    session.type(controlC)
    try session.expect("^C\r\n")
    try session.expect("[interrupted]")
    try session.expect("probe>")
    session.type("next\r")
    try session.expect("[line \"next\"]")
  }

  @Test func controlDEndsOnlyOnAnEmptyLine() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("abc\(controlD)\r")
    try session.expect("[line \"abc\"]")
    try session.expect("probe>")
    session.type(controlD)
    try session.expect("[end]")
  }

  @Test func aPastedBlockIsOneTextThatWaitsForEnter() throws {
    let session = try probe()
    try session.expect("\u{1B}[?2004h")
    session.type("x " + pasted("one {\r\ttwo\r}\r") + " y\r")
    try session.expect("[line \"x one {\\n\\ttwo\\n} y\"]")
    try session.expect("probe>")
    session.type(up)
    try session.expect("one {")
    session.type("\r")
    try session.expect("[line \"x one {\\n\\ttwo\\n} y\"]")
  }

  @Test func aBlockPastedIntoASearchDoesNotRun() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("abc\r")
    try session.expect("[line \"abc\"]")
    try session.expect("probe>")
    session.type(controlR + "b")
    try session.expect("abc")
    session.type(pasted("x\ry\r") + "\u{5}\r")
    let output = try session.expect("[line ")
    #expect(!output.contains("[line \"x"))
    try session.expect("y")
  }

  @Test func aPasteThatIsInterruptedIsThrownAwayWhole() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("\u{1B}[200~one\r\(controlC)two\rthree\r\u{1B}[201~")
    // At Ctrl-C the terminal drops what it holds, perhaps the start of the block. Even then the rest must not be
    // executed.
    try session.expect("[interrupted]")
    try session.expect("probe>")
    session.type("next\r")
    let output = try session.expect("[line \"next\"]")
    #expect(!output.contains("three"))
  }

  @Test func aPasteThatIsTooLongIsRefused() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type(pasted(String(repeating: "x\r", count: PastedText.maxScalars)))
    try session.expect("not pasted: more than 32768 characters")
    session.type("next\r")
    try session.expect("[line \"next\"]")
  }

  @Test func historyIsRecalledAcrossSessionsAndSearched() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/history"
    do {
      let session = try probe(history: path)
      try session.expect("probe>")
      for line in ["node add a", " secret", "spawn p1"] {
        session.type(line + "\r")
        try session.expect("[line \(line.debugDescription)]")
        try session.expect("probe>")
      }
    }
    let session = try probe(history: path)
    try session.expect("probe>")
    session.type("\(up)\(up)\r")
    try session.expect("[line \"node add a\"]")
    try session.expect("probe>")
    session.type("\(up)\(up)\(down) b\r")
    try session.expect("[line \"node add a b\"]")
    try session.expect("probe>")
    session.type("\(controlR)spaw")
    try session.expect("w")
    session.type("\r")
    try session.expect("[line \"spawn p1\"]")
  }

  /// libedit by itself keeps 1024 characters of it.
  @Test func aLongUnfinishedLineComesBack() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("first\r")
    try session.expect("[line \"first\"]")
    try session.expect("probe>")
    let long = String(repeating: "0123456789", count: 300)
    session.type(long + "x\r")
    try session.expect("[line ")
    try session.expect("probe>")
    session.type(long + "\(up)\(down)\(home)a\(end)b\r")
    try session.expect("[line \"a\(long)b\"]")
    try session.expect("probe>")
    session.type("f\(up)\(up)\(up)\(down)\(down)\(down)y\r")
    try session.expect("[line \"fy\"]")
  }

  @Test func controlCInARecalledBlockLeavesItWhole() throws {
    let session = try probe(noColor: true)
    try session.expect("probe> ")
    session.type(pasted("repeat 2 {\r  now\r}") + "\r")
    try session.expect("[line \"repeat 2 {\\n  now\\n}\"]")
    try session.expect("probe> ")
    session.type(up)
    try session.expect("}")
    // What is typed at the beginning shows that the cursor is there.
    session.type("\(home)x")
    try session.expect("x")
    session.type(controlC)
    try session.expect("\r\n\r\n^C\r\n")
    try session.expect("[interrupted]")
    try session.expect("probe>")
    session.type("next\r")
    try session.expect("[line \"next\"]")
  }

  @Test func aHistoryThatCannotBeUsedOnlyWarns() throws {
    let session = try probe(history: "/dev/null/history")
    try session.expect("warning: the history file /dev/null/history cannot be used: Not a directory")
    try session.expect("probe>")
    session.type("abc\r")
    try session.expect("[line \"abc\"]")
    try session.expect("probe>")
    session.type("\(up)\r")
    try session.expect("[line \"abc\"]")
  }

  @Test func stoppingKeepsTheTypedLine() throws {
    let session = try probe(noColor: true)
    try session.expect("probe> ")
    session.type("abc")
    try session.expect("abc")
    session.send(SIGSTOP)
    session.send(SIGCONT)
    try session.expect("probe> abc")
    session.type("d\r")
    try session.expect("[line \"abcd\"]")
  }

  @Test(arguments: [true, false]) func resizingKeepsTheTypedLine(noColor: Bool) throws {
    let session = try probe(noColor: noColor)
    try session.expect("probe>")
    let long = String(repeating: "x", count: 1_000)
    session.type(long)
    for (rows, columns) in [(5, 10), (50, 200), (1, 1), (2, 2), (24, 80)] as [(UInt16, UInt16)] {
      session.resize(rows: rows, columns: columns)
      // On the smallest screens the prompt is in pieces.
      if columns > 2 { try session.expect("probe>") }
      session.type("\(home)a\(end)b")
    }
    session.type("\r")
    try session.expect("[line \"aaaaa\(long)bbbbb\"]")
  }

  /// libedit by itself crashes here.
  @Test func linesTallerThanTheScreenAreEdited() throws {
    let session = try probe(noColor: true, rows: 5, columns: 10)
    for length in 35...75 {
      let line = String(repeating: ";", count: length)
      try session.expect("probe> ")
      session.type("\(line)\(home)f\(end)8\r")
      try session.expect("[line \"f\(line)8\"]")
    }
  }

  /// libedit by itself crashes here.
  @Test func theCommandKeyOfTheLibraryDoesNothing() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("\u{1B}x\"\r")
    try session.expect("[line \"\\\"\"]")
  }

  @Test func aLineOfTheGreatestLengthCanOnlyShrink() throws {
    let session = try probe()
    try session.expect("probe>")
    let longest = String(repeating: "x", count: LineEditor.maxLineLength)
    session.type(pasted(longest) + "yz\t\u{8}ab\r")
    try session.expect("[line \"\(longest.dropLast())a\"]")
  }

  @Test func coloursAreLeftOutWhereTheyAreNotWanted() throws {
    let colored = try probe()
    #expect(try colored.expect("probe>").contains("\u{1B}[1;36m"))
    let plain = try probe(noColor: true)
    #expect(try !plain.expect("probe> ").contains("\u{1B}[1;36m"))
  }

  @Test(arguments: ["dumb", "no-such-terminal"]) func aDumbTerminalGetsNoEscapes(terminalType: String) throws {
    let session = try probe(terminalType: terminalType)
    try session.expect("probe> ")
    session.type("sp\ta\t\r")
    let output = try session.expect("[line \"spawn \"]")
    #expect(!output.contains("\u{1B}"))
  }

  @Test(arguments: ["bind -v\n", "bind ^I ed-unassigned\nhistory size 3\n", "nonsense \u{1} \"\n"])
  func theUsersSettingsDoNotTakeTheEssentialsAway(editrc: String) throws {
    let session = try probe(editrc: editrc)
    try session.expect("probe>")
    session.type("sta\t\(pasted("a\rb"))\r")
    try session.expect("[line \"start a\\nb\"]")
  }

  @Test func theUsersSettingsAreObeyed() throws {
    let session = try probe(editrc: "line-editor-probe:bind -s ^T hello\nother:bind -s ^T other\n")
    try session.expect("probe>")
    session.type("\u{14}\r")
    try session.expect("[line \"hello\"]")
  }

  @Test func thereIsNoEditorOffATerminal() throws {
    #expect(
      try run(builtProgram("line-editor-probe")).output.contains(
        "[error standard input and output are not both a terminal]"))
  }
}
