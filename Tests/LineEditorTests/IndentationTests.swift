import TestSupport
import Testing

@Suite struct IndentationTests {
  private func session(terminalType: String = "xterm", editrc: String? = nil) throws -> TerminalSession {
    let session = try probe(terminalType: terminalType, editrc: editrc)
    try session.expect("probe>")
    session.type("a {\r")
    try session.expect("[line \"a {\"]")
    try session.expect("probe>")
    return session
  }

  @Test(arguments: [nil, "bind -v\n"]) func linesInBracesBeginIndented(editrc: String?) throws {
    let session = try session(editrc: editrc)
    session.type("b {\r")
    try session.expect("[line \"  b {\"]")
    session.type("c\r")
    try session.expect("[line \"    c\"]")
    // A brace that closes stands one level further left.
    session.type("}\r")
    try session.expect("[line \"  }\"]")
    session.type("}\r")
    try session.expect("[line \"}\"]")
    session.type("d\r")
    try session.expect("[line \"d\"]")
  }

  @Test func aBraceThatIsNotTheFirstStaysInItsPlace() throws {
    let session = try session()
    session.type("b }\r")
    try session.expect("[line \"  b }\"]")
    session.type("  }\r")
    try session.expect("[line \"  }\"]")
  }

  @Test func pastedTextHasItsOwnIndentation() throws {
    let session = try session()
    session.type(pasted("  b {\r    c\r  }\r}"))
    session.type("\r")
    try session.expect("[line \"  b {\\n    c\\n  }\\n}\"]")
  }

  @Test func textPastedBehindOtherTextIsInserted() throws {
    let session = try session()
    session.type("x " + pasted("  y") + "\r")
    try session.expect("[line \"  x   y\"]")
  }

  @Test func whereTheTerminalMarksNoPastesLinesAreNotIndented() throws {
    let session = try session(terminalType: "dumb")
    session.type("  b\r}\r")
    try session.expect("[line \"  b\"]")
    try session.expect("[line \"}\"]")
  }

  @Test func theIndentationCanBeDeletedAndDropped() throws {
    let session = try session()
    session.type("\u{8}\u{8}b\r")
    try session.expect("[line \"b\"]")
    // A Ctrl-C that comes before the prompt is forgotten.
    try session.expect("probe>")
    session.type(controlC)
    try session.expect("[interrupted]")
    session.type("c\r")
    try session.expect("[line \"c\"]")
  }
}
