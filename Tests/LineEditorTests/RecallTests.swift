import TestSupport
import Testing

/// Up and Down, when something is typed.
@Suite struct RecallTests {
  private let history = PreparedHistory(["node add a", "spawn p1", "node add b", "node add b", "node list", "now"])

  private func session() throws -> TerminalSession {
    let session = try probe(history: history.path)
    try session.expect("probe>")
    return session
  }

  @Test func upFindsTheEntriesThatBeginWithIt() throws {
    let session = try session()
    session.type("node" + up)
    try session.waitForScreen("probe> node list")
    session.type(up)
    try session.waitForScreen("probe> node add b")
    // The same entry twice is shown once.
    session.type(up)
    try session.waitForScreen("probe> node add a")
    session.type(up)
    session.waitForSilence()
    #expect(session.screen.text == "probe> node add a")
    session.type(down)
    try session.waitForScreen("probe> node add b")
    session.type(down + down)
    try session.waitForScreen { $0.column == 11 }
    session.type("s\r")
    try session.expect("[line \"nodes\"]")
  }

  @Test func withoutAnythingTypedUpShowsAllEntries() throws {
    let session = try session()
    session.type(up + up + up + up + "\r")
    try session.expect("[line \"spawn p1\"]")
  }

  @Test func anEntryThatWasChangedIsLookedForItself() throws {
    let session = try session()
    session.type("no" + up)
    try session.waitForScreen("probe> now")
    session.type("\u{8}de add" + up)
    try session.waitForScreen("probe> node add b")
    session.type(down)
    try session.waitForScreen { $0.column == 15 }
    session.type("\r")
    try session.expect("[line \"node add\"]")
  }

  @Test func anIndentedLineIsLookedForWithoutItsIndentation() throws {
    let session = try session()
    session.type("x {\r")
    try session.waitForScreen { $0.text.hasSuffix("\nprobe>") && $0.column == 9 }
    session.type(up)
    try session.waitForScreen { $0.text.hasSuffix("probe> now") }
    session.type("\u{15}  sp" + up)
    try session.waitForScreen { $0.text.hasSuffix("probe> spawn p1") }
    session.type(down + "\r")
    try session.expect("[line \"  sp\"]")
  }

  @Test func nothingFittingLeavesTheLine() throws {
    let session = try session()
    session.type("xyz" + up + down + "\r")
    try session.expect("[line \"xyz\"]")
  }
}
